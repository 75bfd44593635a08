"""What a worker was doing when it died: one small file per worker, empty between runs.

The first line of the file names the run that is being done; below it, `faulthandler` writes where every thread was
when the process died of a signal or was stopped for good. A worker that is killed from outside leaves the first line.
"""

from __future__ import annotations

import faulthandler
import io
import itertools
import os
import socket
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from catallaxy.sim.sweeps.plan import PlannedRun
from catallaxy.sim.sweeps.processes import lives

__all__ = [
    "CrashLog",
    "clean_crash_logs",
    "crash_log",
    "crash_status",
    "forget_crash_logs",
    "read_crash_logs",
    "worker_name",
]

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


def clean_crash_logs(folder: Path | str) -> None:
    """Remove the files of dead workers of this machine that say nothing.

    Parameters
    ----------
    folder : Path or str
        The sweep's folder of logs; it need not exist.
    """
    for path in Path(folder).glob(f"*{_SUFFIX}"):
        if not path.stat().st_size and _pid(path) is not None and not _alive(path):
            path.unlink()


def forget_crash_logs(folder: Path | str) -> None:
    """Empty every file: what workers of an earlier call were doing says nothing about the runs of this one.

    Parameters
    ----------
    folder : Path or str
        The sweep's folder of logs; it need not exist. Workers that live go on with their files, and those of another
        user are left as they are.
    """
    for path in Path(folder).glob(f"*{_SUFFIX}"):
        with suppress(PermissionError):
            os.truncate(path, 0)


def _opened(folder: Path) -> io.FileIO:
    """Open a file for this process; what a dead process of the same number has left is not touched."""
    folder.mkdir(parents=True, exist_ok=True)
    numbered = (folder / f"{socket.gethostname()}-{os.getpid()}-{number}{_SUFFIX}" for number in itertools.count(1))
    return io.FileIO(next(path for path in numbered if not (path.exists() and path.stat().st_size)), "w")


def _pid(path: Path) -> int | None:
    """Return the process whose file it is; None for those of other machines, one of which may be called "<this>-2"."""
    host, _, rest = path.name.removesuffix(_SUFFIX).rpartition("-")[0].rpartition("-")
    return int(rest) if host == socket.gethostname() and rest.isdecimal() else None


def _alive(path: Path) -> bool:
    """Tell whether the worker of a file is known to live: on this machine, and this process or a running one."""
    pid = _pid(path)
    return pid is not None and lives(pid)
