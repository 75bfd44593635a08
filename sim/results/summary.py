"""Key figures over replicates: mean and 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catallaxy.sim.analysis.intervals import mean
from catallaxy.sim.analysis.key_figures import KPIS
from catallaxy.sim.results.tables import column_values

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KpiRow", "summarise"]

_BUILT_IN = {kpi.name: kpi for kpi in KPIS}


@dataclass(frozen=True)
class KpiRow:
    """One key figure of one network over all replicates.

    Attributes
    ----------
    kpi, network, unit, direction : str
        What it is; unit and direction are empty for a key figure that is not built in.
    mean : float
        Mean over replicates, in `unit`; the value itself when there is one.
    low, high : float
        95 % interval of the mean (Student's t); NaN with fewer than two replicates.
    n : int
        Replicates in which the key figure is defined.
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
    """Return one row per key figure and network.

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
            found = mean(column_values(runs[column]))
            rows.append(KpiRow(name, network, unit, direction, found.estimate, found.low, found.high, found.n))
    return rows
