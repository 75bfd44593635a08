"""Array transforms behind attribute distributions and driver paths.

Every random attribute is the inverse distribution function of one uniform draw, so a distribution can be truncated by
squeezing the uniform, and two scenarios that differ in a parameter rank the same agents alike. All loops work in
place on one array.
"""

from __future__ import annotations

import math

from catallaxy.numba_kernels.compile import Floats, Ints, Matrix, helper, kernel
from catallaxy.numba_kernels.elementary import exp, log

__all__ = [
    "count_events",
    "exp_each",
    "log_each",
    "normal_cdf_scalar",
    "normal_quantile_each",
    "relax",
    "switch_levels",
]

_SQRT_2PI = 2.5066282746310002


@kernel
def exp_each(x: Floats) -> None:
    """Replace every element by its exponential.

    Parameters
    ----------
    x : float64[n], 1, in/out
    """
    for i in range(x.size):
        x[i] = exp(x[i])


@kernel
def log_each(x: Floats) -> None:
    """Replace every element by its natural logarithm.

    Parameters
    ----------
    x : float64[n], positive, in/out
    """
    for i in range(x.size):
        x[i] = log(x[i])


@kernel
def normal_cdf_scalar(x: float) -> float:
    """Return the probability that a standard normal is at most x, within 1e-15.

    Series of Marsaglia (2004), Journal of Statistical Software 11(4), "Evaluating the normal distribution".

    Parameters
    ----------
    x : float64, standard deviations

    Returns
    -------
    float64
    """
    if x < -8.3:
        return 0.0
    if x > 8.3:
        return 1.0
    total, term, k = x, x, 1.0
    square = x * x
    while total + term != total:
        k += 2.0
        term *= square / k
        total += term
    return min(max(0.5 + total * exp(-0.5 * square) / _SQRT_2PI, 0.0), 1.0)


@helper
def _central(r: float) -> float:
    """Return the quantile over q for |q| <= 0.425, as a function of r = 0.425**2 - q**2."""
    num = 2509.0809287301226727 * r + 33430.575583588128105
    num = ((num * r + 67265.770927008700853) * r + 45921.953931549871457) * r + 13731.693765509461125
    num = ((num * r + 1971.5909503065514427) * r + 133.14166789178437745) * r + 3.387132872796366608
    den = 5226.495278852854561 * r + 28729.085735721942674
    den = ((den * r + 39307.89580009271061) * r + 21213.794301586595867) * r + 5394.1960214247511077
    den = ((den * r + 687.1870074920579083) * r + 42.313330701600911252) * r + 1.0
    return num / den


@helper
def _middle(r: float) -> float:
    """Return the quantile as a function of r = sqrt(-log(tail probability)) - 1.6, for r up to 3.4."""
    num = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
    num = ((num * r + 0.24178072517745061177) * r + 1.27045825245236838258) * r + 3.64784832476320460504
    num = ((num * r + 5.7694972214606914055) * r + 4.6303378461565452959) * r + 1.42343711074968357734
    den = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
    den = ((den * r + 0.0151986665636164571966) * r + 0.14810397642748007459) * r + 0.68976733498510000455
    den = ((den * r + 1.6763848301838038494) * r + 2.05319162663775882187) * r + 1.0
    return num / den


@helper
def _far(r: float) -> float:
    """Return the quantile as a function of r = sqrt(-log(tail probability)) - 5."""
    num = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    num = ((num * r + 0.0012426609473880784386) * r + 0.026532189526576123093) * r + 0.29656057182850489123
    num = ((num * r + 1.7848265399172913358) * r + 5.4637849111641143699) * r + 6.6579046435011037772
    den = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7
    den = ((den * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r + 0.0148753612908506148525
    den = ((den * r + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1.0
    return num / den


@kernel
def normal_quantile_each(u: Floats) -> None:
    """Replace every probability by the standard normal quantile, within 1e-15 relative.

    Algorithm AS 241 of Wichura (1988), Applied Statistics 37(3):477-484.

    Parameters
    ----------
    u : float64[n], strictly between 0 and 1 in, standard deviations out
    """
    for i in range(u.size):
        q = u[i] - 0.5
        if abs(q) <= 0.425:
            u[i] = q * _central(0.180625 - q * q)
        else:
            r = math.sqrt(-log(min(u[i], 1.0 - u[i])))
            z = _middle(r - 1.6) if r <= 5.0 else _far(r - 5.0)
            u[i] = z if q > 0.0 else -z


@kernel
def relax(keep: float, x: Floats) -> None:
    """Replace shocks by the first-order autoregression that they drive: x[t] += keep * x[t - 1].

    Parameters
    ----------
    keep : float64, 1
        Share of last step's value that remains; 1 makes a running sum.
    x : float64[n], in/out
        x[0] is the starting value.
    """
    for t in range(1, x.size):
        x[t] += keep * x[t - 1]


@kernel
def switch_levels(cumulative: Matrix, uniforms: Floats, start: int, out: Ints) -> None:
    """Draw the path of a Markov chain.

    Parameters
    ----------
    cumulative : float64[k, k], 1
        Row i: probability of moving from state i to a state <= j; the last column is 1.
    uniforms : float64[n], 1
        Draws on (0, 1); the first is not used.
    start : int64
        State in the first step.
    out : int64[n], out
    """
    state = start
    out[0] = state
    last = cumulative.shape[1] - 1
    for t in range(1, uniforms.size):
        move = 0
        while move < last and uniforms[t] >= cumulative[state, move]:
            move += 1
        state = move
        out[t] = state


@kernel
def count_events(mean: float, u: Floats) -> None:
    """Replace every uniform by a Poisson count (inversion).

    Parameters
    ----------
    mean : float64, event, at most 600
    u : float64[n], between 0 and 1 in, event out
    """
    first = exp(-mean)
    for i in range(u.size):
        count, chance = 0.0, first
        reached = chance
        while u[i] > reached and count < 2000.0:
            count += 1.0
            chance *= mean / count
            reached += chance
        u[i] = count
