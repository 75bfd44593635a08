"""What the members of a population have gained, agent by agent, since the start of a run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy.agents.population import Floats, Ints

__all__ = ["Gains", "unknown"]


class Gains(NamedTuple):
    """One row per agent.

    Attributes
    ----------
    network : int64[n]
        -1 for those on no network in particular.
    rank : int64[n] or float64[n]
        By what the members are put into fifths: income, or wealth at the start.
    income, costs : float64[n], USD
        Income, tokens at the price of the day; costs in money and in kind.
    surplus : float64[n], USD
        Income less all costs, what they forgo elsewhere included.
    profit, capital : float64[n], USD
        What a return counts: profit after depreciation, and the mean capital that it was made with; NaN where there is
        no capital.
    """

    network: Ints
    rank: Ints | Floats
    income: Floats
    costs: Floats
    surplus: Floats
    profit: Floats
    capital: Floats


def unknown(n: int) -> Floats:
    """Return NaN for every agent."""
    return np.full(n, np.nan)
