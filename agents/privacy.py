"""Privacy as an externality: what others share tells about you, and hiding behind noise costs money."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Flags, Floats, Ints, Population

__all__ = ["AnonymizationSpec", "Exposure", "SignalsSpec"]

_NO_PROTECTION = (float("inf"), 1.0, 1.0)


class AnonymizationSpec(Spec):
    """What it takes to share data under protection (noise, aggregation, encryption), and what it achieves."""

    cost: float = quantity(
        0.02,
        unit="USD/day",
        doc="Cost of computing, and of storing, data under protection.",
        ge=0,
        source="Assumption: a quarter of a cent of cloud computing an hour for a part of the day.",
    )
    privacy_left: float = quantity(
        0.3,
        unit="1",
        doc="Share of the privacy cost that remains.",
        ge=0,
        le=1,
        source="Assumption: differential privacy with epsilon about 1 limits what can be learned, not to nothing.",
    )
    leakage_left: float = quantity(
        0.3, unit="1", doc="Weight of protected data in what the data of others tell.", ge=0, le=1, source="As privacy."
    )


class SignalsSpec(Spec):
    """Data as noisy signals of types, which are normal and correlated within a domain."""

    noise: float = quantity(
        1.0,
        unit="1",
        doc="Variance of the noise in people's data over that of what they are about.",
        gt=0,
        le=1e6,
        source="Acemoglu, Makhdoumi, Malekian & Ozdaglar (2022), AEJ: Microeconomics 14, 218: their example.",
    )


class Exposure:
    """What taking part costs each provider, given what others share.

    Parameters
    ----------
    providers : Population
        Gets the columns `privacy`, `upkeep`, `domain` and `hidden`.
    costs : (float64[n], float64[n]), USD per step
        Privacy cost while nobody else shares, and upkeep.
    domain : int64[n]
    correlation : float
    anonymization : AnonymizationSpec or None
    signals : SignalsSpec or None
        What the data of others tell follows from normal types whose correlation is `correlation`.

    Attributes
    ----------
    shared : float64[K, D]
        Share of each domain's data that is shared.
    potential : float64[K, D]
        Data of each domain, thousandths of a unit.
    """

    def __init__(
        self,
        providers: Population,
        costs: tuple[Floats, Floats],
        domain: Ints,
        correlation: float,
        anonymization: AnonymizationSpec | None,
        signals: SignalsSpec | None = None,
    ) -> None:
        self._privacy: Floats = providers.store("privacy", costs[0])
        self._upkeep: Floats = providers.store("upkeep", costs[1])
        self._domain: Ints = providers.store("domain", domain)
        self.hidden: Flags = providers.store("hidden", np.zeros(len(providers), np.int8))
        self.correlation = correlation
        days = providers.site.dt_days
        self._protection = nk.privacy.Protection(
            *(
                _NO_PROTECTION
                if anonymization is None
                else (anonymization.cost * days, anonymization.privacy_left, anonymization.leakage_left)
            )
        )
        self._signals = None if signals is None else nk.privacy.Signals(correlation, signals.noise)
        grid = (providers.site.n_networks, int(domain.max()) + 1)
        self.shared, self.potential, self._sharers = np.zeros((3, *grid))

    def expose(self, network: Ints, units: Floats, active: Flags, cost: Floats) -> None:
        """Set `cost`, what taking part costs each provider (USD per step) at what those on offer share."""
        people = self._people(network, units)
        if self._signals is not None:
            left = self._protection.leakage_left
            nk.privacy.count_sharers(people, active, self.hidden, left, self._sharers)
            taking = (active, self.hidden)
            nk.privacy.signal_exposure(people, taking, self._sharers, self._signals, self._protection, cost)
            return
        nk.privacy.exposure(people, self.shared, self.correlation, self._protection, self.hidden, cost)

    def leak(self, network: Ints, units: Floats, active: Flags) -> None:
        """Measure what is shared once providers have decided."""
        left = self._protection.leakage_left
        nk.privacy.leak(self._people(network, units), active, self.hidden, left, self.potential, self.shared)

    def known(self) -> Floats:
        """Return the share of each network's data that is shared, float64[K]."""
        share: Floats = (self.shared * self.potential).sum(axis=1) / np.maximum(self.potential.sum(axis=1), 1.0)
        return share

    def fresh(self) -> Floats:
        """Return the share of what the data shared tell that is told once, float64[K].

        The next unit tells 1 - correlation * s that is new; on the way from nothing to s that is 1 - correlation * s/2
        in the mean.
        """
        shared = self.shared * self.potential
        told: Floats = (shared * (1.0 - 0.5 * self.correlation * self.shared)).sum(axis=1)
        total = shared.sum(axis=1)
        return np.where(total > 0.0, told / np.maximum(total, 1e-9), 1.0)

    def _people(self, network: Ints, units: Floats) -> nk.privacy.People:
        return nk.privacy.People(network, self._domain, units, self._privacy, self._upkeep)
