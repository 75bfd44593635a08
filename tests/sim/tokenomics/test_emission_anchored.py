"""Emission anchored to use: published examples of Render and Vana, dead bands, limits and directions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext
from catallaxy.sim.tokenomics.emission_anchored import BurnAnchored, ValueLocked

BASE = 10**9
FIRST = EmissionContext(step=0, dt_days=7.0, start=date(2025, 1, 1), base=BASE, supply=10**8 * BASE)
WEEK = {"days": 7}
AMOUNTS = st.integers(0, 10**6)


def anchored(**parameters: Any) -> BurnAnchored:
    rule = EMISSIONS.build({"kind": "burn-anchored", "start": 15_000, "every": WEEK, **parameters})
    assert isinstance(rule, BurnAnchored)
    return rule


def weekly(rule: BurnAnchored, burns: list[int]) -> list[float]:
    """Mint week by week, `burns` tokens being burned in each; return tokens minted."""
    minted, memory, burned = [], FIRST.memory, 0
    for now, burn in zip(FIRST.steps(len(burns)), burns, strict=True):
        amount, memory = rule.issue(replace(now, burned=burned, memory=memory))
        minted.append(amount / BASE)
        burned += burn * BASE
    return minted


def test_published_example_of_render() -> None:
    """RNP-020: burns of 12,125, 15.13 % fewer than before, make an anchor of 16,293; a policy of 15,000 stays."""
    rule, before = anchored(nodes=1.576, pain=1.005), 14_286_555_909
    burned = 12_125 * 10**6
    assert burned / before == pytest.approx(1 - 0.1513, abs=1e-9)
    assert float(rule.anchor(burned, before)) / 10**6 == pytest.approx(16_293, abs=8)
    assert rule.moved(15_000 * 10**6, 0, burned, before) == (15_000 * 10**6, 0)


def test_published_floor_of_render() -> None:
    """RNP-020: burns below 5,000 cut 15,000 by a tenth, which cuts divide by: 13,636, published as 13,600."""
    assert anchored().moved(15_000, 0, 4_999, 4_999)[0] == pytest.approx(13_600, abs=50)


def test_moves_wait_for_two_rounds_of_burning_and_grow_while_repeated() -> None:
    up = weekly(anchored(), [20_000] * 6)
    assert up == pytest.approx([15_000, 15_000, 16_500, 18_315, 18_315, 18_315], rel=1e-6)
    down = weekly(anchored(ceiling=1.0), [5_000] * 5)
    assert down[2:] == pytest.approx([15_000 / 1.1, 15_000 / 1.1 / 1.11, 15_000 / 1.1 / 1.11 / 1.121], rel=1e-6)


def test_a_turn_starts_with_small_steps_again() -> None:
    assert anchored().moved(10_000, 5, 1_000, 1_000) == (int(10_000 / 1.1), -1)
    assert anchored().moved(10_000, 1, 50_000, 50_000) == (11_100, 2)


@given(AMOUNTS, st.integers(-60, 60), AMOUNTS, AMOUNTS)
def test_it_moves_towards_the_anchor_and_never_past_it(policy: int, streak: int, burned: int, before: int) -> None:
    rule = anchored(nodes=1.3)
    anchor = rule.anchor(burned, before)
    after, count = rule.moved(policy, streak, burned, before)
    assert burned <= anchor <= 3 * burned
    if abs(anchor - policy) <= Fraction(1, 10) * policy:
        assert (after, count) == (policy, 0)
    else:
        low, high = sorted((Fraction(policy), anchor))
        assert int(low) <= after <= high
        assert (count > 0) == (anchor > policy)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_more_burning_never_means_less_emission(policy: int, burned: int, more: int) -> None:
    rule = anchored()
    assert (
        rule.moved(policy, 0, burned, burned)[0] <= rule.moved(policy, 0, burned + more, burned + more)[0] + policy / 10
    )


def test_a_ceiling_below_the_floor_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"ceiling, 0.5, is below floor, 1"):
        anchored(ceiling=0.5)


@pytest.mark.parametrize(
    ("locked_usd", "share"), [(0.0, 0.005), (5e8, 0.01), (2e9, 0.025), (5e9, 0.05), (4.99e8, 0.005), (1e12, 0.05)]
)
def test_published_shares_of_vana(locked_usd: float, share: float) -> None:
    rule = EMISSIONS.build({"kind": "value-locked", "every": {"days": 365.25}})
    assert isinstance(rule, ValueLocked)
    now = replace(FIRST, dt_days=365.25, staked=10**6 * BASE, price=locked_usd / 10**6)
    assert rule.amount(now) == pytest.approx(share * FIRST.supply, rel=1e-12)
