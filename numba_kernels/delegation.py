"""Delegated stake: whom holders choose, what is left of rewards after commission, and slashing that reaches them.

Validators are numbered by identifier. A holder that reconsiders chooses validator v of the active set with a chance
in proportion to exp(b (y_v + s [v is its validator])), y_v being the yield after commission and s the yield that a
switch must gain: a logit with switching costs (McFadden 1974, in Zarembka, Frontiers in Econometrics, 105-142).
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Floats, Ints, helper, kernel
from catallaxy.numba_kernels.random import agent_bits, mix, uniform
from catallaxy.numba_kernels.staking import Bonds

__all__ = ["Choice", "add_up", "choose", "pay", "slash"]


class Choice(NamedTuple):
    """What a holder chooses among.

    Attributes
    ----------
    attraction : float64[V]
        exp(b y_v) of every validator; 0 of those that are not active.
    running : float64[V]
        Its running sum; the last one is positive.
    stickiness : float64
        exp(b s), at least 1.
    reconsiders : float64
        Probability that a holder reconsiders in this step.
    """

    attraction: Floats
    running: Floats
    stickiness: float
    reconsiders: float


@helper
def _first_above(running: Floats, ticket: float) -> int:
    """Return the first validator whose running sum is above the ticket, or the first to reach the last sum."""
    low, high = 0, running.size - 1
    ceiling = running[high]
    while low < high:
        middle = (low + high) // 2
        if running[middle] > ticket or running[middle] == ceiling:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def choose(rows: tuple[int, int], key: U64, ids: Ints, validator: Ints, choice: Choice) -> int:
    """Let some holders reconsider, and all whose validator is not active; return how many have another one now.

    Parameters
    ----------
    rows : (int64, int64)
    key : uint64
    ids : int64[n]
    validator : int64[n], in/out
        -1 for a holder that has none.
    choice : Choice

    Returns
    -------
    int64
    """
    switched = 0
    for i in range(rows[0], rows[1]):
        own = validator[i]
        here = choice.attraction[own] if own >= 0 else 0.0
        bits = agent_bits(key, ids[i])
        if here > 0.0 and uniform(bits) >= choice.reconsiders:
            continue
        loyalty = here * (choice.stickiness - 1.0)
        ticket = uniform(mix(bits)) * (choice.running[choice.running.size - 1] + loyalty) - loyalty
        if ticket < 0.0:
            continue
        validator[i] = _first_above(choice.running, ticket)
        switched += 1 if validator[i] != own else 0
    return switched


@kernel
def add_up(weight: Ints, validator: Ints, total: Ints) -> None:
    """Add up by validator what holders have delegated.

    Parameters
    ----------
    weight : int64[n], base units
    validator : int64[n]
    total : int64[V], base units, out
    """
    total[:] = 0
    for i in range(weight.size):
        if validator[i] >= 0:
            total[validator[i]] += weight[i]


@kernel
def pay(
    rows: tuple[int, int], bonds: Bonds, weight: Ints, validator: Ints, rate: Floats, compounding: float
) -> tuple[int, int]:
    """Pay holders in proportion to their weight, at the rate of their validator, rounded down.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    weight : int64[n], base units
    validator : int64[n]
    rate : float64[V]
        Base units per unit of weight, after commission.
    compounding : float64
        Share of a reward that is bonded at once.

    Returns
    -------
    (int64, int64)
        Base units paid, and those of them that were bonded.
    """
    paid = 0
    bonded = 0
    for i in range(rows[0], rows[1]):
        if validator[i] < 0:
            continue
        amount = int64(float64(weight[i]) * rate[validator[i]])
        at_once = min(int64(float64(amount) * compounding), amount)
        bonds.tokens[i] += amount - at_once
        bonds.staked[i] += at_once
        paid += amount
        bonded += at_once
    return paid, bonded


@kernel
def slash(rows: tuple[int, int], staked: Ints, validator: Ints, share: Floats) -> int:
    """Take from every holder the share of its stake that its validator lost, rounded down; return the sum.

    Parameters
    ----------
    rows : (int64, int64)
    staked : int64[n], base units, in/out
    validator : int64[n]
    share : float64[V]
        0 to 1.

    Returns
    -------
    int64
    """
    lost = 0
    for i in range(rows[0], rows[1]):
        if validator[i] < 0:
            continue
        amount = min(int64(float64(staked[i]) * share[validator[i]]), staked[i])
        staked[i] -= amount
        lost += amount
    return lost
