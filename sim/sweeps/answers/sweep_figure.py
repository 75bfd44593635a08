"""A key figure against a parameter of the sweep: means with intervals, one panel per network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from catallaxy.sim.analysis.intervals import METHODS
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.report.canvas import GREY, WIDTH, axes_grid, colour, line_style, style
from catallaxy.sim.report.numbers import tick
from catallaxy.sim.sweeps.answers.column_arrays import Floats
from catallaxy.sim.sweeps.answers.run_values import RunValues
from catallaxy.sim.sweeps.answers.summary import Row, row_key, summary_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Axis", "kpi_figure"]

#: Distance between the marks of two lines at the same place, as a share of the axis.
_BESIDE = 0.012
#: More values of a numeric parameter than this are drawn without their own ticks.
_MOST_TICKS = 9
#: A positive axis whose largest value is this many times the smallest is logarithmic.
_DECADES = 30.0
#: Inches.
_HEIGHT = 3.7


@dataclass(frozen=True)
class Axis:
    """What a figure varies.

    Attributes
    ----------
    x : str or None
        Parameter of the horizontal axis; the first one of the sweep when None.
    hue : str or None
        Parameter whose values have a line each.
    """

    x: str | None = None
    hue: str | None = None


def kpi_figure(
    values: RunValues,
    kpi: str,
    axis: Axis,
    *,
    network: Sequence[str] | str | None = None,
    level: float = 0.95,
    method: str = "student",
) -> Figure:
    """Draw the mean of a key figure with its interval against a parameter.

    Parameters
    ----------
    values : RunValues
    kpi : str
    axis : Axis
    network : str or sequence of str, optional
        One panel each; all by default.
    level : float, optional
        Confidence of the intervals.
    method : str, optional
        As in `intervals.mean`.

    Returns
    -------
    matplotlib.figure.Figure
        It says how many runs a mark rests on, and what the bars are.

    Raises
    ------
    ResultsError
        When the sweep varies nothing, or there is no such key figure, network or parameter.
    """
    if not values.plan.params:
        raise ResultsError("the sweep varies no parameter: there is nothing to draw a key figure against")
    x = values.param_names([axis.x or values.plan.params[0]])[0]
    by = values.param_names([x] if axis.hue is None else [x, axis.hue])
    names = values.chosen_networks(network)
    rows = summary_rows(values, kpi=kpi, network=names, by=by, level=level, method=method)
    with style():
        figure, axes = axes_grid(len(names), columns=3, height=_HEIGHT, dated=False)
        for ax, name in zip(axes, names, strict=True):
            here = [row for row in rows if row["network"] == name]
            _panel(ax, here, by)
            ax.set_title(f"{name}: {kpi.replace('_', ' ')}")
            ax.set_ylabel("" if here[0]["unit"] == "1" else here[0]["unit"])
        figure.supxlabel(_caption(rows, by, values), fontsize=8.0, color=GREY, x=0.01, ha="left")
        if len(by) > 1:
            figure.legend(*axes[0].get_legend_handles_labels(), title=by[1], loc="outside right upper")
        figure.set_figwidth(WIDTH if len(names) > 1 else 0.68 * WIDTH)
    return figure


def _panel(ax: Axes, rows: Sequence[Row], by: Sequence[str]) -> None:
    levels = list(dict.fromkeys(row[row_key(by[0])] for row in rows))
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in levels)
    place = {value: float(value) if numeric else float(i) for i, value in enumerate(levels)}
    log = numeric and min(place.values()) > 0.0 and max(place.values()) > _DECADES * min(place.values())
    lines = list(dict.fromkeys(_line(row, by) for row in rows))
    for i, name in enumerate(lines):
        here = sorted((row for row in rows if _line(row, by) == name), key=lambda row: place[row[row_key(by[0])]])
        at = np.array([place[row[row_key(by[0])]] for row in here])
        aside = _BESIDE * (i - (len(lines) - 1) / 2)
        _marks(ax, _moved(at, list(place.values()), aside, log=log), here, i, str(name), joined=numeric)
    ax.set_xlabel(by[0])
    _ticks(ax, levels, sorted(place.values()), numeric=numeric, log=log)


def _moved(at: Floats, places: Sequence[float], aside: float, *, log: bool) -> Floats:
    """Return places on the axis a share of its length aside, so that marks of two lines do not hide each other."""
    low, high = min(places), max(places)
    if log:
        moved: Floats = at * (high / low) ** aside
        return moved
    return at + aside * ((high - low) or 1.0)


def _marks(ax: Axes, at: Any, rows: Sequence[Row], i: int, label: str, *, joined: bool) -> None:
    middle, low, high = (np.array([row[key] for row in rows]) for key in ("mean", "low", "high"))
    reach = np.nan_to_num(np.array([middle - low, high - middle]))
    ax.errorbar(
        at,
        middle,
        yerr=reach,
        color=colour(i),
        linestyle=line_style(i) if joined else "none",
        marker="o",
        markersize=4.0,
        capsize=3.0,
        elinewidth=1.1,
        label=label,
    )


def _ticks(ax: Axes, levels: Sequence[Any], at: Sequence[float], *, numeric: bool, log: bool) -> None:
    from matplotlib.ticker import NullLocator

    if log:
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
    if not numeric:
        ax.set_xticks(at, [str(level) for level in levels])
        ax.set_xlim(at[0] - 0.5, at[-1] + 0.5)
    elif len(at) <= _MOST_TICKS:
        ax.set_xticks(at, [tick(value) for value in at])
    else:
        ax.xaxis.set_major_formatter(tick)


def _line(row: Row, by: Sequence[str]) -> Any:
    return row[row_key(by[1])] if len(by) > 1 else ""


def _caption(rows: Sequence[Row], by: Sequence[str], values: RunValues) -> str:
    counts = sorted({row["n"] for row in rows})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    what = "replicates" if values.shares_chance and values.plan.replicates > 1 else "runs"
    others = [name for name in values.plan.params if name not in by]
    over = f", each over all values of {', '.join(others)}" if others else ""
    said = f"Marks: mean of n = {n} {what}{over}"
    if not any(math.isfinite(row["low"]) for row in rows):
        return f"{said}."
    return f"{said}; bars: {100 * rows[0]['level']:g} % interval of the mean ({METHODS[rows[0]['method']]})."
