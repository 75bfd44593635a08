"""Figures of the markets for GPU-hours: auctions, regions, and a posted price."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.sim.markets.services import MeritOrder, PayAsBid, RegionsSpec, UtilisationPrice
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DRAWN", "compute_auctions", "compute_posted_price"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MILLI = 1e3
_HEIGHT = 3.4
#: USD/GPU-hour that the cloud charges.
_CLOUD = 3.0


def _offers(quotes: Floats, hours: Floats) -> Ints:
    """Put hours on the price grid, in one region: int64[1, 1, ticks]."""
    tick = np.empty(quotes.size, np.int64)
    nk.merit_order.ticks_of(quotes, tick)
    supply = np.zeros((1, 1, nk.merit_order.TICKS), np.int64)
    np.add.at(supply[0, 0], tick, (hours * _MILLI).astype(np.int64))
    return supply


def _grid() -> Floats:
    """Return the price of every tick."""
    price = np.empty((1, nk.merit_order.TICKS))
    nk.merit_order.prices_of(np.arange(nk.merit_order.TICKS)[np.newaxis], price)
    grid: Floats = price[0]
    return grid


class ComputeAuctionsFigure(NamedTuple):
    """Auctions for GPU-hours.

    Attributes
    ----------
    quote, offered : float64[n], USD/GPU-hour and GPU-hour
        Quotes, and what is offered at them or below.
    demand, uniform : float, GPU-hour and USD/GPU-hour
        Hours wanted, and the price of the last one.
    revenue : dict of str to float, USD
        What sellers are paid for the same hours and offers, by rule.
    share : float64[m]
        Share of demand that needs its hours in the second region.
    prices : float64[m, 2], USD/GPU-hour
        Price in either region.
    premium : float
    """

    quote: Floats
    offered: Floats
    demand: float
    uniform: float
    revenue: dict[str, float]
    share: Floats
    prices: Floats
    premium: float


def compute_auctions(demand: float = 600.0, premium: float = 0.3) -> ComputeAuctionsFigure:
    """Clear the same offers by both auctions, and two regions with demand in one or the other.

    Parameters
    ----------
    demand : float, optional
        GPU-hours.
    premium : float, optional
    """
    draws = np.random.default_rng(2)
    quotes = 0.3 * np.exp(draws.normal(0.6, 0.55, 60))
    supply, wanted = _offers(quotes, draws.uniform(5.0, 30.0, 60)), np.array([round(demand * _MILLI)])
    rules = {"one price": MeritOrder(kind="merit-order", rent_pace=1.0), "pay as bid": PayAsBid(kind="pay-as-bid")}
    cleared = {name: rule.clear(supply, wanted, _CLOUD, np.ones((1, 1))) for name, rule in rules.items()}
    revenue = {name: float((done.sold * done.paid).sum()) / _MILLI for name, done in cleared.items()}
    ticks = np.flatnonzero(supply[0, 0])
    share = np.linspace(0.0, 1.0, 101)
    both = np.concatenate([supply // 2, supply // 2], axis=1)
    prices = np.array([_regional(both, wanted, part, premium) for part in share])
    uniform = float(cleared["one price"].reference[0, 0])
    offered = np.cumsum(supply[0, 0, ticks]) / _MILLI
    return ComputeAuctionsFigure(_grid()[ticks], offered, demand, uniform, revenue, share, prices, premium)


def _regional(supply: Ints, wanted: Ints, share: float, premium: float) -> Floats:
    regions = RegionsSpec(demand=(1.0 - share, share), premium=premium)
    market = MeritOrder(kind="merit-order", rent_pace=1.0, regions=regions)
    prices: Floats = market.clear(supply, wanted, _CLOUD, np.ones((1, 2))).reference[0]
    return prices


def draw_compute_auctions(data: ComputeAuctionsFigure) -> Figure:
    """Draw the merit order with what sellers get, and the prices of two regions."""
    figure, (left, right) = axes_grid(2, columns=2, height=_HEIGHT, dated=False)
    edges = np.concatenate([[0.0], data.offered])
    sells = edges[:-1] < data.demand
    starts, ends = edges[:-1][sells], np.minimum(edges[1:][sells], data.demand)
    hours = np.stack((starts, ends), axis=1).ravel()
    quote = np.repeat(data.quote[sells], 2)
    own, one = data.revenue["pay as bid"], data.revenue["one price"]
    left.fill_between(hours, quote, color=COLOURS[0], alpha=0.25, linewidth=0, label=f"paid as bid: {own:,.0f} USD")
    left.fill_between(
        hours, quote, data.uniform, color=COLOURS[4], alpha=0.4, linewidth=0,
        label=f"more at one price: {one - own:,.0f} USD",
    )  # fmt: skip
    left.step(edges[:-1], data.quote, where="post", color=COLOURS[0], label="quotes, cheapest first")
    left.axvline(data.demand, color=GREY, linestyle="--", label="demand")
    left.axhline(data.uniform, color=COLOURS[1], linewidth=1.0, label=f"one price: {data.uniform:.2f} USD")
    left.set_ylim(0.0, 1.6)
    left.set_title("Merit order")
    left.set_xlabel("GPU-hours offered")
    left.set_ylabel("Price (USD/GPU-hour)")
    left.legend(loc="upper left")
    for region, name in enumerate(("first region", "second region")):
        right.plot(100.0 * data.share, data.prices[:, region], color=COLOURS[region], label=name)
    right.set_title(f"Two regions with equal offers, premium {100 * data.premium:g} %")
    right.set_xlabel("Demand in the second region (% of all)")
    right.set_ylabel("Price (USD/GPU-hour)")
    right.legend(loc="center right")
    return figure


class PostedPriceFigure(NamedTuple):
    """A price that follows utilisation.

    Attributes
    ----------
    used : float64[n]
        Utilisation.
    change : dict of str to float64[n]
        Relative price change that follows, by rule.
    wanted, price, utilisation : float64[steps], GPU-hour, USD/GPU-hour and 1
        Demand, the price posted, and the share that sold of what was offered at it.
    target : (float, float)
        Between which utilisations the price stays.
    """

    used: Floats
    change: dict[str, Floats]
    wanted: Floats
    price: Floats
    utilisation: Floats
    target: tuple[float, float]


#: Parameters of the published rules.
_RULES = {
    "default": {},
    "EIP-1559": {"tolerance": 0.0},
    "Gonka": {"response": 0.05, "largest_change": 0.02},
}


def compute_posted_price(steps: int = 120) -> PostedPriceFigure:
    """Ask the rules for the next price, and follow the default one while demand doubles for a third of the time.

    Parameters
    ----------
    steps : int, optional
    """
    used = np.linspace(0.0, 1.0, 101)
    change = {name: np.array([_next_price(rule, part) - 1.0 for part in used]) for name, rule in _RULES.items()}
    market, quotes = UtilisationPrice(kind="posted-price"), np.geomspace(0.2, 2.0, 400)
    supply, price = _offers(quotes, np.full(400, 5.0)), np.full((1, 1), 0.7)
    wanted = np.where(np.arange(steps) // (steps // 3) == 1, 1000.0, 500.0)
    path = np.empty((steps, 2))
    for step, hours in enumerate(wanted):
        offered = supply[0, 0, _grid() <= price[0, 0]].sum()
        done = market.clear(supply, np.array([round(hours * _MILLI)]), _CLOUD, price)
        path[step] = price[0, 0], done.sold.sum() / offered
        price = done.reference
    target = (market.target - market.tolerance, market.target + market.tolerance)
    return PostedPriceFigure(used, change, wanted, path[:, 0], path[:, 1], target)


def _next_price(rule: dict[str, float], used: float) -> float:
    """Return what follows a price of one dollar when so much of 1,000 hours is wanted."""
    market = UtilisationPrice(kind="posted-price", **rule)
    supply = _offers(np.array([0.5]), np.array([1000.0]))
    done = market.clear(supply, np.array([round(1000.0 * used * _MILLI)]), _CLOUD, np.ones((1, 1)))
    return float(done.reference[0, 0])


def draw_compute_posted_price(data: PostedPriceFigure) -> Figure:
    """Draw the rules, and a path of price and utilisation."""
    figure, (rule, price, used) = axes_grid(3, columns=3, height=_HEIGHT, dated=False)
    for number, (name, change) in enumerate(data.change.items()):
        rule.plot(100.0 * data.used, 100.0 * change, color=COLOURS[number], label=name)
    rule.set_title("How the price moves")
    rule.set_xlabel("Utilisation (% of hours offered)")
    rule.set_ylabel("Next price over this one (%)")
    rule.legend(loc="upper left")
    step = np.arange(data.price.size)
    for panel, values in ((price, data.price), (used, 100.0 * data.utilisation)):
        busy = step[data.wanted > data.wanted.min()]
        panel.axvspan(busy[0], busy[-1] + 1, color=COLOURS[4], alpha=0.2, linewidth=0, label="demand is twice as high")
        panel.plot(step, values, color=COLOURS[0], drawstyle="steps-post")
        panel.set_xlabel("Step")
    price.set_title("Price posted")
    price.set_ylabel("Price (USD/GPU-hour)")
    price.set_ylim(bottom=0.55)
    price.legend(loc="lower center")
    for edge in data.target:
        used.axhline(100.0 * edge, color=GREY, linestyle="--", linewidth=1.0)
    used.set_title("Utilisation (dashed: price stays)")
    used.set_ylabel("Sold of what is offered (%)")
    return figure


#: What works a figure out, and what draws it, by the name of its file.
DRAWN: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    "compute-auctions": (compute_auctions, draw_compute_auctions),
    "compute-posted-price": (compute_posted_price, draw_compute_posted_price),
}
