"""Accounts around a book and an auction: conservation, the slow twin, and reserves that come back to the last unit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import (
    order_accounts,
    order_book,
    order_book_state as layout,
    order_columns as columns,
    order_flow,
    settlement,
)
from oracles.order_markets import LotReference, settle_auction_reference

TICKS, ACCOUNTS = 64, 9
BOUNDS = np.array([0, 1, 2, 5], np.int64)
LOTS = st.builds(order_flow.Lot, st.integers(1, 10**4), st.integers(1, 10**6), st.integers(0, 10**6), st.just(TICKS))
ORDERS = st.lists(
    st.tuples(st.sampled_from([1, -1]), st.integers(1, TICKS - 1), st.integers(1, 10**6), st.integers(0, ACCOUNTS - 1)),
    max_size=30,
)


def desk() -> order_accounts.Desk:
    cash, tokens = np.zeros((2, ACCOUNTS), np.int64)
    return order_accounts.Desk(cash, tokens, BOUNDS, np.zeros((len(BOUNDS), 4), np.int64))


def messages_of(orders: list[tuple[int, int, int, int]]) -> np.ndarray:
    messages = np.zeros((len(orders), 8), np.int64)
    for row, (side, tick, lots, account) in enumerate(orders):
        messages[row, [columns.SIDE, columns.TICK, columns.LOTS, columns.AGENT]] = side, tick, lots, account
    return messages


@given(LOTS, ORDERS, st.integers(1, TICKS - 1), st.lists(st.integers(0, 10**6), min_size=30, max_size=30))
def test_an_auction_is_settled_like_the_twin(
    lot: order_flow.Lot, orders: list[tuple[int, int, int, int]], tick: int, filled: list[int]
) -> None:
    accounts, messages = desk(), messages_of(orders)
    reports = np.zeros((len(orders), 4), np.int64)
    reports[:, columns.FILLED] = filled[: len(orders)]
    fees = order_accounts.settle_auction(messages, reports, tick, lot, accounts)
    done = [(side, lots, account) for (side, _, _, account), lots in zip(orders, filled, strict=False)]
    twin = LotReference(lot.tick_value, lot.size, Fraction(lot.fee, 10**6), TICKS)
    expected, expected_fees = settle_auction_reference(done, tick, twin, order_accounts.HOUSE)
    assert fees == expected_fees
    for account in range(ACCOUNTS):
        assert [accounts.cash[account], accounts.tokens[account]] == expected.get(account, [0, 0])
    paid, bought, sold, earned = accounts.tally.sum(axis=0)
    assert earned - paid == accounts.cash.sum()
    assert bought - sold == accounts.tokens.sum()


@given(LOTS, ORDERS)
def test_trades_move_money_without_making_any_and_are_counted_by_sector(
    lot: order_flow.Lot, orders: list[tuple[int, int, int, int]]
) -> None:
    book, accounts = layout.open_book(TICKS, 40, ACCOUNTS, 3, columns.CANCEL_RESTING), desk()
    messages = messages_of(orders)
    reports, trades, removed = (np.zeros((n, w), np.int64) for n, w in ((40, 4), (80, 8), (80, 8)))
    _, n_trades, _ = order_book.submit(book, messages, 0, reports, trades, removed)
    fees = settlement.settle(trades, n_trades, 0, lot.tick_value, lot.size, lot.fee, accounts.cash, accounts.tokens)
    order_accounts.tally_trades(trades, n_trades, lot, accounts)
    assert accounts.cash.sum() == -fees
    assert accounts.tokens.sum() == 0
    for sector, (first, end) in enumerate(zip(BOUNDS, [*BOUNDS[1:], ACCOUNTS], strict=True)):
        paid, bought, sold, earned = accounts.tally[sector]
        assert accounts.cash[first:end].sum() == earned - paid
        assert accounts.tokens[first:end].sum() == bought - sold


@given(LOTS, ORDERS)
def test_reserves_are_what_resting_orders_may_cost_and_come_back(
    lot: order_flow.Lot, orders: list[tuple[int, int, int, int]]
) -> None:
    book, accounts = layout.open_book(TICKS, 40, ACCOUNTS, 3, columns.ALLOW), desk()
    buffers = [np.zeros((n, w), np.int64) for n, w in ((40, 4), (80, 8), (80, 8))]
    order_book.submit(book, messages_of(orders), 0, *buffers)
    resting = [row for row in book.orders.tolist() if row[columns.ORDER] and row[columns.AGENT] != order_accounts.HOUSE]
    bids = sum(r[columns.LOTS] * r[columns.TICK] * lot.tick_value for r in resting if r[columns.SIDE] == 1)
    offers = sum(r[columns.LOTS] * lot.size for r in resting if r[columns.SIDE] == -1)
    assert order_accounts.move_reserves(book, lot, 0, accounts) == (bids, offers)
    assert not accounts.cash.any()
    order_accounts.move_reserves(book, lot, -1, accounts)
    assert (accounts.cash.sum(), accounts.tokens.sum()) == (-bids, -offers)
    assert accounts.cash[order_accounts.HOUSE] == 0
    order_accounts.move_reserves(book, lot, 1, accounts)
    assert not accounts.cash.any()
    assert not accounts.tokens.any()


@given(LOTS, ORDERS, st.integers(1, 10**6))
def test_makers_who_are_met_at_once_give_what_they_had_reserved(
    lot: order_flow.Lot, orders: list[tuple[int, int, int, int]], lots: int
) -> None:
    book, accounts = layout.open_book(TICKS, 40, ACCOUNTS + 1, 3, columns.ALLOW), desk()
    reports, trades, removed = (np.zeros((n, w), np.int64) for n, w in ((40, 4), (80, 8), (80, 8)))
    order_book.submit(book, messages_of(orders), 0, reports, trades, removed)
    before = order_accounts.move_reserves(book, lot, 0, accounts)
    taker = ACCOUNTS
    taking = messages_of([(1, TICKS - 1, lots, taker)])
    taking[0, columns.KIND] = columns.IOC
    _, n_trades, _ = order_book.submit(book, taking, 0, reports, trades, removed)
    paid, bought, sold, earned = order_accounts.release_makers(trades, n_trades, lot, accounts)
    cash, tokens = np.append(accounts.cash, 0), np.append(accounts.tokens, 0)
    settlement.settle(trades, n_trades, 0, lot.tick_value, lot.size, 0, cash, tokens)
    after = order_accounts.move_reserves(book, lot, 0, accounts)
    assert (cash[1:] >= 0)[:-1].all()
    assert not tokens[1:-1].any()
    assert (paid, bought) == (0, 0)
    assert before[1] - after[1] == sold
    assert cash[1:-1].sum() == earned


@given(st.permutations(range(4)), st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=4, max_size=4))
def test_accounts_are_handed_out_by_identifier(order: list[int], held: list[tuple[int, int]]) -> None:
    accounts = desk()
    for identifier, (cash, tokens) in enumerate(held):
        accounts.cash[5 + identifier], accounts.tokens[5 + identifier] = cash, tokens
    usd, tokens = np.zeros((2, 4), np.int64)
    sums = order_accounts.hand_out(accounts, np.array(order, np.int64), 5, usd, tokens)
    assert usd.tolist() == [held[identifier][0] for identifier in order]
    assert tokens.tolist() == [held[identifier][1] for identifier in order]
    assert sums == (sum(cash for cash, _ in held), sum(amount for _, amount in held))
    assert not accounts.cash.any()
    assert not accounts.tokens.any()
