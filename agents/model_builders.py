"""Model builders: firms that license data, buy compute, train models and sell inference."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.gains import Gains
from catallaxy.agents.job_queue import JobQueue, JobQueueSpec
from catallaxy.agents.open_weights import Commons, OpenWeightsSpec
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Flags, Floats, Ints, PopulationSpec, Site
from catallaxy.agents.rates import Rate, rate
from catallaxy.agents.royalties import RevenueShareSpec
from catallaxy.agents.scaling_law import ScalingLawSpec
from catallaxy.agents.sellers import Sellers
from catallaxy.agents.venture import Venture, VentureSpec

__all__ = ["ModelBuilders", "ModelBuildersSpec"]

_H100_FLOP_PER_HOUR = 4.0e14 * 3600.0
#: Appeal of a builder that cannot sell.
_SHUNNED = -1000.0


@AGENT_KINDS.register("model_builders")
class ModelBuildersSpec(PopulationSpec):
    """Declared parameters of model builders."""

    summary: ClassVar[str] = "Firms that license data, buy compute, train models and sell inference."

    cash: Attribute = column(
        {"dist": "lognormal", "median": 300_000, "sigma": 0.8}, unit="USD", doc="Cash at the start.", ge=0
    )
    markup: Attribute = column(
        {"dist": "uniform", "low": 0.3, "high": 1.2}, unit="1", doc="First markup over unit cost.", ge=0.05, le=5
    )
    head_start: Attribute = column(
        {"dist": "lognormal", "median": 1e23, "sigma": 1.0}, unit="FLOP", doc="Training already done.", ge=0
    )
    own_data: Attribute = column(
        {"dist": "lognormal", "median": 1e11, "sigma": 1.0}, unit="token", doc="Training data already owned.", ge=0
    )
    appeal: Attribute = column(
        {"dist": "normal", "mean": 0.0, "sd": 1.0}, unit="1", doc="Utility to users beyond quality and price: a name."
    )
    sell_share: Attribute = column(1.0, unit="1/step", doc="Share of tokens sold each step.", ge=0, le=1)
    data_share: float = quantity(0.15, unit="1", doc="Share of revenue spent on data.", ge=0, le=1)
    largest_data_share: float = quantity(
        0.3, unit="1", doc="Largest share of the money for a step that is spent on data.", ge=0, le=1
    )
    training_share: float = quantity(0.2, unit="1", doc="Share of revenue spent on training compute.", ge=0, le=1)
    hours_per_unit: float = quantity(
        0.5,
        unit="GPU-hour/unit",
        doc="Compute that serves one unit (a million output tokens).",
        gt=0,
        source="About 550 output tokens/s per H100 for a 70B model in batch, i.e. 0.5 GPU-hour per million.",
    )
    headroom: float = quantity(1.15, unit="1", doc="Capacity bought over expected demand.", ge=1, le=10)
    cash_share: float = quantity(
        0.5, unit="1/step", doc="Largest share of its cash a builder spends in a step.", gt=0, le=1
    )
    smoothing: float = quantity(0.1, unit="1/step", doc="Weight of the last step in expectations.", gt=0, le=1)
    markup_pace: float = quantity(
        0.02, unit="1/step", doc="Share of the way to the profit-maximising markup gone in a step.", ge=0, le=1
    )
    quality_weight: float = quantity(3.0, unit="1", doc="Pull of log quality between builders (theta_q).", ge=0, le=50)
    price_weight: float = quantity(3.0, unit="1", doc="Pull of log price between builders (theta_p).", ge=0, le=50)
    sensitivity: float = quantity(
        4.0, unit="1/nat", doc="Log quality per nat of loss below or above the frontier.", ge=0, le=100
    )
    scaling_law: ScalingLawSpec = quantity(
        default_factory=ScalingLawSpec, unit="-", doc="What loss compute and data bring a model to."
    )
    frontier_compute: float = quantity(
        2e25, unit="FLOP", doc="Training compute at the frontier at the start.", gt=0, source="Epoch AI, GPT-4 class."
    )
    frontier_growth: Rate = rate(
        {"per_year": 3.6}, doc="Growth of frontier training compute (3.6 per year is a factor of 4.6).", ge=0
    )
    frontier_data: float = quantity(1.5e13, unit="token", doc="Training data at the frontier.", gt=0)
    open_share: float = quantity(
        0.1, unit="1", doc="Share of frontier compute and data embodied in open models.", gt=0, le=1
    )
    flop_per_hour: float = quantity(
        _H100_FLOP_PER_HOUR, unit="FLOP/GPU-hour", doc="Useful arithmetic of one GPU-hour (40 % of H100 peak).", gt=0
    )
    tokens_per_unit: float = quantity(
        1e9, unit="token/unit", doc="Training tokens of common text that one licensed data unit is worth.", gt=0
    )
    obsolescence: Rate = rate({"per_year": 0.5}, doc="Decay of what earlier training and data are worth.", ge=0)
    region: Attribute = column(
        0.0, unit="-", doc="Number of the region where the builder is, rounded down; 0 is the first.", ge=0, le=63
    )
    venture: VentureSpec | None = quantity(
        None, unit="-", doc="Builders have fixed costs, raise money, fail and are replaced; without it, none fails."
    )
    open_weights: OpenWeightsSpec | None = quantity(
        None, unit="-", doc="Some builders publish their weights; without it, none does."
    )
    queue: JobQueueSpec | None = quantity(
        None, unit="-", doc="Training waits for room on the network; without it, the cloud serves what is left at once."
    )
    revenue_share: RevenueShareSpec | None = quantity(
        None,
        unit="-",
        doc="Builders pass on shares of their revenue; without it, they pay for licences and hours only.",
    )

    def build(self, name: str, site: Site) -> ModelBuilders:
        """Make the population; see `PopulationSpec.build`."""
        return ModelBuilders(name, site, self)


class ModelBuilders(Sellers):
    """Firms that train models and sell inference.

    Attributes
    ----------
    reachable : int8[n] or None
        1 for those that can sell in this step; None where all can.
    venture : Venture or None
        Who is in business; None where all are.
    commons : Commons or None
        Models that are public; None where there are none beyond `open_share`.
    queue : JobQueue or None
        Training that waits; None where none does.
    """

    EARNS: ClassVar[str] = "builders"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        *Sellers.COLUMNS,
        Column("revenue", "float64", "USD/step", "Expected revenue."),
        Column("units", "float64", "unit/step", "Expected demand."),
        Column("markup", "float64", "1", "Markup over unit cost."),
        Column("price", "float64", "USD/unit", "Price of a service unit."),
        Column("quality", "float64", "1", "Model quality, 1 at the frontier."),
        Column("compute", "float64", "FLOP", "Training done, less obsolescence."),
        Column("data", "float64", "token", "Training data, less obsolescence."),
        Column("appeal", "float64", "1", "Utility to users beyond quality and price."),
        Column("budget", "int64", "micro-USD/step", "Data budget."),
        Column("paid", "int64", "micro-USD/step", "Spent on data."),
        Column("licensed", "int64", "1e-3 unit", "Data licensed."),
        Column("inference", "int64", "milli-GPU-hour/step", "Compute for serving."),
        Column("training", "int64", "milli-GPU-hour/step", "Compute for training."),
        Column("weight", "int64", "1e-9", "Logit weight among users."),
        Column("tick", "int64", "tick", "Price of a service unit, where users go by price alone."),
        Column("limit", "int64", "micro-USD/step", "Most that it can sell, where users go by price alone."),
    )

    def __init__(self, name: str, site: Site, spec: ModelBuildersSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec

        def draw(field: str) -> Floats:
            return spec.draw(field, site, self.ids)

        self.usd[:] = (draw("cash") * MICRO).astype(np.int64)
        self.habit[:] = draw("sell_share")
        for field in ("revenue", "units", "price", "quality"):
            setattr(self, field, self.store(field, np.zeros(self.n)))
        self.markup: Floats = self.store("markup", draw("markup"))
        self.compute: Floats = self.store("compute", draw("head_start"))
        self.data: Floats = self.store("data", draw("own_data"))
        self.appeal: Floats = self.store("appeal", draw("appeal"))
        for field in ("budget", "paid", "licensed", "inference", "training", "weight", "tick", "limit"):
            setattr(self, field, self.zeros(field))
        self.reachable: Flags | None = None
        self.venture = None if spec.venture is None else Venture(self, spec.venture, self.usd, self.markup)
        public = spec.open_weights is not None or (spec.venture is not None and spec.venture.salvage > 0.0)
        self.commons = Commons(self, spec.open_weights) if public else None
        self.queue = None if spec.queue is None else JobQueue(self, spec.queue)
        self._begin()
        self.per_network = np.bincount(self.network, minlength=site.n_networks).astype(np.int64)
        self.demand = np.zeros(site.n_networks, np.int64)
        self.total_weight = np.zeros(site.n_networks, np.int64)
        grid = (site.n_networks, nk.merit_order.TICKS)
        self.buyers, self.worth = np.zeros((2, *grid), np.int64)
        self._heads, self._capacity = np.zeros((2, *grid), np.int64)
        self._asked: tuple[Floats, Floats] = (np.zeros(self.n), np.zeros(self.n))
        self._tallies = {width: np.zeros((site.n_networks, width), np.int64) for width in (2, 5)}

    def _begin(self) -> None:
        if self.venture is not None:
            self.compute *= self.venture.alive
            self.data *= self.venture.alive
        if self.commons is not None:
            self.commons.limit_markups(self.markup)

    revenue: Floats
    units: Floats
    price: Floats
    quality: Floats
    budget: Ints
    paid: Ints
    licensed: Ints
    inference: Ints
    training: Ints
    weight: Ints
    tick: Ints
    limit: Ints

    @property
    def region(self) -> Ints:
        """Number of the region of each builder, int64[n]; drawn when it is asked for, which is seldom."""
        return self.spec.draw("region", self.site, self.ids).astype(np.int64)

    @property
    def table(self) -> nk.model_market.Builders:
        """The columns that the model market reads and writes."""
        return nk.model_market.Builders(
            self.network,
            self.usd,
            self.revenue,
            self.units,
            self.markup,
            self.price,
            self.quality,
            self.compute,
            self.data,
            self.appeal,
        )

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that options add; see `Population.records`."""
        groups = {
            "venture": self.venture,
            "open weights": self.commons,
            "queue": self.queue,
            "revenue sharing": self.spec.revenue_share,
        }
        return tuple(group for group, option in groups.items() if option is not None)

    def _able(self) -> Flags | None:
        """Return 1 for those that are in business and can be reached, int8[n]; None where all are."""
        if self.venture is None:
            return self.reachable
        return self.venture.alive if self.reachable is None else self.venture.alive * self.reachable

    def _on_sale(self) -> nk.model_market.Builders:
        able, table = self._able(), self.table
        return table if able is None else table._replace(appeal=np.where(able == 1, self.appeal, _SHUNNED))

    def expect(self, spending: Floats, unit_cost: Floats) -> None:
        """Start from the share of users' spending that the first prices and qualities would win.

        Parameters
        ----------
        spending : float64[K], USD/step
        unit_cost : float64[K], USD/unit
        """
        thetas = (self.spec.quality_weight, self.spec.price_weight)
        nk.inference_market.weigh(self._on_sale(), unit_cost, *thetas, self.weight, self.total_weight)
        self.revenue[:] = spending[self.network] * (self.weight / self.total_weight[self.network])
        self.units[:] = self.revenue / self.price

    def plan(self, ceiling: Floats) -> Ints:
        """Set data budgets and compute orders; return milli-GPU-hours wanted per network."""
        how = nk.model_market.Plan(
            self.spec.data_share,
            self.spec.largest_data_share,
            self.spec.training_share,
            self.spec.hours_per_unit,
            self.spec.headroom,
            self.spec.cash_share,
        )
        wanted, table = (self.budget, self.inference, self.training), self.table
        able = self._able()
        if able is not None:
            table = table._replace(usd=np.where(able == 1, self.usd, 0))
        nk.model_market.plan(table, how, ceiling, wanted, self.demand)
        if self.queue is not None:
            self.demand += self.queue.ask(table.usd, wanted, ceiling)
        return self.demand

    def license_data(self, offers: Ints, stock: Ints) -> Ints:
        """License the cheapest data within budget; return micro-USD paid per network."""
        purchase = (self.budget, self.paid, self.licensed)
        nk.data_market.licence(offers, stock, self.network, purchase, self.buyers)
        self.usd -= self.paid
        return self.by_network(self.paid)

    def bargain(self, offers: Ints, stock: Ints, weight: float) -> Ints:
        """Bargain with each provider, whose power is `weight`; return micro-USD paid per network."""
        purchase, demand = (self.budget, self.paid, self.licensed), (self.buyers, self.worth)
        nk.data_bargaining.bargain(self.network, (offers, stock), purchase, weight, demand)
        self.usd -= self.paid
        return self.by_network(self.paid)

    def data_licensed(self) -> Floats:
        """Quality-weighted data units licensed in this step, summed over the builders of each network."""
        return self.by_network(self.licensed) / 1000.0

    def buy_compute(self, served: Floats, price: Floats, cloud: float) -> Ints:
        """Pay nodes and the cloud; return both totals per network (micro-USD)."""
        nk.model_market.purchase_compute(
            self.table, (self.inference, self.training), (served, price, cloud), self._tallies[2]
        )
        return self._tallies[2]

    def pay_compute(self, hours: tuple[Ints, Ints], price: Floats, cloud: float) -> Ints:
        """Pay for the milli-GPU-hours that each got of nodes and of the cloud; return both totals per network."""
        nk.job_queue.pay(self.network, self.usd, hours, price, cloud, self._tallies[2])
        return self._tallies[2]

    def curtail(self, served: Floats, cloud: float) -> Floats:
        """Go without what neither the network nor the cloud can serve; return the network's share of what is left.

        Parameters
        ----------
        served : float64[K]
            Share of the compute wanted that the network serves.
        cloud : float
            Share of the rest that the cloud serves.

        Returns
        -------
        float64[K]
        """
        got = served + (1.0 - served) * cloud
        for hours in (self.inference, self.training):
            hours[:] = np.ceil(hours * got[self.network]).astype(np.int64)
        left: Floats = served / np.where(got > 0.0, got, 1.0)
        return left

    def train(self, step: int, genuine: Floats, fresh: Floats | None = None) -> None:
        """Train on what was bought, and restate quality against the moving frontier.

        Parameters
        ----------
        step : int
        genuine : float64[K]
            Share of the compute that was really done.
        fresh : float64[K], optional
            Share of the data licensed from which something new is learned; all of it by default.
        """
        spec, dt = self.spec, self.site.dt_days
        frontier = spec.frontier_compute * nk.elementary.power_scalar(spec.frontier_growth.growth(dt), float(step))
        know = nk.model_market.Knowledge(
            spec.scaling_law.law,
            frontier,
            spec.frontier_data,
            spec.open_share * frontier,
            spec.open_share * spec.frontier_data,
            spec.flop_per_hour,
            spec.tokens_per_unit,
            spec.obsolescence.probability(dt),
            spec.sensitivity,
        )
        if self.commons is not None:
            alive = None if self.venture is None else self.venture.alive
            self.commons.publish(self.compute, self.data, alive, know.obsolescence)
        licensed = self.licensed if fresh is None else (self.licensed * fresh[self.network]).astype(np.int64)
        nk.model_market.train(self.table, licensed, self.training, know, genuine)

    def gains(self, price_micro: Floats, steps: int) -> Gains:
        """Income less data and compute bought, on the cash at the start; see `Population.gains`."""
        income, costs, capital = self.income / MICRO, self.costs / MICRO, self.spec.draw("cash", self.site, self.ids)
        return Gains(self.network, self.income, income, costs, income - costs, income - costs, capital)

    def entitlements(self) -> Ints:
        """Return the weights among users; see `Holders.entitlements`."""
        return self.weight

    def sell(self, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Let users choose by a logit, serve them and book revenue; return the tally of `inference_market.serve`.

        Parameters
        ----------
        spending : int64[K], micro-USD
        unit_cost : float64[K], USD/unit
        kept : float64[K]
            Share of a payment that reaches the builder.

        Returns
        -------
        int64[K, 5]
        """
        spec, weights = self.spec, (self.weight, self.total_weight)
        nk.inference_market.weigh(self._on_sale(), unit_cost, spec.quality_weight, spec.price_weight, *weights)
        nk.inference_market.spread(self.table, weights, spending, spec.price_weight, *self._asked)
        return self._serve(kept)

    def sell_in_turn(self, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Let users go to the cheapest builder with capacity left, serve them and book revenue; see `sell`."""
        place, queue = (self.tick, self.limit), (self._heads, self._capacity)
        nk.inference_market.queue_up(self.table, unit_cost, self.inference, self.spec.hours_per_unit, place, queue)
        nk.inference_market.serve_in_turn(self.table, place, queue, spending, *self._asked)
        tally = self._serve(kept)
        tally[:, 4] = spending
        return tally

    def forgo(self, amounts: Ints) -> None:
        """Expect less revenue by what was paid out of this step's, int64[n], micro-USD."""
        self.revenue -= self.spec.smoothing * (amounts / MICRO)

    def _serve(self, kept: Floats) -> Ints:
        spec = self.spec
        how = (spec.hours_per_unit, spec.smoothing, spec.markup_pace)
        nk.inference_market.serve(self.table, self._asked, self.inference, kept, how, self.income, self._tallies[5])
        if self.commons is not None:
            self.commons.limit_markups(self.markup)
        return self._tallies[5]
