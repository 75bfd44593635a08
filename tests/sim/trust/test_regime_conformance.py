"""Every built-in verification regime against the conformance class."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.trust.verification import REGIMES, VerificationRegime
from contracts.regime_contract import RegimeContract

BY_TIME: list[dict[str, Any]] = [
    {"kind": "none"},
    {"kind": "random-audit"},
    {"kind": "random-audit", "audit_rate": {"per_day": 40.0}, "detection": 1.0, "slash": 1.0, "to_treasury": 0.0},
    {"kind": "random-audit", "recomputation": 3.0},
]
CONDITIONAL: list[dict[str, Any]] = [
    {"kind": "validator-consensus"},
    {"kind": "validator-consensus", "validators": 5, "concentration": 0.0, "scoring_cost": 0.0, "majority": 0.7},
]
BY_WORK: list[dict[str, Any]] = [
    {"kind": "optimistic-challenge"},
    {"kind": "optimistic-challenge", "least": 0.0, "most": 1.0, "dispersion": 0.01, "recomputation": 0.0},
    {"kind": "zk-proof"},
    {"kind": "zk-proof", "budget": 0.0, "false_positive": 0.1},
]


class TestByTime(RegimeContract):
    @pytest.fixture(params=BY_TIME, ids=str)
    def regime(self, request: pytest.FixtureRequest) -> VerificationRegime:
        return REGIMES.build(request.param)


class TestByWork(RegimeContract):
    splits_evenly = False

    @pytest.fixture(params=BY_WORK + CONDITIONAL, ids=str)
    def regime(self, request: pytest.FixtureRequest) -> VerificationRegime:
        return REGIMES.build(request.param)


def test_every_kind_is_tested() -> None:
    assert {parameters["kind"] for parameters in BY_TIME + BY_WORK + CONDITIONAL} == set(REGIMES)
