"""A worker does the runs of a plan only when both mean the same by them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catallaxy.agents import plugins
from catallaxy.sim.errors import CatallaxyError, ResultsError, ScenarioError
from catallaxy.sim.results.identity import code_version
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.sweeps.design.bases import Templates
from catallaxy.sim.sweeps.design.templates import Resolved
from catallaxy.sim.sweeps.plan import Context, PlannedRun
from catallaxy.sim.sweeps.workers.agreement import Disagreement, Scenarios, check_code, imported, scenario_of, trust
from oracles.fake_runs import base, make_context, planned


def a_run(**sets: Any) -> PlannedRun:
    return PlannedRun(0, "", 0, 0, 0, {path.replace("__", "."): value for path, value in sets.items()})


def outcome(loaded: Callable[[], Scenario]) -> Scenario | str:
    """Return the scenario, or what is said to be wrong with it."""
    try:
        return loaded()
    except ScenarioError as error:
        return str(error)


@pytest.mark.parametrize(
    "sets",
    [
        {},
        {"seed": 9, "steps": 7},
        {"networks__alpha__openness": 0.25},
        {"networks__alpha__token__emission__kind": "halving-by-time"},
        {"populations__users__count": 50, "networks__alpha__venues__0__kind": "price-impact"},
        {"replicates": 5},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["minimal", "deai-2026", "three-networks"])
def test_a_point_is_what_loading_gives(name: str, sets: dict[str, Any]) -> None:
    tree, run = base(name), a_run(**sets)
    context = replace(make_context(), bases=(tree,))
    expected = outcome(lambda: load(tree, sets=run.sets))
    scenarios = Scenarios(context)
    for _ in range(2):
        assert outcome(lambda: scenarios.of(run)) == outcome(lambda: scenario_of(context, run)) == expected


def test_the_last_few_points_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved: list[object] = []
    original = Templates.resolve

    def counted(self: Templates, base: int, sets: Mapping[str, Any]) -> Resolved:
        resolved.append(sets["seed"])
        return original(self, base, sets)

    monkeypatch.setattr(Templates, "resolve", counted)
    scenarios = Scenarios(make_context())
    for seed in (*range(20), 19, 15, 0, 19):
        assert scenarios.of(a_run(seed=seed)).seed == seed
    assert resolved == [*range(20), 0]


def test_the_base_stays_as_it_is() -> None:
    tree = base()
    before = repr(tree)
    Scenarios(replace(make_context(), bases=(tree,))).of(a_run(networks__alpha__openness=0.25, seed=4))
    assert repr(tree) == before


def test_an_invalid_point_says_why() -> None:
    with pytest.raises(ScenarioError, match="openness"):
        scenario_of(make_context(), a_run(networks__alpha__openness=-100))


def test_other_code_is_refused_by_both_names() -> None:
    check_code(make_context())
    with pytest.raises(CatallaxyError, match=r"catallaxy 0\.0\.1\+feed") as error:
        check_code(replace(make_context(), code="0.0.1+feed"))
    assert code_version() in str(error.value)


def test_settings_that_compare_equal_but_differ_in_type_are_not_taken_for_each_other() -> None:
    context = make_context()
    scenarios = Scenarios(context)
    assert scenarios.of(a_run(seed=1)).seed == 1
    with pytest.raises(ScenarioError):
        scenarios.of(a_run(seed=True))


def test_a_run_that_is_not_what_the_plan_calls_it_is_refused() -> None:
    context = make_context()
    run = planned(context, sets={"seed": 3})[1]
    assert Scenarios(context).of(run).seed == 3
    assert Scenarios(context).of(replace(run, run_id="")).seed == 3
    for wrong in (replace(run, replicate=2), replace(run, run_id="0" * 24), replace(run, sets={"seed": 4})):
        with pytest.raises(Disagreement, match=f"disagree on run 1: it is {wrong.run_id} in the plan"):
            Scenarios(context).of(wrong)


def test_plug_ins_are_trusted_and_found_in_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "_TRUSTED", set())
    monkeypatch.setattr(sys, "path", [*sys.path])
    plain = Context((base(),), make_context().recording, ("alpha",), code_version())
    trust(plain)
    assert str(Path.cwd()) not in sys.path
    trust(replace(plain, plugins=("my_rules",)), by_driver=True)
    assert sys.path[-1] == str(Path.cwd())
    assert plugins.trusted_packages() == ("my_rules",)


@pytest.mark.parametrize(
    "foreign",
    [
        {"plugins": ("evil",)},
        {"simulate": "evil.module:run"},
        {"recording": replace(make_context().recording, kpis=("evil:figure",))},
    ],
    ids=["plugins", "simulate", "key figure"],
)
def test_nobody_but_the_user_decides_which_packages_are_trusted(
    foreign: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "_TRUSTED", {"mine"})
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = [*sys.path]
    with pytest.raises(ResultsError, match=r"runs code of evil, which you have not trusted.*--plugins evil"):
        trust(replace(make_context(), **foreign))
    assert (plugins.trusted_packages(), sys.path) == (("mine",), before)


def test_what_cannot_be_imported_is_named() -> None:
    assert imported("oracles.fake_runs:well")
    for reference in ("no_such_module:run", "oracles.fake_runs:no_such_function", "oracles.fake_runs", ""):
        with pytest.raises(CatallaxyError, match="cannot import"):
            imported(reference)
