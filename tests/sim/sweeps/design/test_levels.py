from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from catallaxy.sim.sweeps.design.levels import Interval, Levels, Spread, count_of, draw, levels_of

LEVELS: TypeAdapter[Any] = TypeAdapter(Levels)
SPREAD: TypeAdapter[Any] = TypeAdapter(Spread)
ENDS = st.floats(1e-6, 1e6) | st.integers(1, 10**6)


def values(given: Any) -> list[Any]:
    levels = LEVELS.validate_python(given)
    found = levels_of(levels, ("here",))
    assert len(found) == count_of(levels)
    return [level.value for level in found]


def test_a_list_keeps_its_values_and_types() -> None:
    given = [1, 2.5, True, None, "text", [1, 2], {"kind": "x"}]
    assert values(given) == given
    assert [type(value) for value in values(given)] == [type(value) for value in given]


def test_steps_are_even_and_include_both_ends() -> None:
    assert values({"from": 0, "to": 1, "count": 5}) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert values({"from": 0.1, "to": 0.4, "count": 4}) == [0.1, 0.2, 0.3, 0.4]
    assert values({"from": 3, "to": -3, "count": 3}) == [3, 0, -3]
    assert values({"from": 1, "to": 1000, "count": 4, "scale": "log"}) == [1, 10, 100, 1000]
    assert values({"from": 1.0, "to": 16, "count": 3, "scale": "log"}) == [1.0, 4.0, 16.0]


def test_steps_are_whole_when_both_ends_and_all_levels_are() -> None:
    assert [type(x) for x in values({"from": 100, "to": 300, "count": 3})] == [int] * 3
    assert [type(x) for x in values({"from": 100.0, "to": 300, "count": 3})] == [float] * 3
    assert [type(x) for x in values({"from": 100, "to": 301, "count": 3})] == [float] * 3


@given(one=ENDS, other=ENDS, count=st.integers(2, 30), scale=st.sampled_from(["linear", "log"]))
def test_steps_rise_or_fall_from_end_to_end(one: float, other: float, count: int, scale: str) -> None:
    if abs(one - other) < 1e-9 * max(one, other) * count:
        return
    found = values({"from": one, "to": other, "count": count, "scale": scale})
    assert (found[0], found[-1]) == (one, other)
    assert found == sorted(found, reverse=other < one)


def test_named_levels_are_shown_by_their_labels() -> None:
    levels = LEVELS.validate_python({"named": {"low": 1, "rule": {"kind": "x", "share": 0.5}, "none": []}})
    found = levels_of(levels, ("design", "grid", "a.b"))
    assert [level.shown for level in found] == ["low", "rule", "none"]
    assert [level.value for level in found] == [1, {"kind": "x", "share": 0.5}, []]
    assert found[1].place == ("design", "grid", "a.b", "named", "rule")


def test_unnamed_mappings_are_shown_on_one_line() -> None:
    found = levels_of(LEVELS.validate_python([{"kind": "x", "of": [1, 2]}, 3, "text"]), ("g",))
    assert [level.shown for level in found] == ["{kind: x, of: [1, 2]}", 3, "text"]
    assert [level.place for level in found] == [("g", 0), ("g", 1), ("g", 2)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "no level"),
        ({"named": {}}, "no level"),
        ({"from": 1, "to": 1, "count": 3}, "both ends are 1"),
        ({"from": 0, "to": 1, "count": 3, "scale": "log"}, "above 0"),
        ({"from": 0, "to": 1, "count": 1}, "greater than or equal to 2"),
        ({"from": 0, "to": 1}, "required"),
        ({"named": {"a": 1}, "from": 0}, "not permitted"),
    ],
)
def test_wrong_levels(given: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        LEVELS.validate_python(given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"low": 2, "high": 1}, "exchange"),
        ({"low": 1, "high": 1}, "both ends"),
        ({"low": -1, "high": 1, "scale": "log"}, "above 0"),
        ({"low": 0.5, "high": 3, "integer": True}, "whole ends"),
        ({"choices": []}, "no level"),
        ({"dist": "uniform", "low": 1}, "required"),
        (5, "give a range"),
        ("text", "give a range"),
    ],
)
def test_wrong_spreads(given: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SPREAD.validate_python(given)


@given(
    low=st.integers(1, 1000), width=st.integers(1, 1000), u=st.floats(0, 1), scale=st.sampled_from(["linear", "log"])
)
def test_draws_stay_in_the_range(low: int, width: int, u: float, scale: str) -> None:
    for integer in (False, True):
        interval = Interval.model_validate({"low": low, "high": low + width, "scale": scale, "integer": integer})
        (level,) = interval.draw(np.array([u]), ("here",))
        assert low <= level.value <= low + width
        assert type(level.value) is (int if integer else float)


def test_whole_draws_are_equally_likely_ends_included() -> None:
    u = (np.arange(6000) + 0.5) / 6000
    found = [level.value for level in Interval(low=1, high=6, integer=True).draw(u, ())]
    assert np.bincount(found).tolist() == [0, 1000, 1000, 1000, 1000, 1000, 1000]


def test_draws_follow_their_scale() -> None:
    u = np.array([0.0, 0.5, 1.0])
    assert [level.value for level in Interval(low=1, high=100).draw(u, ())] == [1.0, 50.5, 100.0]
    assert [level.value for level in Interval(low=1, high=100, scale="log").draw(u, ())] == [1.0, 10.0, 100.0]


def test_choices_and_distributions_are_drawn_from() -> None:
    u = np.array([0.0, 0.3, 0.6, 0.9, 1.0])
    choices = SPREAD.validate_python({"choices": ["a", "b"]})
    assert [level.value for level in draw(choices, u, ())] == ["a", "a", "b", "b", "b"]
    named = SPREAD.validate_python({"choices": {"named": {"x": {"kind": "k"}, "y": 2}}})
    assert [level.shown for level in draw(named, u, ())] == ["x", "x", "y", "y", "y"]
    uniform = SPREAD.validate_python({"dist": "uniform", "low": 2, "high": 4})
    assert [level.value for level in draw(uniform, u[1:4], ())] == pytest.approx([2.6, 3.2, 3.8])
    normal = SPREAD.validate_python({"dist": "normal", "mean": 0, "sd": 1})
    assert all(np.isfinite(level.value) for level in draw(normal, u, ()))
