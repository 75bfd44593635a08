"""Charts of series over time: one line per network, or a series against its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid, colour, legend, line_style
from catallaxy.sim.report.data import Bands, Floats, ReportData
from catallaxy.sim.report.numbers import tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Panel", "draw_bands", "label_shares", "network_lines", "set_scale", "versus"]

#: More networks than this would hide each other's bands.
_BANDED_NETWORKS = 4
#: Least share of positive values for a logarithmic axis, and room above the highest value of a linear one.
_POSITIVE_SHARE = 0.3
_HEADROOM = 0.05
#: Ticks per decade, by the number of decades that must be exceeded.
_LOG_STEPS = ((3.2, (1.0,)), (1.0, (1.0, 2.0, 5.0)), (-1.0, (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)))


@dataclass(frozen=True)
class Panel:
    """One panel of a chart.

    Attributes
    ----------
    series : str
        Recorded or derived series.
    title : str
    label : str
        Of the vertical axis; the unit follows in brackets.
    says : str
        What is shown, for the caption; a reference has none.
    percent : bool
        Show a fraction as a percentage.
    parity : bool
        Mark 1 with a line, on a logarithmic axis where all values are positive.
    dots : bool
        Show numbers that come now and then as dots.
    """

    series: str
    title: str
    label: str
    says: str = ""
    percent: bool = False
    parity: bool = False
    dots: bool = False


def network_lines(data: ReportData, panels: Sequence[Panel]) -> Figure:
    """Draw panels side by side, each with one line per network.

    Parameters
    ----------
    data : ReportData
    panels : sequence of Panel
        At most three in a row.

    Returns
    -------
    Figure
    """
    shown = [panel for panel in panels if data.has(panel.series)]
    named = len(data.networks) if len(data.networks) > 1 else 0
    figure, axes = axes_grid(len(shown), columns=3, height=3.1, named=named)
    for ax, panel in zip(axes, shown, strict=True):
        for k, name in enumerate(data.networks):
            if panel.dots:
                _draw_dots(ax, data, panel.series, k)
                continue
            banded = len(data.networks) <= _BANDED_NETWORKS
            draw_bands(ax, data, data.bands(panel.series, k), colour(k), name, banded=banded, line=line_style(k))
        ax.set_title(panel.title)
        _label(ax, panel.label, "%" if panel.percent else data.unit(panel.series))
        set_scale(ax, data.panel(panel.series), log=panel.parity)
        if panel.percent:
            label_shares(ax)
        if panel.parity:
            ax.axhline(1.0, color=GREY, linestyle=":", linewidth=1.0)
    if named:
        legend(figure, axes[0])
    return figure


def _draw_dots(ax: Axes, data: ReportData, series: str, k: int) -> None:
    """Draw the numbers of all replicates of a network, on the days that have one, over the whole run."""
    for values in data.panel(series)[:, :, k]:
        ax.plot(data.dates, values, "o", color=colour(k), markersize=5, alpha=0.6, linestyle="none")
    ax.plot(data.dates[[0, -1]], [0.0, 0.0], linestyle="none")


def versus(data: ReportData, series: Panel, reference: Panel, *, log: bool = False) -> Figure:
    """Draw one panel per network: a series with its bands, and the median of what it is compared with.

    Parameters
    ----------
    data : ReportData
    series, reference : Panel
        In the same unit; the `title` of each is its name in the legend.
    log : bool, optional
        Logarithmic vertical axis where all values are positive.

    Returns
    -------
    Figure
    """
    names = data.networks
    figure, axes = axes_grid(len(names), columns=3, height=3.5 if len(names) == 1 else 3.0, named=2)
    for k, ax in enumerate(axes):
        draw_bands(ax, data, data.bands(series.series, k), COLOURS[0], series.title)
        other = data.bands(reference.series, k).median
        label = reference.title if data.n_replicates == 1 else f"{reference.title} (median)"
        ax.plot(data.dates, other, color=COLOURS[1], linestyle="--", label=label)
        ax.set_title(names[k])
        if k % 3 == 0:
            _label(ax, series.label, data.unit(series.series))
        values = np.concatenate([data.panel(p.series)[:, :, k].ravel() for p in (series, reference)])
        set_scale(ax, values, log=log)
    legend(figure, axes[0])
    return figure


def draw_bands(
    ax: Axes, data: ReportData, values: Bands, shade: str, label: str, *, banded: bool = True, line: str = "-"
) -> None:
    """Draw the median, and with replicates the 25-75 % and 5-95 % bands behind it.

    Parameters
    ----------
    ax : Axes
    data : ReportData
        For dates and the number of replicates.
    values : Bands
    shade : str
        Colour.
    label : str
        Name in the legend.
    banded : bool, optional
        False leaves the bands out.
    line : str, optional
        Line style.
    """
    if banded and data.n_replicates > 1:
        ax.fill_between(data.dates, values.low, values.high, color=shade, alpha=0.14, linewidth=0)
        ax.fill_between(data.dates, values.lower, values.upper, color=shade, alpha=0.28, linewidth=0)
    ax.plot(data.dates, values.median, color=shade, linestyle=line, label=label)


def set_scale(ax: Axes, values: Floats, *, log: bool) -> None:
    """Set the vertical axis: logarithmic when asked and most values are positive, otherwise from zero.

    Parameters
    ----------
    ax : Axes
        Its lines are already drawn.
    values : float64[...]
        What is shown; values that are not positive are left out of a logarithmic axis.
    log : bool
    """
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0.0]
    if log and len(positive) > _POSITIVE_SHARE * len(finite):
        _logarithmic(ax)
    else:
        low, high = ax.get_ylim() if finite.any() else (0.0, 1.0)
        low = min(0.0, low)
        ax.set_ylim(low, high + _HEADROOM * (high - low))


def _logarithmic(ax: Axes) -> None:
    """Make the vertical axis logarithmic, with more ticks per decade the fewer decades it shows."""
    from matplotlib.ticker import LogLocator, NullLocator

    ax.set_yscale("log", nonpositive="mask")
    low, high = ax.get_ylim()
    decades = float(np.log10(high / low))
    subs = next(steps for least, steps in _LOG_STEPS if decades > least)
    ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
    ax.yaxis.set_major_formatter(tick)
    ax.yaxis.set_minor_locator(NullLocator())


def label_shares(ax: Axes) -> None:
    """Show fractions on the vertical axis as percentages."""
    ax.yaxis.set_major_formatter(lambda value, _position: tick(100.0 * value))


def _label(ax: Axes, label: str, unit: str) -> None:
    ax.set_ylabel(f"{label} ({unit})" if unit not in {"", "1"} else label)
