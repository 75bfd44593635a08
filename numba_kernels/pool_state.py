"""A pool of two assets: its row of integers, where its fee is taken, and why a request is refused."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import Ints, helper
from catallaxy.numba_kernels.wide_products import LARGEST

__all__ = [
    "ACCEPTED",
    "BAD_SIZE",
    "COLUMNS",
    "FEE_IN",
    "FEE_OUT",
    "NO_LIQUIDITY",
    "OUTSIDE_LIMIT",
    "REASONS",
    "RESERVE_LIMIT",
    "SHARES",
    "TOKENS",
    "TOO_SMALL",
    "USD",
    "fill_refusal",
    "kept_shares",
    "reserves",
    "swap_refusal",
]

#: Columns of a pool: base units, micro-USD, and shares of the liquidity providers; each at most LARGEST.
TOKENS, USD, SHARES = range(3)
COLUMNS = 3

#: Whether the fee is a part of what the trader pays or of what the pool pays; it stays in the pool either way.
FEE_IN, FEE_OUT = 0, 1

#: Why a swap, or a deposit or withdrawal of liquidity, was refused; then nothing changes hands.
ACCEPTED, BAD_SIZE, NO_LIQUIDITY, RESERVE_LIMIT, TOO_SMALL, OUTSIDE_LIMIT = range(6)
#: The reasons in words, by code.
REASONS = (
    "accepted",
    "the amount is zero, negative or more than there is",
    "the pool is empty",
    "the pool cannot hold that much",
    "the amount is too small to get one whole unit for it",
    "it would bring less than the least amount that was asked for",
)


@helper
def kept_shares(fee: float, fee_on: int) -> tuple[float, float]:
    """Return the share of what goes in, and of what comes out, that the fee leaves to the trader."""
    return (1.0 - fee, 1.0) if fee_on == FEE_IN else (1.0, 1.0 - fee)


@helper
def reserves(pool: Ints, buys: bool) -> tuple[int, int]:
    """Return the reserve that a trader pays into and the one that pays him; `buys` is about tokens."""
    return (pool[USD], pool[TOKENS]) if buys else (pool[TOKENS], pool[USD])


@helper
def swap_refusal(reserve_in: int, reserve_out: int, given: int) -> int:
    """Return why an amount cannot be swapped at all, or ACCEPTED."""
    if given < 1:
        return BAD_SIZE
    if reserve_in < 1 or reserve_out < 1:
        return NO_LIQUIDITY
    return RESERVE_LIMIT if given > LARGEST - reserve_in else ACCEPTED


@helper
def fill_refusal(out: int, least: int) -> int:
    """Return why what the pool would pay is not enough, or ACCEPTED."""
    if out < 1:
        return TOO_SMALL
    return OUTSIDE_LIMIT if out < least else ACCEPTED
