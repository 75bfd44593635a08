"""Liquid staking: who holds receipts instead of a bond, and what leaving at once costs.

A receipt is worth what is staked for it. Whoever unbonds waits; a receipt can be sold at once, at a discount. A holder
compares what the two ways leave of the reward: receipts cost a share of it, waiting costs its patience.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Flags, Floats, IntMatrix, Ints, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.staking import Bonds

__all__ = ["Terms", "charge", "choose", "liquid_stake", "weigh"]


class Terms(NamedTuple):
    """What a holder compares: reward (1/year), fee on it, how often it leaves (1/year), discount, years of waiting."""

    reward: float
    fee: float
    turnover: float
    discount: float
    waiting: float


@kernel
def choose(
    rows: tuple[int, int],
    draw: tuple[U64, float],
    ids: Ints,
    impatience: Floats,
    terms: Terms,
    liquid: Flags,
    multiple: Floats,
) -> int:
    """Let some holders compare, and write what each keeps of the reward; return how many have changed their way.

    Parameters
    ----------
    rows : (int64, int64)
    draw : (uint64, float64)
        Key, and the probability that a holder compares in this step.
    ids : int64[n]
    impatience : float64[n], 1/year
        What a year of waiting for its tokens costs a holder, as a share of them.
    terms : Terms
    liquid : int8[n], in/out
        1 for those who stake for receipts.
    multiple : float64[n], out
        What is left of the reward after fees and the cost of leaving, over the reward, not below 0.

    Returns
    -------
    int64
    """
    key, compares = draw
    changed = 0
    for i in range(rows[0], rows[1]):
        bond = terms.reward - terms.turnover * impatience[i] * terms.waiting
        receipt = terms.reward * (1.0 - terms.fee) - terms.turnover * terms.discount
        if uniform(agent_bits(key, ids[i])) < compares:
            wanted = 1 if receipt > bond else 0
            changed += 1 if wanted != liquid[i] else 0
            liquid[i] = wanted
        kept = receipt if liquid[i] == 1 else bond
        multiple[i] = max(kept, 0.0) / terms.reward if terms.reward > 0.0 else 0.0
    return changed


@kernel
def weigh(rows: tuple[int, int], liquid: Flags, fee: float, weight: Ints) -> int:
    """Take the fee off what counts of the stakes behind receipts, rounded down; return what was taken off.

    Parameters
    ----------
    rows : (int64, int64)
    liquid : int8[n]
    fee : float64
    weight : int64[n], base units, in/out

    Returns
    -------
    int64
    """
    taken = 0
    for i in range(rows[0], rows[1]):
        if liquid[i] == 1:
            kept = int64(float64(weight[i]) * (1.0 - fee))
            taken += weight[i] - kept
            weight[i] = kept
    return taken


@kernel
def liquid_stake(rows: tuple[int, int], liquid: Flags, staked: Ints) -> int:
    """Return what is staked for receipts, base units.

    Parameters
    ----------
    rows : (int64, int64)
    liquid : int8[n]
    staked : int64[n], base units

    Returns
    -------
    int64
    """
    total = 0
    for i in range(rows[0], rows[1]):
        total += staked[i] if liquid[i] == 1 else 0
    return total


@kernel
def charge(
    rows: tuple[int, int], bonds: Bonds, queue: IntMatrix, before: Ints, liquid: Flags, discount: float
) -> tuple[int, int]:
    """Take the discount from what holders of receipts have asked for in this step.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    queue : int64[R, n], base units, in/out
        Unbonding requests, the oldest in row 0.
    before : int64[n], base units
        What was unbonding before this step's requests.
    liquid : int8[n]
    discount : float64

    Returns
    -------
    (int64, int64)
        Base units that left at once, the discount included, and the discount, rounded up.
    """
    left = 0
    charged = 0
    for i in range(rows[0], rows[1]):
        asked = bonds.unbonding[i] - before[i]
        if liquid[i] == 0 or asked <= 0:
            continue
        cost = min(int64(float64(asked) * discount) + 1, asked) if discount > 0.0 else 0
        last = 0
        while last + 1 < queue.shape[0] and queue[last + 1, i] > 0:
            last += 1
        queue[last, i] -= cost
        bonds.unbonding[i] -= cost
        left += asked
        charged += cost
    return left, charged
