"""Slow twin of `explosive`: ordinary least squares in every window, with the textbook's standard error."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def adf_reference(levels: Floats) -> float:
    """t-statistic of the level in a regression of changes on a constant and the level before."""
    x, z = levels[:-1], np.diff(levels)
    design = np.column_stack((np.ones(len(x)), x - levels[-1]))
    coefficients, *_ = np.linalg.lstsq(design, z, rcond=None)
    residuals = z - design @ coefficients
    covariance = np.linalg.inv(design.T @ design) * (residuals @ residuals) / (len(x) - 2)
    return float(coefficients[1] / math.sqrt(covariance[1, 1]))


def bsadf_reference(levels: Floats, end: int, min_rows: int) -> float:
    """Largest statistic of the windows that end at a level."""
    return max(adf_reference(levels[start : end + 1]) for start in range(end - min_rows + 1))
