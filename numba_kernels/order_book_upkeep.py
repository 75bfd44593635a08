"""What happens to an order book between batches: expiry, depth, an agent's open orders, and a new price band."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import IntMatrix, helper, kernel
from catallaxy.numba_kernels.occupancy import next_occupied, occupy, previous_occupied, vacate
from catallaxy.numba_kernels.order_book_state import (
    BEST_ASK,
    BEST_BID,
    ORIGIN,
    STEP,
    Book,
    copy_removed,
    drop,
    opposite_best,
)
from catallaxy.numba_kernels.order_columns import COLUMNS, EXPIRED, EXPIRY, OUTSIDE_BAND, SELL, TICK
from catallaxy.numba_kernels.queues import after, move_all

__all__ = ["depth", "expire", "move_band", "open_orders"]


@kernel
def expire(book: Book, step: int, removed: IntMatrix) -> int:
    """Begin a step: cancel the orders whose EXPIRY has come, those that would expire first and stood longest first.

    Parameters
    ----------
    book : Book, in/out
    step : int64
        Not before the last one. A later one catches up on the steps between.
    removed : int64[r, 8], out
        Expired orders, with REASON EXPIRED.

    Returns
    -------
    int64
        Rows written. While the buffer comes back full, read it and call again with the same step.
    """
    slots = book.orders.shape[0]
    horizon = book.by_expiry.size // 2 - slots
    n_removed = 0
    for now in range(max(book.state[STEP], step - horizon) + 1, step + 1):
        head = slots + now % horizon
        slot = after(book.by_expiry, head)
        while slot < slots:
            following = after(book.by_expiry, slot)
            if book.orders[slot, EXPIRY] <= step:
                if n_removed == removed.shape[0]:
                    return n_removed
                n_removed = copy_removed(book, slot, removed, n_removed, EXPIRED)
                drop(book, slot)
            slot = following
    book.state[STEP] = max(book.state[STEP], step)
    return n_removed


@kernel
def depth(book: Book, side: int, levels: IntMatrix) -> int:
    """List the levels of one side, best first.

    Parameters
    ----------
    book : Book
    side : int64
        BUY for the bids, SELL for the asks.
    levels : int64[m, 2], out
        Tick and lots.

    Returns
    -------
    int64
        Levels written.
    """
    n_levels = 0
    tick = opposite_best(book, -side)
    while n_levels < levels.shape[0] and 0 <= tick < book.levels.size:
        levels[n_levels, 0] = tick
        levels[n_levels, 1] = book.levels[tick]
        n_levels += 1
        if side == SELL:
            tick = next_occupied(book.words, book.summary, tick + 1)
        else:
            tick = previous_occupied(book.words, book.summary, tick - 1)
    return n_levels


@kernel
def open_orders(book: Book, agent: int, listed: IntMatrix) -> int:
    """List the open orders of one agent, in the order in which they came to rest.

    Parameters
    ----------
    book : Book
    agent : int64
    listed : int64[m, 8], out
        The orders, in the columns of a message.

    Returns
    -------
    int64
        How many are open; those beyond the buffer are counted only.
    """
    slots = book.orders.shape[0]
    n_orders = 0
    slot = after(book.by_agent, slots + agent)
    while slot < slots:
        if n_orders < listed.shape[0]:
            for column in range(COLUMNS):
                listed[n_orders, column] = book.orders[slot, column]
        n_orders += 1
        slot = after(book.by_agent, slot)
    return n_orders


@helper
def _clear_ticks(book: Book, first: int, last: int, removed: IntMatrix, n_removed: int) -> int:
    """Cancel what rests from tick `first` to `last`, as far as the buffer has room; return how many have left."""
    slots = book.orders.shape[0]
    tick = next_occupied(book.words, book.summary, first)
    while 0 <= tick <= last and n_removed < removed.shape[0]:
        slot = after(book.queue, slots + tick)
        n_removed = copy_removed(book, slot, removed, n_removed, OUTSIDE_BAND)
        drop(book, slot)
        tick = next_occupied(book.words, book.summary, tick)
    return n_removed


@helper
def _move_level(book: Book, tick: int, new_tick: int) -> None:
    """Move a level to an empty tick."""
    slots = book.orders.shape[0]
    move_all(book.queue, slots + tick, slots + new_tick)
    book.levels[new_tick] = book.levels[tick]
    book.levels[tick] = 0
    vacate(book.words, book.summary, tick)
    occupy(book.words, book.summary, new_tick)
    slot = after(book.queue, slots + new_tick)
    while slot < slots:
        book.orders[slot, TICK] = new_tick
        slot = after(book.queue, slot)


@kernel
def move_band(book: Book, origin: int, removed: IntMatrix) -> int:
    """Move the price band, so that its tick 0 is the price `origin`; every order keeps its price and its place.

    Orders whose price is outside the new band are cancelled. Call it between batches only.

    Parameters
    ----------
    book : Book, in/out
    origin : int64
        Price of tick 0, in ticks.
    removed : int64[r, 8], out
        Cancelled orders at their old ticks, with REASON OUTSIDE_BAND, from the lowest tick up.

    Returns
    -------
    int64
        Rows written. While the buffer comes back full, read it and call again with the same origin; the band moves in
        the call that returns less than a full buffer.
    """
    ticks = book.levels.size
    shift = origin - book.state[ORIGIN]
    n_removed = _clear_ticks(book, 0, min(shift, ticks) - 1, removed, 0)
    n_removed = _clear_ticks(book, max(ticks + shift, 0), ticks - 1, removed, n_removed)
    if shift == 0 or n_removed == removed.shape[0]:
        return n_removed
    tick = next_occupied(book.words, book.summary, 0)
    if shift < 0:
        tick = previous_occupied(book.words, book.summary, ticks - 1)
    while tick >= 0:
        _move_level(book, tick, tick - shift)
        if shift > 0:
            tick = next_occupied(book.words, book.summary, tick + 1)
        else:
            tick = previous_occupied(book.words, book.summary, tick - 1)
    book.state[ORIGIN] = origin
    book.state[BEST_BID] -= shift if book.state[BEST_BID] >= 0 else 0
    book.state[BEST_ASK] -= shift if book.state[BEST_ASK] < ticks else 0
    return n_removed
