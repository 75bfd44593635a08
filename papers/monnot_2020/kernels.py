"""Users who buy block space at a base fee and a tip, block after block."""

from __future__ import annotations

from typing import NamedTuple

from numba import float64

from catallaxy.numba_kernels.base_fee import next_base_fee
from catallaxy.numba_kernels.compile import U64, Floats, IntMatrix, helper, kernel
from catallaxy.numba_kernels.elementary import log
from catallaxy.numba_kernels.random import agent_bits, uniform

__all__ = ["UNIT", "Demand", "Space", "sell_blocks"]

#: Base units per unit of price.
UNIT = 10**9
_INCLUDED = -1.0


class Demand(NamedTuple):
    """Users per block, the highest value and cost per block of waiting, how long they expect to wait, and their tip."""

    arrivals: float
    highest_value: float
    highest_cost: float
    wait: float
    tip: float


class Space(NamedTuple):
    """Gas limit of a block, gas of a transaction, limit over target, inverse of the largest step, and the first fee."""

    limit: int
    gas: int
    elasticity: int
    denominator: int
    first_fee: int


@helper
def _arrive(key: U64, demand: Demand, fee: float, waiting: Floats, n: int) -> int:
    """Let the users of one block come, and add to the pool what those who gain are ready to pay; return its length.

    One more than fits is returned where the pool overflows.
    """
    time = -log(uniform(agent_bits(key, 0))) / demand.arrivals
    draw = 1
    while time < 1.0:
        value = demand.highest_value * uniform(agent_bits(key, draw))
        most = value - demand.wait * demand.highest_cost * uniform(agent_bits(key, draw + 1))
        if most - (fee + demand.tip) > 0.0:
            if n == waiting.size:
                return n + 1
            waiting[n] = most
            n += 1
        time -= log(uniform(agent_bits(key, draw + 2))) / demand.arrivals
        draw += 3
    return n


@helper
def _include(least: float, waiting: Floats, n: int, room: int) -> int:
    """Include those who pay at least so much, in the order of arrival, while there is room; return how many."""
    taken = 0
    for i in range(n):
        if taken < room and waiting[i] >= least:
            waiting[i] = _INCLUDED
            taken += 1
    return taken


@kernel
def sell_blocks(key: U64, demand: Demand, space: Space, waiting: Floats, fees: IntMatrix, used: IntMatrix) -> int:
    """Sell block after block in independent runs, each of which begins with an empty pool and the first fee.

    Miners take those who pay the whole tip first, then those who pay a part of it; the others stay in the pool.

    Parameters
    ----------
    key : uint64
        Run r and block b draw under this key, r and b.
    demand : Demand
    space : Space
    waiting : float64[capacity], scratch
        The pool: what each transaction pays at most.
    fees : int64[runs, blocks], 1e-9 of the unit of price, out
        Base fee of each block.
    used : int64[runs, blocks], gas, out

    Returns
    -------
    int64
        The longest pool; one more than `waiting` holds where it overflowed, and then the rest is not written.
    """
    room, longest = space.limit // space.gas, 0
    for run in range(fees.shape[0]):
        own, n, base_fee = agent_bits(key, run), 0, space.first_fee
        for block in range(fees.shape[1]):
            fee = float64(base_fee) / float64(UNIT)
            n = _arrive(agent_bits(own, block), demand, fee, waiting, n)
            longest = max(longest, n)
            if n > waiting.size:
                return n
            taken = _include(fee + demand.tip, waiting, n, room)
            taken += _include(fee, waiting, n, room - taken)
            left = 0
            for i in range(n):
                waiting[left] = waiting[i]
                left += 1 if waiting[i] != _INCLUDED else 0
            n = left
            fees[run, block], used[run, block] = base_fee, taken * space.gas
            base_fee = next_base_fee(base_fee, used[run, block], space.limit, space.elasticity, space.denominator)
    return longest
