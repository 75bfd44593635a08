"""Exponentials to sixty digits: `decimal` rounds exp and ln correctly, so every machine gets the same digits."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

__all__ = ["DECIMAL", "LN2", "decayed", "quotient"]

DECIMAL = Context(prec=60)
"""Sixty digits."""

LN2 = DECIMAL.ln(Decimal(2))
"""Natural logarithm of 2."""


def quotient(ratio: Fraction) -> Decimal:
    """Return a fraction as a decimal number."""
    return DECIMAL.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))


@lru_cache(maxsize=4096)
def decayed(scale: Decimal, periods: Fraction | Decimal) -> Decimal:
    """Return 1 - exp(-scale * periods), the share of a pool that has decayed."""
    exponent = periods if isinstance(periods, Decimal) else quotient(periods)
    return DECIMAL.subtract(Decimal(1), DECIMAL.exp(DECIMAL.multiply(-scale, exponent)))
