"""Confidence intervals of quotients: of two sums over the same units, and of two independent estimates."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from catallaxy.sim.analysis.intervals import Interval, mean

__all__ = ["quotient", "ratio_of_sums"]

Floats = npt.NDArray[np.float64]


def ratio_of_sums(numerators: Floats, denominators: Floats, level: float = 0.95) -> Interval:
    """Return the sum of one quantity over the sum of another, with the interval that the delta method gives.

    Parameters
    ----------
    numerators, denominators : float64[n]
        Of n independent units (paths, batches); the denominators add up to more than zero.
    level : float, optional
        Confidence, between 0 and 1.

    Returns
    -------
    Interval

    References
    ----------
    W. G. Cochran, *Sampling Techniques*, 3rd ed. (1977), section 6.3.
    """
    ratio = float(numerators.sum() / denominators.sum())
    around = mean((numerators - ratio * denominators) / float(denominators.mean()), level)
    return Interval(ratio, ratio + around.low, ratio + around.high, level, around.n, around.method)


def quotient(first: Interval, second: Interval) -> Interval:
    """Return one estimate over another, independent one, with the interval that the delta method gives.

    Parameters
    ----------
    first, second : Interval
        Of the same level; neither estimate is zero.

    Returns
    -------
    Interval
        Symmetric about the quotient; its `n` is the smaller one.
    """
    ratio = first.estimate / second.estimate
    shares = [(estimate.high - estimate.low) / 2.0 / estimate.estimate for estimate in (first, second)]
    half = abs(ratio) * math.hypot(*shares)
    return Interval(ratio, ratio - half, ratio + half, first.level, min(first.n, second.n), first.method)
