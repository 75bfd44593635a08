"""Runs a kernel over the rows of a population, on one thread or several.

Rows are split at multiples of the chunk size and kernels return integers, which add up to the same total in any
order, so a run gives the same bits on any number of threads. Kernels release the GIL; no process is forked and no
OpenMP runtime is started.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

__all__ = ["Lanes"]

_CHUNK = 4096
_WORTH_SPLITTING = 65_536


class Lanes:
    """A fixed set of threads for row kernels.

    Parameters
    ----------
    threads : int
        How many threads may work on one population.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def __call__(self, kernel: Callable[..., Any], n: int, *args: Any) -> Any:
        """Call `kernel(rows, *args)` on rows 0..n and add up what the parts return.

        Parameters
        ----------
        kernel : callable
            Takes `(first, stop)` first; returns an int or a tuple of ints.
        n : int
        *args
            Passed on.

        Returns
        -------
        int or tuple of int
        """
        if self._pool is None or n < _WORTH_SPLITTING:
            return kernel((0, n), *args)
        chunks = -(-n // _CHUNK)
        edges = [min(n, (chunks * part // self.threads) * _CHUNK) for part in range(self.threads)] + [n]
        parts = list(self._pool.map(lambda part: kernel((edges[part], edges[part + 1]), *args), range(self.threads)))
        if isinstance(parts[0], tuple):
            return tuple(sum(values) for values in zip(*parts, strict=True))
        return sum(parts)

    def close(self) -> None:
        """Stop the threads."""
        if self._pool is not None:
            self._pool.shutdown()
