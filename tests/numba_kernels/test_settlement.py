"""Settlement against its slow twin, and what must hold whatever was traded."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import order_book, order_book_state as layout, order_columns as columns
from catallaxy.numba_kernels.settlement import FEE_UNIT, settle
from oracles.order_book import Trade
from oracles.settlement import SettlementReference

AGENTS = 4
LARGEST_VALUE = 2**60
Terms = tuple[int, int, int, int]
agents = st.integers(0, AGENTS - 1)


@st.composite
def trades_that_fit(draw: st.DrawFn) -> tuple[Terms, list[Trade]]:
    """Draw terms (origin, tick value, lot size, fee) and trades of which none is worth more than 64 bits hold."""
    origin = draw(st.sampled_from([-3, 0, 1, 1_000, 10**9]))
    tick_value = draw(st.sampled_from([1, 7, 10_000, 10**9]))
    lot_size, fee = draw(st.sampled_from([1, 1_000, 10**9])), draw(st.sampled_from([0, 1, 3_000, 333_333, FEE_UNIT]))
    trades = []
    for _ in range(draw(st.integers(0, 12))):
        tick = draw(st.integers(max(0, -origin), 40))
        most = min(columns.LARGEST_LOTS, LARGEST_VALUE // max((origin + tick) * tick_value, lot_size, 1))
        lots = draw(st.integers(1, max(1, most)) | st.integers(1, 3))
        trades.append(Trade(draw(st.sampled_from([1, -1])), tick, lots, draw(agents), draw(agents), 0, 0))
    return (origin, tick_value, lot_size, fee), trades


def settled(terms: Terms, rows: list[Trade]) -> tuple[int, list[int], list[int]]:
    """Settle by the kernel from empty accounts; return fees, cash and tokens."""
    trades = np.zeros((len(rows) + 1, columns.COLUMNS), np.int64)
    for row, trade in zip(trades, rows, strict=False):
        row[columns.SIDE], row[columns.TICK], row[columns.LOTS] = trade.side, trade.tick, trade.lots
        row[columns.AGENT], row[columns.MAKER_AGENT] = trade.taker_agent, trade.maker_agent
    trades[-1] = 1
    cash, tokens = np.zeros(AGENTS, np.int64), np.zeros(AGENTS, np.int64)
    fees = int(settle(trades, len(rows), *terms, cash, tokens))
    return fees, cash.tolist(), tokens.tolist()


def fits(values: list[int]) -> bool:
    return all(abs(value) < 2**63 for value in values)


@given(trades_that_fit())
def test_settlement_equals_its_twin(case: tuple[Terms, list[Trade]]) -> None:
    terms, rows = case
    origin, tick_value, lot_size, fee = terms
    empty = dict.fromkeys(range(AGENTS), 0)
    twin = SettlementReference(origin, tick_value, lot_size, Fraction(fee, FEE_UNIT), dict(empty), dict(empty))
    for row in rows:
        twin.settle_trade(row)
    cash, tokens = list(twin.cash.values()), list(twin.tokens.values())
    if fits([twin.fees, *cash, *tokens]):
        assert settled(terms, rows) == (twin.fees, cash, tokens)


@given(trades_that_fit())
def test_cash_with_fees_and_tokens_are_conserved(case: tuple[Terms, list[Trade]]) -> None:
    fees, cash, tokens = settled(*case)
    assert (sum(cash) + fees) % 2**64 == 0
    assert sum(tokens) % 2**64 == 0


def test_both_sides_pay_the_makers_price_and_the_taker_the_fee() -> None:
    buy, sell = Trade(1, 10, 3, 0, 1, 0, 0), Trade(-1, 10, 3, 0, 1, 0, 0)
    assert settled((100, 5, 1_000, 3_000), [buy]) == (5, [-1_655, 1_650, 0, 0], [3_000, -3_000, 0, 0])
    assert settled((100, 5, 1_000, 3_000), [sell]) == (5, [1_645, -1_650, 0, 0], [-3_000, 3_000, 0, 0])


@pytest.mark.parametrize(("value", "fee", "charged"), [
    (1, 1, 1), (0, FEE_UNIT, 0), (FEE_UNIT, 1, 1), (FEE_UNIT + 1, 1, 2), (2**37, FEE_UNIT, 2**37), (2**37, 0, 0),
    (10**6 - 1, 333_333, 333_333),
])  # fmt: skip
def test_fees_are_rounded_up_and_never_above_the_value(value: int, fee: int, charged: int) -> None:
    trade = Trade(1, min(value, 1), max(value, 1), 0, 1, 0, 0)
    assert settled((0, 1, 1, fee), [trade])[0] == charged


def test_who_trades_with_himself_loses_the_fee_only() -> None:
    assert settled((0, 100, 7, 10_000), [Trade(1, 5, 2, 2, 2, 0, 0)]) == (10, [0, 0, -10, 0], [0, 0, 0, 0])


def test_what_a_book_trades_is_settled_to_the_last_unit() -> None:
    random, n = np.random.default_rng(3), 800
    messages = np.zeros((n, columns.COLUMNS), np.int64)
    messages[:, columns.SIDE] = random.integers(0, 2, n) * 2 - 1
    messages[:, columns.TICK] = random.integers(20, 44, n)
    messages[:, columns.LOTS] = random.integers(1, 9, n)
    messages[:, columns.AGENT] = random.integers(0, AGENTS, n)
    book = layout.open_book(64, n, AGENTS, 1, columns.ALLOW)
    reports, trades, removed = (np.zeros((4 * n, width), np.int64) for width in (4, 8, 8))
    _, n_trades, _ = order_book.submit(book, messages, 0, reports, trades, removed)
    cash, tokens = np.full(AGENTS, 10**9), np.full(AGENTS, 10**6)
    fees = settle(trades, n_trades, 500, 3, 11, 2_500, cash, tokens)
    side, lots = trades[:n_trades, columns.SIDE], trades[:n_trades, columns.LOTS]
    notional = int((lots * (500 + trades[:n_trades, columns.TICK]) * 3).sum())
    assert cash.sum() + fees == AGENTS * 10**9
    assert tokens.sum() == AGENTS * 10**6
    assert notional * 0.0025 <= fees <= notional * 0.0025 + n_trades
    bought = int((side * lots)[trades[:n_trades, columns.AGENT] == 1].sum())
    sold = int((side * lots)[trades[:n_trades, columns.MAKER_AGENT] == 1].sum())
    assert tokens[1] - 10**6 == 11 * (bought - sold)
