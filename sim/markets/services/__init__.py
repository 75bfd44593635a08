"""Service markets: how compute, data and inference are priced and allocated.

A kind is known once it is imported here.
"""

from __future__ import annotations

from catallaxy.sim.markets.services.base import (
    COMPUTE_MARKETS,
    DATA_MARKETS,
    INFERENCE_MARKETS,
    Bidding,
    ComputeClearing,
    ComputeMarket,
    DataMarket,
    InferenceMarket,
)
from catallaxy.sim.markets.services.compute import MeritOrder, PayAsBid, RegionsSpec, UtilisationPrice
from catallaxy.sim.markets.services.data import Bargaining, PostedPrice
from catallaxy.sim.markets.services.inference import Cheapest, Logit
from catallaxy.sim.markets.services.spec import ServicesSpec

__all__ = [
    "COMPUTE_MARKETS",
    "DATA_MARKETS",
    "INFERENCE_MARKETS",
    "Bargaining",
    "Bidding",
    "Cheapest",
    "ComputeClearing",
    "ComputeMarket",
    "DataMarket",
    "InferenceMarket",
    "Logit",
    "MeritOrder",
    "PayAsBid",
    "PostedPrice",
    "RegionsSpec",
    "ServicesSpec",
    "UtilisationPrice",
]
