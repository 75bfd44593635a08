"""How far a sweep is: read from its files, while writers are at work or after."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catallaxy.sim.sweeps.processes import lives
from catallaxy.sim.sweeps.store.disk import folder_bytes
from catallaxy.sim.sweeps.store.ends import Winners
from catallaxy.sim.sweeps.store.frames import Owner
from catallaxy.sim.sweeps.store.sources import Source
from catallaxy.sim.sweeps.store.stored import Stored, read_stored, steadily, winners_of

__all__ = ["SweepStatus", "Writer", "read_status", "read_statuses"]

_RATE_WINDOW_S = 300.0
_SILENCE_S = 600.0


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
    return steadily(lambda: _status(Path(folder)))


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
    return steadily(lambda: _statuses(Path(folder)))


def _statuses(folder: Path) -> dict[int, str]:
    stored = read_stored(folder)
    return winners_of(stored.plan, stored.sources).statuses()


def _status(folder: Path) -> SweepStatus:
    stored, now = read_stored(folder), time.time()
    plan, winners = stored.plan, winners_of(stored.plan, stored.sources)
    owners = {name: found.owner for name, found in stored.scans.items() if found.owner is not None}
    writers = tuple(_writer(name, owner, stored, now) for name, owner in owners.items())
    rate = _rate(stored.written, [owners[writer.name].started for writer in writers if writer.alive], now)
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
        collected=_all_collected(stored, winners),
    )


def _all_collected(stored: Stored, winners: Winners) -> bool:
    if stored.collected is None:
        return False
    return winners_of(stored.plan, [stored.collected]).statuses() == winners.statuses()


def _writer(name: str, owner: Owner, stored: Stored, now: float) -> Writer:
    found, ends = stored.scans[name], [source.ends for source in stored.written if source.writer == name]
    last = max([found.last, *(int(end.finished.max()) / 1000.0 for end in ends)])
    if owner.host == platform.node():
        alive = not found.closed and lives(owner.pid)
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
