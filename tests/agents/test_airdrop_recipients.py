"""Airdrop recipients: what they are promised, when they claim it, and what becomes of the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.airdrop_recipients import AirdropRecipients, AirdropRecipientsSpec
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.population import MICRO, Site

PRICE = np.array([2.0, 0.5])
BASE = np.array([10**9, 10**6], np.int64)


def recipients(count: int = 40, **parameters: Any) -> AirdropRecipients:
    site = Site(np.uint64(5), 40, 2, BASE, PRICE, 1.0, Lanes())
    spec = AirdropRecipientsSpec(kind="airdrop_recipients", count=count, **parameters)
    return spec.build("airdrop_recipients", site)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2**58)), max_size=5))
def test_promises_are_kept_apart_from_what_is_claimed(drops: list[tuple[int, int]]) -> None:
    population = recipients()
    for k, amount in drops:
        population.promise(k, amount)
    promised = [sum(amount for j, amount in drops if j == k) for k in range(2)]
    held = population.institutions()["airdrop"].tokens
    assert held.tolist() == promised
    assert (population.by_network(population.due) <= held).all()
    assert population.by_network(population.due) == pytest.approx(promised, rel=1e-9, abs=200)
    assert not population.token_totals().any()


def test_an_agent_stands_for_many_accounts() -> None:
    one, many = recipients(accounts_per_agent=1), recipients(accounts_per_agent=50)
    assert (many.usd == 50 * one.usd).all()
    assert many.trouble == pytest.approx(50 * one.trouble)


def claim(population: AirdropRecipients, age: float, price: float, cost: float) -> np.ndarray:
    before = population.token_totals() + population.unclaimed
    claimed = population.collect(np.full(2, age), PRICE * price * MICRO / BASE, cost)
    assert (population.token_totals() + population.unclaimed == before).all()
    assert (claimed >= 0).all()
    return claimed


@pytest.mark.parametrize(
    ("usual", "better"),
    [
        ((3.0, 1.0, 1.0), (30.0, 1.0, 1.0)),
        ((3.0, 0.2, 1.0), (3.0, 1.0, 1.0)),
        ((3.0, 1.0, 60.0), (3.0, 1.0, 1.0)),
    ],
    ids=["time", "price", "transaction cost"],
)
def test_more_is_claimed_with_time_and_worth(
    usual: tuple[float, float, float], better: tuple[float, float, float]
) -> None:
    shares = []
    for age, price, cost in (usual, better):
        population = recipients(200)
        population.promise(0, 10**15 * 4)
        shares.append(claim(population, age, price, cost)[0] / 4e15)
    assert 0.0 < shares[0] < shares[1] <= 1.0


def test_who_has_claimed_claims_nothing_twice() -> None:
    population = recipients(trouble=0.0, notice_days=0.0)
    population.promise(1, 10**12)
    first, second = claim(population, 1.0, 1.0, 0.0), claim(population, 2.0, 1.0, 0.0)
    assert first[1] == pytest.approx(1e12, rel=1e-9)
    assert not second.any()
    assert not population.due.any()
