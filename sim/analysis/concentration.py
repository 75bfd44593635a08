r"""How unequally something is held: the Gini coefficient, the Herfindahl-Hirschman index, the Nakamoto coefficient.

With holdings sorted upwards, :math:`x_1 \le \dots \le x_n`,

.. math::
    G = \frac{2 \sum_i i\,x_i}{n \sum_i x_i} - \frac{n + 1}{n}, \qquad
    \mathrm{HHI} = \sum_i \left(\frac{x_i}{\sum_j x_j}\right)^2, \qquad
    N = \min \Bigl\{ m : \sum_{i > n - m} x_i > \tfrac{1}{2} \sum_j x_j \Bigr\} .

Sums are exactly rounded (`math.fsum`), so that neither the order of the agents nor the machine changes a bit.

References
----------
A. Sen, *On Economic Inequality*, Oxford 1973, section 2.4 (Gini);
A. O. Hirschman, "The Paternity of an Index", *American Economic Review* 54 (1964), 761 (HHI);
B. S. Srinivasan and L. Lee, "Quantifying Decentralization", 2017 (Nakamoto coefficient).
"""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import numpy.typing as npt

__all__ = ["gini", "hhi", "nakamoto"]

#: Numbers that are turned into Python floats at a time: millions of agents at once would not fit.
_BLOCK = 1 << 16

Holdings = npt.NDArray[np.int64] | npt.NDArray[np.float64]


def gini(holdings: Holdings) -> float:
    """Return the Gini coefficient of non-negative holdings.

    Parameters
    ----------
    holdings : int64[n] or float64[n], any unit
        What each agent holds or earned; the unit cancels.

    Returns
    -------
    float
        0 when all hold the same, (n - 1)/n when one holds everything; NaN when nobody holds anything.

    Raises
    ------
    ValueError
        When a holding is negative or not finite: the coefficient then has no meaning.
    """
    values = np.sort(_checked(holdings, "gini"))
    total = _sum(values)
    if total == 0.0:
        return math.nan
    n = len(values)
    ranks = np.arange(1, n + 1, dtype=np.float64)
    weighted = _sum(ranks * values)
    return max(0.0, 2.0 * weighted / (n * total) - (n + 1) / n)


def hhi(holdings: Holdings) -> float:
    """Return the Herfindahl-Hirschman index of non-negative holdings, as a fraction.

    Parameters
    ----------
    holdings : int64[n] or float64[n], any unit
        What each agent or firm holds; the unit cancels.

    Returns
    -------
    float
        Sum of squared shares: 1/n when all hold the same, 1 when one holds everything; NaN when nobody holds
        anything. Multiply by 10,000 for the scale of competition authorities.

    Raises
    ------
    ValueError
        When a holding is negative or not finite.
    """
    values = _checked(holdings, "hhi")
    total = _sum(values)
    if total == 0.0:
        return math.nan
    return _sum((values / total) ** 2)


def nakamoto(holdings: Holdings) -> float:
    """Return the Nakamoto coefficient of non-negative holdings: how few together hold more than half.

    Parameters
    ----------
    holdings : int64[n] or float64[n], any unit
        What each agent holds or earned.

    Returns
    -------
    float
        A whole number from 1 to n // 2 + 1; NaN when nobody holds anything.

    Raises
    ------
    ValueError
        When a holding is negative or not finite.
    """
    values = np.sort(_checked(holdings, "nakamoto"))[::-1]
    total = _sum(values)
    if total == 0.0:
        return math.nan
    return float(np.searchsorted(np.cumsum(values), 0.5 * total, side="right") + 1)


def _sum(values: npt.NDArray[np.float64]) -> float:
    """Add numbers with one rounding, at the end."""
    blocks = (values[start : start + _BLOCK].tolist() for start in range(0, len(values), _BLOCK))
    return math.fsum(chain.from_iterable(blocks))


def _checked(holdings: Holdings, name: str) -> npt.NDArray[np.float64]:
    values = np.asarray(holdings, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"{name} needs one value per agent in a one-dimensional array, not shape {values.shape}")
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0.0))
    if len(bad):
        raise ValueError(
            f"{name} is defined for finite holdings of 0 or more; holding {bad[0]} is {values[bad[0]]!r} "
            f"({len(bad)} of {len(values)} are out of range)"
        )
    return values
