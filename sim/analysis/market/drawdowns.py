"""Falls of a price from an earlier peak: how deep, how long, and whether it came back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catallaxy.sim.analysis.market.prices import Prices

__all__ = ["Drawdown", "drawdowns"]


@dataclass(frozen=True)
class Drawdown:
    """One fall from a peak that had not been reached before.

    Attributes
    ----------
    peak, trough : datetime64[D]
        Dates of the highest price before and of the lowest one.
    recovery : datetime64[D] or None
        First date at which the price is back at the peak; None while it is not.
    depth : float
        Fall from peak to trough, as a share of the peak.
    days : int
        From the peak to the recovery, or to the end of the series.
    """

    peak: np.datetime64
    trough: np.datetime64
    recovery: np.datetime64 | None
    depth: float
    days: int


def drawdowns(prices: Prices, least: float = 0.0) -> tuple[Drawdown, ...]:
    """Return the falls of a price from its running maximum, the deepest first.

    Parameters
    ----------
    prices : Prices
    least : float, optional
        Leave out falls by less than this share of the peak.

    Returns
    -------
    tuple of Drawdown
        They do not overlap.
    """
    close, dates = prices.close, prices.dates
    under = close < np.maximum.accumulate(close)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], under, [False])).astype(np.int8)))
    found = []
    for start, stop in edges.reshape(-1, 2).tolist():
        peak, trough = start - 1, start + int(close[start:stop].argmin())
        depth = 1.0 - float(close[trough] / close[peak])
        back = dates[stop] if stop < len(close) else None
        days = int((dates[min(stop, len(close) - 1)] - dates[peak]).astype(np.int64))
        if depth >= least:
            found.append(Drawdown(dates[peak], dates[trough], back, depth, days))
    return tuple(sorted(found, key=lambda fall: -fall.depth))
