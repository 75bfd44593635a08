"""Service markets: how compute, data and inference are priced and allocated.

A kind is known once it is imported here.
"""

from __future__ import annotations

from catallaxy.sim.markets.services.base import (
    COMPUTE_MARKETS,
    DATA_MARKETS,
    INFERENCE_MARKETS,
    ComputeClearing,
    ComputeMarket,
    DataMarket,
    InferenceMarket,
)
from catallaxy.sim.markets.services.compute import MeritOrder
from catallaxy.sim.markets.services.data import PostedPrice
from catallaxy.sim.markets.services.inference import Logit
from catallaxy.sim.markets.services.spec import ServicesSpec

__all__ = [
    "COMPUTE_MARKETS",
    "DATA_MARKETS",
    "INFERENCE_MARKETS",
    "ComputeClearing",
    "ComputeMarket",
    "DataMarket",
    "InferenceMarket",
    "Logit",
    "MeritOrder",
    "PostedPrice",
    "ServicesSpec",
]
