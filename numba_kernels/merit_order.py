"""Procurement auction on a price grid, within and across regions: the merit order.

Offers are summed into a histogram over price ticks; the cheapest sell until demand is met, and offers at the marginal
tick are rationed pro rata. Time is O(offers + ticks), nothing is sorted, and the outcome does not depend on the order
of the offers.

Buyers prefer offers from their own region: what comes from elsewhere must be cheaper by a premium, a factor on prices
and so a number of ticks. In spatial equilibrium (Samuelson 1952, American Economic Review 42) the prices of two regions
differ by no more than the premium, and by all of it where one sells to the other. With the same premium between any two
regions, one merit order finds it: the offers of a region rank at their own tick until its demand is met, and a premium
higher after that, which minimises a sum of convex functions of what each region sells.
"""

from __future__ import annotations

from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, Matrix, helper, kernel
from catallaxy.numba_kernels.elementary import exp, log

__all__ = [
    "TICK",
    "TICKS",
    "clear",
    "price_at",
    "price_of_tick",
    "prices_of",
    "sell_at_one_price",
    "tick_at",
    "tick_below",
    "tick_of",
    "ticks_of",
]

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


@helper
def tick_below(price: float) -> int:
    """Return the highest tick whose price is at most `price`; -1 when all are dearer."""
    t = tick_of(price)
    return t if price_at(t) <= price else t - 1


@helper
def _ration_of(claims: int, total: int, ration: int, share: float) -> int:
    """Return what the first `claims` of `total` get of a ration, `share` of it each; all of them get all of it."""
    return ration if claims == total else min(int64(float64(claims) * share), ration)


@helper
def _put_up(supply: IntMatrix, balance: IntMatrix, sold: IntMatrix, k: int, t: int, premium: int) -> int:
    """Sell what each region wants of its own offers at a tick; return that and what ranks with it from elsewhere."""
    total = 0
    for r in range(supply.shape[1]):
        near = min(supply[k, r, t], max(balance[k, r], 0))
        sold[k, r, t] = near
        balance[k, r] -= near
        total += near
        if t >= premium:
            total += supply[k, r, t - premium] - sold[k, r, t - premium]
    return total


@helper
def _settle(
    supply: IntMatrix, balance: IntMatrix, sold: IntMatrix, k: int, t: int, market: tuple[int, int, int]
) -> int:
    """Cut what was put up at a tick to what is left of demand, pro rata; return how much that is.

    `market` holds the premium, the quantity put up and what is left of demand.
    """
    premium, total, left = market
    wanted = min(total, left)
    share = float64(wanted) / float64(total)
    claims, given = 0, 0
    for r in range(supply.shape[1]):
        near = sold[k, r, t]
        away = supply[k, r, t - premium] - sold[k, r, t - premium] if t >= premium else 0
        claims += near
        taken = min(_ration_of(claims, total, wanted, share) - given, near)
        given += taken
        sold[k, r, t] = taken
        balance[k, r] += near - taken
        claims += away
        taken = min(_ration_of(claims, total, wanted, share) - given, away)
        given += taken
        if away > 0:
            sold[k, r, t - premium] += taken
            balance[k, r] -= taken
    return wanted


@kernel
def clear(
    supply: IntMatrix,
    balance: IntMatrix,
    left: Ints,
    top: int,
    premium: int,
    sold: IntMatrix,
    margin: IntMatrix,
    dearest: IntMatrix,
) -> None:
    """Clear one auction per network.

    Parameters
    ----------
    supply : int64[K, R, TICKS]
        Quantity offered in each region at each tick.
    balance : int64[K, R], in/out
        Quantity wanted in each region, at most `left` in all; then what it takes from elsewhere, negative for what it
        sells elsewhere.
    left : int64[K], in/out
        Quantity wanted at any price up to the top; then what of it nobody sells.
    top : int64
        Highest acceptable tick; what is not served below it goes elsewhere.
    premium : int64, ticks
        By how much an offer from another region must be cheaper.
    sold : int64[K, R, TICKS], out
    margin : int64[K, R], out
        Equilibrium price of each region: what the last hour needed is worth there, the top where offers fall short; -1
        when nothing is wanted.
    dearest : int64[K, R], out
        Highest tick that sells in each region; -1 when none does.
    """
    sold[:, :, :] = 0
    for k in range(left.size):
        last = -1
        for t in range(top + 1):
            if left[k] <= 0:
                break
            total = _put_up(supply, balance, sold, k, t, premium)
            if total > 0:
                left[k] -= _settle(supply, balance, sold, k, t, (premium, total, left[k]))
                last = t
        rank = top if left[k] > 0 else last
        for r in range(supply.shape[1]):
            own = last
            while own >= 0 and sold[k, r, own] == 0:
                own -= 1
            dearest[k, r] = own
            margin[k, r] = rank if balance[k, r] > 0 or rank < 0 else max(own, rank - premium, 0)


@kernel
def sell_at_one_price(supply: IntMatrix, price: Floats, demand: Ints, sold: IntMatrix, offered: Ints) -> None:
    """Let all offers that a posted price covers share in demand pro rata, to whole units.

    Parameters
    ----------
    supply : int64[K, R, TICKS]
    price : float64[K]
    demand : int64[K]
    sold : int64[K, R, TICKS], out
    offered : int64[K], out
        Quantity that the price covers.
    """
    sold[:, :, :] = 0
    for k in range(demand.size):
        n_ticks = tick_below(price[k]) + 1
        offered[k] = 0
        for r in range(supply.shape[1]):
            for t in range(n_ticks):
                offered[k] += supply[k, r, t]
        share = min(float64(demand[k]) / max(float64(offered[k]), 1.0), 1.0)
        for r in range(supply.shape[1]):
            for t in range(n_ticks):
                sold[k, r, t] = int64(float64(supply[k, r, t]) * share)


@kernel
def price_of_tick(tick: int) -> float:
    """`price_at`, callable from Python."""
    return price_at(int64(tick))


@kernel
def prices_of(tick: IntMatrix, price: Matrix) -> None:
    """Find the price of every tick.

    Parameters
    ----------
    tick : int64[m, n]
    price : float64[m, n], out
    """
    for i in range(tick.shape[0]):
        for j in range(tick.shape[1]):
            price[i, j] = price_at(tick[i, j])


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
