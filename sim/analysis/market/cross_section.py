"""How several series move together: correlations, the first principal component, beta to a market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.market.prices import LEAST, Floats, Prices
from catallaxy.sim.analysis.market.stylised_facts import Bands, correlation, resamples
from catallaxy.sim.errors import PricesError

__all__ = ["aligned", "beta", "common_movement"]


def aligned(series: Mapping[str, Prices]) -> dict[str, Prices]:
    """Return several series on the dates that all of them have.

    Parameters
    ----------
    series : mapping of str to Prices

    Returns
    -------
    dict of str to Prices

    Raises
    ------
    PricesError
        When too few dates are common to all.
    """
    common = None
    for prices in series.values():
        common = prices.dates if common is None else np.intersect1d(common, prices.dates, assume_unique=True)
    if common is None or len(common) < LEAST:
        n = 0 if common is None else len(common)
        raise PricesError(f"{', '.join(series)}: {n} dates are common to all; {LEAST} are needed")
    kept = {name: np.isin(prices.dates, common, assume_unique=True) for name, prices in series.items()}
    return {
        name: replace(
            prices,
            dates=prices.dates[kept[name]],
            close=prices.close[kept[name]],
            volume=None if prices.volume is None else prices.volume[kept[name]],
        )
        for name, prices in series.items()
    }


def common_movement(series: Mapping[str, Prices], bands: Bands | None = None) -> dict[str, Interval]:
    """Compute how several series move together, on the dates that all of them have.

    Parameters
    ----------
    series : mapping of str to Prices
        Two or more.
    bands : Bands, optional
        How intervals are made: all series are resampled together.

    Returns
    -------
    dict of str to Interval
        `pair_correlation`, the mean over pairs, and `first_component`, the share of the variance of standardised
        returns that their first principal component explains.
    """
    bands = bands or Bands()
    returns = np.array([prices.log_returns for prices in aligned(series).values()])
    own = _movement(returns)
    drawn = resamples(returns.shape[1], bands)
    spread = np.array([_movement(returns[:, rows]) for rows in drawn]) if len(drawn) else np.full((1, 2), np.nan)
    tail = 50.0 * (1.0 - bands.level)
    low, high = np.percentile(spread, (tail, 100.0 - tail), axis=0)
    names, n = ("pair_correlation", "first_component"), returns.shape[1]
    return {
        name: Interval(float(own[i]), float(low[i]), float(high[i]), bands.level, n, "stationary bootstrap")
        for i, name in enumerate(names)
    }


def beta(prices: Prices, market: Prices, bands: Bands | None = None) -> dict[str, Interval]:
    """Compute how a series follows a market, on the dates that both have.

    Parameters
    ----------
    prices, market : Prices
    bands : Bands, optional

    Returns
    -------
    dict of str to Interval
        `beta`, the least-squares slope; `correlation`; `alpha`, the mean log return that the market does not explain,
        per step.
    """
    bands = bands or Bands()
    both = aligned({"prices": prices, "market": market})
    y, x = both["prices"].log_returns, both["market"].log_returns
    own, drawn = _line(x, y), resamples(len(x), bands)
    spread = _line(x[drawn], y[drawn]) if len(drawn) else np.full((3, 1), np.nan)
    tail = 50.0 * (1.0 - bands.level)
    low, high = np.percentile(spread, (tail, 100.0 - tail), axis=1)
    return {
        name: Interval(float(own[i]), float(low[i]), float(high[i]), bands.level, len(x), "stationary bootstrap")
        for i, name in enumerate(("beta", "correlation", "alpha"))
    }


def _line(x: Floats, y: Floats) -> Floats:
    a, b = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    slope = (a * b).sum(axis=-1) / (a * a).sum(axis=-1)
    return np.array([slope, correlation(x, y), y.mean(axis=-1) - slope * x.mean(axis=-1)])


def _movement(returns: Floats) -> Floats:
    k, matrix = len(returns), np.asarray(np.corrcoef(returns))
    return np.array([(matrix.sum() - k) / (k * (k - 1)), np.linalg.eigvalsh(matrix)[-1] / k])
