"""Slow twin of the order book: a queue of orders for every price, searched from the best one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import NamedTuple

LARGEST_LOTS = 2**38 - 1


class Message(NamedTuple):
    """What an agent sends; `about` is the number of the order that it wants to cancel or modify."""

    kind: str
    side: int = 1
    tick: int = 0
    lots: int = 1
    agent: int = 0
    expiry: int = 0
    about: int = 0
    reference: int = 0


class Answer(NamedTuple):
    """What the book says to a message."""

    reason: str
    filled: int
    resting: int
    number: int


class Trade(NamedTuple):
    """One fill."""

    side: int
    tick: int
    lots: int
    taker_agent: int
    maker_agent: int
    taker: int
    maker: int


@dataclass
class Resting:
    """An order with open lots."""

    side: int
    tick: int
    lots: int
    agent: int
    expiry: int
    number: int
    reference: int


@dataclass
class OrderBookReference:
    """A book whose orders are looked for one by one; numbers count arrivals."""

    ticks: int
    room: int
    agents: int
    self_trade: str = "allow"
    step: int = 0
    arrivals: int = 0
    levels: dict[int, deque[Resting]] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    removed: list[tuple[str, Resting]] = field(default_factory=list)
    _rested: list[int] = field(default_factory=list)

    def resting(self) -> list[Resting]:
        """Return all resting orders, from the lowest tick up, in order of priority."""
        return [order for tick in sorted(self.levels) for order in self.levels[tick]]

    def best(self, side: int) -> int | None:
        """Return the best tick of the orders of one side."""
        ticks = [order.tick for order in self.resting() if order.side == side]
        return (max if side == 1 else min)(ticks) if ticks else None

    def open_of(self, agent: int) -> list[Resting]:
        """Return an agent's orders, those first that came to rest first."""
        return [order for order in self.arrival_order() if order.agent == agent]

    def arrival_order(self) -> list[Resting]:
        """Return all resting orders in the order in which they came to rest."""
        known = {order.number: order for order in self.resting()}
        return [known[number] for number in self._rested]

    def submit(self, message: Message) -> Answer:
        """Carry out one message."""
        if message.kind == "cancel":
            order, reason = self._find(message)
            if order is not None:
                self._remove(order, "cancelled")
            return Answer(reason, 0, 0, message.about)
        if message.kind == "cancel all":
            if not 0 <= message.agent < self.agents:
                return Answer("malformed", 0, 0, 0)
            for order in self.open_of(message.agent):
                self._remove(order, "cancelled")
            return Answer("accepted", 0, 0, 0)
        if message.kind == "modify":
            return self._modify(message)
        reason = self._refusal(message)
        if reason != "accepted":
            return Answer(reason, 0, 0, 0)
        self.arrivals += 1
        limit = message.tick if message.kind != "market" else (self.ticks - 1 if message.side == 1 else 0)
        order = Resting(
            message.side, limit, message.lots, message.agent, message.expiry, self.arrivals, message.reference
        )
        return self._trade_and_rest(order, message.kind in {"limit", "post only"})

    def expire(self, step: int) -> None:
        """Cancel what is over."""
        self.step = step
        for order in self.arrival_order():
            if 0 < order.expiry <= step:
                self._remove(order, "expired")

    def move_band(self, shift: int) -> None:
        """Move the band; what falls outside is cancelled."""
        for order in self.resting():
            if not 0 <= order.tick - shift < self.ticks:
                self._remove(order, "outside band")
        moved = {tick - shift: queue for tick, queue in self.levels.items()}
        for tick, queue in moved.items():
            for order in queue:
                order.tick = tick
        self.levels = moved

    def depth(self, side: int) -> list[tuple[int, int]]:
        """Return (tick, lots) of one side, best first."""
        ticks = [tick for tick in sorted(self.levels, reverse=side == 1) if self.levels[tick][0].side == side]
        return [(tick, sum(order.lots for order in self.levels[tick])) for tick in ticks]

    def _find(self, message: Message) -> tuple[Resting | None, str]:
        for order in self.resting():
            if order.number == message.about:
                return (order, "accepted") if order.agent == message.agent else (None, "not owner")
        return None, "unknown order"

    def _modify(self, message: Message) -> Answer:
        order, reason = self._find(message)
        if reason == "accepted" and not 1 <= message.lots <= LARGEST_LOTS:
            reason = "bad size"
        if reason == "accepted" and not 0 <= message.tick < self.ticks:
            reason = "outside band"
        if order is None or reason != "accepted":
            return Answer(reason, 0, 0, message.about)
        if message.tick == order.tick and message.lots <= order.lots:
            self.removed.append(("modified", replace(order)))
            order.lots = message.lots
            return Answer("accepted", 0, order.lots, order.number)
        self._remove(order, "modified")
        return self._trade_and_rest(replace(order, tick=message.tick, lots=message.lots), True)

    def _refusal(self, message: Message) -> str:
        if message.kind == "nonsense" or message.side not in {1, -1} or not 0 <= message.agent < self.agents:
            return "malformed"
        if not 1 <= message.lots <= LARGEST_LOTS:
            return "bad size"
        if message.kind != "market" and not 0 <= message.tick < self.ticks:
            return "outside band"
        if 0 < message.expiry <= self.step:
            return "expired"
        if message.kind == "post only" and self._counter_orders(message.side, message.tick):
            return "would cross"
        if message.kind == "fok" and not self._can_fill(message):
            return "cannot fill"
        return "accepted"

    def _counter_orders(self, side: int, limit: int) -> list[Resting]:
        """Return the orders that an incoming one may meet, in the order in which it meets them."""
        others = [order for order in self.resting() if order.side == -side and side * (limit - order.tick) >= 0]
        return sorted(others, key=lambda order: side * order.tick)

    def _can_fill(self, message: Message) -> bool:
        left = message.lots
        for order in self._counter_orders(message.side, message.tick):
            if left <= 0:
                break
            own = order.agent == message.agent and self.self_trade != "allow"
            if own and self.self_trade == "cancel incoming":
                return False
            left -= 0 if own else order.lots
        return left <= 0

    def _trade_and_rest(self, order: Resting, rests: bool) -> Answer:
        wanted, reason = order.lots, "accepted"
        for maker in self._counter_orders(order.side, order.tick):
            if order.lots == 0:
                break
            if maker.agent == order.agent and self.self_trade == "cancel incoming":
                reason = "self trade"
                break
            if maker.agent == order.agent and self.self_trade == "cancel resting":
                self._remove(maker, "self trade")
                continue
            lots = min(order.lots, maker.lots)
            self.trades.append(
                Trade(order.side, maker.tick, lots, order.agent, maker.agent, order.number, maker.number)
            )
            order.lots -= lots
            maker.lots -= lots
            if maker.lots == 0:
                self._take_out(maker)
        filled = wanted - order.lots
        if order.lots > 0 and reason == "accepted" and not rests:
            reason = "unfilled"
        if order.lots > 0 and reason == "accepted" and len(self.resting()) == self.room:
            reason = "book full"
        if order.lots == 0 or reason != "accepted":
            return Answer(reason, filled, 0, order.number)
        self.levels.setdefault(order.tick, deque()).append(order)
        self._rested.append(order.number)
        return Answer("accepted", filled, order.lots, order.number)

    def _remove(self, order: Resting, reason: str) -> None:
        self.removed.append((reason, replace(order)))
        self._take_out(order)

    def _take_out(self, order: Resting) -> None:
        self.levels[order.tick].remove(order)
        self._rested.remove(order.number)
        if not self.levels[order.tick]:
            del self.levels[order.tick]
