"""Slow twin of the market of fundamentalists, chartists and noise traders: one trader and one order after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from oracles import elementary, randomness
from oracles.order_book import Message, OrderBookReference
from oracles.settlement import SettlementReference


def _exp(x: float) -> float:
    return float(elementary.exp(np.array([x]))[0])


def _log(x: float) -> float:
    return float(elementary.log(np.array([x]))[0])


class TraderReference(NamedTuple):
    """Weights of value, trend and noise in the expected return of a step; margin; steps back and ahead."""

    value: float
    trend: float
    noise: float
    margin: float
    horizon: float


@dataclass
class FcnReference:
    """A market in which `orders_per_step` traders a step look at the same price and send one order each.

    Attributes
    ----------
    traders : list of TraderReference
    orders_per_step, ticks, first : int
        Ticks of the band; tick of the opening price, which is also the fundamental value.
    keys : tuple of int
        Of the draws that choose traders, and of what they see.
    past : int
        Steps at the opening price before the market opens.
    """

    traders: list[TraderReference]
    orders_per_step: int
    ticks: int
    first: int
    keys: tuple[int, int]
    past: int
    log_prices: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        n = len(self.traders)
        self.log_prices = [float(np.log(self.first))] * (self.past + 1)
        self.queue = list(range(n))
        self.book = OrderBookReference(self.ticks, 10**9, n)
        money, tokens = dict.fromkeys(range(n), 10**10), dict.fromkeys(range(n), 50 * 10**9)
        self.accounts = SettlementReference(0, 10_000, 10**9, Fraction(0), money, tokens)

    def play(self, step: int) -> None:
        """Play one step."""
        self.book.expire(step)
        orders = [order for trader in self._coming(step) if (order := self._order(trader, step))]
        n_settled = len(self.book.trades)
        for order in orders:
            self.book.submit(order)
        for trade in self.book.trades[n_settled:]:
            self.accounts.settle_trade(trade)
        self.log_prices.append(self._log_price(n_settled))

    def _coming(self, step: int) -> list[int]:
        (key,) = randomness.agent_bits(self.keys[0], [step])
        for place, u in enumerate(randomness.uniforms(key, range(self.orders_per_step))):
            chosen = place + math.floor(u * (len(self.queue) - place))
            self.queue[place], self.queue[chosen] = self.queue[chosen], self.queue[place]
        return self.queue[: self.orders_per_step]

    def _order(self, number: int, step: int) -> Message | None:
        trader, log_price = self.traders[number], self.log_prices[-1]
        (key,) = randomness.agent_bits(self.keys[1], [step])
        (draw,) = randomness.normals(key, [number])
        horizon = int(trader.horizon)
        to_value, trend = self.log_prices[0] - log_price, log_price - self.log_prices[-1 - horizon]
        expected_return = trader.value * to_value + trader.trend * trend + trader.noise * draw
        if expected_return == 0.0:
            return None
        side = 1 if expected_return > 0.0 else -1
        price = _exp(log_price) * _exp(expected_return * horizon) * (1.0 - side * trader.margin)
        tick = math.floor(price) if side == 1 else math.ceil(price)
        return Message("limit", side, min(max(tick, 1), self.ticks - 1), 1, number, step + horizon + 1)

    def _log_price(self, n_settled: int) -> float:
        bid, ask = self.book.best(1), self.book.best(-1)
        if len(self.book.trades) > n_settled:
            return _log(float(self.book.trades[-1].tick))
        if bid is not None and ask is not None:
            return _log(0.5 * (bid + ask))
        return self.log_prices[-1]
