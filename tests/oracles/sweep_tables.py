"""Made-up sweeps: a plan over a small grid, and the collected table of runs that such a sweep would leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from catallaxy.sim.sweeps.columns import identity_table, runs_schema
from catallaxy.sim.sweeps.plan import Context, Plan, PlannedRun, Recording
from oracles.sweeps import plan_of

NETWORKS = ("Agora", "Bazaar & Co.")

#: What a run gave, by key figure and network; None for a run that has not finished.
Outcome = Mapping[tuple[str, str], float | None] | None


def make_plan(points: Sequence[Mapping[str, Any]], replicates: int = 3, **fields: Any) -> Plan:
    """Return a plan with the given settings of parameters, one mapping per point."""
    context = Context(bases=({"name": "base"},), recording=Recording(), networks=NETWORKS, code="test")
    return plan_of("made up", context, points, replicates, **fields)


def make_runs(plan: Plan, outcome: Callable[[PlannedRun], Outcome]) -> pa.Table:
    """Return the table "runs" of a sweep; a run whose outcome is empty has failed."""
    found = {run.row: result for run in plan.runs() if (result := outcome(run)) is not None}
    schema = pa.schema([field for field in runs_schema(plan.context) if field.name != "row"])
    done = [found[row] for row in found]
    columns: dict[str, list[Any]] = {
        "status": ["complete" if values else "failed" for values in done],
        "error": ["" if values else "boom" for values in done],
        "steps": [10 for _ in done],
    }
    for name in schema.names[len(columns) :]:
        _, kpi, network = name.split(".", 2)
        columns[name] = [values.get((kpi, network)) for values in done]
    results = pa.table({name: pa.array(columns[name], schema.field(name).type) for name in schema.names}, schema)
    joined = identity_table(plan, list(found))
    for field in schema:
        joined = joined.append_column(field, results[field.name])
    return joined
