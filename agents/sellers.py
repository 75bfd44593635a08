"""What data providers, compute nodes and model builders share: one network, a purse, and tokens to sell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.gains import Gains, unknown
from catallaxy.agents.holders import Holders
from catallaxy.agents.population import MICRO, Column, Floats, Ints, Quotes, Site, spread_over_networks

__all__ = ["NEVER_TOO_MUCH", "Sellers"]

#: Pro-rata rates are rounded down by this factor, so that a payout never exceeds what there is to share.
NEVER_TOO_MUCH = 1.0 - 2.0**-50


class Sellers(Holders):
    """A population whose members earn on one network, in dollars and tokens, and sell tokens.

    Parameters
    ----------
    name : str
    site : Site
    count : int

    Attributes
    ----------
    income : int64[n], micro-USD
        Cumulative earnings; token rewards count at the price of the day.
    costs : int64[n], micro-USD
        Cumulative costs of what was earned, those in kind included.
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
        Column("costs", "int64", "micro-USD", "Cumulative costs of what was earned."),
        Column("cash_target", "int64", "micro-USD", "Cash it wants to keep."),
        Column("order", "int64", "base unit", "This step's token order."),
        Column("habit", "float64", "1/step", "Share of tokens sold each step."),
    )

    def __init__(self, name: str, site: Site, count: int) -> None:
        super().__init__(name, site, count)
        self.income = self.zeros("income")
        self.costs = self.zeros("costs")
        self.cash_target = self.zeros("cash_target")
        self.habit: Floats = self.store("habit", np.zeros(self.n))
        self._sums = np.zeros(site.n_networks, np.int64)

    def homes(self) -> Ints:
        """Spread the members over the networks by their identifiers; see `Holders.homes`."""
        return spread_over_networks(self.ids, self.site.n_networks)

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

    def earn_at_till(self, weight: Ints, amounts: Ints) -> Ints:
        """Pay dollars pro rata to `weight` as income to where buyers pay; return what was paid (micro-USD)."""
        rate = self._rate(weight, amounts)
        nk.payouts.pay_pro_rata(self.network, weight, rate, self.income, self._sums)
        nk.payouts.pay_pro_rata(self.network, weight, rate, self._till, self._sums)
        return self._sums.copy()

    @property
    def till(self) -> str:
        """Sector of the ledger to which buyers pay."""
        return self.name

    @property
    def _till(self) -> Ints:
        return self.usd

    def pay_toll(self, due: Ints) -> Ints:
        """Pay a charge on sales out of the till, as far as that goes; return what was paid per network (micro-USD).

        Parameters
        ----------
        due : int64[n], micro-USD

        Returns
        -------
        int64[K]
        """
        paid = np.minimum(due, self._till)
        self._till[:] -= paid
        self.income -= paid
        return self.by_network(paid)

    def _rate(self, weight: Ints, amounts: Ints) -> Floats:
        total = self.by_network(weight)
        rate: Floats = np.where(total > 0, amounts / np.maximum(total, 1) * NEVER_TOO_MUCH, 0.0)
        return rate

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Sell to cover cash needs, then by habit; see `Population.orders`."""
        purse = (self.usd, self.cash_target, self.tokens)
        nk.payouts.sell_orders(self.network, purse, self.habit, quotes.price_micro, self.order, self._pairs)
        return self._pairs[:, 0].tolist(), self._pairs[:, 1].tolist()

    def gains(self, price_micro: Floats, steps: int) -> Gains | None:
        """Income less costs, without capital; see `Population.gains`."""
        income, costs = self.income / MICRO, self.costs / MICRO
        return Gains(self.network, self.income, income, costs, income - costs, income - costs, unknown(self.n))

    def incomes_usd(self) -> dict[str, tuple[Ints, Ints]]:
        """Cumulative earnings by agent; see `Population.incomes_usd`."""
        return {self.name: (self.network, self.income)}
