"""The state of an order book, and how orders come to rest in it and leave it.

An order has a slot: a row of `orders`, which is its message with open lots and its number, and a place in three
queues: of its tick (price-time priority), of its agent, and of the step on which it expires. Slots are used again, so
that memory follows the orders that rest, not those ever sent; a number names one order for ever, because its upper bits
count arrivals. A tick is never occupied by both sides, so one set of levels serves both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy.numba_kernels.compile import IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.occupancy import (
    Words,
    is_occupied,
    next_occupied,
    occupy,
    previous_occupied,
    vacate,
    words_for,
)
from catallaxy.numba_kernels.order_columns import AGENT, COLUMNS, EXPIRY, LOTS, ORDER, SELL, SIDE, TICK
from catallaxy.numba_kernels.queues import is_empty, join, leave, push, stand_apart

__all__ = [
    "ARRIVALS",
    "BEST_ASK",
    "BEST_BID",
    "FREE",
    "LAST_PRICE",
    "LIVE",
    "ORIGIN",
    "PENDING",
    "RULE",
    "SLOT_BITS",
    "STATE",
    "STEP",
    "TRADES",
    "VOLUME",
    "Book",
    "copy_removed",
    "drop",
    "free_slot",
    "open_book",
    "opposite_best",
    "rest",
    "slot_of",
]

#: Scalars of a book: best ticks (-1 and the number of ticks when a side is empty); first free slot; resting orders;
#: orders that ever arrived; last step that was expired; price of tick 0, in ticks; self-trade rule; slot of an order
#: whose message is not finished (-1: none); price of the last trade, in ticks; trades and lots ever traded.
(BEST_BID, BEST_ASK, FREE, LIVE, ARRIVALS, STEP, ORIGIN, RULE, PENDING, LAST_PRICE, TRADES, VOLUME) = range(12)
STATE = 12

#: An order's number is its arrival times 2**SLOT_BITS plus its slot.
SLOT_BITS = 24
_SLOT_MASK = 2**SLOT_BITS - 1


class Book(NamedTuple):
    """A continuous double auction for one instrument.

    Attributes
    ----------
    orders : int64[S, 8]
        Resting orders by slot; `ORDER` is 0 in a free one.
    queue : int64[2 (S + T)]
        Queues by tick; heads after the slots. After a free slot comes the next free one.
    by_agent : int64[2 (S + A)]
        Queues by agent.
    by_expiry : int64[2 (S + R)]
        Queues by step of expiry, modulo R.
    levels : int64[T]
        Lots at each tick.
    words, summary : uint64[W], uint64[V]
        Occupied ticks.
    state : int64[12]
        Scalars, by the names of this module.
    """

    orders: IntMatrix
    queue: Ints
    by_agent: Ints
    by_expiry: Ints
    levels: Ints
    words: Words
    summary: Words
    state: Ints


@kernel
def open_book(ticks: int, room: int, agents: int, horizon: int, rule: int) -> Book:
    """Allocate an empty book; everything else works inside what this allocates.

    Parameters
    ----------
    ticks : int64
        Ticks of the price band, at most 2**24.
    room : int64
        Orders that can rest, below 2**24.
    agents : int64
        Agents, numbered from 0.
    horizon : int64
        Queues of expiry. An order that lives longer is looked at every `horizon` steps until it expires.
    rule : int64
        ALLOW, CANCEL_RESTING or CANCEL_INCOMING when an agent's order meets one of its own.

    Returns
    -------
    Book
    """
    slots = room + 1
    n_words = words_for(ticks)
    book = Book(
        np.zeros((slots, COLUMNS), np.int64),
        np.empty(2 * (slots + ticks), np.int64),
        np.empty(2 * (slots + agents), np.int64),
        np.empty(2 * (slots + horizon), np.int64),
        np.zeros(ticks, np.int64),
        np.zeros(n_words, np.uint64),
        np.zeros(words_for(n_words), np.uint64),
        np.zeros(STATE, np.int64),
    )
    for place in range(slots + ticks):
        stand_apart(book.queue, place)
    for place in range(slots + agents):
        stand_apart(book.by_agent, place)
    for place in range(slots + horizon):
        stand_apart(book.by_expiry, place)
    for slot in range(slots):
        push(book.queue, slot, slot + 1)
    book.state[BEST_BID] = -1
    book.state[BEST_ASK] = ticks
    book.state[PENDING] = -1
    book.state[RULE] = rule
    return book


@helper
def slot_of(book: Book, number: int) -> int:
    """Return the slot of an open order, or -1 when no open order has this number."""
    slot = number & _SLOT_MASK
    if number <= 0 or slot >= book.orders.shape[0] or book.orders[slot, ORDER] != number:
        return -1
    return slot


@helper
def opposite_best(book: Book, side: int) -> int:
    """Return the best tick that an order of this side meets."""
    return book.state[BEST_BID] if side == SELL else book.state[BEST_ASK]


@helper
def rest(book: Book, slot: int) -> None:
    """Put the order in `slot` into its queues."""
    slots = book.orders.shape[0]
    tick, lots, expiry = book.orders[slot, TICK], book.orders[slot, LOTS], book.orders[slot, EXPIRY]
    join(book.queue, slots + tick, slot)
    join(book.by_agent, slots + book.orders[slot, AGENT], slot)
    stand_apart(book.by_expiry, slot)
    if expiry > 0:
        join(book.by_expiry, slots + expiry % (book.by_expiry.size // 2 - slots), slot)
    book.state[LIVE] += 1
    book.levels[tick] += lots
    if not is_occupied(book.words, tick):
        occupy(book.words, book.summary, tick)
        if book.orders[slot, SIDE] == SELL:
            book.state[BEST_ASK] = min(book.state[BEST_ASK], tick)
        else:
            book.state[BEST_BID] = max(book.state[BEST_BID], tick)


@helper
def free_slot(book: Book, slot: int) -> None:
    """Hand a slot back; the number of its order is gone."""
    book.orders[slot, ORDER] = 0
    push(book.queue, slot, book.state[FREE])
    book.state[FREE] = slot


@helper
def drop(book: Book, slot: int) -> None:
    """Take the order in `slot`, with whatever lots it still has, out of its queues and hand the slot back."""
    tick = book.orders[slot, TICK]
    leave(book.queue, slot)
    leave(book.by_agent, slot)
    leave(book.by_expiry, slot)
    book.state[LIVE] -= 1
    book.levels[tick] -= book.orders[slot, LOTS]
    if is_empty(book.queue, book.orders.shape[0] + tick):
        vacate(book.words, book.summary, tick)
        if tick == book.state[BEST_BID]:
            book.state[BEST_BID] = previous_occupied(book.words, book.summary, tick)
        elif tick == book.state[BEST_ASK]:
            ask = next_occupied(book.words, book.summary, tick)
            book.state[BEST_ASK] = ask if ask >= 0 else book.levels.size
    free_slot(book, slot)


@helper
def copy_removed(book: Book, slot: int, removed: IntMatrix, n_removed: int, reason: int) -> int:
    """Note that the order in `slot` leaves the book unfilled; return how many have left."""
    for column in range(1, COLUMNS):
        removed[n_removed, column] = book.orders[slot, column]
    removed[n_removed, 0] = reason
    return n_removed + 1
