"""Burn-and-mint under the quantity theory: the numbers of the recursion, and of the sources."""

from __future__ import annotations

import math

import pytest

from catallaxy.papers.samani_2018.replication import Parameters
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "samani-2018"


def test_the_expected_numbers_follow_from_the_recursion() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    assert isinstance(p, Parameters)
    expected = {name: value for table in tables for name, value in table.values.items()}
    half_life = math.log(2.0) / -math.log1p(-1.0 / p.held_months)
    price, supply = p.spending / p.minted, p.held_months * p.minted
    numbers = {
        "price of Factom in the end": round(p.entries * p.entry_usd / p.minted, 5),
        "price over that of the month before": 2.0,
        "price in the end": 2.0 * price,
        **{f"share of supply burned {when}": 1.0 / p.held_months for when in ("before", "after")},
    }
    for start in ("few tokens at the start", "many tokens at the start"):
        numbers |= {f"price, {start}": price, f"supply, {start}": supply, f"half-life, {start}": half_life}
        numbers[f"burned over minted, {start}"] = 1.0
    assert expected == pytest.approx(numbers, rel=1e-9)


@pytest.mark.parametrize("quick", [True, False])
def test_prices_come_to_rest_where_burning_equals_minting(quick: bool) -> None:
    outcome = replicate(NAME, quick=quick)
    assert outcome.passed
    assert len(outcome.rows) == 13
