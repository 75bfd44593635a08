"""The figure of the curves that mint, burn and graduate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from catallaxy.sim.markets.venues import BondingCurve, LaunchCurve
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid
from venue_figures.pools import HEIGHT, SIDE, TOKEN, USD, Floats, dollars

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DRAWN", "bonding_curves"]


class BondingCurvesFigure(NamedTuple):
    """Prices along curves that mint, and along a launch.

    Attributes
    ----------
    spent : float64[n], USD
        Dollars paid into a curve with a million tokens outstanding.
    outstanding, price : dict of float to float64[n], token and USD/token
        What is outstanding then and the price, by reserve ratio.
    paid : float64[m], USD
        Dollars paid into the launch of a million tokens at a dollar, in small orders; those at graduation come twice.
    launch : dict of str to float64[m], USD/token
        Price after them, by what becomes of leftover tokens; at graduation that of the curve, and then of the pool.
    graduates : float, USD
        Dollars with which the launch graduates.
    burned : float, token
        Leftover tokens that were burned.
    """

    spent: Floats
    outstanding: dict[float, Floats]
    price: dict[float, Floats]
    paid: Floats
    launch: dict[str, Floats]
    graduates: float
    burned: float


def bonding_curves(ratios: Sequence[float] = (0.2, 0.5, 1.0), orders: int = 240) -> BondingCurvesFigure:
    """Buy more and more from curves that mint, and from a launch in small orders until well after its graduation.

    Parameters
    ----------
    ratios : sequence of float, optional
    orders : int, optional
    """
    spent = np.linspace(0.0, 3.0 * SIDE, 61)
    outstanding, price = {}, {}
    for ratio in ratios:
        path = np.array([_minted(BondingCurve(kind="bonding-curve", reserve_ratio=ratio, fee=0.0), d) for d in spent])
        outstanding[ratio], price[ratio] = path[:, 0], path[:, 1]
    launch, burned, paid = {}, 0.0, np.zeros(0)
    for leftover in ("burned", "pooled"):
        venue = LaunchCurve(kind="launch-curve", fee=0.0, leftover=leftover)
        paid, launch[leftover], tokens = _launched(venue, np.linspace(0.0, 6.0 * SIDE, orders + 1))
        burned = max(burned, tokens)
    graduates = float(paid[1:][np.diff(paid) == 0.0][0])
    return BondingCurvesFigure(spent, outstanding, price, paid, launch, graduates, burned)


def _launched(venue: LaunchCurve, totals: Floats) -> tuple[Floats, Floats, float]:
    """Buy in steps; return what had been paid at each price, the prices, and the tokens burned."""
    pool = venue.open(venue.opening_usd(SIDE * TOKEN, USD / TOKEN), SIDE * TOKEN)
    paid, prices = [0.0], [dollars(pool.price)]
    for before, total in pairwise(totals):
        usd, waiting = round((total - before) * USD), pool.virtual_usd > 0
        on_curve = venue.price_after(pool, usd, -venue.quote(pool, usd=usd).tokens_out)
        venue.trade(pool, usd=usd)
        if waiting and pool.virtual_usd == 0:
            paid.append(total)
            prices.append(dollars(on_curve))
        paid.append(total)
        prices.append(dollars(pool.price))
    return np.array(paid), np.array(prices), -venue.issued(pool) / TOKEN


def _minted(venue: BondingCurve, spent: float) -> tuple[float, float]:
    """Return what is outstanding and the price after dollars have come in."""
    pool = venue.open(venue.opening_usd(SIDE * TOKEN, USD / TOKEN), SIDE * TOKEN)
    venue.trade(pool, usd=round(spent * USD))
    return pool.outstanding / TOKEN, dollars(pool.price)


def draw_bonding_curves(data: BondingCurvesFigure) -> Figure:
    """Draw price over supply, and the price of a launch."""
    figure, (left, right) = axes_grid(2, columns=2, height=HEIGHT, dated=False)
    for number, (ratio, supply) in enumerate(data.outstanding.items()):
        left.plot(supply / 1e6, data.price[ratio], color=COLOURS[number], label=f"reserve ratio {ratio:g}")
    left.set_title("Up to 3 million USD paid in")
    left.set_xlabel("Tokens outstanding (million)")
    left.set_ylabel("Price (USD/token)")
    left.legend(loc="upper right")
    for number, (leftover, price) in enumerate(data.launch.items()):
        right.plot(data.paid / 1e6, price, color=COLOURS[number], label=f"leftover tokens {leftover}")
    right.axvline(data.graduates / 1e6, color=GREY, linestyle="--", zorder=0, label="a fifth is left: graduation")
    on_curve, in_pool = data.launch["pooled"][data.paid == data.graduates]
    note, place = f"{in_pool / on_curve - 1.0:.0%}: the pool has\nno virtual dollars", (data.graduates / 1e6, in_pool)
    right.annotate(note, place, (12, -4), textcoords="offset points", va="top")
    right.set_title("Launch of a million tokens at 1 USD")
    right.set_xlabel("Paid in (million USD)")
    right.set_ylabel("Price (USD/token)")
    right.legend(loc="upper left")
    return figure


#: What works the figure out, and what draws it, by the name of its file.
DRAWN: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    "bonding-curves": (bonding_curves, draw_bonding_curves)
}
