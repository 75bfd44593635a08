"""The power bonding curve: tokens are minted for dollars that stay in a reserve, and burned for what they came for.

With a reserve of R dollars, S tokens outstanding and the reserve ratio w (the reserve over the value of what is
outstanding), the price at the margin is R / (w S), and R**w / S stays what it is. Dollars d mint, and tokens q redeem

    S ((1 + d / R)**w - 1),      R (1 - (1 - q / S)**(1 / w))

The powers are taken with `log1p` and `expm1`, so that small orders keep their digits. A curve never gives up the last
2**-6 of its reserve: what is offered beyond that redeems nothing.
Formulas after Hertzog, Benartzi & Benartzi (2017), Bancor Protocol; w = 1/2 is a price in proportion to supply.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import helper, kernel
from catallaxy.numba_kernels.elementary import expm1, log1p

__all__ = ["largest_redemption", "minted", "redeemed"]

#: Natural log of 2**-6, the part of the reserve that is never paid out.
_LOG_KEPT = -4.1588830833596715


@helper
def _most(outstanding: float, ratio: float) -> float:
    """Return the tokens beyond which nothing more is redeemed."""
    return -outstanding * expm1(ratio * _LOG_KEPT)


@kernel
def minted(reserve: float, outstanding: float, usd: float, ratio: float) -> float:
    """Return the tokens that dollars mint, as a real number.

    Parameters
    ----------
    reserve : float64, micro-USD
        Above 0.
    outstanding : float64, base units
    usd : float64, micro-USD
        Dollars that go along the curve.
    ratio : float64
        Reserve ratio, in (0, 1].

    Returns
    -------
    float64
        Base units.
    """
    return outstanding * expm1(ratio * log1p(usd / reserve))


@kernel
def largest_redemption(outstanding: float, ratio: float) -> float:
    """Return the tokens beyond which nothing more is redeemed.

    Parameters
    ----------
    outstanding : float64, base units
    ratio : float64
        Reserve ratio, in (0, 1].

    Returns
    -------
    float64
        Base units.
    """
    return _most(outstanding, ratio)


@kernel
def redeemed(reserve: float, outstanding: float, tokens: float, ratio: float) -> float:
    """Return the dollars for which tokens are burned, as a real number.

    Parameters
    ----------
    reserve : float64, micro-USD
    outstanding : float64, base units
        Above 0.
    tokens : float64, base units
        Tokens that go along the curve.
    ratio : float64
        Reserve ratio, in (0, 1].

    Returns
    -------
    float64
        Micro-USD.
    """
    gone = min(tokens, _most(outstanding, ratio))
    return -reserve * expm1(-log1p(gone / (outstanding - gone)) / ratio)
