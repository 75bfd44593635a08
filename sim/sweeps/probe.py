"""What a sweep will cost, measured: a few of its runs, done in a fresh worker and thrown away."""

from __future__ import annotations

import dataclasses
import io
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catallaxy.sim.sweeps.outcome import Batch, Task
from catallaxy.sim.sweeps.plan import Plan, PlannedRun

if TYPE_CHECKING:
    import pyarrow as pa

    from catallaxy.sim.sweeps.dispatch.pools import Pool

__all__ = ["Estimate", "Probe", "estimate", "probe"]

_WARM_UP_STEPS = 3
_COMPILED_S = 8.0
_ENOUGH_S = 2.0
_TOO_LONG_S = 20.0
_MOST_RUNS = 30


@dataclass(frozen=True)
class Probe:
    """What a few runs cost.

    Attributes
    ----------
    seconds_per_run : float
        Seconds that one worker with warm kernels needs for a run, storing included.
    cold_s : float
        Seconds until a new worker is ready: Python, imports, loading the compiled kernels.
    bytes_per_run : float
        Bytes that a run adds to the results, before compression.
    peak_mb : float
        Megabytes (10^6 bytes) that the worker held at most.
    fixed_bytes : float
        Bytes of tables with one run: mostly names and units of columns.
    runs : int
        How many runs were measured.
    errors : tuple of str
        Errors of those that failed, each once.
    """

    seconds_per_run: float
    cold_s: float
    bytes_per_run: float
    peak_mb: float
    fixed_bytes: float = 0.0
    runs: int = 1
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """What a sweep will cost.

    Attributes
    ----------
    workers : int
    runs : int
        Runs that are to be done.
    runs_per_s : float
        Runs per second of all workers together.
    start_s : float
        Seconds until the workers are ready.
    seconds : float
        From start to end, the start of the workers included.
    bytes : float
        Size of the results, an upper estimate: before compression.
    """

    workers: int
    runs: int
    runs_per_s: float
    start_s: float
    seconds: float
    bytes: float


def probe(plan: Plan, runs: int = 3) -> Probe:
    """Do a few runs of a plan in one fresh worker and measure them; nothing is kept.

    A run of a few steps, not counted, loads the kernels first. When it takes so long that they must have been compiled,
    another worker takes over, because the sweep itself will find them compiled.

    Parameters
    ----------
    plan : Plan
    runs : int, optional
        At least this many runs, spread over the plan, unless they take long; more when they are short.

    Returns
    -------
    Probe

    Raises
    ------
    CatallaxyError
        When the worker cannot do the runs of this plan at all, or must not.
    """
    from catallaxy.sim.sweeps.dispatch.pools import open_pool
    from catallaxy.sim.sweeps.execution import check_executable

    check_executable(plan)
    pool = open_pool("loky", 1, None)
    try:
        return _measured(plan, pool, runs)
    except BaseException:
        pool.close(kill=True)
        raise
    finally:
        pool.close()


def estimate(found: Probe, runs: int, workers: int) -> Estimate:
    """Return what some runs will cost on some workers.

    Parameters
    ----------
    found : Probe
    runs : int
    workers : int

    Returns
    -------
    Estimate
    """
    busy = max(1, min(workers, runs))
    rate = busy / found.seconds_per_run
    seconds = found.cold_s + math.ceil(runs / busy) * found.seconds_per_run
    return Estimate(workers, runs, rate, found.cold_s, seconds, found.fixed_bytes + runs * found.bytes_per_run)


def _measured(plan: Plan, pool: Pool, runs: int) -> Probe:
    context = plan.context.packed()
    cold_s = _start(plan, pool, context)
    first, first_s = _timed(pool, context, [plan.run(0)])
    batches, seconds, done = [first], first_s, 1
    others = _spread(len(plan), _worth(first_s, runs))
    if others:
        more, more_s = _timed(pool, context, [plan.run(row) for row in others])
        batches, seconds, done = [first, more], more_s, len(others)
    tables = [batch.table("log") for batch in batches]
    return Probe(
        seconds_per_run=seconds / done,
        cold_s=cold_s,
        bytes_per_run=sum(map(_size, batches)) / sum(len(batch.statuses) for batch in batches),
        peak_mb=max((value or 0.0 for table in tables for value in table["peak_mb"].to_pylist()), default=0.0),
        fixed_bytes=sum(_parquet_size(first.table(name)) for name in first.tables),
        runs=sum(len(batch.statuses) for batch in batches),
        errors=_errors(tables),
    )


def _start(plan: Plan, pool: Pool, context: bytes) -> float:
    """Start a worker, and return after how many seconds one that need not compile the kernels is ready."""
    short = [_short(plan.run(0))]
    _, seconds = _timed(pool, context, short)
    if seconds > _COMPILED_S:
        pool.renew()
        _, seconds = _timed(pool, context, short)
    return seconds


def _timed(pool: Pool, context: bytes, runs: list[PlannedRun]) -> tuple[Batch, float]:
    from catallaxy.sim.sweeps.workers.work import perform

    started = time.perf_counter()
    batch: Batch = pool.submit(perform, Task(context, tuple(runs))).result()
    return batch, time.perf_counter() - started


def _short(run: PlannedRun) -> PlannedRun:
    """Return a run cut to a few steps, without a name because it is none of the plan's."""
    return dataclasses.replace(run, run_id="", sets={**run.sets, "steps": _WARM_UP_STEPS})


def _worth(first_s: float, runs: int) -> int:
    """Return how many more runs are worth their time, given what the first one took."""
    if first_s > _TOO_LONG_S:
        return 0
    return max(runs - 1, min(_MOST_RUNS, int(_ENOUGH_S / first_s)))


def _spread(planned: int, wanted: int) -> list[int]:
    """Return rows spread evenly over a plan, the last one among them and the first one not."""
    number = min(wanted, planned - 1)
    return [((planned - 1) * (i + 1)) // number for i in range(number)]


def _errors(tables: Iterable[pa.Table]) -> tuple[str, ...]:
    rows = [row for table in tables for row in table.select(["status", "error"]).to_pylist()]
    return tuple(dict.fromkeys(row["error"] or row["status"] for row in rows if row["status"] != "complete"))


def _size(batch: Batch) -> int:
    return sum(batch.table(name).nbytes for name in batch.tables)


def _parquet_size(table: pa.Table) -> int:
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(table, file)
    return file.tell()
