"""Death at a chosen moment: from some write to the disk on, no further one happens."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from catallaxy.sim.sweeps.store.journal import Journal

WRITES = (
    (Path, "replace"),
    (Path, "rename"),
    (Path, "unlink"),
    (Path, "write_bytes"),
    (os, "fsync"),
    (shutil, "rmtree"),
    (Journal, "_append"),
)


class Killed(BaseException):
    """The process is dead: whatever it still tries to write raises this."""


class Axe:
    """Lets `blows` writes to the disk happen and none after them.

    Attributes
    ----------
    left : int
        Writes that may still happen.
    fell : bool
        Whether one was refused.
    """

    def __init__(self, blows: int) -> None:
        self.left, self.fell = blows, False

    def guarded(self, write: Callable[..., Any]) -> Callable[..., Any]:
        """Return a write that happens only while some are left."""

        def attempt(*arguments: Any, **options: Any) -> Any:
            if not self.left:
                self.fell = True
                raise Killed
            self.left -= 1
            return write(*arguments, **options)

        return attempt


@contextmanager
def killed_after(blows: int) -> Iterator[Axe]:
    """Run the body as a process that dies after some writes to the disk."""
    axe = Axe(blows)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in WRITES:
            patch.setattr(owner, name, axe.guarded(getattr(owner, name)))
        try:
            yield axe
        except Killed:
            assert axe.fell
