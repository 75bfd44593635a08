"""Base fees and other prices that networks set for the use of one service, and move with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catallaxy.agents.population import Ints
from catallaxy.sim.tokenomics.sinks import Toll

__all__ = ["TollBook"]


class TollBook:
    """The tolls on one service.

    Parameters
    ----------
    rules : sequence of Toll
        One per network.

    Attributes
    ----------
    prices : int64[K], micro-USD per unit of the service
    """

    def __init__(self, rules: Sequence[Toll]) -> None:
        self._rules = list(rules)
        self.prices = np.array([rule.opening() for rule in rules], np.int64)

    def use(self, sold: Ints, begin_us: int, end_us: int) -> None:
        """Let prices move after a stretch of time.

        Parameters
        ----------
        sold : int64[K]
            Thousandths of a unit sold in it.
        begin_us, end_us : int
            Microseconds since the start of the run.
        """
        for k, rule in enumerate(self._rules):
            self.prices[k] = rule.after(int(self.prices[k]), int(sold[k]), begin_us, end_us)

    def follow(self, k: int, rule: Toll) -> None:
        """Let network `k` go on under another rule; one of another kind starts anew."""
        if rule.kind != self._rules[k].kind:
            self.prices[k] = rule.opening()
        self._rules[k] = rule
