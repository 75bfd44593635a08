"""Liquidity of a pool of two assets: what providers deposit, the shares they get for it, and what shares pay out.

All in exact integers, whatever the pool's trading rule. The first deposit gets tokens**w * usd**(1 - w) shares, with w
the weight of tokens: sqrt(tokens * usd) in a constant-product pool. A later one gets as many as the scarcer of its two
amounts buys at the pool's proportions, rounded down, and gives what those shares stand for, rounded up; a withdrawal
is paid rounded down. So no share ever loses reserves to another, and who deposits and withdraws at once gains nothing.
The last shares take everything that is left.
"""

from __future__ import annotations

import math

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import exp, log
from catallaxy.numba_kernels.pool_state import (
    ACCEPTED,
    BAD_SIZE,
    NO_LIQUIDITY,
    RESERVE_LIMIT,
    SHARES,
    TOKENS,
    TOO_SMALL,
    USD,
)
from catallaxy.numba_kernels.wide_products import LARGEST, times_over

__all__ = ["add_liquidity", "remove_liquidity"]


@helper
def _first_shares(tokens: int, usd: int, weight: float) -> int:
    """Return the shares of a first deposit."""
    x, y = float64(tokens), float64(usd)
    mean = math.sqrt(x) * math.sqrt(y) if weight == 0.5 else exp(weight * log(x) + (1.0 - weight) * log(y))
    return max(min(int64(mean), LARGEST), 1)


@helper
def _rounded_up(shares: int, reserve: int, supply: int) -> int:
    """Return the part of a reserve that shares stand for, rounded up."""
    quotient, remainder = times_over(shares, reserve, supply)
    return quotient + 1 if remainder > 0 else quotient


@helper
def _deposit(pool: Ints, tokens: int, usd: int, weight: float) -> tuple[int, int, int, int]:
    """Return the reason, the shares, and the base units and micro-USD that they cost."""
    if tokens < 1 or usd < 1:
        return BAD_SIZE, 0, 0, 0
    supply = pool[SHARES]
    if supply == 0:
        if max(tokens, usd) > LARGEST:
            return RESERVE_LIMIT, 0, 0, 0
        return ACCEPTED, _first_shares(tokens, usd, weight), tokens, usd
    by_tokens, _ = times_over(min(tokens, LARGEST), supply, pool[TOKENS])
    by_usd, _ = times_over(min(usd, LARGEST), supply, pool[USD])
    shares = min(by_tokens, by_usd)
    if shares < 1:
        return TOO_SMALL, 0, 0, 0
    if shares > LARGEST - supply:
        return RESERVE_LIMIT, 0, 0, 0
    tokens, usd = _rounded_up(shares, pool[TOKENS], supply), _rounded_up(shares, pool[USD], supply)
    if tokens > LARGEST - pool[TOKENS] or usd > LARGEST - pool[USD]:
        return RESERVE_LIMIT, 0, 0, 0
    return ACCEPTED, shares, tokens, usd


@kernel
def add_liquidity(pool: Ints, weight: float, offers: IntMatrix, minted: Ints, taken: IntMatrix, reasons: Flags) -> None:
    """Take deposits one after the other.

    Parameters
    ----------
    pool : int64[3], in/out
        A row of pool columns.
    weight : float64, share in (0, 1)
        Weight of tokens; 0.5 in a constant-product pool.
    offers : int64[n, 2]
        Most base units and micro-USD that each provider gives.
    minted : int64[n], out
        Shares received; 0 when the offer is refused.
    taken : int64[n, 2], out
        Base units and micro-USD given for them.
    reasons : int8[n], out
        ACCEPTED, or why the offer is refused.
    """
    for i in range(minted.size):
        reason, shares, tokens, usd = _deposit(pool, offers[i, TOKENS], offers[i, USD], weight)
        pool[TOKENS] += tokens
        pool[USD] += usd
        pool[SHARES] += shares
        minted[i], taken[i, TOKENS], taken[i, USD], reasons[i] = shares, tokens, usd, reason


@helper
def _withdrawal(pool: Ints, shares: int) -> tuple[int, int, int]:
    """Return the reason, and the base units and micro-USD that shares pay."""
    if pool[SHARES] == 0:
        return NO_LIQUIDITY, 0, 0
    if shares < 1 or shares > pool[SHARES]:
        return BAD_SIZE, 0, 0
    tokens, _ = times_over(shares, pool[TOKENS], pool[SHARES])
    usd, _ = times_over(shares, pool[USD], pool[SHARES])
    return (TOO_SMALL, 0, 0) if tokens < 1 or usd < 1 else (ACCEPTED, tokens, usd)


@kernel
def remove_liquidity(pool: Ints, burned: Ints, paid: IntMatrix, reasons: Flags) -> None:
    """Pay out shares one after the other.

    Parameters
    ----------
    pool : int64[3], in/out
        A row of pool columns.
    burned : int64[n]
        Shares given back.
    paid : int64[n, 2], out
        Base units and micro-USD received for them; both 0 when it is refused, and then the shares are kept.
    reasons : int8[n], out
        ACCEPTED, or why it is refused.
    """
    for i in range(burned.size):
        reason, tokens, usd = _withdrawal(pool, burned[i])
        pool[TOKENS] -= tokens
        pool[USD] -= usd
        pool[SHARES] -= burned[i] if reason == ACCEPTED else 0
        paid[i, TOKENS], paid[i, USD], reasons[i] = tokens, usd, reason
