"""Figure of the market maker whose price moves with net order flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from catallaxy.sim.markets.venues import ConstantProduct, PriceImpact, Venue
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid
from venue_figures.pools import HEIGHT, SIDE, TOKEN, USD, Floats, balanced, dollars, price_ticks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DRAWN", "price_impact"]


class PriceImpactFigure(NamedTuple):
    """How a market maker with inventory moves its price.

    Attributes
    ----------
    flow : float64[n], USD
        Net order flow of a batch.
    quoted, paid : dict of float to float64[n], USD/token
        Price quoted afterwards, and price of the batch, by impact.
    pieces : int64[m]
        Steps over which an order is spread.
    average : dict of str to float64[m], USD/token
        Average price that it pays.
    """

    flow: Floats
    quoted: dict[float, Floats]
    paid: dict[float, Floats]
    pieces: npt.NDArray[np.int64]
    average: dict[str, Floats]


def price_impact(impacts: Sequence[float] = (0.5, 1.0, 2.0), order: float = 400_000) -> PriceImpactFigure:
    """Send batches of more and more net flow, and one order in more and more pieces.

    Parameters
    ----------
    impacts : sequence of float, optional
    order : float, optional
        Dollars.
    """
    flow = np.linspace(-0.7, 0.7, 141) * SIDE
    quoted, paid = {}, {}
    for impact in impacts:
        venue = PriceImpact(kind="price-impact", impact=impact)
        clearings = [
            venue.clear(balanced(venue), round(max(net, 0.0) * USD), round(max(-net, 0.0) * TOKEN)) for net in flow
        ]
        quoted[impact] = np.array([dollars(clearing.price) for clearing in clearings])
        paid[impact] = np.array([dollars(clearing.usd_per_token) for clearing in clearings])
    pieces = np.arange(1, 13)
    makers: dict[str, Venue] = {
        "price-impact": PriceImpact(kind="price-impact"),
        "constant product": ConstantProduct(kind="constant-product", fee=0.0),
    }
    average = {name: np.array([_in_pieces(venue, order, int(n)) for n in pieces]) for name, venue in makers.items()}
    return PriceImpactFigure(flow, quoted, paid, pieces, average)


def _in_pieces(venue: Venue, order: float, pieces: int) -> float:
    pool = balanced(venue)
    trades = [venue.trade(pool, usd=round(order / pieces * USD)) for _ in range(pieces)]
    return dollars(sum(trade.usd for trade in trades) / sum(trade.tokens_out for trade in trades))


def draw_price_impact(data: PriceImpactFigure) -> Figure:
    """Draw the price by net flow, and what it is worth to spread an order."""
    figure, (left, right) = axes_grid(2, columns=2, height=HEIGHT, dated=False)
    for number, (impact, quoted) in enumerate(data.quoted.items()):
        left.plot(data.flow / 1e3, quoted, color=COLOURS[number], label=f"impact {impact:g}")
        left.plot(data.flow / 1e3, data.paid[impact], color=COLOURS[number], linestyle=":", linewidth=1.0)
    left.plot([], [], color=GREY, linestyle=":", linewidth=1.0, label="what the batch pays")
    left.set_yscale("log")
    left.set_title("Price quoted after net flow")
    left.set_xlabel("Bids less offers (thousand USD; depth 1,000)")
    left.set_ylabel("Price (USD/token)")
    left.legend(loc="upper left")
    price_ticks(left, vertical=True)
    for number, (name, average) in enumerate(data.average.items()):
        right.plot(data.pieces, average, color=COLOURS[number], marker="o", markersize=3.5, label=name)
    right.set_title("An order of 400,000 USD in pieces")
    right.set_xlabel("Steps over which it is spread")
    right.set_ylabel("Average price (USD/token)")
    right.legend(loc="upper right")
    return figure


#: What works the figure out, and what draws it, by the name of its file.
DRAWN: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    "price-impact": (price_impact, draw_price_impact)
}
