"""From the decisions of agents to messages for a market: limits, lots, and the order in which they arrive.

What an agent hands over is an amount, dollars to spend or tokens to sell. Its limit is its own, or drawn around a
reference price: p = reference * exp(side * tolerance * e) with e exponentially distributed with mean one, so that the
quantity bid falls, and the quantity offered rises, by a factor of e**(1 / tolerance) per unit of the log price.
Messages arrive in random order, by a draw that belongs to the agent: rows of a population have no order of their own.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import float64, int64, uint64

from catallaxy.numba_kernels.compile import U64, Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import exp, log
from catallaxy.numba_kernels.order_columns import (
    AGENT,
    BUY,
    COLUMNS,
    EXPIRY,
    KIND,
    LARGEST_LOTS,
    LIMIT,
    LOTS,
    ORDER,
    REFERENCE,
    SELL,
    SIDE,
    TICK,
)
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.settlement import fee_on

__all__ = ["Keys", "Lot", "Terms", "arrange", "write_orders"]

Keys: TypeAlias = npt.NDArray[np.uint64]

_SHIFT = np.uint64(32)


class Lot(NamedTuple):
    """What a market trades in.

    Attributes
    ----------
    tick_value : int64, micro-USD per lot
        What one tick is worth.
    size : int64, base units
        Tokens in a lot.
    fee : int64, millionths of the value
        What a taker pays.
    ticks : int64
        Ticks of the price band; the lowest price is tick 1.
    """

    tick_value: int
    size: int
    fee: int
    ticks: int


class Terms(NamedTuple):
    """How orders without a limit of their own are written.

    Attributes
    ----------
    reference : float64, ticks
        Price that limits are drawn around.
    tolerance : float64, 1
        Mean log distance of a limit from the reference.
    expiry : int64, step
        First step on which the order is gone; 0 for none.
    first : int64
        Account of the agent with identifier 0.
    limit_key, arrival_key : uint64
        Step keys of both draws.
    """

    reference: float
    tolerance: float
    expiry: int
    first: int
    limit_key: U64
    arrival_key: U64


@helper
def _tick(price: float, side: int, ticks: int) -> int:
    """Return the worst tick that a limit allows; one outside the band when the band does not reach it."""
    if side == BUY:
        return -1 if price < 1.0 else int64(math.floor(min(price, float64(ticks - 1))))
    return ticks if price > float64(ticks - 1) else int64(math.ceil(max(price, 1.0)))


@helper
def _lots(amount: int, tick: int, lot: Lot) -> int:
    """Return the lots that an amount pays for at worst, fee included, or has to sell."""
    if amount < 0:
        return min(-amount // lot.size, LARGEST_LOTS)
    value = max(tick, 1) * lot.tick_value
    return min(amount // (value + fee_on(value, lot.fee)), LARGEST_LOTS)


@kernel
def write_orders(
    terms: Terms, lot: Lot, ids: Ints, part: Ints, limit: Floats, staged: IntMatrix, keys: Keys, n: int
) -> tuple[int, int, int]:
    """Write limit orders for what agents hand over, behind those that are written already.

    What is worth less than a lot is not written. A buyer's lots times his limit, and the fee on that, never exceed what
    he hands over, however many trades he gets.

    Parameters
    ----------
    terms : Terms
    lot : Lot
    ids : int64[m]
        Identifiers of the agents.
    part : int64[m]
        Micro-USD to spend if positive, base units to sell if negative; their size below 2**62.
    limit : float64[m], ticks
        Limit of the agent's own; drawn where it is not positive.
    staged : int64[s, 8], out
        Messages; `REFERENCE` is -1 - (row of `part`). Rows from `n` on must suffice.
    keys : uint64[s], out
        When they arrive.
    n : int64
        Rows of `staged` that are written already.

    Returns
    -------
    (int64, int64, int64)
        Rows written now, micro-USD and base units handed over.
    """
    bid, offered = 0, 0
    for i in range(part.size):
        amount = part[i]
        if amount == 0:
            continue
        side = BUY if amount > 0 else SELL
        bid += max(amount, 0)
        offered += max(-amount, 0)
        price = limit[i]
        if not price > 0.0:
            distance = -terms.tolerance * log(uniform(agent_bits(terms.limit_key, ids[i])))
            price = terms.reference * exp(side * distance)
        tick = _tick(price, side, lot.ticks)
        lots = _lots(amount, tick, lot)
        if lots < 1:
            continue
        staged[n, KIND] = LIMIT
        staged[n, SIDE] = side
        staged[n, TICK] = tick
        staged[n, LOTS] = lots
        staged[n, AGENT] = terms.first + ids[i]
        staged[n, EXPIRY] = terms.expiry
        staged[n, ORDER] = 0
        staged[n, REFERENCE] = -1 - i
        keys[n] = agent_bits(terms.arrival_key, ids[i])
        n += 1
    return n, bid, offered


@kernel
def arrange(staged: IntMatrix, keys: Keys, n: int, starts: Ints, rows: Ints, messages: IntMatrix, first: int) -> None:
    """Copy messages in the order of their keys, earlier rows first among equals.

    Keys are random, so a bucket per message holds one on average and the time is linear.

    Parameters
    ----------
    staged : int64[s, 8]
    keys : uint64[s]
    n : int64
        Rows that count.
    starts : int64[t], scratch
        At least n + 1.
    rows : int64[s], scratch
    messages : int64[m, 8], out
    first : int64
        Row of `messages` that the first one goes to.
    """
    starts[: n + 1] = 0
    for i in range(n):
        starts[int64(((keys[i] >> _SHIFT) * uint64(n)) >> _SHIFT) + 1] += 1
    for bucket in range(n):
        starts[bucket + 1] += starts[bucket]
    for i in range(n):
        bucket = int64(((keys[i] >> _SHIFT) * uint64(n)) >> _SHIFT)
        rows[starts[bucket]] = i
        starts[bucket] += 1
    for i in range(1, n):
        row, j = rows[i], i
        while j > 0 and keys[rows[j - 1]] > keys[row]:
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row
    for i in range(n):
        for column in range(COLUMNS):
            messages[first + i, column] = staged[rows[i], column]
