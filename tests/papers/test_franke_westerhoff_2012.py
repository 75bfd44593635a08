"""Traders who switch camps: the kernel against the slow twin, and the published moments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.numba_kernels.strategy_choice import Leanings
from catallaxy.papers.franke_westerhoff_2012.kernels import Market, trade
from catallaxy.papers.franke_westerhoff_2012.replication import MOMENTS, moments
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.randomness import agent_bits, normals
from oracles.speculation import switch_strategies_reference
from oracles.strategy_choice import lean_reference, logit_reference

NAME = "franke-westerhoff-2012"
MARKET = Market(0.01, 1.0, 0.12, 1.5, 0.758, 2.087, 1.0)
LEANINGS = Leanings(-0.327, 1.79, 18.43)


def trade_reference(key: int, n: int, days: int) -> tuple[list[float], float]:
    """Return one run's log returns and mean share of chartists."""
    draws, traders = agent_bits(key, range(2))
    prices, camps, appeal, chartists = [0.0, 0.0], [0] * n, 0.0, 0.0
    for day in range(days):
        share = logit_reference(MARKET.intensity * appeal)
        if n:
            today = agent_bits(traders, [day])[0]
            camps = switch_strategies_reference(today, list(range(n)), camps, 1.0 - share, share)
            share = camps.count(0) / n
        appeal = lean_reference(LEANINGS, share, (MARKET.seen_per_log * prices[-1]) ** 2)
        z_value, z_trend = normals(draws, [2 * day, 2 * day + 1])
        value = MARKET.shock_fundamentalist * z_value - MARKET.value_pull * prices[-1]
        trend = MARKET.shock_chartist * z_trend + MARKET.trend_pull * (prices[-1] - prices[-2])
        prices.append(prices[-1] + MARKET.impact * (share * value + (1.0 - share) * trend))
        chartists += 1.0 - share
    return np.diff(prices[1:]).tolist(), chartists / days


@given(st.integers(0, 2**63), st.integers(0, 9), st.integers(0, 5))
@settings(max_examples=30)
def test_days_are_those_of_the_slow_twin(key: int, n: int, burn: int) -> None:
    returns, chartists = np.zeros((2, 12 - burn)), np.zeros(2)
    trade(np.uint64(key), MARKET, LEANINGS, n, burn, returns, chartists)
    for run, own in enumerate(agent_bits(key, range(2))):
        expected, share = trade_reference(own, n, 12)
        assert returns[run].tolist() == pytest.approx(expected[burn:], rel=1e-12, abs=1e-15)
        if burn == 0:
            assert chartists[run] == pytest.approx(share, rel=1e-12)


def test_moments_of_a_known_series() -> None:
    normal = np.random.default_rng(1).standard_normal(400_000)
    found = dict(zip(MOMENTS, moments(normal), strict=True))
    assert found["mean absolute return, %"] == pytest.approx(np.sqrt(2 / np.pi), abs=0.004)
    assert found["excess kurtosis"] == pytest.approx(0.0, abs=0.03)
    assert abs(found["autocorrelation of absolute returns, lag 10"]) < 0.005
    # beyond the 5 % tail of |z|, ln|z| exceeds its quantile of 1.95996 by 0.16671 on average
    assert found["inverse Hill index"] == pytest.approx(0.16671, abs=0.004)


@pytest.mark.jit
@pytest.mark.slow
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 26


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_moments_come_out() -> None:
    assert replicate(NAME).passed


def test_parameters_are_those_of_the_table() -> None:
    p = find_replication(NAME).parameters()
    assert p.model_dump()["misalignment"] == LEANINGS.misalignment
    assert p.model_dump()["shock_chartist"] == MARKET.shock_chartist
