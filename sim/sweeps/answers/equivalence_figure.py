"""A report of equivalence as files: a table, and a forest plot with one panel per result."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.sim.report.canvas import GREY, axes_grid, colour, png, style
from catallaxy.sim.results.files import written_whole
from catallaxy.sim.sweeps.answers.equivalence import FAILS, SURVIVES, Equivalence
from catallaxy.sim.sweeps.answers.summary import Row, row_key

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["equivalence_figure", "write_equivalence"]

#: Inches of a panel: for its title and axis, and for every interval.
_FRAME, _INTERVAL = 0.85, 0.2
_COLUMNS = 3
_COLOURS = {SURVIVES: colour(2), FAILS: colour(1)}


def equivalence_figure(rows: Sequence[Row], asked: Equivalence) -> Figure:
    """Draw the intervals on which verdicts rest.

    Parameters
    ----------
    rows : sequence of dict
        What `equivalence_rows` returned; at least one.
    asked : Equivalence

    Returns
    -------
    matplotlib.figure.Figure
    """
    results = [list(some) for _, some in itertools.groupby(rows, _result)]
    with style():
        height = _FRAME + _INTERVAL * len(results[0])
        figure, axes = axes_grid(len(results), columns=_COLUMNS, height=height, dated=False)
        for i, (ax, result) in enumerate(zip(axes, results, strict=True)):
            _panel(ax, result, asked, named=i % _COLUMNS == 0)
        figure.supxlabel(_caption(rows[0], asked), fontsize=8.0, color=GREY, x=0.01, ha="left")
    return figure


def write_equivalence(rows: Sequence[Row], asked: Equivalence, folder: Path) -> tuple[Path, Path]:
    """Write a report beside the tables of a sweep.

    Parameters
    ----------
    rows : sequence of dict
        What `equivalence_rows` returned; at least one.
    asked : Equivalence
    folder : Path

    Returns
    -------
    (Path, Path)
        The table, and the figure.
    """
    table, picture = folder / "equivalence.csv", folder / "equivalence.png"
    with written_whole(table) as path, path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with written_whole(picture) as path:
        path.write_bytes(png(equivalence_figure(rows, asked)))
    return table, picture


def _result(row: Row) -> tuple[str, str, str]:
    return row["kpi"], row["network"], row.get("change", "")


def _panel(ax: Axes, rows: Sequence[Row], asked: Equivalence, *, named: bool) -> None:
    keys = ("mean", "low", "high") if asked.effect else ("difference", "difference_low", "difference_high")
    scale = np.array([100.0 * asked.margin / row["margin"] if row["margin"] > 0.0 else math.nan for row in rows])
    middle, low, high = (np.array([row[key] for row in rows]) * scale for key in keys)
    at = -np.arange(len(rows), dtype=np.float64)
    ax.axvspan(-100.0 * asked.margin, 100.0 * asked.margin, color="#E5E7EB", linewidth=0.0)
    ax.axvline(0.0, color=GREY, linewidth=0.8)
    reach = np.nan_to_num(np.array([middle - low, high - middle]))
    said = colour(0) if rows[0]["verdict"] not in _COLOURS else _COLOURS[rows[0]["verdict"]]
    ax.errorbar(middle, at, xerr=reach, linestyle="none", marker="o", markersize=4.0, capsize=2.5, color=said)
    ax.set_yticks(at, [str(row[row_key(asked.factor)]) if named else "" for row in rows])
    ax.set_ylim(0.6 - len(rows), 0.6)
    ax.set_xlabel("%")
    kpi, network, change = _result(rows[0])
    ax.set_title(f"{kpi.replace('_', ' ')} of {network}: {rows[0]['verdict']}" + (f"\n{change}" if change else ""))


def _caption(row: Row, asked: Equivalence) -> str:
    what = (
        f"Effect of {asked.effect}, in % of the mean without it"
        if asked.effect
        else f"Difference to {row[row_key(asked.factor)]}, in % of its mean"
    )
    return (
        f"{what}. Bars: intervals of {100 * row['level']:.4g} % each, {100 * asked.level:g} % together "
        f"(Student's t, n = {row['n']}); grey: the margin."
    )
