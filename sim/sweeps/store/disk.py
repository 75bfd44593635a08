"""Files of a sweep on disk: written whole or not at all, locked while they grow, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.files import reason, written_whole

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = [
    "GATE",
    "PARTS",
    "explained",
    "folder_bytes",
    "gate",
    "held",
    "locked",
    "replacing",
]

PARTS = "parts"
"""Folder of what is not in the final tables yet: journals, parts and locks."""
GATE = "gate.lock"
_GATE_S = 3600.0
_TRIES = 20


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a file into an error for the user.

    Parameters
    ----------
    path : Path
        What is written.

    Yields
    ------
    None

    Raises
    ------
    ResultsError
        Instead of OSError.
    """
    try:
        yield
    except OSError as error:
        raise ResultsError(
            f"cannot write {path}: {reason(error)}; every run stored before is kept: "
            "put this right and start the sweep again, and it goes on from there"
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write one file whole: to a temporary neighbour, synced, then renamed.

    Parameters
    ----------
    path : Path
        The file to make or to replace; its folder is made when it does not exist.

    Yields
    ------
    Path
        The file to write; nothing is left of it when the body raises.

    Raises
    ------
    ResultsError
        When it cannot be written; the old file is then untouched.
    """
    with explained(path), written_whole(path) as temporary:
        yield temporary


def locked(path: Path, timeout_s: float = 0.0) -> BaseFileLock | None:
    """Take a lock that ends with the process, however it ends.

    Parameters
    ----------
    path : Path
        The file that stands for it; its folder is made when it does not exist.
    timeout_s : float, optional
        Seconds to wait for whoever holds it.

    Returns
    -------
    filelock.BaseFileLock or None
        To be released; None when another process, or another object in this one, holds it.

    Raises
    ------
    ResultsError
        When the file cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=timeout_s, thread_local=False)
    with explained(path):
        for remaining in reversed(range(_TRIES)):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout:
                return None
            except FileNotFoundError:
                # The folder was taken away, with all that was collected from it, after it had been made.
                if not remaining:
                    raise
            else:
                break
    return lock


def held(path: Path) -> bool:
    """Return whether a living process holds a lock."""
    lock = locked(path)
    if lock is None:
        return True
    lock.release()
    return False


@contextmanager
def gate(folder: Path) -> Iterator[None]:
    """Keep writers from opening while tables are collected, and the other way round; wait for the others.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.

    Yields
    ------
    None

    Raises
    ------
    ResultsError
        When another process collects for more than an hour.
    """
    path = folder / PARTS / GATE
    lock = locked(path, _GATE_S)
    if lock is None:
        raise ResultsError(f"another process has been collecting {folder} for more than an hour; see what it does")
    try:
        yield
    finally:
        lock.release()


def folder_bytes(folder: Path) -> int:
    """Return the size of all files below a folder, of which some may vanish meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
