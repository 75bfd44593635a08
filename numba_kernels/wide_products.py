"""Products of two integers over a third, exactly, where the product itself does not fit into 64 bits."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import helper, kernel

__all__ = ["LARGEST", "product_over", "times_over"]

#: Largest number taken in and given out.
LARGEST = 2**62 - 1


@helper
def _long_division(a: int, b: int, c: int) -> tuple[int, int]:
    """Return quotient and remainder of a x b / c for b < c, one bit of a at a time."""
    quotient, remainder = 0, 0
    bit = (LARGEST + 1) >> 1
    while bit > 0:
        quotient, remainder = 2 * quotient, 2 * remainder
        if remainder >= c:
            quotient, remainder = quotient + 1, remainder - c
        if a & bit:
            remainder += b
            if remainder >= c:
                quotient, remainder = quotient + 1, remainder - c
        bit >>= 1
    return quotient, remainder


@helper
def times_over(a: int, b: int, c: int) -> tuple[int, int]:
    """Return quotient and remainder of a x b / c, exactly; a quotient above LARGEST is given as (LARGEST + 1, 0).

    `a` and `b` lie between 0 and LARGEST, `c` between 1 and LARGEST.
    """
    if b == 0 or a <= LARGEST // b:
        return (a * b) // c, (a * b) % c
    whole, rest = b // c, b % c
    if whole > 0 and a > LARGEST // whole:
        return LARGEST + 1, 0
    quotient, remainder = _long_division(a, rest, c)
    quotient += a * whole
    if quotient > LARGEST:
        return LARGEST + 1, 0
    return quotient, remainder


@kernel
def product_over(a: int, b: int, c: int) -> tuple[int, int]:
    """`times_over`, callable from Python."""
    return times_over(a, b, c)
