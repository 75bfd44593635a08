"""The figures of a thesis: what each driver does, worlds without it or with it alone, and the paths of both ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.report.canvas import GREY, axes_grid, colour, legend, style
from catallaxy.sim.report.charts import set_scale
from catallaxy.sim.report.numbers import tick
from catallaxy.sim.thesis.combinations import ALL, NONE
from catallaxy.sim.thesis.outcomes import OUTCOMES
from catallaxy.sim.thesis.study import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ablation_figure", "effects_figure", "paths_figure"]

#: Inches of a panel: its title and axis, and every line.
_FRAME, _LINE = 0.95, 0.2
_MARKS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 4.0, "capsize": 2.5}
_SHUFFLED: dict[str, Any] = {**_MARKS, "marker": "x", "capsize": 0.0, "elinewidth": 0.8}
_ASIDE = 0.28


def effects_figure(found: Study) -> Figure:
    """Draw the main effect of every driver on every outcome, and the same with shuffled labels.

    Parameters
    ----------
    found : Study

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = list(found.spec.drivers)
    with style():
        figure, axes = axes_grid(len(OUTCOMES), columns=2, height=_FRAME + _LINE * 1.6 * len(names), dated=False)
        for ax, outcome in zip(axes, OUTCOMES, strict=True):
            measured = found.effects[outcome.name]
            places = -np.arange(len(names), dtype=float)
            ax.axvline(0.0, color=GREY, linewidth=0.8)
            shuffled = [effect.interval for effect in measured.shuffled]
            _intervals(ax, [effect.interval for effect in measured.main], places, colour(0), "effect", _MARKS)
            _intervals(ax, shuffled, places - _ASIDE, GREY, "labels shuffled", _SHUFFLED)
            ax.set_yticks(places, names)
            ax.set_ylim(0.6 - len(names) - _ASIDE, 0.6)
            ax.set_title(outcome.title)
            ax.xaxis.set_major_formatter(tick)
            ax.set_xlabel(_unit("with the driver less without it", outcome.unit))
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=2)
    return figure


def ablation_figure(found: Study) -> Figure:
    """Draw the outcomes with all drivers, with none, without each, and with each alone.

    Parameters
    ----------
    found : Study

    Returns
    -------
    matplotlib.figure.Figure
    """
    lines = found.lines
    shades = {ALL: colour(1), NONE: colour(2)}
    with style():
        figure, axes = axes_grid(len(OUTCOMES), columns=2, height=_FRAME + _LINE * len(lines), dated=False)
        for ax, outcome in zip(axes, OUTCOMES, strict=True):
            for place, line in enumerate(lines):
                shade = shades.get(line.combination, colour(0))
                _intervals(ax, [line.levels[outcome.name]], [-float(place)], shade, "", _MARKS)
            for i, (_, shade) in enumerate(shades.items()):
                ax.axvline(lines[i].levels[outcome.name].estimate, color=shade, linewidth=0.8, linestyle=":")
            ax.set_yticks(-np.arange(len(lines)), [line.combination for line in lines])
            ax.set_ylim(0.6 - len(lines), 0.6)
            ax.set_title(outcome.title)
            ax.xaxis.set_major_formatter(tick)
            ax.set_xlabel(_unit("mean over worlds", outcome.unit))
    return figure


def paths_figure(found: Study) -> Figure:
    """Draw the index of tokens over time, with all drivers and with none: median, middle half and middle 90 %.

    Parameters
    ----------
    found : Study

    Returns
    -------
    matplotlib.figure.Figure
    """
    _, worlds = found.stages[0]
    with style():
        figure, (ax,) = axes_grid(1, columns=1, height=3.4, named=2)
        for name, verdicts, shade in zip((ALL, NONE), worlds.verdicts, (colour(1), colour(2)), strict=True):
            known = [verdict.index for verdict in verdicts if verdict is not None]
            if not known:
                continue
            longest = max(known, key=len)
            table = np.array([index.close for index in known if len(index) == len(longest)])
            low, first, middle, third, high = np.quantile(table, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
            ax.fill_between(longest.dates, low, high, color=shade, alpha=0.12, linewidth=0.0)
            ax.fill_between(longest.dates, first, third, color=shade, alpha=0.25, linewidth=0.0)
            ax.plot(longest.dates, middle, color=shade, label=f"{name} ({len(table)} worlds)")
        set_scale(ax, np.array(ax.get_ylim()), log=True)
        ax.set_ylabel("index of the tokens, start = 1")
        legend(figure, ax)
    return figure


def _intervals(
    ax: Axes, found: Sequence[Interval], places: Sequence[float] | Floats, shade: str, label: str, marks: dict[str, Any]
) -> None:
    middle = np.array([one.estimate for one in found])
    reach = np.array([[one.estimate - one.low for one in found], [one.high - one.estimate for one in found]])
    ax.errorbar(middle, places, xerr=np.maximum(np.nan_to_num(reach), 0.0), color=shade, label=label, **marks)


def _unit(text: str, unit: str) -> str:
    return text if unit == "1" else f"{text}, {unit}"
