"""Tokens as people write them, base units as the ledger holds them, and time as whole microseconds.

Conversions happen once, when a scenario is loaded. They start from the decimal number that the user wrote (the
shortest decimal that names the float), so that 0.1 token at 10**9 base units is exactly 100,000,000.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

__all__ = ["LARGEST_SUPPLY", "US_PER_DAY", "base_units", "exact", "microseconds", "share_of", "to_base"]

US_PER_DAY = 86_400_000_000
"""Microseconds in a day."""

_DEFAULT_BASE = 10**9
_LARGEST = 2**62
_HEADROOM = 4

LARGEST_SUPPLY = _LARGEST // _HEADROOM
"""Base units of one token that the ledger has room for."""


@lru_cache(maxsize=4096)
def exact(value: float) -> Fraction:
    """Return the decimal number that a float was written as, without rounding.

    Parameters
    ----------
    value : float
        Finite number; an int is taken as it is.

    Returns
    -------
    fractions.Fraction
        `exact(0.1)` is 1/10, where `Fraction(0.1)` is the nearest binary fraction.
    """
    return Fraction(value) if isinstance(value, int) else Fraction(repr(float(value)))


@lru_cache(maxsize=4096)
def to_base(tokens: float, base: int) -> int:
    """Convert tokens to base units, a half rounded to even.

    Parameters
    ----------
    tokens : float
        Amount, token.
    base : int
        Base units per token.

    Returns
    -------
    int
        Amount, base units.
    """
    return round(exact(tokens) * base)


@lru_cache(maxsize=4096)
def microseconds(*, days: float = 0.0, seconds: float = 0.0) -> int:
    """Convert a length of time to whole microseconds, a half rounded to even."""
    return round(exact(days) * US_PER_DAY + exact(seconds) * 1_000_000)


def share_of(share: float, amount: int) -> int:
    """Return the largest whole number of units not above `share * amount`, computed exactly.

    Parameters
    ----------
    share : float
        Number in [0, 1], pure.
    amount : int
        Non-negative amount, base units or micro-dollars.

    Returns
    -------
    int
        Amount in the same unit, between 0 and `amount`.
    """
    ratio = exact(share)
    return amount * ratio.numerator // ratio.denominator


def base_units(max_supply_tokens: float) -> int:
    """Return how many base units make one token.

    Ten to the ninth by default. Where four times the largest possible supply would not stay below 2**62 (so that the
    sum of two balances always fits a signed 64-bit integer), the largest power of ten that does.

    Parameters
    ----------
    max_supply_tokens : float
        Largest supply that the run can reach, token.

    Returns
    -------
    int
        A power of ten between 1 and 10**9, base units per token.

    Raises
    ------
    ValueError
        When the supply is negative or does not fit even with one base unit per token.
    """
    supply = exact(max_supply_tokens)
    if supply < 0:
        raise ValueError(f"a token supply cannot be negative; got {max_supply_tokens!r}")
    base = _DEFAULT_BASE
    while base > 1 and _HEADROOM * supply * base >= _LARGEST:
        base //= 10
    if _HEADROOM * supply * base >= _LARGEST:
        raise ValueError(
            f"a supply of {max_supply_tokens:.6g} tokens does not fit the ledger; "
            f"the largest is {_LARGEST / _HEADROOM:.4g} tokens"
        )
    return base
