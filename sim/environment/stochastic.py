"""Driver processes with chance; each is discretised exactly, so `dt_days` does not change its distribution.

Sources: Uhlenbeck & Ornstein (1930) for mean reversion, Samuelson (1965) for geometric Brownian motion, Hamilton
(1989, Econometrica 57:357-384) for regimes, Merton (1976, J. Financial Economics 3:125-144) for jumps.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from pydantic import model_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint, did_you_mean
from catallaxy.agents.declaration import quantity
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.environment.paths import Draws, Floats, Horizon
from catallaxy.sim.environment.processes import PROCESSES, UNIT, Process

__all__ = ["GeometricBrownian", "Jump", "OrnsteinUhlenbeck", "Regime"]

_DAYS_PER_YEAR = 365.25
_MOST_LEVELS = 12
_TAYLOR_TERMS = 18

Scale = Literal["level", "log"]
_Rows = list[list[float]]


def _exp(x: float) -> float:
    return float(nk.elementary.exp_scalar(x))


def _log(x: float) -> float:
    return float(nk.elementary.log_scalar(x))


@PROCESSES.register("ou")
class OrnsteinUhlenbeck(Process):
    """Mean reversion (Ornstein-Uhlenbeck), of the driver itself or of its natural logarithm."""

    summary = "fluctuates around a mean to which it returns"

    mean: float = quantity(unit=UNIT, doc="Value to which the path returns; on the log scale, its long-run median.")
    sd: float = quantity(
        unit="unit of the driver, or 1", doc="Long-run standard deviation; on the log scale, of the logarithm.", ge=0
    )
    reversion: Rate = rate(doc="Speed of the return: a deviation halves in ln(2) / reversion.", le=10_000)
    start: float | None = quantity(None, unit=UNIT, doc="Value in the first step; the mean when left out.")
    scale: Scale = quantity("level", unit="-", doc="`log` keeps the driver positive.")

    @model_validator(mode="after")
    def _positive_on_log_scale(self) -> OrnsteinUhlenbeck:
        if self.scale == "log" and min(self.mean, self._first) <= 0.0:
            raise complaint(
                "not_positive", f"scale: log needs mean > 0 and start > 0; got {self.mean:g}, {self._first:g}"
            )
        return self

    @property
    def _first(self) -> float:
        return self.mean if self.start is None else self.start

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return the first-order autoregression that the process is at its steps; see `Process.path`."""
        keep = _exp(-self.reversion.flow(horizon.dt_days))
        x = self.sd * math.sqrt(1.0 - keep * keep) * draws.normals(horizon.n_steps)
        if self.scale == "log":
            x[0] = _log(self._first / self.mean)
            nk.transforms.relax(keep, x)
            nk.transforms.exp_each(x)
            return self.mean * x
        x[0] = self._first - self.mean
        nk.transforms.relax(keep, x)
        return self.mean + x

    def anchors(self) -> tuple[float, ...]:
        """Return the start and the mean."""
        return self._first, self.mean


@PROCESSES.register("gbm")
class GeometricBrownian(Process):
    """Geometric Brownian motion: log changes are independent and normal."""

    summary = "proportional random walk with drift"

    start: float = quantity(unit=UNIT, doc="Value in the first step.", gt=0)
    drift: Rate = rate(
        {"per_year": 0.0},
        doc="Growth of the expected value (continuous compounding); may be negative.",
        ge=-100,
        le=100,
    )
    volatility: float = quantity(
        unit="1/sqrt(year)",
        doc="Standard deviation of the log change over a year; over t years, times sqrt(t).",
        ge=0,
        le=20,
    )

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return start * exp((drift - volatility**2 / 2) * t + volatility * W(t)); see `Process.path`."""
        years = horizon.dt_days / _DAYS_PER_YEAR
        x = draws.normals(horizon.n_steps) * (self.volatility * math.sqrt(years))
        x += self.drift.flow(horizon.dt_days) - 0.5 * self.volatility * self.volatility * years
        x[0] = 0.0
        nk.transforms.relax(1.0, x)
        nk.transforms.exp_each(x)
        return self.start * x

    def anchors(self) -> tuple[float, ...]:
        """Return `start`."""
        return (self.start,)


@PROCESSES.register("regime")
class Regime(Process):
    """A Markov chain in continuous time over named levels."""

    summary = "switches at random between named levels"

    levels: dict[str, float] = quantity(unit=UNIT, doc="Value of the driver in each regime.")
    switching: dict[str, dict[str, Rate]] = quantity(
        unit="1/time", doc="For each regime, the rate of switching to each other one."
    )
    start: str = quantity(unit="-", doc="Regime in the first step.")

    @model_validator(mode="after")
    def _names_are_levels(self) -> Regime:
        if not 2 <= len(self.levels) <= _MOST_LEVELS:
            raise complaint("levels", f"give 2 to {_MOST_LEVELS} levels; found {len(self.levels)}")
        moves = [(origin, name, speed) for origin, to in self.switching.items() for name, speed in to.items()]
        for name in (self.start, *self.switching, *(name for _, name, _ in moves)):
            if name not in self.levels:
                known = ", ".join(self.levels)
                hint = did_you_mean(name, self.levels)
                raise complaint("unknown_level", f"{name!r} is not one of the levels {known}{hint}")
        for origin, name, speed in moves:
            if origin == name or not 0.0 <= speed.per_day <= 1000.0:
                raise complaint(
                    "switching", f"{origin} -> {name}: give a rate of 0 to 1000 per day, to another level than itself"
                )
        return self

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return the level of the regime in force in each step; see `Process.path`."""
        names = list(self.levels)
        cumulative = np.cumsum(np.array(self.step_probabilities(horizon.dt_days)), axis=1)
        cumulative[:, -1] = 1.0
        states = np.empty(horizon.n_steps, dtype=np.int64)
        uniforms = draws.uniforms(horizon.n_steps)
        nk.transforms.switch_levels(cumulative, uniforms, names.index(self.start), states)
        return np.array(list(self.levels.values()))[states]

    def anchors(self) -> tuple[float, ...]:
        """Return the levels."""
        return tuple(self.levels.values())

    def step_probabilities(self, dt_days: float) -> list[list[float]]:
        """Return the probability of being in level j a step after level i: the exponential of rates times time.

        Scaling and squaring of a Taylor polynomial, in plain arithmetic: a linear-algebra library would not give the
        same last bit on every machine.

        Parameters
        ----------
        dt_days : float
            Length of the step.

        Returns
        -------
        list of list of float
            Rows sum to 1; order of `levels`.
        """
        flows = [[self._flow(origin, name, dt_days) for name in self.levels] for origin in self.levels]
        for i, row in enumerate(flows):
            row[i] = -math.fsum(row)
        halvings = max(0, math.frexp(max(-row[i] for i, row in enumerate(flows)))[1] + 1)
        moves = _exponential([[math.ldexp(value, -halvings) for value in row] for row in flows])
        for _ in range(halvings):
            moves = _product(moves, moves)
        return moves

    def _flow(self, origin: str, name: str, dt_days: float) -> float:
        speed = self.switching.get(origin, {}).get(name)
        return 0.0 if speed is None else speed.flow(dt_days)


def _product(a: _Rows, b: _Rows) -> _Rows:
    columns = list(zip(*b, strict=True))
    return [[math.fsum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


def _exponential(a: _Rows) -> _Rows:
    identity = [[float(i == j) for j in range(len(a))] for i in range(len(a))]
    total = identity
    for k in range(_TAYLOR_TERMS, 0, -1):
        scaled = [[value / k for value in row] for row in _product(a, total)]
        total = [[x + y for x, y in zip(*rows, strict=True)] for rows in zip(identity, scaled, strict=True)]
    return total


@PROCESSES.register("jump")
class Jump(Process):
    """A base level struck by shocks: they arrive at a constant rate, with normal sizes, and fade or stay."""

    summary = "a base level with shocks that fade or stay"

    base: float = quantity(unit=UNIT, doc="Value without shocks, and in the first step.")
    arrival: Rate = rate(doc="Expected number of shocks.", unit="event/time", le=1000)
    size: float = quantity(0.0, unit="1, or unit of the driver", doc="Mean size: a log change, or a change in level.")
    size_sd: float = quantity(unit="1, or unit of the driver", doc="Standard deviation of the size.", ge=0)
    recovery: Rate | None = rate(None, doc="Speed at which shocks fade; they are permanent when left out.", le=10_000)
    scale: Scale = quantity("log", unit="-", doc="`log`: sizes are log changes; `level`: changes in the driver's unit.")

    @model_validator(mode="after")
    def _positive_on_log_scale(self) -> Jump:
        if self.scale == "log" and self.base <= 0.0:
            raise complaint("not_positive", f"scale: log needs base > 0; got {self.base:g}")
        return self

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return the base level plus, or times the exponential of, what is left of all shocks; see `Process.path`.

        All shocks of one step arrive at its beginning.
        """
        shocks = self._shocks(horizon, draws)
        keep = 1.0 if self.recovery is None else _exp(-self.recovery.flow(horizon.dt_days))
        nk.transforms.relax(keep, shocks)
        if self.scale == "level":
            return self.base + shocks
        nk.transforms.exp_each(shocks)
        return self.base * shocks

    def _shocks(self, horizon: Horizon, draws: Draws) -> Floats:
        counts = draws.uniforms(horizon.n_steps)
        nk.transforms.count_events(self.arrival.flow(horizon.dt_days), counts)
        counts[0] = 0.0
        return self.size * counts + self.size_sd * np.sqrt(counts) * draws.normals(horizon.n_steps)

    def anchors(self) -> tuple[float, ...]:
        """Return `base`."""
        return (self.base,)
