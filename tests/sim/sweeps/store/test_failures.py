"""Which runs failed and why, read from the files of a sweep alone, whatever moves meanwhile."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.design.plan_file import write_plan
from catallaxy.sim.sweeps.store import stored as stored_module
from catallaxy.sim.sweeps.store.collecting import collect
from catallaxy.sim.sweeps.store.failures import read_failures
from catallaxy.sim.sweeps.store.sources import JournalMoved
from catallaxy.sim.sweeps.store.status import read_status
from catallaxy.sim.sweeps.store.store import Store
from oracles.sweeps import toy_batch, toy_plan

PLAN = toy_plan(10, 2)
HERE = Path()


@pytest.fixture(autouse=True)
def _planned(tmp_path: Path) -> None:
    write_plan(PLAN, tmp_path / "plan.parquet")


def fail_and_retry() -> None:
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, range(10), {2: "failed", 5: "timeout", 7: "memory"}))
        store.add(toy_batch(PLAN, [2, 5], {5: "crashed"}, attempt=2))
        store.add(toy_batch(PLAN, range(10, 20)))


def test_nothing_has_failed_before_anything_is_done() -> None:
    assert read_failures(HERE) == []


@pytest.mark.parametrize("collected", [False, True])
def test_failures_are_those_of_the_last_attempt(collected: bool) -> None:
    fail_and_retry()
    if collected:
        collect(HERE, PLAN)
    first, second = read_failures(HERE)
    assert (first.row, first.status, first.attempt, first.worker) == (5, "crashed", 2, "host:2")
    assert (first.run_id, first.point, first.replicate) == (PLAN.run_ids[5], 2, 1)
    assert (first.seed, first.sets) == (PLAN.seeds[5], PLAN.points[2].sets)
    assert (first.error, first.traceback, first.wall_s) == ("it failed", "Traceback of 5", 0.5)
    assert (second.row, second.status, second.attempt) == (7, "memory", 1)


def test_a_failure_is_listed_although_the_log_is_gone() -> None:
    fail_and_retry()
    collect(HERE, PLAN)
    Path("log.parquet").unlink()
    first, _ = read_failures(HERE)
    assert (first.row, first.status, first.error, first.attempt) == (5, "crashed", "", 0)
    assert math.isnan(first.wall_s)


def test_what_moves_while_it_is_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_and_retry()
    errors: list[Exception] = [JournalMoved(), FileNotFoundError("gone")]
    gone = ResultsError("a-0001.log.parquet cannot be read")
    gone.__cause__ = FileNotFoundError("gone")
    errors.append(gone)
    look = stored_module.stored_sources

    def disturbed(*arguments: object, **options: bool) -> object:
        if errors:
            raise errors.pop()
        return look(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(stored_module, "stored_sources", disturbed)
    assert read_status(HERE).left == 0
    errors.append(ResultsError("a-0001.log.parquet is damaged"))
    with pytest.raises(ResultsError, match="damaged"):
        read_failures(HERE)


def test_looking_changes_nothing() -> None:
    fail_and_retry()
    before = {path: path.stat().st_mtime_ns for path in HERE.rglob("*")}
    read_status(HERE)
    read_failures(HERE)
    assert {path: path.stat().st_mtime_ns for path in HERE.rglob("*")} == before
    assert pq.read_table("plan.parquet").num_rows == 20
