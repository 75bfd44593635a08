"""The three service markets of a scenario."""

from __future__ import annotations

from typing import Annotated

from pydantic import SerializeAsAny

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.plugins import Registered
from catallaxy.sim.markets.services.base import (
    COMPUTE_MARKETS,
    DATA_MARKETS,
    INFERENCE_MARKETS,
    ComputeMarket,
    DataMarket,
    InferenceMarket,
)

__all__ = ["ServicesSpec"]


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
