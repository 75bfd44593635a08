"""Collects the metrics of each step into preallocated arrays."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

__all__ = ["Recorder"]


class Recorder:
    """Series of one run.

    Parameters
    ----------
    n_steps : int
        Steps the run may take.
    n_networks : int
    names : collection of str
        Metrics that are recorded.
    """

    def __init__(self, n_steps: int, n_networks: int, names: Collection[str]) -> None:
        self._names = tuple(names)
        self._values = np.full((len(self._names), n_steps, n_networks), np.nan)
        self.n_recorded = 0

    def record(self, metrics: Mapping[str, npt.NDArray[np.float64]]) -> None:
        """Store the metrics of the step that has just ended."""
        for row, name in enumerate(self._names):
            self._values[row, self.n_recorded] = metrics[name]
        self.n_recorded += 1

    def series(self) -> dict[str, npt.NDArray[np.float64]]:
        """Return every metric so far, float64[n_recorded, n_networks], by name."""
        return {name: self._values[row, : self.n_recorded] for row, name in enumerate(self._names)}
