"""One metric as one figure: what `Result.plot` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catallaxy.sim.recording.metrics import METRICS
from catallaxy.sim.report.canvas import axes_grid, colour, style
from catallaxy.sim.report.charts import draw_bands, set_scale
from catallaxy.sim.report.data import ReportData
from catallaxy.sim.results.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["metric_figure"]

_LOGARITHMIC = {"USD/token", "USD"}
_METRICS = {m.name: m for m in METRICS}


def metric_figure(result: Result, metric: str, *, log: bool | None = None) -> Figure:
    """Draw one metric over time, one panel per network, with bands over replicates.

    Parameters
    ----------
    result : Result
    metric : str
        A recorded metric.
    log : bool, optional
        Logarithmic axis; by default for prices and values in USD.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ResultsError
        When the metric was not recorded.
    """
    data = ReportData(result)
    values = data.panel(metric)
    known = _METRICS.get(metric)
    unit = known.unit if known else ""
    with style():
        figure, axes = axes_grid(len(data.networks), columns=3, height=3.6)
        for k, ax in enumerate(axes):
            draw_bands(ax, data, data.bands(metric, k), colour(0), metric)
            ax.set_title(f"{data.networks[k]}: {metric.replace('_', ' ')}")
            ax.set_ylabel(unit if unit != "1" else "")
            set_scale(ax, values[:, :, k], log=unit in _LOGARITHMIC if log is None else log)
    return figure
