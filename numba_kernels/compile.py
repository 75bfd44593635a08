"""The one place that decides how kernels are compiled.

Strict IEEE arithmetic without `fastmath` or contraction, so that one hash comes out on every instruction set;
`error_model="numpy"`, because the Python model's ZeroDivision branch stops LLVM from vectorising; `nogil`, so that
chunks of one population can run on several threads; `cache`, keyed as `catallaxy.numba_kernels` explains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit

from catallaxy.numba_kernels import prepare_cache

__all__ = ["BLOCK", "CHUNK", "U64", "Flags", "Floats", "IntMatrix", "Ints", "Matrix", "helper", "kernel"]

U64: TypeAlias = np.uint64
Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.int8]
#: Two-dimensional, C-contiguous.
Matrix: TypeAlias = npt.NDArray[np.float64]
#: Two-dimensional, C-contiguous.
IntMatrix: TypeAlias = npt.NDArray[np.int64]

#: Agents per block: the scratch arrays of a hot loop stay in the first-level cache. Part of the results format.
BLOCK = 256
#: Agents per chunk, the unit of work handed to a thread. Part of the results format.
CHUNK = 4096

F = TypeVar("F", bound=Callable[..., Any])

prepare_cache()


def kernel(function: F) -> F:
    """Compile a function that Python calls once per phase."""
    compiled: F = njit(error_model="numpy", nogil=True, cache=True)(function)
    return compiled


def helper(function: F) -> F:
    """Compile a function that is inlined into kernels; it must neither allocate nor return an array.

    Without reference counting: Numba would count the arrays that a helper takes, atomically, on every call, which made
    the order book seven times slower. The kernel that calls it holds the references.
    """
    compiled: F = njit(error_model="numpy", nogil=True, cache=True, forceinline=True, _nrt=False)(function)
    return compiled
