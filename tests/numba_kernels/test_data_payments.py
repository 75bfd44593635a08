"""Payments that wait: the square-root rule is the cheapest, every cent arrives, and cheap transactions are used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import data_payments
from catallaxy.numba_kernels.data_payments import Rails
from oracles.data_payments import cheapest_spacing_reference, settle_payment_reference

Ints = npt.NDArray[np.int64]

COSTS = st.floats(1e-3, 50.0)
FLOWS = st.floats(1e-4, 1e3)
WAITING = st.floats(1e-5, 0.05)
OWED = st.lists(st.tuples(st.integers(0, 10**10), st.just(0.0) | st.floats(1e-9, 500.0)), min_size=1, max_size=20)
ONE = np.zeros(1, np.int64)


def cost_of(flow: float, rails: Rails) -> float:
    total = np.zeros(1)
    data_payments.payment_costs(ONE, np.ones(1), np.array([flow]), rails, np.zeros(1), total)
    return float(total[0])


def settled(balances: list[tuple[int, float]], rails: Rails) -> tuple[Ints, Ints, Ints]:
    """Settle with flows that stay as they are; return cash, what is owed and the tally."""
    owed = np.array([amount for amount, _ in balances], np.int64)
    flow = np.array([y for _, y in balances])
    usd, tally = np.zeros(len(owed), np.int64), np.full((1, 4), 9, np.int64)
    data_payments.settle(np.zeros(len(owed), np.int64), (owed, owed.copy(), flow), rails, 0.0, usd, tally)
    return usd, owed, tally[0]


@given(COSTS, FLOWS, WAITING)
def test_no_spacing_is_cheaper_than_the_square_root_rule(cost: float, flow: float, waiting: float) -> None:
    rails = Rails(cost, cost, 0.0, waiting)
    assert cost_of(flow, rails) == pytest.approx(cheapest_spacing_reference(cost, flow, waiting), rel=2e-3)


def test_known_case_of_baumol() -> None:
    """A cost of 2, a flow of 1 and 4 % a step: every ten steps, for 0.4 a step."""
    assert cost_of(1.0, Rails(2.0, 2.0, 0.0, 0.04)) == pytest.approx(0.4)


@given(OWED, COSTS, st.floats(1.0, 300.0), st.floats(0.0, 0.05), WAITING)
def test_settlement_equals_the_slow_twin_and_conserves(
    balances: list[tuple[int, float]], cost: float, layer1: float, exit_share: float, waiting: float
) -> None:
    rails = Rails(cost, cost * layer1, exit_share, waiting)
    usd, owed, tally = settled(balances, rails)
    twins = [
        settle_payment_reference(amount, flow, (rails.layer2, rails.layer1), exit_share, waiting)
        for amount, flow in balances
    ]
    assert list(zip(usd.tolist(), owed.tolist(), strict=True)) == [twin[:2] for twin in twins]
    paid = [twin for twin in twins if twin[0]]
    assert (tally[0], tally[1]) == (len(paid), sum(layer1 for *_, layer1 in paid))
    assert tally[2] + owed.sum() == sum(amount for amount, _ in balances)
    assert usd.sum() == tally[2] - tally[3]
    assert np.all(usd >= 0)


@given(FLOWS, COSTS, WAITING, st.floats(1.0, 100.0))
def test_being_paid_costs_more_where_transactions_or_waiting_do(
    flow: float, cost: float, waiting: float, more: float
) -> None:
    plain = cost_of(flow, Rails(cost, 100 * cost, 0.01, waiting))
    assert cost_of(flow, Rails(cost * more, 100 * cost * more, 0.01, waiting)) >= plain * (1 - 1e-12)
    assert cost_of(flow, Rails(cost, 100 * cost, 0.01, waiting * more)) >= plain * (1 - 1e-12)


def test_small_earners_use_layer_2_and_large_ones_layer_1() -> None:
    rails = Rails(0.01, 2.0, 0.005, 0.25 / 365.25)
    _, _, small = settled([(10**9, 1.0)], rails)
    _, _, large = settled([(10**12, 1000.0)], rails)
    assert (small[:2].tolist(), large[:2].tolist()) == ([1, 0], [1, 1])


def test_what_is_worth_less_than_a_transaction_waits() -> None:
    usd, owed, tally = settled([(9_999, 0.0)], Rails(0.01, 2.0, 0.0, 1e-3))
    assert (usd[0], owed[0], tally.sum()) == (0, 9_999, 0)


@given(OWED, st.integers(0, 2**32 - 1))
def test_order_of_rows_does_not_matter(balances: list[tuple[int, float]], seed: int) -> None:
    rails = Rails(0.01, 2.0, 0.005, 1e-3)
    order = np.random.default_rng(seed).permutation(len(balances))
    usd, owed, tally = settled(balances, rails)
    usd2, owed2, tally2 = settled([balances[i] for i in order], rails)
    assert np.array_equal(usd[order], usd2)
    assert np.array_equal(owed[order], owed2)
    assert np.array_equal(tally, tally2)
