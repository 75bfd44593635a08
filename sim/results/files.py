"""Files written whole or not at all, and what the operating system means when it refuses."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["beside", "reason", "sync", "written_whole"]

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would exceed the size limit",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "its folder does not exist and cannot be made",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "a file of that name is in the way",
}


def reason(error: OSError) -> str:
    """Return why something could not be written, in plain words."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def beside(path: Path, role: str = "tmp") -> Path:
    """Return a hidden name that nobody else uses, in the same folder."""
    return path.with_name(f".{path.name}.{role}-{os.getpid()}-{secrets.token_hex(4)}")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Write one file whole: to a temporary neighbour, synced, then renamed.

    Parameters
    ----------
    path : Path
        The file to make or to replace; its folder is made when it does not exist.

    Yields
    ------
    Path
        The file to write; nothing is left of it when the body raises, and the old file is then untouched.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = beside(path)
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Force a file, or the entries of a folder, to the disk (Windows cannot open folders)."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
