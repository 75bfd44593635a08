r"""Tests for explosive episodes in prices, and their dates: SADF, GSADF and BSADF.

In a random walk the recursive statistics of `numba_kernels.explosive` have distributions that are known by simulation
only. Two kinds of null are simulated here:

- **Monte Carlo**: :math:`y_t = 1/n + y_{t-1} + \varepsilon_t` with independent normal shocks, the null of the
published tables; - **wild bootstrap**: :math:`y_t = y_{t-1} + w_t \hat e_t` with the series' own changes less their
mean, in their own order, each
  times an independent normal :math:`w_t`. Calm and turbulent times stay where they were, so that a burst of
  volatility alone is no bubble (Harvey et al. 2016).

The dates of an episode are those at which the backward statistic is above the quantile of its null at the same date,
for at least :math:`\ln n` steps in a row.

References
----------
P. C. B. Phillips, Y. Wu and J. Yu, *International Economic Review* 52 (2011), 201 (SADF); P. C. B. Phillips, S. Shi
and J. Yu, *International Economic Review* 56 (2015), 1043 and 1079 (GSADF, dates); D. I. Harvey, S. J. Leybourne, R.
Sollis and A. M. R. Taylor, *Journal of Empirical Finance* 38 (2016), 548 (wild bootstrap).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from catallaxy.agents.complaints import did_you_mean
from catallaxy.numba_kernels.streams import Stream, step_key
from catallaxy.sim.analysis.market.prices import Floats, Prices, checked
from catallaxy.sim.errors import PricesError

__all__ = ["LEVELS", "NULLS", "Bubbles", "Episode", "Null", "bubbles", "min_rows", "null_changes", "recursive"]

LEVELS = (0.9, 0.95, 0.99)
"""Levels of the critical values that are told."""

NULLS = ("wild", "monte-carlo")
"""How a world without bubbles is simulated."""

#: Most levels of paths that are held at a time.
_CELLS = 2_000_000


@dataclass(frozen=True)
class Null:
    """How critical values are found.

    Attributes
    ----------
    kind : {"wild", "monte-carlo"}
    paths : int
        Simulated paths.
    level : float
        Of the thresholds for dates.
    seed : int
    """

    kind: str = "wild"
    paths: int = 499
    level: float = 0.95
    seed: int = 1

    def __post_init__(self) -> None:
        if self.kind not in NULLS:
            raise PricesError(f"the null can be {', '.join(NULLS)}, not {self.kind!r}{did_you_mean(self.kind, NULLS)}")


@dataclass(frozen=True)
class Episode:
    """A time in which a price was explosive.

    Attributes
    ----------
    kind : {"boom", "collapse"}
        Whether the price left its recent median upwards or downwards.
    start, peak, end : datetime64[D]
        First and last date above the threshold; date of the most extreme price between them.
    days : int
    factor : float
        Price at the peak over price at the start.
    """

    kind: Literal["boom", "collapse"]
    start: np.datetime64
    peak: np.datetime64
    end: np.datetime64
    days: int
    factor: float


@dataclass(frozen=True, eq=False)
class Bubbles:
    """What the tests say of one series.

    Attributes
    ----------
    sadf, gsadf : float
        The statistics.
    sadf_critical, gsadf_critical : float64[levels]
        Their critical values at `LEVELS`.
    sadf_p, gsadf_p : float
        Share of simulated statistics that are at least as large, the own one included.
    backward, threshold : float64[n]
        The BSADF sequence, and its quantile under the null at every date; NaN before the shortest window.
    rows : int
        Rows of the shortest regression.
    episodes : tuple of Episode
        In time.
    """

    sadf: float
    gsadf: float
    sadf_critical: Floats
    gsadf_critical: Floats
    sadf_p: float
    gsadf_p: float
    backward: Floats
    threshold: Floats
    rows: int
    episodes: tuple[Episode, ...]


def min_rows(n: int) -> int:
    """Return the rows of the shortest regression in n observations: (0.01 + 1.8 / sqrt n) n."""
    return int((0.01 + 1.8 / math.sqrt(n)) * n)


def recursive(levels: Floats, rows: int) -> tuple[Floats, Floats]:
    """Return the backward sup ADF sequences and the ADF statistics from the start.

    Parameters
    ----------
    levels : float64[series, n]
    rows : int
        Rows of the shortest regression.

    Returns
    -------
    tuple of float64[series, n]
        NaN before the shortest window.
    """
    from catallaxy import numba_kernels as nk

    levels = np.ascontiguousarray(levels, np.float64)
    backward, forward = np.empty_like(levels), np.empty_like(levels)
    nk.explosive.recursive_adf(levels, rows, backward, forward)
    return backward, forward


def null_changes(n: int, paths: int, key: np.uint64) -> Floats:
    """Return independent standard normal numbers, float64[paths, n]."""
    from catallaxy import numba_kernels as nk

    draws = np.empty(paths * n)
    nk.random.fill_normal(key, np.arange(paths * n), draws)
    return draws.reshape(paths, n)


def bubbles(prices: Prices, null: Null | None = None, *, log: bool = True) -> Bubbles:
    """Test a series for explosive episodes, and date them.

    Parameters
    ----------
    prices : Prices
        Without gaps.
    null : Null, optional
    log : bool, optional
        Test log prices; otherwise prices.

    Returns
    -------
    Bubbles

    Raises
    ------
    PricesError
        When the series is too short or never changes.
    """
    prices, null = checked(prices), null or Null()
    levels = np.log(prices.close) if log else prices.close
    rows = min_rows(len(prices))
    backward, forward = (found[0] for found in recursive(levels[np.newaxis], rows))
    sequences, sadfs = _null_sequences(levels, rows, null)
    gsadfs = np.nanmax(sequences, axis=1)
    threshold = np.full(len(levels), np.nan)
    threshold[rows:] = np.quantile(sequences[:, rows:], null.level, axis=0)
    sadf, gsadf = float(np.nanmax(forward)), float(np.nanmax(backward))
    return Bubbles(
        sadf,
        gsadf,
        np.quantile(sadfs, LEVELS),
        np.quantile(gsadfs, LEVELS),
        _share_above(sadfs, sadf),
        _share_above(gsadfs, gsadf),
        backward,
        threshold,
        rows,
        _episodes(prices, levels, backward > threshold, rows),
    )


def _share_above(simulated: Floats, own: float) -> float:
    return float((1 + np.count_nonzero(simulated >= own)) / (1 + len(simulated)))


def _null_sequences(levels: Floats, rows: int, null: Null) -> tuple[Floats, Floats]:
    """Return the BSADF sequences of paths without bubbles, float64[paths, n], and their SADF statistics."""
    n = len(levels)
    changes = np.diff(levels)
    drift, scale = (1.0 / n, np.ones(n - 1)) if null.kind == "monte-carlo" else (0.0, changes - changes.mean())
    sequences, sadfs = np.empty((null.paths, n)), np.empty(null.paths)
    batch = max(1, _CELLS // n)
    for number, start in enumerate(range(0, null.paths, batch)):
        count = min(batch, null.paths - start)
        draws = null_changes(n - 1, count, step_key(null.seed, Stream.NULL_PATHS, number))
        paths = np.zeros((count, n))
        np.cumsum(drift + scale * draws, axis=1, out=paths[:, 1:])
        own = slice(start, start + count)
        sequences[own], forward = recursive(paths, rows)
        sadfs[own] = np.nanmax(forward, axis=1)
    return sequences, sadfs


def _episodes(prices: Prices, levels: Floats, above: np.ndarray, rows: int) -> tuple[Episode, ...]:
    """Return the times above the threshold that last at least ln n steps."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], above, [False])).astype(np.int8)))
    found = []
    for start, stop in edges.reshape(-1, 2).tolist():
        if stop - start < math.log(len(levels)):
            continue
        boom = float(np.median(levels[start:stop])) > float(np.median(levels[max(0, start - rows) : start]))
        peak = start + int((levels if boom else -levels)[start:stop].argmax())
        dates, close = prices.dates, prices.close
        days = int((dates[stop - 1] - dates[start]).astype(np.int64)) + prices.step_days
        factor = float(close[peak] / close[start])
        found.append(Episode("boom" if boom else "collapse", dates[start], dates[peak], dates[stop - 1], days, factor))
    return tuple(found)
