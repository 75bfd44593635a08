"""Kinds of data providers who may cheat, and the inspections that find them out."""

from __future__ import annotations

import numpy as np
from pydantic import model_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Flags, Floats, Ints, Population
from catallaxy.agents.rates import Rate, rate
from catallaxy.numba_kernels.streams import Stream

__all__ = ["Honesty", "HonestySpec"]


class HonestySpec(Spec):
    """Who is inclined to which fraud, what it does, and how it is found out."""

    low_effort: float = quantity(
        0.35,
        unit="1",
        doc="Share of providers who save effort when it pays.",
        ge=0,
        le=1,
        source="Veselovsky, Ribeiro & West (2023), arXiv 2306.07899: 33 to 46 % of crowd workers used a model.",
    )
    sybil: float = quantity(
        0.1,
        unit="1",
        doc="Share of providers who offer the same data under many names when it pays.",
        ge=0,
        le=1,
        source="Assumption: airdrops of 2024 excluded about a tenth of the addresses as sybils.",
    )
    poisoner: float = quantity(
        0.01,
        unit="1",
        doc="Share of providers who offer data that spoil models when it pays.",
        ge=0,
        le=1,
        source="Assumption; Carlini et al. (2023), arXiv 2302.10149, poison 0.01 % of public data sets for 60 USD.",
    )
    effort: float = quantity(
        0.3, unit="1", doc="Share of cost, and of worth, that is left of data made with little effort.", ge=0, le=1
    )
    copies: float = quantity(5.0, unit="1", doc="Names under which a sybil offers its data.", ge=1, le=1e6)
    copy_cost: float = quantity(0.01, unit="USD/day", doc="Cost of each further name.", ge=0, le=1e6)
    bounty: float = quantity(
        0.05, unit="USD/unit/day", doc="What spoiling models is worth to a poisoner, a unit of its data.", ge=0, le=1e6
    )
    harm: float = quantity(
        3.0, unit="1", doc="Units of good data that a unit of poison undoes.", ge=0, le=1e6, source="Assumption."
    )
    inspections: Rate = rate(
        {"per_year": 1.0}, doc="Rate at which a provider on offer is inspected.", ge=0, source="Assumption."
    )
    detection: float = quantity(
        0.8, unit="1", doc="Chance that an inspection finds fraud where there is some.", ge=0, le=1
    )
    false_positive: float = quantity(
        0.01, unit="1", doc="Chance that it finds some where there is none.", ge=0, le=1, source="Assumption."
    )
    recovery: Rate = rate(
        {"per_year": 2.0},
        doc="Rate at which a name that was lost recovers; buyers and rewards discount data by it.",
        ge=1e-3,
        source="Assumption: half a year.",
    )

    @model_validator(mode="after")
    def _not_more_than_all(self) -> HonestySpec:
        total = self.low_effort + self.sybil + self.poisoner
        if total > 1.0:
            raise complaint("shares", f"low_effort, sybil and poisoner sum to {total:g}; allowed: at most 1")
        return self

    def fraud(self, dt_days: float) -> nk.data_fraud.Fraud:
        """Return what each kind of fraud does in a step."""
        found = self.inspections.probability(dt_days) * self.detection
        return nk.data_fraud.Fraud(
            self.effort,
            self.copies,
            self.copy_cost * dt_days,
            self.bounty * dt_days,
            self.harm,
            found / self.recovery.probability(dt_days),
        )


class Honesty:
    """Kinds, names and frauds of data providers.

    Parameters
    ----------
    providers : Population
        Gets the columns `inclination`, `cheating`, `reputation`, `own` and `honest_cost`.
    spec : HonestySpec
    units : float64[n]
        Quality-weighted data of each.
    cost : float64[n], USD per step
        Privacy and upkeep.

    Attributes
    ----------
    own : float64[n]
        Data that each has, whatever it offers.
    reputation : float64[n]
    tally : int64[K, 5]
        Of the last `numba_kernels.data_fraud.survey`.
    """

    def __init__(self, providers: Population, spec: HonestySpec, units: Floats, cost: Floats) -> None:
        site, n = providers.site, len(providers)
        self._ids, self._spec, self._dt_days = providers.ids, spec, site.dt_days
        self._fraud = spec.fraud(site.dt_days)
        u = np.empty(n)
        nk.random.fill_uniform(nk.random.step_key(site.seed, int(Stream.DATA_FRAUD), -1), providers.ids, u)
        bounds = np.cumsum([spec.poisoner, spec.sybil, spec.low_effort])
        kinds = np.array(
            [nk.data_fraud.POISONER, nk.data_fraud.SYBIL, nk.data_fraud.LOW_EFFORT, nk.data_fraud.HONEST], np.int8
        )
        self._inclination: Flags = providers.store("inclination", kinds[np.searchsorted(bounds, u, side="right")])
        self._cheating: Flags = providers.store("cheating", np.zeros(n, np.int8))
        self.reputation: Floats = providers.store("reputation", np.ones(n))
        self.own: Floats = providers.store("own", units.copy())
        self._honest_cost: Floats = providers.store("honest_cost", cost.copy())
        self.tally = np.zeros((site.n_networks, 5), np.int64)
        self._found = np.zeros((site.n_networks, 2), np.int64)

    def restore(self, cost: Floats) -> None:
        """Set what taking part costs an honest provider (USD per step)."""
        cost[:] = self._honest_cost

    def decide(self, network: Ints, income_per_unit: Floats, units: Floats, cost: Floats) -> None:
        """Let providers cheat or not; set what each offers and what that costs it."""
        nk.data_fraud.decide(self._sellers(network), income_per_unit, self._fraud, self._cheating, units, cost)

    def survey(self, network: Ints, active: Flags, units: Floats) -> None:
        """Count what is on offer, and what of it is genuine."""
        nk.data_fraud.survey(self._sellers(network), self._fraud, active, self._cheating, units, self.tally)

    def worth(self) -> Floats:
        """Return what is learned from the data on offer over what would be if none was fake, float64[K]."""
        share: Floats = np.clip(self.tally[:, 4] / np.maximum(self.tally[:, 2], 1), 0.0, 1.0)
        return np.where(self.tally[:, 2] > 0, share, 1.0)

    def inspect(self, key: np.uint64, network: Ints, active: Flags) -> Ints:
        """Inspect some; return cheaters found out and innocents found guilty, int64[K, 2]."""
        spec, dt = self._spec, self._dt_days
        how = nk.data_fraud.Inspection(
            spec.inspections.probability(dt), spec.detection, spec.false_positive, spec.recovery.probability(dt)
        )
        books = (active, self._cheating, self.reputation)
        nk.data_fraud.inspect(key, self._ids, network, books, how, self._found)
        return self._found

    def _sellers(self, network: Ints) -> nk.data_fraud.Sellers:
        return nk.data_fraud.Sellers(network, self._inclination, self.own, self.reputation)
