"""Revenue that model builders pass on to the data and the compute that made their models."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Floats, Ints, Population

__all__ = ["Contributions", "RevenueShareSpec"]


class RevenueShareSpec(Spec):
    """What builders pass on to those who made their models."""

    data: float = quantity(
        0.1,
        unit="1",
        doc="Share of builders' revenue that goes to those whose data their models were trained on.",
        ge=0,
        le=0.5,
        source="Assumption: a fifth of what streaming services pay out for music (Spotify: about half of its revenue).",
    )
    compute: float = quantity(
        0.05,
        unit="1",
        doc="Share of builders' revenue that goes to the nodes on which their models were trained.",
        ge=0,
        le=0.5,
        source="Assumption: half of what data get, as compute was paid for by the hour already.",
    )


class Contributions:
    """What each member of a population has contributed to the models of its network, less obsolescence.

    Parameters
    ----------
    population : Population
        Gets the column `contributed`.
    decay : float
        Share of earlier contributions that is obsolete after a step.
    """

    def __init__(self, population: Population, decay: float) -> None:
        self._decay = decay
        self._made: Floats = population.store("contributed", np.zeros(len(population)))

    def add(self, amounts: Ints | Floats) -> Ints:
        """Add what was contributed in this step, and return the weights in what is passed on.

        Parameters
        ----------
        amounts : int64[n] or float64[n]
            Thousandths of a unit.

        Returns
        -------
        int64[n]
        """
        self._made *= 1.0 - self._decay
        self._made += amounts
        return self._made.astype(np.int64)
