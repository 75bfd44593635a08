"""Bonding, unbonding and staking rewards of token holders, one network at a time.

The share of its tokens that holder i wants bonded rises with the reward y: w_i * y / (y + y_half), where w_i is its
willingness and y_half the reward at which half of the willing stake is bonded. A fraction of the gap is closed each
step; one unbonding request per holder waits in the queue at a time (`unbonding_queue` has several).
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import BLOCK, Flags, Floats, Ints, kernel
from catallaxy.numba_kernels.speculation import CHARTIST, FUNDAMENTALIST

__all__ = ["Bonds", "Outlook", "Tastes", "adjust", "mature", "prospects", "reward"]


class Bonds(NamedTuple):
    """Token positions of one population on one network (base units) and the step that ends each unbonding."""

    tokens: Ints
    staked: Ints
    unbonding: Ints
    release: Ints


class Tastes(NamedTuple):
    """Of every holder: camp, trend horizon, disagreement about the value, and largest share of its tokens staked."""

    strategy: Flags
    horizon: Flags
    value_bias: Floats
    willingness: Floats


class Outlook(NamedTuple):
    """What holders compare; trends and rewards are per year.

    Attributes
    ----------
    reward, half : float64
        Expected reward, and the reward at which half of the willing stake is bonded.
    weight : float64
        Weight of the price rise that a holder expects.
    gap : float64
        Log value less log price.
    trend_short, trend_long : float64
    """

    reward: float
    half: float
    weight: float
    gap: float
    trend_short: float
    trend_long: float


#: Largest rise or fall of the log price in a year that holders count on.
_MOST = 1.0


@kernel
def prospects(rows: tuple[int, int], tastes: Tastes, multiple: Floats, outlook: Outlook, wanted: Floats) -> int:
    """Write the share of its tokens that each holder wants bonded: willingness * y / (y + half), 0 where y is negative.

    y is the holder's multiple of the reward plus the price rise that it expects: fundamentalists expect that the price
    reaches the value as they see it within a year, chartists that the trend of their horizon goes on, noise traders
    nothing.

    Parameters
    ----------
    rows : (int64, int64)
    tastes : Tastes
    multiple : float64[n]
        Reward per token that each holder would get, over the mean.
    outlook : Outlook
    wanted : float64[n], out

    Returns
    -------
    int64
        How many want anything bonded.
    """
    willing = 0
    for i in range(rows[0], rows[1]):
        rise = 0.0
        if tastes.strategy[i] == FUNDAMENTALIST:
            rise = outlook.gap + tastes.value_bias[i]
        elif tastes.strategy[i] == CHARTIST:
            rise = outlook.trend_short if tastes.horizon[i] == 0 else outlook.trend_long
        rise = min(max(rise, -_MOST), _MOST)
        gain = max(multiple[i] * outlook.reward + outlook.weight * rise, 0.0)
        wanted[i] = tastes.willingness[i] * (gain / (gain + outlook.half))
        willing += 1 if wanted[i] > 0.0 else 0
    return willing


@kernel
def adjust(
    rows: tuple[int, int], bonds: Bonds, willingness: Floats, attraction: float, speed: float, release_step: int
) -> tuple[int, int]:
    """Bond or start to unbond, towards each holder's target.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    willingness : float64[n]
        Largest share of its tokens the holder would ever bond.
    attraction : float64
        y / (y + y_half), in [0, 1].
    speed : float64
        Share of the gap closed in this step.
    release_step : int64
        Step at which a request made now is paid out.

    Returns
    -------
    (int64, int64)
        Base units bonded and base units that entered the queue.
    """
    bonded = 0
    queued = 0
    for lo in range(rows[0], rows[1], BLOCK):
        hi = min(lo + BLOCK, rows[1])
        free = bonds.tokens[lo:hi]
        staked = bonds.staked[lo:hi]
        waiting = bonds.unbonding[lo:hi]
        until = bonds.release[lo:hi]
        willing = willingness[lo:hi]
        for j in range(hi - lo):
            target = willing[j] * attraction * float64(free[j] + staked[j])
            gap = (target - float64(staked[j])) * speed
            plus = min(int64(max(gap, 0.0)), free[j])
            minus = min(int64(max(-gap, 0.0)), staked[j])
            minus = minus if waiting[j] == 0 else 0
            free[j] -= plus
            staked[j] += plus - minus
            waiting[j] += minus
            until[j] = release_step if minus > 0 else until[j]
            bonded += plus
            queued += minus
    return bonded, queued


@kernel
def mature(rows: tuple[int, int], bonds: Bonds, step: int) -> int:
    """Pay out unbonding requests whose time has come; return the base units released.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    step : int64

    Returns
    -------
    int64
    """
    released = 0
    for lo in range(rows[0], rows[1], BLOCK):
        hi = min(lo + BLOCK, rows[1])
        free = bonds.tokens[lo:hi]
        waiting = bonds.unbonding[lo:hi]
        until = bonds.release[lo:hi]
        for j in range(hi - lo):
            out = waiting[j] if until[j] <= step else 0
            free[j] += out
            waiting[j] -= out
            released += out
    return released


@kernel
def reward(rows: tuple[int, int], staked: Ints, balance: Ints, rate: float) -> int:
    """Pay every holder in proportion to its stake, rounded down; return the amount paid.

    Parameters
    ----------
    rows : (int64, int64)
    staked : int64[n]
    balance : int64[n], in/out
        Where the reward goes (tokens or micro-USD).
    rate : float64
        Units paid per base unit staked.

    Returns
    -------
    int64
    """
    paid = 0
    for lo in range(rows[0], rows[1], BLOCK):
        hi = min(lo + BLOCK, rows[1])
        stake = staked[lo:hi]
        purse = balance[lo:hi]
        for j in range(hi - lo):
            amount = int64(float64(stake[j]) * rate)
            purse[j] += amount
            paid += amount
    return paid
