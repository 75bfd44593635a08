"""Parquet with every writer option pinned: the same table always gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from catallaxy.sim.errors import ResultsError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TableWriter", "read_table", "rows_within", "write_table"]

_ROW_GROUP = 1 << 17
_LEAST_ROW_GROUP = 1 << 10
_PAGE_BYTES = 1 << 20
_ZSTD_LEVEL = 3
_TEXT_BYTES = 32


class TableWriter:
    """A file written piece by piece; its bytes depend on its rows, not on the pieces they came in.

    Every row group but the last has the same number of rows, and text columns carry in each group the dictionary of
    that group, in order of appearance.

    Parameters
    ----------
    path : Path
        File to make.
    schema : pyarrow.Schema
        Columns of the file; what is written must have them, in this order and of these types.
    group_rows : int
        Rows of a row group; that many are held in memory.
    """

    def __init__(self, path: Path, schema: pa.Schema, group_rows: int) -> None:
        import pyarrow.parquet as pq

        self.schema, self.group_rows = schema, group_rows
        self._pending: list[pa.Table] = []
        self._rows = 0
        self._sink = path.open("wb")
        self._writer = pq.ParquetWriter(self._sink, schema, **_options(schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush(1)
                self._writer.close()
        finally:
            self._discard()
            self._sink.close()

    def write(self, table: pa.Table) -> None:
        """Add rows at the end.

        Parameters
        ----------
        table : pyarrow.Table
            Of the columns of `schema`; text may be plain or dictionary.
        """
        self._pending.append(table)
        self._rows += table.num_rows
        self._flush(self.group_rows)

    def _discard(self) -> None:
        """Let go of a writer that failed, which would otherwise try to end its file when it is garbage."""
        import pyarrow as pa

        if self._writer.is_open:
            # The file is thrown away, and the error that is on its way says why.
            with suppress(OSError, pa.ArrowException):
                self._writer.close()
            self._writer.is_open = False

    def _flush(self, least: int) -> None:
        """Write row groups while at least this many rows wait."""
        import pyarrow as pa

        if self._rows < least:
            return
        waiting = pa.concat_tables(self._pending)
        done = 0
        while waiting.num_rows - done >= least:
            group = waiting.slice(done, self.group_rows)
            self._writer.write_table(_canonical(group, self.schema), row_group_size=self.group_rows)
            done += group.num_rows
        self._rows = waiting.num_rows - done
        self._pending = [waiting.slice(done)] if self._rows else []


def rows_within(schema: pa.Schema, budget: int) -> int:
    """Return how many rows of a schema take about `budget` bytes: a power of two between 1,024 and 131,072.

    Parameters
    ----------
    schema : pyarrow.Schema
        Text counts as 32 bytes.
    budget : int
        Bytes.

    Returns
    -------
    int
    """
    import pyarrow as pa

    fixed = [kind.bit_width // 8 + 1 if pa.types.is_primitive(kind) else _TEXT_BYTES for kind in schema.types]
    fitting = max(1, budget // max(1, sum(fixed)))
    return min(_ROW_GROUP, max(_LEAST_ROW_GROUP, 1 << (fitting.bit_length() - 1)))


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table: zstd, floats split by byte and without dictionary, text by dictionary, integers by difference.

    Parameters
    ----------
    table : pyarrow.Table
    path : Path
        File to make.
    """
    import pyarrow.parquet as pq

    with path.open("wb") as sink:
        pq.write_table(table, sink, row_group_size=_ROW_GROUP, **_options(table.schema))


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table, or some of its columns.

    Parameters
    ----------
    path : Path
    columns : sequence of str, optional
        All when None.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    ResultsError
        When the file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise ResultsError(f"{path} cannot be read: {error}") from error


def _options(schema: pa.Schema) -> dict[str, Any]:
    encodings = {field.name: _encoding(field.type) for field in schema}
    return {
        "version": "2.6",
        "data_page_version": "1.0",
        "compression": "zstd",
        "compression_level": _ZSTD_LEVEL,
        "data_page_size": _PAGE_BYTES,
        "write_statistics": True,
        "use_dictionary": [name for name, encoding in encodings.items() if encoding is None],
        "column_encoding": {name: encoding for name, encoding in encodings.items() if encoding is not None},
    }


def _canonical(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows with one chunk a column, and dictionaries that hold what occurs, in order of appearance."""
    import pyarrow as pa

    columns = []
    for field in schema:
        column = table[field.name]
        if pa.types.is_dictionary(field.type):
            column = column.cast(field.type.value_type).combine_chunks().dictionary_encode().cast(field.type)
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=schema)


def _encoding(kind: pa.DataType) -> str | None:
    """Return the page encoding of a column type; None stands for a dictionary."""
    import pyarrow as pa

    if pa.types.is_floating(kind):
        return "BYTE_STREAM_SPLIT"
    if pa.types.is_integer(kind) or pa.types.is_date(kind):
        return "DELTA_BINARY_PACKED"
    return None
