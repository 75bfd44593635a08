"""Columns of a sweep's tables: known from the plan alone, so that every part of every worker has the same.

Workers and parts carry `row`, the number of the run in the plan. Collecting puts the identity of the run and its
parameters (`run_id, point, replicate, seed, param.*`) in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from catallaxy.sim.analysis.key_figures import all_kpis
from catallaxy.sim.recording.metrics import metric
from catallaxy.sim.sweeps.plan import Context, Plan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["identity_table", "log_schema", "param_type", "runs_schema", "series_schema"]


def runs_schema(context: Context) -> pa.Schema:
    """One row per run: `row, status, error, steps, kpi.<name>.<network>...`.

    A key figure of a network that the scenario does not have is null; one that cannot be computed is NaN. Nothing in
    this table differs between two executions of the same run.
    """
    import pyarrow as pa

    fields = [
        pa.field("row", pa.int32()),
        pa.field("status", _text()),
        pa.field("error", pa.string()),
        pa.field("steps", pa.int32(), metadata={"unit": "step"}),
    ]
    for kpi in all_kpis(context.recording.kpis):
        unit = {"unit": kpi.unit}
        fields += [pa.field(f"kpi.{kpi.name}.{name}", pa.float64(), metadata=unit) for name in context.networks]
    return pa.schema(fields)


def series_schema(context: Context) -> pa.Schema:
    """One row per run, kept step and network: `row, step, date, network, ts.<metric>...`."""
    import pyarrow as pa

    fields = [
        pa.field("row", pa.int32()),
        pa.field("step", pa.int32(), metadata={"unit": "step"}),
        pa.field("date", pa.date32()),
        pa.field("network", _text()),
    ]
    units = {name: metric(name).unit for name in context.recording.series}
    fields += [pa.field(f"ts.{name}", pa.float64(), metadata={"unit": unit}) for name, unit in units.items()]
    return pa.schema(fields)


def log_schema() -> pa.Schema:
    """One row per finished attempt at a run: how it ended and what it cost; differs from execution to execution."""
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("row", pa.int32()),
            pa.field("status", _text()),
            pa.field("error", pa.string()),
            pa.field("traceback", pa.string()),
            pa.field("attempt", pa.int32()),
            pa.field("wall_s", pa.float64(), metadata={"unit": "s"}),
            pa.field("cpu_s", pa.float64(), metadata={"unit": "s"}),
            pa.field("peak_mb", pa.float64(), metadata={"unit": "MB"}),
            pa.field("worker", _text()),
            pa.field("finished", pa.timestamp("ms", tz="UTC")),
        ]
    )


def identity_table(plan: Plan, rows: Sequence[int]) -> pa.Table:
    """Return `run_id, point, replicate, seed, param.*` of some runs of a plan, in the order of `rows`."""
    import pyarrow as pa

    runs = [plan.run(row) for row in rows]
    columns: dict[str, pa.Array] = {
        "run_id": pa.array([run.run_id for run in runs], pa.string()),
        "point": pa.array([run.point for run in runs], pa.int32()),
        "replicate": pa.array([run.replicate for run in runs], pa.int32()),
        "seed": pa.array([plan.seeds[row] for row in rows], pa.uint64()),
    }
    for name in plan.params:
        kind = param_type([point.params.get(name) for point in plan.points])
        values = [plan.points[run.point].params.get(name) for run in runs]
        as_shown = str if kind == _text() else float if kind == pa.float64() else None
        shown = values if as_shown is None else [None if value is None else as_shown(value) for value in values]
        columns[f"param.{name}"] = pa.array(shown, kind)
    return pa.table(columns)


def param_type(values: Sequence[Any]) -> pa.DataType:
    """Return the narrowest of bool, int64, float64 and text that holds every value; None is a missing one."""
    import pyarrow as pa

    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {bool}:
        return pa.bool_()
    if kinds and kinds <= {int}:
        return pa.int64()
    if kinds and kinds <= {int, float}:
        return pa.float64()
    return _text()


def _text() -> pa.DataType:
    import pyarrow as pa

    return pa.dictionary(pa.int32(), pa.string())
