"""Continuous double auction: price-time priority on a band of integer ticks.

A batch of messages is worked through in its order. An incoming order trades with the best resting orders, oldest first
at each tick, always at the resting order's tick, as long as its limit allows; what is left rests when its kind says so.
A message needs as much work as it makes trades: the best ticks are kept, the next occupied tick is found in a bitmap,
and orders come and go without a search.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import IntMatrix, helper, kernel
from catallaxy.numba_kernels.order_book_state import (
    LAST_PRICE,
    LIVE,
    ORIGIN,
    PENDING,
    RULE,
    TRADES,
    VOLUME,
    Book,
    copy_removed,
    drop,
    free_slot,
    opposite_best,
    rest,
)
from catallaxy.numba_kernels.order_columns import (
    ACCEPTED,
    AGENT,
    ALLOW,
    BOOK_FULL,
    CANCEL,
    CANCEL_INCOMING,
    KIND,
    LOTS,
    MAKER,
    MAKER_AGENT,
    MESSAGE,
    MODIFY,
    ORDER,
    SELF_TRADE,
    SIDE,
    TICK,
    UNFILLED,
)
from catallaxy.numba_kernels.order_entry import begin, report, withdraw
from catallaxy.numba_kernels.queues import after

__all__ = ["submit"]

#: Not a reason: a buffer is full in the middle of a message.
_SUSPENDED = -1


@helper
def _sweep(
    book: Book, slot: int, row: int, trades: IntMatrix, removed: IntMatrix, n_trades: int, n_removed: int
) -> tuple[int, int, int]:
    """Trade the order in `slot` with what its limit allows; return trades, removals and why it stopped."""
    orders, state, slots = book.orders, book.state, book.orders.shape[0]
    side, limit, agent = orders[slot, SIDE], orders[slot, TICK], orders[slot, AGENT]
    left, stop, before = orders[slot, LOTS], ACCEPTED, n_trades
    tick = opposite_best(book, side)
    while left > 0 and side * (limit - tick) >= 0:
        if n_trades == trades.shape[0] or n_removed == removed.shape[0]:
            stop = _SUSPENDED
            break
        maker = after(book.queue, slots + tick)
        own = state[RULE] != ALLOW and orders[maker, AGENT] == agent
        if own and state[RULE] == CANCEL_INCOMING:
            stop = SELF_TRADE
            break
        lots = 0 if own else min(left, orders[maker, LOTS])
        if own:
            n_removed = copy_removed(book, maker, removed, n_removed, SELF_TRADE)
        else:
            trades[n_trades, MESSAGE] = row
            trades[n_trades, SIDE] = side
            trades[n_trades, TICK] = tick
            trades[n_trades, LOTS] = lots
            trades[n_trades, AGENT] = agent
            trades[n_trades, MAKER_AGENT] = orders[maker, AGENT]
            trades[n_trades, ORDER] = orders[slot, ORDER]
            trades[n_trades, MAKER] = orders[maker, ORDER]
            n_trades += 1
            left -= lots
        if own or lots == orders[maker, LOTS]:
            drop(book, maker)
            tick = opposite_best(book, side)
        else:
            orders[maker, LOTS] -= lots
            book.levels[tick] -= lots
    if n_trades > before:
        state[TRADES] += n_trades - before
        state[VOLUME] += orders[slot, LOTS] - left
        state[LAST_PRICE] = state[ORIGIN] + trades[n_trades - 1, TICK]
        orders[slot, LOTS] = left
    return n_trades, n_removed, stop


@helper
def _finish(book: Book, slot: int, messages: IntMatrix, row: int, reports: IntMatrix, stop: int) -> None:
    """Let an order rest or go, after it has traded, and answer its message."""
    left, number = book.orders[slot, LOTS], book.orders[slot, ORDER]
    filled, reason = messages[row, LOTS] - left, stop
    if left > 0 and reason == ACCEPTED:
        if messages[row, KIND] > MODIFY:
            reason = UNFILLED
        elif book.state[LIVE] == book.orders.shape[0] - 1:
            reason = BOOK_FULL
    if left > 0 and reason == ACCEPTED:
        rest(book, slot)
        report(reports, row, ACCEPTED, filled, left, number)
    else:
        free_slot(book, slot)
        report(reports, row, reason, filled, 0, number)


@kernel
def submit(
    book: Book, messages: IntMatrix, first: int, reports: IntMatrix, trades: IntMatrix, removed: IntMatrix
) -> tuple[int, int, int]:
    """Work through messages from row `first` on, until the last one or until a buffer is full.

    Call it again with the row that it returns, after reading the buffers, until that row is the number of messages. A
    message that fills a buffer halfway is continued by the next call, which must be given the same messages; its report
    is complete when a later row is returned.

    Parameters
    ----------
    book : Book, in/out
    messages : int64[n, 8]
        KIND, SIDE, TICK, LOTS, AGENT, EXPIRY, ORDER, REFERENCE. CANCEL reads AGENT and ORDER; CANCEL_ALL reads AGENT;
        MODIFY reads AGENT, ORDER and what shall be open from now on, TICK and LOTS; MARKET does not read TICK.
    first : int64
        Row to start with.
    reports : int64[n, 4], out
        REASON (ACCEPTED, or why the message or the part that neither traded nor rests was refused), lots FILLED, lots
        RESTING, and the order's NUMBER.
    trades : int64[m, 8], out
        MESSAGE (row), SIDE and AGENT of the aggressor, TICK of the resting order, LOTS, MAKER_AGENT, ORDER (number of
        the aggressor's) and MAKER (number of the resting order). At least one row.
    removed : int64[r, 8], out
        Orders that left unfilled, or were replaced: as they stood, with REASON (CANCELLED, MODIFIED, SELF_TRADE)
        instead of their kind. At least one row.

    Returns
    -------
    (int64, int64, int64)
        Row to go on with; rows of `trades` and of `removed` that this call wrote.
    """
    row, n_trades, n_removed = first, 0, 0
    while row < messages.shape[0] and n_trades < trades.shape[0] and n_removed < removed.shape[0]:
        if messages[row, KIND] >= CANCEL:
            n_removed, finished = withdraw(book, messages, row, reports, removed, n_removed)
            if not finished:
                break
            row += 1
            continue
        slot = book.state[PENDING]
        if slot < 0:
            slot, n_removed = begin(book, messages, row, reports, removed, n_removed)
        if slot >= 0:
            n_trades, n_removed, stop = _sweep(book, slot, row, trades, removed, n_trades, n_removed)
            book.state[PENDING] = slot if stop == _SUSPENDED else -1
            if stop == _SUSPENDED:
                break
            _finish(book, slot, messages, row, reports, stop)
        row += 1
    return row, n_trades, n_removed
