"""The order book and the call auction against C, Python and NumPy on the same messages; all must agree first."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.c_twin import compiler
from bench.clock import best_of
from bench.finding import Finding, at_least, at_most
from bench.market_twins import CAuction, CBook, build_library, clear_with_numpy
from bench.order_flow import AUCTIONS, BOOKS, BookFlow, auction_orders
from bench.python_book import PythonBook
from catallaxy.numba_kernels import call_auction, order_book, order_columns as columns
from catallaxy.numba_kernels.order_book_state import SLOT_BITS

__all__ = ["auction_ratios", "auction_row", "book_ratios", "book_row"]

IntMatrix = npt.NDArray[np.int64]

_PYTHON_MESSAGES = 50_000
_NO_COMPILER = "C twin skipped: no C compiler (cc, gcc or clang) on PATH, or it failed"


def _library(name: str, folder: str) -> ctypes.CDLL | None:
    if compiler() is None:
        return None
    try:
        return build_library(name, Path(folder))
    except subprocess.CalledProcessError:
        return None


def _buffers(n: int) -> tuple[IntMatrix, IntMatrix, IntMatrix]:
    sizes = ((n, columns.REPORT_COLUMNS), (3 * n, columns.COLUMNS), (3 * n, columns.COLUMNS))
    reports, trades, removed = (np.zeros(size, np.int64) for size in sizes)
    return reports, trades, removed


def _check_equal(what: str, ours: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> None:
    if not np.array_equal(ours, theirs):
        raise AssertionError(f"{what}: the twins disagree")


def _run_python(messages: list[tuple[int, ...]]) -> PythonBook:
    book = PythonBook()
    for message in messages:
        book.submit(message, message[columns.ORDER] >> SLOT_BITS)
    return book


def book_row(flow: BookFlow, library: ctypes.CDLL | None, n: int, turns: int) -> dict[str, Any]:
    """Measure n messages of one flow; raise AssertionError when the twins disagree."""
    messages = flow.messages(n)
    ours, theirs = _buffers(n), _buffers(n)
    books: list[Any] = []

    def kernel() -> None:
        done = order_book.submit(books.pop(), messages, 0, *ours)
        books.append(done)

    def c() -> None:
        books[0].submit(messages, *theirs)

    best, c_best = float("inf"), float("inf")
    for _ in range(turns):
        books[:] = [flow.open()]
        best = min(best, best_of(kernel, 1))
        done, n_trades, n_removed = books[0]
        if library is not None:
            books[:] = [CBook(library, flow.sizes())]
            c_best = min(c_best, best_of(c, 1))
            books[0].close()
    assert done == n
    if library is not None:
        _check_equal("reports of the book in C", ours[0], theirs[0])
        _check_equal("trades of the book in C", ours[1][:n_trades], theirs[1][:n_trades])
        _check_equal("removals of the book in C", ours[2][:n_removed], theirs[2][:n_removed])
    row = {"flow": flow.name, "messages": n, "trades": n_trades, "kernel, ns": best / n * 1e9, "M/s": n / best / 1e6}
    if library is not None:
        row |= {"C, ns": c_best / n * 1e9, "kernel / C": best / c_best}
    rows = [tuple(message) for message in messages[:_PYTHON_MESSAGES].tolist()]
    python = best_of(lambda: _run_python(rows), 2) / len(rows)
    expected = np.array(_run_python(rows).trades, np.int64).reshape(-1, 7)
    trades = ours[1][: len(expected), 1:].copy()
    trades[:, [5, 6]] >>= SLOT_BITS
    _check_equal("trades of the book in Python", trades, expected)
    return row | {"Python, ns": python * 1e9, "Python / kernel": python / (best / n)}


def book_ratios(quick: bool) -> Finding:
    """Measure the order book on flows of traders without intelligence.

    Parameters
    ----------
    quick : bool
        Fewer messages and turns.

    Returns
    -------
    Finding
    """
    n, turns = (100_000, 4) if quick else (400_000, 9)
    with tempfile.TemporaryDirectory() as folder:
        library = _library("order_book", folder)
        rows = [book_row(flow, library, n, turns) for flow in BOOKS]
    targets = [
        at_least("M messages/s, dense book", rows[0]["M/s"], 30.0),
        at_least("plain Python over kernel, dense book", rows[0]["Python / kernel"], 25.0),
    ]
    if library is not None:
        targets.append(at_most("kernel over C, worst flow", max(row["kernel / C"] for row in rows), 1.5))
    notes = ["reports, trades and removals equal those of C; trades equal those of plain Python"]
    return Finding("Order book, one core", rows, targets, notes if library is not None else [_NO_COMPILER])


def auction_row(n: int, ticks: int, library: ctypes.CDLL | None, turns: int) -> dict[str, Any]:
    """Measure one size of auction; raise AssertionError when the twins disagree."""
    messages, reference = auction_orders(n, ticks), ticks // 2
    ours, theirs = _buffers(n)[0], _buffers(n)[0]
    auction = call_auction.open_auction(ticks, n)
    found = call_auction.clear(auction, messages, reference, call_auction.BY_TIME, ours)
    rivals: dict[str, Callable[[], object]] = {
        "kernel": partial(call_auction.clear, auction, messages, reference, call_auction.BY_TIME, ours.copy()),
        "pro rata": partial(call_auction.clear, auction, messages, reference, call_auction.PRO_RATA, ours.copy()),
        "NumPy": partial(clear_with_numpy, messages, ticks, reference),
    }
    *outcome, fills = clear_with_numpy(messages, ticks, reference)
    _check_equal("outcome of the auction in NumPy", np.array(found), np.array(outcome))
    _check_equal("fills of the auction in NumPy", ours[:, columns.FILLED], fills)
    if library is not None:
        twin = CAuction(library, ticks)
        rivals["C"] = partial(twin.clear, messages, reference, theirs)
        twin.clear(messages, reference, theirs)
        _check_equal("outcome of the auction in C", np.array(found), twin.outcome)
        _check_equal("reports of the auction in C", ours, theirs)
    best = dict.fromkeys(rivals, float("inf"))
    for _ in range(turns):
        for name, work in rivals.items():
            best[name] = min(best[name], best_of(work, 3))
    row = {"orders": n, "ticks": ticks, "kernel, ns": best["kernel"] / n * 1e9, "M/s": n / best["kernel"] / 1e6}
    row |= {"pro rata, ns": best["pro rata"] / n * 1e9, "NumPy, ns": best["NumPy"] / n * 1e9}
    row["NumPy / kernel"] = best["NumPy"] / best["kernel"]
    return row | ({"C, ns": best["C"] / n * 1e9, "kernel / C": best["kernel"] / best["C"]} if library else {})


def auction_ratios(quick: bool) -> Finding:
    """Measure the call auction.

    Parameters
    ----------
    quick : bool
        Leave out the largest size and take fewer turns.

    Returns
    -------
    Finding
    """
    sizes = AUCTIONS[:-1] if quick else AUCTIONS
    with tempfile.TemporaryDirectory() as folder:
        library = _library("call_auction", folder)
        rows = [auction_row(n, ticks, library, max(4, min(300, 10**6 // n))) for n, ticks in sizes]
    large = [row for row in rows if row["orders"] >= 10_000]
    targets = [
        at_least("M orders/s from 10,000 orders on, worst case", min(row["M/s"] for row in large), 60.0),
        at_least("NumPy over kernel from 10,000 orders on", min(row["NumPy / kernel"] for row in large), 5.0),
    ]
    if library is not None:
        targets.append(at_most("kernel over C from 10,000 orders on", max(row["kernel / C"] for row in large), 1.5))
    notes = [
        "prices and fills equal those of C and of NumPy",
        "below 10,000 orders the call from Python is a large part",
    ]
    return Finding("Call auction, one core", rows, targets, notes if library is not None else [_NO_COMPILER])
