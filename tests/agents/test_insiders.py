"""Insiders: what they are given by their claims, what they see, and what they learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.insiders import Insiders, InsidersSpec
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.population import MICRO, Quotes, Site, of_kind

PRICE = np.array([2.0, 0.5])
BASE = np.array([10**9, 10**6], np.int64)
QUOTES = Quotes(PRICE, PRICE * MICRO / BASE)


def insiders(count: int = 40, **parameters: Any) -> Insiders:
    site = Site(np.uint64(5), 40, 2, BASE, PRICE, 1.0, Lanes())
    return InsidersSpec(kind="insiders", count=count, **parameters).build("insiders", site)


def test_every_network_has_as_many_insiders_or_one_more() -> None:
    assert np.bincount(insiders(7).network).tolist() == [4, 3]


@given(st.integers(0, 2**60), st.floats(0.3, 5.0))
def test_what_is_given_goes_by_claim_and_never_exceeds_the_amount(amount: int, tail: float) -> None:
    population = insiders(claim={"dist": "pareto", "minimum": 1, "tail": tail})
    given_out = population.endow(0, amount)
    assert given_out == population.tokens.sum() == population.token_totals()[0]
    assert amount * (1.0 - 2.0**-40) - population.n <= given_out <= amount
    here = population.network == 0
    wanted = float(amount) * population.claim[here] / population.claim[here].sum()
    assert population.tokens[here] == pytest.approx(wanted, rel=1e-9, abs=1.0)
    assert not population.tokens[~here].any()


def test_dollars_go_by_claim_as_well() -> None:
    population = insiders(cash=10.0)
    before = population.usd.copy()
    paid = population.pay(1, 10**9)
    assert 10**9 - population.n <= paid == (population.usd - before).sum() <= 10**9


def test_nobody_to_give_to_gets_nothing() -> None:
    assert insiders(1).endow(1, 1000) == 0


def test_sold_is_what_went_after_the_orders() -> None:
    population = insiders(optimism=-1.0, trend_weight=0.0)
    population.endow(0, 10**15)
    _, offered = population.orders(QUOTES)
    assert offered[0] > 0
    population.fill(0, np.zeros(population.n, np.int64), population.order // 2)
    assert population.sold()[0] == pytest.approx(offered[0] / 2, abs=population.n)


def test_risk_is_learned_from_returns_and_forgotten() -> None:
    population = insiders(volatility=0.05, memory_days=10.0)
    assert population.variance == pytest.approx(0.0025)
    population.remember(np.array([0.5, 0.0]))
    assert population.variance == pytest.approx([0.9 * 0.0025 + 0.1 * 0.25, 0.9 * 0.0025])


def test_calm_keeps_tokens_that_risk_would_sell() -> None:
    offered = []
    for returns in (0.0, 0.2):
        population = insiders(optimism=0.3, trend_weight=0.0)
        population.endow(0, 10**15)
        for _ in range(30):
            population.remember(np.full(2, returns))
        offered.append(population.orders(QUOTES)[1][0])
    assert 0 <= offered[0] < offered[1]


def test_insiders_are_found_under_any_name() -> None:
    population = insiders()
    assert of_kind([population], Insiders) is population
    assert of_kind([], Insiders) is None
