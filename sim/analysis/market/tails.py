r"""How heavy a tail is: the Hill estimator, and the slope of Zipf's plot of sizes by rank.

With the largest values :math:`x_{(1)} \ge \dots \ge x_{(k)}` and the next one :math:`x_{(k+1)}`, the Hill estimate of
the tail exponent is :math:`\alpha = k / \sum_{i \le k} \ln (x_{(i)} / x_{(k+1)})`, with the standard error
:math:`\alpha / \sqrt k` where values are independent. The slope of ln(rank - 1/2) on ln(size) estimates it with the
least bias, with the standard error :math:`\alpha \sqrt{2 / k}`.

References
----------
B. M. Hill, "A Simple General Approach to Inference about the Tail of a Distribution", *Annals of Statistics* 3
(1975), 1163; X. Gabaix and R. Ibragimov, "Rank - 1/2", *Journal of Business & Economic Statistics* 29 (2011), 24.
"""

from __future__ import annotations

import math

import numpy as np

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.market.prices import Floats

__all__ = ["TAIL", "hill", "hill_interval", "zipf"]

TAIL = 0.05
"""Share of the largest values that count as the tail."""


def hill(values: Floats, tail: float = TAIL) -> Floats:
    """Return the Hill estimate of the tail exponent, along the last axis.

    Parameters
    ----------
    values : float64[..., n]
        Only the largest count; they must be positive.
    tail : float, optional
        Share of the values that is the tail.

    Returns
    -------
    float64[...]
        NaN where the tail holds fewer than two different positive values.
    """
    n = values.shape[-1]
    k = int(tail * n)
    if k < 2:
        return np.full(values.shape[:-1], np.nan)
    largest = np.partition(values, n - 1 - k, axis=-1)[..., n - 1 - k :]
    threshold = largest.min(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.log(largest).sum(axis=-1) - (k + 1) * np.log(threshold)
        return np.where((threshold > 0.0) & (excess > 0.0), k / excess, np.nan)


def hill_interval(values: Floats, tail: float = TAIL, level: float = 0.95) -> Interval:
    """Return the Hill estimate of independent values with its interval.

    Parameters
    ----------
    values : float64[n]
    tail, level : float, optional
        Share of the values that is the tail; confidence.

    Returns
    -------
    Interval
    """
    k = int(tail * len(values))
    return _around(float(hill(values, tail)), 1.0, k, level, "hill")


def zipf(sizes: Floats, largest: int = 100, level: float = 0.95) -> Interval:
    """Return the tail exponent from the ranks of the largest sizes; 1 is Zipf's law.

    Parameters
    ----------
    sizes : float64[n]
        Market capitalisations, stakes, anything; those of 0 or less do not count.
    largest : int, optional
        How many of the largest count.
    level : float, optional
        Confidence.

    Returns
    -------
    Interval
        NaN for fewer than three sizes, or where all are equal.
    """
    kept = np.sort(sizes[sizes > 0.0])[::-1][:largest]
    k = len(kept)
    if k < 3 or np.ptp(kept) == 0.0:
        return _around(math.nan, 2.0, k, level, "rank - 1/2")
    x, y = np.log(kept), np.log(np.arange(1, k + 1) - 0.5)
    x, y = x - x.mean(), y - y.mean()
    return _around(-float(x @ y) / float(x @ x), 2.0, k, level, "rank - 1/2")


def _around(exponent: float, variance: float, k: int, level: float, method: str) -> Interval:
    """Return an exponent whose relative variance is `variance / k` with its normal interval."""
    from scipy.special import ndtri

    half = exponent * float(ndtri(0.5 + level / 2.0)) * math.sqrt(variance / max(k, 1))
    return Interval(exponent, exponent - half, exponent + half, level, k, method)
