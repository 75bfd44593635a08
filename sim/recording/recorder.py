"""Collects the metrics of each step into preallocated arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from catallaxy.sim.recording.metrics import METRICS

__all__ = ["Recorder"]


class Recorder:
    """Series of one run.

    Parameters
    ----------
    n_steps : int
        Steps the run may take.
    n_networks : int
    """

    def __init__(self, n_steps: int, n_networks: int) -> None:
        self._values = np.full((len(METRICS), n_steps, n_networks), np.nan)
        self.n_recorded = 0

    def record(self, metrics: Mapping[str, npt.NDArray[np.float64]]) -> None:
        """Store the metrics of the step that has just ended."""
        for row, metric in enumerate(METRICS):
            self._values[row, self.n_recorded] = metrics[metric.name]
        self.n_recorded += 1

    def series(self) -> dict[str, npt.NDArray[np.float64]]:
        """Return every metric so far, float64[n_recorded, n_networks], by name."""
        return {metric.name: self._values[row, : self.n_recorded] for row, metric in enumerate(METRICS)}
