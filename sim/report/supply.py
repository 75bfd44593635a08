"""The figure of supply schedules: stocks of tokens, and how fast new ones are issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid, style
from catallaxy.sim.tokenomics.supply import SupplyPath

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["supply_figure"]

_YEAR_DAYS = 365.25
#: Days over which issuance is averaged: blocks and rounds should not show as spikes.
_WINDOW = 30


def supply_figure(paths: dict[str, tuple[str, SupplyPath]]) -> Figure:
    """Draw supply schedules: one row per network.

    Parameters
    ----------
    paths : dict of str to (str, SupplyPath)
        By network: the token's symbol and its schedule.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with style():
        figure, axes = axes_grid(2 * len(paths), columns=2, height=3.6)
        for row, (name, (symbol, path)) in enumerate(paths.items()):
            _stocks(axes[2 * row], name, symbol, path)
            _flow(axes[2 * row + 1], name, symbol, path)
    return figure


def _stocks(ax: Axes, name: str, symbol: str, path: SupplyPath) -> None:
    days = np.array(path.dates, "datetime64[D]")
    unlocked, issued, circulating, supply = (
        np.array(amounts, float) / path.base for amounts in (path.unlocked, path.issued, path.circulating, path.supply)
    )
    ax.stackplot(
        days,
        unlocked,
        issued,
        labels=["unlocked genesis", "issued"],
        colors=[COLOURS[5], COLOURS[4]],
        alpha=0.6,
        linewidth=0,
    )
    if any(path.burned) or any(path.recycled):
        ax.plot(days, circulating, color=COLOURS[1], linestyle="--", label="circulating")
    ax.plot(days, supply, color=COLOURS[0], label="supply")
    if path.cap is not None:
        most = (path.genesis + path.cap) / path.base
        ax.axhline(most, color=GREY, linestyle=":", linewidth=1.0, label="maximum")
    ax.set_title(f"{name}: supply")
    ax.set_ylabel(symbol)
    ax.set_ylim(bottom=0.0)
    ax.legend(loc="lower right", frameon=True, framealpha=0.8, edgecolor="none")


def _flow(ax: Axes, name: str, symbol: str, path: SupplyPath) -> None:
    days = np.array(path.dates, "datetime64[D]")
    window = min(_WINDOW, len(days) - 1)
    issued = np.array(path.issued, float) / path.base
    ax.plot(days[window:], (issued[window:] - issued[:-window]) / window * _YEAR_DAYS, color=COLOURS[1])
    ax.set_title(f"{name}: issued a year, over {window} days")
    ax.set_ylabel(f"{symbol}/year")
    ax.set_ylim(bottom=0.0)
