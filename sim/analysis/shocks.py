"""Shocks on a recorded path: when they begin, how deep they go, and how long it takes to recover from them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["BACK", "onset", "recovery_steps"]

Floats = npt.NDArray[np.float64]

#: Share of the level without a shock at which something has recovered.
BACK = 0.95


def onset(shock: Floats) -> int | None:
    """Return the first step of the first shock; None where there is none, or nothing before it.

    Parameters
    ----------
    shock : float64[n]
        Above 0 while there is a shock.

    Returns
    -------
    int or None
    """
    steps = np.flatnonzero(shock > 0.0)
    return int(steps[0]) if len(steps) and steps[0] > 0 else None


def recovery_steps(path: Floats, level: float | Floats, start: int, hold: int = 7) -> float:
    """Return how many steps after the start of a shock a path is back, and stays so for a while.

    Parameters
    ----------
    path : float64[n]
        What was hit: units served, the share of demand met, nodes online.
    level : float or float64[n]
        What it would be: its level before the shock, or its path in the paired run without it.
    start : int
        First step of the shock.
    hold : int, optional
        Steps that it has to stay at 95 % of the level or above, or to the end of the path.

    Returns
    -------
    float
        0 where it never fell below; the length of the rest of the path where it never came back, so that a mean over
        runs is a lower bound; NaN where the level is not positive.
    """
    target = np.broadcast_to(np.asarray(level, dtype=np.float64), path.shape)[start:]
    if not (target > 0.0).all():
        return math.nan
    below = path[start:] < BACK * target
    if not below.any():
        return 0.0
    first, n = int(np.argmax(below)), len(below)
    back = (step for step in range(first + 1, n) if not below[step : step + hold].any())
    return float(next(back, n))
