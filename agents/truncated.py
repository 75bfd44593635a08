"""Continuous distributions that may be truncated: normal, lognormal, exponential, Pareto."""

from __future__ import annotations

import math
from abc import abstractmethod
from decimal import Decimal
from typing import Literal

import numpy as np
from pydantic import model_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import quantity
from catallaxy.agents.families import LARGEST, SMALLEST, UNIT, Distribution, Floats

__all__ = ["Exponential", "Lognormal", "Normal", "Pareto", "Truncated"]

_SQRT_2PI = 2.5066282746310002


class Truncated(Distribution):
    """A continuous distribution that may be cut off at `low` and `high`: what lies outside is never drawn."""

    low: float | None = quantity(None, unit=UNIT, doc="Smaller values are never drawn (truncation, not clipping).")
    high: float | None = quantity(None, unit=UNIT, doc="Larger values are never drawn (truncation, not clipping).")

    @abstractmethod
    def bulk(self) -> tuple[float, float]:
        """Return the 0.1 % and 99.9 % points before truncation, roughly: bounds must leave some of that."""

    @abstractmethod
    def _natural(self) -> tuple[float, float]:
        """Return the support before truncation."""

    @abstractmethod
    def _cdf(self, x: float) -> float:
        """Return the probability of a value up to x before truncation, for x inside the natural support."""

    @abstractmethod
    def _invert(self, u: Floats) -> Floats:
        """Return quantiles before truncation; may overwrite `u`."""

    @abstractmethod
    def _partial_mean(self, low: float, high: float) -> float:
        """Return the integral of x times the density over (low, high)."""

    @model_validator(mode="after")
    def _something_left(self) -> Truncated:
        low, high = self.support()
        first, last = self.bulk()
        if low >= high:
            raise complaint("empty_range", f"low={low:g} must lie below high={high:g}")
        if low > last or high < first:
            cut = f"low={low:g} is above" if low > last else f"high={high:g} is below"
            raise complaint("empty_range", f"{cut} all but 0.1 % of the values ({first:g} to {last:g})")
        return self

    def support(self) -> tuple[float, float]:
        """Return the natural support, cut off at `low` and `high`."""
        low, high = self._natural()
        return (
            low if self.low is None else max(low, self.low),
            high if self.high is None else min(high, self.high),
        )

    def _kept(self) -> tuple[float, float]:
        (low, high), (first, last) = self.support(), self._natural()
        return (self._cdf(low) if low > first else 0.0), (self._cdf(high) if high < last else 1.0)

    def quantile(self, u: Floats) -> Floats:
        """Return the inverse of the truncated distribution function."""
        below, above = self._kept()
        squeezed = np.clip(below + (above - below) * u, SMALLEST, LARGEST)
        return np.clip(self._invert(squeezed), *self.support())

    def expected(self) -> float:
        """Return the mean of the truncated distribution."""
        below, above = self._kept()
        return self._partial_mean(*self.support()) / (above - below)


def _normal_cdf(x: float) -> float:
    return float(nk.transforms.normal_cdf_scalar(x))


def _normal_density(x: float) -> float:
    return float(nk.elementary.exp_scalar(-0.5 * x * x)) / _SQRT_2PI


def _log(x: float) -> float:
    """Natural logarithm, with its limits at 0 and infinity."""
    if x <= 0.0:
        return -math.inf
    return x if math.isinf(x) else float(nk.elementary.log_scalar(x))


class Normal(Truncated):
    """Normal (Gauss) distribution."""

    dist: Literal["normal"] = quantity("normal", unit="-", doc="Name of the distribution.")
    mean: float = quantity(unit=UNIT, doc="Mean before truncation.")
    sd: float = quantity(unit=UNIT, doc="Standard deviation before truncation.", gt=0)

    def bulk(self) -> tuple[float, float]:
        """Return three standard deviations on either side of the mean."""
        return self.mean - 3.0 * self.sd, self.mean + 3.0 * self.sd

    def _natural(self) -> tuple[float, float]:
        return -math.inf, math.inf

    def _cdf(self, x: float) -> float:
        return _normal_cdf((x - self.mean) / self.sd)

    def _invert(self, u: Floats) -> Floats:
        nk.transforms.normal_quantile_each(u)
        return self.mean + self.sd * u

    def _partial_mean(self, low: float, high: float) -> float:
        a, b = (low - self.mean) / self.sd, (high - self.mean) / self.sd
        return self.mean * (_normal_cdf(b) - _normal_cdf(a)) + self.sd * (_normal_density(a) - _normal_density(b))


class Lognormal(Truncated):
    """Distribution of a positive value whose natural logarithm is normal."""

    dist: Literal["lognormal"] = quantity("lognormal", unit="-", doc="Name of the distribution.")
    median: float = quantity(unit=UNIT, doc="Median before truncation.", gt=0)
    sigma: float = quantity(
        unit="1", doc="Standard deviation of the natural logarithm, before truncation.", gt=0, le=20
    )

    @property
    def reaches_low(self) -> bool:
        """Whether `low` cuts the distribution off; without it, zero is never drawn."""
        return self.support()[0] > 0.0

    def bulk(self) -> tuple[float, float]:
        """Return three standard deviations of the logarithm on either side of the median."""
        spread = float(Decimal(3.0 * self.sigma).exp())
        return self.median / spread, self.median * spread

    def _natural(self) -> tuple[float, float]:
        return 0.0, math.inf

    def _cdf(self, x: float) -> float:
        return _normal_cdf(_log(x / self.median) / self.sigma)

    def _invert(self, u: Floats) -> Floats:
        nk.transforms.normal_quantile_each(u)
        factor = self.sigma * u
        nk.transforms.exp_each(factor)
        return self.median * factor

    def _partial_mean(self, low: float, high: float) -> float:
        a, b = (_log(x / self.median) / self.sigma - self.sigma for x in (low, high))
        whole = self.median * float(nk.elementary.exp_scalar(0.5 * self.sigma * self.sigma))
        return whole * (_normal_cdf(b) - _normal_cdf(a))


class Exponential(Truncated):
    """Exponential distribution: waiting times, memoryless lifetimes."""

    dist: Literal["exponential"] = quantity("exponential", unit="-", doc="Name of the distribution.")
    mean: float = quantity(unit=UNIT, doc="Mean before truncation.", gt=0)

    def bulk(self) -> tuple[float, float]:
        """Return 0 and seven times the mean."""
        return 0.0, 7.0 * self.mean

    def _natural(self) -> tuple[float, float]:
        return 0.0, math.inf

    def _above(self, x: float) -> float:
        return float(nk.elementary.exp_scalar(-x / self.mean))

    def _cdf(self, x: float) -> float:
        return 1.0 - self._above(x)

    def _invert(self, u: Floats) -> Floats:
        above = 1.0 - u
        nk.transforms.log_each(above)
        return -self.mean * above

    def _partial_mean(self, low: float, high: float) -> float:
        beyond = 0.0 if math.isinf(high) else (high + self.mean) * self._above(high)
        return (low + self.mean) * self._above(low) - beyond


class Pareto(Truncated):
    """Pareto distribution: P(X > x) = (minimum / x) ** tail."""

    dist: Literal["pareto"] = quantity("pareto", unit="-", doc="Name of the distribution.")
    minimum: float = quantity(unit=UNIT, doc="Smallest value before truncation.", gt=0)
    tail: float = quantity(
        unit="1", doc="Tail exponent; the mean is infinite at 1 or less, the variance at 2 or less.", ge=0.1, le=100
    )

    def bulk(self) -> tuple[float, float]:
        """Return the minimum and the value that one agent in a thousand exceeds."""
        return self.minimum, self.minimum * float((Decimal(1000).ln() / Decimal(self.tail)).exp())

    def _natural(self) -> tuple[float, float]:
        return self.minimum, math.inf

    def _above(self, x: float) -> float:
        return float(nk.elementary.power_scalar(self.minimum / x, self.tail))

    def _cdf(self, x: float) -> float:
        return 1.0 - self._above(x)

    def _invert(self, u: Floats) -> Floats:
        factor = 1.0 - u
        nk.transforms.log_each(factor)
        factor /= -self.tail
        nk.transforms.exp_each(factor)
        return self.minimum * factor

    def _partial_mean(self, low: float, high: float) -> float:
        if math.isinf(high):
            return math.inf if self.tail <= 1.0 else self.tail / (self.tail - 1.0) * low * self._above(low)
        if self.tail == 1.0:
            return self.minimum * (_log(high) - _log(low))
        return self.tail / (self.tail - 1.0) * (low * self._above(low) - high * self._above(high))
