"""Pools of two assets against C and plain Python on the same orders; all must agree first."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.c_twin import BUILDS, compiler
from bench.clock import best_of, interleaved
from bench.finding import Finding, at_least, at_most
from bench.market_twins import build_library
from catallaxy.numba_kernels import constant_product, pool_state, weighted_pool

__all__ = ["FLOWS", "CPool", "pool_library", "pool_ratios", "pool_row", "weighted_row"]

Ints = npt.NDArray[np.int64]

#: Where the fee is taken, median order in micro-dollars or base units, spread of its logarithm, and the reserves.
FLOWS: dict[str, tuple[int, float, float, tuple[int, int]]] = {
    "fee in": (pool_state.FEE_IN, 1e10, 2.0, (10**15, 2 * 10**15)),
    "fee out": (pool_state.FEE_OUT, 1e10, 2.0, (10**15, 2 * 10**15)),
    "dust": (pool_state.FEE_IN, 30.0, 1.0, (10**12, 10**13)),
}
_FEE = 0.003
_PYTHON_ORDERS = 50_000


class Batch:
    """Orders for one pool, and room for what becomes of them.

    Parameters
    ----------
    orders : int64[n]
    reserves : tuple of int
        Base units and micro-dollars.
    """

    def __init__(self, orders: Ints, reserves: tuple[int, int]) -> None:
        self.orders, self._opening = orders, np.array([*reserves, 0], np.int64)
        self.least, self.received = np.zeros(orders.size, np.int64), np.zeros(orders.size, np.int64)
        self.reasons = np.zeros(orders.size, np.int8)
        self.pool, self.totals = self._opening.copy(), np.zeros(4, np.int64)

    def open(self) -> Ints:
        """Return the pool with its opening reserves."""
        self.pool[:] = self._opening
        return self.pool

    def outcome(self) -> tuple[bytes, ...]:
        """Return fills, reasons, reserves and totals."""
        return tuple(array.tobytes() for array in (self.received, self.reasons, self.pool, self.totals))


class CPool:
    """The pool of the C twin.

    Parameters
    ----------
    library : ctypes.CDLL
        `constant_product`.
    batch : Batch
    fee_on : int
    """

    def __init__(self, library: ctypes.CDLL, batch: Batch, fee_on: int) -> None:
        self._swap, self._batch = library.swap_batch, batch
        before, after = (batch.orders, batch.least), (batch.received, batch.reasons, batch.totals)
        self._arguments = (
            ctypes.c_void_p(batch.pool.ctypes.data),
            ctypes.c_double(_FEE),
            ctypes.c_int64(fee_on),
            *(ctypes.c_void_p(array.ctypes.data) for array in before),
            ctypes.c_int64(batch.orders.size),
            *(ctypes.c_void_p(array.ctypes.data) for array in after),
        )

    def run(self) -> None:
        """Carry out the batch."""
        self._batch.open()
        self._swap(*self._arguments)


def pool_library(folder: Path) -> ctypes.CDLL:
    """Compile the C twin as strictly as the kernels; see `build_library`."""
    return build_library("constant_product", folder, *BUILDS["strict"])


def _orders(n: int, median: float, spread: float) -> Ints:
    random = np.random.default_rng(1)
    size = np.exp(np.log(median) + spread * random.standard_normal(n)).astype(np.int64)
    return (random.integers(0, 2, n) * 2 - 1) * size


def _run_python(orders: list[int], tokens: int, usd: int, fee_on: int) -> list[int]:
    keep_in, keep_out = (1.0 - _FEE, 1.0) if fee_on == pool_state.FEE_IN else (1.0, 1.0 - _FEE)
    keep_out *= 1.0 - 2.0**-48
    received = []
    for order in orders:
        kept = abs(order) * keep_in
        x, y = (usd, tokens) if order > 0 else (tokens, usd)
        out = int(keep_out * kept * y / (x + kept))
        received.append(out)
        if out < 1:
            continue
        if order > 0:
            usd, tokens = usd + order, tokens - out
        else:
            usd, tokens = usd - out, tokens - order
    return received


def pool_row(flow: str, library: ctypes.CDLL | None, n: int, turns: int) -> dict[str, Any]:
    """Measure n swaps of one flow; raise AssertionError when the twins disagree."""
    fee_on, median, spread, reserves = FLOWS[flow]
    ours, theirs = (Batch(_orders(n, median, spread), reserves) for _ in range(2))

    def kernel() -> None:
        pool = ours.open()
        ours.totals[:] = constant_product.swap_batch(
            pool, _FEE, fee_on, ours.orders, ours.least, ours.received, ours.reasons
        )

    kernel()
    rivals = {"kernel": kernel}
    if library is not None:
        twin = CPool(library, theirs, fee_on)
        twin.run()
        if ours.outcome() != theirs.outcome():
            raise AssertionError(f"{flow}: the pool in C disagrees")
        rivals["C"] = twin.run
    best = interleaved(rivals, turns)
    row = {"flow": flow, "swaps": n, "refused, %": float(np.mean(ours.received < 1)) * 100.0}
    row |= {"kernel, ns": best["kernel"] / n * 1e9, "M/s": n / best["kernel"] / 1e6}
    if library is not None:
        row |= {"C, ns": best["C"] / n * 1e9, "kernel / C": best["kernel"] / best["C"]}
    orders = ours.orders[:_PYTHON_ORDERS].tolist()
    if _run_python(orders, *reserves, fee_on) != ours.received[:_PYTHON_ORDERS].tolist():
        raise AssertionError(f"{flow}: the pool in Python disagrees")
    python = best_of(lambda: _run_python(orders, *reserves, fee_on), 3) / len(orders)
    return row | {"Python, ns": python * 1e9, "Python / kernel": python / best["kernel"] * n}


def weighted_row(n: int, turns: int) -> dict[str, Any]:
    """Measure n swaps in a pool of which tokens are 80 % of the value."""
    batch = Batch(_orders(n, 1e10, 2.0), (10**15, 2 * 10**15))

    def kernel() -> None:
        weighted_pool.swap_batch(
            batch.open(), 0.8, _FEE, pool_state.FEE_IN, batch.orders, batch.least, batch.received, batch.reasons
        )

    kernel()
    best = best_of(kernel, turns)
    return {"flow": "weighted, 80/20", "swaps": n, "kernel, ns": best / n * 1e9, "M/s": n / best / 1e6}


def pool_ratios(quick: bool) -> Finding:
    """Measure swaps in pools of two assets.

    Parameters
    ----------
    quick : bool
        Fewer swaps and turns.

    Returns
    -------
    Finding
    """
    n, turns = (100_000, 10) if quick else (400_000, 30)
    library, notes = None, ["fills, reasons, reserves and totals equal those of C; fills equal those of plain Python"]
    with tempfile.TemporaryDirectory() as folder:
        try:
            library = pool_library(Path(folder)) if compiler() else None
        except subprocess.CalledProcessError as error:
            notes.append(f"the C compiler refuses: {error.stderr}")
        rows = [pool_row(flow, library, n, turns) for flow in FLOWS]
    targets = [
        at_least("M swaps/s, worst flow", min(row["M/s"] for row in rows), 50.0),
        at_least("plain Python over kernel, worst flow", min(row["Python / kernel"] for row in rows), 20.0),
    ]
    if library is not None:
        targets.append(at_most("kernel over C, worst flow", max(row["kernel / C"] for row in rows), 1.5))
    else:
        notes.append("C twin skipped: no C compiler (cc, gcc or clang) on PATH, or it failed")
    return Finding("Pools of two assets, one core", [*rows, weighted_row(n, turns)], targets, notes)
