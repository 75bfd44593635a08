"""The runs of a sweep that failed, and why, by their last attempts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from catallaxy.sim.sweeps.outcome import FINAL
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store.arrow import together
from catallaxy.sim.sweeps.store.sources import Source
from catallaxy.sim.sweeps.store.stored import read_stored, steadily, winners_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Failure", "read_failures"]

_LOG = ["row", "status", "error", "traceback", "attempt", "worker", "wall_s", "finished"]


@dataclass(frozen=True)
class Failure:
    """A run that did not end complete, by its last attempt.

    Attributes
    ----------
    row : int
        Its number in the plan.
    run_id : str
    point, replicate, seed : int
    status : str
    error, traceback : str
    attempt : int
    worker : str
        Process that did it.
    wall_s : float
        Seconds that it took; NaN when not known.
    sets : mapping
        What its point changes in the base scenario.
    """

    row: int
    run_id: str
    point: int
    replicate: int
    seed: int
    status: str
    error: str
    traceback: str
    attempt: int
    worker: str
    wall_s: float
    sets: Mapping[str, Any]


def read_failures(folder: Path) -> list[Failure]:
    """List the runs that did not end complete.

    Parameters
    ----------
    folder : Path
        Folder of the sweep; it is only read.

    Returns
    -------
    list of Failure
        In the order of the plan.

    Raises
    ------
    ResultsError
        When there is no plan, or a file is damaged.
    """
    return steadily(lambda: _failures(Path(folder)))


def _failures(folder: Path) -> list[Failure]:
    stored = read_stored(folder)
    ended = winners_of(stored.plan, stored.sources).statuses()
    failed = {row: status for row, status in ended.items() if status != FINAL[0]}
    if not failed:
        return []
    logged = _last_attempts(stored.sources, failed)
    return [_failure(stored.plan, row, status, logged.get(row, {})) for row, status in failed.items()]


def _last_attempts(sources: Sequence[Source], rows: Mapping[int, str]) -> dict[int, dict[str, Any]]:
    """Return what the logs say about the last attempt at some runs."""
    low, high = min(rows), max(rows) + 1
    logs = [source.read("log", low, high) for source in sources]
    found = [_of(log.select(_LOG), rows) for log in logs if log is not None]
    if not found:
        return {}
    ordered = together(found).sort_by([("attempt", "ascending"), ("finished", "ascending")])
    return {entry["row"]: entry for entry in ordered.to_pylist()}


def _of(log: pa.Table, rows: Mapping[int, str]) -> pa.Table:
    return log.filter(np.isin(log["row"].to_numpy(), list(rows)))


def _failure(plan: Plan, row: int, status: str, logged: Mapping[str, Any]) -> Failure:
    """Return a failed run, of which nothing may be logged when the user has removed the log."""
    run = plan.run(row)
    return Failure(
        row=row,
        run_id=run.run_id,
        point=run.point,
        replicate=run.replicate,
        seed=plan.seeds[row],
        status=status,
        error=logged.get("error") or "",
        traceback=logged.get("traceback") or "",
        attempt=logged.get("attempt", 0),
        worker=logged.get("worker") or "",
        wall_s=math.nan if logged.get("wall_s") is None else logged["wall_s"],
        sets=run.sets,
    )
