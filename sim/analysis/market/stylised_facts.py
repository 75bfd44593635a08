"""Stylised facts of returns, each with its interval.

The facts are those of R. Cont, "Empirical Properties of Asset Returns: Stylized Facts and Statistical Issues",
*Quantitative Finance* 1 (2001), 223. Intervals are percentiles over resamples of the stationary bootstrap
(`resampling`). What is resampled are tuples, such as a return together with that of 20 steps later, so that joins
between blocks do not weaken the memory that is measured (H. R. Künsch, *Annals of Statistics* 17 (1989), 1217).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from catallaxy.numba_kernels.streams import Stream, step_key
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.market.prices import Floats, Prices, checked
from catallaxy.sim.analysis.market.tails import hill

__all__ = ["FACTS", "Bands", "Fact", "correlation", "resamples", "stylised_facts"]

Rows = npt.NDArray[np.int64]
Columns = tuple[Floats, ...]

#: Steps over which the usual volume is the mean of log volume, the day itself included.
_USUAL = 30
#: A memory of some steps is measured where the series is at least this many times as long.
_TIMES_THE_LAG = 5


@dataclass(frozen=True)
class Bands:
    """How intervals are made.

    Attributes
    ----------
    resamples : int
    mean_block : float
        Mean length of a block, steps; longer than the memory of volatility that matters.
    level : float
        Confidence.
    seed : int
        The same seed gives the same intervals.
    """

    resamples: int = 500
    mean_block: float = 40.0
    level: float = 0.95
    seed: int = 1


@dataclass(frozen=True)
class Fact:
    """One statistic of a series.

    Attributes
    ----------
    name, unit, doc : str
    columns : callable (Prices) -> tuple of float64[m], or None
        Tuples that are resampled together; None where the series does not have them.
    value : callable (float64[..., m], ...) -> float64[...]
        The statistic of the columns, along the last axis.
    lead : int
        Steps that a tuple spans beyond one.
    """

    name: str
    unit: str
    doc: str
    columns: Callable[[Prices], Columns | None]
    value: Callable[..., Floats]
    lead: int = 0


def _returns(prices: Prices) -> Columns:
    return (prices.log_returns,)


def _sizes(prices: Prices) -> Columns:
    return (np.abs(prices.log_returns),)


def _pairs(lag: int, prices: Prices, *, sizes: bool) -> Columns:
    values = np.abs(prices.log_returns) if sizes else prices.log_returns
    return values[:-lag], values[lag:]


def _return_and_next_size(prices: Prices) -> Columns:
    returns = prices.log_returns
    return returns[:-1], np.abs(returns[1:])


def _sums(span: int, prices: Prices) -> Columns:
    log = np.log(prices.close)
    return (log[span:] - log[:-span],)


def _size_and_volume(prices: Prices) -> Columns | None:
    """Return sizes of returns, and log volumes less their mean over the last steps, where both are known."""
    if prices.volume is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(prices.volume[1:])
    log[~np.isfinite(log)] = np.nan
    seen = np.isfinite(log)
    count = np.cumsum(seen)
    total = np.cumsum(np.where(seen, log, 0.0))
    before = np.arange(len(log)) - _USUAL
    n = count - np.where(before >= 0, count[before], 0)
    usual = (total - np.where(before >= 0, total[before], 0.0)) / np.maximum(n, 1)
    keep = seen & (np.arange(len(log)) >= _USUAL)
    if keep.sum() < 2 * _USUAL:
        return None
    return np.abs(prices.log_returns)[keep], (log - usual)[keep]


def _mean(x: Floats) -> Floats:
    return np.asarray(x.mean(axis=-1))


def _sd(x: Floats) -> Floats:
    return np.asarray(x.std(axis=-1, ddof=1))


def _standardised_moment(power: int, less: float, x: Floats) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.mean(centred * centred, axis=-1)
    product = centred * centred * (centred if power == 3 else centred * centred)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(product.mean(axis=-1) / variance ** (power / 2) - less)


def correlation(x: Floats, y: Floats) -> Floats:
    """Return the correlation of two columns, along the last axis; NaN where one of them does not vary.

    Parameters
    ----------
    x, y : float64[..., n]

    Returns
    -------
    float64[...]
    """
    a, b = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((a * b).sum(axis=-1) / np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1)))


def _far(x: Floats) -> Floats:
    return np.asarray(np.quantile(x, 0.99, axis=-1) / np.sqrt((x * x).mean(axis=-1)))


def _losses(x: Floats) -> Floats:
    return hill(np.maximum(-x, 0.0))


def _gains(x: Floats) -> Floats:
    return hill(np.maximum(x, 0.0))


_kurtosis = partial(_standardised_moment, 4, 3.0)


def _memory(lag: int, *, sizes: bool) -> Fact:
    name, of = ("acf_abs", "sizes of returns") if sizes else ("acf", "returns")
    doc = f"Autocorrelation of {of} at lag {lag}."
    return Fact(f"{name}_{lag}", "1", doc, partial(_pairs, lag, sizes=sizes), correlation, lag)


FACTS: tuple[Fact, ...] = (
    Fact("mean", "1/step", "Mean log return.", _returns, _mean),
    Fact("sd", "1/√step", "Standard deviation of log returns.", _returns, _sd),
    Fact("skewness", "1", "Skewness of returns.", _returns, partial(_standardised_moment, 3, 0.0)),
    Fact("kurtosis", "1", "Excess kurtosis of returns; 0 is normal.", _returns, _kurtosis),
    Fact("kurtosis_5", "1", "Excess kurtosis of returns over 5 steps.", partial(_sums, 5), _kurtosis, 4),
    Fact(
        "kurtosis_20",
        "1",
        "Excess kurtosis of returns over 20 steps: they become normal.",
        partial(_sums, 20),
        _kurtosis,
        19,
    ),
    Fact("hill", "1", "Tail exponent of the 5 % largest returns, of either sign.", _sizes, hill),
    Fact("hill_losses", "1", "Tail exponent of losses, of the 5 % lowest returns.", _returns, _losses),
    Fact("hill_gains", "1", "Tail exponent of gains, of the 5 % highest returns.", _returns, _gains),
    Fact(
        "q99_abs",
        "1",
        "99 % quantile of the size of returns over their root mean square; 2.58 is normal.",
        _sizes,
        _far,
    ),
    _memory(1, sizes=False),
    *(_memory(lag, sizes=True) for lag in (1, 5, 20, 100)),
    Fact(
        "leverage",
        "1",
        "Correlation of a return with the size of the next; below 0 where falls raise volatility.",
        _return_and_next_size,
        correlation,
        1,
    ),
    Fact(
        "volume_volatility",
        "1",
        f"Correlation of the size of a return with log volume less its mean over {_USUAL} steps.",
        _size_and_volume,
        correlation,
    ),
)
"""The statistics, in the order of tables."""


def resamples(n: int, bands: Bands) -> Rows:
    """Return which observations the resamples hold.

    Parameters
    ----------
    n : int
        Observations, and the length of a resample.
    bands : Bands

    Returns
    -------
    int64[resamples, n]
    """
    from catallaxy import numba_kernels as nk

    rows = np.empty((bands.resamples, n), np.int64)
    nk.resampling.stationary_resamples(step_key(bands.seed, Stream.RESAMPLING, 0), n, bands.mean_block, rows)
    return rows


def stylised_facts(prices: Prices, bands: Bands | None = None) -> dict[str, Interval]:
    """Compute the stylised facts of one series.

    Parameters
    ----------
    prices : Prices
        Without gaps (`prices.whole`).
    bands : Bands, optional
        How intervals are made; without resamples the ends are NaN.

    Returns
    -------
    dict of str to Interval
        Those of `FACTS` that the series allows.

    Raises
    ------
    PricesError
        When it is too short or never changes.
    """
    prices, bands = checked(prices), bands or Bands()
    return dict(_found(prices, bands))


def _found(prices: Prices, bands: Bands) -> Iterator[tuple[str, Interval]]:
    drawn: dict[int, Rows] = {}
    for fact in FACTS:
        columns = fact.columns(prices) if len(prices) > _TIMES_THE_LAG * fact.lead else None
        if columns is None:
            continue
        n = len(columns[0])
        if n not in drawn:
            drawn[n] = resamples(n, bands)
        spread = fact.value(*(column[drawn[n]] for column in columns)) if bands.resamples else np.array([np.nan])
        tail = 50.0 * (1.0 - bands.level)
        with np.errstate(invalid="ignore"):
            low, high = np.percentile(spread, (tail, 100.0 - tail))
        estimate = float(fact.value(*columns))
        yield fact.name, Interval(estimate, float(low), float(high), bands.level, n, "stationary bootstrap")
