"""Parquet: the bytes depend on the rows, not on the pieces they came in."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.results.parquet import TableWriter, read_table, rows_within, write_table

TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema([pa.field("n", pa.int64(), metadata={"unit": "step"}), ("x", pa.float64()), ("word", TEXT)])
WORDS = ("one", "two", "three", None)


def rows(start: int, stop: int) -> pa.Table:
    """Return rows of `SCHEMA`; the dictionary is in order of appearance in these rows."""
    numbers = np.arange(start, stop)
    words = pa.array([WORDS[n % 4] for n in numbers], pa.string()).dictionary_encode()
    return pa.Table.from_arrays([pa.array(numbers), pa.array(numbers / 3), words], schema=SCHEMA)


def written(path: Path, cuts: list[int], total: int, group: int = 8) -> bytes:
    with TableWriter(path, SCHEMA, group) as writer:
        for start, stop in zip([0, *cuts], [*cuts, total], strict=True):
            writer.write(rows(start, stop))
    return path.read_bytes()


@given(total=st.integers(0, 50), data=st.data())
def test_the_pieces_do_not_show(total: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("pieces") / "a.parquet"
    cuts = sorted(data.draw(st.lists(st.integers(0, total), max_size=5)))
    assert written(path, cuts, total) == written(path, [], total)
    table = pq.read_table(path)
    assert table.to_pydict() == rows(0, total).to_pydict()
    assert table.schema.field("word").type == TEXT
    groups = pq.ParquetFile(path).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)][:-1] == [8] * ((total - 1) // 8)


def test_one_group_written_in_pieces_is_what_write_table_writes(tmp_path: Path) -> None:
    plain = pa.schema([("n", pa.int64()), ("x", pa.float64())])
    table = rows(0, 40).select(["n", "x"]).replace_schema_metadata(None).cast(plain)
    write_table(table, tmp_path / "whole.parquet")
    with TableWriter(tmp_path / "pieces.parquet", plain, 1 << 17) as writer:
        writer.write(table)
    assert (tmp_path / "pieces.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()
    assert read_table(tmp_path / "pieces.parquet", ["n"])["n"].to_pylist() == list(range(40))


def test_what_fails_is_let_go_of_quietly(tmp_path: Path) -> None:
    with pytest.raises(KeyError), TableWriter(tmp_path / "a.parquet", SCHEMA, 8) as writer:
        writer.write(rows(0, 20).drop_columns("word"))
    del writer
    gc.collect()


@pytest.mark.parametrize(
    ("columns", "rows"), [(1, 1 << 17), (60, 1 << 16), (500, 1 << 13), (100_000, 1 << 10)], ids=str
)
def test_row_groups_fit_into_a_budget(columns: int, rows: int) -> None:
    schema = pa.schema([(f"c{i}", pa.float64()) for i in range(columns)] + [("word", TEXT)])
    assert rows_within(schema, 40_000_000) == rows
