"""Stylised facts of series whose facts are known, and the coverage of their intervals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis_series import prices_of
from catallaxy.sim.analysis.market.cross_section import aligned, beta, common_movement
from catallaxy.sim.analysis.market.findings import across_replicates, fact_rows
from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.analysis.market.stylised_facts import FACTS, Bands, stylised_facts
from catallaxy.sim.analysis.market.tails import hill, hill_interval, zipf
from catallaxy.sim.errors import PricesError

FEW = Bands(resamples=99)


def clustered(n: int, seed: int) -> Floats:
    """Returns whose volatility follows the last return, more so after a fall: leverage and clustering."""
    shocks, returns, variance = np.random.default_rng(seed).normal(size=n), np.empty(n), 1.0
    for t in range(n):
        returns[t] = math.sqrt(variance) * shocks[t]
        variance = 0.05 + 0.8 * variance + (0.02 + 0.24 * (returns[t] < 0)) * returns[t] ** 2
    return 0.02 * returns


def test_independent_normal_returns_have_no_facts() -> None:
    found = stylised_facts(prices_of(0.03 * np.random.default_rng(1).normal(size=4000)), replace(FEW, level=0.99))
    assert found["sd"].estimate == pytest.approx(0.03, rel=0.03)
    assert found["q99_abs"].estimate == pytest.approx(2.58, abs=0.1)
    for name in ("kurtosis", "kurtosis_20", "acf_1", "acf_abs_1", "acf_abs_20", "acf_abs_100", "leverage"):
        assert found[name].low < 0.0 < found[name].high
    assert "volume_volatility" not in found


def test_clustered_returns_have_them() -> None:
    returns = clustered(4000, 2)
    volume = np.exp(np.abs(returns) / 0.02 + np.random.default_rng(3).normal(size=4000))
    found = stylised_facts(prices_of(returns, volume=np.append(1.0, volume)), FEW)
    for name in ("kurtosis", "acf_abs_1", "acf_abs_5", "volume_volatility"):
        assert found[name].low > 0.0
    assert found["leverage"].high < 0.0
    assert found["kurtosis_20"].estimate < found["kurtosis"].estimate
    assert found["hill"].estimate < 5.0


def test_intervals_cover_and_are_the_same_each_time() -> None:
    bands = Bands(resamples=99, mean_block=5.0, level=0.9)
    samples = [prices_of(0.02 * np.random.default_rng(seed).normal(size=300)) for seed in range(60)]
    intervals = [stylised_facts(prices, bands)["sd"] for prices in samples]
    covered = np.mean([interval.low <= 0.02 <= interval.high for interval in intervals])
    assert 0.78 <= covered <= 0.97
    assert stylised_facts(samples[0], bands)["sd"] == intervals[0]


def test_short_series_have_no_long_memory_and_none_below_a_hundred_observations() -> None:
    returns = 0.02 * np.random.default_rng(4).normal(size=150)
    found = stylised_facts(prices_of(returns), Bands(resamples=0))
    assert "acf_abs_20" in found
    assert "acf_abs_100" not in found
    assert math.isnan(found["sd"].low)
    with pytest.raises(PricesError, match="too few"):
        stylised_facts(prices_of(returns[:50]))


def test_tails_of_pareto_values() -> None:
    sizes = np.random.default_rng(5).pareto(1.5, 40_000) + 1.0
    assert float(hill(sizes)) == pytest.approx(1.5, abs=0.08)
    assert hill_interval(sizes).low < 1.5 < hill_interval(sizes).high
    assert zipf(1.0 / np.arange(1.0, 2001.0), largest=2000).estimate == pytest.approx(1.0, abs=0.02)
    assert math.isnan(float(hill(np.ones(100))))
    assert math.isnan(zipf(np.ones(5)).estimate)
    assert math.isnan(float(hill(np.arange(10.0))))


def test_series_with_a_common_factor() -> None:
    rng = np.random.default_rng(6)
    market = rng.normal(size=3000)
    series = {str(i): prices_of(0.02 * (market + rng.normal(size=3000)), str(i)) for i in range(4)}
    found = common_movement(series, FEW)
    assert found["pair_correlation"].low < 0.5 < found["pair_correlation"].high
    assert found["first_component"].estimate == pytest.approx((1 + 3 * 0.5) / 4, abs=0.03)
    line = beta(series["0"], prices_of(0.01 * market), FEW)
    assert line["beta"].low < 2.0 < line["beta"].high
    assert line["correlation"].estimate == pytest.approx(math.sqrt(0.5), abs=0.03)
    later = prices_of(0.01 * market)
    moved = aligned({"a": series["0"], "b": later.between(100, len(later))})
    assert moved["a"].dates[0] == later.dates[100]
    with pytest.raises(PricesError, match="a, b: 50 dates are common to all"):
        aligned({"a": series["0"].between(0, 150), "b": later.between(100, 400)})


def test_statistics_over_replicates() -> None:
    series = {f"alpha/{r}": prices_of((1 + r) * 0.01 * np.random.default_rng(r).normal(size=200)) for r in range(5)}
    rows = {row["statistic"]: row for row in across_replicates(list(fact_rows(series, Bands(resamples=0))))}
    assert list(rows) == [fact.name for fact in FACTS if fact.name not in {"acf_abs_100", "volume_volatility"}]
    assert rows["sd"]["median"] == pytest.approx(0.03, rel=0.15)
    assert (rows["sd"]["series"], rows["sd"]["n"], rows["sd"]["unit"]) == ("alpha", 5, "1/√step")
