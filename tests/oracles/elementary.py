"""Slow twins of `elementary` and `transforms`: whole arrays in NumPy, loops in Python, references in many digits."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
DIGITS = 40


def exact_log(x: float) -> Decimal:
    """Natural logarithm in 40 digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(x).ln()


def exact_exp(x: float) -> Decimal:
    """Exponential in 40 digits."""
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(x).exp()


def exact_log1p(x: float) -> Decimal:
    """log(1 + x) in 40 digits; as many more are needed for 1 + x as x is small."""
    with localcontext() as context:
        context.prec = 10 * DIGITS
        return (1 + Decimal(x)).ln()


def exact_expm1(x: float) -> Decimal:
    """exp(x) - 1 in 40 digits; as many more are needed for exp(x) as x is small."""
    with localcontext() as context:
        context.prec = 10 * DIGITS
        return Decimal(x).exp() - 1


def relative_error(value: float, exact: Decimal) -> float:
    """Distance from the exact value, relative to it."""
    with localcontext() as context:
        context.prec = DIGITS
        return float(abs(Decimal(value) - exact) / abs(exact)) if exact else abs(value)


def log(x: Floats) -> Floats:
    """Natural logarithm, the same operations in the same order on whole arrays."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.int64)
    exponent = (bits - 0x3FE6A09E667F3BCD) >> 52
    f = (bits - (exponent << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    even = 1.818357216161805012e-01 + w * 1.479819860511658591e-01
    even = z * (6.666666666666735130e-01 + w * (2.857142874366239149e-01 + w * even))
    half = 0.5 * f * f
    k = exponent.astype(np.float64)
    return k * LN2_HIGH - ((half - (s * (half + odd + even) + k * LN2_LOW)) - f)


def exp(x: Floats) -> Floats:
    """Exponential by argument reduction and a Taylor polynomial of degree 13."""
    x = np.clip(x, -700.0, 700.0)
    k = np.rint(x * 1.4426950408889634)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    total = np.full_like(x, 1.0 / math.factorial(13))
    for power in range(12, -1, -1):
        total = total * r + 1.0 / math.factorial(power)
    return np.ldexp(total, k.astype(np.int64))


def cos_turn(u: Floats) -> Floats:
    """Cosine of 2*pi*u from an odd polynomial around the quarter turn."""
    r = (0.25 - np.abs(u - 0.5)) * 6.283185307179586
    q = r * r
    total = np.full_like(u, -7.6471e-13)
    for coefficient in (
        1.60589e-10,
        -2.50521067e-08,
        2.755731921042e-06,
        -1.984126984125369e-04,
        8.333333333333309e-03,
        -1.6666666666666665e-01,
    ):
        total = total * q + coefficient
    return -(r * (1.0 + q * total))


def normal_quantile(u: Floats) -> Floats:
    """Standard normal quantile, from the standard library."""
    inverse = statistics.NormalDist().inv_cdf
    return np.array([inverse(float(p)) for p in u])


def normal_cdf(x: float) -> float:
    """Standard normal distribution function, from the C library."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def relax(keep: float, x: Floats) -> Floats:
    """First-order autoregression, as its explicit weighted sum of past shocks."""
    return np.array([math.fsum(keep ** (t - s) * x[s] for s in range(t + 1)) for t in range(x.size)])


def switch_levels(cumulative: Floats, uniforms: Floats, start: int) -> Ints:
    """Path of a Markov chain by sorted search."""
    path = [start]
    for u in uniforms[1:]:
        path.append(min(int(np.searchsorted(cumulative[path[-1]], u, side="right")), len(cumulative) - 1))
    return np.array(path)


def count_events(mean: float, u: float) -> int:
    """Poisson quantile: the first count whose distribution function reaches u."""
    count = 0
    while math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)) < u:
        count += 1
    return count
