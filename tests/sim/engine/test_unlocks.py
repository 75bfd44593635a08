"""Tokens that unlock during a run reach those for whom they are, beside what these hold already."""

from __future__ import annotations

import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit


@pytest.mark.parametrize("receiver", ["community", "speculators", "users", "stakers", "compute", "data", "builders"])
def test_a_vesting_group_gets_its_tokens_in_the_end(receiver: str) -> None:
    groups = [
        {"group": "community", "share": 0.5, "receiver": "speculators", "tge": 1.0},
        {"group": "liquidity", "share": 0.1, "receiver": "liquidity", "tge": 1.0},
        {"group": "late", "share": 0.4, "receiver": receiver, "cliff_days": 5, "vesting_days": 10, "form": "linear"},
    ]
    record = simulate(load("minimal", sets={"steps": 15, "networks.alpha.token.allocation.groups": groups}))
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    unlocked = sum(row.amount for row in record.flows if row.flow == "unlock" and row.sector == "vesting")
    late = record.series["unvested"][0, 0]
    assert record.series["unvested"][-1, 0] == 0.0
    assert record.series["unlocked"].sum() == pytest.approx(late)
    assert unlocked < 0
