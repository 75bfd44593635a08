"""How a sweep is executed, and who is told how it gets on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from catallaxy.sim.errors import CatallaxyError

__all__ = ["Listener", "SweepOptions"]


class Listener(Protocol):
    """Who is told how a sweep gets on."""

    def started(self, total: int, done: int, failed: int) -> None:
        """Learn how many runs there are, how many are done already, and how many of those failed."""

    def advanced(self, statuses: Mapping[int, str]) -> None:
        """Learn how some more rows of the plan ended."""

    def noted(self, text: str) -> None:
        """Learn something worth a line."""


@dataclass(frozen=True)
class SweepOptions:
    """How a sweep is executed; its tables do not depend on any of this.

    Attributes
    ----------
    jobs : int or None
        Worker processes; None for one per core.
    executor : str or object
        "loky", "dask" or "serial", or an executor with `submit` as in `concurrent.futures`.
    scheduler : str or None
        Address of a running Dask scheduler, "tcp://host:port".
    shard : (int, int)
        (k, n): do every n-th run, from the k-th on.
    timeout_s : float or None
        Seconds that one run may take; None for no limit.
    memory_mb : float or None
        Megabytes that one worker may hold; None for an equal share of the machine.
    grace_s : float
        Seconds that running runs have to finish when the sweep is asked to stop.
    retry : bool
        Do failed runs again, besides the missing ones.
    collect : bool
        Write the final tables at the end.
    argv : tuple of str
        Command line, for the manifest.

    Raises
    ------
    CatallaxyError
        When a number is out of range; the message says which are allowed.
    """

    jobs: int | None = None
    executor: Any = "loky"
    scheduler: str | None = None
    shard: tuple[int, int] = (0, 1)
    timeout_s: float | None = None
    memory_mb: float | None = None
    grace_s: float = 20.0
    retry: bool = False
    collect: bool = True
    argv: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        k, n = self.shard
        if not 0 <= k < n:
            raise CatallaxyError(f"shard is {self.shard}; allowed are (0, n) to (n - 1, n): they are counted from 0")
        for name in ("timeout_s", "memory_mb"):
            value = getattr(self, name)
            if value is not None and not value > 0.0:
                raise CatallaxyError(f"{name} is {value}; allowed value > 0, or None for no limit of one's own")
        if not self.grace_s >= 0.0:
            raise CatallaxyError(f"grace_s is {self.grace_s}; allowed value >= 0")
