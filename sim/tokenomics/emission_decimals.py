"""Exponentials to sixty digits: `decimal` rounds exp and ln correctly, so every machine gets the same digits."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from catallaxy import numba_kernels as nk
from catallaxy.agents.rates import DAYS
from catallaxy.sim.tokenomics.units import US_PER_DAY, exact

__all__ = [
    "DECIMAL",
    "LN2",
    "Compounding",
    "compounded",
    "decayed",
    "doubling",
    "halving_speed",
    "quotient",
    "rate_speed",
]

DECIMAL = Context(prec=60)
"""Sixty digits."""

LN2 = DECIMAL.ln(Decimal(2))
"""Natural logarithm of 2."""

_ONE = Decimal(1)
_DIGIT = 1 << 10
_LN10 = float(DECIMAL.ln(Decimal(10)))


def quotient(ratio: Fraction) -> Decimal:
    """Return a fraction as a decimal number."""
    return DECIMAL.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))


@lru_cache(maxsize=1024)
def halving_speed(half_life_days: float) -> Decimal:
    """Return the continuous decay per microsecond of what halves in so many days."""
    return DECIMAL.divide(LN2, quotient(exact(half_life_days) * US_PER_DAY))


@lru_cache(maxsize=1024)
def rate_speed(amount: float, base: str) -> Decimal:
    """Return a continuous rate, `amount` per `base` (a key of `DAYS`), per microsecond."""
    return quotient(exact(amount) / (exact(DAYS[base]) * US_PER_DAY))


def decayed(speed: Decimal, time: Decimal | int) -> Decimal:
    """Return 1 - exp(-speed * time), the share of a pool that has decayed."""
    return DECIMAL.subtract(_ONE, DECIMAL.exp(DECIMAL.multiply(-speed, Decimal(time))))


@lru_cache(maxsize=4096)
def compounded(share: float, base: str, elapsed_us: int) -> Decimal:
    """Return (1 + share) ** (time / base) - 1."""
    log_growth = DECIMAL.ln(quotient(1 + exact(share)))
    periods = quotient(Fraction(elapsed_us, US_PER_DAY) / exact(DAYS[base]))
    return DECIMAL.subtract(DECIMAL.exp(DECIMAL.multiply(log_growth, periods)), _ONE)


class Compounding:
    """Powers of a growth factor per period, for whole periods.

    An exponent is taken apart into digits of base 1024, so that ever new numbers of periods need few exponentials.

    Parameters
    ----------
    log_growth : Decimal
        Natural logarithm of the factor, positive.

    Attributes
    ----------
    power : callable
        The factor by which something grows in so many periods; the last ones asked for are remembered.
    """

    def __init__(self, log_growth: Decimal) -> None:
        self._log_growth = log_growth
        self._powers: dict[int, Decimal] = {}
        self.power = lru_cache(maxsize=64)(self._power)
        self._rise = DECIMAL.subtract(self.power(1), _ONE)

    def _power(self, periods: int) -> Decimal:
        product, unit = _ONE, 1
        while periods > 0:
            periods, digit = divmod(periods, _DIGIT)
            if digit:
                product = DECIMAL.multiply(product, self._exponential(digit * unit))
            unit *= _DIGIT
        return product

    def total(self, periods: int) -> Decimal:
        """Return the sum of the powers of 0 to `periods` - 1: a geometric series."""
        return DECIMAL.divide(DECIMAL.subtract(self.power(periods), _ONE), self._rise)

    def periods(self, factor: Decimal) -> int:
        """Return in how many whole periods something grows by `factor` at most, for factors from 1 on."""
        tens = factor.adjusted()
        logarithm = _LN10 * tens + float(nk.elementary.log_scalar(float(factor.scaleb(-tens))))
        found = max(0, int(logarithm / float(self._log_growth)))
        while found > 0 and self.power(found) > factor:
            found -= 1
        while self.power(found + 1) <= factor:
            found += 1
        return found

    def periods_to_total(self, total: Decimal) -> int:
        """Return how many whole powers, from that of 0 on, sum to `total` at most."""
        return self.periods(DECIMAL.add(DECIMAL.multiply(total, self._rise), _ONE))

    def _exponential(self, periods: int) -> Decimal:
        known = self._powers.get(periods)
        if known is None:
            known = self._powers[periods] = DECIMAL.exp(DECIMAL.multiply(self._log_growth, Decimal(periods)))
        return known


@lru_cache(maxsize=256)
def doubling(days: float, period_seconds: float) -> Compounding:
    """Return the growth, per period of so many seconds, of what doubles in so many days."""
    return Compounding(DECIMAL.multiply(halving_speed(days), quotient(exact(period_seconds) * 1_000_000)))
