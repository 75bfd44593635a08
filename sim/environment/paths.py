"""The time grid of a run, the chance that moves its drivers, and the paths that come out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk

__all__ = ["Draws", "DriverPaths", "Floats", "Horizon", "guard"]

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_CHANNELS = 8
_NORMALS = 0


@dataclass(frozen=True)
class Horizon:
    """The steps of a run.

    Attributes
    ----------
    start : date
        First day of step 0.
    n_steps : int
        Number of steps.
    dt_days : float
        Length of a step.
    """

    start: date
    n_steps: int
    dt_days: float

    @property
    def days(self) -> Floats:
        """Days from the start to the beginning of each step: float64[n_steps]."""
        return np.arange(self.n_steps, dtype=np.float64) * np.float64(self.dt_days)

    @property
    def end(self) -> date:
        """Day on which the last step ends."""
        return self.start + timedelta(days=math.ceil(self.n_steps * self.dt_days))

    def step_of(self, day: date) -> int:
        """Return the step that `day` falls into; negative before the start, `n_steps` or more after the end."""
        return math.floor((day - self.start).days / self.dt_days)


@dataclass(frozen=True)
class Draws:
    """The chance of one driver: a pure function of (seed, driver, step).

    A longer horizon leaves the draws of earlier steps as they were, and no driver sees another one's.

    Attributes
    ----------
    seed : int
        Seed of the run.
    driver : int
        The driver's number; never renumber, it is part of the results.
    """

    seed: int
    driver: int

    def _steps(self, n_steps: int, channel: int) -> tuple[np.uint64, npt.NDArray[np.int64]]:
        stream = int(nk.streams.Stream.DRIVERS)
        key = nk.random.step_key(np.uint64(self.seed), stream, self.driver * _CHANNELS + channel)
        return np.uint64(key), np.arange(n_steps, dtype=np.int64)

    def normals(self, n_steps: int) -> Floats:
        """Return one standard normal per step: float64[n_steps]."""
        out = np.empty(n_steps)
        nk.random.fill_normal(*self._steps(n_steps, _NORMALS), out)
        return out

    def uniforms(self, n_steps: int, channel: int = 1) -> Floats:
        """Return one uniform on (0, 1) per step from one of the independent channels 1 to 7: float64[n_steps]."""
        out = np.empty(n_steps)
        nk.random.fill_uniform(*self._steps(n_steps, channel), out)
        return out


@dataclass(frozen=True)
class DriverPaths:
    """The value of every driver in every step.

    Attributes
    ----------
    names : tuple of str
        Driver of each row.
    values : float64[n_drivers, n_steps]
        In the driver's unit.
    held : bool[n_drivers, n_steps]
        Where a bound held a driver's path back.
    """

    names: tuple[str, ...]
    values: Floats
    held: Flags

    def row(self, name: str) -> int:
        """Return the row of driver `name`; KeyError when there is none."""
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(name) from None

    def __getitem__(self, name: str) -> Floats:
        row: Floats = self.values[self.row(name)]
        return row


def guard(values: Floats, low: float, high: float) -> Flags:
    """Hold `values` inside [low, high], in place, and return which steps were outside.

    Parameters
    ----------
    values : float64[n_steps]
        Changed in place.
    low, high : float
        Bounds; may be infinite.

    Returns
    -------
    bool[n_steps]
    """
    outside = (values < low) | (values > high)
    np.clip(values, low, high, out=values)
    return outside
