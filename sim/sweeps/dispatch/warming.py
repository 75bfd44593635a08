"""One worker compiles the kernels of a sweep, and all others load them.

Compiled kernels are kept in a folder that every worker of a machine, or of a cluster with a shared file system, reads.
Were all workers to start on an empty folder at once, each would compile the same kernels for itself. So the first run
of a plan is sent alone, by one driver at a time; a marker in the folder then says that this plan is warm, and nobody
waits again.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import FileLock

__all__ = ["WarmUp"]

_LONGEST_WAIT_S = 300.0
_DIGITS = 16


class WarmUp:
    """The part of one driver in warming the kernels of a plan.

    Parameters
    ----------
    context : bytes
        `Context.packed()` of the plan.
    """

    def __init__(self, context: bytes) -> None:
        self._folder = _kernels_folder()
        self._marker = self._folder / f"warm-{hashlib.blake2b(context).hexdigest()[:_DIGITS]}"
        self._lock: FileLock | None = None
        self._since = time.monotonic()
        self._warm = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}

    @property
    def alone(self) -> bool:
        """Whether this driver holds the turn: exactly one run is to be sent."""
        return self._lock is not None

    def ready(self) -> bool:
        """Return whether a task may be sent now: the kernels are warm, or it is this driver's turn to warm them."""
        if not (self._warm or self.alone):
            self._warm = self._marker.exists() or time.monotonic() - self._since > _LONGEST_WAIT_S
            if not self._warm:
                self._take_turn()
        return self._warm or self.alone

    def end(self, *, warm: bool) -> None:
        """Give the turn back.

        Parameters
        ----------
        warm : bool
            Whether the run was completed, so that every kernel it needs is in the folder.
        """
        if self._lock is None:
            return
        self._warm = True
        if warm:
            self._marker.touch()
        self._lock.release()
        self._lock = None

    def _take_turn(self) -> None:
        """Take the lock if it is free; a folder that cannot be written or locked keeps nobody waiting."""
        from filelock import FileLock, Timeout

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / "warming.lock", timeout=0, thread_local=False)
            lock.acquire()
        except Timeout:
            return
        except (OSError, NotImplementedError):
            self._warm = True
            return
        self._lock = lock
        if self._marker.exists():
            self.end(warm=True)


def _kernels_folder() -> Path:
    from catallaxy.numba_kernels import cache_folder

    own = os.environ.get("NUMBA_CACHE_DIR")
    return Path(own) if own else cache_folder()
