"""Markets for data licences."""

from __future__ import annotations

from typing import ClassVar

from catallaxy.agents.data_providers import DataProviders
from catallaxy.agents.declaration import quantity
from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.population import Ints
from catallaxy.sim.markets.services.base import DATA_MARKETS, DataMarket

__all__ = ["Bargaining", "PostedPrice"]


@DATA_MARKETS.register("posted-price")
class PostedPrice(DataMarket):
    """Providers post prices for non-rival licences; builders take the cheapest data their budget covers."""

    summary: ClassVar[str] = "Posted prices for non-rival licences."

    pace: int = quantity(
        1,
        unit="tick/step",
        doc="Ticks of 0.4 % by which a price goes up when every builder bought, and down when none did.",
        source="Assumption: at one a day a price can rise 4-fold in a year, and no faster.",
        ge=1,
        le=250,
    )

    def clear(self, providers: DataProviders, builders: ModelBuilders, transaction_cost: float) -> tuple[Ints, Ints]:
        """Trade licences; see `DataMarket.clear`."""
        paid = builders.license_data(providers.offers, providers.stock)
        return paid, providers.collect(builders.buyers, builders.per_network, transaction_cost, self.pace)


@DATA_MARKETS.register("bargaining")
class Bargaining(DataMarket):
    """Every provider bargains with every builder of its network; licences are non-rival.

    A unit is worth to a builder its data budget over all data on offer. A provider needs an equal part of its costs
    from each builder. Where there is a surplus they trade, and split it by the provider's power.
    """

    summary: ClassVar[str] = "Nash bargaining over non-rival licences, provider by builder."

    provider_power: float = quantity(
        0.5,
        unit="1",
        doc="Share of the surplus that goes to the provider: 0 and 1 are take-it-or-leave-it offers by the builder and "
        "by the provider.",
        ge=0,
        le=1,
    )

    def clear(self, providers: DataProviders, builders: ModelBuilders, transaction_cost: float) -> tuple[Ints, Ints]:
        """Trade licences; see `DataMarket.clear`."""
        power = self.provider_power
        providers.reserve(builders.per_network, transaction_cost)
        paid = builders.bargain(providers.offers, providers.stock, power)
        return paid, providers.settle_bargains(builders.buyers, builders.worth, power, transaction_cost)
