"""Arbitrageurs: they buy a token where it is cheap, sell it where it is dear, and so tie a token's venues together.

Both trades happen at once, after the batch, so no price risk is taken. An arbitrageur moves d dollars from venue a to
venue b as long as the last dollar earns its margin m after everything that it costs:

    profit(d) = sold_b(bought_a(d)) - d (1 + m) - c

with c the cost of two transactions (driver `transaction_cost`) and, between venues on different chains, of a transfer
(driver `bridge_cost`). What remains is a no-arbitrage band around each price, as wide as the fees of both venues and
the margin (Angeris et al. 2019, arXiv 1911.03380, for constant-product pools). Everyone can make one such deal a step
on each network; the one content with the smallest margin comes first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Floats, Ints, Population, PopulationSpec, Site

__all__ = ["Arbitrageurs", "ArbitrageursSpec"]

#: Golden section; the first size that is tried, micro-USD; relative accuracy of the best size.
_SECTION, _FIRST, _ACCURACY = 0.6180339887498949, MICRO, 1e-3


@dataclass(frozen=True)
class Terms:
    """What an arbitrageur deducts: costs of a deal, micro-USD, and the profit wanted, as a share of its size."""

    costs: int
    margin: float


@dataclass(frozen=True)
class Deal:
    """Buying for `size` micro-USD on the first venue of `route` and selling on the second."""

    route: tuple[int, int] = (0, 0)
    size: int = 0
    costs: int = 0
    profit: float = 0.0


def deal(trading: Any, k: int, route: tuple[int, int], terms: Terms, size: int) -> Deal:
    """Price a deal; its profit is what exceeds the margin that the trader wants, micro-USD.

    A book may have less to sell than `size` pays for; when the other venue does not take all that was bought, there is
    no deal.
    """
    bought = trading.quote(k, route[0], usd=size)
    sold = trading.quote(k, route[1], tokens=bought.tokens_out)
    if sold.tokens < bought.tokens_out:
        return Deal(route, size, terms.costs, -math.inf)
    return Deal(route, size, terms.costs, sold.usd_out - bought.usd * (1.0 + terms.margin) - terms.costs)


def best_deal(trading: Any, k: int, route: tuple[int, int], terms: Terms, cash: int) -> Deal:
    """Return the most profitable deal on a route; one of size 0 when none pays.

    Profit is concave in size on venues whose price worsens with it: the size is doubled while that pays, and then found
    by golden section.
    """
    if trading.price(k, route[1]) <= trading.price(k, route[0]) * (1.0 + terms.margin):
        return Deal()
    best, size = Deal(), _FIRST
    while (tried := deal(trading, k, route, terms, min(size, cash))).profit > best.profit or best.size == 0:
        best = max(best, tried, key=lambda candidate: candidate.profit)
        if size >= cash:
            break
        size *= 2
    low, high = 0.25 * size, float(min(size, cash))
    while high - low > _ACCURACY * high + 1.0:
        sizes = high - _SECTION * (high - low), low + _SECTION * (high - low)
        worse, better = (deal(trading, k, route, terms, int(amount)) for amount in sizes)
        best = max(best, worse, better, key=lambda candidate: candidate.profit)
        low, high = (sizes[0], high) if worse.profit < better.profit else (low, sizes[1])
    return best


@AGENT_KINDS.register("arbitrageurs")
class ArbitrageursSpec(PopulationSpec):
    """Declared parameters of arbitrageurs."""

    summary: ClassVar[str] = "Traders who buy a token on one venue and sell it at once on another."

    cash: Attribute = column(
        {"dist": "pareto", "minimum": 20_000, "tail": 1.6},
        unit="USD",
        doc="Working capital; profits are taken out.",
        ge=0,
    )
    margin: Attribute = column(
        {"dist": "uniform", "low": 0.0002, "high": 0.003},
        unit="1",
        doc="Profit wanted per dollar moved (assumption: 2 to 30 basis points, the scale of a venue's fee).",
        ge=0,
        le=1,
    )

    def build(self, name: str, site: Site) -> Arbitrageurs:
        """Make the population; see `PopulationSpec.build`."""
        return Arbitrageurs(name, site, self)


class Arbitrageurs(Population):
    """Traders between venues.

    Parameters
    ----------
    name : str
    site : Site
    spec : ArbitrageursSpec
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("usd", "int64", "micro-USD", "Cash."),
        Column("capital", "int64", "micro-USD", "Cash that is kept when profits are taken out."),
        Column("margin", "float64", "1", "Profit wanted per dollar moved."),
        Column("income", "int64", "micro-USD", "Cumulative profits taken out."),
    )

    def __init__(self, name: str, site: Site, spec: ArbitrageursSpec) -> None:
        super().__init__(name, site, spec.count)
        cash = (spec.draw("cash", site, self.ids) * MICRO).astype(np.int64)
        self.usd: Ints = self.store("usd", cash)
        self.capital: Ints = self.store("capital", cash.copy())
        self.margin: Floats = self.store("margin", spec.draw("margin", site, self.ids))
        self.income = self.zeros("income")

    def trade_at_once(self, economy: Any) -> None:
        """Move every token's venues into the no-arbitrage band; see `Population.trade_at_once`."""
        keenest_first = np.lexsort((self.ids, self.margin))
        for k in range(economy.k):
            for row in keenest_first:
                if not self._trade(economy, k, int(row)):
                    break
        self._take_profits(economy)

    def _trade(self, economy: Any, k: int, row: int) -> bool:
        """Make the most profitable of all deals between two venues, if one pays."""
        cash, margin, drivers = int(self.usd[row]), float(self.margin[row]), economy.drivers
        best = Deal()
        for route in economy.trading.routes(k):
            bridge = 0.0 if economy.trading.same_chain(k, *route) else drivers["bridge_cost"]
            terms = Terms(math.ceil((2.0 * drivers["transaction_cost"] + bridge) * MICRO), margin)
            best = max(best, best_deal(economy.trading, k, route, terms, cash), key=lambda deal: deal.profit)
        if not best.size:
            return False
        bought = economy.trading.trade(k, best.route[0], self.name, usd=best.size)
        sold = economy.trading.trade(k, best.route[1], self.name, tokens=bought.tokens_out)
        economy.post_usd("transaction costs", self.name, "outside world", best.costs)
        self.usd[row] += sold.usd_out - bought.usd - best.costs
        return True

    def _take_profits(self, economy: Any) -> None:
        profit = np.maximum(self.usd - self.capital, 0)
        self.usd -= profit
        self.income += profit
        economy.post_usd("withdrawals", self.name, "outside world", int(profit.sum()))

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def incomes_usd(self) -> dict[str, tuple[Ints, Ints]]:
        """Profits by agent; see `Population.incomes_usd`."""
        return {self.name: (np.full(self.n, -1, np.int64), self.income)}
