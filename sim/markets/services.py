"""Service markets: how compute, data and inference are priced and allocated.

Each of the three markets is a plug-in point of its own. The populations hold offers and demands in arrays; a market
turns them into prices and quantities for all networks at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import SerializeAsAny

from catallaxy import numba_kernels as nk
from catallaxy.agents.data_providers import DataProviders
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.plugins import Plugin, Registered, Registry
from catallaxy.agents.population import Floats, Ints

__all__ = [
    "COMPUTE_MARKETS",
    "DATA_MARKETS",
    "INFERENCE_MARKETS",
    "ComputeClearing",
    "ComputeMarket",
    "DataMarket",
    "InferenceMarket",
    "ServicesSpec",
]


@dataclass(frozen=True)
class ComputeClearing:
    """Outcome of the compute market, per network.

    Attributes
    ----------
    marginal : int64[K]
        Highest tick that sells; -1 when none does.
    filled : float64[K]
        Share of the offers at the marginal tick that sell.
    price : float64[K], USD/GPU-hour
    """

    marginal: Ints
    filled: Floats
    price: Floats


class ComputeMarket(Plugin):
    """Base of every compute market."""

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours on every network.

        Parameters
        ----------
        supply : int64[K, ticks], milli-GPU-hours
            Offers by price tick.
        demand : int64[K], milli-GPU-hours
        ceiling : float, USD/GPU-hour
            Price at which buyers go elsewhere.
        last_price : float64[K], USD/GPU-hour
            Clearing price of the last step; kept where nothing trades.

        Returns
        -------
        ComputeClearing
        """
        raise NotImplementedError(f"compute market {self.kind!r} does not clear")


class DataMarket(Plugin):
    """Base of every data market."""

    def clear(self, providers: DataProviders, builders: ModelBuilders, transaction_cost: float) -> tuple[Ints, Ints]:
        """Trade licences; return micro-USD paid per network and the providers' tally (see `data_market.pay`)."""
        raise NotImplementedError(f"data market {self.kind!r} does not clear")


class InferenceMarket(Plugin):
    """Base of every inference market."""

    def clear(self, builders: ModelBuilders, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Serve users; return the builders' tally (see `model_market.serve`)."""
        raise NotImplementedError(f"inference market {self.kind!r} does not clear")


COMPUTE_MARKETS: Registry[ComputeMarket] = Registry("compute market", ComputeMarket)
DATA_MARKETS: Registry[DataMarket] = Registry("data market", DataMarket)
INFERENCE_MARKETS: Registry[InferenceMarket] = Registry("inference market", InferenceMarket)


@COMPUTE_MARKETS.register("merit-order")
class MeritOrder(ComputeMarket):
    """Uniform-price procurement auction: cheapest offers first, all paid the same; the cloud serves the rest.

    The price tends to the marginal offer while supply lasts, and to the ceiling when demand exceeds all offers below
    it: there buyers are indifferent between the network and the cloud, and scarce hardware earns a rent. The rent comes
    and goes gradually, because most capacity is contracted for longer than a step.
    """

    summary: ClassVar[str] = "Uniform-price auction by merit order, with the cloud as outside supply."

    discount: float = quantity(
        0.1, unit="1", doc="What buyers must save against the cloud to use the network.", ge=0, lt=1
    )
    rent_pace: float = quantity(
        0.05, unit="1/step", doc="Share of the way to scarcity or marginal price that the price goes.", gt=0, le=1
    )

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours; see `ComputeMarket.clear`."""
        n = len(demand)
        top = np.full(n, nk.merit_order.tick_at(ceiling * (1.0 - self.discount)) - 1, np.int64)
        marginal, rationed = np.zeros(n, np.int64), np.zeros(n, np.int64)
        nk.merit_order.clear(supply, demand, top, marginal, rationed)
        at_margin = supply[np.arange(n), np.maximum(marginal, 0)]
        filled = np.where(marginal >= 0, rationed / np.maximum(at_margin, 1), 0.0)
        short = supply[:, : top[0] + 1].sum(axis=1) < demand
        price = np.array(
            [
                self._price(int(t), int(top[0]), last, short=bool(scarce)) if t >= 0 else last
                for t, last, scarce in zip(marginal, last_price, short, strict=True)
            ]
        )
        return ComputeClearing(marginal, filled, price)

    def _price(self, marginal: int, top: int, last: float, *, short: bool) -> float:
        offer, ceiling = nk.merit_order.price_of_tick(marginal), nk.merit_order.price_of_tick(top)
        moved = last + self.rent_pace * ((ceiling if short else offer) - last)
        return min(max(moved, offer), ceiling)


@DATA_MARKETS.register("posted-price")
class PostedPrice(DataMarket):
    """Providers post prices for non-rival licences; builders take the cheapest data their budget covers."""

    summary: ClassVar[str] = "Posted prices for non-rival licences."

    def clear(self, providers: DataProviders, builders: ModelBuilders, transaction_cost: float) -> tuple[Ints, Ints]:
        """Trade licences; see `DataMarket.clear`."""
        paid = builders.license_data(providers.offers, providers.stock)
        return paid, providers.collect(builders.buyers, builders.per_network, transaction_cost)


@INFERENCE_MARKETS.register("logit")
class Logit(InferenceMarket):
    """Differentiated models: users spread over builders by a logit in log quality and log price."""

    summary: ClassVar[str] = "Differentiated prices, logit demand."

    def clear(self, builders: ModelBuilders, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Serve users; see `InferenceMarket.clear`."""
        return builders.sell(spending, unit_cost, kept)


class ServicesSpec(Spec):
    """The three service markets."""

    compute: Annotated[SerializeAsAny[ComputeMarket], Registered(COMPUTE_MARKETS)] = quantity(
        {"kind": "merit-order"}, unit="-", doc="Market for GPU-hours."
    )
    data: Annotated[SerializeAsAny[DataMarket], Registered(DATA_MARKETS)] = quantity(
        {"kind": "posted-price"}, unit="-", doc="Market for data licences."
    )
    inference: Annotated[SerializeAsAny[InferenceMarket], Registered(INFERENCE_MARKETS)] = quantity(
        {"kind": "logit"}, unit="-", doc="Market for AI services."
    )
