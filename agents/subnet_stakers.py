"""Subnet stakers: holders of a token who stake it on root or hold the alpha of one of its network's subnets.

Now and then each thinks again about where its stake would earn most (`catallaxy.numba_kernels.subnet_stakes`). They
sell a part of what they earn. Some of them own subnets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.gains import Gains
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
)
from catallaxy.agents.rates import DAYS, Rate, rate
from catallaxy.agents.sellers import NEVER_TOO_MUCH
from catallaxy.agents.voters import Voters
from catallaxy.numba_kernels import subnet_columns as columns
from catallaxy.numba_kernels.streams import Stream

__all__ = ["SUBNET_STAKERS", "SubnetStakers", "SubnetStakersSpec", "pro_rata"]

#: The receiver of genesis tokens that the population stands for.
SUBNET_STAKERS = "subnet_stakers"

#: Claims are counted in thousandths, up to a thousand million.
_CLAIM, _LARGEST_CLAIM = 1000, 1e9


@AGENT_KINDS.register(SUBNET_STAKERS)
class SubnetStakersSpec(PopulationSpec):
    """Declared parameters of subnet stakers."""

    summary: ClassVar[str] = "Holders who stake a token on root or in its network's subnets, where they expect most."

    claim: Attribute = column(
        {"dist": "pareto", "minimum": 1, "tail": 1.6},
        unit="1",
        doc="Weight in the tokens that stakers are given.",
        ge=0,
        source="The tail is that of speculators' wealth.",
    )
    trend_weight: Attribute = column(
        {"dist": "uniform", "low": 0.0, "high": 0.3},
        unit="1",
        doc="Weight of the trend of alpha's price in what is expected (assumption).",
        ge=0,
        le=10,
    )
    on_root: float = quantity(0.6, unit="1", doc="Share of stakers that start on root (assumption).", ge=0, le=1)
    taste: float = quantity(
        0.3,
        unit="1/year",
        doc="Scale of a staker's own liking for each subnet, in yield a year (assumption).",
        gt=0,
        le=100,
    )
    reconsider: Rate = rate({"per_month": 0.2}, doc="How often a staker thinks again about where to be.", ge=0)
    horizon_days: float = quantity(
        180.0, unit="day", doc="Time over which the cost of moving is spread (assumption).", gt=0, le=36_500
    )
    trend_days: float = quantity(
        30.0, unit="day", doc="Averaging time of the rise of alpha's price and of root's reward.", gt=0, le=3650
    )
    sold: float = quantity(
        0.3, unit="1", doc="Share of what stakers earn that they sell for dollars (assumption).", ge=0, le=1
    )

    def build(self, name: str, site: Site) -> SubnetStakers:
        """Make the population; see `PopulationSpec.build`."""
        return SubnetStakers(name, site, self)


class SubnetStakers(Population):
    """Stakers of the tokens of networks that have subnets.

    Parameters
    ----------
    name : str
    site : Site
    spec : SubnetStakersSpec

    Attributes
    ----------
    tokens, root, alpha : int64[K, n], base units
        Free tokens, all of which are for sale; tokens on root; alpha of one subnet.
    place : int64[K, n]
        Slot of that subnet, or `columns.ROOT`.
    alpha_prices : list of float64[N], token per alpha
        By network, at what their alpha was last worth.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("usd", "int64", "micro-USD", "Cash."),
        Column("tokens", "int64", "base unit", "Free tokens, one row per network."),
        Column("root", "int64", "base unit", "Tokens staked on root, one row per network."),
        Column("alpha", "int64", "base unit", "Alpha of the subnet it stakes in, one row per network."),
        Column("place", "int64", "-", "Slot of that subnet, -1 for none, one row per network."),
        Column("order", "int64", "base unit", "This step's order, one row per network."),
        Column("endowment", "int64", "micro-USD", "Wealth at the start."),
        Column("claim", "int64", "1e-3", "Weight in what is given."),
        Column("starts_on_root", "int8", "-", "1 for who is on root at the start."),
        Column("trend_weight", "float64", "1", "Weight of the trend of alpha's price."),
    )
    RECORDS: ClassVar[tuple[str, ...]] = ("subnets",)

    def __init__(self, name: str, site: Site, spec: SubnetStakersSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec
        self.usd = self.zeros("usd")
        self.tokens, self.root, self.alpha = (self.token_rows(row) for row in ("tokens", "root", "alpha"))
        self.place = self.token_rows("place")
        self.place[:] = columns.ROOT
        self.order = self.token_rows("order")
        self.endowment = self.zeros("endowment")
        self.alpha_prices: list[Floats] = [np.zeros(1) for _ in range(site.n_networks)]
        claim = np.minimum(spec.draw("claim", site, self.ids), _LARGEST_CLAIM)
        self.claim: Ints = self.store("claim", (claim * _CLAIM).astype(np.int64))
        u = np.empty(self.n)
        nk.random.fill_uniform(nk.random.step_key(site.seed, int(Stream.SUBNETS), 0), self.ids, u)
        self.starts_on_root = self.store("starts_on_root", (u < spec.on_root).astype(np.int8))
        self.trend_weight: Floats = self.store("trend_weight", spec.draw("trend_weight", site, self.ids))

    def endow(self, k: int, amount: int) -> int:
        """Share out tokens of network `k`, by claim, among those who start on root; return what was handed out."""
        claim = self.claim * self.starts_on_root if self.starts_on_root.any() else self.claim
        given = (claim * (amount / max(int(claim.sum()), 1) * NEVER_TOO_MUCH)).astype(np.int64)
        self.root[k] += given
        return int(given.sum())

    def settle_in(self, k: int, key: np.uint64, running: Floats) -> None:
        """Put those who do not start on root into a subnet of network `k`, by size.

        Parameters
        ----------
        k : int
        key : uint64
        running : float64[N]
            Running sum of the subnets' sizes.
        """
        u = np.empty(self.n)
        nk.random.fill_uniform(key, self.ids, u)
        slot = np.minimum(np.searchsorted(running, u * running[-1], side="right"), len(running) - 1)
        self.place[k] = np.where(self.starts_on_root > 0, columns.ROOT, slot)

    def settle_with(self, k: int, amounts: Ints) -> Ints:
        """Share the alpha of subnets out among those who are there, by claim; return what was given, int64[N]."""
        rows = np.flatnonzero(self.place[k] >= 0)
        self.alpha[k][rows] += pro_rata(self.place[k][rows], self.claim[rows], amounts)
        return self.in_subnets(k, len(amounts))

    def choose(self, k: int, keys: tuple[np.uint64, np.uint64], places: nk.subnet_stakes.Places) -> Ints:
        """Return where each wants to be on network `k`, int64[n]; see `nk.subnet_stakes.choose`."""
        target = np.empty(self.n, np.int64)
        who = nk.subnet_stakes.Positions(self.ids, self.place[k], self.alpha[k], self.root[k], self.trend_weight)
        nk.subnet_stakes.choose(keys, self.spec.reconsider.probability(self.site.dt_days), who, places, target)
        return target

    def in_subnets(self, k: int, n_slots: int) -> Ints:
        """Count the alpha that members hold of each subnet of network `k`, int64[N], base units."""
        totals = np.zeros(n_slots, np.int64)
        staked = self.place[k] >= 0
        np.add.at(totals, self.place[k][staked], self.alpha[k][staked])
        return totals

    def share_out(self, k: int, amounts: Ints, balance: Ints) -> Ints:
        """Share amounts out among those who hold a subnet's alpha, by what they hold; return what was given.

        Parameters
        ----------
        k : int
        amounts : int64[N], base units
        balance : int64[n], base units, in/out
            To which each one's part is added.

        Returns
        -------
        int64[N], base units
            At most `amounts`.
        """
        rows = np.flatnonzero(self.place[k] >= 0)
        given = pro_rata(self.place[k][rows], self.alpha[k][rows], amounts)
        balance[rows] += given
        paid = np.zeros_like(amounts)
        np.add.at(paid, self.place[k][rows], given)
        return paid

    def earn_on_root(self, k: int, amount: int) -> tuple[int, int]:
        """Share tokens out among those on root, by stake; return what they sell, and what they add to their stake."""
        total = int(self.root[k].sum())
        given = (self.root[k] * (amount / max(total, 1) * NEVER_TOO_MUCH)).astype(np.int64)
        sold = (given * self.spec.sold).astype(np.int64)
        self.tokens[k] += sold
        self.root[k] += given - sold
        return int(sold.sum()), int((given - sold).sum())

    def earn_as_owners(self, k: int, owners: Ints, amounts: Ints) -> tuple[int, int]:
        """Give tokens to members by identifier, int64[m]; return what they sell, and what they add to their stake."""
        sold = (amounts * self.spec.sold).astype(np.int64)
        rows = self.rows_of(owners)
        np.add.at(self.tokens[k], rows, sold)
        np.add.at(self.root[k], rows, amounts - sold)
        return int(sold.sum()), int((amounts - sold).sum())

    def rows_of(self, ids: Ints) -> Ints:
        """Return the row of each identifier, int64[m]; any row for who is no member."""
        order = np.argsort(self.ids)
        rows: Ints = order[np.searchsorted(self.ids[order], ids) % self.n]
        return rows

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Offer all free tokens; see `Population.orders`."""
        self.order[:] = -self.tokens
        return [0] * self.site.n_networks, self.tokens.sum(axis=1).tolist()

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book fills; see `Population.settle`."""
        received = np.zeros(self.site.n_networks, np.int64)
        for k in range(self.site.n_networks):
            usd = (-self.order[k] * float(fills.usd_per_token[k])).astype(np.int64)
            self.tokens[k] += self.order[k]
            self.usd += usd
            received[k] = usd.sum()
        return [0] * self.site.n_networks, received.tolist()

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of the orders; see `Population.route`."""
        part[:] = part_of(self.order[k], share)
        self.order[k] -= part

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Book what came of single orders; see `Population.fill`."""
        self.usd += usd
        self.tokens[k] += tokens

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def token_totals(self) -> Ints:
        """Count the free base units held; see `Population.token_totals`."""
        totals: Ints = self.tokens.sum(axis=1)
        return totals

    def staked_totals(self) -> Ints:
        """Count the base units on root; see `Population.staked_totals`."""
        totals: Ints = self.root.sum(axis=1)
        return totals

    def stakes(self, k: int) -> Ints:
        """Return what each has on root of network `k`; see `Population.stakes`."""
        stakes: Ints = self.root[k]
        return stakes

    def wealth(self, price_micro: Floats) -> Floats:
        """Return cash, tokens and alpha of each at given prices, alpha at its own, float64[n], micro-USD."""
        wealth = self.usd.astype(np.float64)
        for k, price in enumerate(price_micro):
            alpha = self.alpha[k] * np.where(self.place[k] >= 0, self.alpha_prices[k][self.place[k]], 0.0)
            wealth += (self.tokens[k] + self.root[k] + alpha) * price
        return wealth

    def gains(self, price_micro: Floats, steps: int) -> Gains:
        """Rise of wealth, on wealth at the start; who owned a subnet at the start owns its alpha beside that."""
        gain, capital = (self.wealth(price_micro) - self.endowment) / MICRO, self.endowment / MICRO
        return Gains(np.full(self.n, -1), self.endowment, gain, np.zeros(self.n), gain, gain, capital)

    def voters(self, k: int) -> Voters | None:
        """Return all of them; see `Population.voters`."""
        return Voters(self.ids, self.tokens[k], self.root[k], self.root[k], "stakers")

    @property
    def trend_gain(self) -> float:
        """Weight of a step in the averages that members keep."""
        return min(1.0, self.site.dt_days / self.spec.trend_days)

    @property
    def horizon_years(self) -> float:
        """Time over which the cost of moving is spread, years."""
        return self.spec.horizon_days / DAYS["per_year"]


def pro_rata(group: Ints, weight: Ints, amounts: Ints) -> Ints:
    """Divide an amount per group among its members by weight, each part rounded down.

    Parameters
    ----------
    group, weight : int64[m]
    amounts : int64[N]

    Returns
    -------
    int64[m]
        The parts of a group sum to at most its amount.
    """
    total = np.zeros_like(amounts)
    np.add.at(total, group, weight)
    rate = amounts / np.maximum(total, 1) * NEVER_TOO_MUCH
    given: Ints = (weight * rate[group]).astype(np.int64)
    return given
