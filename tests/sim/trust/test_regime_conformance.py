"""Every built-in verification regime against the conformance class."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.trust.verification import REGIMES, VerificationRegime
from contracts.regime_contract import RegimeContract

BUILT_IN: list[dict[str, Any]] = [
    {"kind": "none"},
    {"kind": "random-audit"},
    {"kind": "random-audit", "audit_rate": {"per_day": 40.0}, "detection": 1.0, "slash": 1.0, "to_treasury": 0.0},
]


class TestBuiltIn(RegimeContract):
    @pytest.fixture(params=BUILT_IN, ids=str)
    def regime(self, request: pytest.FixtureRequest) -> VerificationRegime:
        return REGIMES.build(request.param)


def test_every_kind_is_tested() -> None:
    assert {parameters["kind"] for parameters in BUILT_IN} == set(REGIMES)
