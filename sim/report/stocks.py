"""Charts of stocks: where the supply came from and lies, strategies, income by population."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid, colour, legend
from catallaxy.sim.report.charts import label_shares
from catallaxy.sim.report.data import Floats, ReportData
from catallaxy.sim.report.numbers import compact, tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["PARTS", "income_bars", "strategy_shares", "supply_over_time", "supply_parts", "supply_waterfall"]

#: Series that say how the supply came about, and their signs: those of every run, and those of runs with such a rule.
_ALWAYS = {"minted": ("minted_cum", 1.0), "burned": ("burned_cum", -1.0)}
_SOMETIMES = {"recycled": ("recycled_cum", -1.0), "curves": ("curve_issued", 1.0), "converted": ("converted", 1.0)}
#: What the supply is made of, and the colour of each part.
PARTS = {
    "liquid": COLOURS[0],
    "staked": COLOURS[2],
    "unbonding": COLOURS[4],
    "unvested": COLOURS[3],
    "reserve": "#B6BCC6",
}
#: Distance of a label from its bar, and what counts as nothing, as shares of the tallest bar.
_LABEL_GAP = 0.015
_ROUNDING = 1e-9


def supply_parts(data: ReportData, network: int) -> dict[str, Floats]:
    """Split the supply of one network, in the mean over replicates.

    Parameters
    ----------
    data : ReportData
    network : int
        Index of the network.

    Returns
    -------
    dict of str to float64[n_steps]
        Tokens: liquid (circulating and neither staked nor unbonding), staked, unbonding, unvested, and reserve
        (issued, not yet distributed). They sum to the supply.
    """
    supply, circulating = data.mean("supply", network), data.mean("circulating", network)
    staked, unbonding = data.mean("staked", network), data.mean("unbonding", network)
    unvested = data.mean("unvested", network)
    return {
        "liquid": circulating - staked - unbonding,
        "staked": staked,
        "unbonding": unbonding,
        "unvested": unvested,
        "reserve": supply - circulating - unvested,
    }


def supply_waterfall(data: ReportData) -> Figure:
    """Draw how the supply at the end came about from genesis, and where it lies; one panel per network."""
    figure, axes = axes_grid(len(data.networks), columns=2, height=3.4, dated=False)
    for k, ax in enumerate(axes):
        supply, changes = float(data.mean("supply", k)[-1]), _changes(data, k)
        level = supply - sum(changes.values())
        bars = [("genesis", 0.0, level, GREY)]
        for name, change in changes.items():
            bars.append((name, level, change, COLOURS[5] if change >= 0.0 else COLOURS[1]))
            level += change
        bars.append(("supply", 0.0, supply, "#374151"))
        sources, level = len(bars), supply
        for name, part in supply_parts(data, k).items():
            level -= float(part[-1])
            bars.append((name, level, float(part[-1]), PARTS[name]))
        _waterfall(ax, bars, sources)
        if len(axes) > 1:
            ax.tick_params(axis="x", labelrotation=35)
        ax.set_title(data.networks[k])
        ax.set_ylabel(f"tokens ({data.symbols[k]})")
    return figure


def _changes(data: ReportData, network: int) -> dict[str, float]:
    """Return what has been added to the tokens of genesis, negative where taken away."""
    changes = {name: sign * float(data.mean(series, network)[-1]) for name, (series, sign) in _ALWAYS.items()}
    for name, (series, sign) in _SOMETIMES.items():
        change = sign * float(data.mean(series, network)[-1]) if data.has(series) else 0.0
        if change:
            changes[name] = change
    return changes


def supply_over_time(data: ReportData) -> Figure:
    """Draw the parts of the supply stacked over time, one panel per network."""
    figure, axes = axes_grid(len(data.networks), columns=3, height=3.3 if len(data.networks) == 1 else 2.9, named=5)
    for k, ax in enumerate(axes):
        parts = supply_parts(data, k)
        ax.stackplot(data.dates, *parts.values(), colors=[PARTS[name] for name in parts], labels=list(parts))
        ax.set_title(data.networks[k])
        ax.set_ylabel(f"tokens ({data.symbols[k]})")
        ax.margins(x=0.0)
        ax.set_ylim(bottom=0.0)
    legend(figure, axes[0])
    return figure


def strategy_shares(data: ReportData) -> Figure:
    """Draw the mean shares of the speculators' strategies, stacked to 100 %, one panel per network."""
    names = {"fundamentalist": "fundamentalist_share", "chartist": "chartist_share", "others": "noise_share"}
    shades = (COLOURS[0], COLOURS[4], "#B6BCC6")
    figure, axes = axes_grid(len(data.networks), columns=3, height=2.9, named=3)
    for k, ax in enumerate(axes):
        shares = [data.mean(series, k) for series in names.values()]
        ax.stackplot(data.dates, *shares, colors=shades, labels=list(names))
        ax.set_title(data.networks[k])
        ax.margins(x=0.0)
        ax.set_ylim(0.0, 1.0)
        label_shares(ax)
        if k % 3 == 0:
            ax.set_ylabel("share of speculators (%)")
    legend(figure, axes[0])
    return figure


def income_bars(data: ReportData) -> Figure:
    """Draw total income by population, one panel per network; the number at each bar is its share of the network."""
    totals = _income_totals(data)
    populations = list(dict.fromkeys(population for population, _ in totals))
    height = 0.9 + 0.36 * len(populations)
    figure, axes = axes_grid(len(data.networks), columns=3, height=height, dated=False)
    for k, ax in enumerate(axes):
        values = [totals.get((population, data.networks[k]), 0.0) for population in populations]
        places = np.arange(len(populations))
        ax.barh(places, values, color=[colour(i) for i in range(len(populations))], height=0.66)
        shown = populations if k % 3 == 0 else [""] * len(populations)
        ax.set_yticks(places, [name.replace("_", " ") for name in shown])
        ax.invert_yaxis()
        ax.xaxis.set_major_formatter(tick)
        ax.set_xlabel("income over the run (USD)")
        ax.set_title(data.networks[k])
        ax.grid(visible=False, axis="y")
        _name_shares(ax, values)
    return figure


def _income_totals(data: ReportData) -> dict[tuple[str, str], float]:
    """Return mean total income over replicates, USD, by population and network."""
    totals: dict[tuple[str, str], float] = {}
    for row in data.result.table("income").to_pylist():
        key = (row["population"], row["network"])
        totals[key] = totals.get(key, 0.0) + row["total_usd"] / data.n_replicates
    return totals


def _name_shares(ax: Axes, values: list[float]) -> None:
    whole = sum(values)
    ax.set_xlim(0.0, max([*values, 1e-9]) * 1.2)
    ax.locator_params(axis="x", nbins=4)
    for place, value in enumerate(values):
        text = f" {100.0 * value / whole:.0f} %" if whole > 0.0 else ""
        ax.text(value, place, text, va="center", fontsize=8.5)


def _waterfall(ax: Axes, bars: list[tuple[str, float, float, str]], sources: int) -> None:
    """Draw bars (name, start, height, colour), each joined to the next; their heights are written above them.

    The first `sources` of them lead to the supply, the others say where it lies.
    """
    top = max(max(start, start + size) for _, start, size, _ in bars)
    for place, (_, start, size, shade) in enumerate(bars):
        ax.bar(place, size, bottom=start, color=shade, width=0.68)
        if place + 1 < len(bars):
            level = start if place >= sources else start + size
            ax.plot([place + 0.34, place + 0.66], [level, level], color="#9CA3AF", linewidth=0.9)
        text = compact(size if abs(size) > _ROUNDING * top else 0.0)
        gap, align = (_LABEL_GAP * top, "bottom") if size >= 0.0 else (-_LABEL_GAP * top, "top")
        ax.text(place, start + size + gap, text, ha="center", va=align, fontsize=8)
    ax.set_xticks(range(len(bars)), [name for name, _, _, _ in bars], fontsize=8)
    ax.axvline(sources - 0.5, color="#9CA3AF", linewidth=0.9, linestyle=":")
    ax.set_ylim(0.0, 1.1 * top)
    ax.grid(visible=False, axis="x")
