"""Liquidity providers: they put dollars and tokens into a pool for its fees, and take them out when it does not pay.

A unit of value in a pool earns fees, and loses to traders who know the price first: in expectation c sigma^2 per unit
of time, with sigma^2 the variance of the log price and c = 1/8 in a constant-product pool, w (1 - w) / 2 in a weighted
one, and more where liquidity is concentrated (loss-versus-rebalancing; Milionis, Moallemi, Roughgarden & Zhang 2022,
arXiv 2208.06046). A provider averages both over what it has seen and wants this part of its wealth in the pool:

    e / (e + h),      e = fees - c sigma^2 - hurdle,      nothing where e < 0

Since deposits divide the same fees among more liquidity, the depth of a pool is where its fees just pay for what it
loses and for the capital. Tokens are bought and sold in the market's batch like those of anyone else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.population import (
    AGENT_KINDS,
    MICRO,
    Column,
    Fills,
    Floats,
    Ints,
    Population,
    PopulationSpec,
    Quotes,
    Site,
    part_of,
    spread_over_networks,
)
from catallaxy.agents.rates import DAYS, Rate, rate

__all__ = ["LiquidityProviders", "LiquidityProvidersSpec", "Outlook"]

#: Factors against the provider where shares become amounts: the first outweighs the second and all float roundings.
_LESS, _MORE = 1.0 - 2.0**-39, 1.0 + 2.0**-40

Rows = npt.NDArray[np.intp]


@AGENT_KINDS.register("liquidity_providers")
class LiquidityProvidersSpec(PopulationSpec):
    """Declared parameters of liquidity providers."""

    summary: ClassVar[str] = "Owners of capital who provide liquidity to pools as long as fees pay for it."

    cash: Attribute = column(
        {"dist": "pareto", "minimum": 10_000, "tail": 1.6}, unit="USD", doc="Capital at the start.", ge=0
    )
    hurdle: Attribute = column(
        {"dist": "uniform", "low": 0.02, "high": 0.2},
        unit="1/year",
        doc="Return wanted on capital in a pool, after what it loses to better-informed traders (assumption: from the "
        "yield of dollars to that of lending to speculators).",
        ge=0,
    )
    half_excess: Rate = rate(
        {"per_year": 0.3},
        doc="Excess of fees over expected loss and hurdle at which half of the wealth is in a pool.",
        ge=0.0001,
    )
    speed: Rate = rate({"per_week": 1.0}, doc="Part of the gap to the wanted position that is closed.", ge=0)
    memory_days: float = quantity(
        14.0, unit="day", doc="Averaging time of fees and of the variance of the price.", gt=0, le=3650
    )

    def build(self, name: str, site: Site) -> LiquidityProviders:
        """Make the population; see `PopulationSpec.build`."""
        return LiquidityProviders(name, site, self)


@dataclass
class Outlook:
    """What providers have seen of a pool: exponential averages per step, and what they compare the next step with."""

    seen: Any
    weight: float = 0.0
    fees: float = 0.0
    variance: float = 0.0
    loss: float = 0.0

    def look(self, now: Any, gain: float) -> None:
        """Take in a step; `gain` is its weight in the averages."""
        move = nk.elementary.log_scalar(now.price / self.seen.price)
        self.weight += gain * (1.0 - self.weight)
        self.fees += gain * (now.earned - self.seen.earned - self.fees)
        self.variance += gain * (move * move - self.variance)
        self.loss = now.exposure * self.variance
        self.seen = now

    @property
    def excess(self) -> float:
        """Fees less expected loss, per unit of value and step."""
        return (self.fees - self.loss) / self.weight if self.weight > 0.0 else 0.0


class LiquidityProviders(Population):
    """Liquidity providers.

    Everyone is at home on one network and in one pool at a time: the one that pays best when it goes in.

    Parameters
    ----------
    name : str
    site : Site
    spec : LiquidityProvidersSpec
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("network", "int64", "-", "Network of the pools that the agent looks at."),
        Column("venue", "int64", "-", "Number of the venue whose pool it is in."),
        Column("usd", "int64", "micro-USD", "Cash."),
        Column("tokens", "int64", "base unit", "Free tokens."),
        Column("shares", "int64", "share", "Shares of the pool."),
        Column("order", "int64", "micro-USD or base unit", "Order for the next batch: to buy if positive."),
        Column("hurdle", "float64", "1/year", "Return wanted on capital in a pool."),
        Column("income", "int64", "micro-USD", "Cumulative fees less what the pool lost to rebalancing."),
    )

    def __init__(self, name: str, site: Site, spec: LiquidityProvidersSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec
        self.network: Ints = self.store("network", spread_over_networks(self.ids, site.n_networks))
        self.venue, self.tokens, self.shares = self.zeros("venue"), self.zeros("tokens"), self.zeros("shares")
        self.usd: Ints = self.store("usd", (spec.draw("cash", site, self.ids) * MICRO).astype(np.int64))
        self.order, self.income = self.zeros("order"), self.zeros("income")
        self.hurdle: Floats = self.store("hurdle", spec.draw("hurdle", site, self.ids))
        self.outlooks: dict[tuple[int, int], Outlook] = {}

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Bid and offer what was decided after the last batch; see `Population.orders`."""
        return self._by_network(np.maximum(self.order, 0)), self._by_network(np.maximum(-self.order, 0))

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book fills; see `Population.settle`."""
        bid, offered = np.maximum(self.order, 0), np.maximum(-self.order, 0)
        tokens = (bid * fills.tokens_per_usd[self.network]).astype(np.int64)
        usd = (offered * fills.usd_per_token[self.network]).astype(np.int64)
        self.usd += usd - bid
        self.tokens += tokens - offered
        self.order[:] = 0
        return self._by_network(tokens), self._by_network(usd)

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of the orders; see `Population.route`."""
        part[:] = part_of(np.where(self.network == k, self.order, 0), share)
        self.order -= part

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Book what came of single orders; see `Population.fill`."""
        self.usd += usd
        self.tokens += tokens

    def on_token_market(self, economy: Any) -> None:
        """Look at every pool, and move liquidity, once the market has cleared.

        Parameters
        ----------
        economy : Economy
        """
        provision, dt_days = economy.provision, self.site.dt_days
        gain = 1.0 - float(nk.elementary.exp_scalar(-dt_days / self.spec.memory_days))
        for k in range(economy.k):
            for venue in provision.venues(k):
                now = provision.liquidity(k, venue)
                outlook = self.outlooks.setdefault((k, venue), Outlook(now))
                self._earn(k, venue, outlook.seen, now)
                outlook.look(now, gain)
            self._choose(k, provision.venues(k))
            for venue in provision.venues(k):
                self._move(provision, k, venue)

    def _members(self, k: int, venue: int) -> Rows:
        return np.flatnonzero((self.network == k) & (self.venue == venue))

    def _earn(self, k: int, venue: int, before: Any, now: Any) -> None:
        """Note what the pool has brought beyond holding its tokens through the change of price."""
        rows = self._members(k, venue)
        held = before.tokens / before.shares * (now.price - before.price)
        per_share = now.value / now.shares - before.value / before.shares - held
        self.income[rows] += (self.shares[rows] * per_share).astype(np.int64)

    def _choose(self, k: int, venues: list[int]) -> None:
        """Let those who are in no pool turn to the one that pays best."""
        if venues:
            best = max(venues, key=lambda venue: (self.outlooks[k, venue].excess, -venue))
            self.venue[(self.network == k) & (self.shares == 0)] = best

    def _move(self, provision: Any, k: int, venue: int) -> None:
        """Bring the positions in one pool nearer to what is wanted."""
        rows, pool = self._members(k, venue), self.outlooks[k, venue].seen
        worth = pool.value / pool.shares
        gap = self._gap(rows, self.outlooks[k, venue])
        pace = self.spec.speed.probability(self.site.dt_days)
        self._take_out(provision, k, venue, rows, self._surplus(rows, gap, pace, worth))
        self._put_in(provision, k, venue, rows, gap / worth)
        in_tokens = pool.tokens * pool.price / pool.value
        missing = pace * in_tokens * gap - self.tokens[rows] * pool.price
        affordable = np.minimum(missing, in_tokens * self.usd[rows])
        self.order[rows] = np.where(gap > 0.0, np.maximum(affordable, 0.0).astype(np.int64), -self.tokens[rows])

    def _gap(self, rows: Rows, outlook: Outlook) -> Floats:
        """Return how much more value than now is wanted in the pool, micro-USD."""
        pool = outlook.seen
        inside = self.shares[rows] * (pool.value / pool.shares)
        wealth = inside + self.usd[rows] + self.tokens[rows] * pool.price
        per_year = outlook.excess * DAYS["per_year"] / self.site.dt_days
        excess = np.maximum(per_year - self.hurdle[rows], 0.0)
        gap: Floats = excess / (excess + self.spec.half_excess.per_year) * wealth - inside
        return gap

    def _surplus(self, rows: Rows, gap: Floats, pace: float, worth: float) -> Ints:
        """Return the shares to take out; all when less than a dollar would stay."""
        shares = self.shares[rows]
        out = np.minimum((np.maximum(-gap, 0.0) * pace / worth).astype(np.int64), shares)
        leftover: Ints = np.where((gap < 0.0) & ((shares - out) * worth < MICRO), shares, out)
        return leftover

    def _take_out(self, provision: Any, k: int, venue: int, rows: Rows, shares: Ints) -> None:
        total = int(shares.sum())
        if not total:
            return
        usd, tokens = provision.withdraw(k, venue, self.name, total)
        part_usd = (shares * (usd / total * _LESS)).astype(np.int64)
        part_tokens = (shares * (tokens / total * _LESS)).astype(np.int64)
        self.usd[rows] += part_usd
        self.tokens[rows] += part_tokens
        self.shares[rows] -= shares
        provision.deposit(k, venue, self.name, 0, usd - int(part_usd.sum()), tokens - int(part_tokens.sum()))

    def _put_in(self, provision: Any, k: int, venue: int, rows: Rows, wanted: Floats) -> None:
        pool = provision.liquidity(k, venue)
        usd, tokens = pool.usd / pool.shares, pool.tokens / pool.shares
        within = np.minimum(self.usd[rows] / usd, self.tokens[rows] / tokens)
        shares = (np.minimum(within, np.maximum(wanted, 0.0)) * _LESS).astype(np.int64)
        total = int(shares.sum())
        if not total:
            return
        part_usd = np.ceil(shares * (usd * _MORE)).astype(np.int64)
        part_tokens = np.ceil(shares * (tokens * _MORE)).astype(np.int64)
        self.usd[rows] -= part_usd
        self.tokens[rows] -= part_tokens
        self.shares[rows] += shares
        provision.deposit(k, venue, self.name, total, int(part_usd.sum()), int(part_tokens.sum()))

    def pool_shares(self, k: int, venue: int) -> int:
        """Count the shares of a pool; see `Population.pool_shares`."""
        return int(self.shares[self._members(k, venue)].sum())

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def token_totals(self) -> Ints:
        """Count the free base units held; see `Population.token_totals`."""
        return np.array(self._by_network(self.tokens), np.int64)

    def _by_network(self, values: Ints) -> list[int]:
        totals = np.zeros(self.site.n_networks, np.int64)
        nk.payouts.total_by_network(self.network, values, totals)
        return [int(total) for total in totals]

    def incomes_usd(self) -> dict[str, tuple[Ints, Ints]]:
        """Fees less losses by agent; see `Population.incomes_usd`."""
        return {self.name: (self.network, self.income)}
