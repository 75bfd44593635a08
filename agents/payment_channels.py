"""Micropayments: what is owed to providers of data waits at the payer until it is worth a transaction."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Floats, Holdings, Ints, Population
from catallaxy.agents.rates import Rate, rate

__all__ = ["CHANNELS", "BatchingSpec", "PaymentChannels"]

CHANNELS = "payment channels"
"""Sector of the ledger that holds what is owed to data providers and not settled."""


class BatchingSpec(Spec):
    """When providers have their earnings settled, and on which layer."""

    waiting: Rate = rate(
        {"per_year": 0.25},
        doc="What a dollar that waits costs its owner: impatience, and the chance that the payer fails.",
        ge=1e-6,
        le=100,
        source="Assumption: an unsecured claim on a young firm.",
    )
    layer1_cost: float = quantity(
        200.0,
        unit="1",
        doc="Cost of a settlement on layer 1 over the transaction cost on layer 2.",
        ge=1,
        le=1e6,
        source="2024: 2 USD for a transfer on Ethereum beside 0.01 on its layers 2 (see the driver transaction_cost).",
    )
    exit_share: float = quantity(
        0.005,
        unit="1",
        doc="Share of what is settled on layer 2 that taking it elsewhere costs.",
        ge=0,
        lt=1,
        source="Assumption: fees of bridges and exchanges, 0.1 to 1 %.",
    )


class PaymentChannels:
    """What each provider is owed, and the rule by which it asks for it.

    Parameters
    ----------
    providers : Population
        Gets the columns `owed`, `owed_before` and `flow`.
    spec : BatchingSpec
    smoothing : float
        Weight of the last step in the flow of earnings that a provider reckons with.

    Attributes
    ----------
    owed : int64[n], micro-USD
    total : float64[n], USD per step
    """

    def __init__(self, providers: Population, spec: BatchingSpec, smoothing: float) -> None:
        self.spec, self.smoothing = spec, smoothing
        self.site = providers.site
        self.owed = providers.zeros("owed")
        self._before = providers.zeros("owed_before")
        self._flow: Floats = providers.store("flow", np.zeros(len(providers)))
        self.total: Floats = providers.store("total_cost", np.zeros(len(providers)))
        self._tally = np.zeros((self.site.n_networks, 4), np.int64)

    def reckon(self, catalogue: nk.data_market.Catalogue, income_per_unit: Floats, transaction_cost: float) -> None:
        """Set `total`, what taking part costs each provider, being paid included.

        Parameters
        ----------
        catalogue : Catalogue
            Networks, units and other costs.
        income_per_unit : float64[K], USD per step
        transaction_cost : float, USD
        """
        rails = self._rails(transaction_cost)
        nk.data_payments.payment_costs(
            catalogue.network, catalogue.units, income_per_unit, rails, catalogue.cost, self.total
        )

    def settle(self, network: Ints, usd: Ints, transaction_cost: float) -> Ints:
        """Pay out what has become worth a transaction; return the tally of `numba_kernels.data_payments.settle`."""
        channel, rails = (self.owed, self._before, self._flow), self._rails(transaction_cost)
        nk.data_payments.settle(network, channel, rails, self.smoothing, usd, self._tally)
        return self._tally

    def holdings(self) -> Holdings:
        """Return what is owed in all."""
        return Holdings(int(self.owed.sum()), np.zeros(self.site.n_networks, np.int64))

    def _rails(self, transaction_cost: float) -> nk.data_payments.Rails:
        spec = self.spec
        waiting = spec.waiting.flow(self.site.dt_days)
        return nk.data_payments.Rails(transaction_cost, transaction_cost * spec.layer1_cost, spec.exit_share, waiting)
