"""Outcomes as tables: the schemas of the plan, exact values, nulls where there is nothing."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.population import Column
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.recording.snapshots import Snapshot
from catallaxy.sim.sweeps.columns import log_schema, runs_schema, series_schema
from catallaxy.sim.sweeps.plan import Context, Recording
from catallaxy.sim.sweeps.workers.batches import Outcome, Packer, trajectory_of
from oracles.fake_runs import make_context

NETWORKS = ("alpha", "beta")


def context(**recording: Any) -> Context:
    return replace(make_context(**recording), networks=NETWORKS)


def record(steps: int, networks: tuple[str, ...] = NETWORKS, dt_days: float = 1.0) -> RunRecord:
    price = np.arange(steps * len(networks), dtype=np.float64).reshape(steps, len(networks))
    return RunRecord(1, 0, networks, networks, date(2024, 2, 28), dt_days, {"price": price})


def test_the_tables_have_the_schemas_of_the_plan() -> None:
    plan = context(series=("price",), every=2)
    outcome = Outcome(3, "complete", steps=5, trajectory=trajectory_of(record(5), plan.recording))
    batch = Packer(plan).pack([outcome])
    assert batch.statuses == {3: "complete"}
    assert batch.table("runs").schema.equals(runs_schema(plan), check_metadata=True)
    assert batch.table("log").schema.equals(log_schema(), check_metadata=True)
    assert batch.table("series").schema.equals(series_schema(plan), check_metadata=True)
    for name in batch.tables:
        batch.table(name).validate(full=True)


@pytest.mark.parametrize(
    ("steps", "every", "kept"),
    [(1, 1, [0]), (5, 1, [0, 1, 2, 3, 4]), (5, 2, [0, 2, 4]), (6, 2, [0, 2, 4, 5]), (6, 100, [0, 5]), (1, 7, [0])],
)
def test_every_nth_step_is_kept_and_the_last_one(steps: int, every: int, kept: list[int]) -> None:
    trajectory = trajectory_of(record(steps), Recording(series=("price",), every=every))
    assert trajectory is not None
    assert trajectory.steps.tolist() == kept
    np.testing.assert_array_equal(trajectory.values["price"], record(steps).series["price"][kept])


def test_nothing_is_kept_of_a_run_without_steps_or_a_sweep_without_series() -> None:
    assert trajectory_of(record(0), Recording(series=("price",))) is None
    assert trajectory_of(record(3), Recording()) is None


def test_series_are_one_row_per_run_step_and_network() -> None:
    plan = context(series=("price", "supply"), every=2)
    outcomes = [
        Outcome(4, "complete", trajectory=trajectory_of(record(3), plan.recording)),
        Outcome(2, "failed", trajectory=trajectory_of(record(2, ("beta",), 0.5), plan.recording)),
    ]
    rows = Packer(plan).pack(outcomes).table("series").to_pylist()
    day = date(2024, 2, 28)
    leap = date(2024, 3, 1)
    expected = [(4, 0, day, "alpha", 0.0), (4, 0, day, "beta", 1.0), (4, 2, leap, "alpha", 4.0)]
    expected += [(4, 2, leap, "beta", 5.0), (2, 0, day, "beta", 0.0), (2, 1, day, "beta", 1.0)]
    found = [(r["row"], r["step"], r["date"], r["network"], r["ts.price"]) for r in rows]
    assert found == expected
    assert all(math.isnan(row["ts.supply"]) for row in rows)


def test_a_figure_of_a_missing_network_is_null_and_one_without_value_is_nan() -> None:
    figures = {"price_final": {"alpha": 2.5}, "market_share": {"alpha": math.nan}}
    batch = Packer(context()).pack([Outcome(0, "complete", steps=5, kpis=figures), Outcome(1, "crashed", "gone")])
    done, lost = batch.table("runs").to_pylist()
    assert (done["kpi.price_final.alpha"], done["kpi.price_final.beta"]) == (2.5, None)
    assert math.isnan(done["kpi.market_share.alpha"])
    assert (done["status"], done["error"], done["steps"]) == ("complete", "", 5)
    assert (lost["status"], lost["error"], lost["steps"], lost["kpi.price_final.alpha"]) == (
        "crashed",
        "gone",
        None,
        None,
    )


@given(st.lists(st.none() | st.floats(width=64), min_size=1, max_size=40))
def test_values_and_nulls_survive(values: list[float | None]) -> None:
    outcomes = [
        Outcome(i, "complete", kpis={} if value is None else {"price_final": {"beta": value}})
        for i, value in enumerate(values)
    ]
    found = Packer(context()).pack(outcomes).table("runs")["kpi.price_final.beta"].to_pylist()
    assert [None if x is None else repr(x) for x in found] == [None if x is None else repr(x) for x in values]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_any_text_survives(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    outcomes = [Outcome(i, "failed", text, text * 2, worker=text) for i, text in enumerate(texts)]
    log = Packer(context()).pack(outcomes).table("log")
    assert log["error"].to_pylist() == texts
    assert log["traceback"].to_pylist() == [text * 2 for text in texts]
    assert log["worker"].to_pylist() == texts


def test_agents_are_one_row_each_with_integers_exact_and_a_column_per_network() -> None:
    most = 2**62 + 1
    columns = (
        (Column("network", "int64", "-", ""), np.array([1, -1, 0])),
        (Column("tokens", "int64", "base unit", ""), np.array([[most, 2, 3], [4, 5, most]])),
        (Column("mood", "float64", "1", ""), np.array([0.5, -1.0, 2.0], np.float32)),
    )
    two = Snapshot("users", 7, NETWORKS, np.array([10, 11, 12]), columns)
    one = Snapshot("users", 7, ("beta",), np.array([10]), tuple((c, v[..., :1][:1] * 0) for c, v in columns))
    plan = context(agents=("users", "nodes"), agent_steps=(7,))
    batch = Packer(plan).pack([Outcome(5, "complete", snapshots=[two]), Outcome(6, "complete", snapshots=[one])])
    table = batch.table("agents/users")
    table.validate(full=True)
    assert table.column_names == ["row", "step", "agent", "network", "tokens.alpha", "tokens.beta", "mood"]
    assert table["row"].to_pylist() == [5, 5, 5, 6]
    assert table["agent"].to_pylist() == [10, 11, 12, 10]
    assert table["network"].to_pylist() == ["beta", None, "alpha", "beta"]
    assert table["tokens.alpha"].to_pylist() == [most, 2, 3, None]
    assert table["tokens.beta"].to_pylist() == [4, 5, most, 0]
    assert table["mood"].to_pylist() == [0.5, -1.0, 2.0, 0.0]
    assert table.field("tokens.beta").metadata == {b"unit": b"base unit"}
    assert "agents/nodes" not in batch.tables


def test_agents_of_two_kinds_share_a_table() -> None:
    kinds = [
        (Column("mood", "float64", "1", ""), np.array([0.5], np.float32)),
        (Column("age", "int64", "day", ""), np.array([3])),
    ]
    shots = [Snapshot("users", 0, NETWORKS, np.array([1]), (kind,)) for kind in kinds]
    plan = context(agents=("users",), agent_steps=(0,))
    batch = Packer(plan).pack([Outcome(i, "complete", snapshots=[shot]) for i, shot in enumerate(shots)])
    table = batch.table("agents/users")
    assert table.column_names == ["row", "step", "agent", "mood", "age"]
    assert table["mood"].to_pylist() == [0.5, None]
    assert table["age"].to_pylist() == [None, 3]


@pytest.mark.slow
def test_packing_does_not_load_pandas() -> None:
    code = (
        "import sys, numpy as np, datetime\n"
        "from catallaxy.sim.sweeps.plan import Context, Recording\n"
        "from catallaxy.sim.sweeps.workers.batches import Outcome, Packer\n"
        "Packer(Context((), Recording(series=('price',)), ('a',), '')).pack([Outcome(0, 'complete', kpis={})])\n"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
