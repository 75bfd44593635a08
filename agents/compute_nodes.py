"""Compute nodes: owners of GPUs who sell GPU-hours when that beats their other uses, post stake, and may cheat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.charges import Charges
from catallaxy.agents.cheating import Cheating
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.gains import Gains
from catallaxy.agents.investment import Hardware, InvestmentSpec
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Flags, Floats, Ints, PopulationSpec, Site
from catallaxy.agents.rates import Rate, rate
from catallaxy.agents.sellers import Sellers

__all__ = ["ComputeNodes", "ComputeNodesSpec"]

_HOURS_PER_DAY = 24.0
_MILLI = 1000.0
#: More base units than any token has: a collateral that cannot be met.
_MOST_TOKENS = float(2**62)


@AGENT_KINDS.register("compute_nodes")
class ComputeNodesSpec(PopulationSpec):
    """Declared parameters of compute nodes."""

    summary: ClassVar[str] = "Owners of GPUs who sell GPU-hours."

    gpus: Attribute = column(
        {"dist": "lognormal", "median": 4.0, "sigma": 1.2}, unit="GPU", doc="GPUs, in H100 equivalents.", gt=0
    )
    power: Attribute = column(
        {"dist": "uniform", "low": 0.8, "high": 1.4},
        unit="kW/GPU",
        doc="Power drawn per GPU, cooling included.",
        ge=0,
        source="H100 SXM board power 0.7 kW (Epoch AI hardware table) times a PUE of 1.15-2.0.",
    )
    tariff: Attribute = column(
        {"dist": "lognormal", "median": 1.0, "sigma": 0.35},
        unit="1",
        doc="Own tariff over the electricity price.",
        ge=0,
    )
    upkeep: Attribute = column(
        {"dist": "uniform", "low": 0.3, "high": 0.9},
        unit="USD/GPU-hour",
        doc="Other cost of an hour sold: wear, bandwidth, support.",
        ge=0,
    )
    outside_share: Attribute = column(
        {"dist": "uniform", "low": 0.02, "high": 0.5},
        unit="1",
        doc="Share of the cloud price that an hour of the hardware nets elsewhere.",
        ge=0,
        le=2,
    )
    opportunism: Attribute = column(
        {"dist": "bernoulli", "p": 0.1}, unit="-", doc="1 for a node that cheats when it expects to gain.", ge=0, le=1
    )
    sell_share: Attribute = column(
        {"dist": "uniform", "low": 0.01, "high": 0.2}, unit="1/step", doc="Share of tokens sold each step.", ge=0, le=1
    )
    cash_days: float = quantity(30.0, unit="day", doc="Running costs kept as cash.", ge=2, le=3650)
    stake_usd_per_gpu: float = quantity(
        1000.0, unit="USD/GPU", doc="Collateral required per GPU, at the starting price.", ge=0, le=1e6
    )
    hysteresis: float = quantity(
        0.1, unit="1", doc="Relative gain needed to go online, and loss borne before going offline.", ge=0, lt=1
    )
    smoothing: float = quantity(
        0.1,
        unit="1/step",
        doc="Weight of the last step in what nodes expect of prices, sales and rewards.",
        gt=0,
        le=1,
    )
    lowest_quote: float = quantity(0.01, unit="USD/GPU-hour", doc="Lowest price ever quoted.", gt=0)
    cheat_saving: float = quantity(
        0.6, unit="1", doc="Share of the running cost that faking the work saves.", ge=0, le=1
    )
    foresight_days: float = quantity(
        0.0,
        unit="day",
        doc="Time over which a node that weighs cheating counts the rewards it would lose with its reputation.",
        ge=0,
        le=3650,
    )
    region: Attribute = column(
        0.0, unit="-", doc="Number of the region where the node is, rounded down; 0 is the first.", ge=0, le=63
    )

    relocation: Rate = rate(
        {"per_year": 0.0},
        doc="Hazard with which a node that a ban on its region cuts off moves to a region that is open to all.",
        ge=0,
    )
    investment: InvestmentSpec | None = quantity(
        None,
        unit="-",
        doc="Owners buy and sell hardware, which breaks and falls behind; without it, it stays as it is.",
    )

    def build(self, name: str, site: Site) -> ComputeNodes:
        """Make the population; see `PopulationSpec.build`."""
        return ComputeNodes(name, site, self)


class ComputeNodes(Sellers):
    """Owners of GPUs.

    Parameters
    ----------
    name : str
    site : Site
    spec : ComputeNodesSpec

    Attributes
    ----------
    supply : int64[K, R, TICKS], milli-GPU-hours
        Offers of this step, by region and price tick.
    expected_price : float64[K, R], USD/GPU-hour
    expected_busy : float64[K, R]
        Share of the hours on offer that nodes expect to sell.
    last_price : float64[K, R], USD/GPU-hour
        What the market left for the next step.
    reachable : int8[n] or None
        1 for those that can serve in this step; None where all can.
    cheats : Cheating
        Decides who fakes work, and checks it.
    burden : float64[K] or None
        What verification costs over running costs; None where it costs nothing.
    standing_cost : float64[K], USD/step
        What a node pays in each step while it is online, sales or not.
    """

    EARNS: ClassVar[str] = "compute"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        *Sellers.COLUMNS,
        Column("capacity", "int64", "milli-GPU-hour/step", "Capacity."),
        Column("power", "float64", "kW/GPU", "Power drawn."),
        Column("electricity", "float64", "1", "Own tariff over the electricity price."),
        Column("upkeep", "float64", "USD/GPU-hour", "Other running cost."),
        Column("outside", "float64", "1", "Share of the cloud price netted elsewhere."),
        Column("stake", "int64", "base unit", "Collateral posted."),
        Column("required", "int64", "base unit", "Collateral required."),
        Column("tick", "int64", "tick", "Quoted price."),
        Column("sold", "int64", "milli-GPU-hour/step", "Compute sold."),
        Column("weight", "int64", "milli-GPU-hour", "Weight in compute rewards."),
        Column("reputation", "float64", "1", "Standing with the protocol, 1 when never found guilty."),
        Column("saving", "float64", "USD/step", "What cheating would save, less rewards it would put at risk."),
        Column("online", "int8", "-", "1 when online."),
        Column("opportunist", "int8", "-", "1 for a node that cheats when it expects to gain."),
        Column("cheating", "int8", "-", "1 when cheating."),
        Column("outcome", "int8", "-", "0 when not checked in the step, 1 when found honest, 2 when condemned."),
        Column("region", "int64", "-", "Number of its region."),
        Column("tied_up", "float64", "USD*step", "Hardware online and collateral, cumulative."),
        Column("worn", "float64", "USD", "Fall in value of hardware online less what it would have netted elsewhere."),
    )

    def __init__(self, name: str, site: Site, spec: ComputeNodesSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec

        def draw(field: str) -> Floats:
            return spec.draw(field, site, self.ids)

        gpus = draw("gpus")
        self.capacity: Ints = self.store(
            "capacity", np.maximum(gpus * _HOURS_PER_DAY * site.dt_days * _MILLI, 1.0).astype(np.int64)
        )
        self.power: Floats = self.store("power", draw("power"))
        self.electricity: Floats = self.store("electricity", draw("tariff"))
        self.upkeep: Floats = self.store("upkeep", draw("upkeep"))
        self.outside: Floats = self.store("outside", draw("outside_share"))
        self.habit[:] = draw("sell_share")
        self.stake, self.tick = self.zeros("stake"), self.zeros("tick")
        self.sold, self.weight = self.zeros("sold"), self.zeros("weight")
        collateral = gpus * spec.stake_usd_per_gpu / site.prices[self.network] * site.base_units[self.network]
        self.required: Ints = self.store("required", np.minimum(collateral, _MOST_TOKENS).astype(np.int64))
        self.reputation: Floats = self.store("reputation", np.ones(self.n))
        self.saving: Floats = self.store("saving", np.zeros(self.n))
        self.online = self.store("online", np.zeros(self.n, np.int8))
        self.opportunist = self.store("opportunist", draw("opportunism").astype(np.int8))
        self.cheating = self.store("cheating", np.zeros(self.n, np.int8))
        self.outcome = self.store("outcome", np.zeros(self.n, np.int8))
        self.region: Ints = self.store("region", draw("region").astype(np.int64))
        tied_up, worn = self.store("tied_up", np.zeros(self.n)), self.store("worn", np.zeros(self.n))
        self.tied = nk.tied_capital.Tied(self.costs, tied_up, worn)
        self.hardware = None if spec.investment is None else self._own_hardware(spec.investment)
        self._hardware_price = 0.0
        self.reachable: Flags | None = None
        self.burden: Floats | None = None
        self.standing_cost = np.zeros(site.n_networks)
        regions = (site.n_networks, int(self.region.max()) + 1)
        self.supply = np.zeros((*regions, nk.merit_order.TICKS), np.int64)
        self.expected_price, self.expected_busy, self.last_price = np.zeros((3, *regions))
        self._by_region = {width: np.zeros((*regions, width), np.int64) for width in (2, 3)}
        self.cheats = Cheating(self)

    def _own_hardware(self, spec: InvestmentSpec) -> Hardware:
        return Hardware(
            self, spec, (self.capacity, self.power, self.required), _HOURS_PER_DAY * self.site.dt_days * _MILLI
        )

    def fund(self, electricity_price: float) -> int:
        """Give every node its starting cash; return the total (micro-USD)."""
        daily = self.running_costs(electricity_price) * self.capacity / _MILLI
        self.cash_target[:] = (daily / self.site.dt_days * self.spec.cash_days * MICRO).astype(np.int64)
        self.usd[:] = self.cash_target
        if self.hardware is not None:
            self.hardware.first_cash[:] = self.cash_target
        return self.usd_total()

    def running_costs(self, electricity_price: float) -> Floats:
        """Return the running cost of a GPU-hour of each node, float64[n], USD."""
        return self.power * self.electricity * electricity_price + self.upkeep

    def earned_elsewhere(self, cloud_price: float) -> Floats:
        """Return what a GPU-hour of each node nets outside the network, float64[n], USD."""
        return self.outside * cloud_price

    @property
    def fleet(self) -> nk.compute_market.Fleet:
        """The columns that the compute market reads."""
        power, upkeep = self.power, self.upkeep
        if self.burden is not None:
            factor = (1.0 + self.burden)[self.network]
            power, upkeep = power * factor, upkeep * factor
        return nk.compute_market.Fleet(
            self.network, self.region, self.capacity, power, self.electricity, upkeep, self.outside
        )

    def outlook(
        self, reward: Floats, electricity_price: float, cloud_price: float, asked: float = 0.0, kept: float = 1.0
    ) -> nk.compute_market.Outlook:
        """Return what nodes expect of the coming step; see `quote`."""
        return nk.compute_market.Outlook(
            self.expected_price,
            self.expected_busy,
            reward,
            electricity_price,
            cloud_price,
            self.spec.hysteresis,
            self.spec.lowest_quote,
            asked,
            kept,
        )

    def quote(
        self,
        reward: Floats,
        electricity_price: float,
        cloud_price: float,
        asked: float = 0.0,
        kept: float = 1.0,
        charges: Charges | None = None,
    ) -> Ints:
        """Go on- or offline and quote; return nodes online and milli-GPU-hours offered per network and region.

        Parameters
        ----------
        reward : float64[K], USD/GPU-hour
            Expected token reward.
        electricity_price : float, USD/kWh
        cloud_price : float, USD/GPU-hour
        asked, kept : float, optional
            Of the gain of the expected price over cost, what nodes add to their quotes, and what a sale brings them.
        charges : Charges, optional
            What the network takes.

        Returns
        -------
        int64[K, R, 2]
        """
        tally = self._by_region[2]
        outlook = self.outlook(reward, electricity_price, cloud_price, asked, kept)
        fleet, usd = self.fleet, self.usd
        if charges is not None:
            fleet, usd = charges.reckoned(fleet, self.online, usd, (1.0 + self.spec.hysteresis) * cloud_price)
        if self.standing_cost.any():
            fleet, usd = self._bearing(fleet, usd, cloud_price)
        if self.reachable is not None:
            usd = np.where(self.reachable == 1, usd, 0)
        nk.compute_market.quote(fleet, outlook, self.online, usd, self.tick, self.supply, tally)
        return tally

    def _bearing(
        self, fleet: nk.compute_market.Fleet, usd: Ints, cloud_price: float
    ) -> tuple[nk.compute_market.Fleet, Ints]:
        """Return the fleet with its standing costs as a hurdle, and the cash that they leave."""
        due = self.standing_cost[self.network]
        hurdle = due / (self.capacity / _MILLI * max(cloud_price, 1e-9))
        left = usd - np.ceil(due * MICRO).astype(np.int64)
        return fleet._replace(outside=fleet.outside + hurdle), np.maximum(left, 0)

    def bear(self) -> Ints:
        """Let nodes that are online pay their standing costs; return micro-dollars paid per network, int64[K]."""
        due = np.ceil(self.standing_cost * MICRO).astype(np.int64)[self.network]
        due = np.where(self.online == 1, np.minimum(due, self.usd), 0)
        self.usd -= due
        return self.by_network(due)

    def deliver(self, sold: Ints, paid: Floats, electricity_price: float) -> Ints:
        """Deliver, get paid and pay running costs; return the tally of `compute_market.deliver`.

        Parameters
        ----------
        sold : int64[K, R, TICKS], milli-GPU-hours
            What sells of `supply`.
        paid : float64[K, R, 1 or TICKS], USD/GPU-hour
            What is paid for it.
        electricity_price : float, USD/kWh

        Returns
        -------
        int64[K, R, 3]
        """
        tally = self._by_region[3]
        nk.compute_market.deliver(
            self.fleet,
            (self.online, self.cheating, self.tick),
            (self.supply, sold, paid),
            electricity_price,
            self.spec.cheat_saving,
            (self.usd, self.income),
            self.sold,
            tally,
        )
        return tally

    def relocate(self, key: np.uint64, shares: Floats) -> None:
        """Let some of the nodes that are cut off in their region move to one that is open.

        Parameters
        ----------
        key : uint64
            Step key of the relocation stream.
        shares : float64[R']
            What is left of each region, for as many regions as there are or more.
        """
        unable = np.zeros(self.n, np.int8) if self.reachable is None else 1 - self.reachable
        leaving = np.flatnonzero((unable == 1) & (shares[self.region] < 1.0))
        haven = np.flatnonzero(shares[: self.supply.shape[1]] >= 1.0)
        hazard = self.spec.relocation.probability(self.site.dt_days)
        if not len(leaving) or not len(haven) or hazard <= 0.0:
            return
        u = np.empty(len(leaving))
        nk.random.fill_uniform(key, self.ids[leaving], u)
        goes = u < hazard
        self.region[leaving[goes]] = haven[(u[goes] / hazard * len(haven)).astype(np.int64)]

    def tie_up(self, cloud_price: float, hardware_price: float, price_micro: Floats) -> None:
        """Count what the hardware forgoes elsewhere, what it and the collateral tie up, and what it loses in value.

        Parameters
        ----------
        cloud_price : float, USD/GPU-hour
        hardware_price : float, USD/GPU
        price_micro : float64[K], micro-USD per base unit
        """
        per_gpu = _HOURS_PER_DAY * self.site.dt_days * _MILLI
        fall = self._hardware_price - hardware_price if self._hardware_price else 0.0
        prices = nk.tied_capital.Prices(cloud_price / _MILLI, hardware_price / per_gpu, fall / per_gpu)
        collateral = (self.network, self.stake, price_micro / MICRO)
        nk.tied_capital.tie_up(self.online, self.capacity, self.outside, collateral, prices, self.tied)
        self._hardware_price = hardware_price

    @property
    def funds(self) -> nk.investment.Till:
        """What the purchase of hardware moves."""
        return nk.investment.Till(self.usd, self.cash_target, self.tied.worn)

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that options add; see `Population.records`."""
        return () if self.hardware is None else ("investment",)

    def gains(self, price_micro: Floats, steps: int) -> Gains:
        """Income less running costs and what is forgone elsewhere, or depreciation; see `Population.gains`."""
        income, costs = self.income / MICRO, self.costs / MICRO
        surplus, capital = income - costs, self.tied.capital / max(steps, 1)
        return Gains(self.network, self.income, income, costs, surplus, surplus - self.tied.worn, capital)

    def learn(self, price: Floats, busy: Floats) -> None:
        """Revise expectations; both arguments are float64[K, R]."""
        self.expected_price += self.spec.smoothing * (price - self.expected_price)
        self.expected_busy += self.spec.smoothing * (busy - self.expected_busy)

    def restake(self) -> Ints:
        """Top up collateral from free tokens; return base units bonded per network."""
        nk.payouts.restake(self.network, self.required, self.tokens, self.stake, self._sums)
        return self._sums

    def entitlements(self) -> Ints:
        """Return the weights in rewards; see `Holders.entitlements`."""
        return self.weight

    def reward_weight(self) -> Ints:
        """Weight in compute rewards: capacity while online and honest in the eyes of the protocol."""
        nk.compute_market.reward_weights(self.capacity, self.online, self.reputation, self.weight)
        return self.weight

    def staked_totals(self) -> Ints:
        """Count the base units posted as collateral; see `Population.staked_totals`."""
        return self.by_network(self.stake)

    def stakes(self, k: int) -> Ints:
        """Return the collateral of each node on network `k`; see `Population.stakes`."""
        stakes: Ints = self.stake[self.network == k]
        return stakes
