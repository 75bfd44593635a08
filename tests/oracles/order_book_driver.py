"""Drives the compiled order book and its slow twin with the same messages, and translates between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from catallaxy.numba_kernels import (
    order_book as book_kernels,
    order_book_state as layout,
    order_book_upkeep as upkeep,
    order_columns as columns,
)
from oracles.order_book import Answer, Message, OrderBookReference, Resting, Trade

IntMatrix = npt.NDArray[np.int64]

KINDS = {
    "limit": columns.LIMIT,
    "post only": columns.POST_ONLY,
    "modify": columns.MODIFY,
    "market": columns.MARKET,
    "ioc": columns.IOC,
    "fok": columns.FOK,
    "cancel": columns.CANCEL,
    "cancel all": columns.CANCEL_ALL,
    "nonsense": -1,
}
REASONS = {
    columns.ACCEPTED: "accepted",
    columns.MALFORMED: "malformed",
    columns.BAD_SIZE: "bad size",
    columns.OUTSIDE_BAND: "outside band",
    columns.UNKNOWN_ORDER: "unknown order",
    columns.NOT_OWNER: "not owner",
    columns.WOULD_CROSS: "would cross",
    columns.CANNOT_FILL: "cannot fill",
    columns.UNFILLED: "unfilled",
    columns.BOOK_FULL: "book full",
    columns.SELF_TRADE: "self trade",
    columns.EXPIRED: "expired",
    columns.CANCELLED: "cancelled",
    columns.MODIFIED: "modified",
}
RULES = {
    "allow": columns.ALLOW,
    "cancel resting": columns.CANCEL_RESTING,
    "cancel incoming": columns.CANCEL_INCOMING,
}
NO_SUCH_NUMBER = 7


class Pair:
    """A compiled book and its twin, told the same; every answer is compared.

    Parameters
    ----------
    ticks, room, agents : int
    rule : str
        Key of `RULES`.
    horizon : int
        Queues of expiry of the compiled book.
    """

    def __init__(self, ticks: int, room: int, agents: int, rule: str, horizon: int = 3) -> None:
        self.book = layout.open_book(ticks, room, agents, horizon, RULES[rule])
        self.twin = OrderBookReference(ticks, room, agents, rule)
        self.numbers: dict[int, int] = {0: NO_SUCH_NUMBER}
        self.rows: list[list[int]] = []
        self.reports: list[list[int]] = []
        self.trades: list[list[int]] = []
        self.removed: list[list[int]] = []
        self.n_twin_trades = self.n_twin_removed = 0

    def send(self, *messages: Message) -> list[Answer]:
        """Send messages one by one to both; return the answers."""
        return [self._send_one(message) for message in messages]

    def _send_one(self, message: Message) -> Answer:
        row = [
            KINDS[message.kind],
            message.side,
            message.tick,
            message.lots,
            message.agent,
            message.expiry,
            self.numbers.get(message.about, NO_SUCH_NUMBER),
            message.reference,
        ]
        report, trades, removed = submit_all(self.book, np.array([row], np.int64), 64, 64)
        answer = self.twin.submit(message)
        reason, filled, resting, number = report[0].tolist()
        if message.kind not in {"cancel", "modify"} and number:
            self.numbers[answer.number] = number
            assert number >> layout.SLOT_BITS == answer.number
        assert (REASONS[reason], filled, resting) == answer[:3]
        known = answer.number > 0 or message.kind in {"cancel", "modify"}
        assert number == (self.numbers.get(answer.number, NO_SUCH_NUMBER) if known else 0)
        self.rows.append(row)
        self.reports += report.tolist()
        self.trades += trades.tolist()
        self.compare_trades(trades)
        self.compare_removed(removed)
        return answer

    def expire(self, step: int) -> None:
        """Begin a step in both."""
        gone = gather_removed(lambda removed: int(upkeep.expire(self.book, step, removed)), 2)
        self.twin.expire(step)
        self.compare_removed(gone, in_order=False)

    def move_band(self, shift: int) -> None:
        """Move the band of both."""
        origin = int(self.book.state[layout.ORIGIN]) + shift
        gone = gather_removed(lambda removed: int(upkeep.move_band(self.book, origin, removed)), 2)
        assert self.book.state[layout.ORIGIN] == origin
        self.twin.move_band(shift)
        self.compare_removed(gone)

    def compare_trades(self, trades: IntMatrix) -> None:
        """Compare the trades of a message."""
        expected = self.twin.trades[self.n_twin_trades :]
        self.n_twin_trades += len(expected)
        found = [
            Trade(
                int(row[columns.SIDE]),
                int(row[columns.TICK]),
                int(row[columns.LOTS]),
                int(row[columns.AGENT]),
                int(row[columns.MAKER_AGENT]),
                int(row[columns.ORDER]) >> layout.SLOT_BITS,
                int(row[columns.MAKER]) >> layout.SLOT_BITS,
            )
            for row in trades
        ]
        assert found == expected

    def compare_removed(self, removed: IntMatrix, in_order: bool = True) -> None:
        """Compare the orders that left."""
        expected = self.twin.removed[self.n_twin_removed :]
        self.n_twin_removed += len(expected)
        self.removed += removed.tolist()
        found = [(REASONS[int(row[columns.REASON])], as_resting(row)) for row in removed]
        if not in_order:
            expected.sort(key=lambda left: left[1].number)
            found.sort(key=lambda left: left[1].number)
        assert found == expected

    def compare_books(self) -> None:
        """Compare all that rests, and check the compiled book against itself."""
        twin, state = self.twin, self.book.state
        bid, ask = twin.best(1), twin.best(-1)
        assert state[layout.BEST_BID] == (-1 if bid is None else bid)
        assert state[layout.BEST_ASK] == (twin.ticks if ask is None else ask)
        assert state[layout.BEST_BID] < state[layout.BEST_ASK]
        assert state[layout.LIVE] == len(twin.resting())
        assert resting_orders(self.book) == twin.resting()
        assert state[layout.VOLUME] == sum(trade.lots for trade in twin.trades)
        assert state[layout.TRADES] == len(twin.trades)
        for side in (columns.BUY, columns.SELL):
            levels = np.zeros((twin.ticks, 2), np.int64)
            n_levels = upkeep.depth(self.book, side, levels)
            assert [tuple(level) for level in levels[:n_levels].tolist()] == twin.depth(side)
        for agent in range(twin.agents):
            listed = np.zeros((twin.room, columns.COLUMNS), np.int64)
            n_orders = upkeep.open_orders(self.book, agent, listed)
            assert [as_resting(row) for row in listed[:n_orders]] == twin.open_of(agent)
        check_integrity(self.book)


def as_resting(row: IntMatrix) -> Resting:
    """Return a row of the compiled book as the twin writes it."""
    _, side, tick, lots, agent, expiry, number, reference = row.tolist()
    return Resting(side, tick, lots, agent, expiry, number >> layout.SLOT_BITS, reference)


def resting_orders(book: layout.Book) -> list[Resting]:
    """Return all resting orders of a compiled book, from the lowest tick up, in order of priority."""
    slots, found = book.orders.shape[0], []
    for tick in range(book.levels.size):
        slot = book.queue[2 * (slots + tick)]
        while slot < slots:
            found.append(as_resting(book.orders[slot]))
            slot = book.queue[2 * slot]
    return found


def check_integrity(book: layout.Book) -> None:
    """Check that bitmap, levels, queues and the free slots tell the same story."""
    slots = book.orders.shape[0]
    for tick in range(book.levels.size):
        lots, place = 0, slots + tick
        while book.queue[2 * place] < slots:
            after = book.queue[2 * place]
            assert book.queue[2 * after + 1] == place
            place, lots = after, lots + book.orders[after, columns.LOTS]
        assert book.queue[2 * (slots + tick) + 1] == place
        assert book.levels[tick] == lots
        assert bool(int(book.words[tick >> 6]) >> (tick & 63) & 1) == (lots > 0)
    for word, bits in enumerate(book.words):
        assert bool(int(book.summary[word >> 6]) >> (word & 63) & 1) == (bits != 0)
    free, slot = set(), int(book.state[layout.FREE])
    while slot < slots:
        free.add(slot)
        assert book.orders[slot, columns.ORDER] == 0
        slot = int(book.queue[2 * slot])
    assert len(free) == slots - book.state[layout.LIVE]


def submit_all(
    book: layout.Book, messages: IntMatrix, n_trades: int, n_removed: int
) -> tuple[IntMatrix, IntMatrix, IntMatrix]:
    """Submit messages with buffers of the given lengths, as often as they fill; return reports, trades and removals."""
    reports = np.full((len(messages), columns.REPORT_COLUMNS), -9, np.int64)
    trades, removed = np.zeros((n_trades, 8), np.int64), np.zeros((n_removed, 8), np.int64)
    row, all_trades, all_removed = 0, [trades[:0]], [removed[:0]]
    while row < len(messages):
        before = row
        row, traded, left = book_kernels.submit(book, messages, row, reports, trades, removed)
        assert row > before or traded == n_trades or left == n_removed
        all_trades.append(trades[:traded].copy())
        all_removed.append(removed[:left].copy())
    return reports, np.concatenate(all_trades), np.concatenate(all_removed)


def gather_removed(work: Any, room: int) -> IntMatrix:
    """Call `work` with a small buffer as often as it comes back full; return all rows."""
    removed, gathered = np.zeros((room, columns.COLUMNS), np.int64), []
    while True:
        n = work(removed)
        gathered.append(removed[:n].copy())
        if n < room:
            return np.concatenate(gathered)
