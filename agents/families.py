"""Distributions of an agent attribute: the common contract, and the families with a bounded support.

An agent's value is the inverse distribution function of one uniform draw keyed by its identifier, so it does not
depend on the order of rows or on how many other agents there are, and an agent at the 90th percentile stays there
when a parameter of the distribution changes.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import model_serializer, model_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity

__all__ = [
    "LARGEST",
    "SMALLEST",
    "UNIT",
    "Bernoulli",
    "Choice",
    "Constant",
    "Distribution",
    "Floats",
    "Ints",
    "Uniform",
]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

#: Unit of every parameter that is measured like the attribute itself.
UNIT = "unit of the attribute"
#: The probabilities nearest to 0 and 1 that are ever inverted.
SMALLEST, LARGEST = 2.0**-54, 1.0 - 2.0**-53


class Distribution(Spec):
    """A distribution of one attribute over the agents of a population."""

    dist: str = quantity(unit="-", doc="Name of the distribution.")

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """Return the values below which the shares `u` of all agents lie.

        Parameters
        ----------
        u : float64[n]
            Probabilities strictly between 0 and 1; may be overwritten.

        Returns
        -------
        float64[n]
        """

    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value that can be drawn; infinite where there is no bound."""

    @property
    def reaches_low(self) -> bool:
        """Whether the smallest value of the support can itself be drawn."""
        return True

    @abstractmethod
    def expected(self) -> float:
        """Return the expected value; infinite where the tail is too heavy for one."""

    def draw(self, key: np.uint64, ids: Ints) -> Floats:
        """Draw one value per agent.

        Parameters
        ----------
        key : uint64
            A `numba_kernels.random.step_key`, one per attribute.
        ids : int64[n]
            Agent identifiers (not row numbers).

        Returns
        -------
        float64[n]
        """
        u = np.empty(ids.size)
        nk.random.fill_uniform(key, ids, u)
        return self.quantile(np.clip(u, SMALLEST, LARGEST, out=u))


class Constant(Distribution):
    """The same value for every agent; written as a plain number."""

    dist: Literal["constant"] = quantity("constant", unit="-", doc="Name of the distribution.")
    value: float = quantity(unit=UNIT, doc="The value.")

    def quantile(self, u: Floats) -> Floats:
        """Return `value` for every probability."""
        return np.full(u.size, self.value)

    def support(self) -> tuple[float, float]:
        """Return `value` twice."""
        return self.value, self.value

    def expected(self) -> float:
        """Return `value`."""
        return self.value

    @model_serializer
    def _as_number(self) -> float:
        return self.value


class Uniform(Distribution):
    """Equally likely anywhere between two values."""

    dist: Literal["uniform"] = quantity("uniform", unit="-", doc="Name of the distribution.")
    low: float = quantity(unit=UNIT, doc="Smallest value.")
    high: float = quantity(unit=UNIT, doc="Largest value.")

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.low >= self.high:
            raise complaint("empty_range", f"low={self.low:g} must lie below high={self.high:g}")
        return self

    def quantile(self, u: Floats) -> Floats:
        """Return low + (high - low) * u."""
        return np.clip(self.low + (self.high - self.low) * u, self.low, self.high)

    def support(self) -> tuple[float, float]:
        """Return `low` and `high`."""
        return self.low, self.high

    def expected(self) -> float:
        """Return the midpoint."""
        return 0.5 * (self.low + self.high)


class Bernoulli(Distribution):
    """One with probability `p`, otherwise zero."""

    dist: Literal["bernoulli"] = quantity("bernoulli", unit="-", doc="Name of the distribution.")
    p: float = quantity(unit="1", doc="Share of agents with the value one.", ge=0, le=1)

    def quantile(self, u: Floats) -> Floats:
        """Return 1 in the upper share `p` of the probabilities, else 0."""
        return (u > 1.0 - self.p).astype(np.float64)

    def support(self) -> tuple[float, float]:
        """Return 0 and 1, or the only value when `p` is 0 or 1."""
        return float(self.p == 1.0), float(self.p > 0.0)

    def expected(self) -> float:
        """Return `p`."""
        return self.p


class Choice(Distribution):
    """One of a few values, each with its weight."""

    dist: Literal["choice"] = quantity("choice", unit="-", doc="Name of the distribution.")
    values: tuple[float, ...] = quantity(unit=UNIT, doc="The values.")
    weights: tuple[float, ...] | None = quantity(
        None, unit="1", doc="Relative weight of each value (any scale); equal when left out."
    )

    @model_validator(mode="after")
    def _weighted(self) -> Choice:
        weights = self.weights
        if not self.values:
            raise complaint("no_values", "values is empty; give at least one number")
        if weights is not None and len(weights) != len(self.values):
            raise complaint("weights", f"{len(self.values)} values but {len(weights)} weights; give one for each")
        if weights is not None and (min(weights) < 0 or not 0 < math.fsum(weights) < math.inf):
            raise complaint("weights", f"weights {list(weights)} must not be negative and must sum to more than 0")
        return self

    def _possible(self) -> list[tuple[float, float]]:
        weights = self.weights or (1.0,) * len(self.values)
        total = math.fsum(weights)
        return [(value, weight / total) for value, weight in zip(self.values, weights, strict=True) if weight > 0]

    def quantile(self, u: Floats) -> Floats:
        """Return the value whose interval of cumulative weight holds each probability, in the order given."""
        values, shares = zip(*self._possible(), strict=True)
        return np.asarray(values)[np.searchsorted(np.cumsum(shares)[:-1], u, side="right")]

    def support(self) -> tuple[float, float]:
        """Return the smallest and the largest value with a positive weight."""
        values = [value for value, _ in self._possible()]
        return min(values), max(values)

    def expected(self) -> float:
        """Return the weighted mean."""
        return math.fsum(value * share for value, share in self._possible())
