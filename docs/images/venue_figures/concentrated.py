"""Figure of concentrated liquidity: where it lies, and what happens where a range ends."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.sim.markets.venues import Concentrated, ConstantProduct
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid
from venue_figures.pools import HEIGHT, SIDE, TOKEN, USD, Floats, balanced, dollars, price_ticks, traded

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DRAWN", "concentrated"]


class ConcentratedFigure(NamedTuple):
    """Where liquidity lies.

    Attributes
    ----------
    price, depth : float64[n], USD/token and 1
        Prices, and the liquidity there over that of a constant-product pool of the same worth.
    spent : float64[m], USD
        Spent on tokens if positive, worth of tokens sold if negative.
    after, uniform : float64[m], USD/token
        Price afterwards, of this pool and of the constant-product pool.
    ends : tuple of float, USD/token
        Prices at which ranges end.
    """

    price: Floats
    depth: Floats
    spent: Floats
    after: Floats
    uniform: Floats
    ends: tuple[float, ...]


def concentrated() -> ConcentratedFigure:
    """Move the price of the default pool of ranges from end to end, beside a constant-product pool."""
    venue, uniform = Concentrated(kind="concentrated", fee=0.0), ConstantProduct(kind="constant-product", fee=0.0)
    spent = np.linspace(-1.2, 1.2, 481) * SIDE
    opened = venue.open(SIDE * USD, SIDE * TOKEN)
    after, price_uniform, depth = np.empty((3, spent.size))
    for i, amount in enumerate(spent):
        pool = deepcopy(opened)
        traded(venue, pool, amount)
        liquidity = pool.state.state[nk.concentrated_state.LIQUIDITY]
        after[i], depth[i] = dollars(pool.price), liquidity / np.sqrt(float(SIDE * USD) * (SIDE * TOKEN))
        price_uniform[i] = dollars(traded(uniform, balanced(uniform), amount).price)
    step = np.flatnonzero(np.abs(np.diff(depth)) > 1e-6)
    return ConcentratedFigure(after, depth, spent, after, price_uniform, tuple(0.5 * (after[step] + after[step + 1])))


def draw_concentrated(data: ConcentratedFigure) -> Figure:
    """Draw liquidity over price, and the price over the size of a trade."""
    figure, (left, right) = axes_grid(2, columns=2, height=HEIGHT, dated=False)
    left.fill_between(data.price, data.depth, step="mid", color=COLOURS[0], alpha=0.25, linewidth=0)
    left.step(data.price, data.depth, where="mid", color=COLOURS[0], label="in ranges to 1.2 and 2 times the price")
    left.axhline(1.0, color=COLOURS[1], linestyle="--", label="constant product, same worth")
    left.set_xscale("log")
    left.set_title("Where the liquidity lies")
    left.set_xlabel("Price (USD/token; opened at 1)")
    left.set_ylabel("Liquidity (constant product = 1)")
    left.set_ylim(0.0, 6.8)
    left.legend(loc="upper right")
    price_ticks(left)
    right.plot(data.spent / 1e3, data.after, color=COLOURS[0], label="in ranges")
    right.plot(data.spent / 1e3, data.uniform, color=COLOURS[1], linestyle="--", label="constant product")
    for number, price in enumerate(data.ends):
        right.axhline(price, color=GREY, linestyle=":", linewidth=1.0, label=None if number else "a range ends")
    right.set_yscale("log")
    right.set_title("Price after a trade")
    right.set_xlabel("Bought (sold where negative; thousand USD)")
    right.set_ylabel("Price (USD/token)")
    right.legend(loc="upper left")
    price_ticks(right, vertical=True)
    return figure


#: What works the figure out, and what draws it, by the name of its file.
DRAWN: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    "concentrated": (concentrated, draw_concentrated)
}
