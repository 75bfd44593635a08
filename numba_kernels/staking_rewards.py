"""Who shares in staking rewards, and by how much: effective balances, lock weights, random stakers, compounding."""

from __future__ import annotations

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Floats, Ints, helper, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.staking import Bonds

__all__ = ["draw_stakers", "effective", "escrowed", "multiplied", "pay_drawn", "pay_pro_rata"]


@helper
def _counted(staked: int, bounds: tuple[int, int]) -> int:
    """Return what counts of a stake: nothing below the minimum, and no more than the cap."""
    return 0 if staked < bounds[0] else min(staked, bounds[1])


@kernel
def effective(rows: tuple[int, int], staked: Ints, bounds: tuple[int, int], weight: Ints) -> int:
    """Write what counts of every stake; return the sum.

    Parameters
    ----------
    rows : (int64, int64)
    staked : int64[n], base units
    bounds : (int64, int64), base units
        Stakes below the first count for nothing; what is above the second does not count.
    weight : int64[n], base units, out

    Returns
    -------
    int64
    """
    total = 0
    for i in range(rows[0], rows[1]):
        weight[i] = _counted(staked[i], bounds)
        total += weight[i]
    return total


@kernel
def multiplied(rows: tuple[int, int], staked: Ints, bounds: tuple[int, int], multiple: Floats, weight: Ints) -> int:
    """Write what counts of every stake times its holder's multiplier, rounded down; return the sum.

    Parameters
    ----------
    rows : (int64, int64)
    staked : int64[n], base units
    bounds : (int64, int64), base units
        As in `effective`.
    multiple : float64[n]
        0 to 4.
    weight : int64[n], base units, out

    Returns
    -------
    int64
    """
    total = 0
    for i in range(rows[0], rows[1]):
        weight[i] = int64(float64(_counted(staked[i], bounds)) * multiple[i])
        total += weight[i]
    return total


@kernel
def escrowed(
    rows: tuple[int, int], staked: Ints, bounds: tuple[int, int], until: Ints, clock: tuple[int, int], weight: Ints
) -> int:
    """Write what counts of every stake times the rest of its lock over the longest lock; return the sum.

    Parameters
    ----------
    rows : (int64, int64)
    staked : int64[n], base units
    bounds : (int64, int64), base units
        As in `effective`.
    until : int64[n], step
        Step at which each lock ends.
    clock : (int64, int64), step
        The step, and the length of the longest lock.
    weight : int64[n], base units, out

    Returns
    -------
    int64
    """
    step, longest = clock
    total = 0
    for i in range(rows[0], rows[1]):
        rest = min(max(until[i] - step, 0), longest)
        weight[i] = int64(float64(_counted(staked[i], bounds)) * (float64(rest) / float64(longest)))
        total += weight[i]
    return total


@kernel
def draw_stakers(key: U64, order: Ints, weight: Ints, blocks: tuple[int, int], running: Ints, drawn: Ints) -> int:
    """Draw one staker per block, each with a chance in proportion to its weight; return the sum of the weights.

    Parameters
    ----------
    key : uint64
        Block b draws under this key and b.
    order : int64[n]
        Rows in the order of identifiers, so that the order of rows does not matter.
    weight : int64[n]
        Not negative; the sum stays below 2**62.
    blocks : (int64, int64)
        The first block and the number of blocks.
    running : int64[n], scratch
    drawn : int64[n], out
        How often each was drawn; never, where all weights are 0.

    Returns
    -------
    int64
    """
    total = 0
    drawn[:] = 0
    for j in range(order.size):
        total += weight[order[j]]
        running[j] = total
    if total == 0:
        return 0
    for block in range(blocks[0], blocks[0] + blocks[1]):
        ticket = min(int64(uniform(agent_bits(key, block)) * float64(total)), total - 1)
        low, high = 0, order.size - 1
        while low < high:
            middle = (low + high) // 2
            if running[middle] > ticket:
                high = middle
            else:
                low = middle + 1
        drawn[order[low]] += 1
    return total


@helper
def _book(bonds: Bonds, i: int, amount: int, compounding: float) -> int:
    """Give a reward to one holder; return the part of it that was bonded at once."""
    bonded = min(int64(float64(amount) * compounding), amount)
    bonds.tokens[i] += amount - bonded
    bonds.staked[i] += bonded
    return bonded


@kernel
def pay_pro_rata(rows: tuple[int, int], bonds: Bonds, weight: Ints, rate: float, compounding: float) -> tuple[int, int]:
    """Pay every holder in proportion to its weight, rounded down.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    weight : int64[n]
    rate : float64
        Base units per unit of weight.
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
        amount = int64(float64(weight[i]) * rate)
        bonded += _book(bonds, i, amount, compounding)
        paid += amount
    return paid, bonded


@kernel
def pay_drawn(rows: tuple[int, int], bonds: Bonds, drawn: Ints, reward: int, compounding: float) -> tuple[int, int]:
    """Pay the reward of a block to whoever was drawn for it.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    drawn : int64[n]
        How often each was drawn.
    reward : int64, base units
        Of one block.
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
        amount = drawn[i] * reward
        bonded += _book(bonds, i, amount, compounding)
        paid += amount
    return paid, bonded
