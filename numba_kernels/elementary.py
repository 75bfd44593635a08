"""Elementary functions that vectorise and give the same bits on every machine.

The C library's log and exp differ between versions and stop LLVM from vectorising, so the engine uses these
polynomials instead (relative error below 3e-16 for log, 1e-15 for exp, log1p and expm1): log after Sun's fdlibm
`e_log.c`, exp by argument reduction and a degree-13 Taylor polynomial, cosine of a turn by a degree-17 odd polynomial.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import config, float64, int64, types
from numba.extending import intrinsic

from catallaxy.numba_kernels.compile import helper, kernel

__all__ = [
    "cos_turn",
    "exp",
    "exp_scalar",
    "expm1",
    "expm1_scalar",
    "log",
    "log1p",
    "log1p_scalar",
    "log_scalar",
    "power",
    "power_scalar",
]

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_INV_LN2 = 1.4426950408889634
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_ROUND = 6755399441055744.0

if config.DISABLE_JIT:

    def _bits(x: float) -> int:
        return int(np.float64(x).view(np.int64))

    def _from_bits(i: int) -> float:
        return np.int64(i).view(np.float64)

else:
    from llvmlite import ir

    @intrinsic
    def _bits(typing_context: Any, x: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], ir.IntType(64))

        return types.int64(types.float64), codegen

    @intrinsic
    def _from_bits(typing_context: Any, i: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], ir.DoubleType())

        return types.float64(types.int64), codegen


@helper
def log(x: float) -> float:
    """Natural logarithm of a positive, normal float64."""
    ix = _bits(x)
    e = (ix - _SQRT_HALF_BITS) >> 52
    f = _from_bits(ix - (e << 52)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    k = float64(e)
    return k * _LN2_HIGH - ((half - (s * (half + t1 + t2) + k * _LN2_LOW)) - f)


@helper
def exp(x: float) -> float:
    """Exponential of a float64, its argument limited to [-700, 700]."""
    x = min(max(x, -700.0), 700.0)
    k = (x * _INV_LN2 + _ROUND) - _ROUND
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * _from_bits((int64(k) + 1023) << 52)


@helper
def cos_turn(u: float) -> float:
    """Cosine of 2*pi*u for u in [0, 1)."""
    r = (0.25 - abs(u - 0.5)) * 6.283185307179586
    q = r * r
    p = -7.6471e-13
    p = p * q + 1.60589e-10
    p = p * q - 2.50521067e-08
    p = p * q + 2.755731921042e-06
    p = p * q - 1.984126984125369e-04
    p = p * q + 8.333333333333309e-03
    p = p * q - 1.6666666666666665e-01
    return -(r * (1.0 + q * p))


@helper
def power(x: float, a: float) -> float:
    """x**a for positive x."""
    return exp(a * log(x))


@helper
def log1p(x: float) -> float:
    """log(1 + x) for x above -1, accurate where x is small; the last term is what rounding 1 + x took away."""
    whole = 1.0 + x
    return log(whole) + (x - (whole - 1.0)) / whole


@helper
def expm1(x: float) -> float:
    """exp(x) - 1, accurate where x is small: there by the Taylor polynomial of `exp` without its constant."""
    if abs(x) > 0.35:
        return exp(x) - 1.0
    p = 1.0 / 6227020800.0
    p = p * x + 1.0 / 479001600.0
    p = p * x + 1.0 / 39916800.0
    p = p * x + 1.0 / 3628800.0
    p = p * x + 1.0 / 362880.0
    p = p * x + 1.0 / 40320.0
    p = p * x + 1.0 / 5040.0
    p = p * x + 1.0 / 720.0
    p = p * x + 1.0 / 120.0
    p = p * x + 1.0 / 24.0
    p = p * x + 1.0 / 6.0
    p = p * x + 0.5
    return x + x * (p * x)


@kernel
def log_scalar(x: float) -> float:
    """Natural logarithm, callable from Python."""
    return log(float64(x))


@kernel
def exp_scalar(x: float) -> float:
    """Exponential, callable from Python."""
    return exp(float64(x))


@kernel
def power_scalar(x: float, a: float) -> float:
    """x**a for positive x, callable from Python."""
    return power(float64(x), float64(a))


@kernel
def log1p_scalar(x: float) -> float:
    """log(1 + x) for x above -1, callable from Python."""
    return log1p(float64(x))


@kernel
def expm1_scalar(x: float) -> float:
    """exp(x) - 1, callable from Python."""
    return expm1(float64(x))
