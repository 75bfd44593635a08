"""Institutions in runs: they come with clear rules, stay within the market's depth, and leave when rules close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit

FUNDS = {"count": 40, "optimism": 0.5, "speed": {"per_day": 0.2}}


def run(clarity: float, events: list[dict[str, Any]] | None = None, **parameters: Any) -> RunRecord:
    funds = {"populations.institutions": {**FUNDS, **parameters}}
    sets = {"steps": 80, **funds, "drivers.regulatory_clarity": clarity, "events": events or []}
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    return record


def test_clear_rules_bring_institutions_in() -> None:
    none, some, all_of_them = (run(clarity) for clarity in (0.1, 0.6, 0.95))
    assert not none.series["institution_tokens"].any()
    held = [record.series["institution_tokens"][-1, 0] for record in (none, some, all_of_them)]
    assert held[0] < held[1] < held[2]
    assert some.series["institutions_allowed"][-1, 0] == pytest.approx(0.5, abs=0.2)
    assert all_of_them.kpis["institution_share"]["alpha"] > some.kpis["institution_share"]["alpha"] > 0.0
    bought = all_of_them.series["institution_purchases"].sum()
    assert bought == pytest.approx(held[2])


def test_they_leave_when_rules_close() -> None:
    record = run(0.95, [{"date": "2025-02-10", "target": "drivers.regulatory_clarity", "set": 0.0}])
    held = record.series["institution_tokens"][:, 0]
    assert held[39] > 0.0
    assert held[-1] < 0.01 * held[39]
    assert np.all(np.diff(held[41:]) <= 0.0)


def test_a_shallow_market_and_a_narrow_mandate_keep_them_small() -> None:
    usual = run(0.95)
    for narrow in ({"depth_share": 0.002}, {"limit": 0.0001}):
        assert run(0.95, **narrow).series["institution_tokens"][-1, 0] < 0.5 * usual.series["institution_tokens"][-1, 0]
