"""Concentrated liquidity against C, bit for bit, and against plain Python."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.c_twin import compiler
from bench.clock import best_of
from bench.finding import Finding, at_least, at_most
from bench.market_twins import build_library
from bench.python_pool import PythonPool
from catallaxy.numba_kernels import (
    concentrated_positions as positions,
    concentrated_state as layout,
    concentrated_swap,
    order_columns,
)
from catallaxy.sim.markets.tick_prices import sqrt_prices

__all__ = ["FLOWS", "SwapFlow", "build_concentrated", "concentrated_ratios", "swap_row"]

IntMatrix = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FEE = 3_000
_SPACING = 60
_PYTHON_SWAPS = 20_000
_NO_COMPILER = "C twin skipped: no C compiler (cc, gcc or clang) on PATH, or it failed"


@dataclass(frozen=True)
class SwapFlow:
    """Swaps of uniform size both ways, which mostly lead back to a price of one.

    Attributes
    ----------
    name : str
    positions : int
        Ranges around a price of one, besides one over all prices.
    size : int
        Largest swap.
    """

    name: str
    positions: int
    size: int

    def open(self) -> layout.ConcentratedPool:
        """Return the pool before the first swap."""
        random = np.random.default_rng(7)
        roots = sqrt_prices(-600 * _SPACING, 1_201, _SPACING)
        pool = layout.open_pool(roots, 1.0, _FEE, 0, self.positions + 1)
        ranges = [(0, 1_200, 10**12)]
        for _ in range(self.positions):
            lower = 600 + int(random.integers(-40, 40))
            ranges.append((lower, lower + int(random.integers(1, 40)), int(random.integers(10**11, 10**13))))
        for lower, upper, liquidity in ranges:
            _, position = positions.open_position(pool, lower, upper)
            positions.add_liquidity(pool, position, liquidity)
        return pool

    def swaps(self, n: int) -> tuple[IntMatrix, Floats]:
        """Draw n swaps; return them and their limits, which do not bind."""
        random, pool = np.random.default_rng(1), self.open()
        swaps = np.zeros((n, 2), np.int64)
        swaps[:, concentrated_swap.AMOUNT] = random.integers(1, self.size, n)
        contrary = random.random(n) < 0.3
        for row in range(n):
            side = order_columns.SELL if pool.root[0] > 1.0 else order_columns.BUY
            swaps[row, concentrated_swap.SIDE] = -side if contrary[row] else side
            limit = np.inf if swaps[row, concentrated_swap.SIDE] == order_columns.BUY else 0.0
            concentrated_swap.swap(pool, int(swaps[row, 0]), int(swaps[row, 1]), limit)
        return swaps, np.where(swaps[:, concentrated_swap.SIDE] == order_columns.BUY, np.inf, 0.0)


FLOWS = (
    SwapFlow("inside one range", 0, 10**8),
    SwapFlow("60 ranges, small swaps", 60, 10**10),
    SwapFlow("60 ranges, middling", 60, 3 * 10**11),
    SwapFlow("60 ranges, large", 60, 10**12),
)


class _Pool(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("roots", "net", "outside", "words", "summary", "root", "state")),
        *((name, ctypes.c_int64) for name in ("ticks", "n_words", "n_summary")),
    )


def build_concentrated(folder: Path) -> ctypes.CDLL | None:
    """Return the C twin, without fused multiplications so that it rounds as the kernel does; None without compiler."""
    if compiler() is None:
        return None
    try:
        return build_library("concentrated", folder, "-ffp-contract=off", "-fno-math-errno")
    except subprocess.CalledProcessError:
        return None


def _swap_in_c(
    library: ctypes.CDLL, pool: layout.ConcentratedPool, swaps: IntMatrix, limits: Floats, fills: IntMatrix
) -> None:
    arrays = (pool.roots, pool.net, pool.outside, pool.words, pool.summary, pool.root, pool.state)
    twin = _Pool(*(array.ctypes.data for array in arrays), pool.roots.size, pool.words.size, pool.summary.size)
    asked, bounds, answers = (ctypes.c_void_p(array.ctypes.data) for array in (swaps, limits, fills))
    library.swap_batch(ctypes.byref(twin), asked, bounds, ctypes.c_int64(len(swaps)), answers)


def _python_pool(pool: layout.ConcentratedPool) -> PythonPool:
    net = {float(pool.roots[k]): int(pool.net[k]) for k in np.flatnonzero(pool.gross)}
    return PythonPool(float(pool.root[0]), _FEE / 1e6, net)


def _run_python(pool: PythonPool, swaps: list[tuple[int, float]]) -> list[float]:
    return [pool.swap(side, amount) for side, amount in swaps]


def swap_row(flow: SwapFlow, library: ctypes.CDLL | None, n: int, turns: int) -> dict[str, Any]:
    """Measure n swaps of one flow; raise AssertionError when the twins disagree."""
    swaps, limits = flow.swaps(n)
    fills, c_fills = np.zeros((n, 3), np.int64), np.zeros((n, 3), np.int64)
    best, c_best = float("inf"), float("inf")
    for _ in range(turns):
        pool, twin = flow.open(), flow.open()
        best = min(best, best_of(partial(concentrated_swap.swap_batch, pool, swaps, limits, fills), 1))
        if library is not None:
            c_best = min(c_best, best_of(partial(_swap_in_c, library, twin, swaps, limits, c_fills), 1))
    if library is not None:
        same = np.array_equal(fills, c_fills) and all(np.array_equal(a, b) for a, b in zip(pool, twin, strict=True))
        assert same, "the pool in C ends elsewhere"
    rows = [(int(side), float(amount)) for side, amount in swaps[:_PYTHON_SWAPS]]
    python = best_of(lambda: _run_python(_python_pool(flow.open()), rows), 2) / len(rows)
    reference = _python_pool(flow.open())
    received = fills[: len(rows), concentrated_swap.RECEIVED]
    np.testing.assert_allclose(received, _run_python(reference, rows), rtol=1e-6, atol=50.0)
    row = {"flow": flow.name, "crossed, a swap": reference.crossed / len(rows), "kernel, ns": best / n * 1e9}
    row["M/s"] = n / best / 1e6
    if library is not None:
        row |= {"C, ns": c_best / n * 1e9, "kernel / C": best / c_best}
    return row | {"Python, ns": python * 1e9, "Python / kernel": python / (best / n)}


def concentrated_ratios(quick: bool) -> Finding:
    """Measure swaps with fees, in pools with and without ticks to cross.

    Parameters
    ----------
    quick : bool
        Fewer swaps and turns.

    Returns
    -------
    Finding
    """
    n, turns = (50_000, 5) if quick else (200_000, 15)
    with tempfile.TemporaryDirectory() as folder:
        library = build_concentrated(Path(folder))
        rows = [swap_row(flow, library, n, turns) for flow in FLOWS]
    usual = [row for row in rows if row["crossed, a swap"] < 1.0]
    targets = [
        at_least("M swaps/s, below one crossing a swap", min(row["M/s"] for row in usual), 20.0),
    ]
    if library is not None:
        targets.append(at_most("kernel over C, worst flow", max(row["kernel / C"] for row in rows), 1.5))
    notes = [
        "fills and the pool equal those of C to the last bit, and those of plain Python to 1e-6",
        "plain Python reckons in floats, without integers, fees by position or rounding against the trader",
    ]
    return Finding("Concentrated liquidity, one core", rows, targets, notes if library is not None else [_NO_COMPILER])
