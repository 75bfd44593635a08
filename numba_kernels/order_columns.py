"""Columns and codes of orders: what the order book and the call auction read, and what they answer.

A message, a resting order, an order that left and a trade are rows of eight integers, and where they speak of the same
thing they have it in the same column.
"""

from __future__ import annotations

__all__ = [
    "ACCEPTED",
    "AGENT",
    "ALLOW",
    "BAD_SIZE",
    "BOOK_FULL",
    "BUY",
    "CANCEL",
    "CANCELLED",
    "CANCEL_ALL",
    "CANCEL_INCOMING",
    "CANCEL_RESTING",
    "CANNOT_FILL",
    "COLUMNS",
    "EXPIRED",
    "EXPIRY",
    "FILLED",
    "FOK",
    "IOC",
    "KIND",
    "LARGEST_LOTS",
    "LIMIT",
    "LOTS",
    "MAKER",
    "MAKER_AGENT",
    "MALFORMED",
    "MARKET",
    "MESSAGE",
    "MODIFIED",
    "MODIFY",
    "NOT_OWNER",
    "NUMBER",
    "ORDER",
    "OUTSIDE_BAND",
    "POST_ONLY",
    "REASON",
    "REASONS",
    "REFERENCE",
    "REPORT_COLUMNS",
    "RESTING",
    "SELF_TRADE",
    "SELL",
    "SIDE",
    "TICK",
    "UNFILLED",
    "UNKNOWN_ORDER",
    "WOULD_CROSS",
]

#: Columns of a message and of a resting order: kind; side; limit tick; lots (what is still open, of a resting order);
#: agent; first step on which the order is no longer there (0: none); number of an order; whatever the sender likes.
KIND, SIDE, TICK, LOTS, AGENT, EXPIRY, ORDER, REFERENCE = range(8)
#: Columns of a trade that differ: row of the message that traded, and in `AGENT` and `ORDER` the taker's.
MESSAGE, MAKER_AGENT, MAKER = 0, 5, 7
COLUMNS = 8
#: Columns of a report, one per message; an order that left the book has its `REASON` in the same column.
REASON, FILLED, RESTING, NUMBER = range(4)
REPORT_COLUMNS = 4

#: Kinds of message. Up to MODIFY an order rests when it is not filled; from CANCEL on nothing is bought or sold.
LIMIT, POST_ONLY, MODIFY, MARKET, IOC, FOK, CANCEL, CANCEL_ALL = range(8)
BUY, SELL = 1, -1

#: Most lots of one order. With at most 2**24 orders and 2**24 ticks no total and no lots x ticks leave 64 bits.
LARGEST_LOTS = 2**38 - 1

#: What happens when an agent's order meets one of its own.
ALLOW, CANCEL_RESTING, CANCEL_INCOMING = range(3)

#: Why a message, or the part of it that was not filled, was refused, and why an order left the book.
(
    ACCEPTED,
    MALFORMED,
    BAD_SIZE,
    OUTSIDE_BAND,
    UNKNOWN_ORDER,
    NOT_OWNER,
    WOULD_CROSS,
    CANNOT_FILL,
    UNFILLED,
    BOOK_FULL,
    SELF_TRADE,
    EXPIRED,
    CANCELLED,
    MODIFIED,
) = range(14)
#: The reasons in words, by code.
REASONS = (
    "accepted",
    "kind, side or agent unknown",
    "lots are zero, negative or above the largest order",
    "the price is outside the band",
    "no such order is open: it was filled, cancelled or expired, or never existed",
    "the order belongs to another agent",
    "a post-only order would trade at once",
    "the whole amount cannot be filled within the limit",
    "no counter-order within the limit was left, and the rest does not stay",
    "the book has no room for another order",
    "the order met one of the same agent",
    "the order's last step is over",
    "cancelled by its agent",
    "replaced by its agent",
)
