"""Arrow arrays straight from the bytes of NumPy arrays and texts.

`pa.array` would import pandas, which costs a fresh process more than all else that writing a small table takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["numbers", "strings", "text_type", "texts"]


def text_type() -> pa.DataType:
    """Return the type of a column of texts that repeat: int32 codes into a dictionary of strings."""
    import pyarrow as pa

    return pa.dictionary(pa.int32(), pa.string())


def numbers(values: Any, kind: pa.DataType, valid: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Return a column of numbers, dates or instants.

    Parameters
    ----------
    values : array_like[n]
        Numbers; datetime64[D] for dates, milliseconds since 1970 for instants.
    kind : pyarrow.DataType
        Any numeric type but bool; date32 or timestamp.
    valid : bool[n], optional
        False where the value is null; all are valid when absent.

    Returns
    -------
    pyarrow.Array
    """
    import pyarrow as pa

    raw = _raw(values, kind)
    return pa.Array.from_buffers(kind, len(raw), [_bits(valid), pa.py_buffer(raw)])


def strings(values: Sequence[str]) -> pa.Array:
    """Return a column of texts."""
    import pyarrow as pa

    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *(len(item) for item in encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def texts(codes: npt.ArrayLike, names: Sequence[str], valid: npt.NDArray[np.bool_] | None = None) -> pa.DictionaryArray:
    """Return a column of texts that repeat.

    Parameters
    ----------
    codes : int[n]
        Number of the name of each row.
    names : sequence of str
        The dictionary.
    valid : bool[n], optional
        As in `numbers`.

    Returns
    -------
    pyarrow.DictionaryArray
    """
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(codes, pa.int32(), valid), strings(names))


def _raw(values: Any, kind: pa.DataType) -> npt.NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_date32(kind):
        return np.ascontiguousarray(values, "datetime64[D]").astype(np.int64).astype(np.int32)
    dtype = np.dtype(np.int64) if pa.types.is_timestamp(kind) else np.dtype(kind.to_pandas_dtype())
    return np.ascontiguousarray(values, dtype)


def _bits(valid: npt.NDArray[np.bool_] | None) -> pa.Buffer | None:
    import pyarrow as pa

    if valid is None or valid.all():
        return None
    return pa.py_buffer(np.packbits(valid, bitorder="little"))
