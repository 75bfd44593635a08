"""The order book and the call auction in C, called through ctypes, and the auction in plain NumPy."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.c_twin import compiler
from catallaxy.numba_kernels import order_columns as columns

__all__ = ["CAuction", "CBook", "build_library", "clear_with_numpy"]

IntMatrix = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int64]
Terms = tuple[int, int, int, int]

_SOURCES = Path(__file__).resolve().parents[1] / "c"


def build_library(name: str, folder: Path, *flags: str) -> ctypes.CDLL:
    """Compile `c/NAME.c` with the system's compiler, -O3 -march=native and further flags, and load it.

    Raises
    ------
    FileNotFoundError
        When there is no compiler.
    """
    command = compiler()
    if command is None:
        raise FileNotFoundError("no C compiler: neither cc, gcc nor clang is on PATH")
    library = folder / f"{name}.so"
    own = ["-O3", "-march=native", "-fPIC", "-shared", "-o", str(library), str(_SOURCES / f"{name}.c")]
    subprocess.run([command, *flags, *own], check=True, capture_output=True, text=True)
    return ctypes.CDLL(str(library))


class CBook:
    """An order book of the C twin, empty when made.

    Parameters
    ----------
    library : ctypes.CDLL
        `order_book`.
    sizes : tuple of int
        Ticks, room, agents, horizon, self-trade rule.
    """

    def __init__(self, library: ctypes.CDLL, sizes: tuple[int, int, int, int, int]) -> None:
        self._library = library
        library.open_book.restype = ctypes.c_void_p
        self._book = ctypes.c_void_p(library.open_book(*(ctypes.c_int64(size) for size in sizes)))

    def submit(self, messages: IntMatrix, reports: IntMatrix, trades: IntMatrix, removed: IntMatrix) -> tuple[int, int]:
        """Carry out messages; the buffers must be large enough. Return trades and removals."""
        counts = np.zeros(2, np.int64)
        arrays = (ctypes.c_void_p(array.ctypes.data) for array in (reports, trades, removed, counts))
        self._library.submit(self._book, ctypes.c_void_p(messages.ctypes.data), ctypes.c_int64(len(messages)), *arrays)
        return int(counts[0]), int(counts[1])

    def settle(self, trades: IntMatrix, n_trades: int, terms: Terms, cash: Ints, tokens: Ints) -> int:
        """Settle trades at terms (origin, value of a tick, lot size, fee); return the fees."""
        self._library.settle.restype = ctypes.c_int64
        numbers = (ctypes.c_int64(number) for number in (n_trades, *terms))
        accounts = (ctypes.c_void_p(array.ctypes.data) for array in (cash, tokens))
        return int(self._library.settle(ctypes.c_void_p(trades.ctypes.data), *numbers, *accounts))

    def close(self) -> None:
        """Give the memory back."""
        self._library.close_book(self._book)


class _Auction(ctypes.Structure):
    _fields_ = (
        ("ticks", ctypes.c_int64),
        ("bins", ctypes.c_void_p),
        ("words", ctypes.c_void_p),
        ("summary", ctypes.c_void_p),
    )


class CAuction:
    """The call auction of the C twin, with time priority at the margin.

    Parameters
    ----------
    library : ctypes.CDLL
        `call_auction`.
    ticks : int
    """

    def __init__(self, library: ctypes.CDLL, ticks: int) -> None:
        self._clear = library.clear
        n_words = (ticks + 65) // 64
        self._arrays = np.zeros(2 * (ticks + 2), np.int64), np.zeros(n_words, np.uint64), np.zeros(n_words, np.uint64)
        self._auction = _Auction(ticks, *(array.ctypes.data for array in self._arrays))
        self.outcome = np.zeros(3, np.int64)

    def clear(self, messages: IntMatrix, reference: int, reports: IntMatrix) -> None:
        """Clear one auction; tick, volume and surplus are in `outcome`."""
        self._clear(
            ctypes.byref(self._auction),
            ctypes.c_void_p(messages.ctypes.data),
            ctypes.c_int64(len(messages)),
            ctypes.c_int64(reference),
            ctypes.c_void_p(reports.ctypes.data),
            ctypes.c_void_p(self.outcome.ctypes.data),
        )


def clear_with_numpy(messages: IntMatrix, ticks: int, reference: int) -> tuple[int, int, int, Ints]:
    """Clear an auction, time priority at the margin, by sorting both sides; return tick, volume, surplus and fills."""
    market = messages[:, columns.KIND] == columns.MARKET
    buys = messages[:, columns.SIDE] == columns.BUY
    limit = np.where(market, np.where(buys, ticks, -1), messages[:, columns.TICK])
    bids, offers = np.flatnonzero(buys), np.flatnonzero(~buys)
    bids = bids[np.argsort(-limit[bids], kind="stable")]
    offers = offers[np.argsort(limit[offers], kind="stable")]
    bid = np.cumsum(messages[bids, columns.LOTS])
    offered = np.cumsum(messages[offers, columns.LOTS])
    every = np.arange(ticks)
    n_bids = np.searchsorted(-limit[bids], -every, side="right")
    n_offers = np.searchsorted(limit[offers], every, side="right")
    demand, supply = np.append(0, bid)[n_bids], np.append(0, offered)[n_offers]
    traded, surplus = np.minimum(demand, supply), demand - supply
    best = np.flatnonzero(traded == traded.max())
    best = best[np.abs(surplus[best]) == np.abs(surplus[best]).min()]
    tick = int(best[np.argmin(np.abs(best - reference))])
    fills, volume = np.zeros(len(messages), np.int64), int(traded[tick])
    for side, total in ((bids, bid), (offers, offered)):
        lots = messages[side, columns.LOTS]
        fills[side] = np.clip(volume - (total - lots), 0, lots)
    return tick, volume, int(surplus[tick]), fills
