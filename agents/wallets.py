"""Wallets: the tokens that users keep to pay with, from which the velocity of the token follows.

Who spends S dollars a day on a network and keeps h days of it at hand holds h S / p tokens at the price p: the
Cambridge demand for money (A. C. Pigou, "The Value of Money", *Quarterly Journal of Economics* 32 (1917), 38). Velocity
is the spending of a year over the market value of the tokens that circulate. It is an outcome: the equation of
exchange, with a velocity of 1/h, holds where nobody else has any.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.holders import Holders
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Floats, PopulationSpec, Quotes, Site
from catallaxy.agents.rates import DAYS, Rate, rate

__all__ = ["Wallets", "WalletsSpec"]


@AGENT_KINDS.register("wallets")
class WalletsSpec(PopulationSpec):
    """Declared parameters of wallets."""

    summary: ClassVar[str] = "Tokens that users keep to pay with: the working balances behind a token's velocity."

    days: Attribute = column(
        {"dist": "lognormal", "median": 10.0, "sigma": 1.0},
        unit="day",
        doc="Spending of so many days is kept in tokens.",
        ge=0,
        source="Assumption: 16 days in the mean, velocity 22 a year if nobody else held tokens; nobody publishes it.",
    )
    adjustment: Rate = rate(
        {"per_day": 0.2}, doc="Part of the gap to the wanted balance that is closed (assumption).", ge=0
    )
    memory_days: float = quantity(
        14.0, unit="day", doc="Averaging time of the spending that balances are kept for (assumption).", gt=0, le=3650
    )

    def build(self, name: str, site: Site) -> Wallets:
        """Make the population; see `PopulationSpec.build`."""
        return Wallets(name, site, self)


class Wallets(Holders):
    """Wallets, each of an equal part of the users of one network; their dollars come with an order and leave after it.

    Parameters
    ----------
    name : str
    site : Site
    spec : WalletsSpec

    Attributes
    ----------
    days : float64[n], day
    members : int64[K]
        Wallets on each network, at least 1.
    spending : float64[K], micro-USD/day
        Mean spending of the users of each network that is not paid in credits; builds up from nothing.
    """

    RECORDS: ClassVar[tuple[str, ...]] = ("wallets",)
    RESTS: ClassVar[bool] = False
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        *Holders.COLUMNS,
        Column("days", "float64", "day", "Days of spending that it holds."),
    )

    def __init__(self, name: str, site: Site, spec: WalletsSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec
        self.days: Floats = self.store("days", spec.draw("days", site, self.ids))
        self.members = np.maximum(np.bincount(self.network, minlength=site.n_networks), 1)
        self._all_days = np.bincount(self.network, weights=self.days, minlength=site.n_networks)
        self.spending: Floats = np.zeros(site.n_networks)
        self._depth: Floats = np.zeros(site.n_networks)

    def on_model_market(self, economy: Any) -> None:
        """See what users spend, and how deep the market is."""
        used = economy.metrics.get("credits_used", 0.0)
        paid = np.maximum(economy.metrics["service_spend"] - used, 0.0) * (MICRO / self.site.dt_days)
        self.spending += min(1.0, self.site.dt_days / self.spec.memory_days) * (paid - self.spending)
        self._depth = economy.metrics["depth_usd"] * MICRO

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Close a part of the gap between what is held and what is wanted; see `Population.orders`."""
        price = quotes.price_micro[self.network]
        order = (self._wanted() - self.tokens * price) * self._speed()[self.network]
        sold = np.minimum((-order / price).astype(np.int64), self.tokens)
        self.order[:] = np.where(order > 0.0, order.astype(np.int64), -sold)
        self.usd[:] = np.maximum(self.order, 0)
        bid, offered = self.by_network(self.usd), self.by_network(np.maximum(-self.order, 0))
        return bid.tolist(), offered.tolist()

    def _wanted(self) -> Floats:
        """Return the value of the balance that each wallet should have, float64[n], micro-USD."""
        return self.days * (self.spending / self.members)[self.network]

    def _speed(self) -> Floats:
        """Return the part of the gap to close, float64[K], less where a purchase would move the price against itself.

        In a pool with x y = k and Y dollars, an order of D dollars moves the price by 2 D / Y, and with it the value of
        what is held; those who see it order 1 / (1 + 2 W / Y) of what they would otherwise, for balances W.
        """
        wanted = self._all_days * self.spending / self.members
        crowding = 2.0 * wanted / np.where(self._depth > 0.0, self._depth, np.inf)
        alone = self.spec.adjustment.probability(self.site.dt_days)
        return np.where(self._depth > 0.0, alone / (1.0 + crowding), 0.0)

    def on_portfolio(self, economy: Any) -> None:
        """Book the dollars that users bring to buy tokens with."""
        economy.post_usd("new capital", "outside world", self.name, self.usd_total())

    def on_token_market(self, economy: Any) -> None:
        """Pay out what tokens were sold for and what could not be spent, and note what is held."""
        economy.post_usd("withdrawals", self.name, "outside world", self.usd_total())
        self.usd[:] = 0
        economy.note("working_balances", self.token_totals() * economy.price_micro() / MICRO)

    def on_audit_and_record(self, economy: Any) -> None:
        """Note how often a token is spent in a year."""
        spent = economy.metrics["service_spend"] * (DAYS["per_year"] / self.site.dt_days)
        cap = economy.metrics["market_cap"]
        economy.note("velocity", spent / np.where(cap > 0.0, cap, np.nan))
