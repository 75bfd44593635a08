"""Markets for AI services."""

from __future__ import annotations

from typing import ClassVar

from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.markets.services.base import INFERENCE_MARKETS, InferenceMarket

__all__ = ["Cheapest", "Logit"]


@INFERENCE_MARKETS.register("logit")
class Logit(InferenceMarket):
    """Differentiated models: users spread over builders by a logit in log quality and log price."""

    summary: ClassVar[str] = "Differentiated prices, logit demand."

    def clear(self, builders: ModelBuilders, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Serve users; see `InferenceMarket.clear`."""
        return builders.sell(spending, unit_cost, kept)


@INFERENCE_MARKETS.register("cheapest")
class Cheapest(InferenceMarket):
    """Undifferentiated services: users go to the cheapest builder, and to the next when its capacity is used up.

    Price competition under capacity limits (Edgeworth 1897): a builder that could serve more lowers its markup, one
    that is asked for more raises it. Quality and appeal count only in the choice between networks.
    """

    summary: ClassVar[str] = "One price wins: users go to the cheapest builder that has capacity."

    def clear(self, builders: ModelBuilders, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Serve users; see `InferenceMarket.clear`."""
        return builders.sell_in_turn(spending, unit_cost, kept)
