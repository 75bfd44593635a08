"""Parquet with every writer option pinned: the same table always gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from catallaxy.sim.errors import ResultsError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_table", "write_table"]

_ROW_GROUP = 1 << 17
_PAGE_BYTES = 1 << 20
_ZSTD_LEVEL = 3


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table: zstd, floats split by byte and without dictionary, text by dictionary, integers by difference.

    Parameters
    ----------
    table : pyarrow.Table
    path : Path
        File to make.
    """
    import pyarrow.parquet as pq

    encodings = {field.name: _encoding(field.type) for field in table.schema}
    with path.open("wb") as sink:
        pq.write_table(
            table,
            sink,
            version="2.6",
            data_page_version="1.0",
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            row_group_size=_ROW_GROUP,
            data_page_size=_PAGE_BYTES,
            write_statistics=True,
            use_dictionary=[name for name, encoding in encodings.items() if encoding is None],
            column_encoding={name: encoding for name, encoding in encodings.items() if encoding is not None},
        )


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
    except (OSError, pa.ArrowInvalid) as error:
        raise ResultsError(f"{path} cannot be read: {error}") from error


def _encoding(kind: pa.DataType) -> str | None:
    """Return the page encoding of a column type; None stands for a dictionary."""
    import pyarrow as pa

    if pa.types.is_floating(kind):
        return "BYTE_STREAM_SPLIT"
    if pa.types.is_integer(kind) or pa.types.is_date(kind):
        return "DELTA_BINARY_PACKED"
    return None
