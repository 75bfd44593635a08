"""Irreversible entry: the closed form, and the published numbers."""

from __future__ import annotations

import pytest

from catallaxy.papers.prat_walter_2021.replication import Parameters, value
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "prat-walter-2021"


def test_the_expected_numbers_follow_from_the_parameters() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: number for table in tables for name, number in table.values.items()}
    for name, market in p.markets.items():
        rate = market.discount - market.drift
        barrier = expected[f"barrier, {name}"]
        b = barrier / (barrier - rate)
        root = market.volatility**2 / 2 * b * (b - 1) + (market.drift + market.price_fall) * b
        assert root == pytest.approx(market.discount + market.price_fall, rel=2e-3)
        for start in p.starts:
            number = start * barrier / rate - start**b * barrier / (b * rate)
            assert expected[f"earned from {start:g}, {name}"] == pytest.approx(number, abs=1e-3)
            assert value(market, start) == pytest.approx(number, abs=1e-3)


@pytest.mark.jit
@pytest.mark.slow
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 12


@pytest.mark.jit
@pytest.mark.slow
def test_entrants_earn_what_they_paid() -> None:
    assert replicate(NAME).passed
