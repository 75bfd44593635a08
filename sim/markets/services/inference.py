"""Markets for AI services."""

from __future__ import annotations

from typing import ClassVar

from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.markets.services.base import INFERENCE_MARKETS, InferenceMarket

__all__ = ["Logit"]


@INFERENCE_MARKETS.register("logit")
class Logit(InferenceMarket):
    """Differentiated models: users spread over builders by a logit in log quality and log price."""

    summary: ClassVar[str] = "Differentiated prices, logit demand."

    def clear(self, builders: ModelBuilders, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Serve users; see `InferenceMarket.clear`."""
        return builders.sell(spending, unit_cost, kept)
