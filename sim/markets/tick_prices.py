"""Prices of the ticks between which concentrated liquidity lies: powers of 1.0001, to the last bit everywhere."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["FIRST_TICK", "LAST_TICK", "sqrt_prices"]

#: Ticks of the published protocol: the square root of the price is between 2**-64 and 2**64.
FIRST_TICK, LAST_TICK = -887_272, 887_272
_BITS = 320


def _power(base: int, exponent: int) -> int:
    """Return a fixed-point number to an integer power."""
    if exponent < 0:
        return (1 << 2 * _BITS) // _power(base, -exponent)
    result = 1 << _BITS
    for digit in f"{exponent:b}":
        result = result * result >> _BITS
        if digit == "1":
            result = result * base >> _BITS
    return result


def sqrt_prices(first: int, ticks: int, spacing: int) -> npt.NDArray[np.float64]:
    """Return the square roots of the prices 1.0001**t of equally spaced ticks.

    They are worked out with integers to more than 70 digits and rounded once, so they are the nearest floats.

    Parameters
    ----------
    first : int
        Lowest tick t.
    ticks : int
        How many, at least 2.
    spacing : int
        Difference of neighbouring ticks.

    Returns
    -------
    float64[ticks]
        Increasing.

    Raises
    ------
    ValueError
        When there are fewer than two ticks, the spacing is not positive, or a tick is outside FIRST_TICK .. LAST_TICK.
    """
    last = first + (ticks - 1) * spacing
    if ticks < 2 or spacing < 1 or first < FIRST_TICK or last > LAST_TICK:
        raise ValueError(
            f"{ticks} ticks from {first} every {spacing}: there must be at least 2, apart, within "
            f"{FIRST_TICK} .. {LAST_TICK}"
        )
    base = math.isqrt(10_001 * (1 << 2 * _BITS) // 10_000)
    step, root, one = _power(base, spacing), _power(base, first), 1 << _BITS
    roots = np.empty(ticks, np.float64)
    for k in range(ticks):
        roots[k] = root / one
        root = root * step >> _BITS
    return roots
