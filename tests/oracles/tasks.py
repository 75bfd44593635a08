"""Stand-ins for a run, for tests of dispatching: they do what `PlannedRun.sets` says, in any process."""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.sweeps.dispatch.pools import Pool
from catallaxy.sim.sweeps.outcome import Batch, Task
from catallaxy.sim.sweeps.plan import Context, PlannedRun, Recording

CONTEXT = Context((), Recording(), ("deai",), code="test").packed()


def planned(n: int, odd: dict[int, dict[str, object]] | None = None, **sets: object) -> Iterator[PlannedRun]:
    """Yield `n` runs that do what `sets` says, some of them something else."""
    for row in range(n):
        yield PlannedRun(row, f"{row:024x}", row, 0, 0, {**sets, **(odd or {}).get(row, {})})


def act(task: Task) -> Batch:
    """Do the runs of a task."""
    for run in task.runs:
        _act(run, task)
    return Batch({run.row: "complete" for run in task.runs}, {"pid": str(os.getpid()).encode()})


def _act(run: PlannedRun, task: Task) -> None:
    sets = run.sets
    log = Path(task.limits.log_folder, f"{_host()}-{os.getpid()}.log") if task.limits.log_folder else None
    if log is not None:
        log.write_text(f"row {run.row} run {run.run_id}\n")
    if "trail" in sets:
        with Path(sets["trail"]).open("a") as trail:
            trail.write(f"{run.row} {os.getpid()}\n")
    time.sleep(sets.get("sleep", 0.0))
    if "once" in sets and not _first(Path(f"{sets['once']}-{run.row}")):
        return
    if "signal" in sets:
        if log is not None and "trace" in sets:
            log.write_text(f"row {run.row} run {run.run_id}\n{sets['trace']}")
        os.kill(os.getpid(), sets["signal"])
        time.sleep(60)
    if "half" in sets:
        _die_while_sending()
    if "error" in sets:
        raise {"ours": CatallaxyError, "value": ValueError}[sets["error"]]("as the test wants it")
    if log is not None:
        log.write_text("")


def _host() -> str:
    import socket

    return socket.gethostname()


def _first(marker: Path) -> bool:
    """Return whether this is the first call for a file."""
    try:
        marker.open("x").close()
    except FileExistsError:
        return False
    return True


def _die_while_sending() -> None:
    """Leave half a message in the pipe to the driver of a loky worker, and die."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    queue = frame.f_locals["result_queue"]
    queue._wlock.acquire()
    os.write(queue._writer.fileno(), struct.pack("!i", 100_000) + b"abc")
    os.kill(os.getpid(), signal.SIGKILL)


def worker_pids(pool: Pool) -> list[int]:
    """Return the process ids of a loky pool's workers that live."""
    executor = pool._executor
    return [] if executor is None else [process.pid for process in list(executor._processes.values())]


def is_alive(pid: int) -> bool:
    """Return whether a process exists and is no zombie."""
    try:
        stat = Path("/proc", str(pid), "stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
