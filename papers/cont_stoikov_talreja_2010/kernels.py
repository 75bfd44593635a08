"""The race of two queues, order by order on the order book."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import U64, Flags, Floats, helper, kernel
from catallaxy.numba_kernels.order_book_state import Book
from catallaxy.numba_kernels.order_columns import BUY, CANCEL, CANCEL_ALL, LIMIT, MARKET, SELL
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.unit_orders import Desk, send, standing

__all__ = ["AGENTS", "ASK", "BID", "TICKS", "race"]

#: The band holds the two ticks at which orders rest, and one on either side; the spread is one tick.
BID, ASK, TICKS = 1, 2, 4
#: One agent sends everything: in this model it does not matter whose an order is.
_AGENT, AGENTS = 0, 1


@helper
def _next_message(book: Book, rates: Floats, draw: float) -> tuple[int, int, int, int]:
    """Return kind, side and tick of what happens next, and the order that it cancels, for a uniform draw."""
    n_bids, n_asks = book.levels[BID], book.levels[ASK]
    limits, takes, cancels = rates[0], rates[1], rates[2]
    x = (2.0 * (limits + takes) + cancels * (n_bids + n_asks)) * draw
    if x < 2.0 * limits:
        return (LIMIT, BUY, BID, 0) if x < limits else (LIMIT, SELL, ASK, 0)
    x -= 2.0 * limits
    if x < 2.0 * takes:
        return MARKET, SELL if x < takes else BUY, 0, 0
    place = min(int((x - 2.0 * takes) / cancels), n_bids + n_asks - 1)
    if place < n_bids:
        return CANCEL, 0, 0, standing(book, BID, place)
    return CANCEL, 0, 0, standing(book, ASK, place - n_bids)


@kernel
def race(desk: Desk, bids: int, asks: int, rates: Floats, key: U64, moved_up: Flags) -> int:
    """Race the queues at the best bid and the best ask until one is empty, again and again.

    Limit orders come to each queue at one rate, market orders to each at another, and every resting order is cancelled
    at a third; all are of one lot and independent. The price moves up when the asks are gone first.

    Parameters
    ----------
    desk : Desk, in/out
        An empty book of TICKS and AGENTS; empty again afterwards.
    bids, asks : int64, order
        Lengths of the queues at the start.
    rates : float64[3], 1/time
        Of limit orders and of market orders on one side, and of the cancellation of one order.
    key : uint64
        Race r draws what it needs under this key, r and the number of the event.
    moved_up : int8[n], out
        1 where the price moved up.

    Returns
    -------
    int64
        Messages sent.
    """
    book, levels = desk.book, desk.book.levels
    n_messages = 0
    for number in range(moved_up.size):
        for place in range(bids + asks):
            buys = place < bids
            send(desk, LIMIT, BUY if buys else SELL, BID if buys else ASK, _AGENT, 0)
        own, event = agent_bits(key, number), 0
        while levels[BID] > 0 and levels[ASK] > 0:
            kind, side, tick, order = _next_message(book, rates, uniform(agent_bits(own, event)))
            send(desk, kind, side, tick, _AGENT, order)
            event += 1
        moved_up[number] = 1 if levels[ASK] == 0 else 0
        n_messages += bids + asks + event + 1
        send(desk, CANCEL_ALL, 0, 0, _AGENT, 0)
    return n_messages
