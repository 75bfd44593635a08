"""Which processes of this machine live: whether a writer or a worker is still at work."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["lives"]


def lives(pid: int) -> bool:
    """Return whether this machine has such a process, and it has not ended (Windows does not tell: then it has)."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Return whether a process has ended and waits to be collected by its parent."""
    if not Path("/proc/self").exists():
        return False
    try:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"
