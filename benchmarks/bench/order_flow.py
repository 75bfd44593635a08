"""Orders of traders without intelligence, as one array of messages: what the book and the auction are measured on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catallaxy.numba_kernels import order_book, order_book_state, order_columns as columns

__all__ = ["AUCTIONS", "BOOKS", "PEERS", "BookFlow", "auction_orders"]

IntMatrix = npt.NDArray[np.int64]

#: Orders and ticks of the auctions.
AUCTIONS = ((100, 65_536), (1_000, 4_096), (1_000, 65_536), (10_000, 1_024), (10_000, 65_536), (100_000, 4_096),
            (1_000_000, 4_096))  # fmt: skip
_CHUNK = 256
_EXPIRES = 100


@dataclass(frozen=True)
class BookFlow:
    """Limit orders, market orders (10 %), modifications and as many cancellations as keep the book level.

    The first orders, for an empty book, are limit orders.

    Attributes
    ----------
    name : str
    ticks : int
    live : int
        Orders that rest, about.
    agents : int
    width : int
        Limits lie up to this many ticks behind the middle of the band, or up to a tenth of it beyond.
    rule : int
        What happens when an agent's order meets one of its own.
    modifying : float
        Share of modifications.
    """

    name: str
    ticks: int
    live: int
    agents: int
    width: int
    rule: int = columns.CANCEL_RESTING
    modifying: float = 0.02

    def open(self) -> order_book_state.Book:
        """Return an empty book with room for the flow."""
        return order_book_state.open_book(*self.sizes())

    def sizes(self) -> tuple[int, int, int, int, int]:
        """Return ticks, room, agents, horizon and self-trade rule."""
        return self.ticks, 4 * self.live + 1_024, self.agents, 1_024, self.rule

    def messages(self, n: int, seed: int = 1) -> IntMatrix:
        """Draw n messages; what they cancel and modify was resting shortly before, in a book that got the same."""
        random, book = np.random.default_rng(seed), self.open()
        messages = np.zeros((n, columns.COLUMNS), np.int64)
        reports = np.zeros((_CHUNK, columns.REPORT_COLUMNS), np.int64)
        trades, removed = np.zeros((64 * _CHUNK, 8), np.int64), np.zeros((64 * _CHUNK, 8), np.int64)
        for first in range(0, n, _CHUNK):
            chunk = messages[first : first + _CHUNK]
            self._draw(random, book, chunk)
            order_book.submit(book, chunk, 0, reports[: len(chunk)], trades, removed)
        return messages

    def _draw(self, random: np.random.Generator, book: order_book_state.Book, chunk: IntMatrix) -> None:
        n, resting = len(chunk), np.flatnonzero(book.orders[:, columns.ORDER])
        cancelling = float(np.clip(0.45 + 0.4 * (len(resting) / self.live - 1.0), 0.0, 0.85)) if len(resting) else 0.0
        u = random.random(n)
        kind = np.where((u < cancelling + 0.1) & (len(resting) > 0), columns.MARKET, columns.LIMIT)
        kind[u < cancelling] = columns.CANCEL
        kind[(u > 1.0 - self.modifying) & (len(resting) > 0)] = columns.MODIFY
        side = random.integers(0, 2, n) * 2 - 1
        away = random.integers(-self.width // 10, self.width, n)
        chunk[:, columns.KIND], chunk[:, columns.SIDE] = kind, side
        chunk[:, columns.TICK] = np.clip(self.ticks // 2 - side * away, 0, self.ticks - 1)
        chunk[:, columns.LOTS] = random.integers(1, 100, n)
        chunk[:, columns.AGENT] = random.integers(0, self.agents, n)
        chunk[:, columns.EXPIRY] = np.where(random.random(n) < 0.3, _EXPIRES, 0)
        if len(resting):
            chosen, about = random.choice(resting, n), (kind == columns.CANCEL) | (kind == columns.MODIFY)
            for column in (columns.ORDER, columns.AGENT):
                chunk[about, column] = book.orders[chosen, column][about]


BOOKS = (
    BookFlow("dense, 1,000 resting", 4_096, 1_000, 1_000, 60),
    BookFlow("dense, 20,000 resting", 4_096, 20_000, 10_000, 200),
    BookFlow("sparse, 65,536 ticks", 65_536, 1_000, 1_000, 3_000),
)
#: What every engine understands: limit and market orders and cancellations, and whoever meets his own order trades.
PEERS = BookFlow("limit, market, cancel; 1,000 resting", 4_096, 1_000, 1_000, 60, columns.ALLOW, 0.0)


def auction_orders(n: int, ticks: int, seed: int = 1) -> IntMatrix:
    """Draw n orders around the middle of a band, one in twenty at the market."""
    random = np.random.default_rng(seed)
    messages = np.zeros((n, columns.COLUMNS), np.int64)
    messages[:, columns.KIND] = np.where(random.random(n) < 0.05, columns.MARKET, columns.LIMIT)
    messages[:, columns.SIDE] = random.integers(0, 2, n) * 2 - 1
    messages[:, columns.TICK] = np.clip(random.normal(ticks / 2, ticks / 10, n), 0, ticks - 1)
    messages[:, columns.LOTS] = random.integers(1, 100, n)
    messages[:, columns.AGENT] = random.integers(0, n, n)
    return messages
