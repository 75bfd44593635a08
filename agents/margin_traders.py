"""Margin traders: speculators who borrow dollars to be long or tokens to be short, and are liquidated when they lose.

Decisions and accounts follow `catallaxy.numba_kernels.leverage`, lenders and insurance fund `catallaxy.agents.lending`,
forced trades `catallaxy.agents.liquidation`. Each trader trades the token of one network, with one margin account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.lending import Facility, LendingSpec
from catallaxy.agents.liquidation import Liquidations, Liquidator
from catallaxy.agents.population import (
    AGENT_KINDS,
    MICRO,
    Column,
    Fills,
    Holdings,
    Ints,
    Population,
    PopulationSpec,
    Quotes,
    Site,
    part_of,
    spread_over_networks,
)
from catallaxy.agents.rates import Rate, rate
from catallaxy.numba_kernels.streams import Stream

__all__ = ["MarginTraders", "MarginTradersSpec"]

_DYDX = "dYdX Chain, liquidity tier of the least liquid tokens: initial margin 0.2, maintenance margin half of it."
_DAYS_PER_YEAR = 365.25


@AGENT_KINDS.register("margin_traders")
class MarginTradersSpec(PopulationSpec):
    """Declared parameters of margin traders."""

    summary: ClassVar[str] = "Traders who borrow dollars or tokens on margin, and are liquidated when they lose."

    cash: Attribute = column(
        {"dist": "pareto", "minimum": 500, "tail": 1.6},
        unit="USD",
        doc="Cash at the start.",
        ge=0,
        source="The tail is that of speculators' wealth; the minimum is an assumption.",
    )
    leverage: Attribute = column(
        {"dist": "uniform", "low": 1, "high": 10},
        unit="1",
        doc="Most exposure that the agent itself takes on, over its equity; `max_leverage` limits it further.",
        ge=0,
    )
    conviction: Attribute = column(
        {"dist": "uniform", "low": 0.5, "high": 1.5}, unit="1", doc="Strength of reaction to value and trend.", ge=0
    )
    trend_weight: Attribute = column(
        {"dist": "uniform", "low": 0, "high": 1}, unit="1", doc="Weight of the trend against value.", ge=0, le=1
    )
    noise: Attribute = column(
        {"dist": "uniform", "low": 0.1, "high": 0.5}, unit="1", doc="Standard deviation of personal noise.", ge=0
    )
    adjustment: Attribute = column(
        {"dist": "uniform", "low": 0.05, "high": 0.3},
        unit="1/step",
        doc="Share of the way to the wanted exposure that is traded in a step.",
        ge=0,
        le=1,
    )
    value_pull: float = quantity(1.0, unit="1", doc="Pull of the log gap between value and price.", ge=0, le=10)
    trend_pull: float = quantity(
        40.0, unit="day", doc="Pull of the long trend, a log return per day, of speculators.", ge=0, le=1000
    )
    news_response: float = quantity(4.8, unit="1", doc="Signal per unit of surprise in log value.", ge=0, le=100)
    max_leverage: float = quantity(
        5.0,
        unit="1",
        doc="Most exposure over equity that the lenders allow; its inverse is the initial margin.",
        ge=1,
        le=100,
        source=_DYDX,
    )
    maintenance_margin: float = quantity(
        0.1, unit="1", doc="Equity over exposure below which an account is liquidated.", gt=0, lt=1, source=_DYDX
    )
    penalty: float = quantity(
        0.015,
        unit="1",
        doc="Share of what is traded in a liquidation that goes to the insurance fund.",
        ge=0,
        lt=1,
        source="dYdX Chain: liquidation fee of 1.5 % (docs.dydx.exchange, margin).",
    )
    liquidation: Literal["partial", "full"] = quantity(
        "partial", unit="-", doc="Whether a liquidation restores the initial margin or closes the position."
    )
    round_limit: int = quantity(
        100, unit="round", doc="Most rounds of liquidation in a step; counted as a guard.", ge=1, le=10_000
    )
    inflow: Rate = rate({"per_year": 0.35}, doc="New money brought in, as a share of starting cash.", ge=0)
    withdrawal: Rate = rate({"per_year": 0.30}, doc="Share of cash taken out by those who owe nothing.", ge=0)
    lending: LendingSpec = quantity(default_factory=LendingSpec, unit="-", doc="Lenders and insurance fund.")

    @model_validator(mode="after")
    def _margins_are_in_order(self) -> Self:
        initial = 1.0 / self.max_leverage
        if not self.maintenance_margin < initial:
            raise complaint(
                "margins",
                f"a maintenance margin of {self.maintenance_margin:g} is not below the initial margin of {initial:g} "
                f"(1 / max_leverage), so that whoever borrows most is liquidated at once; lower one of the two",
            )
        if not self.penalty < self.maintenance_margin:
            raise complaint(
                "penalty",
                f"a penalty of {self.penalty:g} is not below the maintenance margin of {self.maintenance_margin:g}, so "
                f"that a liquidation would take all that is left of an account; lower it",
            )
        return self

    @property
    def terms(self) -> nk.liquidation.Terms:
        """When an account is liquidated, and how far."""
        is_partial = self.liquidation == "partial"
        return nk.liquidation.Terms(self.maintenance_margin, 1.0 / self.max_leverage, self.penalty, is_partial)

    def build(self, name: str, site: Site) -> MarginTraders:
        """Make the population; see `PopulationSpec.build`."""
        return MarginTraders(name, site, self)


class MarginTraders(Population):
    """Traders with margin accounts.

    Parameters
    ----------
    name : str
    site : Site
    spec : MarginTradersSpec

    Attributes
    ----------
    accounts : numba_kernels.leverage.Accounts
        The columns that make up an account.
    facility : Facility
        Their lenders and insurance fund.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("network", "int64", "-", "Network whose token it trades."),
        Column("usd", "int64", "micro-USD", "Cash, that of short sales included."),
        Column("tokens", "int64", "base unit", "Tokens of its network."),
        Column("usd_debt", "int64", "micro-USD", "Dollars owed to the lenders."),
        Column("token_debt", "int64", "base unit", "Tokens owed to the lenders."),
        Column("order", "int64", "micro-USD or base unit", "This step's order."),
        Column("income", "int64", "micro-USD/step", "New money that the agent brings in."),
        Column("leverage", "float64", "1", "Most exposure over equity that it takes on."),
        Column("conviction", "float64", "1", "Strength of reaction to value and trend."),
        Column("trend_weight", "float64", "1", "Weight of the trend against value."),
        Column("noise", "float64", "1", "Personal noise."),
        Column("adjustment", "float64", "1/step", "Share of the way to the wanted exposure traded in a step."),
    )
    RECORDS: ClassVar[tuple[str, ...]] = ("leverage",)
    RESTS: ClassVar[bool] = False

    def __init__(self, name: str, site: Site, spec: MarginTradersSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec
        self.network: Ints = self.store("network", spread_over_networks(self.ids, site.n_networks))
        self.usd: Ints = self.store("usd", (spec.draw("cash", site, self.ids) * MICRO).astype(np.int64))
        self.tokens = self.zeros("tokens")
        self.accounts = nk.leverage.Accounts(
            self.network, self.usd, self.tokens, self.zeros("usd_debt"), self.zeros("token_debt")
        )
        self.order = self.zeros("order")
        self.income: Ints = self.store("income", (self.usd * spec.inflow.flow(site.dt_days)).astype(np.int64))
        limit = np.minimum(spec.draw("leverage", site, self.ids), spec.max_leverage)
        drawn = (spec.draw(field, site, self.ids) for field in ("conviction", "trend_weight", "noise", "adjustment"))
        names = ("leverage", "conviction", "trend_weight", "noise", "adjustment")
        columns = (self.store(field, values) for field, values in zip(names, (limit, *drawn), strict=True))
        self.traits = nk.leverage.Traits(self.ids, *columns)
        self.facility = Facility(spec.lending, name, site.n_networks)
        self.liquidator = Liquidator(name, self.ids, self.accounts, spec.terms, self.facility)

    def on_treasury_and_governance(self, economy: Any) -> None:
        """Bring in money, owe interest, and borrow for this step's orders: runs right before the portfolio phase."""
        brought, taken = nk.leverage.move_capital(
            self.accounts, self.income, self.spec.withdrawal.probability(self.site.dt_days)
        )
        economy.post_usd("new capital", "outside world", self.name, brought)
        economy.post_usd("withdrawals", self.name, "outside world", taken)
        added = np.zeros_like(self.facility.owed)
        nk.leverage.accrue(self.accounts, self.facility.rates(self.site.dt_days), added)
        self.facility.charge(added)
        lent = self.decide(economy.key(Stream.MARGIN_TRADER_NOISE), self._views(economy))
        self.facility.lend(economy, lent)

    def _views(self, economy: Any) -> nk.leverage.Views:
        spec, quoted = self.spec, economy.quoted
        gap = economy.log_fundamental - economy.log_price()
        trend = spec.trend_pull * (quoted.trend_long / self.site.dt_days)
        news = spec.news_response * quoted.surprise
        return nk.leverage.Views(spec.value_pull * gap, trend, news, economy.price_micro())

    def decide(self, key: np.uint64, views: nk.leverage.Views) -> Ints:
        """Form this step's orders and draw the loans that they need.

        Parameters
        ----------
        key : uint64
            Step key of the noise stream.
        views : numba_kernels.leverage.Views

        Returns
        -------
        int64[K, 2]
            Micro-dollars and base units lent, which the caller books.
        """
        limbs, lent = np.zeros((2, self.site.n_networks, 2), np.int64), np.zeros_like(self.facility.owed)
        nk.leverage.aim(key, self.traits, self.accounts, views, self.spec.maintenance_margin, self.order, limbs)
        multiples, rest = limbs.astype(object)
        granted = self.facility.granted((nk.leverage.LIMB * multiples + rest).tolist())
        nk.leverage.borrow(self.accounts, self.order, granted, lent)
        return lent

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Hand over this step's orders; see `Population.orders`."""
        return self._by_network(np.maximum(self.order, 0)), self._by_network(np.maximum(-self.order, 0))

    def _by_network(self, amounts: Ints) -> list[int]:
        total = np.zeros(self.site.n_networks, np.int64)
        nk.payouts.total_by_network(self.network, amounts, total)
        return [int(amount) for amount in total]

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book fills; see `Population.settle`."""
        tally = np.zeros((self.site.n_networks, 2), np.int64)
        rates = fills.tokens_per_usd, fills.usd_per_token
        nk.payouts.settle(self.network, self.order, (self.usd, self.tokens), rates, tally)
        return tally[:, 0].tolist(), tally[:, 1].tolist()

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of the orders; see `Population.route`."""
        part[:] = np.where(self.network == k, part_of(self.order, share), 0)
        self.order -= part

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Book what came of single orders; see `Population.fill`."""
        self.usd += usd
        self.tokens += tokens

    def trade_at_once(self, economy: Any) -> None:
        """Repay what can be repaid, and liquidate who is below maintenance margin; see `Population.trade_at_once`."""
        repaid = np.zeros_like(self.facility.owed)
        nk.leverage.repay(self.accounts, repaid)
        self.facility.take_back(economy, repaid)
        done = self.liquidator.run(economy, self.spec.round_limit)
        for name, stopped in zip(economy.names, done.unfinished, strict=True):
            economy.guard(f"{name}: accounts left below maintenance margin", bool(stopped))
        self._note(economy, done)

    def _note(self, economy: Any, done: Liquidations) -> None:
        totals = np.zeros((self.site.n_networks, 4), np.int64)
        nk.leverage.sum_up(self.accounts, totals)
        self.facility.check(economy, totals[:, 2:])
        price = np.array([economy.trading.mark(k) for k in range(economy.k)]) / MICRO
        rates = self.facility.rates(_DAYS_PER_YEAR)
        economy.note("long_interest", totals[:, 0] * price)
        economy.note("short_interest", totals[:, 1] * price)
        economy.note("margin_debt", totals[:, 2] / MICRO + totals[:, 3] * price)
        economy.note("funding_rate", rates[:, 0])
        economy.note("token_borrow_rate", rates[:, 1])
        economy.note("liquidated", done.traded / MICRO)
        economy.note("liquidation_rounds", done.rounds)
        economy.note("shortfall", done.shortfall / MICRO)
        economy.note("lender_loss", done.lender_loss / MICRO)
        economy.note("insurance_fund", self.facility.insurance / MICRO)

    def institutions(self) -> dict[str, Holdings]:
        """Return what lenders and insurance fund hold; see `Population.institutions`."""
        return self.facility.holdings()

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def token_totals(self) -> Ints:
        """Count the base units held; see `Population.token_totals`."""
        return np.array(self._by_network(self.tokens), np.int64)
