"""Positions in a pool of concentrated liquidity: opening, adding, removing, and collecting fees.

A position is liquidity between two ticks. Its owner gives tokens and dollars for it as the price stands, rounded up,
gets them back as the price stands then, rounded down, and collects the fees that were paid while the price was inside.
Who owns a position is the caller's to know.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import helper, kernel
from catallaxy.numba_kernels.concentrated_state import (
    AT,
    FREE,
    GROWTH,
    LARGEST_AMOUNT,
    LARGEST_LIQUIDITY,
    LIQUIDITY,
    LOWER,
    OWED,
    OWN_LIQUIDITY,
    PROTOCOL,
    RESERVE,
    SEEN,
    TOKENS,
    TOTAL,
    UPPER,
    USD,
    ConcentratedPool,
    book_fees,
    growth_inside,
    locate,
    round_down,
    round_up,
)
from catallaxy.numba_kernels.concentrated_worth import content, fees_earned, is_open
from catallaxy.numba_kernels.occupancy import occupy, vacate

__all__ = [
    "BAD_LIQUIDITY",
    "BAD_RANGE",
    "DONE",
    "NO_ROOM",
    "NO_SUCH_POSITION",
    "REASONS",
    "TOO_LARGE",
    "add_liquidity",
    "collect",
    "collect_protocol",
    "open_position",
    "remove_liquidity",
]

#: How an operation ended.
DONE, NO_SUCH_POSITION, BAD_RANGE, BAD_LIQUIDITY, TOO_LARGE, NO_ROOM = range(6)
#: The same in words, by code.
REASONS = (
    "done",
    "no such position is open",
    "the ticks are not in increasing order inside the table",
    "liquidity is zero, negative, or more than the position has",
    "the pool would hold more than its largest amount or liquidity",
    "the pool has no room for another position",
)


@helper
def _bring_up_to_date(pool: ConcentratedPool, position: int) -> None:
    """Credit a position with its fees; its ticks are in use if it has liquidity."""
    own = pool.positions
    book_fees(pool)
    for asset in range(2):
        own[position, OWED + asset] += fees_earned(pool, position, asset)
        whole, part = growth_inside(pool, own[position, LOWER], own[position, UPPER], asset)
        own[position, SEEN + 2 * asset] = whole
        own[position, SEEN + 2 * asset + 1] = part


@helper
def _put_on_tick(pool: ConcentratedPool, tick: int, liquidity: int, begins: bool) -> None:
    """Let liquidity begin or end at a tick; negative liquidity is taken away."""
    if pool.gross[tick] == 0:
        occupy(pool.words, pool.summary, tick)
        for column in range(4):
            pool.outside[tick, column] = pool.state[GROWTH + column] if pool.state[AT] >= tick else 0
    pool.gross[tick] += liquidity
    pool.net[tick] += liquidity if begins else -liquidity
    if pool.gross[tick] == 0:
        vacate(pool.words, pool.summary, tick)


@helper
def _change(pool: ConcentratedPool, position: int, liquidity: int) -> None:
    """Add liquidity to a position, or take it away where negative."""
    lower, upper = pool.positions[position, LOWER], pool.positions[position, UPPER]
    locate(pool)
    book_fees(pool)
    if liquidity > 0:
        _put_on_tick(pool, lower, liquidity, True)
        _put_on_tick(pool, upper, liquidity, False)
    _bring_up_to_date(pool, position)
    if liquidity < 0:
        _put_on_tick(pool, lower, liquidity, True)
        _put_on_tick(pool, upper, liquidity, False)
    pool.positions[position, OWN_LIQUIDITY] += liquidity
    pool.state[TOTAL] += liquidity
    if lower <= pool.state[AT] < upper:
        pool.state[LIQUIDITY] += liquidity


@kernel
def open_position(pool: ConcentratedPool, lower: int, upper: int) -> tuple[int, int]:
    """Open a position without liquidity.

    Parameters
    ----------
    pool : ConcentratedPool, in/out
    lower, upper : int64
        Ticks, rows of the table of prices.

    Returns
    -------
    (int64, int64)
        DONE, BAD_RANGE or NO_ROOM; the number of the position, or -1.
    """
    if not 0 <= lower < upper < pool.roots.size:
        return BAD_RANGE, -1
    position = pool.state[FREE]
    if position == pool.positions.shape[0]:
        return NO_ROOM, -1
    pool.state[FREE] = pool.positions[position, UPPER]
    for column in range(pool.positions.shape[1]):
        pool.positions[position, column] = 0
    pool.positions[position, LOWER] = lower
    pool.positions[position, UPPER] = upper
    return DONE, position


@kernel
def add_liquidity(pool: ConcentratedPool, position: int, liquidity: int) -> tuple[int, int, int]:
    """Add liquidity to a position.

    Parameters
    ----------
    pool : ConcentratedPool, in/out
    position : int64
    liquidity : int64
        More than 0.

    Returns
    -------
    (int64, int64, int64)
        DONE or why nothing happened (NO_SUCH_POSITION, BAD_LIQUIDITY, TOO_LARGE); base units and micro-USD to give.
    """
    if not is_open(pool, position):
        return NO_SUCH_POSITION, 0, 0
    if liquidity <= 0:
        return BAD_LIQUIDITY, 0, 0
    state = pool.state
    if liquidity > LARGEST_LIQUIDITY - state[TOTAL]:
        return TOO_LARGE, 0, 0
    unit = content(pool, pool.positions[position, LOWER], pool.positions[position, UPPER])
    tokens, usd = round_up(float(liquidity) * unit[0]), round_up(float(liquidity) * unit[1])
    if max(state[RESERVE + TOKENS] + tokens, state[RESERVE + USD] + usd) > LARGEST_AMOUNT:
        return TOO_LARGE, 0, 0
    _change(pool, position, liquidity)
    state[RESERVE + TOKENS] += tokens
    state[RESERVE + USD] += usd
    return DONE, tokens, usd


@kernel
def remove_liquidity(pool: ConcentratedPool, position: int, liquidity: int) -> tuple[int, int, int]:
    """Take liquidity out of a position; its fees stay owed until they are collected.

    Parameters
    ----------
    pool : ConcentratedPool, in/out
    position : int64
    liquidity : int64
        More than 0, at most what the position has.

    Returns
    -------
    (int64, int64, int64)
        DONE or why nothing happened (NO_SUCH_POSITION, BAD_LIQUIDITY); base units and micro-USD that the owner gets.
    """
    if not is_open(pool, position):
        return NO_SUCH_POSITION, 0, 0
    if not 0 < liquidity <= pool.positions[position, OWN_LIQUIDITY]:
        return BAD_LIQUIDITY, 0, 0
    unit = content(pool, pool.positions[position, LOWER], pool.positions[position, UPPER])
    tokens, usd = round_down(float(liquidity) * unit[0]), round_down(float(liquidity) * unit[1])
    _change(pool, position, -liquidity)
    pool.state[RESERVE + TOKENS] -= tokens
    pool.state[RESERVE + USD] -= usd
    return DONE, tokens, usd


@kernel
def collect(pool: ConcentratedPool, position: int) -> tuple[int, int, int]:
    """Pay out the fees of a position; without liquidity it is closed then, and its number is free for another one.

    Parameters
    ----------
    pool : ConcentratedPool, in/out
    position : int64

    Returns
    -------
    (int64, int64, int64)
        DONE or NO_SUCH_POSITION; base units and micro-USD that the owner gets.
    """
    if not is_open(pool, position):
        return NO_SUCH_POSITION, 0, 0
    own, state = pool.positions, pool.state
    if own[position, OWN_LIQUIDITY] > 0:
        _bring_up_to_date(pool, position)
    tokens, usd = own[position, OWED + TOKENS], own[position, OWED + USD]
    state[RESERVE + TOKENS] -= tokens
    state[RESERVE + USD] -= usd
    own[position, OWED + TOKENS] = 0
    own[position, OWED + USD] = 0
    if own[position, OWN_LIQUIDITY] == 0:
        own[position, LOWER] = -1
        own[position, UPPER] = state[FREE]
        state[FREE] = position
    return DONE, tokens, usd


@kernel
def collect_protocol(pool: ConcentratedPool) -> tuple[int, int]:
    """Pay out the protocol's part of the fees; return base units and micro-USD."""
    state = pool.state
    book_fees(pool)
    tokens, usd = state[PROTOCOL + TOKENS], state[PROTOCOL + USD]
    for asset in range(2):
        state[RESERVE + asset] -= state[PROTOCOL + asset]
        state[PROTOCOL + asset] = 0
    return tokens, usd
