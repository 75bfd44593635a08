"""Institutions: funds and treasuries that hold a token when rules are clear and the market is deep enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.holders import Holders
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Ints, PopulationSpec, Quotes, Site
from catallaxy.agents.rates import DAYS, Rate, rate

__all__ = ["Institutions", "InstitutionsSpec"]


@AGENT_KINDS.register("institutions")
class InstitutionsSpec(PopulationSpec):
    """Declared parameters of institutions."""

    summary: ClassVar[str] = "Funds that hold a token where rules are clear and its market is deep."

    cash: Attribute = column(
        {"dist": "pareto", "minimum": 1_000_000, "tail": 1.1},
        unit="USD",
        doc="Wealth at the start.",
        ge=0,
        source="Assumption; the tail is that of the sizes of firms (Axtell 2001, Science 293:1818).",
    )
    clarity: Attribute = column(
        {"dist": "uniform", "low": 0.3, "high": 0.9},
        unit="1",
        doc="Regulatory clarity from which it may hold the token (assumption).",
        ge=0,
        le=2,
    )
    optimism: Attribute = column(
        {"dist": "normal", "mean": 0.0, "sd": 0.3},
        unit="ln USD",
        doc="Disagreement about the fundamental value (assumption: less than that of speculators).",
    )
    risk_aversion: Attribute = column(
        {"dist": "uniform", "low": 2.0, "high": 5.0},
        unit="1",
        doc="Relative risk aversion.",
        gt=0,
        source="Assumption, the range of textbooks on portfolio choice; above that of founders.",
    )
    limit: Attribute = column(
        {"dist": "uniform", "low": 0.01, "high": 0.05},
        unit="1",
        doc="Largest share of its wealth in the token.",
        ge=0,
        le=1,
        source="Weights of 1 to 2 % in bitcoin that BlackRock named in 2024-12, 5 % at most in other guidance.",
    )
    depth_share: float = quantity(
        0.05,
        unit="1",
        doc="Largest holding of one of them over the dollars of depth of the token's venues (assumption).",
        ge=0,
        le=100,
    )
    speed: Rate = rate({"per_week": 0.1}, doc="Part of the gap to the wanted holding that is closed.", ge=0)
    volatility: float = quantity(
        0.064,
        unit="1/day^0.5",
        doc="Daily standard deviation of the log price that is expected before any is seen.",
        ge=0,
        le=1,
        source="Median of eight deAI tokens, 2021-06..2025-06.",
    )
    memory_days: float = quantity(
        180.0, unit="day", doc="Averaging time of the squared log returns that are seen.", gt=0, le=3650
    )

    def build(self, name: str, site: Site) -> Institutions:
        """Make the population; see `PopulationSpec.build`."""
        return Institutions(name, site, self)


class Institutions(Holders):
    """Institutions, each with a mandate for one token.

    Parameters
    ----------
    name : str
    site : Site
    spec : InstitutionsSpec

    Attributes
    ----------
    variance : float64[K], 1/day
        Mean squared log return that they have seen.
    """

    RECORDS: ClassVar[tuple[str, ...]] = ("institutions",)
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        *Holders.COLUMNS,
        Column("clarity", "float64", "1", "Regulatory clarity that it needs."),
        Column("optimism", "float64", "ln USD", "Disagreement about the fundamental value."),
        Column("risk_aversion", "float64", "1", "Relative risk aversion."),
        Column("limit", "float64", "1", "Largest share of its wealth in the token."),
    )

    def __init__(self, name: str, site: Site, spec: InstitutionsSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec
        self.usd[:] = (spec.draw("cash", site, self.ids) * MICRO).astype(np.int64)
        drawn = (self.store(n, spec.draw(n, site, self.ids)) for n in ("clarity", "optimism", "risk_aversion", "limit"))
        self._mandates = nk.mandates.Mandates(*drawn)
        self.variance = np.full(site.n_networks, spec.volatility**2)
        none = np.zeros(site.n_networks)
        self._prospects = nk.mandates.Prospects(none, none, none, none, 0.0, 0.0)
        self._tally = np.zeros((site.n_networks, 3), np.int64)
        self._held: Ints = np.zeros(site.n_networks, np.int64)

    def on_treasury_and_governance(self, economy: Any) -> None:
        """See the market and the rules: runs right before the portfolio phase."""
        drivers, depth = economy.drivers, economy.metrics["depth_usd"]
        self._prospects = nk.mandates.Prospects(
            economy.log_fundamental - economy.log_price(),
            self.variance * DAYS["per_year"],
            economy.price_micro(),
            depth * (self.spec.depth_share * MICRO),
            drivers["risk_free_rate"],
            drivers["regulatory_clarity"],
        )

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Move towards what mandates and prospects allow; see `Population.orders`."""
        prospects = self._prospects._replace(price=quotes.price_micro)
        speed = self.spec.speed.probability(self.site.dt_days)
        purse = (self.usd, self.tokens)
        nk.mandates.rebalance(self.network, self._mandates, prospects, purse, speed, self.order, self._tally)
        self._held = self.token_totals()
        return self._tally[:, 0].tolist(), self._tally[:, 1].tolist()

    def on_token_market(self, economy: Any) -> None:
        """Note what they hold and bought, and learn from returns how risky the tokens are."""
        returns, dt_days = economy.metrics["log_return"], self.site.dt_days
        gain = min(1.0, dt_days / self.spec.memory_days)
        self.variance += gain * (returns * returns / dt_days - self.variance)
        held = self.token_totals()
        economy.note("institution_tokens", economy.tokens(held))
        economy.note("institution_purchases", economy.tokens(held - self._held))
        members = np.bincount(self.network, minlength=economy.k)
        economy.note("institutions_allowed", self._tally[:, 2] / np.maximum(members, 1))
