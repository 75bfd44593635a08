"""What a section of the report is: its figures, what each needs, how it is drawn, and what its caption says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from catallaxy.sim.report.charts import Panel, network_lines, versus
from catallaxy.sim.report.data import ReportData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Chart", "SectionPlan", "against", "lines"]


@dataclass(frozen=True)
class Chart:
    """One figure of the report.

    Attributes
    ----------
    key : str
        File name without suffix, and salt of the SVG.
    needs : tuple of str
        Series without which it is left out.
    draw : callable (ReportData) -> Figure
    says : callable (ReportData) -> str
        First sentence of the caption: what is shown.
    shows : {"bands", "mean", "income"}
        What the lines or bars are over replicates; the caption says so.
    """

    key: str
    needs: tuple[str, ...]
    draw: Callable[[ReportData], Figure]
    says: Callable[[ReportData], str]
    shows: str = "bands"


@dataclass(frozen=True)
class SectionPlan:
    """One section: an id, a title, a sentence, its charts, and the names of the tables that follow them."""

    key: str
    title: str
    text: str
    charts: tuple[Chart, ...] = ()
    tables: tuple[str, ...] = ()


def lines(key: str, *panels: Panel) -> Chart:
    """Return a chart of panels with one line per network, shown when its first series was recorded."""

    def says(data: ReportData) -> str:
        text = "; ".join(panel.says for panel in panels if data.has(panel.series))
        return f"{text[:1].upper()}{text[1:]}."

    return Chart(key, (panels[0].series,), partial(network_lines, panels=panels), says)


def against(key: str, says: str, series: Panel, reference: Panel, *, log: bool = False) -> Chart:
    """Return a chart of a series beside what it is compared with, one panel per network."""
    draw = partial(versus, series=series, reference=reference, log=log)
    return Chart(key, (series.series, reference.series), draw, lambda _: says)
