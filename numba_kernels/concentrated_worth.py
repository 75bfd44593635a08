"""What a pool of concentrated liquidity, and a position in it, are worth; nothing here changes the pool."""

from __future__ import annotations

import math

from catallaxy.numba_kernels.compile import helper, kernel
from catallaxy.numba_kernels.concentrated_state import (
    AT,
    LARGEST_LIQUIDITY,
    LIQUIDITY,
    LOWER,
    OWED,
    OWN_LIQUIDITY,
    SEEN,
    TOKENS,
    TOTAL,
    UPPER,
    USD,
    ConcentratedPool,
    growth_inside,
    growth_since,
    round_down,
)
from catallaxy.numba_kernels.occupancy import next_occupied, previous_occupied

__all__ = ["content", "depth", "fees_earned", "is_open", "liquidity_for", "marginal_price", "worth"]

_PART_WEIGHT = 2.0**-62
#: Leaves room for the margins with which amounts are rounded up.
_SPARE = 1.0 - 2.0**-46


@helper
def content(pool: ConcentratedPool, lower: int, upper: int) -> tuple[float, float]:
    """Return the tokens and dollars in one unit of liquidity between two ticks as the price stands."""
    low, high, root, rest = pool.roots[lower], pool.roots[upper], pool.root[0], pool.root[1]
    above, below = (high - root) - rest, (root - low) + rest
    if below <= 0.0:
        return (high - low) / (low * high), 0.0
    if above <= 0.0:
        return 0.0, high - low
    return above / (root * high), below


@helper
def is_open(pool: ConcentratedPool, position: int) -> bool:
    """Return whether a position of this number is open."""
    return 0 <= position < pool.positions.shape[0] and pool.positions[position, LOWER] >= 0


@helper
def fees_earned(pool: ConcentratedPool, position: int, asset: int) -> int:
    """Return the fees of a position in one asset since it was last brought up to date."""
    own, column = pool.positions, SEEN + 2 * asset
    liquidity = own[position, OWN_LIQUIDITY]
    if liquidity == 0:
        return 0
    whole, part = growth_inside(pool, own[position, LOWER], own[position, UPPER], asset)
    whole, part = growth_since(whole, part, own[position, column], own[position, column + 1])
    return round_down(float(liquidity) * (float(whole) + float(part) * _PART_WEIGHT))


@kernel
def worth(pool: ConcentratedPool, position: int) -> tuple[int, int, int, int]:
    """Return what a position would pay out, without changing the pool.

    Parameters
    ----------
    pool : ConcentratedPool, in
    position : int64

    Returns
    -------
    (int64, int64, int64, int64)
        Base units and micro-USD of its liquidity; base units and micro-USD of fees. Nothing if it is not open.
    """
    if not is_open(pool, position):
        return 0, 0, 0, 0
    own = pool.positions
    unit = content(pool, own[position, LOWER], own[position, UPPER])
    liquidity = float(own[position, OWN_LIQUIDITY])
    tokens_owed = own[position, OWED + TOKENS] + fees_earned(pool, position, TOKENS)
    usd_owed = own[position, OWED + USD] + fees_earned(pool, position, USD)
    return round_down(liquidity * unit[0]), round_down(liquidity * unit[1]), tokens_owed, usd_owed


@kernel
def liquidity_for(pool: ConcentratedPool, lower: int, upper: int, tokens: int, usd: int) -> int:
    """Return the most liquidity that these amounts buy between two ticks as the price stands.

    Parameters
    ----------
    pool : ConcentratedPool, in
    lower, upper : int64
        Ticks; the result is 0 when they are not in increasing order inside the table.
    tokens, usd : int64
        Base units and micro-USD at hand.

    Returns
    -------
    int64
        Liquidity, at most what the pool can still take; adding it costs no more than either amount.
    """
    if not 0 <= lower < upper < pool.roots.size:
        return 0
    unit = content(pool, lower, upper)
    most = float(LARGEST_LIQUIDITY - pool.state[TOTAL])
    if unit[0] > 0.0:
        most = min(most, float(tokens) * _SPARE / unit[0])
    if unit[1] > 0.0:
        most = min(most, float(usd) * _SPARE / unit[1])
    return max(int(most), 0)


@kernel
def marginal_price(pool: ConcentratedPool) -> float:
    """Return the price of the next infinitesimal trade without fee, micro-USD per base unit."""
    return pool.root[0] * pool.root[0]


@kernel
def depth(pool: ConcentratedPool, low: float, high: float) -> tuple[float, float]:
    """Return what liquidity offers between two prices: tokens above today's price, dollars below it.

    Parameters
    ----------
    pool : ConcentratedPool, in
    low, high : float64, micro-USD per base unit

    Returns
    -------
    (float64, float64)
        Base units that buyers, and micro-USD that sellers, can get inside the interval.
    """
    low, high = math.sqrt(low), math.sqrt(high)
    tokens, usd = 0.0, 0.0
    root, at, liquidity = pool.root[0], pool.state[AT], float(pool.state[LIQUIDITY])
    while root < high:
        tick = next_occupied(pool.words, pool.summary, at + 1)
        if tick < 0:
            break
        start, root = max(root, low), pool.roots[tick]
        end = min(root, high)
        if start < end:
            tokens += liquidity * (end - start) / (start * end)
        liquidity += float(pool.net[tick])
        at = tick
    root, at, liquidity = pool.root[0], pool.state[AT], float(pool.state[LIQUIDITY])
    while root > low:
        tick = previous_occupied(pool.words, pool.summary, at)
        if tick < 0:
            break
        end, root = min(root, high), pool.roots[tick]
        start = max(root, low)
        if start < end:
            usd += liquidity * (end - start)
        liquidity -= float(pool.net[tick])
        at = tick - 1
    return tokens, usd
