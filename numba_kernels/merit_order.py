"""Uniform-price procurement auction on a price grid: the merit order.

Offers are summed into a histogram over price ticks; the clearing price is the lowest tick at which cumulative supply
covers demand, and offers at that tick are rationed pro rata. Time is O(offers + ticks), nothing is sorted, and the
outcome does not depend on the order of the offers.
"""

from __future__ import annotations

from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import exp, log

__all__ = ["TICK", "TICKS", "clear", "price_at", "price_of_tick", "tick_at", "tick_of", "ticks_of"]

#: Ticks of a price grid: a factor of 1.004 apart, from 1e-5 to about 1.3e2 times the unit of the grid.
TICKS = 4096
TICK = 0.004
_ORIGIN = -11.512925464970229


@helper
def price_at(tick: int) -> float:
    """Return the price of a tick, in the unit of the grid."""
    return exp(_ORIGIN + TICK * float64(tick))


@helper
def tick_of(price: float) -> int:
    """Return the lowest tick whose price is at least `price`, to a relative 4e-10, limited to the grid."""
    t = int64((log(max(price, 1e-12)) - _ORIGIN) / TICK + 0.9999999)
    return min(max(t, 0), TICKS - 1)


@kernel
def clear(supply: IntMatrix, demand: Ints, ceiling: Ints, marginal: Ints, rationed: Ints) -> None:
    """Clear one auction per network.

    Parameters
    ----------
    supply : int64[K, TICKS]
        Quantity offered at each tick.
    demand : int64[K]
        Quantity wanted at any price up to the ceiling.
    ceiling : int64[K]
        Highest acceptable tick; what is not served below it goes elsewhere.
    marginal : int64[K], out
        Clearing tick; -1 when nothing trades.
    rationed : int64[K], out
        Quantity taken at the clearing tick.
    """
    for k in range(demand.size):
        left = demand[k]
        marginal[k] = -1
        rationed[k] = 0
        for t in range(ceiling[k] + 1):
            offer = supply[k, t]
            if offer == 0:
                continue
            if left <= 0:
                break
            marginal[k] = t
            rationed[k] = min(offer, left)
            left -= rationed[k]


@kernel
def price_of_tick(tick: int) -> float:
    """`price_at`, callable from Python."""
    return price_at(int64(tick))


@kernel
def tick_at(price: float) -> int:
    """`tick_of`, callable from Python."""
    return tick_of(float64(price))


@kernel
def ticks_of(price: Floats, tick: Ints) -> None:
    """Find the tick of every price.

    Parameters
    ----------
    price : float64[n]
    tick : int64[n], out
    """
    for i in range(price.size):
        tick[i] = tick_of(price[i])
