"""Columns of Arrow tables as NumPy arrays, nulls included, without pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy.sim.results.tables import column_values

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Flags", "Floats", "floats", "is_null", "is_value"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def floats(column: pa.ChunkedArray) -> Floats:
    """Return a column of numbers as float64[n]; NaN where it is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return column_values(pc.fill_null(column.cast(pa.float64()), float("nan")))


def is_null(column: pa.ChunkedArray) -> Flags:
    """Tell where a column is null, bool[n]."""
    return _truth(column.is_null())


def is_value(column: pa.ChunkedArray, value: Any) -> Flags:
    """Tell where a column has a value, bool[n]; False where it is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    return _truth(pc.fill_null(pc.equal(plain, value), False))


def _truth(column: pa.ChunkedArray) -> Flags:
    import pyarrow as pa

    flags: Flags = floats(column.cast(pa.int8())) != 0.0
    return flags
