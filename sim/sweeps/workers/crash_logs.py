"""What a worker was doing when it died: one small file per worker, empty between runs.

The first line of the file names the run that is being done; below it, `faulthandler` writes where every thread was
when the process died of a signal or was stopped for good. A worker that is killed from outside leaves the first line.
"""

from __future__ import annotations

import faulthandler
import io
import os
import socket
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from catallaxy.sim.sweeps.plan import PlannedRun

__all__ = ["CrashLog", "clean_crash_logs", "crash_log", "crash_status", "read_crash_logs", "worker_name"]

_SUFFIX = ".log"
_STOPPED = "Timeout ("


def worker_name() -> str:
    """Return the name of this process, "host:pid"."""
    return f"{socket.gethostname()}:{os.getpid()}"


class CrashLog:
    """The file of this worker.

    Parameters
    ----------
    folder : str or None
        Where it is; without a folder nothing can be read afterwards.
    fatal : bool
        Have `faulthandler` write into it, from now on, when the process dies of a signal.

    Attributes
    ----------
    file : file object
        Where `faulthandler` may write.
    """

    def __init__(self, folder: str | None, fatal: bool) -> None:
        self.file = io.FileIO(os.devnull, "w") if folder is None else _opened(Path(folder))
        weakref.finalize(self, self.file.close)
        self._kept = folder is not None
        if fatal and self._kept:
            faulthandler.enable(self.file)

    @contextmanager
    def during(self, run: PlannedRun) -> Iterator[None]:
        """Name a run in the file as long as it lasts."""
        if not self._kept:
            yield
            return
        self._rewrite(f"row {run.row} run {run.run_id}\n".encode())
        try:
            yield
        finally:
            self._rewrite(b"")

    def _rewrite(self, content: bytes) -> None:
        """Write the file anew; a run does not fail because the disk is full and nobody could read about its death."""
        with suppress(OSError):
            self.file.seek(0)
            self.file.truncate()
            self.file.write(content)


@cache
def crash_log(folder: str | None, fatal: bool) -> CrashLog:
    """Return the crash log of this process in a folder, opened once.

    Parameters
    ----------
    folder : str or None
        As in `Limits.log_folder`.
    fatal : bool
        As in `CrashLog`.

    Returns
    -------
    CrashLog
    """
    return CrashLog(folder, fatal)


def read_crash_logs(folder: Path | str, *, remove: bool = False) -> dict[int, str]:
    """Return what dead workers were doing, by row of the plan.

    Parameters
    ----------
    folder : Path or str
        The sweep's folder of logs; it need not exist.
    remove : bool, optional
        Remove the files that were read, so that they are not read twice.

    Returns
    -------
    dict of int to str
        Where the worker was, as `faulthandler` wrote it; empty text when it was killed from outside. Workers of this
        machine that are alive are left out; of those on other machines that cannot be told.
    """
    found = {}
    for path in sorted(Path(folder).glob(f"*{_SUFFIX}")):
        header, _, text = path.read_text(encoding="utf-8", errors="replace").partition("\n")
        words = header.split()
        if len(words) == 4 and words[0] == "row" and words[1].isdecimal() and not _alive(path):
            found[int(words[1])] = text.strip()
            if remove:
                path.unlink()
    return found


def crash_status(text: str) -> str:
    """Return how a run ended whose worker left this text: "timeout" when it was stopped for good, else "crashed"."""
    return "timeout" if text.startswith(_STOPPED) else "crashed"


def clean_crash_logs(folder: Path | str, *, everything: bool = False) -> None:
    """Remove the files of dead workers of this machine that say nothing.

    Parameters
    ----------
    folder : Path or str
        The sweep's folder of logs; it need not exist.
    everything : bool, optional
        Remove every file: the sweep is over and no worker is left on any machine.
    """
    for path in Path(folder).glob(f"*{_SUFFIX}"):
        if everything or (_is_ours(path) and not path.stat().st_size and not _alive(path)):
            path.unlink()


def _opened(folder: Path) -> io.FileIO:
    """Open a file for this process; what a dead process of the same number has left is not touched."""
    folder.mkdir(parents=True, exist_ok=True)
    host, pid, number = socket.gethostname(), os.getpid(), 1
    path = folder / f"{host}-{pid}{_SUFFIX}"
    while path.exists() and path.stat().st_size:
        number += 1
        path = folder / f"{host}-{pid}-{number}{_SUFFIX}"
    return io.FileIO(path, "w")


def _is_ours(path: Path) -> bool:
    return path.name.startswith(f"{socket.gethostname()}-")


def _alive(path: Path) -> bool:
    """Tell whether the worker of a file is known to live: on this machine, and this process or a running one."""
    if not _is_ours(path):
        return False
    pid = int(path.name.removeprefix(f"{socket.gethostname()}-").removesuffix(_SUFFIX).partition("-")[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Tell whether a process has ended and waits to be collected by its parent."""
    if not Path("/proc/self").exists():
        return False
    try:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"
