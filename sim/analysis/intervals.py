"""Intervals: what several runs say about a mean, a share, a quantile or a difference, and how surely.

Values that are not finite are left out and counted. An interval that the data cannot give (fewer than two values, a
quantile beyond what so few values can bracket) has NaN for its ends.

References
----------
E. B. Wilson, *Journal of the American Statistical Association* 22 (1927), 209 (shares);
Student, *Biometrika* 6 (1908), 1, and B. L. Welch, *Biometrika* 34 (1947), 28 (means and their differences);
B. Efron, *Journal of the American Statistical Association* 82 (1987), 171 (BCa bootstrap);
W. R. Thompson, *Annals of Mathematical Statistics* 7 (1936), 122 (quantiles by order statistics).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from catallaxy.agents.complaints import did_you_mean

__all__ = ["METHODS", "Interval", "difference", "mean", "paired_difference", "quantile", "share", "share_of_groups"]

METHODS = {"student": "Student's t", "bootstrap": "BCa bootstrap", "percentile": "percentile bootstrap"}
"""How the interval of a mean or of a difference of means is made, and its name in words."""

_RESAMPLES = 4999
#: Most values that are resampled at a time.
_BATCH = 4_000_000
#: Every bootstrap draws the same resamples of as many values: the same data give the same interval.
_SEED = 20_240_101

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval.

    Attributes
    ----------
    estimate : float
        NaN without data.
    low, high : float
        Ends of the interval, in the unit of the estimate; NaN when the data do not give one.
    level : float
        Confidence that the interval covers the true value.
    n : int
        Independent values that it rests on.
    method : str
        "wilson", "order statistics", or one of `METHODS`; "welch" for a difference of unpaired values.
    dropped : int
        Values left out because they are not finite.
    """

    estimate: float
    low: float
    high: float
    level: float
    n: int
    method: str
    dropped: int = 0

    def __str__(self) -> str:
        ends = f"[{self.low:.4g}, {self.high:.4g}]"
        return f"{self.estimate:.4g} {ends} ({100 * self.level:g} %, {self.method}, n = {self.n})"


def share(reached: int, n: int, level: float = 0.95) -> Interval:
    """Return a share with its Wilson interval.

    Parameters
    ----------
    reached, n : int
        How many of how many.
    level : float, optional
        Confidence, between 0 and 1.

    Returns
    -------
    Interval
    """
    _check(level)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, level, 0, "wilson")
    return Interval(reached / n, *_wilson(reached / n, n, level), level, n, "wilson")


def share_of_groups(reached: Floats, n: Floats, level: float = 0.95) -> Interval:
    """Return a share of values that come in independent groups, with the Wilson interval of as many as count.

    Values of one group may go together, as runs with the same chance do. From how much the groups differ follows how
    many independent values would tell as much (at most all); where all values agree, as many as there are groups.

    Parameters
    ----------
    reached, n : float64[groups]
        How many of how many, in each group.
    level : float, optional
        Confidence, between 0 and 1.

    Returns
    -------
    Interval
        Its `n` is the number of all values.

    References
    ----------
    E. L. Korn and B. I. Graubard, *Survey Methodology* 24 (1998), 193, without their correction for few groups.
    """
    _check(level)
    hits, counts = (np.asarray(values, np.float64)[np.asarray(n) > 0] for values in (reached, n))
    groups, total = len(counts), float(counts.sum())
    if groups < 2:
        return share(int(hits.sum()), int(total), level)
    estimate = float(hits.sum()) / total
    variance = groups / (groups - 1) * float(np.sum((hits - estimate * counts) ** 2)) / total**2
    alone = estimate * (1.0 - estimate)
    effective = float(groups) if alone == 0.0 else total if alone >= total * variance else alone / variance
    return Interval(estimate, *_wilson(estimate, effective, level), level, int(total), "wilson")


def mean(values: Floats, level: float = 0.95, method: str = "student") -> Interval:
    """Return a mean with its confidence interval.

    Parameters
    ----------
    values : float64[n]
        Independent draws of the same quantity.
    level : float, optional
        Confidence, between 0 and 1.
    method : {"student", "bootstrap", "percentile"}, optional
        Student's t is right for draws of any distribution once there are some dozens; the bootstrap does not suppose
        that the ends lie symmetrically.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        When the level is not between 0 and 1, or there is no such method.
    """
    _check(level, method)
    finite = _finite(values)
    n, dropped = len(finite), len(values) - len(finite)
    estimate = float(finite.mean()) if n else math.nan
    if n < 2 or method == "student":
        low, high = _student(estimate, float(finite.var(ddof=1)) / n if n > 1 else math.nan, n - 1.0, level)
    else:
        low, high = _bootstrap((finite,), _mean_of_one, level, method)
    return Interval(estimate, low, high, level, n, method, dropped)


def paired_difference(first: Floats, second: Floats, level: float = 0.95, method: str = "student") -> Interval:
    """Return the mean of `first - second`, pair by pair: for values that share their chance.

    Parameters
    ----------
    first, second : float64[n]
        Pairs in the same order; a pair with a value that is not finite is dropped.
    level, method : optional
        As in `mean`.

    Returns
    -------
    Interval
    """
    return mean(np.asarray(first, np.float64) - np.asarray(second, np.float64), level, method)


def difference(first: Floats, second: Floats, level: float = 0.95, method: str = "student") -> Interval:
    """Return the mean of `first` less that of `second`, for values that share nothing.

    Parameters
    ----------
    first : float64[m]
    second : float64[n]
    level, method : optional
        As in `mean`; "student" is Welch's interval, which does not suppose equal variances.

    Returns
    -------
    Interval
        Its `n` is the smaller of the two numbers of values.
    """
    _check(level, method)
    one, two = _finite(first), _finite(second)
    n, dropped = min(len(one), len(two)), len(first) + len(second) - len(one) - len(two)
    estimate = float(one.mean() - two.mean()) if n else math.nan
    if n < 2:
        low = high = math.nan
    elif method == "student":
        low, high = _welch(estimate, one, two, level)
    else:
        low, high = _bootstrap((one, two), _difference_of_means, level, method)
    return Interval(estimate, low, high, level, n, "welch" if method == "student" else method, dropped)


def quantile(values: Floats, q: float, level: float = 0.95) -> Interval:
    """Return a quantile with an interval that holds for every continuous distribution.

    Parameters
    ----------
    values : float64[n]
    q : float
        0.5 for the median.
    level : float, optional
        Least confidence; an end is NaN when there are too few values to bracket the quantile so surely.

    Returns
    -------
    Interval
    """
    _check(level)
    finite = _finite(values)
    if not len(finite):
        return Interval(math.nan, math.nan, math.nan, level, 0, "order statistics", len(values))
    from scipy.stats import quantile_test

    ends = quantile_test(finite, p=q).confidence_interval(level)
    low, high = float(ends.low), float(ends.high)
    estimate, dropped = float(np.quantile(finite, q)), len(values) - len(finite)
    return Interval(estimate, low, high, level, len(finite), "order statistics", dropped)


def _finite(values: Floats) -> Floats:
    array = np.asarray(values, np.float64)
    return array[np.isfinite(array)]


def _wilson(estimate: float, n: float, level: float) -> tuple[float, float]:
    """Return the ends of the interval of a share; of none or all they are 0 and 1 without a rounding error."""
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2.0))
    middle = (estimate + z * z / (2.0 * n)) / (1.0 + z * z / n)
    half = z / (1.0 + z * z / n) * math.sqrt(estimate * (1.0 - estimate) / n + (z / (2.0 * n)) ** 2)
    return (0.0 if estimate == 0.0 else middle - half), (1.0 if estimate == 1.0 else middle + half)


def _student(estimate: float, variance: float, freedom: float, level: float) -> tuple[float, float]:
    """Return the ends of an interval, from the variance of the estimate and the degrees of freedom."""
    if not (variance >= 0.0 and freedom > 0.0):
        return math.nan, math.nan
    from scipy.special import stdtrit

    half = float(stdtrit(freedom, 0.5 + level / 2)) * math.sqrt(variance)
    return estimate - half, estimate + half


def _welch(estimate: float, one: Floats, two: Floats, level: float) -> tuple[float, float]:
    a, b = float(one.var(ddof=1)) / len(one), float(two.var(ddof=1)) / len(two)
    if a + b == 0.0:
        return estimate, estimate
    part = a / (a + b)
    freedom = 1.0 / (part**2 / (len(one) - 1) + (1.0 - part) ** 2 / (len(two) - 1))
    return _student(estimate, a + b, freedom, level)


def _mean_of_one(values: Floats, axis: int = -1) -> Any:
    return values.mean(axis=axis)


def _difference_of_means(one: Floats, two: Floats, axis: int = -1) -> Any:
    return one.mean(axis=axis) - two.mean(axis=axis)


def _bootstrap(
    samples: tuple[Floats, ...], statistic: Callable[..., Any], level: float, method: str
) -> tuple[float, float]:
    """Return the ends of a bootstrap interval, computed in units of the spread so that no moment underflows."""
    estimate, scale = float(statistic(*samples)), max(float(np.ptp(sample)) for sample in samples)
    if scale == 0.0:
        return estimate, estimate
    from scipy.stats import bootstrap

    ends = bootstrap(
        tuple((sample - sample.mean()) / scale for sample in samples),
        statistic,
        n_resamples=_RESAMPLES,
        batch=max(1, _BATCH // max(len(sample) for sample in samples)),
        vectorized=True,
        confidence_level=level,
        method="BCa" if method == "bootstrap" else method,
        random_state=np.random.default_rng(_SEED),
    ).confidence_interval
    return estimate + scale * float(ends.low), estimate + scale * float(ends.high)


def _check(level: float, method: str = "student") -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level lies between 0 and 1, as 0.95; {level!r} does not")
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; known: {', '.join(METHODS)}{did_you_mean(method, METHODS)}")
