"""The incumbents in a run: list prices that events move, and the discounts with which they follow each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.choice import Choice, Rivals
from catallaxy.agents.population import Floats
from catallaxy.sim.environment.offers import OFFERED
from catallaxy.sim.markets.services.incumbents import IncumbentSpec

__all__ = ["Incumbents"]


class Incumbents:
    """Several centralized incumbents.

    An incumbent with the list price l follows the others with a discount d on the log price:

        d' = d + (1 - exp(-matching dt)) (d* - d),    d* = min(0, ln max(floor, cheapest other list price) - ln l).

    They look at list prices and not at each other's discounts, so that prices come back when list prices do.

    Parameters
    ----------
    specs : mapping of str to IncumbentSpec
    dt_days : float
        Length of a step.

    Attributes
    ----------
    names : list of str
    offered : dict of str to float64[J]
        List price and quality of each in this step, over those of the drivers, and openness.
    price : float64[J]
        What each asks after its discount.
    """

    def __init__(self, specs: Mapping[str, IncumbentSpec], dt_days: float) -> None:
        self.names = [*specs]
        each = [*specs.values()]
        self._listed = {what: np.array([float(getattr(spec, what)) for spec in each]) for what in OFFERED}
        self.offered: dict[str, Floats] = {what: values.copy() for what, values in self._listed.items()}
        self.price: Floats = self.offered["price"].copy()
        self._share = np.array([spec.share for spec in each])
        self._floor = np.array([spec.floor for spec in each])
        self._speed = np.array([spec.matching.probability(dt_days) for spec in each])
        self._discount = np.zeros(len(each))

    def restore(self) -> None:
        """Go back to the offers of the scenario, before the events of a step are applied."""
        for what, values in self._listed.items():
            self.offered[what][:] = values

    def follow(self) -> bool:
        """Set this step's prices; return whether an offer had to be held within its range."""
        held = False
        for what, values in self.offered.items():
            free = values.copy()
            np.clip(values, *OFFERED[what], out=values)
            held |= bool((values != free).any())
        listed = self.offered["price"]
        for j, price in enumerate(listed):
            others = np.delete(listed, j)
            aim = max(float(self._floor[j]), float(others.min())) if len(others) else float(price)
            wanted = min(0.0, nk.elementary.log_scalar(aim / float(price)))
            self._discount[j] += self._speed[j] * (wanted - self._discount[j])
            self.price[j] = price * nk.elementary.exp_scalar(float(self._discount[j]))
        return held

    def rivals(self) -> Rivals:
        """Return what users compare."""
        return Rivals(self.price, self.offered["quality"], self.offered["openness"], self._share)

    def customers(self, choice: Choice, spending: Floats) -> Floats:
        """Return how what the segments spend outside the networks falls to the incumbents, float64[J].

        Parameters
        ----------
        choice : Choice
        spending : float64[S], any unit
        """
        falls: Floats = (spending[:, np.newaxis] * choice.incumbents).sum(axis=0)
        return falls
