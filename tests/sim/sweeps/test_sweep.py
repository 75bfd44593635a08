"""Planning into a folder: atomic, repeatable, and never with yesterday's questions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps import sweep as sweep_module
from catallaxy.sim.sweeps.design.plan_file import read_plan
from catallaxy.sim.sweeps.manifest import PLAN_FILE, SWEEP_FILE
from catallaxy.sim.sweeps.sweep import plan_sweep


def design(**more: Any) -> dict[str, Any]:
    emission = {
        "named": {"none": {"kind": "fixed-supply"}, "some": {"kind": "fixed-rate", "tokens": {"per_year": 5e5}}}
    }
    plain = {"name": "s", "scenario": "minimal", "design": {"grid": {"networks.alpha.token.emission": emission}}}
    return {**plain, **more}


def test_the_same_sweep_is_planned_once() -> None:
    folder = plan_sweep(design())
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert before.keys() == {PLAN_FILE, SWEEP_FILE, "manifest.json"}
    assert plan_sweep(design()) == folder
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_other_goals_are_asked_of_the_same_runs() -> None:
    folder = plan_sweep(design())
    goals = [{"kpi": "price_ratio", "above": 1.0}]
    assert plan_sweep(design(goals=goals, question="Does it rise?")) == folder
    plan = read_plan(folder / PLAN_FILE)
    assert [goal["above"] for goal in plan.goals] == [1.0]
    assert plan.question == "Does it rise?"
    assert "price_ratio" in (folder / SWEEP_FILE).read_text()


def test_other_labels_make_other_tables() -> None:
    relabelled = design()
    levels = relabelled["design"]["grid"]["networks.alpha.token.emission"]["named"]
    levels["fixed"] = levels.pop("none")
    levels["growing"] = levels.pop("some")
    assert plan_sweep(relabelled) != plan_sweep(design())


@pytest.mark.parametrize("killed_in", ["replace_file", "write_manifest", "write_plan"])
def test_planning_that_is_killed_leaves_nothing_in_the_way(killed_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweep_module, killed_in, killed)
        with pytest.raises(KeyboardInterrupt):
            plan_sweep(design())
    assert not list(Path("results").iterdir())
    assert read_plan(plan_sweep(design()) / PLAN_FILE).name == "s"


def test_a_folder_that_somebody_else_plans_at_the_same_time_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    write = sweep_module.write_plan
    folders = []

    def twice(*given: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(sweep_module, "write_plan", write)
            folders.append(plan_sweep(design()))
            (folders[0] / "parts").mkdir()
        write(*given)

    monkeypatch.setattr(sweep_module, "write_plan", twice)
    assert plan_sweep(design()) == folders[0]
    assert (folders[0] / "parts").is_dir()
    assert [path.name for path in Path("results").iterdir()] == [folders[0].name]


def test_what_is_in_the_way_is_not_touched() -> None:
    folder = plan_sweep(design())
    (folder / PLAN_FILE).unlink()
    (folder / "manifest.json").unlink()
    with pytest.raises(ResultsError, match="not a results folder"):
        plan_sweep(design())
    assert (folder / SWEEP_FILE).is_file()
