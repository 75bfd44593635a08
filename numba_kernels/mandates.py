"""What institutions buy and sell: mean-variance holdings within the limits of a mandate.

With an expected rise of r a year over the yield of dollars, a variance of s^2 a year and relative risk aversion g, an
institution of wealth W wants r / (g s^2) of it in the token (Merton 1969, Review of Economics and Statistics
51:247-257), at least nothing, at most the share that its mandate allows, and no more dollars than a share of the depth
of the market, so that it can get out. Where rules are less clear than it needs, it wants nothing. It closes a part of
the gap in each step.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, kernel
from catallaxy.numba_kernels.diversification import wanted_share

__all__ = ["Mandates", "Prospects", "rebalance"]

#: Largest rise of the log price in a year that institutions count on.
_MOST = 1.0


class Mandates(NamedTuple):
    """Of every institution.

    Attributes
    ----------
    clarity : float64[n]
        Regulatory clarity that it needs.
    optimism : float64[n]
        Disagreement about the log value.
    risk_aversion : float64[n]
    limit : float64[n]
        Largest share of its wealth in the token.
    """

    clarity: Floats
    optimism: Floats
    risk_aversion: Floats
    limit: Floats


class Prospects(NamedTuple):
    """What every institution sees.

    Attributes
    ----------
    gap : float64[K]
        Log value less log price.
    variance : float64[K], per year
        Of the log price.
    price : float64[K], micro-USD per base unit
    room : float64[K], micro-USD
        Most that one institution may hold.
    riskless : float64, per year
        Yield of dollars.
    clarity : float64
        Regulatory clarity.
    """

    gap: Floats
    variance: Floats
    price: Floats
    room: Floats
    riskless: float
    clarity: float


@kernel
def rebalance(
    network: Ints,
    mandates: Mandates,
    prospects: Prospects,
    purse: tuple[Ints, Ints],
    speed: float,
    order: Ints,
    tally: IntMatrix,
) -> None:
    """Move every institution a part of the way to what it wants.

    Parameters
    ----------
    network : int64[n]
    mandates : Mandates
    prospects : Prospects
    purse : (int64[n], int64[n])
        Cash (micro-USD) and tokens (base units); read only.
    speed : float64
        Part of the gap that is closed in this step.
    order : int64[n], out
        Micro-USD to spend if positive, base units to sell if negative.
    tally : int64[K, 3], out
        Bid, offered and institutions that may hold, by network.
    """
    usd, tokens = purse
    tally[:, :] = 0
    for i in range(order.size):
        k = network[i]
        held = float64(tokens[i]) * prospects.price[k]
        wanted = 0.0
        if prospects.clarity >= mandates.clarity[i]:
            tally[k, 2] += 1
            rise = min(prospects.gap[k] + mandates.optimism[i], _MOST) - prospects.riskless
            share = min(wanted_share(rise, mandates.risk_aversion[i] * prospects.variance[k]), mandates.limit[i])
            wanted = min(share * (held + float64(usd[i])), prospects.room[k])
        gap = (wanted - held) * speed
        if gap >= 0.0:
            order[i] = min(int64(min(gap, float64(usd[i]))), usd[i])
            tally[k, 0] += order[i]
        else:
            quantity = min(int64(min(-gap / prospects.price[k], float64(tokens[i]))), tokens[i])
            order[i] = -quantity
            tally[k, 1] += quantity
