"""Data providers: owners of datasets who license them when it pays more than it costs them in privacy and upkeep."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.honesty import Honesty, HonestySpec
from catallaxy.agents.payment_channels import CHANNELS, BatchingSpec, PaymentChannels
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Floats, Holdings, Ints, PopulationSpec, Site
from catallaxy.agents.privacy import AnonymizationSpec, Exposure, SignalsSpec
from catallaxy.agents.sellers import Sellers

__all__ = ["DataProviders", "DataProvidersSpec"]

#: Data units are counted in thousandths.
_UNIT = 1000.0


@AGENT_KINDS.register("data_providers")
class DataProvidersSpec(PopulationSpec):
    """Declared parameters of data providers."""

    summary: ClassVar[str] = "Owners of datasets who license them to model builders."

    size: Attribute = column(
        {"dist": "lognormal", "median": 1.0, "sigma": 1.0}, unit="unit", doc="Size of the dataset.", ge=0
    )
    quality: Attribute = column(
        {"dist": "uniform", "low": 0.3, "high": 1.0}, unit="1", doc="Quality of the data.", ge=0, le=1
    )
    privacy_cost: Attribute = column(
        {"dist": "pareto", "minimum": 0.01, "tail": 1.3},
        unit="USD/day",
        doc="What sharing the data costs its owner in privacy; heavy-tailed across people.",
        ge=0,
        source="Valuations of personal data are heavy-tailed (Acquisti, John & Loewenstein 2013, J. Legal Studies 42).",
    )
    upkeep: Attribute = column(0.005, unit="USD/day", doc="Cost of keeping the data available.", ge=0)
    sell_share: Attribute = column(
        {"dist": "uniform", "low": 0.02, "high": 0.3}, unit="1/step", doc="Share of tokens sold each step.", ge=0, le=1
    )
    asking_price: Attribute = column(
        {"dist": "lognormal", "median": 0.002, "sigma": 0.5},
        unit="USD/unit/day",
        doc="First posted price of a data unit.",
        gt=0,
    )
    hysteresis: float = quantity(
        0.1, unit="1", doc="Relative gain needed to start, and loss borne before stopping.", ge=0, lt=1
    )

    smoothing: float = quantity(
        0.1, unit="1/step", doc="Weight of the last step in what providers expect a data unit to earn.", gt=0, le=1
    )
    domain: Attribute = column(
        0.0,
        unit="-",
        doc="Number of what the data are about, rounded down; only data of one domain tell about each other.",
        ge=0,
        le=63,
    )
    correlation: float = quantity(
        0.0,
        unit="1",
        doc="Share of what data tell that others' data of the domain tell too, once all of it is on offer.",
        ge=0,
        le=1,
    )
    signals: SignalsSpec | None = quantity(
        None,
        unit="-",
        doc="What others' data tell follows from normal types with this `correlation`, not from the share on offer.",
    )
    anonymization: AnonymizationSpec | None = quantity(
        None, unit="-", doc="Providers may share under protection, where that is cheaper than their loss of privacy."
    )
    honesty: HonestySpec | None = quantity(
        None, unit="-", doc="Some providers cheat when it pays, and are inspected; without it, all are honest."
    )
    batching: BatchingSpec | None = quantity(
        None,
        unit="-",
        doc="Earnings wait until they are worth a transaction; without it, those of a step are one payment.",
    )

    @property
    def exposed(self) -> bool:
        """Whether what others share matters, or data can be protected."""
        return self.correlation > 0.0 or self.signals is not None or self.anonymization is not None

    def build(self, name: str, site: Site) -> DataProviders:
        """Make the population; see `PopulationSpec.build`."""
        return DataProviders(name, site, self)


class DataProviders(Sellers):
    """Owners of datasets."""

    EARNS: ClassVar[str] = "data"
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        *Sellers.COLUMNS,
        Column("units", "float64", "unit", "Quality-weighted size of the dataset."),
        Column("cost", "float64", "USD/step", "Privacy and upkeep."),
        Column("tick", "int64", "tick", "Posted price of a unit."),
        Column("fee", "int64", "micro-USD/step", "Price of one licence."),
        Column("weight", "int64", "1e-3 unit", "Weight in data rewards."),
        Column("active", "int8", "-", "1 when on offer."),
        Column("licences", "int64", "licence/step", "Licences sold."),
    )

    def __init__(self, name: str, site: Site, spec: DataProvidersSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec

        def draw(field: str) -> Floats:
            return spec.draw(field, site, self.ids)

        self.habit[:] = draw("sell_share")
        self.units: Floats = self.store("units", draw("size") * draw("quality"))
        self.cost: Floats = self.store("cost", (draw("privacy_cost") + draw("upkeep")) * site.dt_days)
        self.tick = self.zeros("tick")
        nk.merit_order.ticks_of(draw("asking_price") * site.dt_days, self.tick)
        self.fee = self.zeros("fee")
        self.weight, self.licences = self.zeros("weight"), self.zeros("licences")
        self.active = self.store("active", np.zeros(self.n, np.int8))
        grid = (site.n_networks, nk.merit_order.TICKS)
        self.offers, self.stock = np.zeros(grid, np.int64), np.zeros(grid, np.int64)
        self.potential: Floats = self.by_network((self.units * _UNIT).astype(np.int64)) / _UNIT
        self.tally = np.zeros((site.n_networks, 4), np.int64)
        self.exposure = self._exposure(draw) if spec.exposed else None
        self.honesty = None if spec.honesty is None else Honesty(self, spec.honesty, self.units, self.cost)
        self.toll: Floats | None = None
        self.channels = None if spec.batching is None else PaymentChannels(self, spec.batching, spec.smoothing)

    def _exposure(self, draw: Callable[[str], Floats]) -> Exposure:
        spec, days = self.spec, self.site.dt_days
        costs = (draw("privacy_cost") * days, draw("upkeep") * days)
        domain = draw("domain").astype(np.int64)
        return Exposure(self, costs, domain, spec.correlation, spec.anonymization, spec.signals)

    def offer(self, income_per_unit: Floats, transaction_cost: float) -> None:
        """Decide who offers data and at what fee.

        Parameters
        ----------
        income_per_unit : float64[K], USD per unit and step
            What a unit of data earned lately, fees and rewards.
        transaction_cost : float, USD
            Cost of receiving one payment.
        """
        if self.honesty is not None:
            self.honesty.restore(self.cost)
        if self.exposure is not None:
            self.exposure.expose(self.network, self.data, self.active, self.cost)
        if self.honesty is not None:
            self.honesty.decide(self.network, income_per_unit, self.units, self.cost)
        if self.channels is not None:
            self.channels.reckon(self._own, income_per_unit, transaction_cost)
        if self.toll is not None:
            self._post_tolls(self.toll)
        terms = nk.data_market.Terms(income_per_unit, self._per_step(transaction_cost), self.spec.hysteresis)
        nk.data_market.offer(self._catalogue, terms, self.active, self.tick, self.fee, self.offers, self.stock)
        nk.data_market.reward_weights(self.units, self.active, self.weight)
        if self.exposure is not None:
            self.exposure.leak(self.network, self.data, self.active)
        if self.honesty is not None:
            self.honesty.survey(self.network, self.active, self.units)

    def _post_tolls(self, toll: Floats) -> None:
        lowest = np.zeros(self.site.n_networks, np.int64)
        nk.merit_order.ticks_of(toll, lowest)
        np.maximum(self.tick, lowest[self.network], out=self.tick)

    def licensed(self) -> Ints:
        """Return the data that each has licensed in this step, over all licences, int64[n], 1e-3 unit."""
        licensed: Ints = (self.units * _UNIT).astype(np.int64) * self.licences
        return licensed

    @property
    def data(self) -> Floats:
        """Quality-weighted data that each has, whatever it offers, float64[n], units."""
        return self.units if self.honesty is None else self.honesty.own

    def teaching(self) -> Floats | None:
        """Return the share of the data on offer from which builders learn something new, float64[K]; None where all."""
        fresh = None if self.exposure is None else self.exposure.fresh()
        if self.honesty is None:
            return fresh
        return self.honesty.worth() if fresh is None else self.honesty.worth() * fresh

    def collect(self, buyers: Ints, n_builders: Ints, transaction_cost: float, pace: int = 1) -> Ints:
        """Receive licence fees and move prices by `pace` ticks; return the tally of `numba_kernels.data_market.pay`."""
        nk.data_market.pay(
            self.network,
            (self.active, self.tick, self.fee),
            buyers,
            n_builders,
            (self._till, self.income, self.licences),
            int(self._per_step(transaction_cost) * MICRO),
            pace,
            self.tally,
        )
        return self.tally

    def reserve(self, n_builders: Ints, transaction_cost: float) -> None:
        """Replace posted prices by the lowest fees that those on offer accept.

        Parameters
        ----------
        n_builders : int64[K]
            Builders over which a provider spreads its costs.
        transaction_cost : float, USD
        """
        shelf = (self.fee, self.offers, self.stock)
        catalogue = self._catalogue
        if self.toll is not None:
            per_unit = self.toll * n_builders
            catalogue = catalogue._replace(cost=catalogue.cost + self.units * per_unit[self.network])
        nk.data_bargaining.reserve(catalogue, self.active, n_builders, self._per_step(transaction_cost), *shelf)

    def bear(self) -> None:
        """Count a step's privacy and upkeep as costs of those on offer."""
        nk.payouts.bear(self.active, self.cost, self.costs)

    def entitlements(self) -> Ints:
        """Return the weights in rewards; see `Holders.entitlements`."""
        return self.weight

    def settle_bargains(self, buyers: Ints, worth: Ints, weight: float, transaction_cost: float) -> Ints:
        """Receive what was agreed with the builders; return the tally of `numba_kernels.data_bargaining.receive`."""
        nk.data_bargaining.receive(
            self._catalogue,
            (self.active, self.fee),
            (buyers, worth),
            weight,
            (self._till, self.income, self.licences),
            int(self._per_step(transaction_cost) * MICRO),
            self.tally,
        )
        return self.tally

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that options add; see `Population.records`."""
        groups = {"payments": self.channels, "privacy": self.exposure, "honesty": self.honesty}
        return tuple(group for group, option in groups.items() if option is not None)

    def institutions(self) -> dict[str, Holdings]:
        """Return what is owed and not settled; see `Population.institutions`."""
        return {} if self.channels is None else {CHANNELS: self.channels.holdings()}

    def settle_payments(self, transaction_cost: float) -> Ints | None:
        """Settle what is worth a transaction; return the tally of `numba_kernels.data_payments.settle`, if anything."""
        return None if self.channels is None else self.channels.settle(self.network, self.usd, transaction_cost)

    def spent(self) -> Ints:
        """Return what each has earned and neither has nor is owed, int64[n], micro-USD; only its changes say much."""
        return self.income - self.usd if self.channels is None else self.income - self.usd - self.channels.owed

    def owed(self) -> Ints:
        """Sum what is owed and not settled, int64[K], micro-USD."""
        return (
            np.zeros(self.site.n_networks, np.int64) if self.channels is None else self.by_network(self.channels.owed)
        )

    @property
    def till(self) -> str:
        """See `Sellers.till`."""
        return self.name if self.channels is None else CHANNELS

    @property
    def _till(self) -> Ints:
        return self.usd if self.channels is None else self.channels.owed

    def _per_step(self, transaction_cost: float) -> float:
        """Return what being paid a step's earnings costs beyond `_catalogue`, USD."""
        return transaction_cost if self.channels is None else 0.0

    @property
    def _own(self) -> nk.data_market.Catalogue:
        return nk.data_market.Catalogue(self.network, self.units, self.cost)

    @property
    def _catalogue(self) -> nk.data_market.Catalogue:
        cost = self.cost if self.channels is None else self.channels.total
        return nk.data_market.Catalogue(self.network, self.units, cost)
