"""Orders at random on the order book: deposits, market orders and cancellations at constant rates."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import U64, Floats, IntMatrix, Matrix, helper, kernel
from catallaxy.numba_kernels.order_book_state import BEST_ASK, BEST_BID, LIVE, ORIGIN
from catallaxy.numba_kernels.order_book_upkeep import move_band
from catallaxy.numba_kernels.order_columns import BUY, CANCEL, LIMIT, MARKET, ORDER, SELL
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.unit_orders import Desk, send

__all__ = ["SPREAD_TIME", "TIME", "fill", "spread_over_time"]

#: Columns of a batch: spread times time, and time.
SPREAD_TIME, TIME = range(2)


@kernel
def fill(desk: Desk, window: int, spacing: int) -> None:
    """Put orders into an empty book, at every so many ticks on either side of its middle.

    Parameters
    ----------
    desk : Desk, in/out
    window : int64, tick
        How far from the middle.
    spacing : int64, tick
        Between two orders.
    """
    middle = desk.book.levels.size // 2
    for distance in range(0, window, spacing):
        send(desk, LIMIT, BUY, middle - 1 - distance, 0, 0)
        send(desk, LIMIT, SELL, middle + distance, 0, 0)


@helper
def _next_message(rates: Floats, window: int, bid: int, ask: int, x: float) -> tuple[int, int, int]:
    """Return kind, side and tick of what happens next, for a draw between 0 and the sum of all rates."""
    deposits, takes = rates[0] * window, rates[1]
    if x < deposits:
        return LIMIT, BUY, ask - 1 - int(x / rates[0])
    x -= deposits
    if x < deposits:
        return LIMIT, SELL, bid + 1 + int(x / rates[0])
    x -= deposits
    if x < takes:
        return MARKET, BUY if 2.0 * x < takes else SELL, 0
    return CANCEL, 0, 0


@helper
def _any_order(orders: IntMatrix, used: int, key: U64, draw: int) -> tuple[int, int]:
    """Return the number of a resting order, each as likely as another, and the next draw.

    Slots among the first `used` are drawn until one holds an order.
    """
    slot = int(uniform(agent_bits(key, draw)) * used)
    while orders[slot, ORDER] == 0:
        draw += 1
        slot = int(uniform(agent_bits(key, draw)) * used)
    return orders[slot, ORDER], draw + 1


@kernel
def spread_over_time(desk: Desk, rates: Floats, window: int, key: U64, n_events: int, batches: Matrix) -> None:
    """Let orders come and go, and add up the spread, each weighted by how long it is expected to last.

    Bids are deposited below the best ask and asks above the best bid, each tick of the window as likely as another, so
    that none trades at once. While a side is empty, its last best price stands for it.

    Parameters
    ----------
    desk : Desk, in/out
        A book of one agent that `fill` has filled, whose band is several windows wide.
    rates : float64[3], 1/time
        Of deposits at one tick of one side, of market orders on both sides together, and of the cancellation of one
        order.
    window : int64, tick
        Ticks from the opposite best price in which orders are deposited.
    key : uint64
        Batch b draws what it needs under this key, b and a running number.
    n_events : int64
        In each batch.
    batches : float64[b, 2], tick x time and time, out
        Columns SPREAD_TIME and TIME.
    """
    book, orders, state, ticks = desk.book, desk.book.orders, desk.book.state, desk.book.levels.size
    bid, ask, used = state[BEST_BID], state[BEST_ASK], state[LIVE] + 1
    for batch in range(batches.shape[0]):
        own, draw = agent_bits(key, batch), 0
        for _ in range(n_events):
            bid = state[BEST_BID] if state[BEST_BID] >= 0 else bid
            ask = state[BEST_ASK] if state[BEST_ASK] < ticks else ask
            if bid < window or ask >= ticks - window:
                shift = (bid + ask) // 2 - ticks // 2
                while move_band(book, state[ORIGIN] + shift, desk.removed) == desk.removed.shape[0]:
                    pass
                bid, ask = bid - shift, ask - shift
            total = 2.0 * window * rates[0] + rates[1] + rates[2] * state[LIVE]
            batches[batch, SPREAD_TIME] += (ask - bid) / total
            batches[batch, TIME] += 1.0 / total
            kind, side, tick = _next_message(rates, window, bid, ask, total * uniform(agent_bits(own, draw)))
            order, draw = _any_order(orders, used, own, draw + 1) if kind == CANCEL else (0, draw + 1)
            send(desk, kind, side, tick, 0, order)
            used = max(used, state[LIVE] + 1)
