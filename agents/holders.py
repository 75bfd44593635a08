"""Populations whose members are at home on one network: they hold dollars and its token, and trade in its batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Column, Fills, Ints, Population, Site, part_of
from catallaxy.agents.voters import Voters

__all__ = ["Holders"]


class Holders(Population):
    """A population whose members hold dollars and the token of one network each.

    Parameters
    ----------
    name : str
    site : Site
    count : int

    Attributes
    ----------
    network : int64[n]
    usd, tokens : int64[n], micro-USD and base units
    order : int64[n]
        Micro-USD to spend if positive, base units to sell if negative.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("network", "int64", "-", "Network of its token."),
        Column("usd", "int64", "micro-USD", "Cash."),
        Column("tokens", "int64", "base unit", "Free tokens of its network."),
        Column("order", "int64", "base unit", "This step's token order."),
    )

    EARNS: ClassVar[str] = ""
    """Part of a network's rewards that members receive."""

    def __init__(self, name: str, site: Site, count: int) -> None:
        super().__init__(name, site, count)
        self.network: Ints = self.store("network", self.homes())
        self.usd = self.zeros("usd")
        self.tokens = self.zeros("tokens")
        self.order = self.zeros("order")
        self._pairs = np.zeros((site.n_networks, 2), np.int64)

    def homes(self) -> Ints:
        """Return the network of each member, int64[n]: all have as many, or one more."""
        return (self.ids - self.site.first_id) % self.site.n_networks

    def by_network(self, values: Ints) -> Ints:
        """Sum a column over the members on each network, int64[K]."""
        totals = np.zeros(self.site.n_networks, np.int64)
        nk.payouts.total_by_network(self.network, values, totals)
        return totals

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book fills; see `Population.settle`."""
        rates = (fills.tokens_per_usd, fills.usd_per_token)
        nk.payouts.settle(self.network, self.order, (self.usd, self.tokens), rates, self._pairs)
        return self._pairs[:, 0].tolist(), self._pairs[:, 1].tolist()

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of the orders of those on network `k`; see `Population.route`."""
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

    def entitlements(self) -> Ints:
        """Return in proportion to what members share in what the network pays them, int64[n]; by default in nothing."""
        return np.zeros_like(self.tokens)

    def voters(self, k: int) -> Voters | None:
        """Return those on network `k`; see `Population.voters`."""
        here = self.network == k
        free, bonded = self.tokens[here], self.stakes(k)
        staked = bonded if len(bonded) else np.zeros_like(free)
        return Voters(self.ids[here], free, staked, self.entitlements()[here], self.EARNS)
