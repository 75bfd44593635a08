"""Comparative statics: rows find what they change in any scenario, and verdicts follow from paired differences."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from catallaxy.sim.errors import CatallaxyError, ScenarioError
from catallaxy.sim.scenario.library import shipped_statics
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.statics.cases import Case, plan_of, the_cases
from catallaxy.sim.statics.changing import NotApplicable, changed
from catallaxy.sim.statics.statics import statics
from catallaxy.sim.statics.statics_file import Change, StaticsRow, StaticsSpec, load_statics
from catallaxy.sim.statics.verdicts import FAILS, NONE, PASSES, UNDECIDED, verdicts
from catallaxy.sim.sweeps.options import SweepOptions

ELECTRICITY: dict[str, Any] = {"drivers.electricity_price": {"multiply": 3}}
TREE = load("minimal").model_dump(mode="json")
TAKE_RATE = "networks.alpha.fees.take_rate"


def row(name: str = "a change", **parts: Any) -> StaticsRow:
    return StaticsRow.model_validate({"name": name, "change": ELECTRICITY, "expect": {"nodes_final": "down"}, **parts})


def after(path: str, **change: Any) -> dict[str, Any]:
    return changed(TREE, {path: Change.model_validate(change)})


def test_numbers_rates_and_rules_are_changed() -> None:
    own = TREE["networks"]["alpha"]
    assert after(TAKE_RATE, multiply=2)["networks"]["alpha"]["fees"]["take_rate"] == 2 * own["fees"]["take_rate"]
    assert after("networks.*.fees.take_rate", add=0.25)["networks"]["alpha"]["fees"]["take_rate"] == 0.3
    ((base, amount),) = TREE["populations"]["users"]["churn"].items()
    assert after("populations.users.churn", multiply=3)["populations"]["users"]["churn"] == {base: 3 * amount}
    emission = {"kind": "composite", "rules": ["@", "@"]}
    twice = after("networks.alpha.token.emission", wrap=emission)["networks"]["alpha"]["token"]["emission"]
    assert twice == {"kind": "composite", "rules": [own["token"]["emission"]] * 2}
    sink = {"kind": "percentage-burn", "share": 0.1}
    longer = after("networks.alpha.fees.sinks", wrap=["@", sink])["networks"]["alpha"]["fees"]["sinks"]
    assert longer == [*own["fees"]["sinks"], sink]
    assert load("minimal").model_dump(mode="json") == TREE


def test_a_driver_is_changed_for_the_whole_run_whatever_its_process() -> None:
    (event,) = after("drivers.cloud_gpu_price", multiply=2)["events"]
    assert event == {"date": TREE["start"], "target": "drivers.cloud_gpu_price", "multiply": 2.0}


def test_what_is_left_of_a_region_or_of_the_nodes_is_changed_for_the_whole_run() -> None:
    (event,) = after("regions.0.nodes", set=0)["events"]
    assert event == {"date": TREE["start"], "target": "regions.0.nodes", "set": 0}
    (event,) = after("networks.*.node_access", multiply=0.5)["events"]
    assert event == {"date": TREE["start"], "target": "networks.alpha.node_access", "multiply": 0.5}
    with pytest.raises(NotApplicable, match="is a share"):
        after("regions.0.users", wrap="@")


@pytest.mark.parametrize(
    ("path", "change", "reason"),
    [
        ("networks.alpha.fees.take_rte", {"add": 1}, "networks.alpha.fees has no 'take_rte'; did you mean 'take_rate'"),
        ("populations.margin_traders.count", {"add": 1}, "populations has no 'margin_traders'"),
        ("networks.alpha.fees.sinks.*.share", {"multiply": 2}, "networks.alpha.fees.sinks has nothing"),
        ("drivers.electricity", {"multiply": 2}, "there is no driver 'electricity'; did you mean 'electricity_price'"),
        ("drivers.electricity_price", {"wrap": "@"}, "set, add or multiply it"),
        ("networks.alpha.token.symbol", {"multiply": 2}, "networks.alpha.token.symbol is no number"),
    ],
)
def test_what_a_scenario_does_not_have_is_a_reason(path: str, change: dict[str, Any], reason: str) -> None:
    tree = {**TREE, "networks": {"alpha": {**TREE["networks"]["alpha"], "fees": {"take_rate": 0.05, "sinks": []}}}}
    with pytest.raises(NotApplicable) as refused:
        changed(tree, {path: Change.model_validate(change)})
    assert reason in str(refused.value)


def test_every_scenario_is_run_once_and_a_row_that_does_not_apply_says_why() -> None:
    rows = (
        row("dear electricity"),
        row("the same", change={"populations.users.churn": {"multiply": 1}}),
        row("dear again", change=ELECTRICITY, expect={"compute_price_ratio": "up"}),
        row("not allowed", change={TAKE_RATE: {"set": 1.5}}),
        row("from another start", before={TAKE_RATE: {"set": 0.1}}),
    )
    found = the_cases(StaticsSpec(name="mine", rows=rows), load("minimal"))
    assert [(case.before, case.after) for case in found.cases] == [(0, 1), (-1, -1), (0, 1), (-1, -1), (2, 3)]
    assert "leaves the scenario as it is" in found.cases[1].reason
    assert found.cases[3].reason.startswith(TAKE_RATE)
    plan = plan_of(found, "mine", 3)
    assert [point.params["case"] for point in plan.points] == [
        "as it is",
        "dear electricity",
        "before from another start",
        "from another start",
    ]
    assert len(set(plan.run_ids)) == len(plan) == 12
    assert plan.seeds[:3] == plan.seeds[3:6]


class Values:
    """Key figures that are given, of two networks, by point and replicate."""

    networks = ("alpha", "beta")

    def __init__(self, alpha: Any, beta: Any) -> None:
        self.given = {"alpha": np.array(alpha, float), "beta": np.array(beta, float)}

    def unit(self, _kpi: str, _network: str) -> str:
        return "1"

    def matrix(self, _kpi: str, network: str) -> Any:
        return self.given[network]


def judged(values: Any, **parts: Any) -> Any:
    (verdict,) = verdicts(values, [Case(row(**parts), 0, 1)])
    return verdict


def test_verdicts_follow_the_interval() -> None:
    before, nothing = [10.0, 12.0, 14.0, 16.0], [math.nan] * 4
    fall = Values([before, [8.0, 10.5, 11.5, 14.0]], [nothing, nothing])
    found = judged(fall)
    assert found.verdict == PASSES
    assert found.effect.estimate == pytest.approx(-2.0)
    assert found.effect.n == 4
    assert found.before == 13.0
    assert found.relative == pytest.approx(-2.0 / 13.0)
    assert judged(fall, expect={"nodes_final": "up"}).verdict == FAILS
    assert judged(Values([before, [9.0, 13.0, 13.5, 16.5]], [nothing, nothing])).verdict == UNDECIDED


def test_no_effect_is_expected_to_lie_within_the_tolerance() -> None:
    before, nothing = [10.0, 12.0, 14.0, 16.0], [math.nan] * 4
    near = Values([before, [10.01, 11.99, 14.01, 15.98]], [nothing, nothing])
    none = {"expect": {"nodes_final": "same"}}
    assert judged(near, **none).verdict == PASSES
    assert judged(near, **none, tolerance=1e-4).verdict == UNDECIDED
    assert judged(Values([before, [8.0, 10.5, 11.5, 14.0]], [nothing, nothing]), **none).verdict == FAILS


def test_a_population_can_be_added() -> None:
    funds = {"count": 7}
    added = after("populations.institutions", set=funds)
    assert load(added).populations["institutions"].count == 7
    with pytest.raises(NotApplicable, match="populations has no 'institutions'"):
        after("populations.institutions.count", set=7)


def test_networks_are_averaged_and_pairs_with_a_failed_run_are_left_out() -> None:
    alpha = [[10.0, 12.0, 14.0, math.nan], [8.0, 9.0, 11.5, 3.0]]
    beta = [[20.0, 20.0, 20.0, 20.0], [20.0, 20.0, 20.0, 20.0]]
    found = judged(Values(alpha, beta))
    assert (found.effect.n, found.effect.estimate) == (3, pytest.approx(-1.25))
    too_few = judged(Values([[1.0, math.nan]] * 2, [[1.0, 1.0]] * 2))
    assert (too_few.verdict, too_few.reason) == (NONE, "the key figure is not defined in two pairs of runs")


@pytest.mark.parametrize("name", shipped_statics())
def test_shipped_rows_apply_to_the_shipped_economies(name: str) -> None:
    spec = load_statics(name)
    for scenario in ("minimal", "three-networks", "deai-2026"):
        assert [case.reason for case in the_cases(spec, load(scenario)).cases if case.reason] == []


def test_what_is_wrong_with_a_file_is_said_at_once() -> None:
    Path("mine.yaml").write_text(
        "name: mine\nrows:\n"
        "  - {name: a, change: {drivers.narrative: {add: 1, multiply: 2}}, expect: {nodes_final: up}}\n"
        "  - {name: b, change: {}, expect: {nodes_final: up}}\n"
        "  - {name: c, change: {drivers.narrative: {add: 1}}, expect: {nodes_final: sideways}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as wrong:
        load_statics("mine.yaml")
    said = str(wrong.value)
    assert "mine.yaml:3" in said
    assert "exactly one of set, add, multiply, wrap; found add and multiply" in said
    assert "`change` is empty" in said
    assert "mine.yaml:5" in said
    Path("mine.yaml").write_text(
        "name: mine\nrows:\n"
        "  - {name: a, change: {drivers.narrative: {add: 1}}, expect: {node_final: up}}\n"
        "  - {name: a, change: {drivers.narrative: {add: 1}}, expect: {nodes_final: up}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match=r"no key figure 'node_final'; did you mean 'nodes_final'") as wrong:
        load_statics("mine.yaml")
    assert "two rows are called 'a'" in str(wrong.value)


@pytest.mark.jit
@pytest.mark.slow
def test_from_rows_to_verdicts_and_files() -> None:
    scenario = load("minimal", sets={"steps": 60})
    never = row("nobody", change={"populations.nobody.count": {"add": 1}})
    spec = StaticsSpec(name="mine", rows=(row(expect={"compute_price_ratio": "up"}), never))
    options = SweepOptions(executor="serial")
    found = statics(spec, scenario, replicates=4, options=options)
    assert [verdict.verdict for verdict in found.verdicts] == [PASSES, NONE]
    assert found.passed
    assert found.failed_runs == 0
    assert len((found.folder / "statics.csv").read_text(encoding="utf-8").splitlines()) == 3
    assert (found.folder / "statics.png").stat().st_size > 10_000
    told = SimpleNamespace(started=lambda total, done, failed: sizes.append((total, done)))
    sizes: list[tuple[int, int]] = []
    told.advanced = told.noted = lambda _: None
    assert statics(spec, scenario, replicates=4, options=options, listener=told).verdicts == found.verdicts
    assert sizes == [(8, 8)]
    with pytest.raises(CatallaxyError, match=r"no row of mine applies to minimal(.|\n)*populations has no 'nobody'"):
        statics(StaticsSpec(name="mine", rows=(never,)), scenario)
