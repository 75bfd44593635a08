"""Days of a market in which traders lean to fundamentalism or chartism, as shares and as single traders."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy.numba_kernels.compile import U64, Floats, Matrix, helper, kernel
from catallaxy.numba_kernels.random import agent_bits, normal
from catallaxy.numba_kernels.speculation import switch
from catallaxy.numba_kernels.strategy_choice import Leanings, lean, logit

__all__ = ["Market", "trade"]


class Market(NamedTuple):
    """Impact mu, beta, phi, chi, the standard deviations of both shocks, and the unit of log prices that lean sees."""

    impact: float
    intensity: float
    value_pull: float
    trend_pull: float
    shock_fundamentalist: float
    shock_chartist: float
    seen_per_log: float


@helper
def _next(key: U64, day: int, market: Market, share: float, price: float, before: float) -> float:
    """Return tomorrow's log price, where a share are fundamentalists; the value is a log price of 0."""
    value = market.shock_fundamentalist * normal(agent_bits(key, 2 * day)) - market.value_pull * price
    trend = market.shock_chartist * normal(agent_bits(key, 2 * day + 1)) + market.trend_pull * (price - before)
    return price + market.impact * (share * value + (1.0 - share) * trend)


@kernel
def trade(key: U64, market: Market, leanings: Leanings, n: int, burn: int, returns: Matrix, chartists: Floats) -> None:
    """Trade day after day in independent runs.

    Parameters
    ----------
    key : uint64
        Run r draws under this key and r.
    market : Market
    leanings : Leanings
    n : int64
        Traders, each of whom chooses anew every day; 0 for as many as there are numbers.
    burn : int64, days
        Before the first day that is noted.
    returns : float64[runs, days], out
        Log returns.
    chartists : float64[runs], out
        Mean share of chartists.
    """
    ids, camp = np.arange(n), np.zeros(n, np.int8)
    runs, days = returns.shape
    for run in range(runs):
        own = agent_bits(key, run)
        draws, traders = agent_bits(own, 0), agent_bits(own, 1)
        price, before, appeal, chartist = 0.0, 0.0, 0.0, 0.0
        camp[:] = 0
        for day in range(-burn, days):
            share = logit(market.intensity * appeal)
            if n > 0:
                found = switch((0, n), agent_bits(traders, day + burn), ids, camp, 1.0 - share, share)
                share = found[0] / n
            gap = market.seen_per_log * price
            appeal = lean(leanings, share, gap * gap)
            after = _next(draws, day + burn, market, share, price, before)
            before, price = price, after
            if day >= 0:
                returns[run, day] = price - before
                chartist += 1.0 - share
        chartists[run] = chartist / days
