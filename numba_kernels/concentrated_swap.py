"""Swaps in a pool of concentrated liquidity: exact amounts in or out, both ways, up to a limit.

A swap moves the price from tick to tick that has liquidity and stops at the trader's limit, when the amount is used up,
or at the last tick of the table. Where there is no liquidity the price moves without trade, as it does on chain: a
trader without a limit who takes everything leaves the price at the end of the table.

In the words of the published protocol, tokens are token0 and dollars token1, SELL is `zeroForOne`, AMOUNT is
`amountSpecified`, the square root of a limit is `sqrtPriceLimitX96` / 2**96, and row k of the table of prices is tick
first + k * spacing. Liquidity is the same integer; fills are the same up to a unit for every stretch between ticks.
"""

from __future__ import annotations

import math

from catallaxy.numba_kernels.compile import Floats, IntMatrix, helper, kernel
from catallaxy.numba_kernels.concentrated_state import (
    AT,
    FEE,
    LARGEST_AMOUNT,
    LIQUIDITY,
    PENDING,
    RESERVE,
    TOKENS,
    USD,
    ConcentratedPool,
    book_fees,
    flip_outside,
)
from catallaxy.numba_kernels.concentrated_steps import fee_on_top, fee_within, step_down, step_up
from catallaxy.numba_kernels.occupancy import next_occupied, previous_occupied
from catallaxy.numba_kernels.order_columns import BUY, SELL

__all__ = ["AMOUNT", "FEE_PAID", "PAID", "RECEIVED", "SIDE", "quote", "swap", "swap_batch"]

#: Columns of a swap asked for: BUY or SELL; what is given (with the fee) if positive, what is wanted if negative.
SIDE, AMOUNT = 0, 1
#: Columns of a swap that happened: given, fee included; got; the fee.
PAID, RECEIVED, FEE_PAID = range(3)
_BEFORE, _NEXT = 1.0 - 2.0**-52, 1.0 + 2.0**-52


@helper
def _limit_root(pool: ConcentratedPool, side: int, limit: float) -> float:
    """Return the square root of a limit, inside the table and never beyond the limit when it is squared again.

    The price itself, from which there is nowhere to go, if there is no such side or the limit is none.
    """
    if side not in (BUY, SELL) or not limit >= 0.0:
        return pool.root[0]
    root, first, last = math.sqrt(limit), pool.roots[0], pool.roots[pool.roots.size - 1]
    if side == SELL:
        return max(root if root * root >= limit else root * _NEXT, first)
    return min(root if root * root <= limit else root * _BEFORE, last)


@helper
def _is_within(pool: ConcentratedPool, side: int, bound: float) -> bool:
    """Return whether the price has not yet reached a bound."""
    beyond = (pool.root[0] - bound) + pool.root[1]
    return beyond > 0.0 if side == SELL else beyond < 0.0


@helper
def _step(
    root: float, rest: float, liquidity: int, target: float, left: int, exact_in: bool, selling: bool
) -> tuple[float, float, int, int]:
    """Take one step in either direction; return the price, what comes in without fee, and what goes out."""
    if liquidity == 0:
        return target, 0.0, 0, 0
    if selling:
        return step_down(root, rest, float(liquidity), target, left, exact_in)
    return step_up(root, rest, float(liquidity), target, left, exact_in)


@helper
def _cross(pool: ConcentratedPool, tick: int, selling: bool) -> None:
    """Let the liquidity that begins or ends at a tick come or go."""
    book_fees(pool)
    flip_outside(pool, tick)
    pool.state[LIQUIDITY] += -pool.net[tick] if selling else pool.net[tick]


@helper
def _walk(
    pool: ConcentratedPool, selling: bool, amount: int, bound: float, happens: bool
) -> tuple[float, float, int, int, int, int]:
    """Follow a swap; return the price (two floats), its tick, and what is paid, got and paid as fee.

    Fees and liquidity of the pool are changed when the swap `happens`; all else is left to the caller.
    """
    state, exact_in, incoming = pool.state, amount > 0, TOKENS if selling else USD
    root, rest, at, liquidity = pool.root[0], pool.root[1], state[AT], state[LIQUIDITY]
    budget = LARGEST_AMOUNT - state[RESERVE + incoming]
    left = min(amount, budget) if exact_in else -max(amount, -LARGEST_AMOUNT)
    paid, received, fees = 0, 0, 0
    while left > 0:
        if selling:
            tick = previous_occupied(pool.words, pool.summary, at)
            target = bound if tick < 0 else max(pool.roots[tick], bound)
        else:
            tick = next_occupied(pool.words, pool.summary, at + 1)
            target = bound if tick < 0 else min(pool.roots[tick], bound)
        net = left - fee_within(left, state[FEE]) if exact_in else left
        new, new_rest, cost, got = _step(root, rest, liquidity, target, net, exact_in, selling)
        reached = new == target and new_rest == 0.0
        fee = left - net if exact_in and not reached else fee_on_top(cost, state[FEE])
        if cost > budget - paid - fee:
            break
        left -= cost + fee if exact_in else got
        root, rest, paid, received, fees = new, new_rest, paid + cost + fee, received + got, fees + fee
        if happens:
            state[PENDING + incoming] += fee
        if reached:
            if tick < 0 or target != pool.roots[tick]:
                break
            liquidity += -pool.net[tick] if selling else pool.net[tick]
            at = tick - 1 if selling else tick
            if happens:
                _cross(pool, tick, selling)
    return root, rest, at, paid, received, fees


@helper
def _carry_out(pool: ConcentratedPool, side: int, amount: int, limit: float) -> tuple[int, int, int]:
    """Swap; return what is paid, got and paid as fee."""
    bound, selling = _limit_root(pool, side, limit), side == SELL
    if not _is_within(pool, side, bound):
        return 0, 0, 0
    root, rest, at, paid, received, fees = _walk(pool, selling, amount, bound, True)
    state = pool.state
    pool.root[0], pool.root[1], state[AT] = root, rest, at
    state[RESERVE + TOKENS] += paid if selling else -received
    state[RESERVE + USD] += -received if selling else paid
    return paid, received, fees


@kernel
def swap(pool: ConcentratedPool, side: int, amount: int, limit: float) -> tuple[int, int, int]:
    """Swap once; see `swap_batch`.

    Parameters
    ----------
    pool : ConcentratedPool, in/out
    side : int64
        BUY: dollars for tokens; SELL: tokens for dollars.
    amount : int64
        What is given, fee included, if positive; what is wanted, if negative.
    limit : float64, micro-USD per base unit
        The swap stops before the marginal price is beyond it: infinity for a buyer and 0 for a seller who take any.

    Returns
    -------
    (int64, int64, int64)
        Given (fee included), got, fee.
    """
    return _carry_out(pool, side, amount, limit)


@kernel
def quote(pool: ConcentratedPool, side: int, amount: int, limit: float) -> tuple[int, int, int]:
    """Return what `swap` would return, without changing the pool.

    Parameters
    ----------
    pool : ConcentratedPool, in
    side : int64
    amount : int64
    limit : float64, micro-USD per base unit

    Returns
    -------
    (int64, int64, int64)
        Given (fee included), got, fee.
    """
    bound = _limit_root(pool, side, limit)
    if not _is_within(pool, side, bound):
        return 0, 0, 0
    found = _walk(pool, side == SELL, amount, bound, False)
    return found[3], found[4], found[5]


@kernel
def swap_batch(pool: ConcentratedPool, swaps: IntMatrix, limits: Floats, fills: IntMatrix) -> None:
    """Carry out swaps one after the other.

    A swap is filled as far as its limit, the liquidity and LARGEST_AMOUNT of what comes in allow. A side that is
    neither BUY nor SELL, an amount of 0, and a limit that is negative or not a number give a fill of nothing.

    Parameters
    ----------
    pool : ConcentratedPool, in/out
    swaps : int64[n, 2]
        SIDE (BUY, SELL) and AMOUNT: what is given, fee included, if positive; what is wanted, if negative.
    limits : float64[n], micro-USD per base unit
        Marginal price that the swap must not go beyond.
    fills : int64[n, 3], out
        PAID (fee included) and RECEIVED, base units or micro-USD; FEE_PAID, in what is paid.
    """
    for row in range(swaps.shape[0]):
        paid, received, fee = _carry_out(pool, swaps[row, SIDE], swaps[row, AMOUNT], limits[row])
        fills[row, PAID] = paid
        fills[row, RECEIVED] = received
        fills[row, FEE_PAID] = fee
