"""Opening the folder of a sweep, and what it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.experiments.running import run
from catallaxy.sim.results.parquet import write_table
from catallaxy.sim.sweeps.answers.sweep_result import SweepResult, open_sweep
from catallaxy.sim.sweeps.design.plan_file import write_plan
from catallaxy.sim.sweeps.design.planning import make_plan as plan_of
from catallaxy.sim.sweeps.design.reading import load_sweep
from catallaxy.sim.sweeps.outcome import Limits, Task
from catallaxy.sim.sweeps.plan import PlannedRun
from catallaxy.sim.sweeps.store.collecting import collect
from catallaxy.sim.sweeps.store.store import Store
from catallaxy.sim.sweeps.workers.work import perform
from oracles.sweep_tables import NETWORKS, Outcome, make_plan, make_runs

A, B = NETWORKS
POINTS = [{"fees.rate": rate, "rule": rule} for rate in (0.01, 0.05) for rule in ("burn", "stake")]
GOALS = ({"kpi": "price_ratio", "network": A, "above": 2.5}, {"kpi": "fees", "below": 9.0})


def outcome(run: PlannedRun) -> Outcome:
    return {("price_ratio", A): float(run.point + run.replicate), ("fees", A): 1.0, ("fees", B): 2.0}


def folder_of(made: Any = outcome, name: str = "made", **fields: Any) -> Path:
    """Write a collected sweep folder."""
    plan = make_plan(POINTS, 3, **{"goals": GOALS, "question": "Does <burning> pay?", **fields})
    folder = Path(name)
    folder.mkdir()
    write_plan(plan, folder / "plan.parquet")
    write_table(make_runs(plan, made), folder / "runs.parquet")
    return folder


def test_tables_as_frames() -> None:
    result = open_sweep(folder_of())
    assert result.status == "complete"
    assert result.tables == ("runs",)
    assert (len(result), len(result.runs), result.networks) == (12, 12, NETWORKS)
    assert list(result.runs.columns[:6]) == ["run_id", "point", "replicate", "seed", "param.fees.rate", "param.rule"]
    assert result.points.to_dict("list") == {"fees.rate": [0.01, 0.01, 0.05, 0.05], "rule": ["burn", "stake"] * 2}
    assert result.points.index.name == "point"
    assert {"price_ratio", "provider_roi"} <= set(result.kpis)


def test_the_three_kinds_of_summary() -> None:
    result = open_sweep(folder_of())
    summary = result.summary("price_ratio", A, by="rule")
    assert summary["mean"].tolist() == [2.0, 3.0]
    compared = result.compare({"rule": "burn"}, "price_ratio", A)
    assert compared["difference"].tolist() == [1.0, 1.0]
    goals = result.goals()
    assert goals["goal"].tolist()[:3] == ["price_ratio > 2.5 on Agora", "fees < 9", "all goals"]
    assert goals["probability"].tolist()[::3] == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0])
    assert all(isinstance(table, pd.DataFrame) for table in (summary, compared, goals))


def test_a_figure_comes_from_the_result() -> None:
    figure = open_sweep(folder_of()).plot("price_ratio", x="rule", network=A)
    assert len(figure.axes) == 1


def test_it_shows_what_it_is() -> None:
    result = open_sweep(folder_of())
    assert repr(result) == "<SweepResult 'made up': complete, 12 runs, 4 points x 3 replicates; path='made'>"
    html = result._repr_html_()
    assert "Does &lt;burning&gt; pay?" in html
    assert "all goals" in html
    without = open_sweep(folder_of(name="without", goals=()))
    assert without.goals().empty
    assert "fees.rate" in without._repr_html_()


def test_a_sweep_that_is_not_complete_says_so() -> None:
    def made(run: PlannedRun) -> Outcome:
        return {3: {}, 7: None}.get(run.row, outcome(run))

    result = open_sweep(folder_of(made))
    assert result.status == "partial"
    assert "partial, 11 of 12 runs, 1 failed" in repr(result)
    failed = open_sweep(folder_of(lambda run: {} if run.row == 0 else outcome(run), "failed"))
    assert failed.status == "partial"


def test_a_long_design_is_shown_in_part() -> None:
    plan = make_plan([{"x": i} for i in range(50)], 1)
    folder = Path("long")
    folder.mkdir()
    write_plan(plan, folder / "plan.parquet")
    write_table(make_runs(plan, outcome), folder / "runs.parquet")
    assert "30 more rows" in open_sweep(folder)._repr_html_()


def test_a_table_that_is_not_there_is_named() -> None:
    result = open_sweep(folder_of())
    with pytest.raises(ResultsError, match="no table 'series'; known: runs"):
        result.table("series")


def test_an_uncollected_sweep_says_how_to_collect_it() -> None:
    folder = folder_of()
    (folder / "runs.parquet").unlink()
    with pytest.raises(ResultsError, match="`catallaxy sweep collect made` makes them of the runs that are done"):
        open_sweep(folder)


def test_a_folder_of_something_else_is_told_apart() -> None:
    with pytest.raises(ResultsError, match="there is no folder"):
        open_sweep("nowhere")
    Path("empty").mkdir()
    with pytest.raises(ResultsError, match=r"holds no plan\.parquet"):
        open_sweep("empty")


@pytest.mark.jit
def test_a_single_run_is_told_apart() -> None:
    result = run("minimal", steps=2, out="results")
    with pytest.raises(ResultsError, match="holds a single run, not a sweep"):
        open_sweep(str(result.path))


@pytest.mark.jit
def test_a_real_sweep_from_plan_to_summary() -> None:
    sweep = load_sweep(
        {
            "name": "tiny",
            "scenario": "minimal",
            "set": {"steps": 4},
            "replicates": 2,
            "design": {"grid": {"networks.alpha.fees.take_rate": [0.02, 0.1]}},
            "record": {"series": ["price"]},
            "goals": [{"kpi": "price_final", "above": 0.0}],
        }
    )
    plan, folder = plan_of(sweep), Path("tiny")
    folder.mkdir()
    write_plan(plan, folder / "plan.parquet")
    with Store(folder, plan, "test") as store:
        store.add(perform(Task(plan.context.packed(), tuple(plan.runs()), Limits())))
    collect(folder, plan)
    result = open_sweep(folder)
    assert isinstance(result, SweepResult)
    assert (result.status, len(result), result.tables) == ("complete", 4, ("log", "runs", "series"))
    assert list(result.series["price"].groupby(result.series["run_id"]).size()) == [4] * 4
    assert result.failures.empty
    assert "traceback" in result.failures.columns
    assert result.goals()["reached"].tolist() == [2, 2]
    differences = result.compare(0, "fees")
    assert differences["paired"].tolist() == [True]
    assert differences["difference"].item() > 0.0
