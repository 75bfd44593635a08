"""Slow twins of the models of traders without intelligence in `papers/`: what their authors describe, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from oracles.order_book import Message, OrderBookReference, Resting
from oracles.randomness import agent_bits

BID, ASK = 1, 2
BUY, SELL = 1, -1


def chance(key: int, number: int) -> float:
    """Return draw `number` under a key: a uniform between 0 and 1."""
    return (float(agent_bits(key, [number])[0] >> 12) + 0.5) / 2.0**52


def race_reference(bids: int, asks: int, rates: Sequence[float], key: int, races: int) -> list[int]:
    """Return 1 for each race in which the asks are gone first; only the lengths of the queues are kept."""
    return [_one_race(bids, asks, rates, agent_bits(key, [number])[0]) for number in range(races)]


def _one_race(bids: int, asks: int, rates: Sequence[float], key: int) -> int:
    limits, takes, cancels = rates
    for event in count():
        if bids == 0 or asks == 0:
            return int(asks == 0)
        x = (2.0 * (limits + takes) + cancels * (bids + asks)) * chance(key, event)
        changes = [(limits, 1, 0), (limits, 0, 1), (takes, -1, 0), (takes, 0, -1)]
        changes += [(cancels, -1, 0)] * bids + [(cancels, 0, -1)] * asks
        for change in changes:
            x -= change[0]
            if x < 0.0:
                break
        bids, asks = bids + change[1], asks + change[2]
    raise AssertionError("a race ends")


def price_goes_up(rates: Sequence[float], longest: int = 40, sweeps: int = 400) -> list[list[float]]:
    """Return the probability that the asks are gone first, from every pair of lengths up to `longest`, 0 included.

    By Gauss-Seidel on its equations: the probability now is the mean of those after the next event, by their rates.
    Queues at `longest` do not grow.
    """
    limits, takes, cancels = rates
    p = [[float(asks == 0) for asks in range(longest + 1)] for _ in range(longest + 1)]
    for _ in range(sweeps):
        for bids in range(1, longest + 1):
            for asks in range(1, longest + 1):
                more_bids, more_asks = limits * (bids < longest), limits * (asks < longest)
                fewer_bids, fewer_asks = takes + cancels * bids, takes + cancels * asks
                total = more_bids + more_asks + fewer_bids + fewer_asks
                p[bids][asks] = (
                    more_bids * p[min(bids + 1, longest)][asks]
                    + more_asks * p[bids][min(asks + 1, longest)]
                    + fewer_bids * (p[bids - 1][asks] if bids > 1 else 0.0)
                    + fewer_asks * p[bids][asks - 1]
                ) / total
    return p


@dataclass
class Period:
    """A trading period: what has been traded by whom, and at which prices."""

    units: list[int]
    trades: list[tuple[int, int, int]] = field(default_factory=list)


def period_reference(
    limits: Sequence[Sequence[int]], constrained: bool, n_quotes: int, highest: int, key: int
) -> Period:
    """Hold a period: a standing bid and a standing ask, which better quotes replace and every trade clears."""
    n = len(limits)
    period, standing = Period([0] * n), {}  # type: ignore[var-annotated]
    for number in range(n_quotes):
        trader = int(chance(key, 2 * number) * n)
        if period.units[trader] == len(limits[trader]):
            continue
        side, limit = (BUY if trader < n / 2 else SELL), limits[trader][period.units[trader]]
        low = limit if constrained and side == SELL else 0
        high = limit if constrained and side == BUY else highest
        price = low + int(chance(key, 2 * number + 1) * (high - low + 1))
        against, own = standing.get(-side), standing.get(side)
        if against is not None and side * (price - against[0]) >= 0:
            buyer, seller = (trader, against[1]) if side == BUY else (against[1], trader)
            value, cost = limits[buyer][period.units[buyer]], limits[seller][period.units[seller]]
            period.trades.append((against[0], value, cost))
            period.units[buyer] += 1
            period.units[seller] += 1
            standing = {}
        elif own is None or side * (price - own[0]) > 0:
            standing[side] = (price, trader)
    return period


class Slots:
    """Numbers for what rests: the one that was given back last is given out first, then new ones from 0."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._new = count()

    def take(self) -> int:
        """Give out a number."""
        return self._free.pop() if self._free else next(self._new)

    def give_back(self, slot: int) -> None:
        """Take a number back."""
        self._free.append(slot)


class RandomBook:
    """A book without a band into which orders fall at random; the band is a range of prices outside which none rest."""

    def __init__(self, ticks: int, window: int, spacing: int) -> None:
        self.ticks, self.window, self.origin = ticks, window, 0
        self.book = OrderBookReference(10**9, 10**6, 1)
        self.slots, self.slot_of = Slots(), {}  # type: ignore[var-annotated]
        self._offset = 10**8
        for distance in range(0, window, spacing):
            self.limit(BUY, ticks // 2 - 1 - distance)
            self.limit(SELL, ticks // 2 + distance)
        self.bid, self.ask = self.best(BUY), self.best(SELL)

    def best(self, side: int) -> int | None:
        """Return the best price of a side."""
        tick = self.book.best(side)
        return None if tick is None else tick - self._offset

    def limit(self, side: int, price: int) -> None:
        """Let an order rest that meets no other."""
        answer = self.book.submit(Message("limit", side, price + self._offset))
        assert answer.resting == 1
        self.slot_of[answer.number] = self.slots.take()

    def market(self, side: int) -> None:
        """Take the best order of the other side, if there is one."""
        own, before = self.slots.take(), len(self.book.trades)
        self.book.submit(Message("market", side))
        for trade in self.book.trades[before:]:
            self.slots.give_back(self.slot_of.pop(trade.maker))
        self.slots.give_back(own)

    def remove(self, order: Resting) -> None:
        """Cancel an order."""
        self.book.submit(Message("cancel", about=order.number))
        self.slots.give_back(self.slot_of.pop(order.number))

    def in_slot(self, slot: int) -> Resting | None:
        """Return the order that has a slot."""
        return next((order for order in self.book.resting() if self.slot_of[order.number] == slot), None)

    def look(self) -> None:
        """Note the best prices, and move the band when one of them is near its end."""
        self.bid = self.best(BUY) if self.best(BUY) is not None else self.bid
        self.ask = self.best(SELL) if self.best(SELL) is not None else self.ask
        if self.bid - self.origin < self.window or self.ask - self.origin >= self.ticks - self.window:
            self.origin += (self.bid + self.ask - 2 * self.origin) // 2 - self.ticks // 2
            for order in self.book.resting():
                if not 0 <= order.tick - self._offset - self.origin < self.ticks:
                    self.remove(order)


def spread_reference(
    book: RandomBook, rates: Sequence[float], key: int, n_events: int, n_batches: int
) -> list[list[float]]:
    """Return spread times expected time, and expected time, of each batch of events."""
    deposits, takes, cancels = rates
    batches, used = [], len(book.book.resting()) + 1
    for batch in range(n_batches):
        own, draws, sums = agent_bits(key, [batch])[0], count(), [0.0, 0.0]
        for _ in range(n_events):
            book.look()
            total = 2.0 * book.window * deposits + takes + cancels * len(book.book.resting())
            sums = [sums[0] + (book.ask - book.bid) / total, sums[1] + 1.0 / total]
            x = total * chance(own, next(draws))
            if x < deposits * book.window:
                book.limit(BUY, book.ask - 1 - int(x / deposits))
            elif x < 2.0 * deposits * book.window:
                book.limit(SELL, book.bid + 1 + int((x - deposits * book.window) / deposits))
            elif x < 2.0 * deposits * book.window + takes:
                book.market(BUY if x - 2.0 * deposits * book.window < takes / 2.0 else SELL)
            else:
                order = None
                while order is None:
                    order = book.in_slot(int(chance(own, next(draws)) * used))
                book.remove(order)
            used = max(used, len(book.book.resting()) + 1)
        batches.append(sums)
    return batches
