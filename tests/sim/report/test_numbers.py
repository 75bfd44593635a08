"""Numbers as text."""

from __future__ import annotations

import math

import pytest

from catallaxy.sim.report.numbers import compact, interval, share, tick, unit_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1.00"),
        (-2.5, "−2.50"),
        (0.42, "0.420"),
        (0.0312, "0.0312"),
        (99.96, "100"),
        (9.996, "10.0"),
        (999.4, "999"),
        (1234.0, "1,234"),
        (12_345.0, "12.3 k"),
        (-906_400.0, "−906 k"),
        (4.5e6, "4.50 M"),
        (7.2e9, "7.20 B"),
        (1.5e12, "1.50 T"),
        (3e15, "3.00e+15"),
        (1.2e-7, "1.20e−07"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_three_digits(value: float, text: str) -> None:
    assert compact(value) == text


def test_an_interval_needs_both_ends() -> None:
    assert interval(1.0, 2.0) == "[1.00, 2.00]"
    assert interval(math.nan, 2.0) == ""


def test_shares_are_percentages() -> None:
    assert share(0.0246) == "2.46 %"
    assert share(math.nan) == "–"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (2.5, "2.5"), (1200.0, "1.2 k"), (-3e6, "−3 M"), (1e-6, "1e−06")]
)
def test_ticks_are_short(value: float, text: str) -> None:
    assert tick(value) == text


def test_a_pure_number_has_no_unit() -> None:
    assert (unit_text("1"), unit_text("USD")) == ("", "USD")
