"""How messages enter an order book: what is refused, how an order gets its slot, how it is changed or withdrawn."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import IntMatrix, helper
from catallaxy.numba_kernels.occupancy import next_occupied, previous_occupied
from catallaxy.numba_kernels.order_book_state import (
    ARRIVALS,
    FREE,
    RULE,
    SLOT_BITS,
    STEP,
    Book,
    copy_removed,
    drop,
    opposite_best,
    slot_of,
)
from catallaxy.numba_kernels.order_columns import (
    ACCEPTED,
    AGENT,
    ALLOW,
    BAD_SIZE,
    BUY,
    CANCEL,
    CANCEL_ALL,
    CANCEL_INCOMING,
    CANCELLED,
    CANNOT_FILL,
    COLUMNS,
    EXPIRED,
    EXPIRY,
    FILLED,
    FOK,
    KIND,
    LARGEST_LOTS,
    LOTS,
    MALFORMED,
    MARKET,
    MODIFIED,
    MODIFY,
    NOT_OWNER,
    NUMBER,
    ORDER,
    OUTSIDE_BAND,
    POST_ONLY,
    REASON,
    RESTING,
    SELL,
    SIDE,
    TICK,
    UNKNOWN_ORDER,
    WOULD_CROSS,
)
from catallaxy.numba_kernels.queues import after

__all__ = ["begin", "report", "withdraw"]


@helper
def report(reports: IntMatrix, row: int, reason: int, filled: int, resting: int, number: int) -> None:
    """Answer one message."""
    reports[row, REASON] = reason
    reports[row, FILLED] = filled
    reports[row, RESTING] = resting
    reports[row, NUMBER] = number


@helper
def _can_fill(book: Book, messages: IntMatrix, row: int) -> bool:
    """Return whether an order would be filled completely, by walking the orders that it would meet."""
    side, limit, left, agent = messages[row, SIDE], messages[row, TICK], messages[row, LOTS], messages[row, AGENT]
    slots = book.orders.shape[0]
    tick = opposite_best(book, side)
    while left > 0 and 0 <= tick < book.levels.size and side * (limit - tick) >= 0:
        slot = after(book.queue, slots + tick)
        while slot < slots and left > 0:
            own = book.state[RULE] != ALLOW and book.orders[slot, AGENT] == agent
            if own and book.state[RULE] == CANCEL_INCOMING:
                return False
            left -= 0 if own else book.orders[slot, LOTS]
            slot = after(book.queue, slot)
        if side == BUY:
            tick = next_occupied(book.words, book.summary, tick + 1)
        else:
            tick = previous_occupied(book.words, book.summary, tick - 1)
    return left <= 0


@helper
def _refusal(book: Book, messages: IntMatrix, row: int) -> int:
    """Return why a new order cannot enter the book, or ACCEPTED."""
    kind, side, tick, lots = messages[row, KIND], messages[row, SIDE], messages[row, TICK], messages[row, LOTS]
    agents = book.by_agent.size // 2 - book.orders.shape[0]
    if kind < 0 or abs(side) != BUY or messages[row, AGENT] < 0 or messages[row, AGENT] >= agents:
        return MALFORMED
    if lots < 1 or lots > LARGEST_LOTS:
        return BAD_SIZE
    if kind != MARKET and (tick < 0 or tick >= book.levels.size):
        return OUTSIDE_BAND
    if 0 < messages[row, EXPIRY] <= book.state[STEP]:
        return EXPIRED
    if kind == POST_ONLY and side * (tick - opposite_best(book, side)) >= 0:
        return WOULD_CROSS
    if kind == FOK and not _can_fill(book, messages, row):
        return CANNOT_FILL
    return ACCEPTED


@helper
def _owned(book: Book, messages: IntMatrix, row: int) -> tuple[int, int]:
    """Return the slot of the order that a message is about, and why it may not be touched, or ACCEPTED."""
    slot = slot_of(book, messages[row, ORDER])
    if slot < 0:
        return slot, UNKNOWN_ORDER
    if book.orders[slot, AGENT] != messages[row, AGENT]:
        return slot, NOT_OWNER
    return slot, ACCEPTED


@helper
def _enter(book: Book, messages: IntMatrix, row: int) -> int:
    """Give a new order a number and a slot, where it stands while it trades; return the slot."""
    slot = book.state[FREE]
    book.state[FREE] = after(book.queue, slot)
    book.state[ARRIVALS] += 1
    for column in range(COLUMNS):
        book.orders[slot, column] = messages[row, column]
    book.orders[slot, ORDER] = (book.state[ARRIVALS] << SLOT_BITS) | slot
    if messages[row, KIND] == MARKET:
        book.orders[slot, TICK] = 0 if messages[row, SIDE] == SELL else book.levels.size - 1
    return slot


@helper
def _change(
    book: Book, messages: IntMatrix, row: int, reports: IntMatrix, removed: IntMatrix, n_removed: int
) -> tuple[int, int]:
    """Modify an open order; return its slot if it has to trade again (-1 if not), and how many orders have left."""
    slot, reason = _owned(book, messages, row)
    tick, lots = messages[row, TICK], messages[row, LOTS]
    if reason == ACCEPTED and (lots < 1 or lots > LARGEST_LOTS):
        reason = BAD_SIZE
    if reason == ACCEPTED and (tick < 0 or tick >= book.levels.size):
        reason = OUTSIDE_BAND
    if reason != ACCEPTED:
        report(reports, row, reason, 0, 0, messages[row, ORDER])
        return -1, n_removed
    n_removed = copy_removed(book, slot, removed, n_removed, MODIFIED)
    if tick == book.orders[slot, TICK] and lots <= book.orders[slot, LOTS]:
        book.levels[tick] -= book.orders[slot, LOTS] - lots
        book.orders[slot, LOTS] = lots
        report(reports, row, ACCEPTED, 0, lots, messages[row, ORDER])
        return -1, n_removed
    drop(book, slot)
    book.state[FREE] = after(book.queue, slot)
    book.orders[slot, KIND] = MODIFY
    book.orders[slot, TICK] = tick
    book.orders[slot, LOTS] = lots
    book.orders[slot, ORDER] = messages[row, ORDER]
    return slot, n_removed


@helper
def begin(
    book: Book, messages: IntMatrix, row: int, reports: IntMatrix, removed: IntMatrix, n_removed: int
) -> tuple[int, int]:
    """Let an order in; return its slot (-1 if the message is finished) and how many orders have left."""
    if messages[row, KIND] == MODIFY:
        return _change(book, messages, row, reports, removed, n_removed)
    reason = _refusal(book, messages, row)
    if reason != ACCEPTED:
        report(reports, row, reason, 0, 0, 0)
        return -1, n_removed
    return _enter(book, messages, row), n_removed


@helper
def withdraw(
    book: Book, messages: IntMatrix, row: int, reports: IntMatrix, removed: IntMatrix, n_removed: int
) -> tuple[int, bool]:
    """Cancel one order or all of an agent; return how many orders have left, and whether that was all."""
    kind, agent, number = messages[row, KIND], messages[row, AGENT], messages[row, ORDER]
    slots, reason = book.orders.shape[0], ACCEPTED
    slot = slots
    if kind == CANCEL:
        slot, reason = _owned(book, messages, row)
    elif kind == CANCEL_ALL and 0 <= agent < book.by_agent.size // 2 - slots:
        slot, number = after(book.by_agent, slots + agent), 0
    else:
        reason, number = MALFORMED, 0
    while reason == ACCEPTED and slot < slots and n_removed < removed.shape[0]:
        n_removed = copy_removed(book, slot, removed, n_removed, CANCELLED)
        drop(book, slot)
        slot = after(book.by_agent, slots + agent) if kind == CANCEL_ALL else slots
    report(reports, row, reason, 0, 0, number)
    return n_removed, reason != ACCEPTED or slot >= slots
