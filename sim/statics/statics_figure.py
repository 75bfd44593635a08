"""Comparative statics as a forest plot: every effect with its interval, in percent of the level without the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from catallaxy.sim.report.canvas import GREY, axes_grid, colour, style
from catallaxy.sim.statics.verdicts import FAILS, PASSES, UNDECIDED, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["statics_figure"]

#: Inches of the frame, and of every line.
_FRAME, _LINE = 1.1, 0.26
_COLOURS = {PASSES: colour(2), FAILS: colour(1), UNDECIDED: colour(0)}
_MARKS: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 4.0, "capsize": 2.5}
_ARROWS = {"up": "↑", "down": "↓", "same": "="}
#: Effects beyond this are drawn on a logarithmic scale, percent.
_LINEAR = 10.0


def statics_figure(judged: Sequence[Verdict], scenario: str) -> Figure:
    """Draw every effect that could be measured, in percent of the level without the change.

    Parameters
    ----------
    judged : sequence of Verdict
        One at least with an effect.
    scenario : str
        Name of the scenario, for the title.

    Returns
    -------
    matplotlib.figure.Figure
    """
    measured = [verdict for verdict in judged if verdict.effect is not None and np.isfinite(verdict.relative)]
    with style():
        figure, (ax,) = axes_grid(1, columns=1, height=_FRAME + _LINE * len(measured), dated=False)
        ax.axvline(0.0, color=GREY, linewidth=0.8)
        for said, shade in _COLOURS.items():
            lines = [line for line, verdict in enumerate(measured) if verdict.verdict == said]
            if lines:
                low, middle, high = np.array([_percent(measured[line]) for line in lines]).T
                reach = np.array([middle - low, high - middle])
                ax.errorbar(middle, [-line for line in lines], xerr=reach, color=shade, label=said, **_MARKS)
        ax.set_xscale("symlog", linthresh=_LINEAR)
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.set_yticks(-np.arange(len(measured)), [_label(verdict) for verdict in measured])
        ax.set_ylim(0.6 - len(measured), 0.6)
        ax.set_xlabel(f"effect, % of the level without the change (linear up to {_LINEAR:g} %)")
        ax.set_title(f"{scenario}: comparative statics; arrows: the sign expected")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _percent(verdict: Verdict) -> tuple[float, float, float]:
    """Return the effect with the ends of its interval: low, middle, high."""
    assert verdict.effect is not None
    scale = 100.0 / abs(verdict.before)
    return scale * verdict.effect.low, scale * verdict.effect.estimate, scale * verdict.effect.high


def _label(verdict: Verdict) -> str:
    return f"{verdict.row}: {verdict.kpi.replace('_', ' ')} {_ARROWS[verdict.expected]}"
