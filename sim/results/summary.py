"""Indicators over replicates: mean and 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.sim.analysis.intervals import mean
from catallaxy.sim.analysis.kpis import KPIS
from catallaxy.sim.results.tables import column_values

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KpiRow", "mean_interval", "summarise"]

_BUILT_IN = {kpi.name: kpi for kpi in KPIS}


@dataclass(frozen=True)
class KpiRow:
    """One indicator of one network over all replicates.

    Attributes
    ----------
    kpi, network, unit, direction : str
        What it is; unit and direction are empty for an indicator that is not built in.
    mean : float
        Mean over replicates, in `unit`; the value itself when there is one.
    low, high : float
        95 % interval of the mean (Student's t); NaN with fewer than two replicates.
    n : int
        Replicates in which the indicator is defined.
    """

    kpi: str
    network: str
    unit: str
    direction: str
    mean: float
    low: float
    high: float
    n: int


def summarise(runs: pa.Table) -> list[KpiRow]:
    """Return one row per indicator and network.

    Parameters
    ----------
    runs : pyarrow.Table
        Table "runs" of a result.

    Returns
    -------
    list of KpiRow
        In the order of the columns.
    """
    rows = []
    for column in runs.column_names:
        if column.startswith("kpi."):
            _, name, network = column.split(".", 2)
            built_in = _BUILT_IN.get(name)
            unit, direction = (built_in.unit, built_in.direction) if built_in else ("", "")
            rows.append(KpiRow(name, network, unit, direction, *mean_interval(column_values(runs[column]))))
    return rows


def mean_interval(values: npt.NDArray[np.float64]) -> tuple[float, float, float, int]:
    """Return mean, lower and upper end of its 95 % interval, and the number of finite values.

    Parameters
    ----------
    values : float64[n_replicates]
        Values that are not finite are left out.

    Returns
    -------
    tuple of float, float, float, int
        The interval is mean ± t(0.975, n - 1) s/√n; NaN when n < 2, and the mean is NaN when n = 0.
    """
    found = mean(values)
    return found.estimate, found.low, found.high, found.n
