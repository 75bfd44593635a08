"""A book that has grown goes on as if it had been larger from the start."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import (
    order_book,
    order_book_growth,
    order_book_state as layout,
    order_book_upkeep as upkeep,
    order_columns as columns,
)

TICKS, AGENTS, HORIZON = 70, 4, 3
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from([columns.LIMIT, columns.LIMIT, columns.LIMIT, columns.IOC, columns.CANCEL_ALL]),
        st.sampled_from([1, -1]),
        st.integers(0, TICKS - 1),
        st.integers(1, 9),
        st.integers(0, AGENTS - 1),
        st.sampled_from([0, 2, 3, 9]),
    ),
    max_size=25,
)


def send(book: layout.Book, wishes: list[tuple[int, ...]], step: int) -> list[list[list[int]]]:
    """Expire, submit, and return everything that the book says, numbers without their slots."""
    messages = np.zeros((len(wishes), 8), np.int64)
    messages[:, :6] = np.array(wishes, np.int64).reshape(-1, 6)
    reports, trades, removed = (np.zeros((n, w), np.int64) for n, w in ((len(wishes), 4), (200, 8), (200, 8)))
    gone = upkeep.expire(book, step, removed)
    told = [removed[:gone].tolist()]
    _, n_trades, n_removed = order_book.submit(book, messages, 0, reports, trades, removed)
    reports[:, columns.NUMBER] >>= layout.SLOT_BITS
    told += [reports.tolist(), trades[:n_trades].tolist(), removed[:n_removed].tolist()]
    for rows in (told[0], told[2], told[3]):
        for row in rows:
            row[columns.ORDER] >>= layout.SLOT_BITS
    for row in told[2]:
        row[columns.MAKER] >>= layout.SLOT_BITS
    listed = np.zeros((100, 8), np.int64)
    for agent in range(AGENTS):
        count = upkeep.open_orders(book, agent, listed)
        told.append(
            [[*row[: columns.ORDER], row[columns.ORDER] >> layout.SLOT_BITS] for row in listed[:count].tolist()]
        )
    return told


@given(st.lists(MESSAGES, min_size=2, max_size=5), st.integers(0, 60), st.integers(0, 5))
def test_growth_changes_nothing_but_the_room(batches: list[list[tuple[int, ...]]], room: int, agents: int) -> None:
    plain = layout.open_book(TICKS, 300, AGENTS, HORIZON, columns.CANCEL_RESTING)
    grown = layout.open_book(TICKS, 130, AGENTS, HORIZON, columns.CANCEL_RESTING)
    for step, wishes in enumerate(batches, 1):
        assert send(grown, wishes, step) == send(plain, wishes, step)
        larger = len(grown.orders) - 1 + room
        grown = order_book_growth.grow(grown, larger, AGENTS + agents)
        assert len(grown.orders) == larger + 1


def test_the_new_room_can_be_used_to_the_last_slot() -> None:
    book = layout.open_book(TICKS, 2, AGENTS, HORIZON, columns.ALLOW)
    resting = [(columns.LIMIT, 1, 5, 1, 0, 0)] * 4
    send(book, resting, 1)
    assert book.state[layout.LIVE] == 2
    book = order_book_growth.grow(book, 5, AGENTS + 1)
    send(book, [(columns.LIMIT, 1, 5, 1, AGENTS, 0)] * 4, 2)
    assert book.state[layout.LIVE] == 5
    assert len({int(number) for number in book.orders[:, columns.ORDER] if number}) == 5
