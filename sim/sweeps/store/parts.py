"""Parts: journals rewritten as Parquet; all that is stored of a sweep, merged in the order of its plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from catallaxy.sim.results.parquet import TableWriter, rows_within
from catallaxy.sim.sweeps.columns import log_schema, runs_schema, series_schema
from catallaxy.sim.sweeps.plan import Context, Plan
from catallaxy.sim.sweeps.store.arrow import agents_schema, conformed, sorted_by_row, together
from catallaxy.sim.sweeps.store.disk import PARTS, replacing
from catallaxy.sim.sweeps.store.ends import Winners
from catallaxy.sim.sweeps.store.frames import Scan, scan
from catallaxy.sim.sweeps.store.sources import CollectedSource, JournalSource, PartSource, Source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "AGENTS",
    "JOURNAL",
    "PartName",
    "collected_source",
    "committed_parts",
    "group_rows",
    "merged",
    "stored_sources",
    "table_schema",
    "write_part",
]

JOURNAL = ".journal"
AGENTS = "agents/"
_PART = re.compile(r"(?P<writer>[A-Za-z0-9_-]+)-(?P<part>\d+)\.(?P<table>[a-z0-9_.-]+)\.parquet")
_BLOCK_BYTES = 32_000_000
_GROUP_BYTES = 4_000_000
_MOST_RUNS = 1 << 13
_ATTEMPT = ("row", "attempt", "finished", "status", "worker")


class PartName(NamedTuple):
    """What the name of a file of a part says.

    Attributes
    ----------
    writer : str
    part : int
        From 1.
    table : str
        "runs", "log", "series" or "agents/<population>".
    """

    writer: str
    part: int
    table: str

    @classmethod
    def of(cls, path: Path) -> PartName | None:
        """Read a file name; None when it is that of something else."""
        found = _PART.fullmatch(path.name)
        if found is None:
            return None
        return cls(found["writer"], int(found["part"]), found["table"].replace("agents.", AGENTS, 1))

    def path(self, folder: Path) -> Path:
        """Return the file in the folder of a sweep."""
        table = self.table.replace(AGENTS, "agents.", 1)
        return folder / PARTS / f"{self.writer}-{self.part:04d}.{table}.parquet"


def committed_parts(folder: Path) -> dict[tuple[str, int], dict[str, Path]]:
    """Find the parts of a sweep.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.

    Returns
    -------
    dict of (str, int) to dict of str to Path
        Files by table, by writer and number, in order. Its table "runs" is written last: a part without it is the
        beginning of one, and is left out.
    """
    parts: dict[tuple[str, int], dict[str, Path]] = {}
    for path in sorted((folder / PARTS).glob("*.parquet")):
        name = PartName.of(path)
        if name is not None:
            parts.setdefault((name.writer, name.part), {})[name.table] = path
    return {key: files for key, files in parts.items() if "runs" in files}


def stored_sources(folder: Path, *, verify: bool) -> tuple[list[Source], dict[str, Scan]]:
    """Find all outcomes that are stored outside the collected tables.

    Parameters
    ----------
    folder : Path
        Folder of the sweep; its writers may be at work.
    verify : bool
        Check what the journals hold.

    Returns
    -------
    (list of Source, dict of str to Scan)
        Parts, then journals; and what each writer's journal holds.
    """
    paths = sorted((folder / PARTS).glob(f"*{JOURNAL}"))
    # Journals first: what becomes a part in between is then found in the part.
    scans = {path.name.removesuffix(JOURNAL): scan(path, verify=verify) for path in paths}
    parts = committed_parts(folder)
    sources: list[Source] = [PartSource(files, writer) for (writer, _), files in parts.items()]
    for path, (writer, found) in zip(paths, scans.items(), strict=True):
        rolled = found.owner is not None and (writer, found.owner.part) in parts
        if len(found.ends.rows) and not rolled:
            sources.append(JournalSource(path, writer, found))
    return sources, scans


def collected_source(folder: Path, plan: Plan) -> CollectedSource | None:
    """Return the tables that were collected before, or None.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    plan : Plan

    Returns
    -------
    CollectedSource or None
    """
    patterns = [f"{name}.parquet" for name in ("runs", "log", "series", f"{AGENTS}[!.]*")]
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    paths = {path.relative_to(folder).with_suffix("").as_posix(): path for path in found}
    return CollectedSource(paths, plan) if "runs" in paths else None


def table_schema(context: Context, sources: Sequence[Source], name: str) -> pa.Schema:
    """Return the schema of a table of a sweep, with the column `row`.

    Parameters
    ----------
    context : Context
    sources : sequence of Source
        Where the table is stored; asked for the columns of agents.
    name : str
        "runs", "log", "series" or "agents/<population>".

    Returns
    -------
    pyarrow.Schema
    """
    if name.startswith(AGENTS):
        return agents_schema(schema for source in sources for schema in source.schemas(name))
    return {"runs": runs_schema, "series": series_schema}[name](context) if name != "log" else log_schema()


def group_rows(name: str, schema: pa.Schema, budget: int) -> int:
    """Return how many rows a row group of a table has; few when each may hold a traceback.

    Parameters
    ----------
    name : str
        Of the table.
    schema : pyarrow.Schema
    budget : int
        Bytes.

    Returns
    -------
    int
    """
    return min(_MOST_RUNS, rows_within(schema, budget)) if name == "log" else rows_within(schema, budget)


def merged(sources: Sequence[Source], winners: Winners, name: str, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield a table in the order of the plan, a block of runs at a time.

    Parameters
    ----------
    sources : sequence of Source
    winners : Winners
        Which of them holds the attempt that counts. Of the table "log" every attempt is yielded, once.
    name : str
    schema : pyarrow.Schema
        `table_schema` of the table.

    Yields
    ------
    pyarrow.Table
        `plain`; a few tens of megabytes, or one run.
    """
    rows = winners.rows
    size = sum(source.size(name) for source in sources)
    step = min(_MOST_RUNS, max(1, len(rows) * _BLOCK_BYTES // max(1, size)))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        low, high = int(block[0]), int(block[-1]) + 1
        read = [_chosen(source, i, winners, name, low, high) for i, source in enumerate(sources)]
        tables = [conformed(table, schema) for table in read if table is not None]
        if tables:
            table = together(tables)
            yield _each_attempt(table) if name == "log" else sorted_by_row(table)


def write_part(folder: Path, plan: Plan, writer: str, part: int) -> None:
    """Write what the journal of a writer holds as a part; the journal stays as it is.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    plan : Plan
    writer : str
    part : int

    Raises
    ------
    ResultsError
        When the disk is full; the part does not exist then.
    """
    path = folder / PARTS / f"{writer}{JOURNAL}"
    source = JournalSource(path, writer, scan(path, verify=True))
    winners = Winners(len(plan))
    winners.offer(source.ends)
    for name in sorted(source.tables, key=lambda name: (name == "runs", name)):
        schema = table_schema(plan.context, [source], name)
        target = PartName(writer, part, name).path(folder)
        with (
            replacing(target) as temporary,
            TableWriter(temporary, schema, group_rows(name, schema, _GROUP_BYTES)) as sink,
        ):
            for table in merged([source], winners, name, schema):
                sink.write(table)


def _chosen(source: Source, number: int, winners: Winners, name: str, low: int, high: int) -> pa.Table | None:
    """Read from a source the rows of a table that count."""
    here = winners.sources[low:high] == number
    if name == "log":
        return source.read(name, low, high)
    table = source.read(name, low, high) if here.any() else None
    return None if table is None else table.filter(here[table["row"].to_numpy() - low])


def _each_attempt(log: pa.Table) -> pa.Table:
    """Return the attempts of a log in order, each once, although it may be stored in several places."""
    log = log.sort_by([(column, "ascending") for column in _ATTEMPT])
    keys = list(zip(*(log[column].to_pylist() for column in _ATTEMPT), strict=True))
    return log.filter(np.array([key != before for key, before in zip(keys, [None, *keys], strict=False)], bool))
