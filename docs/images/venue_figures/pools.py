"""Figures of the pools that are described by their two reserves, and what figures of pools share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from catallaxy.sim.markets.venues import ConstantProduct, Pool, Venue, Weighted
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "DRAWN",
    "HEIGHT",
    "SIDE",
    "TOKEN",
    "USD",
    "Floats",
    "balanced",
    "constant_product",
    "dollars",
    "price_ticks",
    "traded",
    "weighted",
]

Floats = npt.NDArray[np.float64]

#: Micro-dollars and base units of one dollar and one token; the price at the start is one dollar.
USD, TOKEN = 10**6, 10**9
#: Dollars, and as many tokens, in a balanced pool.
SIDE = 1_000_000
HEIGHT = 3.4


def dollars(price: float) -> float:
    """Convert a price from micro-dollars per base unit to dollars per token."""
    return price * TOKEN / USD


def balanced(venue: Venue) -> Pool:
    """Open a pool of SIDE dollars and as many tokens."""
    return venue.open(SIDE * USD, SIDE * TOKEN)


def _paid(venue: Venue, pool: Pool, spent: float) -> float:
    """Return the dollars per token that an order to buy pays."""
    trade = venue.quote(pool, usd=round(spent * USD))
    return dollars(trade.usd / trade.tokens_out)


class ConstantProductFigure(NamedTuple):
    """What a constant-product pool charges.

    Attributes
    ----------
    spent : float64[n], USD
    paid : dict of str to float64[n], USD/token
        Average price of an order to buy, by where the fee is taken.
    surplus : float64[m], USD
        Dollars bid less the worth of tokens offered, in a batch of always the same turnover.
    price, pool_price : float64[m], USD/token
        Price of that batch, and of the pool after it.
    band : (float, float), USD
        Surplus beyond which the pool trades.
    """

    spent: Floats
    paid: dict[str, Floats]
    surplus: Floats
    price: Floats
    pool_price: Floats
    band: tuple[float, float]


def constant_product(fee: float = 0.05, turnover: float = 400_000) -> ConstantProductFigure:
    """Buy more and more from a pool, and clear batches of more and more bids.

    Parameters
    ----------
    fee : float, optional
    turnover : float, optional
        Dollars bid plus the worth of tokens offered in a batch.
    """
    free = ConstantProduct(kind="constant-product", fee=0.0)
    on_input = ConstantProduct(kind="constant-product", fee=fee, fee_on="input")
    on_output = ConstantProduct(kind="constant-product", fee=fee, fee_on="output")
    spent = np.linspace(5_000, SIDE, 100)
    paid = {
        name: np.array([_paid(venue, balanced(venue), amount) for amount in spent])
        for name, venue in (
            ("no fee", free),
            (f"{100 * fee:g} % on input", on_input),
            (f"{100 * fee:g} % on output", on_output),
        )
    }
    surplus = np.linspace(-0.5, 0.5, 161) * turnover
    price, pool_price = np.empty((2, surplus.size))
    for i, net in enumerate(surplus):
        bid, offered = 0.5 * (turnover + net), 0.5 * (turnover - net)
        clearing = on_input.clear(balanced(on_input), round(bid * USD), round(offered * TOKEN))
        price[i], pool_price[i] = dollars(clearing.usd_per_token), dollars(clearing.price)
    edge = turnover * fee / (2.0 - fee)
    return ConstantProductFigure(spent, paid, surplus, price, pool_price, (-edge, edge))


def draw_constant_product(data: ConstantProductFigure) -> Figure:
    """Draw the price of an order by its size, and that of a batch by its surplus."""
    figure, (left, right) = axes_grid(2, columns=2, height=HEIGHT, dated=False)
    for number, (name, paid) in enumerate(data.paid.items()):
        left.plot(data.spent / 1e3, paid, color=COLOURS[number], label=name)
    left.set_title("What a purchase costs")
    left.set_xlabel("Spent at once (thousand USD; the pool holds 1,000)")
    left.set_ylabel("Average price (USD/token)")
    left.legend(loc="upper left", title="Fee")
    low, high = data.band
    right.axvspan(
        low / 1e3, high / 1e3, color=GREY, alpha=0.15, linewidth=0, label="buyers and sellers among themselves"
    )
    right.plot(data.surplus / 1e3, data.price, color=COLOURS[0], label="price of the batch")
    right.plot(data.surplus / 1e3, data.pool_price, color=COLOURS[1], linestyle="--", label="price afterwards")
    right.set_title("What a batch costs (fee 5 % on input)")
    right.set_xlabel("Bids less offers (thousand USD, of 400 in all)")
    right.set_ylabel("Price (USD/token)")
    right.legend(loc="upper left")
    return figure


class WeightedFigure(NamedTuple):
    """What weights do.

    Attributes
    ----------
    weights : tuple of float
        Shares of tokens in the value of pools, which are all worth the same.
    traded : float64[n], USD
        Spent on tokens if positive, worth of tokens sold if negative.
    price : dict of float to float64[n], USD/token
        Price of a pool afterwards.
    reached : dict of float to float64[m], USD/token
        Prices that a pool without fee is traded to.
    against_holding : dict of float to float64[m]
        Its value there over that of what it held at the start, less one.
    """

    weights: tuple[float, ...]
    traded: Floats
    price: dict[float, Floats]
    reached: dict[float, Floats]
    against_holding: dict[float, Floats]


def weighted(weights: Sequence[float] = (0.5, 0.8, 0.95)) -> WeightedFigure:
    """Trade with pools that are worth the same and differ in their weights.

    Parameters
    ----------
    weights : sequence of float, optional
    """
    sizes = np.linspace(-60_000, 60_000, 121)
    price, reached, against_holding = {}, {}, {}
    for weight in weights:
        venue = Weighted(kind="weighted", weight=weight, fee=0.0)
        usd, tokens = round(2 * SIDE * (1.0 - weight) * USD), round(2 * SIDE * weight * TOKEN)
        price[weight] = np.array([dollars(traded(venue, venue.open(usd, tokens), amount).price) for amount in sizes])
        # A price ratio k needs k**w times the dollars.
        spent = usd / USD * (np.geomspace(0.2, 5.0, 81) ** weight - 1.0)
        pools = [_traded_to(venue, venue.open(usd, tokens), amount) for amount in spent]
        reached[weight] = np.array([dollars(pool.price) for pool in pools])
        worth = np.array([pool.usd + pool.tokens * pool.price for pool in pools])
        against_holding[weight] = worth / (usd + tokens * reached[weight] * USD / TOKEN) - 1.0
    return WeightedFigure(tuple(weights), sizes, price, reached, against_holding)


def traded(venue: Venue, pool: Pool, amount: float) -> Pool:
    """Spend dollars, or sell tokens that are worth as many at a price of one dollar."""
    venue.trade(pool, usd=round(max(amount, 0.0) * USD), tokens=round(max(-amount, 0.0) * TOKEN))
    return pool


def _traded_to(venue: Venue, pool: Pool, usd: float) -> Pool:
    """Bring dollars in, or take them out by selling tokens a little at a time."""
    if usd >= 0.0:
        venue.trade(pool, usd=round(usd * USD))
        return pool
    target = pool.usd + round(usd * USD)
    low, high = 0, 10**4 * pool.tokens
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if pool.usd - venue.quote(pool, tokens=middle).usd_out > target else (low, middle)
    venue.trade(pool, tokens=high)
    return pool


def draw_weighted(data: WeightedFigure) -> Figure:
    """Draw prices after trades, and what the owners of liquidity lose against holding."""
    figure, (left, right) = axes_grid(2, columns=2, height=HEIGHT, dated=False)
    for number, weight in enumerate(data.weights):
        look: dict[str, Any] = {"color": COLOURS[number], "label": f"{100 * weight:g} % tokens"}
        left.plot(data.traded / 1e3, data.price[weight], **look)
        right.plot(data.reached[weight], 100.0 * data.against_holding[weight], **look)
    left.set_title("Price after a trade, pools worth 2 million USD")
    left.set_xlabel("Bought (sold where negative; thousand USD)")
    left.set_ylabel("Price (USD/token)")
    left.legend(loc="upper left")
    right.set_xscale("log")
    right.set_xticks([0.2, 0.5, 1.0, 2.0, 5.0], labels=["0.2", "0.5", "1", "2", "5"])
    right.minorticks_off()
    right.set_title("What its owners have, against holding")
    right.set_xlabel("Price (USD/token; 1 at the start)")
    right.set_ylabel("Value of the pool over holding (%)")
    right.legend(loc="lower center")
    return figure


def price_ticks(ax: Axes, *, vertical: bool = False) -> None:
    """Label a logarithmic price axis."""
    places = [0.2, 0.5, 1.0, 2.0, 5.0]
    set_ticks = ax.set_yticks if vertical else ax.set_xticks
    set_ticks(places, labels=[f"{place:g}" for place in places])
    ax.minorticks_off()


#: What works a figure out, and what draws it, by the name of its file.
DRAWN: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    "constant-product": (constant_product, draw_constant_product),
    "weighted": (weighted, draw_weighted),
}
