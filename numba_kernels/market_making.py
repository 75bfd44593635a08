"""A market maker's ladder of quotes, shifted by inventory.

In the manner of Avellaneda & Stoikov (2008, Quantitative Finance 8(3):217-224, "High-frequency trading in a limit
order book"): quotes stand around a reservation price, which lies below the maker's estimate of value when it holds much
of the asset, and above it when it holds little. Their linear shift s - q gamma sigma^2 T is taken in logs, with the
inventory as a share of wealth: r = fair * exp(-skew * i), i = (tokens in dollars - dollars) / (their sum).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import IntMatrix, helper, kernel
from catallaxy.numba_kernels.elementary import exp
from catallaxy.numba_kernels.order_columns import (
    AGENT,
    BUY,
    EXPIRY,
    KIND,
    LARGEST_LOTS,
    LIMIT,
    LOTS,
    ORDER,
    REFERENCE,
    SELL,
    SIDE,
    TICK,
)
from catallaxy.numba_kernels.order_flow import Lot

__all__ = ["Ladder", "quote_ladder"]


class Ladder(NamedTuple):
    """How a maker quotes.

    Attributes
    ----------
    half_spread : float64, 1
        Log distance of the best quotes from the reservation price, positive.
    step : float64, 1
        Log distance between two levels of one side.
    quoted : float64, 1
        Share of the dollars, and of the tokens, that is quoted on its side, evenly over the levels.
    skew : float64, 1
        Log shift of the reservation price when everything is held on one side.
    levels : int64
        On each side.
    """

    half_spread: float
    step: float
    quoted: float
    skew: float
    levels: int


@helper
def _write(messages: IntMatrix, n: int, agent: int, side: int, tick: int, lots: int) -> int:
    """Write a limit order that does not expire, unless it is for nothing; return the rows written."""
    if lots < 1:
        return n
    messages[n, KIND] = LIMIT
    messages[n, SIDE] = side
    messages[n, TICK] = tick
    messages[n, LOTS] = min(lots, LARGEST_LOTS)
    messages[n, AGENT] = agent
    messages[n, EXPIRY] = 0
    messages[n, ORDER] = 0
    messages[n, REFERENCE] = 0
    return n + 1


@kernel
def quote_ladder(
    ladder: Ladder, lot: Lot, fair: float, usd: int, tokens: int, agent: int, messages: IntMatrix, first: int
) -> tuple[int, float]:
    """Write a maker's quotes; both sides together never promise more than `quoted` of what it holds.

    Parameters
    ----------
    ladder : Ladder
    lot : Lot
    fair : float64, ticks
        The maker's estimate of value, positive.
    usd : int64, micro-USD
    tokens : int64, base units
    agent : int64
        Account of the maker.
    messages : int64[m, 8], out
        Limit orders, from row `first` on; room for 2 levels.
    first : int64

    Returns
    -------
    (int64, float64)
        Rows of `messages` that are in use now, and the log shift of the reservation price.
    """
    worth = float64(tokens) * fair * float64(lot.tick_value) / float64(lot.size)
    wealth = worth + float64(usd)
    shift = -ladder.skew * (worth - float64(usd)) / wealth if wealth > 0.0 else 0.0
    dollars = ladder.quoted * float64(usd) / float64(ladder.levels)
    offered = int64(ladder.quoted * float64(tokens) / (float64(ladder.levels) * float64(lot.size)))
    n = first
    for level in range(ladder.levels):
        distance = ladder.half_spread + level * ladder.step
        price = fair * exp(shift - distance)
        if 1.0 <= price < float64(lot.ticks):
            tick = int64(math.floor(price))
            n = _write(messages, n, agent, BUY, tick, int64(dollars / (float64(tick) * float64(lot.tick_value))))
        price = fair * exp(shift + distance)
        if price <= float64(lot.ticks - 1):
            n = _write(messages, n, agent, SELL, int64(math.ceil(price)), offered)
    return n, shift
