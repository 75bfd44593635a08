"""A market of fundamentalists, chartists and noise traders, whose policy is `@njit` code that submits its own orders.

The traders are those of Chiarella & Iori (2002, Quantitative Finance 2(5), "A simulation analysis of the microstructure
of double auction markets") in the variant of PAMS's FCN agent: a trader expects the log return

    r = (w_f log(F / p) / m + w_c log(p / p_h) / h + w_n s z) / (w_f + w_c + w_n)

a step, with h the steps that it looks back and ahead, p_h the price h steps ago and z a standard normal draw. It sends
an order of one lot that stands for h steps: to buy at up to p exp(r h) (1 - k) if it expects a rise, to sell from
p exp(r h) (1 + k) on if it expects a fall.

Nothing here belongs to the engine. `play` shows how compiled code of a user's own draws at random, submits orders to
the book, reads the fills and settles them, for as many steps as wanted, without coming back to Python.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from catallaxy.numba_kernels import order_columns as columns
from catallaxy.numba_kernels.elementary import exp, log
from catallaxy.numba_kernels.order_book import submit
from catallaxy.numba_kernels.order_book_state import BEST_ASK, BEST_BID, LAST_PRICE, ORIGIN, TRADES, Book, open_book
from catallaxy.numba_kernels.order_book_upkeep import expire
from catallaxy.numba_kernels.random import agent_bits, normal, step_key, uniform
from catallaxy.numba_kernels.settlement import settle

__all__ = ["LONGEST", "TICKS", "Market", "open_market", "play"]

#: Prices are 0.01 to 655.35 and start at 300, where the fundamental value is; steps that a trader looks back, at most.
TICKS, FIRST, LONGEST = 65_536, 30_000, 200
_TICK_VALUE, _LOT_SIZE, _FEE = 10_000, 1_000_000_000, 0
#: Streams of this program: who comes to the market, what traders are like, what they see.
_COMING, _TRADERS, _NOISE = range(3)
#: What a trader is: weights of value, trend and noise in the expected return a step; margin; steps back and ahead.
VALUE, TREND, NOISE, MARGIN, HORIZON = range(5)


class Market(NamedTuple):
    """All that changes, and the buffers.

    Attributes
    ----------
    traders : float64[n, 5]
        Columns VALUE, TREND, NOISE, MARGIN, HORIZON.
    queue : int64[n]
        Traders in the order in which they came to the market last.
    log_prices : float64[LONGEST + steps + 1]
        Log price, in ticks, at the start of every step; the first LONGEST are before the market opens.
    cash, tokens : int64[n]
        Balances, which may fall below zero: these traders borrow what they sell or spend.
    keys : uint64[2]
        Of the draws that choose traders, and of what they see.
    book : Book
    messages, reports, trades, removed : int64[k, 8], int64[k, 4], int64[m, 8], int64[r, 8]
        Orders of one step, the answers to them, and what `submit` fills in.
    """

    traders: npt.NDArray[np.float64]
    queue: npt.NDArray[np.int64]
    log_prices: npt.NDArray[np.float64]
    cash: npt.NDArray[np.int64]
    tokens: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    book: Book
    messages: npt.NDArray[np.int64]
    reports: npt.NDArray[np.int64]
    trades: npt.NDArray[np.int64]
    removed: npt.NDArray[np.int64]


def _draw_traders(n: int, seed: int) -> npt.NDArray[np.float64]:
    random = np.random.default_rng([seed, _TRADERS])
    fundamental, chart, noise = random.exponential((1.0, 0.2, 1.0), (n, 3)).T
    total, horizon = fundamental + chart + noise, np.floor(random.uniform(LONGEST / 2, LONGEST, n))
    reversion, margin = random.uniform(LONGEST / 4, LONGEST / 2, n), random.uniform(0.0, 0.1, n)
    weights = fundamental / total / reversion, chart / total / horizon, 0.001 * noise / total
    return np.ascontiguousarray(np.stack((*weights, margin, horizon), axis=1))


def open_market(n: int, orders_per_step: int, steps: int, seed: int = 1) -> Market:
    """Draw traders and open an empty book in which all that they can have open at once has room.

    Parameters
    ----------
    n : int
        Traders.
    orders_per_step : int
        How many of them come to the market in a step, at most n.
    steps : int
        Longest run.
    seed : int

    Returns
    -------
    Market
    """
    room, buffer = orders_per_step * (LONGEST + 1), max(64, 2 * orders_per_step)
    keys = np.array([step_key(seed, stream, 0) for stream in (_COMING, _NOISE)], np.uint64)
    return Market(
        _draw_traders(n, seed),
        np.arange(n),
        np.full(LONGEST + steps + 1, np.log(FIRST)),
        np.full(n, 10_000_000_000),
        np.full(n, 50 * _LOT_SIZE),
        keys,
        open_book(TICKS, room, n, 2 * LONGEST, columns.ALLOW),
        np.zeros((orders_per_step, columns.COLUMNS), np.int64),
        np.zeros((orders_per_step, columns.REPORT_COLUMNS), np.int64),
        np.zeros((buffer, columns.COLUMNS), np.int64),
        np.zeros((buffer, columns.COLUMNS), np.int64),
    )


@njit(error_model="numpy", nogil=True, cache=True)
def _decide(market: Market, step: int) -> int:
    """Let traders come to the market and write their orders; return how many there are."""
    traders, queue, messages, log_prices = market.traders, market.queue, market.messages, market.log_prices
    coming, seeing = agent_bits(market.keys[0], step), agent_bits(market.keys[1], step)
    log_price, log_value = log_prices[LONGEST + step], log_prices[0]
    price = exp(log_price)
    n_orders = 0
    for place in range(messages.shape[0]):
        chosen = place + int(uniform(agent_bits(coming, place)) * (queue.size - place))
        trader = queue[chosen]
        queue[chosen] = queue[place]
        queue[place] = trader
        horizon = int(traders[trader, HORIZON])
        expected_return = (
            traders[trader, VALUE] * (log_value - log_price)
            + traders[trader, TREND] * (log_price - log_prices[LONGEST + step - horizon])
            + traders[trader, NOISE] * normal(agent_bits(seeing, trader))
        )
        if expected_return == 0.0:
            continue
        side = columns.BUY if expected_return > 0.0 else columns.SELL
        limit = price * exp(expected_return * horizon) * (1.0 - side * traders[trader, MARGIN])
        limit = min(max(limit, 1.0), TICKS - 1.0)
        messages[n_orders, columns.KIND] = columns.LIMIT
        messages[n_orders, columns.SIDE] = side
        messages[n_orders, columns.TICK] = int(np.floor(limit) if side == columns.BUY else np.ceil(limit))
        messages[n_orders, columns.LOTS] = 1
        messages[n_orders, columns.AGENT] = trader
        messages[n_orders, columns.EXPIRY] = step + horizon + 1
        n_orders += 1
    return n_orders


@njit(error_model="numpy", nogil=True, cache=True)
def _price(book: Book, traded: bool, log_price: float) -> float:
    """Return the log price after a step: of the last trade, of the middle of the spread, or as before."""
    bid, ask = book.state[BEST_BID], book.state[BEST_ASK]
    if traded:
        return log(float(book.state[LAST_PRICE]))
    if bid >= 0 and ask < TICKS:
        return log(book.state[ORIGIN] + 0.5 * (bid + ask))
    return log_price


@njit(error_model="numpy", nogil=True, cache=True)
def play(market: Market, first: int, last: int) -> int:
    """Play steps `first` to `last - 1`: old orders expire, traders decide, orders trade, trades are settled.

    Returns
    -------
    int
        Orders sent.
    """
    book, n_sent = market.book, 0
    for step in range(first, last):
        while expire(book, step, market.removed) == market.removed.shape[0]:
            pass
        n_orders, n_traded = _decide(market, step), book.state[TRADES]
        orders, row = market.messages[:n_orders], 0
        while row < n_orders:
            row, n_trades, _ = submit(book, orders, row, market.reports, market.trades, market.removed)
            origin = book.state[ORIGIN]
            settle(market.trades, n_trades, origin, _TICK_VALUE, _LOT_SIZE, _FEE, market.cash, market.tokens)
        market.log_prices[LONGEST + step + 1] = _price(
            book, book.state[TRADES] > n_traded, market.log_prices[LONGEST + step]
        )
        n_sent += n_orders
    return n_sent
