"""Fixed point in the words of the Ethereum virtual machine: scales, largest words, rounding, wrapping.

References
----------
Uniswap v3 core, release 1.0.0: libraries FixedPoint96, FixedPoint128, FullMath, UnsafeMath, LiquidityMath.
"""

from __future__ import annotations

from catallaxy.sim.markets.exact.reverts import LiquidityOverflow, LiquidityUnderflow

__all__ = [
    "MAX_INT256",
    "MAX_UINT128",
    "MAX_UINT160",
    "MAX_UINT256",
    "Q96",
    "Q128",
    "PerToken",
    "add_delta",
    "divide_up",
    "wrap128",
    "wrap256",
]

#: One value for token0 and one for token1.
PerToken = tuple[int, int]

#: One, in the scale of square-root prices (Q64.96).
Q96 = 1 << 96
#: One, in the scale of fee growth per unit of liquidity (Q128.128).
Q128 = 1 << 128
MAX_UINT128 = (1 << 128) - 1
MAX_UINT160 = (1 << 160) - 1
MAX_UINT256 = (1 << 256) - 1
MAX_INT256 = (1 << 255) - 1


def divide_up(numerator: int, denominator: int) -> int:
    """Return the quotient of two non-negative numbers, rounded up."""
    return -(-numerator // denominator)


def wrap128(number: int) -> int:
    """Return a number modulo 2**128, as an unchecked unsigned word of 128 bits."""
    return number & MAX_UINT128


def wrap256(number: int) -> int:
    """Return a number modulo 2**256; fee growth is meant to wrap, only its differences count."""
    return number & MAX_UINT256


def add_delta(liquidity: int, delta: int) -> int:
    """Return liquidity changed by `delta`, which may be negative, or refuse to leave the range of a uint128."""
    changed = liquidity + delta
    if changed < 0:
        raise LiquidityUnderflow(f"{-delta} units of liquidity cannot be removed from {liquidity}")
    if changed > MAX_UINT128:
        raise LiquidityOverflow(f"{liquidity} and {delta} units of liquidity exceed 2**128 - 1")
    return changed
