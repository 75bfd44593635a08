"""How time is taken: the thread's own CPU clock, the best of several interleaved turns.

The best turn is the one that other programs disturbed least. Rivals take turns, so that a change in the machine's
pace meets all of them, and the reference runs right before and right after each of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Ratio", "best_of", "cpu_seconds", "interleaved", "ratios"]


@dataclass(frozen=True)
class Ratio:
    """A rival against its reference: best seconds of each, and the first over the second."""

    seconds: float
    reference_seconds: float

    @property
    def value(self) -> float:
        """Seconds of the rival for every second of the reference."""
        return self.seconds / self.reference_seconds


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that this thread spends on `work`."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


def best_of(work: Callable[[], object], turns: int) -> float:
    """Return the fewest CPU seconds that `work` took in `turns` turns."""
    return min(cpu_seconds(work) for _ in range(turns))


def interleaved(rivals: Mapping[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Let rivals take turns; return the fewest CPU seconds of each."""
    best = dict.fromkeys(rivals, float("inf"))
    for _ in range(turns):
        for name, work in rivals.items():
            best[name] = min(best[name], cpu_seconds(work))
    return best


def ratios(reference: Callable[[], object], rivals: Mapping[str, Callable[[], object]], turns: int) -> dict[str, Ratio]:
    """Measure every rival against one reference that runs right before and right after it.

    Parameters
    ----------
    reference : callable
    rivals : mapping of str to callable
    turns : int
        How often each rival runs.

    Returns
    -------
    dict of str to Ratio
    """
    best, beside = dict.fromkeys(rivals, float("inf")), dict.fromkeys(rivals, float("inf"))
    for _ in range(turns):
        before = cpu_seconds(reference)
        for name, work in rivals.items():
            best[name] = min(best[name], cpu_seconds(work))
            after = cpu_seconds(reference)
            beside[name] = min(beside[name], before, after)
            before = after
    return {name: Ratio(best[name], beside[name]) for name in rivals}
