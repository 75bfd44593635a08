"""Holders of tokens that they did not buy, who sell until they bear no more of the risk than they want.

Decisions follow `catallaxy.numba_kernels.diversification`: what a holder expects of the price, how risky the token has
been and how much of its wealth depends on it decide how much of its free tokens it sells, and when. A schedule decides
what is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.holders import Holders
from catallaxy.agents.population import MICRO, Column, Floats, Ints, PopulationSpec, Quotes, Site
from catallaxy.agents.rates import DAYS, Rate, rate
from catallaxy.agents.sellers import NEVER_TOO_MUCH

__all__ = ["Diversifiers", "DiversifiersSpec"]

#: Claims are counted in thousandths, up to a thousand million.
_CLAIM, _LARGEST_CLAIM = 1000, 1e9


class DiversifiersSpec(PopulationSpec):
    """Declared parameters of holders who diversify."""

    cash: Attribute = column(
        {"dist": "pareto", "minimum": 100_000, "tail": 1.6},
        unit="USD",
        doc="Wealth beside the token, at the start.",
        ge=0,
        source="The tail is that of speculators' wealth; the minimum is an assumption.",
    )
    claim: Attribute = column(
        {"dist": "pareto", "minimum": 1, "tail": 1.6},
        unit="1",
        doc="Weight in what those on one network are given.",
        ge=0,
        source="The tail is that of speculators' wealth.",
    )
    optimism: Attribute = column(
        {"dist": "normal", "mean": 0.0, "sd": 0.5},
        unit="ln USD",
        doc="Disagreement about the fundamental value (assumption: like that of speculators).",
    )
    trend_weight: Attribute = column(
        {"dist": "uniform", "low": 0.0, "high": 0.5},
        unit="1",
        doc="Weight of the trend against value in the rise that is expected.",
        ge=0,
        le=1,
    )
    risk_aversion: Attribute = column(
        {"dist": "uniform", "low": 0.5, "high": 2.0},
        unit="1",
        doc="Relative risk aversion.",
        ge=0,
        source="Chetty (2006, American Economic Review 96:1821-1834): about 1, at most 2.",
    )
    speed: Rate = rate({"per_week": 0.1}, doc="Part of the tokens beyond those wanted that is sold.", ge=0)
    volatility: float = quantity(
        0.064,
        unit="1/day^0.5",
        doc="Daily standard deviation of the log price that is expected before any is seen.",
        ge=0,
        le=1,
        source="Median of eight deAI tokens, 2021-06..2025-06.",
    )
    memory_days: float = quantity(
        90.0, unit="day", doc="Averaging time of the squared log returns that are seen.", gt=0, le=3650
    )


class Diversifiers(Holders):
    """Holders who diversify.

    Parameters
    ----------
    name : str
    site : Site
    spec : DiversifiersSpec

    Attributes
    ----------
    claim : int64[n], 1e-3
        Weight in what those on one network are given.
    claims : int64[K], 1e-3
        Their sums by network, at least 1.
    variance : float64[K], 1/day
        Mean squared log return that members have seen.
    """

    RECEIVER: ClassVar[str]
    """The receiver of genesis tokens that the population stands for."""
    SALES: ClassVar[str]
    HELD: ClassVar[str]
    """The series of what members sell, and of what they hold."""

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        *Holders.COLUMNS,
        Column("claim", "int64", "1e-3", "Weight in what is given."),
        Column("optimism", "float64", "ln USD", "Disagreement about the fundamental value."),
        Column("trend_weight", "float64", "1", "Weight of the trend against value."),
        Column("risk_aversion", "float64", "1", "Relative risk aversion."),
    )

    def __init__(self, name: str, site: Site, spec: DiversifiersSpec) -> None:
        super().__init__(name, site, spec.count)
        self.risk = spec
        self.usd[:] = (spec.draw("cash", site, self.ids) * MICRO).astype(np.int64)
        claim = np.minimum(spec.draw("claim", site, self.ids), _LARGEST_CLAIM)
        self.claim: Ints = self.store("claim", (claim * _CLAIM).astype(np.int64))
        self.claims = np.maximum(self.by_network(self.claim), 1)
        drawn = (self.store(n, spec.draw(n, site, self.ids)) for n in ("optimism", "trend_weight", "risk_aversion"))
        self._tastes = nk.diversification.Tastes(*drawn)
        none = np.zeros(site.n_networks)
        self.variance = np.full(site.n_networks, spec.volatility**2)
        self._trend, self._gap, self._locked = none, none, none
        self._held = np.zeros(site.n_networks, np.int64)

    @property
    def risk_aversion(self) -> Floats:
        """Relative risk aversion, float64[n]."""
        return self._tastes.risk_aversion

    def endow(self, k: int, amount: int) -> int:
        """Share out tokens of network `k` by claim; return the base units handed out."""
        return self._share_out(k, amount, self.tokens)

    def pay(self, k: int, amount: int) -> int:
        """Share out dollars among those on network `k` by claim; return the micro-dollars handed out."""
        return self._share_out(k, amount, self.usd)

    def _share_out(self, k: int, amount: int, balance: Ints) -> int:
        rate, given = np.zeros(self.site.n_networks), np.zeros(self.site.n_networks, np.int64)
        rate[k] = amount / self.claims[k] * NEVER_TOO_MUCH
        nk.payouts.pay_pro_rata(self.network, self.claim, rate, balance, given)
        return int(given[k])

    def on_treasury_and_governance(self, economy: Any) -> None:
        """See the market, and what members will still be given: runs right before the portfolio phase."""
        quoted, dt_days = economy.quoted, self.site.dt_days
        locked = (schedule.locked_for(self.RECEIVER, economy.step) for schedule in economy.vesting)
        self._gap = economy.log_fundamental - economy.log_price()
        self._trend = quoted.trend_long * (DAYS["per_year"] / dt_days)
        self._locked = np.fromiter(locked, np.int64, economy.k) / self.claims

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Sell what exceeds the wanted exposure; see `Population.orders`."""
        outlook = nk.diversification.Outlook(
            self._gap, self._trend, self.variance * DAYS["per_year"], quotes.price_micro, self._locked
        )
        purse = (self.usd, self.tokens, self.claim)
        speed = self.risk.speed.probability(self.site.dt_days)
        nk.diversification.reduce_exposure(self.network, self._tastes, outlook, purse, speed, self.order, self._pairs)
        self._held = self.token_totals()
        return self._pairs[:, 0].tolist(), self._pairs[:, 1].tolist()

    def sold(self) -> Ints:
        """Count the base units that have gone since this step's orders were formed, int64[K]."""
        return self._held - self.token_totals()

    def on_token_market(self, economy: Any) -> None:
        """Note what was sold, and learn from returns how risky the tokens are."""
        self.remember(economy.metrics["log_return"])
        economy.note(self.SALES, economy.tokens(self.sold()))
        economy.note(self.HELD, economy.tokens(self.token_totals()))

    def remember(self, log_return: Floats) -> None:
        """Learn from the log returns of a step, float64[K], how risky the tokens are."""
        dt_days = self.site.dt_days
        gain = min(1.0, dt_days / self.risk.memory_days)
        self.variance += gain * (log_return * log_return / dt_days - self.variance)
