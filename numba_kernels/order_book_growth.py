"""More room in an order book: for orders that rest, and for agents."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import Ints, helper, kernel
from catallaxy.numba_kernels.order_book_state import RULE, STATE, Book, open_book
from catallaxy.numba_kernels.order_columns import COLUMNS, ORDER

__all__ = ["grow"]


@helper
def _copy_links(links: Ints, slots: int, more_slots: int, grown: Ints) -> None:
    """Copy queues whose heads stand behind `slots` slots into an array where they stand behind more."""
    shift = more_slots - slots
    for entry in range(links.size):
        place, linked = entry // 2, links[entry]
        place += shift if place >= slots else 0
        grown[2 * place + entry % 2] = linked + (shift if linked >= slots else 0)


@kernel
def grow(book: Book, room: int, agents: int) -> Book:
    """Return a larger book with the same orders in the same queues under the same numbers; between batches only.

    Parameters
    ----------
    book : Book
    room : int64
        Orders that can rest; not fewer than in `book`.
    agents : int64
        Agents; not fewer than in `book`.

    Returns
    -------
    Book
    """
    slots, ticks = book.orders.shape[0], book.levels.size
    horizon = book.by_expiry.size // 2 - slots
    grown = open_book(ticks, room, agents, horizon, book.state[RULE])
    more_slots = grown.orders.shape[0]
    _copy_links(book.queue, slots, more_slots, grown.queue)
    _copy_links(book.by_agent, slots, more_slots, grown.by_agent)
    _copy_links(book.by_expiry, slots, more_slots, grown.by_expiry)
    for slot in range(slots):
        for column in range(COLUMNS):
            grown.orders[slot, column] = book.orders[slot, column]
        if book.orders[slot, ORDER] == 0:
            grown.queue[2 * slot] = book.queue[2 * slot]
    grown.levels[:] = book.levels
    grown.words[:] = book.words
    grown.summary[:] = book.summary
    for entry in range(STATE):
        grown.state[entry] = book.state[entry]
    return grown
