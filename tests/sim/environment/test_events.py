"""Dated events: windows, composition, return to the original path, and messages."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from catallaxy.sim.environment.drivers import DRIVERS
from catallaxy.sim.environment.events import (
    EventSpec,
    PolicyEvent,
    apply_to_drivers,
    impossible_values,
    outside_horizon,
    policy_events,
    unknown_targets,
)
from catallaxy.sim.environment.paths import DriverPaths

START = date(2024, 1, 1)
NAMES = tuple(driver.name for driver in DRIVERS)


def event(day: str, target: str = "drivers.cloud_gpu_price", **rest: Any) -> EventSpec:
    return EventSpec.model_validate({"date": day, "target": target, **rest})


def flat(value: float = 1.0, n_steps: int = 10) -> DriverPaths:
    return DriverPaths(NAMES, np.full((len(NAMES), n_steps), value), np.zeros((len(NAMES), n_steps), np.bool_))


def cloud(*events: EventSpec, dt_days: float = 1.0, value: float = 1.0) -> list[float]:
    return apply_to_drivers(flat(value), events, START, dt_days)["cloud_gpu_price"].tolist()


@pytest.mark.parametrize(
    ("change", "new"),
    [({"set": 5.0}, 5.0), ({"add": 2.0}, 3.0), ({"multiply": 0.5}, 0.5)],
    ids=["set", "add", "multiply"],
)
def test_an_event_lasts_to_the_end_unless_it_says_how_long(change: dict[str, float], new: float) -> None:
    assert cloud(event("2024-01-04", **change)) == [1.0] * 3 + [new] * 7
    assert cloud(event("2024-01-04", for_days=2, **change)) == [1.0] * 3 + [new] * 2 + [1.0] * 5


def test_events_compose_in_the_order_of_their_dates() -> None:
    double = event("2024-01-02", multiply=2.0)
    plus = event("2024-01-03", add=1.0, for_days=2)
    fixed = event("2024-01-06", set=9.0, for_days=1)
    expected = [1.0, 2.0, 3.0, 3.0, 2.0, 9.0, 2.0, 2.0, 2.0, 2.0]
    assert cloud(double, plus, fixed) == expected
    assert cloud(fixed, plus, double) == expected


def test_events_of_one_day_compose_as_they_are_listed() -> None:
    assert cloud(event("2024-01-01", add=1.0), event("2024-01-01", multiply=3.0))[0] == 6.0
    assert cloud(event("2024-01-01", multiply=3.0), event("2024-01-01", add=1.0))[0] == 4.0


def test_an_event_is_felt_in_the_step_that_holds_its_date() -> None:
    assert cloud(event("2024-01-10", set=5.0, for_days=1), dt_days=7.0) == [1.0, 5.0] + [1.0] * 8
    assert cloud(event("2024-01-14", set=5.0, for_days=2), dt_days=7.0) == [1.0, 5.0, 5.0] + [1.0] * 7


@given(st.integers(0, 9), st.integers(1, 20), st.floats(-3.0, 3.0))
def test_an_event_touches_its_own_window_and_driver_only(first: int, days: int, by: float) -> None:
    before = flat(5.0)
    after = apply_to_drivers(before, [event(f"2024-01-{first + 1:02}", add=by, for_days=days)], START, 1.0)
    changed = np.zeros_like(before.values, dtype=bool)
    changed[before.row("cloud_gpu_price"), first : first + days] = True
    assert np.array_equal(after.values, np.where(changed, 5.0 + by, 5.0))
    assert np.all(before.values == 5.0)


def test_a_drivers_range_holds_events_back_and_counts() -> None:
    after = apply_to_drivers(flat(0.5), [event("2024-01-03", "drivers.regulatory_clarity", multiply=4.0)], START, 1.0)
    assert after["regulatory_clarity"].tolist() == [0.5] * 2 + [1.0] * 8
    assert after.held[after.row("regulatory_clarity")].tolist() == [False] * 2 + [True] * 8


def test_other_targets_become_policy_events_in_steps() -> None:
    late = event("2024-01-05", "networks.alpha.fees.take", set=0.1, note="vote", source="https://example.org")
    early = event("2024-01-02", "networks.alpha.emission", multiply=0.5, for_days=3)
    events = [late, early, event("2024-01-02", add=1.0)]
    assert policy_events(events, START, 10, 1.0) == [
        PolicyEvent(1, 4, "networks.alpha.emission", "multiply", 0.5),
        PolicyEvent(4, 10, "networks.alpha.fees.take", "set", 0.1),
    ]
    assert cloud(late, early) == [1.0] * 10


def test_unknown_targets_name_the_nearest() -> None:
    events = [
        event("2024-01-02", "drivers.narative", set=2.0),
        event("2024-01-02", "drivers.narrative", set=2.0),
        event("2024-01-02", "networks.alpha.burn", set=0.5),
        event("2024-01-02", "networks.alpha.bunr", set=0.5),
    ]
    assert unknown_targets(events, ["networks.alpha.burn"]) == [
        ("0.target", "there is no 'drivers.narative' that an event can change; did you mean 'drivers.narrative'?"),
        ("3.target", "there is no 'networks.alpha.bunr' that an event can change; did you mean 'networks.alpha.burn'?"),
    ]


def test_events_outside_the_run_are_named() -> None:
    events = [
        event("2023-12-31", set=1.0),
        event("2024-01-01", set=1.0),
        event("2024-01-10", set=1.0),
        event("2024-01-11", set=1.0),
    ]
    assert outside_horizon(events, START, 10, 1.0) == [
        ("0.date", "2023-12-31 lies outside the run, which goes from 2024-01-01 to before 2024-01-11"),
        ("3.date", "2024-01-11 lies outside the run, which goes from 2024-01-01 to before 2024-01-11"),
    ]


def test_values_that_a_driver_cannot_take_are_named() -> None:
    events = [
        event("2024-01-02", "drivers.regulatory_clarity", set=2.0),
        event("2024-01-02", "drivers.regulatory_clarity", multiply=2.0),
        event("2024-01-02", "networks.alpha.burn", set=-7.0),
    ]
    assert impossible_values(events) == [("0.set", "drivers.regulatory_clarity cannot be 2; allowed: 0 to 1")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"date": "2024-01-02", "target": "x"}, "exactly one of set, add, multiply; found none"),
        ({"date": "2024-01-02", "target": "x", "set": 1, "add": 1}, "found set and add"),
        ({"date": "soon", "target": "x", "set": 1}, "date"),
        ({"date": "2024-01-02", "target": "x", "set": 1, "for_days": 0}, "greater than 0"),
        ({"date": "2024-01-02", "target": "x", "sett": 1, "set": 1}, "Extra inputs"),
        ({"target": "x", "set": 1}, "Field required"),
    ],
)
def test_a_wrong_event_is_explained(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        EventSpec.model_validate(given)


def test_an_event_survives_being_written_and_read() -> None:
    original = event("2024-03-13", "drivers.transaction_cost", multiply=0.01, note="EIP-4844")
    assert EventSpec.model_validate_json(original.model_dump_json()) == original
    assert (original.operation, original.value) == ("multiply", 0.01)
