r"""Recursive right-tailed unit-root statistics of Phillips, Shi and Yu: is a series explosive, and when.

In a window of observations the regression :math:`\Delta y_t = a + b\,y_{t-1} + e_t` has the t-statistic

.. math:: t_b = \frac{c \sqrt{m - 2}}{\sqrt{v_x v_z - c^2}}

with the number of rows :math:`m` and, of :math:`x = y_{t-1}` and :math:`z = \Delta y_t`, the variances and covariance
:math:`v_x, v_z, c`. The backward sup ADF statistic of a date is the largest over all windows that end there. Windows
grow backwards from their end by running sums, and are compared by :math:`t_b |t_b|` without a division or a root.
Levels count from the last one, so that nothing cancels. In a window that the regression explains to 1e-12 the
residual variance counts as that share, and a window without any variation is left out.

References
----------
P. C. B. Phillips, S. Shi and J. Yu, "Testing for Multiple Bubbles", *International Economic Review* 56 (2015), 1043.
"""

from __future__ import annotations

import math

import numpy as np
from numba import float64

from catallaxy.numba_kernels.compile import Floats, Matrix, helper, kernel

__all__ = ["recursive_adf"]

#: Share of the variance below which it is rounding error.
_NOTHING = 1e-12


@helper
def _signed_root(num: float, den: float) -> float:
    """Return the t-statistic whose signed square is num / den; NaN where no window had variation."""
    if den <= 0.0:
        return math.nan
    return math.sqrt(num / den) if num > 0.0 else -math.sqrt(-num / den)


@helper
def _grow_backwards(levels: Floats, end: int, min_rows: int, backward: Floats, forward: Floats) -> None:
    """Note the largest statistic of the windows that end at one level, and that of the longest."""
    sx, sz, sxx, sxz, szz = 0.0, 0.0, 0.0, 0.0, 0.0
    top, bottom, num, den = 0.0, 0.0, 0.0, 0.0
    last = after = levels[end]
    for row in range(1, end + 1):
        before = levels[end - row]
        x, z, after = before - last, after - before, before
        sx, sz, sxx, sxz, szz = sx + x, sz + z, sxx + x * x, sxz + x * z, szz + z * z
        if row >= min_rows:
            m = float64(row)
            vx, vz, c = m * sxx - sx * sx, m * szz - sz * sz, m * sxz - sx * sz
            if vx > _NOTHING * m * sxx and vz > _NOTHING * m * szz:
                num, den = c * abs(c) * (m - 2.0), max(vx * vz - c * c, _NOTHING * vx * vz)
                if bottom == 0.0 or num * bottom > top * den:
                    top, bottom = num, den
            else:
                num, den = 0.0, 0.0
    backward[end], forward[end] = _signed_root(top, bottom), _signed_root(num, den)


@kernel
def recursive_adf(levels: Matrix, min_rows: int, backward: Matrix, forward: Matrix) -> None:
    """Compute the backward sup ADF sequence of several series, and the ADF statistics from their start.

    Parameters
    ----------
    levels : float64[series, n], any unit
    min_rows : int64
        Rows of the shortest regression, 3 or more: it spans one more level.
    backward : float64[series, n], out
        Largest statistic of the windows that end at each level; NaN for the first `min_rows` levels, and where no
        window has variation. Its largest is the GSADF statistic.
    forward : float64[series, n], out
        Statistic of the window from the first level; its largest is the SADF statistic.
    """
    for s in range(levels.shape[0]):
        for end in range(levels.shape[1]):
            if end < min_rows:
                backward[s, end], forward[s, end] = np.nan, np.nan
            else:
                _grow_backwards(levels[s], end, min_rows, backward[s], forward[s])
