"""The state of a pool of concentrated liquidity, and the fees that its positions have earned.

Liquidity lies in ranges between ticks (Adams, Zinsmeister, Salem, Keefer and Robinson 2021, "Uniswap v3 Core"). With
liquidity L and S the square root of the price (micro-USD per base unit), moving from S to S' puts L (S' - S) dollars
into the pool and takes L (1/S - 1/S') tokens out. Amounts and liquidity are integers, so that liquidity is exactly 0
again when all ranges are closed. S is the sum of two floats, `root` and what it lacks: one float alone could not tell
the price before a small trade in a deep pool from the price after it. What traders pay is rounded up and what they get
is rounded down after a relative margin above the error of the formulas, so the reserves always cover every position
and every fee owed; the difference stays in the pool.

Fees gather until liquidity changes. They are then divided by it and added to the fees per unit of liquidity, a number
in fixed point (`WHOLE` + `PART` / 2**62) whose sums and differences are exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.occupancy import Words, is_occupied, words_for

__all__ = [
    "AT",
    "DOWN",
    "FEE",
    "FREE",
    "GROWTH",
    "LARGEST_AMOUNT",
    "LARGEST_LIQUIDITY",
    "LIQUIDITY",
    "LOWER",
    "MILLION",
    "OWED",
    "OWN_LIQUIDITY",
    "PENDING",
    "POSITION_COLUMNS",
    "PROTOCOL",
    "PROTOCOL_PART",
    "RESERVE",
    "SEEN",
    "STATE",
    "TOKENS",
    "TOTAL",
    "UP",
    "UPPER",
    "USD",
    "ConcentratedPool",
    "book_fees",
    "flip_outside",
    "growth_inside",
    "growth_now",
    "growth_since",
    "locate",
    "open_pool",
    "round_down",
    "round_up",
]

#: The two assets: base units of the token, micro-USD.
TOKENS, USD = 0, 1
#: Scalars of a pool: tick at or below the price; liquidity at the price; liquidity of all positions; trading fee, parts
#: per million of what a trader pays; 1/n of the fees goes to the protocol (0: nothing); first free position.
AT, LIQUIDITY, TOTAL, FEE, PROTOCOL_PART, FREE = range(6)
#: Then by asset (TOKENS, USD): what the pool holds; fees since liquidity last changed; fees owed to the protocol; and
#: two numbers each: fees ever earned per unit of liquidity.
RESERVE, PENDING, PROTOCOL, GROWTH = 6, 8, 10, 12
STATE = 16

#: Columns of a position: its ticks (LOWER is -1 and UPPER the next free one when there is no position); its liquidity;
#: by asset, fees owed, and two numbers each: fees per unit of liquidity inside its range when it last changed.
LOWER, UPPER, OWN_LIQUIDITY, OWED, SEEN = 0, 1, 2, 3, 5
POSITION_COLUMNS = 9

#: Most of one asset that a pool holds, and most liquidity of all its positions.
LARGEST_AMOUNT = 2**62 - 1
LARGEST_LIQUIDITY = 2**60
MILLION = 1_000_000

#: Relative margins: 32 roundings of half a unit in the last place; the longest formula needs 9, and up to twice that
#: where the price falls by three quarters.
DOWN, UP = 1.0 - 2.0**-48, 1.0 + 2.0**-48
_TOO_LARGE = float(LARGEST_AMOUNT + 1)
_PART_BITS = 62
_PART_MASK = 2**_PART_BITS - 1
_PARTS = 2.0**62


class ConcentratedPool(NamedTuple):
    """Concentrated liquidity in one token against dollars.

    Attributes
    ----------
    roots : float64[K]
        Square root of the price at each tick, increasing.
    net : int64[K]
        Liquidity that begins less liquidity that ends at each tick.
    gross : int64[K]
        Liquidity that begins or ends at each tick.
    outside : int64[K, 4]
        Fees per unit of liquidity on the side of the tick where the price is not; of used ticks only.
    words, summary : uint64[W], uint64[V]
        Ticks where liquidity begins or ends.
    root : float64[2]
        Square root of the price, and what this float lacks.
    state : int64[16]
        Scalars, by the names of this module.
    positions : int64[P, 9]
        Positions by number, by the columns of this module.
    """

    roots: Floats
    net: Ints
    gross: Ints
    outside: IntMatrix
    words: Words
    summary: Words
    root: Floats
    state: Ints
    positions: IntMatrix


@kernel
def open_pool(roots: Floats, root: float, fee: int, protocol_part: int, room: int) -> ConcentratedPool:
    """Allocate a pool without liquidity; everything else works inside what this allocates.

    Parameters
    ----------
    roots : float64[K], in
        Square root of the price at each tick, positive and increasing; kept, not copied.
    root : float64
        Square root of the first price, micro-USD per base unit; limited to the first and last tick.
    fee : int64
        Parts per million of what a trader pays, from 0 to 500,000.
    protocol_part : int64
        One in this many of the fees is the protocol's; 0 for none.
    room : int64
        Positions that can be open.

    Returns
    -------
    ConcentratedPool
    """
    ticks = roots.size
    n_words = words_for(ticks)
    pool = ConcentratedPool(
        roots,
        np.zeros(ticks, np.int64),
        np.zeros(ticks, np.int64),
        np.zeros((ticks, 4), np.int64),
        np.zeros(n_words, np.uint64),
        np.zeros(words_for(n_words), np.uint64),
        np.zeros(2, np.float64),
        np.zeros(STATE, np.int64),
        np.zeros((room, POSITION_COLUMNS), np.int64),
    )
    pool.root[0] = min(max(root, roots[0]), roots[ticks - 1])
    pool.state[FEE] = fee
    pool.state[PROTOCOL_PART] = protocol_part
    for position in range(room):
        pool.positions[position, LOWER] = -1
        pool.positions[position, UPPER] = position + 1
    locate(pool)
    return pool


@helper
def round_down(amount: float) -> int:
    """Return the largest integer that is certainly not above an amount which is not negative."""
    return int(amount * DOWN)


@helper
def round_up(amount: float) -> int:
    """Return the smallest integer that is certainly not below an amount, at most one more than LARGEST_AMOUNT."""
    certain = amount * UP
    if certain >= _TOO_LARGE:
        return LARGEST_AMOUNT + 1
    whole = int(certain)
    return whole + 1 if whole < certain else whole


@helper
def locate(pool: ConcentratedPool) -> None:
    """Set the tick at or below the price, which trades keep only as near as their ticks with liquidity need it.

    A tick that the price has just fallen to and crossed counts as above it.
    """
    roots, root, rest = pool.roots, pool.root[0], pool.root[1]
    low, high = 0, roots.size
    while high - low > 1:
        middle = (low + high) >> 1
        if roots[middle] < root or (roots[middle] == root and rest >= 0.0):
            low = middle
        else:
            high = middle
    if pool.state[AT] < low and is_occupied(pool.words, low):
        low -= 1
    pool.state[AT] = low


@helper
def growth_now(pool: ConcentratedPool, asset: int) -> tuple[int, int]:
    """Return the fees ever earned per unit of liquidity, the pending ones included."""
    state = pool.state
    whole, part = state[GROWTH + 2 * asset], state[GROWTH + 2 * asset + 1]
    pending, liquidity = state[PENDING + asset], state[LIQUIDITY]
    if pending > 0 and liquidity > 0:
        if state[PROTOCOL_PART] > 0:
            pending -= pending // state[PROTOCOL_PART]
        earned = float(pending) / float(liquidity) * DOWN
        units = int(earned)
        part += int((earned - float(units)) * _PARTS)
        whole += units + (part >> _PART_BITS)
        part &= _PART_MASK
    return whole, part


@helper
def book_fees(pool: ConcentratedPool) -> None:
    """Divide the pending fees between the protocol and the liquidity that earned them."""
    state = pool.state
    if state[PENDING + TOKENS] | state[PENDING + USD] == 0:
        return
    for asset in range(2):
        whole, part = growth_now(pool, asset)
        if state[PROTOCOL_PART] > 0:
            state[PROTOCOL + asset] += state[PENDING + asset] // state[PROTOCOL_PART]
        state[GROWTH + 2 * asset] = whole
        state[GROWTH + 2 * asset + 1] = part
        state[PENDING + asset] = 0


@helper
def growth_since(whole: int, part: int, whole_off: int, part_off: int) -> tuple[int, int]:
    """Return the difference of two numbers of fees per unit of liquidity."""
    part -= part_off
    return whole - whole_off + (part >> _PART_BITS), part & _PART_MASK


@helper
def flip_outside(pool: ConcentratedPool, tick: int) -> None:
    """Let what was outside of a tick be the other side, as the price crosses it; fees are booked before."""
    for column in range(0, 4, 2):
        whole, part = growth_since(
            pool.state[GROWTH + column],
            pool.state[GROWTH + column + 1],
            pool.outside[tick, column],
            pool.outside[tick, column + 1],
        )
        pool.outside[tick, column] = whole
        pool.outside[tick, column + 1] = part


@helper
def growth_inside(pool: ConcentratedPool, lower: int, upper: int, asset: int) -> tuple[int, int]:
    """Return the fees per unit of liquidity earned between two used ticks."""
    outside, column, at = pool.outside, 2 * asset, pool.state[AT]
    whole, part = growth_now(pool, asset)
    below, below_part = outside[lower, column], outside[lower, column + 1]
    above, above_part = outside[upper, column], outside[upper, column + 1]
    if at < lower:
        whole, part = growth_since(below, below_part, above, above_part)
    elif at >= upper:
        whole, part = growth_since(above, above_part, below, below_part)
    else:
        whole, part = growth_since(whole, part, below, below_part)
        whole, part = growth_since(whole, part, above, above_part)
    return whole, part
