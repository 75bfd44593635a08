"""Synthetic sweeps: plans without scenarios, and outcomes that are functions of the number of the run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from catallaxy.sim.sweeps.columns import log_schema, runs_schema, series_schema
from catallaxy.sim.sweeps.outcome import Batch
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording

STEPS = 4
AGENTS = 3
LABELS = ("low", "high", "none")


def toy_plan(
    points: int = 6,
    replicates: int = 2,
    *,
    series: bool = True,
    agents: bool = True,
    networks: Sequence[str] = ("deai",),
) -> Plan:
    """Return a plan of `points * replicates` runs with one parameter of each type."""
    recording = Recording(
        series=("price", "users") if series else (), agents=("nodes",) if agents else (), agent_steps=(-1,)
    )
    context = Context(bases=({"name": "toy"},), recording=recording, networks=tuple(networks), code="1+toy")
    settings = [{"share": p / 10.0, "count": p % 5, "label": LABELS[p % 3], "on": p % 2 == 0} for p in range(points)]
    return plan_of("toy", context, settings, replicates)


def plan_of(name: str, context: Context, settings: Sequence[Mapping[str, Any]], replicates: int, **fields: Any) -> Plan:
    """Return a plan whose points have these values of parameters, with made-up ids and large seeds."""
    rows = range(len(settings) * replicates)
    return Plan(
        name=name,
        replicates=replicates,
        context=context,
        points=tuple(Point(0, dict(values), dict(values)) for values in settings),
        run_ids=tuple(f"{row:024x}" for row in rows),
        seeds=tuple(2**63 + row for row in rows),
        **fields,
    )


def toy_batch(
    plan: Plan,
    rows: Iterable[int],
    statuses: Mapping[int, str] | None = None,
    *,
    attempt: int = 1,
    finished: float | None = None,
) -> Batch:
    """Return the outcomes of some runs, complete unless `statuses` says something else."""
    ends = {row: (statuses or {}).get(row, "complete") for row in rows}
    tables = {"runs": runs_of(plan, ends), "log": log_of(ends, attempt, finished)}
    complete = np.array([row for row, status in ends.items() if status == "complete"], np.int32)
    if plan.context.recording.series and len(complete):
        tables["series"] = series_of(plan, complete)
    if plan.context.recording.agents and len(complete):
        tables["agents/nodes"] = agents_of(plan, complete)
    return Batch.of(ends, tables)


def runs_of(plan: Plan, ends: Mapping[int, str]) -> pa.Table:
    """Return the table "runs": key figure k of row r is r + k / 64, null unless it is complete."""
    schema = runs_schema(plan.context)
    rows, complete = np.array(list(ends)), np.array([status == "complete" for status in ends.values()])
    columns = [
        pa.array(rows, pa.int32()),
        pa.array(list(ends.values())).dictionary_encode(),
        pa.array(["" if done else "it failed" for done in complete]),
        pa.array([STEPS if done else None for done in complete], pa.int32()),
    ]
    columns += [pa.array(rows + k / 64, pa.float64(), mask=~complete) for k in range(len(schema) - 4)]
    return pa.Table.from_arrays(columns, schema=schema)


def log_of(ends: Mapping[int, str], attempt: int, finished: float | None) -> pa.Table:
    """Return the table "log"."""
    n, now = len(ends), int(1000 * (time.time() if finished is None else finished))
    traces = ["" if status == "complete" else f"Traceback of {row}" for row, status in ends.items()]
    values: list[Any] = [
        list(ends),
        list(ends.values()),
        ["" if status == "complete" else "it failed" for status in ends.values()],
        traces,
        [attempt] * n,
        [0.5] * n,
        [0.4] * n,
        [100.0] * n,
        [f"host:{attempt}"] * n,
        [now] * n,
    ]
    return pa.Table.from_arrays(
        [column(value, field.type) for value, field in zip(values, log_schema(), strict=True)], schema=log_schema()
    )


def series_of(plan: Plan, rows: np.ndarray[Any, Any]) -> pa.Table:
    """Return the table "series": metric m at step s of row r is 100 r + s + m / 2."""
    networks = plan.context.networks
    row, step, network = (
        x.ravel() for x in np.meshgrid(rows, np.arange(STEPS), np.arange(len(networks)), indexing="ij")
    )
    columns = [
        pa.array(row, pa.int32()),
        pa.array(step, pa.int32()),
        pa.array(step, pa.int32()).cast(pa.date32()),
        pa.DictionaryArray.from_arrays(pa.array(network, pa.int32()), pa.array(networks)),
    ]
    columns += [pa.array(100.0 * row + step + m / 2) for m in range(len(plan.context.recording.series))]
    return pa.Table.from_arrays(columns, schema=series_schema(plan.context))


def agents_of(plan: Plan, rows: np.ndarray[Any, Any]) -> pa.Table:
    """Return three nodes of each run, with a text column whose dictionary differs from batch to batch."""
    row, agent = (x.ravel() for x in np.meshgrid(rows, np.arange(AGENTS), indexing="ij"))
    names = [plan.context.networks[k] for k in (row + agent) % len(plan.context.networks)]
    columns = {
        "row": pa.array(row, pa.int32()),
        "step": pa.array(np.full(len(row), STEPS - 1), pa.int32()),
        "agent": pa.array(agent, pa.int64()),
        "network": pa.array(names),
        "kind": pa.array([LABELS[k] for k in (row + agent) % 3]).dictionary_encode(),
        "balance": pa.array(row * 10 + agent, pa.int64()),
    }
    fields = [pa.field(name, array.type, metadata={"unit": name}) for name, array in columns.items()]
    return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))


def column(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Return an array of a type; text by dictionary when the type asks for it."""
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode()
    return pa.array(values, kind)
