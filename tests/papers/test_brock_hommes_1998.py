"""Choice among forecasts: the kernel against the slow twin, and the thresholds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.papers.brock_hommes_1998.replication import Parameters, path
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.randomness import agent_bits, uniforms
from oracles.strategy_choice import choose_reference

NAME = "brock-hommes-1998"


def parameters() -> Parameters:
    declared = find_replication(NAME).parameters()
    assert isinstance(declared, Parameters)
    return declared


def price_reference(four: bool, intensity: float, days: int, traders: int, key: int) -> list[float]:
    market, x = parameters().four if four else parameters().two, [0.3] * 3
    for day in range(3, days):
        last, before, first = x[-1], x[-2], x[-3]
        gain = last - market.growth * before
        wanted = [kind.trend * first + kind.bias - market.growth * before for kind in market.kinds]
        fitness = [gain * want - kind.cost for want, kind in zip(wanted, market.kinds, strict=True)]
        shares = choose_reference(fitness, intensity)
        if traders:
            drawn = np.searchsorted(np.cumsum(shares), uniforms(agent_bits(key, [day])[0], range(traders)))
            shares = [float((drawn.clip(max=len(shares) - 1) == h).mean()) for h in range(len(shares))]
        x.append(sum(n * (k.trend * last + k.bias) for n, k in zip(shares, market.kinds, strict=True)) / market.growth)
    return x


@given(st.booleans(), st.floats(0.5, 5.0), st.integers(0, 30), st.integers(0, 2**63))
@settings(max_examples=30)
def test_prices_are_those_of_the_slow_twin(four: bool, intensity: float, traders: int, key: int) -> None:
    market = parameters().four if four else parameters().two
    found = path(market, intensity, 0.3, 20, traders, np.uint64(key))
    assert found.tolist() == pytest.approx(price_reference(four, intensity, 20, traders, key), rel=1e-9, abs=1e-12)


def test_the_first_threshold_follows_from_the_parameters() -> None:
    two = parameters().two
    expected = {k: v for t in find_replication(NAME).expected().tables for k, v in t.values.items()}
    at = math.log(two.growth / (two.kinds[1].trend - two.growth)) / two.kinds[0].cost
    assert expected["price leaves its value, two kinds"] == pytest.approx(at, abs=1e-5)
    for beta in (2.5, 3.0, 3.3):
        x = expected[f"price at {beta:g}, two kinds"]
        odds = beta * (two.kinds[0].cost - (two.growth - 1) * two.kinds[1].trend * x * x)
        assert 1 / (1 + math.exp(-odds)) == pytest.approx(two.growth / two.kinds[1].trend, abs=1e-4)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 20


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_thresholds_come_out() -> None:
    assert replicate(NAME).passed
