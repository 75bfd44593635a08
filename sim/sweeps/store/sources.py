"""Where outcomes are stored, read alike: journals, the Parquet parts that they become, and the collected tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.parquet import read_table
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store.arrow import plain, plain_schema, together
from catallaxy.sim.sweeps.store.ends import END_COLUMNS, Ends
from catallaxy.sim.sweeps.store.frames import Blob, Scan, part_of, read_blob

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["IDENTITY", "PLAN_KEY", "CollectedSource", "JournalMoved", "JournalSource", "PartSource", "Source"]

PLAN_KEY = b"catallaxy.plan"
"""Key of the metadata of a collected table under which `Plan.hash` stands."""
IDENTITY = ("run_id", "point", "replicate", "seed")
"""Columns that collecting puts in the place of `row`, before `param.*`."""
_TEXT_BYTES = 32
_Ints = npt.NDArray[np.int64]


class JournalMoved(Exception):
    """A journal became a part while it was read: what was found before is to be looked for again."""


class Source(Protocol):
    """A place where outcomes are stored."""

    @property
    def writer(self) -> str:
        """Who stored them; empty for collected tables."""

    @property
    def ends(self) -> Ends:
        """Attempts stored here."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables stored here."""

    def schemas(self, name: str) -> list[pa.Schema]:
        """Return every schema that a table has here."""

    def size(self, name: str) -> int:
        """Return about how many bytes a table has in memory."""

    def read(self, name: str, low: int, high: int) -> pa.Table | None:
        """Return what a table holds of rows `low` to `high - 1` of the plan, `plain`; each run's rows in order.

        Of the table "log" all attempts, of the others only the attempt that counts among those stored here.
        """


class JournalSource:
    """A journal.

    Parameters
    ----------
    path : Path
    writer : str
        Who writes it.
    found : Scan
    """

    def __init__(self, path: Path, writer: str, found: Scan) -> None:
        self.path, self.writer, self.found, self.ends = path, writer, found, found.ends
        self.tables = tuple(dict.fromkeys(name for batch in found.batches for name in batch))
        best = found.ends.best
        self._rows, self._frames = found.ends.rows[best], found.frames[best]

    def schemas(self, name: str) -> list[pa.Schema]:
        """Return every schema that a table has here."""
        different = {batch[name].schema: batch[name] for batch in self.found.batches if name in batch}
        return [table.schema for table in self._read(list(different.values()))]

    def size(self, name: str) -> int:
        """Return about how many bytes a table has in memory."""
        return sum(batch[name].raw for batch in self.found.batches if name in batch)

    def read(self, name: str, low: int, high: int) -> pa.Table | None:
        """Return what a table holds of rows `low` to `high - 1` of the plan."""
        here = self.found.frames[(self.ends.rows >= low) & (self.ends.rows < high)]
        frames = [frame for frame in np.unique(here).tolist() if name in self.found.batches[frame]]
        if not frames:
            return None
        tables = self._read([self.found.batches[frame][name] for frame in frames])
        table = plain(together(tables)).combine_chunks()
        rows = table["row"].to_numpy()
        wanted = (rows >= low) & (rows < high)
        if name != "log":
            counting = self._frames[np.searchsorted(self._rows, rows)]
            wanted &= counting == np.repeat(frames, [part.num_rows for part in tables])
        return _only(table, wanted)

    def _read(self, blobs: Sequence[Blob]) -> list[pa.Table]:
        try:
            with self.path.open("rb") as file:
                if self.found.owner is None or part_of(file) != self.found.owner.part:
                    raise JournalMoved
                return [read_blob(file, blob) for blob in blobs]
        except FileNotFoundError as error:
            raise JournalMoved from error


class _ParquetFiles:
    """Parquet files of which only the row groups are read that can hold the runs one looks for."""

    def __init__(self, paths: Mapping[str, Path], key: str) -> None:
        self.paths, self._key = dict(paths), key
        self._spans: dict[str, _Ints] = {}

    def schemas(self, name: str) -> list[pa.Schema]:
        if name not in self.paths:
            return []
        with _opened(self.paths[name]) as file:
            return [file.schema_arrow]

    def size(self, name: str) -> int:
        if name not in self.paths:
            return 0
        with _opened(self.paths[name]) as file:
            return _bytes_in_memory(file)

    def read(self, name: str, low: int, high: int) -> pa.Table | None:
        """Return the row groups in which the key may lie from `low` to `high - 1`."""
        if name not in self.paths:
            return None
        with _opened(self.paths[name]) as file:
            if name not in self._spans:
                self._spans[name] = _spans(file, self._key)
            spans = self._spans[name]
            groups = np.flatnonzero((spans[:, 1] >= low) & (spans[:, 0] < high)).tolist()
            return file.read_row_groups(groups) if groups else None


class PartSource:
    """A part: what a journal became.

    Parameters
    ----------
    paths : mapping of str to Path
        Its files, by table.
    writer : str
        Whose journal it was.
    """

    def __init__(self, paths: Mapping[str, Path], writer: str) -> None:
        self.writer = writer
        self._files = _ParquetFiles(paths, "row")
        self.tables = tuple(paths)

    @cached_property
    def ends(self) -> Ends:
        """Attempts stored here."""
        return Ends.of_log(read_table(self._files.paths["log"], END_COLUMNS))

    def schemas(self, name: str) -> list[pa.Schema]:
        """Return every schema that a table has here."""
        return self._files.schemas(name)

    def size(self, name: str) -> int:
        """Return about how many bytes a table has in memory."""
        return self._files.size(name)

    def read(self, name: str, low: int, high: int) -> pa.Table | None:
        """Return what a table holds of rows `low` to `high - 1` of the plan."""
        found = self._files.read(name, low, high)
        return None if found is None else _between(plain(found), low, high)


class CollectedSource:
    """The tables that were collected before.

    Parameters
    ----------
    paths : mapping of str to Path
        Its files, by table; "runs" among them.
    plan : Plan

    Raises
    ------
    ResultsError
        When they belong to another plan.
    """

    writer = ""

    def __init__(self, paths: Mapping[str, Path], plan: Plan) -> None:
        self._files, self._plan = _ParquetFiles(paths, "point"), plan
        self.tables = tuple(paths)
        found = (self.schemas("runs")[0].metadata or {}).get(PLAN_KEY, b"?").decode()
        if found != plan.hash:
            raise ResultsError(
                f"{paths['runs']} belongs to another plan ({found[:8]}, not {plan.hash[:8]}); move it away"
            )

    @cached_property
    def ends(self) -> Ends:
        """Outcomes stored here, as attempts that count less than equal ones stored elsewhere."""
        table = read_table(self._files.paths["runs"], ("point", "replicate", "status"))
        nothing = [0] * table.num_rows
        return Ends.of(self._rows(table), table["status"].to_pylist(), nothing, nothing)

    def schemas(self, name: str) -> list[pa.Schema]:
        """Return every schema that a table has here, with `row` in place of the identity of the run."""
        import pyarrow as pa

        row = pa.field("row", pa.int32())
        schemas = self._files.schemas(name)
        return [pa.schema([row, *(f for f in s if not _identifies(f.name))], metadata=s.metadata) for s in schemas]

    def size(self, name: str) -> int:
        """Return about how many bytes a table has in memory."""
        return self._files.size(name)

    def read(self, name: str, low: int, high: int) -> pa.Table | None:
        """Return what a table holds of rows `low` to `high - 1` of the plan."""
        import pyarrow as pa

        replicates = self._plan.replicates
        found = self._files.read(name, low // replicates, (high - 1) // replicates + 1)
        if found is None:
            return None
        rows = pa.array(self._rows(found), pa.int32())
        kept = found.select([column for column in found.column_names if not _identifies(column)])
        return _between(plain(kept.add_column(0, "row", rows)), low, high)

    def _rows(self, table: pa.Table) -> _Ints:
        points, replicates = (table[name].to_numpy().astype(np.int64) for name in ("point", "replicate"))
        return np.asarray(points * self._plan.replicates + replicates, np.int64)


def _identifies(column: str) -> bool:
    return column in IDENTITY or column.startswith("param.")


def _between(table: pa.Table, low: int, high: int) -> pa.Table:
    rows = table["row"].to_numpy()
    return _only(table, (rows >= low) & (rows < high))


def _only(table: pa.Table, wanted: npt.NDArray[np.bool_]) -> pa.Table:
    return table if wanted.all() else table.filter(wanted)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            yield file
    except (OSError, pa.ArrowInvalid) as error:
        raise ResultsError(f"{path} cannot be read: {error}") from error


def _bytes_in_memory(file: pq.ParquetFile) -> int:
    """Return the larger of what the schema and what the pages suggest."""
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    kinds = plain_schema(file.schema_arrow).types
    width = sum(_TEXT_BYTES if kind == "string" else kind.bit_width // 8 for kind in kinds)
    return int(max(file.metadata.num_rows * width, sum(group.total_byte_size for group in groups)))


def _spans(file: pq.ParquetFile, key: str) -> _Ints:
    """Return the least and the largest value of a column in each row group, int64[n, 2]."""
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    column = file.schema_arrow.get_field_index(key)
    found = [group.column(column).statistics for group in groups]
    return np.array([(bounds.min, bounds.max) for bounds in found], np.int64).reshape(-1, 2)
