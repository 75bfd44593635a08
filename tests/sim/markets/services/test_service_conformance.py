"""Every built-in service market against the conformance class of its kind."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.markets.services import (
    COMPUTE_MARKETS,
    DATA_MARKETS,
    INFERENCE_MARKETS,
    ComputeMarket,
    DataMarket,
    InferenceMarket,
)
from contracts.compute_market_contract import ComputeMarketContract
from contracts.data_market_contract import DataMarketContract
from contracts.inference_market_contract import InferenceMarketContract

REGIONS = {"demand": [1, 3], "premium": 0.2}
COMPUTE: list[dict[str, Any]] = [
    {"kind": "merit-order"},
    {"kind": "merit-order", "rent_pace": 1.0, "discount": 0.0, "regions": {"demand": [0, 1, 1], "premium": 0.0}},
    {"kind": "merit-order", "regions": REGIONS},
    {"kind": "merit-order", "gaps": 0.3},
    {"kind": "pay-as-bid"},
    {"kind": "pay-as-bid", "shading": 0.0, "regions": REGIONS},
    {"kind": "posted-price"},
    {"kind": "posted-price", "target": 0.9, "tolerance": 0.0, "largest_change": 0.5, "lowest_price": 1.0},
]
DATA: list[dict[str, Any]] = [
    {"kind": "posted-price"},
    {"kind": "bargaining"},
    {"kind": "bargaining", "provider_power": 0.0},
    {"kind": "bargaining", "provider_power": 1.0},
]
INFERENCE: list[dict[str, Any]] = [{"kind": "logit"}, {"kind": "cheapest"}]


class TestCompute(ComputeMarketContract):
    @pytest.fixture(params=COMPUTE, ids=str)
    def market(self, request: pytest.FixtureRequest) -> ComputeMarket:
        return COMPUTE_MARKETS.build(request.param)


class TestData(DataMarketContract):
    @pytest.fixture(params=DATA, ids=str)
    def market(self, request: pytest.FixtureRequest) -> DataMarket:
        return DATA_MARKETS.build(request.param)


class TestInference(InferenceMarketContract):
    @pytest.fixture(params=INFERENCE, ids=str)
    def market(self, request: pytest.FixtureRequest) -> InferenceMarket:
        return INFERENCE_MARKETS.build(request.param)


@pytest.mark.parametrize(
    ("registry", "tested"), [(COMPUTE_MARKETS, COMPUTE), (DATA_MARKETS, DATA), (INFERENCE_MARKETS, INFERENCE)]
)
def test_every_kind_is_tested(registry: Any, tested: list[dict[str, Any]]) -> None:
    assert {parameters["kind"] for parameters in tested} == set(registry)
