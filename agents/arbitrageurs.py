"""Arbitrageurs: they buy a token where it is cheap, sell it where it is dear, and so tie a token's venues together.

Both trades happen at once, after the batch, so no price risk is taken. An arbitrageur moves d dollars from venue a to
venue b as long as the last dollar earns its margin m after everything that it costs:

    profit(d) = sold_b(bought_a(d)) - d (1 + m) - c

with c the cost of two transactions (driver `transaction_cost`) and, between venues on different chains, of a transfer
(driver `bridge_cost`). What remains is a no-arbitrage band around each price, as wide as the fees of both venues and
the margin (Angeris et al. 2019, arXiv 1911.03380, for constant-product pools). Everyone can make one such deal a step
on each network; the one content with the smallest margin comes first.

A call auction trades at its own time only. Arbitrageurs come to it with a stock of tokens, q: before it clears, each
offers q and bids for q, at limits at which trading back at once, at the best of the other venues, leaves the margin,
when those who are content with less have to trade back their stocks as well, Q tokens together:

    limit to buy = (sold(Q) / Q - c / q) / ((1 + m) (1 + f))
    limit to sell = (D / bought(D) + c / q) (1 + m) / (1 - f)

with f the auction's fee and D the worth of Q. Right after the auction, before the batch clears, they restore the stock.
What is left to them is the risk of its price.

Where a merger is open, the same deal leads through it: they buy the token, convert it, and sell what they get, which is
a third transaction. It keeps the price of the one from falling below the ratio times that of the other; nothing keeps
it from rising above.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.deals import Deal, Terms, best_deal
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Floats, Ints, Population, PopulationSpec, Site
from catallaxy.agents.single_orders import SingleOrders

__all__ = ["Arbitrageurs", "ArbitrageursSpec"]

#: Transactions of a deal with a conversion.
_CONVERSION = 3.0


@dataclass(frozen=True)
class Limits:
    """Limits of the orders for an auction, micro-USD per base unit, by row; 0 for no order."""

    buy: Floats
    sell: Floats
    fee: float


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
    stock: float = quantity(
        0.1,
        unit="1",
        doc="Share of the working capital held in tokens, evenly over networks, to trade in call auctions with "
        "(assumption); nothing is held where there is no auction.",
        ge=0,
        le=0.9,
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
        Column("tokens", "int64", "base unit", "Tokens held, by network."),
        Column("stock", "int64", "base unit", "Tokens to hold between auctions, by network."),
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
        self.tokens, self.stock = self.token_rows("tokens"), self.token_rows("stock")
        self._stock_share = spec.stock
        self._limits: dict[tuple[int, int], Limits] = {}

    def on_portfolio(self, economy: Any) -> None:
        """Set the limits of the orders for the coming auctions.

        Parameters
        ----------
        economy : Economy
        """
        for k in range(economy.k):
            for venue in economy.trading.auctions(k):
                fee = economy.specs[k].venues[venue].fee
                buy, sell = self._limit_prices(economy, k, venue)
                self._limits[k, venue] = Limits(buy / (1.0 + fee), sell / (1.0 - fee), fee)

    def _limit_prices(self, economy: Any, k: int, venue: int) -> tuple[Floats, Floats]:
        """Return what a token may cost and must bring in an auction, fees included; 0 where there is no way back."""
        trading, buy, sell, together = economy.trading, np.zeros(self.n), np.zeros(self.n), 0
        for row in self._keenest_first():
            stock, wanted = int(self.stock[k, row]), 1.0 + float(self.margin[row])
            together += stock
            value = int(together * trading.mark(k))
            if min(stock, value) < 1:
                continue
            sell_at, buy_at = trading.best_venue(k, tokens=together), trading.best_venue(k, usd=value)
            usd = trading.quote(k, sell_at, tokens=together).usd_out / together
            tokens = trading.quote(k, buy_at, usd=value).tokens_out
            buy[row] = max(usd - self._costs(economy, k, venue, sell_at) / stock, 0.0) / wanted
            if tokens > 0:
                sell[row] = (value / tokens + self._costs(economy, k, venue, buy_at) / stock) * wanted
        return buy, sell

    def single_orders(self, k: int, venue: int) -> SingleOrders | None:
        """Bid and offer in an auction; see `Population.single_orders`."""
        limits = self._limits.pop((k, venue), None)
        if limits is None:
            return None
        bid = np.minimum((limits.buy * (1.0 + limits.fee) * self.stock[k]).astype(np.int64), self.usd)
        offered = np.where(limits.sell > 0.0, np.minimum(self.tokens[k], self.stock[k]), 0)
        rows, amounts = np.tile(np.arange(self.n), 2), np.concatenate([bid, -offered])
        both = np.concatenate([limits.buy, limits.sell])
        there = np.flatnonzero(amounts)
        kinds = np.full(len(there), nk.order_columns.LIMIT)
        return SingleOrders(
            rows[there], amounts[there], both[there], kinds, np.zeros_like(there), np.arange(1, len(there) + 1)
        )

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Book what came of orders in auctions; see `Population.fill`."""
        self.usd += usd
        self.tokens[k] += tokens

    def trade_before_batch(self, economy: Any) -> None:
        """Undo what auctions did to the stock; see `Population.trade_before_batch`."""
        for k in range(economy.k):
            auctions = economy.trading.auctions(k)
            for row in self._keenest_first() if auctions else ():
                self._restore_stock(economy, k, auctions[0], int(row))

    def trade_at_once(self, economy: Any) -> None:
        """Move every token's venues into the no-arbitrage band; see `Population.trade_at_once`."""
        keenest_first = self._keenest_first()
        for k in range(economy.k):
            for row in keenest_first:
                if not self._trade(economy, k, int(row)):
                    break
            self._convert(economy, k, keenest_first)
        self._take_profits(economy)

    def _convert(self, economy: Any, k: int, rows: Ints) -> None:
        """Buy a token where it is cheaper than what it converts into, convert it, and sell that."""
        costs = math.ceil(_CONVERSION * float(economy.drivers["transaction_cost"]) * MICRO)
        passages = economy.mergers.passages(k)
        for row in rows if passages else ():
            terms, cash = Terms(costs, float(self.margin[row])), int(self.usd[row])
            deals = [(best_deal(passage, k, (0, 1), terms, cash), passage) for passage in passages]
            best, passage = max(deals, key=lambda found: found[0].profit)
            if not best.size:
                break
            trade = passage.take(self.name, best.size)
            economy.post_usd("transaction costs", self.name, "outside world", costs)
            self.usd[row] += trade.usd_out - trade.usd - costs

    def _keenest_first(self) -> Ints:
        """Return rows by margin; by identifier among equals."""
        rows: Ints = np.lexsort((self.ids, self.margin))
        return rows

    def _trade(self, economy: Any, k: int, row: int) -> bool:
        """Make the most profitable of all deals between two venues, if one pays."""
        cash, margin = int(self.usd[row]), float(self.margin[row])
        best = Deal()
        for route in economy.trading.routes(k):
            terms = Terms(self._costs(economy, k, *route), margin)
            best = max(best, best_deal(economy.trading, k, route, terms, cash), key=lambda deal: deal.profit)
        if not best.size:
            return False
        bought = economy.trading.trade(k, best.route[0], self.name, usd=best.size)
        sold = economy.trading.trade(k, best.route[1], self.name, tokens=bought.tokens_out)
        economy.post_usd("transaction costs", self.name, "outside world", best.costs)
        self.usd[row] += sold.usd_out - bought.usd - best.costs
        return True

    @staticmethod
    def _costs(economy: Any, k: int, first: int, second: int) -> int:
        """Return the costs of a deal between two venues, micro-USD."""
        bridge = 0.0 if economy.trading.same_chain(k, first, second) else economy.drivers["bridge_cost"]
        costs = 2.0 * float(economy.drivers["transaction_cost"]) + float(bridge)
        return math.ceil(costs * MICRO)

    def _restore_stock(self, economy: Any, k: int, auction: int, row: int) -> None:
        """Undo what an auction did to the stock, once the margin on that pays the transactions; buy the first stock."""
        mark, stock = economy.trading.mark(k), int(self.stock[k, row])
        excess = int(self.tokens[k, row]) - stock
        if stock == 0:
            excess = -int(float(self.capital[row]) * self._stock_share / economy.k / mark)
        usd, tokens = min(max(int(-excess * mark), 0), int(self.usd[row])), max(excess, 0)
        venue = economy.trading.best_venue(k, usd=usd, tokens=tokens)
        costs = self._costs(economy, k, auction, venue)
        if max(usd, tokens * mark) * self.margin[row] < costs or usd + costs > self.usd[row]:
            return
        trade = economy.trading.trade(k, venue, self.name, usd=usd, tokens=tokens)
        economy.post_usd("transaction costs", self.name, "outside world", costs)
        self.usd[row] += trade.usd_out - trade.usd - costs
        self.tokens[k, row] += trade.tokens_out - trade.tokens
        if stock == 0:
            self.stock[k, row] = trade.tokens_out
            self.capital[row] -= trade.usd + costs

    def _take_profits(self, economy: Any) -> None:
        profit = np.maximum(self.usd - self.capital, 0)
        self.usd -= profit
        self.income += profit
        economy.post_usd("withdrawals", self.name, "outside world", int(profit.sum()))

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def token_totals(self) -> Ints:
        """Count the free base units held; see `Population.token_totals`."""
        totals: Ints = self.tokens.sum(axis=1)
        return totals

    def incomes_usd(self) -> dict[str, tuple[Ints, Ints]]:
        """Profits by agent; see `Population.incomes_usd`."""
        return {self.name: (np.full(self.n, -1, np.int64), self.income)}
