"""An order book to which orders of one lot are sent one by one, each after the answer to the one before.

Models of zero intelligence trade in this way: the next order depends on the book that the last one left, so nothing can
be sent in a batch. `send` is inlined into the model's loop; the desk holds the book and the buffers of one message.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy.numba_kernels.compile import IntMatrix, helper, kernel
from catallaxy.numba_kernels.order_book import submit
from catallaxy.numba_kernels.order_book_state import Book, open_book
from catallaxy.numba_kernels.order_columns import (
    AGENT,
    ALLOW,
    COLUMNS,
    KIND,
    LOTS,
    ORDER,
    REPORT_COLUMNS,
    SIDE,
    TICK,
)
from catallaxy.numba_kernels.queues import after

__all__ = ["Desk", "open_desk", "send", "standing"]

#: Orders that one message can cancel before the buffer is written over.
_REMOVED = 64


class Desk(NamedTuple):
    """A book and the buffers of one message.

    Attributes
    ----------
    book : Book
    message : int64[1, 8]
        The message that was sent last.
    report : int64[1, 4]
        The answer to it.
    trade : int64[2, 8]
        Row 0 is the trade that it made, if it made one.
    removed : int64[64, 8]
        Orders that it cancelled; of more than there are rows, some.
    """

    book: Book
    message: IntMatrix
    report: IntMatrix
    trade: IntMatrix
    removed: IntMatrix


@kernel
def open_desk(ticks: int, room: int, agents: int) -> Desk:
    """Open a desk with an empty book, whose orders do not expire and may trade with others of the same agent.

    Parameters
    ----------
    ticks : int64
        Ticks of the price band.
    room : int64
        Orders that can rest.
    agents : int64
        Agents, numbered from 0.

    Returns
    -------
    Desk
    """
    return Desk(
        open_book(ticks, room, agents, 1, ALLOW),
        np.zeros((1, COLUMNS), np.int64),
        np.zeros((1, REPORT_COLUMNS), np.int64),
        np.zeros((2, COLUMNS), np.int64),
        np.zeros((_REMOVED, COLUMNS), np.int64),
    )


@helper
def send(desk: Desk, kind: int, side: int, tick: int, agent: int, order: int) -> int:
    """Send one message, about one lot, and carry it out; return how many trades it made, 0 or 1.

    What a kind of message does not read may be anything: a market order has no tick, and a cancellation only an agent
    and the number of an order.
    """
    desk.message[0, KIND] = kind
    desk.message[0, SIDE] = side
    desk.message[0, TICK] = tick
    desk.message[0, LOTS] = 1
    desk.message[0, AGENT] = agent
    desk.message[0, ORDER] = order
    row, n_trades = 0, 0
    while row == 0:
        row, traded, _ = submit(desk.book, desk.message, row, desk.report, desk.trade, desk.removed)
        n_trades += traded
    return n_trades


@helper
def standing(book: Book, tick: int, place: int) -> int:
    """Return the number of the order that has `place` orders before it at a tick, where as many orders rest."""
    slot = after(book.queue, book.orders.shape[0] + tick)
    for _ in range(place):
        slot = after(book.queue, slot)
    return book.orders[slot, ORDER]
