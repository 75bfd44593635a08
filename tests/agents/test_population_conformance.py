"""Every built-in kind of agent against the conformance class."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.agents.kinds import BUILT_IN, OPTIONAL
from catallaxy.agents.population import AGENT_KINDS, PopulationSpec
from contracts.population_contract import PopulationContract

TWO_SEGMENTS = {"private": {"share": 0.3, "openness": 1.0}, "business": {"share": 0.7, "quality": 3.0}}
KINDS: list[dict[str, Any]] = [
    {"kind": "data_providers", "count": 300},
    {"kind": "compute_nodes", "count": 200},
    {"kind": "model_builders", "count": 40},
    {"kind": "users", "count": 500, "segments": TWO_SEGMENTS, "start_share": 0.2},
    {"kind": "speculators", "count": 250, "cash": {"dist": "pareto", "minimum": 100, "tail": 1.6}},
    {"kind": "arbitrageurs", "count": 20},
    {"kind": "liquidity_providers", "count": 30},
]


class TestBuiltIn(PopulationContract):
    @pytest.fixture(params=KINDS, ids=lambda parameters: parameters["kind"])
    def spec(self, request: pytest.FixtureRequest) -> PopulationSpec:
        return AGENT_KINDS.build(request.param)


def test_every_kind_is_tested() -> None:
    built_in = {kind for kind, cls in AGENT_KINDS.items() if cls in {*BUILT_IN, *OPTIONAL}}
    assert {parameters["kind"] for parameters in KINDS} == built_in
