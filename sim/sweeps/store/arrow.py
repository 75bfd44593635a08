"""Arrow tables of a sweep brought into one form, whatever file they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["agents_schema", "conformed", "plain", "plain_schema", "sorted_by_row", "together"]

_LEADING = ("row", "step", "agent", "network")


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return a schema with text in place of dictionaries, and without what a file has added to it."""
    import pyarrow as pa

    fields = []
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        unit = {key: value for key, value in (field.metadata or {}).items() if key == b"unit"}
        fields.append(pa.field(field.name, kind, metadata=unit or None))
    return pa.schema(fields)


def plain(table: pa.Table) -> pa.Table:
    """Return a table with `plain_schema` of its schema."""
    return conformed(table, table.schema)


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """Return tables one below the other; a column that one of them lacks is null there.

    Parameters
    ----------
    tables : sequence of pyarrow.Table
        At least one; `plain`.

    Returns
    -------
    pyarrow.Table
    """
    import pyarrow as pa

    same = all(table.schema.equals(tables[0].schema) for table in tables)
    return pa.concat_tables(tables, promote_options="none" if same else "permissive")


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema, `plain`; null where the table has none."""
    import pyarrow as pa

    target = plain_schema(schema)
    have = set(table.schema.names)
    columns = []
    for field in target:
        column = table[field.name] if field.name in have else pa.nulls(table.num_rows, field.type)
        columns.append(column if column.type == field.type else column.cast(field.type))
    return pa.Table.from_arrays(columns, schema=target)


def agents_schema(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Return the schema of rows of agents whose scenarios differ.

    Parameters
    ----------
    schemas : iterable of pyarrow.Schema
        At least one, in any order.

    Returns
    -------
    pyarrow.Schema
        `row, step, agent, network` and all others by name, so that it does not depend on which came first.
    """
    import pyarrow as pa

    given = list(schemas)
    text = {f.name: f.type for schema in given for f in schema if pa.types.is_dictionary(f.type)}
    united = pa.unify_schemas([plain_schema(schema) for schema in given], promote_options="permissive")
    leading = [name for name in _LEADING if name in united.names]
    names = leading + sorted(set(united.names) - set(leading))
    fields = [united.field(name) for name in names]
    return pa.schema([field.with_type(text[field.name]) if field.name in text else field for field in fields])


def sorted_by_row(table: pa.Table) -> pa.Table:
    """Return a table in order of its column `row`; rows of one run keep their order."""
    rows: npt.NDArray[np.int32] = table["row"].to_numpy()
    if np.all(rows[1:] >= rows[:-1]):
        return table
    return table.take(np.argsort(rows, kind="stable"))
