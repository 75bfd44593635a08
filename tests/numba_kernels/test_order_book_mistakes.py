"""Mistakes of other engines, one test each: what must not happen to this order book.

Seen in published matching engines: a sweep priced at its last level; a market order that rests and trades at an
infinite price; a call that never returns; cancellations that are skipped, or that hit whoever has the slot now; a full
book or a full buffer that overwrites; a partial fill that costs an order its place, or that nobody hears of. The first
two are also tested beside the ordinary rules, in `test_order_book.py`.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from catallaxy.numba_kernels import order_book, order_book_state as layout, order_columns as columns
from oracles.order_book import Message
from oracles.order_book_driver import Pair

ROOM, AGENTS = 4, 3


def pair_with_bids(*ticks: int, rule: str = "allow") -> Pair:
    """Return books with bids of two lots of agent 0, numbered from 1."""
    pair = Pair(20, ROOM, AGENTS, rule)
    pair.send(*[Message("limit", 1, tick, 2, expiry=9) for tick in ticks])
    return pair


def fill(pair: Pair) -> None:
    pair.send(Message("market", -1, 0, 2, agent=1))


def cancel(pair: Pair) -> None:
    pair.send(Message("cancel", about=1))


def cancel_all(pair: Pair) -> None:
    pair.send(Message("cancel all"))


def expire(pair: Pair) -> None:
    pair.expire(9)


def leave_the_band(pair: Pair) -> None:
    pair.move_band(18)


def meet_itself(pair: Pair) -> None:
    pair.send(Message("ioc", -1, 0, 1))


def move_and_fill(pair: Pair) -> None:
    pair.send(Message("modify", 1, 7, 2, about=1), Message("market", -1, 0, 2, agent=1))


DEATHS = [fill, cancel, cancel_all, expire, leave_the_band, meet_itself, move_and_fill]


@pytest.mark.parametrize("slot_taken", [False, True])
@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.__name__)
def test_a_dead_order_can_neither_be_cancelled_nor_changed(death: object, slot_taken: bool) -> None:
    pair = pair_with_bids(6, rule="cancel resting")
    assert callable(death)
    death(pair)
    if slot_taken:
        pair.send(Message("limit", 1, 5, 3))
    before = [array.copy() for array in pair.book]
    answers = pair.send(Message("cancel", about=1), Message("modify", 1, 4, 1, about=1), Message("cancel", about=1))
    assert [answer.reason for answer in answers] == ["unknown order"] * 3
    assert all((one == two).all() for one, two in zip(before, pair.book, strict=True))
    assert pair.book.state[layout.LIVE] == slot_taken


@pytest.mark.parametrize("number", [0, -1, -(2**62), 2**62, 2**63 - 1, 1, 3, 2**layout.SLOT_BITS - 1])
@pytest.mark.parametrize("kind", [columns.CANCEL, columns.MODIFY])
def test_numbers_that_were_never_given_are_nobodys(kind: int, number: int) -> None:
    pair = pair_with_bids(6, 7)
    known = {int(row[columns.ORDER]) for row in pair.book.orders if row[columns.ORDER]}
    nearly = {given + change for given in known for change in (1, -1, 2**layout.SLOT_BITS, -(2**layout.SLOT_BITS))}
    for guess in {number, *nearly} - known:
        messages = np.array([[kind, 1, 5, 1, 0, 0, guess, 0]], np.int64)
        reports, rows = np.zeros((1, columns.REPORT_COLUMNS), np.int64), np.zeros((4, columns.COLUMNS), np.int64)
        assert order_book.submit(pair.book, messages, 0, reports, rows, rows.copy()) == (1, 0, 0)
        assert reports[0, columns.REASON] == columns.UNKNOWN_ORDER
    pair.compare_books()


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_cancelled_order_never_trades_wherever_it_stood_in_its_queue(gone: int) -> None:
    pair = pair_with_bids(6, 6, 6)
    pair.send(Message("cancel", about=gone))
    (answer,) = pair.send(Message("market", -1, 0, 9, agent=1))
    assert (answer.reason, answer.filled) == ("unfilled", 4)
    assert gone not in {trade.maker for trade in pair.twin.trades}
    pair.compare_books()


def test_a_partly_filled_order_keeps_its_place_and_hears_of_every_fill() -> None:
    pair = pair_with_bids(6, 6)
    pair.send(Message("limit", -1, 6, 1, agent=1), Message("limit", -1, 6, 2, agent=2))
    assert [(trade.maker, trade.lots) for trade in pair.twin.trades] == [(1, 1), (1, 1), (2, 1)]
    assert [row[columns.MAKER_AGENT] for row in pair.trades] == [0, 0, 0]
    pair.compare_books()


def test_a_full_book_overwrites_nobody_and_takes_orders_again_when_one_has_left() -> None:
    pair = pair_with_bids(6, 7, 6, 5)
    before = pair.twin.resting()
    answers = pair.send(*[Message("limit", side, 6 + 4 * (side < 0), 1, agent=2) for side in (1, -1) for _ in range(5)])
    assert {answer.reason for answer in answers} == {"book full"}
    assert pair.twin.resting() == before
    pair.compare_books()
    pair.send(Message("cancel", about=3))
    assert [a.reason for a in pair.send(*[Message("limit", 1, 7, 1, agent=2)] * 2)] == ["accepted", "book full"]
    pair.send(Message("market", -1, 0, 9, agent=1))
    assert [trade.maker for trade in pair.twin.trades] == [2, 15, 1, 4]
    pair.compare_books()


GUARD = -77
rows_of_orders = st.lists(
    st.tuples(
        st.sampled_from([columns.LIMIT, columns.LIMIT, columns.MARKET, columns.IOC, columns.CANCEL_ALL]),
        st.sampled_from([1, -1]),
        st.integers(0, 7),
        st.integers(1, 4),
        st.integers(0, AGENTS - 1),
    ),
    max_size=40,
)


SIX_OFFERS = [(columns.LIMIT, -1, tick, 1, 0) for tick in (4, 3, 4, 5, 6, 7)]


@example([*SIX_OFFERS, (columns.MARKET, 1, 0, 6, 1)], 2, 1, columns.ALLOW)
@example([*SIX_OFFERS, (columns.MARKET, 1, 0, 6, 0)], 1, 2, columns.CANCEL_RESTING)
@example([*SIX_OFFERS, (columns.CANCEL_ALL, 1, 0, 1, 0)], 1, 3, columns.ALLOW)
@given(rows_of_orders, st.integers(1, 3), st.integers(1, 3), st.sampled_from([columns.ALLOW, columns.CANCEL_RESTING]))
def test_every_call_gets_on_and_nothing_is_written_beyond_a_full_buffer(
    rows: list[tuple[int, ...]], n_trades: int, n_removed: int, rule: int
) -> None:
    messages = np.array([(*row, 0, 0, 0) for row in rows], np.int64).reshape(-1, columns.COLUMNS)
    book = layout.open_book(8, 30, AGENTS, 1, rule)
    buffers = [np.full((n + 2, columns.COLUMNS), GUARD) for n in (n_trades, n_removed)]
    reports = np.full((len(rows) + 1, columns.REPORT_COLUMNS), GUARD)
    row = calls = traded = removed = 0
    while row < len(rows):
        room = buffers[0][:n_trades], buffers[1][:n_removed]
        row, new_trades, new_removed = order_book.submit(book, messages, row, reports, *room)
        calls, traded, removed = calls + 1, traded + new_trades, removed + new_removed
        assert row == len(rows) or new_trades == n_trades or new_removed == n_removed
        assert calls <= 1 + traded // n_trades + removed // n_removed
    assert all((buffer[n:] == GUARD).all() for buffer, n in zip(buffers, (n_trades, n_removed), strict=True))
    assert (reports[-1] == GUARD).all()
    assert traded == book.state[layout.TRADES]


@pytest.mark.jit
def test_a_long_flow_on_a_thin_book_ends_with_all_trades_inside_the_band() -> None:
    random, n = np.random.default_rng(1867), 50_000
    messages = np.zeros((n, columns.COLUMNS), np.int64)
    messages[:, columns.KIND] = random.choice([columns.LIMIT, columns.MARKET, columns.FOK, columns.CANCEL_ALL], n)
    messages[:, columns.SIDE] = random.integers(0, 2, n) * 2 - 1
    messages[:, columns.TICK] = random.integers(0, 65, n)
    messages[:, columns.LOTS] = random.integers(1, 60, n)
    messages[:, columns.AGENT] = random.integers(0, AGENTS, n)
    book = layout.open_book(65, 40, AGENTS, 1, columns.ALLOW)
    reports, trades, removed = (np.zeros((k * n, w), np.int64) for k, w in ((1, 4), (4, 8), (4, 8)))
    done, n_trades, _ = order_book.submit(book, messages, 0, reports, trades, removed)
    assert done == n
    assert n_trades > 5_000
    assert 0 <= trades[:n_trades, columns.TICK].min() <= trades[:n_trades, columns.TICK].max() < 65
    assert reports[messages[:, columns.KIND] == columns.MARKET, columns.RESTING].max() == 0
