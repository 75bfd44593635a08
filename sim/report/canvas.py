"""Empty figures in the house style, and figures turned into bytes.

Colours are those of Okabe and Ito, which people with any common kind of colour blindness can tell apart
(M. Okabe and K. Ito, *Color Universal Design*, 2008). The style is fixed, so that the same data give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from catallaxy.sim.report.numbers import tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "GREY",
    "WIDTH",
    "axes_grid",
    "colour",
    "legend",
    "line_style",
    "png",
    "style",
    "svg",
]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
GREY = "#6B7280"
#: Inches: the width of the report's column at 100 pixels per inch.
WIDTH = 10.4
_PNG_DPI = 144
#: Inches kept free left and right of the panels, between two columns, above a panel, below it, and per legend row.
_LEFT, _RIGHT, _BETWEEN, _TITLE, _DATES, _LEGEND_ROW = 0.82, 0.12, 0.9, 0.34, 0.34, 0.24
_LEGEND_COLUMNS = 5
_LINES = ("-", "--", ":", "-.")
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": "#1F2937",
    "text.parse_math": False,
    "axes.labelcolor": "#374151",
    "axes.edgecolor": "#9CA3AF",
    "axes.linewidth": 0.8,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E5E7EB",
    "grid.linewidth": 0.7,
    "xtick.color": "#4B5563",
    "ytick.color": "#4B5563",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.4,
    "svg.hashsalt": "catallaxy",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw with the house style, whatever the user's own Matplotlib settings are."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def axes_grid(
    count: int, *, columns: int, height: float, dated: bool = True, named: int = 0
) -> tuple[Figure, list[Axes]]:
    """Make a figure with `count` panels of equal size.

    Parameters
    ----------
    count : int
        Number of panels.
    columns : int
        Most panels in one row.
    height : float
        Height of one row, inches.
    dated : bool, optional
        Whether the horizontal axes are dates.
    named : int, optional
        How many names the legend above dated panels will hold.

    Returns
    -------
    tuple of Figure, list of Axes
        The panels, row by row; places without a panel are empty.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    header = -(-named // _LEGEND_COLUMNS) * _LEGEND_ROW
    figure = _figure((WIDTH, header + height * rows), constrained=not dated)
    axes = [figure.add_subplot(rows, columns, i + 1) for i in range(count)]
    for ax in axes:
        ax.yaxis.set_major_formatter(tick)
    if dated:
        _place(figure, columns, height, header)
        for ax in axes:
            _date_axis(ax)
    return figure, axes


def legend(figure: Figure, ax: Axes) -> None:
    """Name the lines or areas of one panel above all panels of a dated figure."""
    handles, labels = ax.get_legend_handles_labels()
    columns = min(len(labels), _LEGEND_COLUMNS)
    figure.legend(handles, labels, loc="upper left", bbox_to_anchor=(_LEFT / WIDTH, 1.0), borderpad=0.0, ncols=columns)


def colour(index: int) -> str:
    """Return the colour of the `index`-th network, population or sector."""
    return COLOURS[index % len(COLOURS)]


def line_style(index: int) -> str:
    """Return the line style of the `index`-th network: another one when the colours begin again."""
    return _LINES[index // len(COLOURS) % len(_LINES)]


def png(figure: Figure) -> bytes:
    """Return the figure as PNG; compressed lightly, because the time counts in every run."""
    canvas: Any = import_module("matplotlib.backends.backend_agg")
    sink = io.BytesIO()
    figure.set_dpi(_PNG_DPI)
    canvas.FigureCanvasAgg(figure).print_png(sink, metadata={"Software": None}, pil_kwargs={"compress_level": 2})
    return sink.getvalue()


def svg(figure: Figure) -> bytes:
    """Return the figure as SVG, with text as outlines, so that it looks the same wherever it is opened."""
    canvas: Any = import_module("matplotlib.backends.backend_svg")
    sink = io.BytesIO()
    with style():
        canvas.FigureCanvasSVG(figure).print_svg(sink, metadata={"Date": None, "Creator": None})
    return sink.getvalue()


@cache
def _figure_class() -> type[Figure]:
    """Make the class once: Matplotlib documents every new class of artists, which takes as long as a small figure."""
    from matplotlib.figure import Figure

    class ShownFigure(Figure):
        """A figure that a notebook shows without pyplot."""

        def _repr_png_(self) -> bytes:
            return png(self)

    return ShownFigure


def _figure(size: tuple[float, float], *, constrained: bool) -> Figure:
    return _figure_class()(figsize=size, layout="constrained" if constrained else None)


def _place(figure: Figure, columns: int, height: float, header: float) -> None:
    """Place dated panels at fixed distances, in inches, so that they line up from figure to figure."""
    inner = (WIDTH - _LEFT - _RIGHT - (columns - 1) * _BETWEEN) / columns
    panel = height - _TITLE - _DATES
    figure.subplots_adjust(
        left=_LEFT / WIDTH,
        right=1.0 - _RIGHT / WIDTH,
        bottom=_DATES / figure.get_figheight(),
        top=1.0 - (header + _TITLE) / figure.get_figheight(),
        wspace=_BETWEEN / inner,
        hspace=(_TITLE + _DATES) / panel,
    )


def _date_axis(ax: Axes) -> None:
    dates: Any = import_module("matplotlib.dates")
    locator = dates.AutoDateLocator(minticks=3, maxticks=7)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, show_offset=False))
    ax.grid(visible=False, axis="x")
