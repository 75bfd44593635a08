"""The speculator and pool block as a plain Mesa model: one object per agent, attributes, `agents.do`.

Written the way Mesa teaches it, from the words of the model: everyone decides, the pool clears the batch, everyone
settles, the trends move. It is the slow twin of the compiled block (same orders, balances and prices, to the last
bit) and the reference of the benchmarks. Its normal draws are handed in ready-made, which spares it the most
expensive line that a Mesa model of this kind would have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mesa

__all__ = ["MesaMarket", "MesaSpeculator", "Psychology", "Reserves"]


@dataclass
class Reserves:
    """What the pool holds (micro-USD, base units), its fee, and its marginal price (micro-USD per base unit)."""

    usd: int
    tokens: int
    fee: float
    price: float

    def batch_price(self, bid: int, offered: int) -> float:
        """Price at which buyers with `bid` micro-USD and sellers of `offered` base units trade with the pool."""
        usd_with_fee, tokens_with_fee = self.usd / (1.0 - self.fee), self.tokens / (1.0 - self.fee)
        if offered == 0 and bid > 0:
            return (usd_with_fee + bid) / self.tokens
        net_selling = (self.usd + float(bid)) / (tokens_with_fee + offered)
        if bid == 0:
            return net_selling
        net_buying = (usd_with_fee + bid) / (self.tokens + float(offered))
        return max(min(net_buying, bid / offered), net_selling)


@dataclass(frozen=True)
class Psychology:
    """Parameters common to all speculators: pulls of value and trend, weight of one step in each trend."""

    value_pull: float
    trend_pull: float
    short_weight: float
    long_weight: float


class MesaSpeculator(mesa.Agent):  # type: ignore[misc]  # Mesa 3.3 carries no annotations
    """One speculator."""

    def __init__(self, model: MesaMarket, row: dict[str, Any]) -> None:
        super().__init__(model)
        self.number: int = row["number"]
        self.strategy: int = row["strategy"]
        self.patient: bool = bool(row["horizon"])
        self.value_bias: float = row["value_bias"]
        self.reaction: float = row["reaction"]
        self.noise: float = row["noise"]
        self.aggressiveness: float = row["aggressiveness"]
        self.usd: int = row["usd"]
        self.tokens: int = row["tokens"]
        self.order = 0

    def decide(self) -> None:
        """Turn what the agent believes and feels into an order, and announce it."""
        model: MesaMarket = self.model
        signal = self.opinion() + model.shocks[self.strategy] + self.noise * model.normals[self.number]
        conviction = signal / (1.0 + abs(signal))
        wealth = float(self.usd) + float(self.tokens) * model.price
        amount = 0.5 * conviction * self.aggressiveness * wealth
        if amount > 0.0:
            self.order = min(int(amount), self.usd)
            model.bid += self.order
        else:
            self.order = -min(int(-amount * (1.0 / model.price)), self.tokens)
            model.offered -= self.order

    def opinion(self) -> float:
        """Where the agent thinks the price should go: to value, with the trend, or nowhere."""
        model: MesaMarket = self.model
        if self.strategy == 0:
            return self.reaction * (model.mind.value_pull * (model.gap + self.value_bias))
        if self.strategy == 1:
            trend = model.trend_long if self.patient else model.trend_short
            return self.reaction * (model.mind.trend_pull * trend)
        return 0.0

    def settle(self) -> None:
        """Exchange what was ordered at the pool's price, rounded down."""
        model: MesaMarket = self.model
        if self.order > 0:
            received = int(float(self.order) * model.tokens_per_usd)
            self.usd -= self.order
            self.tokens += received
            model.tokens_out += received
        else:
            received = int(float(-self.order) * model.usd_per_token)
            self.tokens += self.order
            self.usd += received
            model.usd_out += received


class MesaMarket(mesa.Model):  # type: ignore[misc]  # Mesa 3.3 carries no annotations
    """Speculators and one constant-product pool.

    Parameters
    ----------
    rows : sequence of dict
        Attributes of each agent: number, strategy, horizon, value_bias, reaction, noise, aggressiveness, usd, tokens.
    mind : Psychology
    reserves : Reserves
    log_value : float
        Natural log of the fundamental price (micro-USD per base unit).
    chance : callable
        Step -> (one standard normal per agent, the common shock of each strategy).
    log : callable
        Natural logarithm.
    """

    def __init__(
        self,
        rows: Sequence[dict[str, Any]],
        mind: Psychology,
        reserves: Reserves,
        log_value: float,
        chance: Callable[[int], tuple[list[float], list[float]]],
        log: Callable[[float], float],
    ) -> None:
        super().__init__(rng=0)
        self.mind, self.reserves, self.log_value, self.chance, self.log = mind, reserves, log_value, chance, log
        self.day = 0
        self.normals: list[float] = []
        self.shocks: list[float] = []
        self.gap = self.trend_short = self.trend_long = 0.0
        self.price = reserves.price
        self.bid = self.offered = self.tokens_out = self.usd_out = 0
        self.tokens_per_usd = self.usd_per_token = 0.0
        for row in rows:
            MesaSpeculator(self, row)

    def step(self) -> None:
        """Play one day."""
        self.normals, self.shocks = self.chance(self.day)
        self.price = self.reserves.price
        log_price = self.log(self.price)
        self.gap = self.log_value - log_price
        self.bid = self.offered = self.tokens_out = self.usd_out = 0
        self.agents.do("decide")
        self.clear()
        self.agents.do("settle")
        self.book()
        change = self.log(self.reserves.price) - log_price
        self.trend_short += self.mind.short_weight * (change - self.trend_short)
        self.trend_long += self.mind.long_weight * (change - self.trend_long)
        self.day += 1

    def clear(self) -> None:
        """Find the price of the batch, and what a micro-USD and a base unit receive at it."""
        price = self.reserves.batch_price(self.bid, self.offered)
        against_traders = 1.0 - 2.0**-40
        self.tokens_per_usd, self.usd_per_token = against_traders / price, price * against_traders

    def book(self) -> None:
        """Let the pool give what the agents received; its marginal price is that of exact rates, without rounding."""
        pool = self.reserves
        usd = pool.usd + self.bid - self.offered * self.usd_per_token
        tokens = pool.tokens + self.offered - self.bid * self.tokens_per_usd
        pool.price = usd / tokens
        pool.usd += self.bid - self.usd_out
        pool.tokens += self.offered - self.tokens_out
