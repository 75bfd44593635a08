"""A guard is counted once for each step on which it binds."""

from __future__ import annotations

from typing import Any

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

STEPS = 12
VENUE: dict[str, Any] = {"kind": "price-impact", "share": 0.5, "liquidity": 0.5, "largest_move": 1e-6}


def guards(**sets: Any) -> dict[str, int]:
    record = simulate(load("minimal", sets={"steps": STEPS, "populations.users.count": 100, **sets}))
    assert record.status == "complete", record.error
    return record.guards


def test_two_venues_at_their_limit_on_one_step_count_once() -> None:
    assert guards(**{"networks.alpha.venues": [VENUE, VENUE]}) == {"alpha: price move limited at a venue": STEPS}


def test_a_driver_held_inside_its_range_is_counted() -> None:
    rising = {"kind": "linear", "start": 0.5, "change": {"per_day": 0.1}}
    name = "driver regulatory_clarity: held inside its range"
    assert guards(**{"drivers.regulatory_clarity": rising})[name] == STEPS - 6
