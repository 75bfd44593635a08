"""What data providers, compute nodes and model builders share: one network, a purse, and tokens to sell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import (
    Column,
    Fills,
    Floats,
    Ints,
    Population,
    Quotes,
    Site,
    part_of,
    spread_over_networks,
)

__all__ = ["NEVER_TOO_MUCH", "Sellers"]

#: Pro-rata rates are rounded down by this factor, so that a payout never exceeds what there is to share.
NEVER_TOO_MUCH = 1.0 - 2.0**-50


class Sellers(Population):
    """A population whose members earn on one network, in dollars and tokens, and sell tokens.

    Parameters
    ----------
    name : str
    site : Site
    count : int

    Attributes
    ----------
    network : int64[n]
    usd, tokens : int64[n], micro-USD and base units
    income : int64[n], micro-USD
        Cumulative earnings; token rewards count at the price of the day.
    cash_target : int64[n], micro-USD
        Cash below which tokens are sold to cover the gap.
    habit : float64[n]
        Share of tokens sold each step in any case.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("network", "int64", "-", "Network served."),
        Column("usd", "int64", "micro-USD", "Cash."),
        Column("tokens", "int64", "base unit", "Free tokens of its network."),
        Column("income", "int64", "micro-USD", "Cumulative earnings."),
        Column("cash_target", "int64", "micro-USD", "Cash it wants to keep."),
        Column("order", "int64", "base unit", "This step's token order."),
        Column("habit", "float64", "1/step", "Share of tokens sold each step."),
    )

    def __init__(self, name: str, site: Site, count: int) -> None:
        super().__init__(name, site, count)
        self.network: Ints = self.store("network", spread_over_networks(self.ids, site.n_networks))
        self.usd = self.zeros("usd")
        self.tokens = self.zeros("tokens")
        self.income = self.zeros("income")
        self.cash_target = self.zeros("cash_target")
        self.order = self.zeros("order")
        self.habit: Floats = self.store("habit", np.zeros(self.n))
        self._sums = np.zeros(site.n_networks, np.int64)
        self._pairs = np.zeros((site.n_networks, 2), np.int64)

    def endow(self, k: int, amount: int) -> int:
        """Share out genesis tokens evenly among the members on network `k`; return the base units handed out."""
        members = self.network == k
        each = amount // max(int(members.sum()), 1)
        self.tokens[members] += each
        return each * int(members.sum())

    def reward(self, weight: Ints, amounts: Ints, price_micro: Floats) -> Ints:
        """Pay token rewards pro rata to `weight`; return what was paid per network.

        Parameters
        ----------
        weight : int64[n]
        amounts : int64[K], base units
            To be shared out on each network.
        price_micro : float64[K], micro-USD per base unit
            Used to book the reward as income.

        Returns
        -------
        int64[K]
        """
        rate = self._rate(weight, amounts)
        worth = np.zeros_like(self._sums)
        nk.payouts.pay_pro_rata(self.network, weight, rate * price_micro, self.income, worth)
        nk.payouts.pay_pro_rata(self.network, weight, rate, self.tokens, self._sums)
        return self._sums.copy()

    def grant(self, weight: Ints, amounts: Ints) -> Ints:
        """Pay dollars pro rata to `weight`; return what was paid per network (micro-USD)."""
        nk.payouts.pay_pro_rata(self.network, weight, self._rate(weight, amounts), self.usd, self._sums)
        return self._sums.copy()

    def earn(self, weight: Ints, amounts: Ints) -> Ints:
        """Pay dollars pro rata to `weight` as income; return what was paid per network (micro-USD)."""
        nk.payouts.pay_pro_rata(self.network, weight, self._rate(weight, amounts), self.income, self._sums)
        return self.grant(weight, amounts)

    def _rate(self, weight: Ints, amounts: Ints) -> Floats:
        total = self.by_network(weight)
        rate: Floats = np.where(total > 0, amounts / np.maximum(total, 1) * NEVER_TOO_MUCH, 0.0)
        return rate

    def by_network(self, values: Ints) -> Ints:
        """Sum a column over the members on each network, int64[K]."""
        totals = np.zeros(self.site.n_networks, np.int64)
        nk.payouts.total_by_network(self.network, values, totals)
        return totals

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Sell to cover cash needs, then by habit; see `Population.orders`."""
        purse = (self.usd, self.cash_target, self.tokens)
        nk.payouts.sell_orders(self.network, purse, self.habit, quotes.price_micro, self.order, self._pairs)
        return self._pairs[:, 0].tolist(), self._pairs[:, 1].tolist()

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book fills; see `Population.settle`."""
        rates = (fills.tokens_per_usd, fills.usd_per_token)
        nk.payouts.settle(self.network, self.order, (self.usd, self.tokens), rates, self._pairs)
        return self._pairs[:, 0].tolist(), self._pairs[:, 1].tolist()

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of the sales of those on network `k`; see `Population.route`."""
        part[:] = part_of(np.where(self.network == k, self.order, 0), share)
        self.order -= part

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Book what came of single orders; see `Population.fill`."""
        self.usd += usd
        self.tokens += tokens

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def token_totals(self) -> Ints:
        """Count the free base units held; see `Population.token_totals`."""
        return self.by_network(self.tokens)

    def incomes_usd(self) -> dict[str, tuple[Ints, Ints]]:
        """Cumulative earnings by agent; see `Population.incomes_usd`."""
        return {self.name: (self.network, self.income)}
