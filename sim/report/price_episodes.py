"""Prices with their explosive episodes, and the statistics that date them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.sim.analysis.market.bubbles import Bubbles
from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["episodes_figure"]

_SHADES = {"boom": COLOURS[2], "collapse": COLOURS[1]}


def episodes_figure(series: Mapping[str, Prices], tested: Mapping[str, Bubbles]) -> Figure:
    """Draw each series with its episodes shaded, and beside it the BSADF sequence with its threshold.

    Parameters
    ----------
    series : mapping of str to Prices
    tested : mapping of str to Bubbles
        What the tests say of each.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style():
        figure, axes = axes_grid(2 * len(series), columns=2, height=2.6)
        for number, (name, prices) in enumerate(series.items()):
            _draw_price(axes[2 * number], name, prices, tested[name])
            _draw_statistic(axes[2 * number + 1], name, prices, tested[name])
    return figure


def _draw_price(ax: Axes, name: str, prices: Prices, found: Bubbles) -> None:
    ax.plot(prices.dates, prices.close, color=COLOURS[0])
    ax.set_yscale("log")
    for episode in found.episodes:
        start, end = (float(day.astype("M8[D]").astype(np.int64)) for day in (episode.start, episode.end))
        ax.axvspan(start, end, color=_SHADES[episode.kind], alpha=0.25, linewidth=0)
    ax.set_title(f"{name}: price, booms green, collapses red")


def _draw_statistic(ax: Axes, name: str, prices: Prices, found: Bubbles) -> None:
    ax.plot(prices.dates, found.backward, color=COLOURS[0], label="BSADF")
    ax.plot(prices.dates, found.threshold, color=GREY, linestyle="--", label="threshold")
    ax.set_title(f"{name}: BSADF and its threshold")
    ax.legend(loc="upper right")
