"""Figures of the venues that match orders singly: the order book and the call auction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.sim.markets.venues import OrderBook, OrderPool
from catallaxy.sim.markets.venues.order_pool import AT_ONCE, FIRST_AGENT
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["DRAWN", "call_auction", "order_book"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_USD, _TOKEN = 10**6, 10**9
#: Dollars, and as many tokens, of the house.
_SIDE = 1_000_000
_HEIGHT = 3.4
_SEED = 3


class OrderBookFigure(NamedTuple):
    """A book, and an order that takes from it.

    Attributes
    ----------
    bids, asks : float64[n, 2], USD/token and USD
        Price and worth of every level, best first.
    taken : float64[m, 2]
        Of the asks, what an order of `spent` dollars takes.
    spent : float
        What it spends, fees included.
    sizes, average, worst : float64[k], USD, USD/token and USD/token
        Dollars spent, the average price paid without fee, and the price of the last level that is reached.
    """

    bids: Floats
    asks: Floats
    taken: Floats
    spent: float
    sizes: Floats
    average: Floats
    worst: Floats


def order_book(agents: int = 400, spent: float = 30_000) -> OrderBookFigure:
    """Let agents leave orders beside the house's, and let one order take what is best.

    Parameters
    ----------
    agents : int, optional
        Who leave one order each, of 200 dollars on average, at an exponentially distributed distance from the price.
    spent : float, optional
        Dollars.
    """
    venue = OrderBook(kind="order-book", lifetime=5, fee=0.0)
    pool = venue.open(_SIDE * _USD, _SIDE * _TOKEN)
    _let_rest(venue, pool, agents)
    bids, asks = (_levels(pool, side) for side in (nk.order_columns.BUY, nk.order_columns.SELL))
    sizes = np.linspace(500, 60_000, 240)
    trades = [venue.quote(pool, usd=round(size * _USD)) for size in sizes]
    average = np.array([trade.usd / trade.tokens_out * _TOKEN / _USD for trade in trades])
    up_to = np.cumsum(asks[:, 1])
    worst = asks[np.minimum(np.searchsorted(up_to, sizes), len(asks) - 1), 0]
    venue.trade(pool, usd=round(spent * _USD))
    left = dict(_levels(pool, nk.order_columns.SELL).tolist())
    taken = np.array([(price, worth - left.get(price, 0.0)) for price, worth in asks])
    return OrderBookFigure(bids, asks, taken[taken[:, 1] > 0.0], spent, sizes, average, worst)


def _let_rest(venue: OrderBook, pool: OrderPool, agents: int) -> None:
    draws = np.random.default_rng(_SEED)
    bounds = np.array([0, 1, 2, 3, AT_ONCE, FIRST_AGENT], np.int64)
    side = draws.choice([1, -1], agents)
    worth = draws.exponential(200.0, agents)
    part = np.where(side > 0, worth * _USD, -worth * _TOKEN).astype(np.int64)
    limit = pool.ticks(_USD / _TOKEN) * np.exp(-side * (0.002 + draws.exponential(0.02, agents)))
    keys = (nk.random.step_key(_SEED, 0, 1), nk.random.step_key(_SEED, 1, 1))
    venue.begin(pool, 1, bounds, FIRST_AGENT + agents)
    venue.collect(pool, 1, keys, np.arange(agents), part, limit)
    venue.match(pool)


def _levels(pool: OrderPool, side: int) -> Floats:
    """Return price (USD/token) and worth (USD) of every level of a side."""
    levels = np.zeros((4096, 2), np.int64)
    count = nk.order_book_upkeep.depth(pool.engine, side, levels)
    tick, lots = levels[:count].T
    return np.stack((pool.per_unit(1.0) * tick * _TOKEN / _USD, lots * tick * pool.tick_value / _USD), axis=1)


def draw_order_book(data: OrderBookFigure) -> Figure:
    """Draw the depth of the book, and what an order pays by its size."""
    figure, (left, right) = axes_grid(2, columns=2, height=_HEIGHT, dated=False)
    for side, colour, name in ((data.bids, COLOURS[0], "bids"), (data.asks, COLOURS[1], "asks")):
        near = np.abs(side[:, 0] - 1.0) < 0.1
        price, depth = side[near, 0], np.cumsum(side[near, 1]) / 1e3
        left.fill_between(price, depth, step="post", color=colour, alpha=0.2, linewidth=0)
        left.step(price, depth, where="post", color=colour, label=name)
    price, depth = data.taken[:, 0], np.cumsum(data.taken[:, 1]) / 1e3
    taken = f"taken by {data.spent:,.0f} USD"
    left.fill_between(price, depth, step="post", color=COLOURS[1], alpha=0.6, linewidth=0, label=taken)
    left.set_title("Depth of the book")
    left.set_xlabel("Price (USD/token)")
    left.set_ylabel("Worth of orders up to it (thousand USD)")
    left.legend(loc="upper center")
    right.plot(data.sizes / 1e3, data.worst, color=COLOURS[1], drawstyle="steps-post", label="last level reached")
    right.plot(data.sizes / 1e3, data.average, color=COLOURS[0], label="average paid")
    right.set_title("What an order to buy pays")
    right.set_xlabel("Spent at once (thousand USD)")
    right.set_ylabel("Price (USD/token)")
    right.legend(loc="upper left")
    return figure


class CallAuctionFigure(NamedTuple):
    """One auction.

    Attributes
    ----------
    prices : float64[n], USD/token
    demand, supply : int64[n], lot
        Bid at that price or above, and offered at it or below.
    price : float, USD/token
        Clearing price.
    volume, surplus : int, lot
        Traded; bid less offered at that price.
    wanted : int64[m], lot
        Of the orders at the margin of the longer side, in the order in which they came.
    filled : dict of str to int64[m], lot
        What they get, by the rule of rationing.
    """

    prices: Floats
    demand: Ints
    supply: Ints
    price: float
    volume: int
    surplus: int
    wanted: Ints
    filled: dict[str, Ints]


def call_auction(orders: int = 60, ticks: int = 100) -> CallAuctionFigure:
    """Clear one auction of random limit orders by both rules.

    Parameters
    ----------
    orders, ticks : int, optional
        A tick is a hundredth of a dollar.
    """
    draws, columns = np.random.default_rng(5), nk.order_columns
    side = np.where(draws.random(orders) < 0.58, columns.BUY, columns.SELL)
    tick = np.clip(np.round(draws.normal(60 - 2 * side, 8, orders) / 4) * 4, 0, ticks - 1).astype(np.int64)
    messages = np.zeros((orders, columns.COLUMNS), np.int64)
    messages[:, columns.SIDE], messages[:, columns.TICK] = side, tick
    messages[:, columns.LOTS], messages[:, columns.AGENT] = draws.integers(5, 60, orders), np.arange(orders)
    reports = {name: np.zeros((orders, columns.REPORT_COLUMNS), np.int64) for name in ("by-time", "pro-rata")}
    rules = {"by-time": nk.call_auction.BY_TIME, "pro-rata": nk.call_auction.PRO_RATA}
    for name, report in reports.items():
        auction = nk.call_auction.open_auction(ticks, orders)
        cleared, volume, surplus = nk.call_auction.clear(auction, messages, ticks // 2, rules[name], report)
    lots, grid = messages[:, columns.LOTS], np.arange(30, 91)
    demand = np.array([lots[(side == columns.BUY) & (tick >= t)].sum() for t in grid])
    supply = np.array([lots[(side == columns.SELL) & (tick <= t)].sum() for t in grid])
    margin = _margin(messages, reports["by-time"], columns.BUY if surplus > 0 else columns.SELL)
    return CallAuctionFigure(
        grid / 100,
        demand,
        supply,
        cleared / 100,
        int(volume),
        int(surplus),
        lots[margin],
        {name: report[margin, columns.FILLED] for name, report in reports.items()},
    )


def _margin(messages: Ints, report: Ints, side: int) -> Ints:
    """Return the rows of a side's orders at the tick where it runs out: the last one at which anything is filled."""
    columns = nk.order_columns
    tick = messages[:, columns.TICK]
    filled = (messages[:, columns.SIDE] == side) & (report[:, columns.FILLED] > 0)
    last = tick[filled].min() if side == columns.BUY else tick[filled].max()
    return np.flatnonzero((messages[:, columns.SIDE] == side) & (tick == last))


def draw_call_auction(data: CallAuctionFigure) -> Figure:
    """Draw demand, supply and the price, and how the margin is rationed."""
    figure, (left, right) = axes_grid(2, columns=2, height=_HEIGHT, dated=False)
    left.step(data.demand, data.prices, where="pre", color=COLOURS[0], label="bid at that price or above")
    left.step(data.supply, data.prices, where="pre", color=COLOURS[1], label="offered at that price or below")
    left.axhline(data.price, color=GREY, linestyle="--", linewidth=1.0)
    _mark(left, data)
    left.set_xlim(right=1.62 * max(data.demand[0], data.supply[-1]))
    left.set_title("Demand, supply and the one price")
    left.set_xlabel("Lots")
    left.set_ylabel("Price (USD/lot)")
    left.legend(loc="upper right")
    places = np.arange(1, len(data.wanted) + 1)
    right.bar(places, data.wanted, width=0.8, color="none", edgecolor=GREY, label="wanted")
    for number, (name, filled) in enumerate(data.filled.items()):
        right.bar(places + 0.4 * number - 0.2, filled, width=0.36, color=COLOURS[2 + number], label=f"filled {name}")
    right.set_xticks(places)
    right.set_title(f"Who is rationed: the {'bids' if data.surplus > 0 else 'offers'} at the margin")
    right.set_xlabel("Order at the margin, as they came")
    right.set_ylabel("Lots")
    right.set_ylim(top=1.35 * data.wanted.max())
    right.legend(loc="upper right", ncols=3)
    return figure


def _mark(ax: Axes, data: CallAuctionFigure) -> None:
    """Mark the volume, and what the longer side has too much at the price."""
    ax.plot([data.volume], [data.price], color="black", marker="o", linestyle="none", label=f"{data.volume} lots trade")
    ax.plot(
        [data.volume, data.volume + abs(data.surplus)],
        [data.price] * 2,
        color=COLOURS[4],
        linewidth=4.0,
        solid_capstyle="butt",
        label=f"{abs(data.surplus)} lots {'bid' if data.surplus > 0 else 'offered'} too much",
    )


#: What works a figure out, and what draws it, by the name of its file.
DRAWN: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    "order-book": (order_book, draw_order_book),
    "call-auction": (call_auction, draw_call_auction),
}
