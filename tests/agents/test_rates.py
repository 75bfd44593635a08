"""Rates: one time base each, converted in the three ways that economists keep apart."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st
from pydantic import ValidationError

from catallaxy.agents.declaration import Spec
from catallaxy.agents.rates import DAYS, Rate, rate

BASES = st.sampled_from(sorted(DAYS))
AMOUNTS = st.floats(0.0, 1.0)
SPANS = st.floats(0.01, 1000.0)
#: The polynomial exponential is held at exp(700).
LARGEST_EXPONENT = 690.0


class Example(Spec):
    churn: Rate = rate({"per_year": 0.5}, doc="A hazard.", le=10.0, source="Example (2024).")
    growth: Rate = rate(Rate(-0.2), doc="May shrink.", ge=-1.0)
    decay: Rate | None = rate(None, doc="May be absent.")


def message(**given: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Example(**given)
    (error,) = caught.value.errors()
    assert error["loc"][0] == next(iter(given))
    return str(error["msg"])


@pytest.mark.parametrize("base", DAYS)
def test_every_time_base_is_read_and_written(base: str) -> None:
    value = Example.model_validate({"churn": {base: 0.02}})
    assert value.churn == Rate(0.02, base)
    assert value.model_dump()["churn"] == {base: 0.02}
    assert Example.model_validate_json(value.model_dump_json()) == value


def test_bases_last_as_long_as_the_calendar_says() -> None:
    assert Rate(12.0).per_day == pytest.approx(Rate(1.0, "per_month").per_day)
    assert Rate(7.0, "per_week").per_day == 1.0
    assert Rate(1.0, "per_day").per_year == 365.25


@given(AMOUNTS, BASES, SPANS)
def test_flow_is_rate_times_time(amount: float, base: str, days: float) -> None:
    assert Rate(amount, base).flow(days) == pytest.approx(amount * days / DAYS[base])


@given(AMOUNTS, BASES, SPANS)
def test_probability_is_that_of_a_poisson_event(amount: float, base: str, days: float) -> None:
    value = Rate(amount, base).probability(days)
    assert value == pytest.approx(-math.expm1(-amount * days / DAYS[base]), abs=1e-15)
    assert 0.0 <= value <= 1.0


@given(st.floats(-0.99, 5.0), BASES, SPANS)
def test_growth_compounds(amount: float, base: str, days: float) -> None:
    assume(abs(2.0 * days / DAYS[base] * math.log1p(amount)) < LARGEST_EXPONENT)
    growing = Rate(amount, base)
    assert growing.growth(DAYS[base]) == pytest.approx(1.0 + amount)
    assert growing.growth(days) ** 2 == pytest.approx(growing.growth(2.0 * days), rel=1e-9)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.05, "0.05 has no time base; say per what: {per_year: 0.05}"),
        ("fast", "'fast' is not a rate"),
        (True, "True is not a rate"),
        ({}, "exactly one time base"),
        ({"per_day": 1, "per_year": 2}, "found 2"),
        ({"per_yaer": 1}, "did you mean 'per_year'?"),
        ({"per_day": "1"}, "'1' is not a finite number"),
        ({"per_day": math.nan}, "nan is not a finite number"),
        ({"per_day": True}, "True is not a finite number"),
        ({"per_day": 1}, "{per_day: 1} is 365.25 per year; allowed: 0 to 10 per year"),
        ({"per_year": -1}, "allowed: 0 to 10 per year"),
    ],
)
def test_a_wrong_rate_is_explained(given: Any, expected: str) -> None:
    assert expected in message(churn=given)


def test_bounds_can_be_moved_below_zero() -> None:
    assert Example(growth={"per_year": -1.0}).growth.growth(10.0) == 0.0
    assert "allowed: -1 to inf" in message(growth={"per_year": -1.5})


def test_an_unknown_base_is_refused_in_python_too() -> None:
    with pytest.raises(ValueError, match="did you mean 'per_day'"):
        Rate(1.0, "perday")


def test_declaration_carries_unit_source_and_bounds() -> None:
    field = Example.model_fields["churn"]
    assert field.description == "A hazard."
    assert field.json_schema_extra == {
        "unit": "1/time", "source": "Example (2024).", "per_year_ge": 0.0, "per_year_le": 10.0
    }  # fmt: skip
    schema = Example.model_json_schema()["properties"]["churn"]
    assert set(schema["properties"]) == set(DAYS)
    assert (schema["minProperties"], schema["maxProperties"]) == (1, 1)
