"""Orders of agents become messages: the slow twin, what a buyer can never be charged, and the order of arrival."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import order_columns as columns, order_flow, settlement
from catallaxy.numba_kernels.random import step_key
from oracles.order_markets import LotReference, fee_reference, write_order_reference

TICKS = 2**16
AMOUNTS = st.one_of(st.integers(-(2**61), 2**61), st.integers(-(10**6), 10**6), st.just(0))
PRICES = st.one_of(st.floats(1e-18, 1e30), st.floats(0.5, 7e4), st.sampled_from([1.0, 0.99, TICKS - 1.0, TICKS + 0.0]))
LOTS = st.builds(order_flow.Lot, st.integers(1, 10**6), st.integers(1, 10**12), st.integers(0, 500_000), st.just(TICKS))


def terms(reference: float = 10_000.0, tolerance: float = 0.1, step: int = 0) -> order_flow.Terms:
    return order_flow.Terms(reference, tolerance, 7, 5, step_key(1, 13, step), step_key(1, 14, step))


def written(
    terms: order_flow.Terms, lot: order_flow.Lot, part: list[int], limit: list[float], first: int = 0
) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    n = len(part)
    staged, keys = np.zeros((n + first, 8), np.int64), np.zeros(n + first, np.uint64)
    ids, amounts, limits = np.arange(n) + 100, np.array(part, np.int64), np.array(limit, np.float64)
    end, bid, offered = order_flow.write_orders(terms, lot, ids, amounts, limits, staged, keys, first)
    return staged[first:end], keys[first:end], (bid, offered)


def reference_lot(lot: order_flow.Lot) -> LotReference:
    return LotReference(lot.tick_value, lot.size, Fraction(lot.fee, settlement.FEE_UNIT), lot.ticks)


@given(LOTS, st.lists(st.tuples(AMOUNTS, PRICES), max_size=20))
def test_orders_with_a_limit_are_written_as_the_twin_writes_them(
    lot: order_flow.Lot, wishes: list[tuple[int, float]]
) -> None:
    staged, _, handed = written(terms(), lot, [amount for amount, _ in wishes], [price for _, price in wishes])
    expected = [
        (i, write_order_reference(amount, price, reference_lot(lot))) for i, (amount, price) in enumerate(wishes)
    ]
    rows = [[*order, -1 - i] for i, order in expected if order is not None and wishes[i][0] != 0]
    chosen = [columns.SIDE, columns.TICK, columns.LOTS, columns.REFERENCE]
    assert staged[:, chosen].tolist() == rows
    assert handed == (sum(max(a, 0) for a, _ in wishes), sum(max(-a, 0) for a, _ in wishes))


@given(LOTS, st.integers(1, 2**61), st.floats(1.0, 6e4), st.data())
def test_a_buyer_never_pays_more_than_he_handed_over(
    lot: order_flow.Lot, amount: int, price: float, data: st.DataObject
) -> None:
    staged, _, _ = written(terms(), lot, [amount], [price])
    for row in staged:
        left, spent = int(row[columns.LOTS]), 0
        while left:
            lots = data.draw(st.integers(max(1, left // 3), left))
            value = lots * int(row[columns.TICK]) * lot.tick_value
            spent += value + fee_reference(value, reference_lot(lot).fee)
            left -= lots
        assert spent <= amount


def test_drawn_limits_are_exponential_around_the_reference_and_belong_to_the_agent() -> None:
    lot, n = order_flow.Lot(1, 1, 0, TICKS), 20_000
    buys, keys, _ = written(terms(), lot, [10**9] * n, [0.0] * n)
    sales, _, _ = written(terms(), lot, [-(10**9)] * n, [0.0] * n)
    assert buys[:, columns.TICK].min() >= 10_000
    assert sales[:, columns.TICK].max() <= 10_000
    distance = np.log(buys[buys[:, columns.TICK] < TICKS - 1, columns.TICK] / 10_000.0)
    assert distance.mean() == pytest.approx(0.1, rel=0.03)
    assert (distance > 0.1).mean() == pytest.approx(np.exp(-1), rel=0.05)
    assert len(set(keys.tolist())) == n
    again, _, _ = written(terms(step=1), lot, [10**9] * n, [0.0] * n)
    assert np.mean(again[:, columns.TICK] == buys[:, columns.TICK]) < 0.05
    few, _, _ = written(terms(), lot, [10**9] * 10, [0.0] * 10)
    assert np.array_equal(few, buys[:10])


@given(
    st.lists(st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 3), st.just(2**64 - 1)), max_size=60),
    st.integers(0, 3),
)
def test_messages_arrive_in_the_order_of_their_keys(keys: list[int], first: int) -> None:
    n = len(keys)
    staged = np.arange(8 * n, dtype=np.int64).reshape(n, 8)
    messages = np.zeros((n + first, 8), np.int64)
    scratch = (np.full(n + 1, 9, np.int64), np.zeros(n, np.int64))
    order_flow.arrange(staged, np.array(keys, np.uint64), n, *scratch, messages, first)
    expected = sorted(range(n), key=lambda i: keys[i])
    assert messages[first:, 0].tolist() == [8 * i for i in expected]
    assert messages[first:, 7].tolist() == [8 * i + 7 for i in expected]
    assert not messages[:first].any()
