"""What institutions trade: the slow twin, never more than they have, and the limits that they keep."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import mandates
from oracles.mandates import Institution, Prospect, order_reference, wanted_value_reference

AMOUNTS = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 10**15), st.integers(2**53, 2**60))
SHARES = st.floats(0.0, 1.0)
INSTITUTIONS = st.builds(Institution, AMOUNTS, AMOUNTS, SHARES, st.floats(-2.0, 2.0), st.floats(0.01, 10.0), SHARES)
PROSPECTS = st.builds(
    Prospect,
    st.floats(-3.0, 3.0),
    st.one_of(st.just(0.0), st.floats(1e-6, 1e3)),
    st.floats(1e-6, 1e3),
    st.floats(0.0, 1e18),
    st.floats(-0.05, 0.3),
    SHARES,
)


def trade(members: list[Institution], prospect: Prospect, speed: float) -> tuple[list[int], list[int]]:
    """Return what each does, and the totals."""
    usd, tokens, *tastes = zip(*(astuple(member) for member in members), strict=True)
    gap, variance, price, room, riskless, clarity = astuple(prospect)
    each = (np.array([value]) for value in (gap, variance, price, room))
    order, tally = np.full(len(members), 7, np.int64), np.full((1, 3), -5, np.int64)
    mandates.rebalance(
        np.zeros(len(members), np.int64),
        mandates.Mandates(*(np.array(column) for column in tastes)),
        mandates.Prospects(*each, riskless, clarity),
        (np.array(usd, np.int64), np.array(tokens, np.int64)),
        speed,
        order,
        tally,
    )
    return order.tolist(), tally[0].tolist()


@given(st.lists(INSTITUTIONS, min_size=1, max_size=8), PROSPECTS, SHARES)
def test_orders_equal_the_slow_twin(members: list[Institution], prospect: Prospect, speed: float) -> None:
    orders, (bid, offered, allowed) = trade(members, prospect, speed)
    assert orders == [order_reference(member, prospect, speed) for member in members]
    assert bid == sum(order for order in orders if order > 0)
    assert offered == -sum(order for order in orders if order < 0)
    assert allowed == sum(prospect.clarity >= member.clarity for member in members)
    for member, order in zip(members, orders, strict=True):
        assert -member.tokens <= order <= member.usd


@given(INSTITUTIONS, PROSPECTS)
def test_who_lacks_clear_rules_sells_everything(member: Institution, prospect: Prospect) -> None:
    unclear, needs = replace(prospect, clarity=0.2, price=1.0), replace(member, clarity=0.3, tokens=10**9)
    assert trade([needs], unclear, 1.0)[0] == [-(10**9)]


@given(INSTITUTIONS, PROSPECTS, st.floats(0.0, 2.0))
def test_value_attracts_and_risk_and_riskless_yield_repel(member: Institution, prospect: Prospect, more: float) -> None:
    wanted = wanted_value_reference(member, prospect)
    assert wanted_value_reference(member, replace(prospect, gap=prospect.gap + more)) >= wanted
    assert wanted_value_reference(member, replace(prospect, variance=prospect.variance + more)) <= wanted
    assert wanted_value_reference(member, replace(prospect, riskless=prospect.riskless + more)) <= wanted
    assert wanted <= prospect.room


def test_a_mandate_limits_the_share_of_wealth() -> None:
    member = Institution(10**12, 0, 0.0, 1.0, 0.1, 0.02)
    prospect = Prospect(1.0, 0.5, 1.0, 1e18, 0.0, 1.0)
    assert trade([member], prospect, 1.0)[0] == pytest.approx([2 * 10**10])
