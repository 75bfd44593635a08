"""How far a sweep is, and what failed: read from its files, while writers are at work or after."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.manifest import PLAN_FILE
from catallaxy.sim.sweeps.outcome import FINAL
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store.arrow import together
from catallaxy.sim.sweeps.store.disk import folder_bytes, process_exists
from catallaxy.sim.sweeps.store.ends import Winners
from catallaxy.sim.sweeps.store.frames import Owner, Scan
from catallaxy.sim.sweeps.store.parts import collected_source, stored_sources
from catallaxy.sim.sweeps.store.sources import JournalMoved, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Failure", "SweepStatus", "Writer", "read_failures", "read_status", "read_statuses"]

_RATE_WINDOW_S = 300.0
_SILENCE_S = 600.0
_TRIES = 5
_LOG = ["row", "status", "error", "traceback", "attempt", "worker", "wall_s", "finished"]
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Writer:
    """One process that stores outcomes, or did.

    Attributes
    ----------
    name : str
    host : str
    pid : int
    alive : bool
        On this host: whether the process exists. On others: whether it stored something in the last ten minutes.
    runs : int
        Outcomes in its journal and parts.
    last_s_ago : float or None
        Seconds since it last stored something; None when it has not yet.
    """

    name: str
    host: str
    pid: int
    alive: bool
    runs: int
    last_s_ago: float | None


@dataclass(frozen=True)
class SweepStatus:
    """How far a sweep is.

    Attributes
    ----------
    name : str
    planned : int
        Runs of the plan.
    counts : dict of str to int
        Runs that are done, by status.
    left : int
        Runs that are not.
    writers : tuple of Writer
        None when all is collected.
    runs_per_s : float
        Of all writers, over the last five minutes; 0 when none is at work.
    eta_s : float or None
        Seconds until nothing is left at this rate; None when it is not known.
    bytes : int
        Size of the folder.
    collected : bool
        Whether the final tables hold all that is done.
    """

    name: str
    planned: int
    counts: dict[str, int]
    left: int
    writers: tuple[Writer, ...]
    runs_per_s: float
    eta_s: float | None
    bytes: int
    collected: bool


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


def read_status(folder: Path) -> SweepStatus:
    """Read how far a sweep is.

    Parameters
    ----------
    folder : Path
        Folder of the sweep; it is only read.

    Returns
    -------
    SweepStatus

    Raises
    ------
    ResultsError
        When there is no plan, or a file is damaged.
    """
    return _steadily(lambda: _status(Path(folder)))


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
    return _steadily(lambda: _failures(Path(folder)))


def read_statuses(folder: Path) -> dict[int, str]:
    """Read how every run that is done ended.

    Parameters
    ----------
    folder : Path
        Folder of the sweep; it is only read.

    Returns
    -------
    dict of int to str
        One of `outcome.FINAL` by row of the plan, in order.

    Raises
    ------
    ResultsError
        When there is no plan, or a file is damaged.
    """
    return _steadily(lambda: _winners(*_everything(Path(folder))).statuses())


def _steadily(read: Callable[[], _Read]) -> _Read:
    """Read again when a writer or a collector moved what was being read."""
    for _ in range(_TRIES):
        try:
            return read()
        except (FileNotFoundError, JournalMoved):
            continue
        except ResultsError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
    return read()


def _plan(folder: Path) -> Plan:
    from catallaxy.sim.sweeps.design.plan_file import read_plan

    return read_plan(folder / PLAN_FILE)


def _status(folder: Path) -> SweepStatus:
    plan, now = _plan(folder), time.time()
    stored, scans = stored_sources(folder, verify=False)
    collected = collected_source(folder, plan)
    winners = _winners(plan, [*([collected] if collected else []), *stored])
    owners = {name: found.owner for name, found in scans.items() if found.owner is not None}
    writers = tuple(_writer(name, owner, scans[name], stored, now) for name, owner in owners.items())
    rate = _rate(stored, [owners[writer.name].started for writer in writers if writer.alive], now)
    left = len(plan) - len(winners.rows)
    return SweepStatus(
        name=plan.name,
        planned=len(plan),
        counts=dict(winners.counts()),
        left=left,
        writers=writers,
        runs_per_s=rate,
        eta_s=left / rate if rate else None,
        bytes=folder_bytes(folder),
        collected=collected is not None and _winners(plan, [collected]).statuses() == winners.statuses(),
    )


def _everything(folder: Path) -> tuple[Plan, list[Source]]:
    """Return the plan, and all that has been stored in any form."""
    plan = _plan(folder)
    stored, _ = stored_sources(folder, verify=False)
    collected = collected_source(folder, plan)
    return plan, [*([collected] if collected else []), *stored]


def _winners(plan: Plan, sources: Sequence[Source]) -> Winners:
    winners = Winners(len(plan))
    for source in sources:
        winners.offer(source.ends)
    return winners


def _writer(name: str, owner: Owner, found: Scan, stored: Sequence[Source], now: float) -> Writer:
    ends = [source.ends for source in stored if source.writer == name]
    last = max([found.last, *(int(end.finished.max()) / 1000.0 for end in ends)])
    if owner.host == platform.node():
        alive = not found.closed and process_exists(owner.pid)
    else:
        alive = not found.closed and now - max(last, owner.started) < _SILENCE_S
    runs = len(np.unique(np.concatenate([end.rows for end in ends]))) if ends else 0
    return Writer(name, owner.host, owner.pid, alive, runs, max(0.0, now - last) if last else None)


def _rate(stored: Sequence[Source], started: Sequence[float], now: float) -> float:
    """Return how many attempts ended per second since the living writers started, or in the last minutes."""
    if not started:
        return 0.0
    since = max(min(started), now - _RATE_WINDOW_S)
    ended = sum(int(np.count_nonzero(source.ends.finished >= since * 1000.0)) for source in stored)
    return ended / max(now - since, 1.0)


def _failures(folder: Path) -> list[Failure]:
    plan, sources = _everything(folder)
    failed = {row: status for row, status in _winners(plan, sources).statuses().items() if status != FINAL[0]}
    if not failed:
        return []
    logged = _last_attempts(sources, failed)
    return [_failure(plan, row, status, logged.get(row, {})) for row, status in failed.items()]


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
