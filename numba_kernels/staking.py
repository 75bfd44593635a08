"""Bonding, unbonding and staking rewards of token holders, one network at a time.

The share of its tokens that holder i wants bonded rises with the reward y: w_i * y / (y + y_half), where w_i is its
willingness and y_half the reward at which half of the willing stake is bonded. A fraction of the gap is closed each
step; one unbonding request per holder waits in the queue at a time.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import BLOCK, Floats, Ints, kernel

__all__ = ["Bonds", "adjust", "mature", "reward"]


class Bonds(NamedTuple):
    """Token positions of one population on one network (base units) and the step that ends each unbonding."""

    tokens: Ints
    staked: Ints
    unbonding: Ints
    release: Ints


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
