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
from bench.clock import best_of, cpu_seconds
from bench.finding import Finding, at_least, at_most
from bench.market_twins import CAuction, CBook, build_library, clear_with_numpy
from bench.order_flow import AUCTIONS, BOOKS, BookFlow, auction_orders
from bench.python_book import PythonBook
from catallaxy.numba_kernels import call_auction, order_book, order_columns as columns, settlement
from catallaxy.numba_kernels.order_book_state import SLOT_BITS

__all__ = ["auction_ratios", "auction_row", "book_ratios", "book_row", "library_or_none"]

IntMatrix = npt.NDArray[np.int64]

_PYTHON_MESSAGES = 50_000
#: Price of tick 0 (ticks), value of a tick (micro-USD per lot), lot (base units), taker's fee (millionths).
_TERMS = (10_000, 100, 1_000_000, 3_000)
_NO_COMPILER = "C twin skipped: no C compiler (cc, gcc or clang) on PATH, or it failed"


def library_or_none(name: str, folder: str) -> ctypes.CDLL | None:
    """Return a C twin, or None where it cannot be built."""
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


def _run_python(messages: list[tuple[int, ...]], allows_own: bool) -> PythonBook:
    book = PythonBook(allows_own)
    for message in messages:
        book.submit(message, message[columns.ORDER] >> SLOT_BITS)
    return book


class _Turns:
    """An engine that carries out one flow again and again: an empty book, one batch, then its trades' settlement."""

    def __init__(self, flow: BookFlow, messages: IntMatrix) -> None:
        self.flow, self.messages, self.buffers = flow, messages, _buffers(len(messages))
        self.cash, self.tokens = np.zeros(flow.agents, np.int64), np.zeros(flow.agents, np.int64)
        self.n_trades = self.n_removed = 0
        self.seconds = self.seconds_settled = float("inf")

    def take(self) -> None:
        """Take one turn and keep the best times."""
        self.open()
        self.cash[:], self.tokens[:] = 0, 0
        matching = cpu_seconds(self.submit)
        settling = cpu_seconds(self.settle)
        self.seconds = min(self.seconds, matching)
        self.seconds_settled = min(self.seconds_settled, matching + settling)

    def open(self) -> None:
        self.book: Any = self.flow.open()

    def submit(self) -> None:
        done, self.n_trades, self.n_removed = order_book.submit(self.book, self.messages, 0, *self.buffers)
        assert done == len(self.messages)

    def settle(self) -> None:
        settlement.settle(self.buffers[1], self.n_trades, *_TERMS, self.cash, self.tokens)


class _TurnsInC(_Turns):
    """The same in C."""

    def __init__(self, flow: BookFlow, messages: IntMatrix, library: ctypes.CDLL) -> None:
        super().__init__(flow, messages)
        self.library, self.book = library, CBook(library, flow.sizes())

    def open(self) -> None:
        self.book.close()
        self.book = CBook(self.library, self.flow.sizes())

    def submit(self) -> None:
        self.n_trades, self.n_removed = self.book.submit(self.messages, *self.buffers)

    def settle(self) -> None:
        self.book.settle(self.buffers[1], self.n_trades, _TERMS, self.cash, self.tokens)


def _check_twins(ours: _Turns, theirs: _Turns) -> None:
    for what, rows, i in (("reports", None, 0), ("trades", ours.n_trades, 1), ("removals", ours.n_removed, 2)):
        _check_equal(f"{what} of the book in C", ours.buffers[i][:rows], theirs.buffers[i][:rows])
    _check_equal("cash after the book in C", ours.cash, theirs.cash)
    _check_equal("tokens after the book in C", ours.tokens, theirs.tokens)


def _against_python(ours: _Turns) -> float:
    """Return the seconds per message of plain Python, whose trades must be those of the kernel."""
    rows, allows_own = [tuple(m) for m in ours.messages[:_PYTHON_MESSAGES].tolist()], ours.flow.rule == columns.ALLOW
    expected = np.array(_run_python(rows, allows_own).trades, np.int64).reshape(-1, 7)
    trades = ours.buffers[1][: len(expected), 1:].copy()
    trades[:, [5, 6]] >>= SLOT_BITS
    _check_equal("trades of the book in Python", trades, expected)
    return best_of(lambda: _run_python(rows, allows_own), 2) / len(rows)


def book_row(flow: BookFlow, library: ctypes.CDLL | None, n: int, turns: int) -> dict[str, Any]:
    """Measure n messages of one flow; raise AssertionError when the twins disagree."""
    messages = flow.messages(n)
    ours = _Turns(flow, messages)
    theirs = None if library is None else _TurnsInC(flow, messages, library)
    for _ in range(turns):
        ours.take()
        if theirs is not None:
            theirs.take()
    settled = ours.seconds_settled
    row = {"flow": flow.name, "messages": n, "trades": ours.n_trades, "kernel, ns": ours.seconds / n * 1e9}
    row |= {"M/s": n / ours.seconds / 1e6, "settled, ns": settled / n * 1e9, "settled, M/s": n / settled / 1e6}
    if theirs is not None:
        _check_twins(ours, theirs)
        row |= {"C, ns": theirs.seconds / n * 1e9, "C settled, ns": theirs.seconds_settled / n * 1e9}
        row |= {"kernel / C": ours.seconds / theirs.seconds, "settled kernel / C": settled / theirs.seconds_settled}
    python = _against_python(ours)
    return row | {"Python, ns": python * 1e9, "Python / kernel": python / (ours.seconds / n)}


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
        library = library_or_none("order_book", folder)
        rows = [book_row(flow, library, n, turns) for flow in BOOKS]
    targets = [
        at_least("M messages/s settled, dense book", rows[0]["settled, M/s"], 30.0),
        at_least("plain Python over kernel, dense book", rows[0]["Python / kernel"], 25.0),
    ]
    if library is not None:
        targets.append(at_most("kernel over C, worst flow", max(row["settled kernel / C"] for row in rows), 1.5))
    notes = ["reports, trades, removals and balances equal those of C; trades equal those of plain Python"]
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
        library = library_or_none("call_auction", folder)
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
