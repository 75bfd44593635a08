"""Gini and Herfindahl-Hirschman against their definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.analysis.concentration import gini, hhi, nakamoto

HOLDINGS = st.lists(st.integers(0, 2**60), min_size=1, max_size=40).filter(any)


def gini_by_pairs(holdings: list[int]) -> float:
    """Mean absolute difference over twice the mean, pair by pair, in exact arithmetic."""
    n = len(holdings)
    differences = sum(abs(a - b) for a in holdings for b in holdings)
    return float(Fraction(differences, 2 * n * sum(holdings)))


@given(HOLDINGS)
def test_gini_is_half_the_relative_mean_difference(holdings: list[int]) -> None:
    assert gini(np.array(holdings, dtype=np.int64)) == pytest.approx(gini_by_pairs(holdings), abs=1e-12)


@given(HOLDINGS)
def test_hhi_is_the_sum_of_squared_shares(holdings: list[int]) -> None:
    total = sum(holdings)
    exact = float(sum(Fraction(x, total) ** 2 for x in holdings))
    assert hhi(np.array(holdings, dtype=np.int64)) == pytest.approx(exact, rel=1e-12)


@given(HOLDINGS)
def test_the_nakamoto_coefficient_counts_the_fewest_with_more_than_half(holdings: list[int]) -> None:
    largest_first = sorted(holdings, reverse=True)
    found = int(nakamoto(np.array(holdings, dtype=np.int64)))
    total, most, fewer = sum(holdings), sum(largest_first[:found]), sum(largest_first[: found - 1])
    assert 2 * most > total or math.isclose(2 * most, total, rel_tol=1e-12)
    assert 2 * fewer <= total or math.isclose(2 * fewer, total, rel_tol=1e-12)


@given(HOLDINGS, st.randoms())
def test_the_order_of_agents_does_not_change_a_bit(holdings: list[int], random: object) -> None:
    shuffled = list(holdings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    values, others = np.array(holdings, dtype=np.float64), np.array(shuffled, dtype=np.float64)
    assert gini(values) == gini(others)
    assert hhi(values) == hhi(others)
    assert nakamoto(values) == nakamoto(others)


@pytest.mark.parametrize("n", [1, 2, 10, 1000])
def test_bounds(n: int) -> None:
    same, one = np.full(n, 3.5), np.zeros(n)
    one[n // 2] = 7.0
    assert gini(same) == pytest.approx(0.0, abs=1e-12)
    assert gini(one) == pytest.approx((n - 1) / n, abs=1e-12)
    assert hhi(same) == pytest.approx(1 / n)
    assert hhi(one) == 1.0
    assert nakamoto(same) == n // 2 + 1
    assert nakamoto(one) == 1.0


@pytest.mark.parametrize("measure", [gini, hhi, nakamoto])
def test_nobody_holds_anything(measure: object) -> None:
    assert math.isnan(measure(np.zeros(5)))  # type: ignore[operator]
    assert math.isnan(measure(np.empty(0)))  # type: ignore[operator]


@pytest.mark.parametrize("measure", [gini, hhi, nakamoto])
@pytest.mark.parametrize("bad", [[1.0, -2.0], [1.0, math.nan], [math.inf]])
def test_values_without_meaning_are_refused(measure: object, bad: list[float]) -> None:
    with pytest.raises(ValueError, match="finite holdings of 0 or more"):
        measure(np.array(bad))  # type: ignore[operator]


def test_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="one-dimensional"):
        gini(np.ones((2, 2)))


def test_a_sum_over_many_blocks_is_rounded_once() -> None:
    values = np.full(200_001, 0.1)
    assert hhi(values) == pytest.approx(1 / 200_001, rel=1e-15)
    assert gini(values) == pytest.approx(0.0, abs=1e-15)
