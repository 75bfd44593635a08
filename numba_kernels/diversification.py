"""What those who were given tokens sell of them, to bear no more of the risk than the token's return is worth to them.

With an expected rise of r a year, a variance of s^2 a year and relative risk aversion g, a holder of wealth W wants the
part r / (g s^2) of it in the token, at least nothing and at most all (Merton 1969, Review of Economics and Statistics
51:247-257). What is still locked counts in what it holds, and cannot be sold. It sells a part of what exceeds the wish
in each step, and never buys.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, helper, kernel

__all__ = ["Outlook", "Tastes", "reduce_exposure", "wanted_share"]

#: Largest rise or fall of the log price in a year that holders count on.
_MOST = 1.0


class Tastes(NamedTuple):
    """Of every holder: disagreement about the log value, weight of the trend against value, relative risk aversion."""

    optimism: Floats
    trend_weight: Floats
    risk_aversion: Floats


class Outlook(NamedTuple):
    """What every holder sees of its token, float64[K].

    Attributes
    ----------
    gap : float64[K]
        Log value less log price.
    trend, variance : float64[K], per year
        Of the log price.
    price : float64[K], micro-USD per base unit
    locked : float64[K], base unit
        Still locked, per unit of the holders' claims.
    """

    gap: Floats
    trend: Floats
    variance: Floats
    price: Floats
    locked: Floats


@helper
def wanted_share(rise: float, risk: float) -> float:
    """Return the part of its wealth that a holder wants in the token: rise / risk, from 0 to 1.

    Parameters
    ----------
    rise : float64, per year
    risk : float64, per year
        Risk aversion times variance, not negative.

    Returns
    -------
    float64
    """
    if rise <= 0.0:
        return 0.0
    return 1.0 if rise >= risk else rise / risk


@kernel
def reduce_exposure(
    network: Ints,
    tastes: Tastes,
    outlook: Outlook,
    purse: tuple[Ints, Ints, Ints],
    speed: float,
    order: Ints,
    tally: IntMatrix,
) -> None:
    """Sell a part of what each holder has beyond the exposure that it wants, out of its free tokens.

    Parameters
    ----------
    network : int64[n]
    tastes : Tastes
    outlook : Outlook
    purse : (int64[n], int64[n], int64[n])
        Cash (micro-USD), free tokens (base units), and claim to what is locked; read only.
    speed : float64
        Part of the excess that is sold in this step.
    order : int64[n], out
        Minus the base units to sell.
    tally : int64[K, 2], out
        Bid (always 0) and offered by network.
    """
    usd, tokens, claim = purse
    tally[:, :] = 0
    for i in range(order.size):
        k = network[i]
        weight = tastes.trend_weight[i]
        value = min(max(outlook.gap[k] + tastes.optimism[i], -_MOST), _MOST)
        trend = min(max(outlook.trend[k], -_MOST), _MOST)
        rise = (1.0 - weight) * value + weight * trend
        share = wanted_share(rise, tastes.risk_aversion[i] * outlook.variance[k])
        held = float64(tokens[i])
        exposure = held + float64(claim[i]) * outlook.locked[k]
        excess = exposure - share * (exposure + float64(usd[i]) / outlook.price[k])
        quantity = min(int64(min(max(excess * speed, 0.0), held)), tokens[i])
        order[i] = -quantity
        tally[k, 1] += quantity
