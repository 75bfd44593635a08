"""Collecting: one table of each kind, in the order of the plan, from all that writers have stored."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.files import beside, sync
from catallaxy.sim.results.parquet import TableWriter
from catallaxy.sim.sweeps.columns import identity_table
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store.arrow import plain, plain_schema
from catallaxy.sim.sweeps.store.disk import GATE, PARTS, explained, gate, held, replacing
from catallaxy.sim.sweeps.store.ends import Winners
from catallaxy.sim.sweeps.store.parts import AGENTS, collected_source, group_rows, merged, stored_sources, table_schema
from catallaxy.sim.sweeps.store.sources import PLAN_KEY, JournalMoved, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["collect"]

_TRIES = 5
_GROUP_BYTES = 32_000_000
_WITH_SEED = ("runs", "log")


def collect(folder: Path, plan: Plan) -> Counter[str]:
    """Write the final tables of a sweep: `runs`, `log`, and `series` and `agents/<population>` when recorded.

    Each has the identity of the run and its parameters in front. The bytes of all but `log` depend on the plan and on
    the outcomes only. `parts/` is removed when every run has an outcome and no writer is at work; until then the tables
    hold what there is, and can be collected again.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    plan : Plan

    Returns
    -------
    Counter of str
        Runs by status.

    Raises
    ------
    ResultsError
        When the disk is full, or what is stored belongs to another plan; what was stored is untouched.
    """
    with gate(folder):
        _remove_litter(folder)
        working = _writers_at_work(folder)
        for _ in range(_TRIES):
            try:
                winners, stored = _written(folder, plan)
            except JournalMoved:
                continue
            if not working and (len(winners.rows) == len(plan) or not stored):
                _remove_parts(folder)
            return winners.counts()
    raise ResultsError(f"the writers of {folder} are too fast to be collected; wait until they end")


def _written(folder: Path, plan: Plan) -> tuple[Winners, bool]:
    """Write the tables unless they hold all; return which attempts count, and whether any was stored elsewhere."""
    stored, _ = stored_sources(folder, verify=True)
    collected = collected_source(folder, plan)
    sources: list[Source] = [*([collected] if collected else []), *stored]
    winners = Winners(len(plan))
    for number, source in enumerate(sources):
        winners.offer(source.ends, number)
    if stored or collected is None:
        identity = plain(identity_table(plan, range(len(plan))))
        for name in _table_names(plan, sources):
            _write(folder, plan, name, sources, winners, identity)
    return winners, bool(stored)


def _table_names(plan: Plan, sources: Sequence[Source]) -> list[str]:
    """Return the tables of a sweep; "runs", which tells what the others hold, comes last."""
    found = {name for source in sources for name in source.tables if name.startswith(AGENTS)}
    return [*sorted(found), *(["series"] if plan.context.recording.series else []), "log", "runs"]


def _write(
    folder: Path, plan: Plan, name: str, sources: Sequence[Source], winners: Winners, identity: pa.Table
) -> None:
    inner = table_schema(plan.context, sources, name)
    schema = _final_schema(plan, name, inner)
    columns = [field.name for field in schema if field.name in identity.column_names]
    with (
        replacing(folder / f"{name}.parquet") as temporary,
        TableWriter(temporary, schema, group_rows(name, schema, _GROUP_BYTES)) as sink,
    ):
        for table in merged(sources, winners, name, inner):
            sink.write(_identified(table, identity.select(columns), plain_schema(schema)))


def _final_schema(plan: Plan, name: str, inner: pa.Schema) -> pa.Schema:
    """Return the columns of a final table: the identity of the run, its parameters, then what was measured."""
    import pyarrow as pa

    identity = identity_table(plan, ()).schema
    if name not in _WITH_SEED:
        many = pa.field("run_id", pa.dictionary(pa.int32(), pa.string()))
        identity = pa.schema([many, *(field for field in identity if field.name not in ("run_id", "seed"))])
    return pa.schema([*identity, *(field for field in inner if field.name != "row")], metadata={PLAN_KEY: plan.hash})


def _identified(table: pa.Table, identity: pa.Table, schema: pa.Schema) -> pa.Table:
    """Put the identity of the runs in the place of `row`."""
    import pyarrow as pa

    whose = identity.take(table["row"])
    return pa.Table.from_arrays([*whose.columns, *table.drop_columns("row").columns], schema=schema)


def _writers_at_work(folder: Path) -> bool:
    """Return whether a living process may add outcomes; while the gate is closed, no new one begins."""
    locks = (path for path in sorted((folder / PARTS).glob("*.lock")) if path.name != GATE)
    return any(held(path) for path in locks)


def _remove_parts(folder: Path) -> None:
    """Remove `parts/`: all at once to whoever looks, and for good when this is interrupted and tried again."""
    doomed = beside(folder / PARTS)
    with explained(folder):
        (folder / PARTS).rename(doomed)
        sync(folder)
    shutil.rmtree(doomed, ignore_errors=True)


def _remove_litter(folder: Path) -> None:
    """Remove what collecting left behind when it was killed."""
    for path in _litter(folder):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _litter(folder: Path) -> Iterator[Path]:
    names = ("runs.parquet", "log.parquet", "series.parquet", PARTS)
    yield from (path for name in names for path in folder.glob(f".{name}.tmp-*"))
    yield from folder.glob(f"{AGENTS}.*.parquet.tmp-*")
