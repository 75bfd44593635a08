"""Records as Arrow tables: the columns of `runs`, `series`, `flows`, `income`, `gains` and `dilution`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy.sim.analysis.key_figures import KPIS, evaluate
from catallaxy.sim.recording.metrics import METRICS
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.arrays import numbers, strings, text_type, texts
from catallaxy.sim.results.identity import run_id
from catallaxy.sim.results.model_log import model_table

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "TABLES",
    "build_tables",
    "column_values",
    "dilution_table",
    "flows_table",
    "gains_table",
    "income_table",
    "runs_table",
    "series_table",
    "table_bits",
]

TABLES = ("runs", "series", "flows", "income", "gains", "dilution")
_INCOME_NUMBERS = ("total_usd", "mean_usd", "p10_usd", "p50_usd", "p90_usd", "gini", "hhi", "nakamoto")
_INCOME_UNITS = {"gini": "1", "hhi": "1", "nakamoto": "agent"}
_GAIN_NUMBERS = ("income_usd", "costs_usd", "surplus_usd", "capital_usd", "return_per_year")
_DILUTION_NUMBERS = {"share_start": "1", "share_end": "1", "received_usd": "USD", "paid_usd": "USD", "net_usd": "USD"}
_KPI_UNITS = {kpi.name: kpi.unit for kpi in KPIS}


def build_tables(scenario_hash: str, records: Sequence[RunRecord]) -> dict[str, pa.Table]:
    """Return the tables of a results folder, by name.

    Parameters
    ----------
    scenario_hash : str
        Hash of the resolved scenario; part of every run id.
    records : sequence of RunRecord
        One per replicate, in order of replicate.

    Returns
    -------
    dict of str to pyarrow.Table
        Those of `TABLES`, and `provenance` where the scenario keeps a log of models.
    """
    ids = [run_id(scenario_hash, record.seed, record.replicate) for record in records]
    log = {"provenance": model_table(ids, records)} if any(record.models for record in records) else {}
    return {
        "runs": runs_table(ids, records),
        "series": series_table(ids, records),
        "flows": flows_table(ids, records),
        "income": income_table(ids, records),
        "gains": gains_table(ids, records),
        "dilution": dilution_table(ids, records),
        **log,
    }


def runs_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per run: how it ended, how long it took, and its key figures as `kpi.<name>.<network>`."""
    import pyarrow as pa

    kpis = [_flat(record.kpis or evaluate(record)) for record in records]
    names = list(dict.fromkeys(name for row in kpis for name in row))
    columns: dict[str, tuple[pa.DataType, list[Any], str]] = {
        "run_id": (pa.string(), list(ids), ""),
        "replicate": (pa.int32(), [record.replicate for record in records], ""),
        "seed": (pa.uint64(), [record.seed for record in records], ""),
        "status": (pa.string(), [record.status for record in records], ""),
        "error": (pa.string(), [record.error for record in records], ""),
        "steps": (pa.int32(), [record.n_steps for record in records], "step"),
        "wall_s": (pa.float64(), [record.wall_s for record in records], "s"),
    }
    for name in names:
        unit = _KPI_UNITS.get(name.split(".")[1], "")
        columns[name] = (pa.float64(), [row.get(name, float("nan")) for row in kpis], unit)
    return _table(columns)


def series_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per run, step and network: `run_id, replicate, step, date, network, ts.<metric>...`.

    Step 0 is the first step of the run and happens on its start date. A metric that a run did not record is NaN.
    The table holds nothing that differs between two executions of the same run.
    """
    import pyarrow as pa

    known = [m.name for m in METRICS]
    recorded = {name for record in records for name in record.series}
    names = [name for name in known if name in recorded] + sorted(recorded.difference(known))
    units = {m.name: m.unit for m in METRICS}
    rows = np.array([record.n_steps * len(record.networks) for record in records], dtype=np.int64)
    steps = [np.repeat(np.arange(r.n_steps, dtype=np.int32), len(r.networks)) for r in records]
    networks = [name for r in records for name in list(r.networks) * r.n_steps]
    columns: dict[str, tuple[pa.DataType, Any, str]] = {
        "run_id": (text_type(), [i for i, n in zip(ids, rows, strict=True) for _ in range(n)], ""),
        "replicate": (pa.int32(), np.repeat(np.array([r.replicate for r in records], dtype=np.int32), rows), ""),
        "step": (pa.int32(), _joined(steps, np.int32), "step"),
        "date": (pa.date32(), _joined([r.dates(s) for r, s in zip(records, steps, strict=True)], "M8[D]"), ""),
        "network": (text_type(), networks, ""),
    }
    for name in names:
        parts = [_values(record, name) for record in records]
        columns[f"ts.{name}"] = (pa.float64(), _joined(parts, np.float64), units.get(name, ""))
    return _table(columns)


def flows_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per cell of the stock-flow matrix: `run_id, replicate, step, instrument, flow, sector, amount`."""
    import pyarrow as pa

    rows = [(i, record.replicate, flow) for i, record in zip(ids, records, strict=True) for flow in record.flows]
    return _table(
        {
            "run_id": (text_type(), [i for i, _, _ in rows], ""),
            "replicate": (pa.int32(), [replicate for _, replicate, _ in rows], ""),
            "step": (pa.int32(), [flow.step for _, _, flow in rows], "step"),
            "instrument": (text_type(), [flow.instrument for _, _, flow in rows], ""),
            "flow": (text_type(), [flow.flow for _, _, flow in rows], ""),
            "sector": (text_type(), [flow.sector for _, _, flow in rows], ""),
            "amount": (pa.int64(), [int(flow.amount) for _, _, flow in rows], "base unit"),
        }
    )


def income_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per run, population and network: the fields of `IncomeRow`."""
    import pyarrow as pa

    rows = [(i, record.replicate, row) for i, record in zip(ids, records, strict=True) for row in record.income]
    columns: dict[str, tuple[pa.DataType, Any, str]] = {
        "run_id": (text_type(), [i for i, _, _ in rows], ""),
        "replicate": (pa.int32(), [replicate for _, replicate, _ in rows], ""),
        "population": (text_type(), [row.population for _, _, row in rows], ""),
        "network": (text_type(), [row.network for _, _, row in rows], ""),
        "agents": (pa.int64(), [row.agents for _, _, row in rows], "agent"),
    }
    for name in _INCOME_NUMBERS:
        columns[name] = (pa.float64(), [getattr(row, name) for _, _, row in rows], _INCOME_UNITS.get(name, "USD"))
    return _table(columns)


def gains_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per run, population, network and group: the fields of `GainRow`."""
    import pyarrow as pa

    rows = [(i, record.replicate, row) for i, record in zip(ids, records, strict=True) for row in record.gains]
    columns: dict[str, tuple[pa.DataType, Any, str]] = {
        "run_id": (text_type(), [i for i, _, _ in rows], ""),
        "replicate": (pa.int32(), [replicate for _, replicate, _ in rows], ""),
        "population": (text_type(), [row.population for _, _, row in rows], ""),
        "network": (text_type(), [row.network for _, _, row in rows], ""),
        "group": (text_type(), [row.group for _, _, row in rows], ""),
        "agents": (pa.int64(), [row.agents for _, _, row in rows], "agent"),
    }
    for name in _GAIN_NUMBERS:
        unit = "1/year" if name == "return_per_year" else "USD"
        columns[name] = (pa.float64(), [getattr(row, name) for _, _, row in rows], unit)
    return _table(columns)


def dilution_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per run, network and holder: the fields of `DilutionRow`, and what the holder gained."""
    import pyarrow as pa

    rows = [(i, record.replicate, row) for i, record in zip(ids, records, strict=True) for row in record.dilution]
    columns: dict[str, tuple[pa.DataType, Any, str]] = {
        "run_id": (text_type(), [i for i, _, _ in rows], ""),
        "replicate": (pa.int32(), [replicate for _, replicate, _ in rows], ""),
        "network": (text_type(), [row.network for _, _, row in rows], ""),
        "holder": (text_type(), [row.holder for _, _, row in rows], ""),
    }
    for name, unit in _DILUTION_NUMBERS.items():
        columns[name] = (pa.float64(), [getattr(row, name) for _, _, row in rows], unit)
    return _table(columns)


def table_bits(table: pa.Table) -> list[bytes | list[str]]:
    """Return every column of a table as bytes, and text as text: equal when all bits are."""
    import pyarrow as pa

    columns = (table[name] for name in table.column_names)
    return [c.to_pylist() if pa.types.is_dictionary(c.type) else c.to_numpy().tobytes() for c in columns]


def column_values(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Return a column of floats without nulls as an array; `to_numpy` would import pandas."""
    return np.concatenate([np.empty(0), *(np.from_dlpack(chunk) for chunk in column.chunks)])


def _table(columns: dict[str, tuple[pa.DataType, Any, str]]) -> pa.Table:
    """Build a table from `{name: (type, values, unit)}`; the unit becomes metadata of the field."""
    import pyarrow as pa

    fields = [pa.field(n, kind, metadata={"unit": unit} if unit else None) for n, (kind, _, unit) in columns.items()]
    arrays = [_array(values, kind) for kind, values, _ in columns.values()]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        number = {name: i for i, name in enumerate(dict.fromkeys(values))}
        return texts(np.fromiter((number[value] for value in values), np.int32, len(values)), list(number))
    if pa.types.is_string(kind):
        return strings(values)
    return numbers(values, kind)


def _flat(kpis: dict[str, dict[str, float]]) -> dict[str, float]:
    return {f"kpi.{name}.{network}": value for name, row in kpis.items() for network, value in row.items()}


def _values(record: RunRecord, name: str) -> npt.NDArray[np.float64]:
    values = record.series.get(name)
    shape = record.n_steps * len(record.networks)
    return np.full(shape, np.nan) if values is None else np.ascontiguousarray(values).reshape(shape)


def _joined(parts: Sequence[npt.NDArray[Any]], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
