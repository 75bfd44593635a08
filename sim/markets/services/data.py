"""Markets for data licences."""

from __future__ import annotations

from typing import ClassVar

from catallaxy.agents.data_providers import DataProviders
from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.population import Ints
from catallaxy.sim.markets.services.base import DATA_MARKETS, DataMarket

__all__ = ["PostedPrice"]


@DATA_MARKETS.register("posted-price")
class PostedPrice(DataMarket):
    """Providers post prices for non-rival licences; builders take the cheapest data their budget covers."""

    summary: ClassVar[str] = "Posted prices for non-rival licences."

    def clear(self, providers: DataProviders, builders: ModelBuilders, transaction_cost: float) -> tuple[Ints, Ints]:
        """Trade licences; see `DataMarket.clear`."""
        paid = builders.license_data(providers.offers, providers.stock)
        return paid, providers.collect(builders.buyers, builders.per_network, transaction_cost)
