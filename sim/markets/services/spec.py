"""The three service markets of a scenario."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field, SerializeAsAny, field_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.plugins import Registered
from catallaxy.sim.environment.access import REGIONS
from catallaxy.sim.environment.layer2 import Layer2Spec
from catallaxy.sim.markets.services.base import (
    COMPUTE_MARKETS,
    DATA_MARKETS,
    INFERENCE_MARKETS,
    ComputeMarket,
    DataMarket,
    InferenceMarket,
)
from catallaxy.sim.markets.services.incumbents import IncumbentSpec

__all__ = ["ServicesSpec"]

_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


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
    incumbent_homes: tuple[float, ...] = quantity(
        (1.0,),
        unit="1",
        doc="Relative weight of each region in what the incumbents run (any scale), region 0 first; one region by "
        "default: a single incumbent has one home.",
    )

    layer2: Layer2Spec | None = quantity(
        None, unit="-", doc="Congestion of the layer 2; its throughput has no end when left out."
    )
    incumbents: dict[_Name, IncumbentSpec] = quantity(
        default_factory=dict,
        unit="-",
        doc="Centralized incumbents by name; one, with the price and quality of the drivers, when there are none here.",
    )

    @field_validator("incumbent_homes")
    @classmethod
    def _some(cls, homes: tuple[float, ...]) -> tuple[float, ...]:
        if not 0 < len(homes) <= REGIONS or min(homes) < 0 or not 0 < sum(homes) < math.inf:
            raise complaint(
                "weights",
                f"{list(homes)}: give 1 to {REGIONS} weights that are not negative and sum to more than 0",
            )
        return homes
