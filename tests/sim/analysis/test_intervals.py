"""Intervals against closed forms, and against how often they cover what they should."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.analysis.intervals import (
    METHODS,
    Interval,
    difference,
    mean,
    paired_difference,
    quantile,
    share,
    share_of_groups,
)

Floats = npt.NDArray[np.float64]
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)
LEVELS = st.sampled_from([0.5, 0.8, 0.95, 0.99])


def wilson(reached: int, n: int, level: float) -> tuple[float, float]:
    """Return the roots of (p - k/n)^2 = z^2 p (1 - p)/n, as Wilson wrote them."""
    z = NormalDist().inv_cdf(0.5 + level / 2)
    p, middle = reached / n, 1.0 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (p + z * z / (2 * n) - half) / middle, (p + z * z / (2 * n) + half) / middle


@given(st.integers(1, 500), st.integers(0, 500), LEVELS)
def test_a_share_has_the_interval_of_wilson(n: int, reached: int, level: float) -> None:
    reached = min(reached, n)
    found = share(reached, n, level)
    assert (found.low, found.high) == pytest.approx(wilson(reached, n, level), abs=1e-9)
    assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0
    assert (found.estimate, found.n, found.level, found.method) == (reached / n, n, level, "wilson")


def test_a_share_of_groups_covers_as_often_as_it_says_where_that_of_single_values_does_not() -> None:
    groups, members, truth, runs = 40, 6, 0.3, 1500
    covers, naive = 0, 0
    for seed in range(runs):
        chance = np.random.default_rng(seed)
        together, own = chance.random(groups) < truth, chance.random((members, groups)) < truth
        hits = np.where(chance.random((members, groups)) < 0.7, together, own).sum(axis=0)
        found = share_of_groups(hits, np.full(groups, members), 0.9)
        alone = share(int(hits.sum()), groups * members, 0.9)
        assert (found.n, found.estimate) == (groups * members, alone.estimate)
        covers += found.low <= truth <= found.high
        naive += alone.low <= truth <= alone.high
    assert covers / runs == pytest.approx(0.9, abs=0.025)
    assert naive / runs < 0.75


@pytest.mark.parametrize(("hits", "counts"), [([0, 3], [0, 4]), ([3], [4]), ([0, 0], [0, 0])])
def test_one_group_or_none_is_a_plain_share(hits: list[int], counts: list[int]) -> None:
    expected = share(sum(hits), sum(counts))
    assert repr(share_of_groups(np.array(hits), np.array(counts))) == repr(expected)


def test_a_share_of_nothing_is_unknown() -> None:
    found = share(0, 0)
    assert found.n == 0
    assert all(math.isnan(x) for x in (found.estimate, found.low, found.high))


@given(VALUES, LEVELS)
def test_the_mean_of_student(values: list[float], level: float) -> None:
    from scipy.stats import t

    found = mean(np.array(values), level)
    n, sd = len(values), float(np.std(values, ddof=1))
    half = float(t.ppf(0.5 + level / 2, n - 1)) * sd / math.sqrt(n)
    scale = max(1.0, *map(abs, values))
    assert found.estimate == pytest.approx(np.mean(values), abs=1e-9 * scale)
    assert found.high - found.low == pytest.approx(2.0 * half, abs=1e-9 * scale)
    assert found.low <= found.estimate <= found.high


@given(VALUES, st.floats(-100.0, 100.0), st.sampled_from(["student", "percentile"]))
def test_moving_the_values_moves_the_interval(values: list[float], by: float, method: str) -> None:
    here, there = mean(np.array(values), method=method), mean(np.array(values) + by, method=method)
    scale = max(1.0, *map(abs, values))
    for a, b in ((here.low, there.low), (here.estimate, there.estimate), (here.high, there.high)):
        assert a + by == pytest.approx(b, abs=1e-6 * scale)


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_known_is_nan(method: str) -> None:
    nothing, one = mean(np.empty(0), method=method), mean(np.array([3.0]), method=method)
    assert (nothing.n, one.n, one.estimate) == (0, 1, 3.0)
    assert all(math.isnan(x) for x in (nothing.estimate, nothing.low, nothing.high, one.low, one.high))


@pytest.mark.parametrize("method", METHODS)
def test_equal_values_have_an_interval_without_width(method: str) -> None:
    found = mean(np.full(5, 2.5), method=method)
    assert (found.low, found.estimate, found.high) == (2.5, 2.5, 2.5)
    apart = difference(np.full(5, 2.5), np.full(3, 1.0), method=method)
    assert (apart.low, apart.estimate, apart.high) == (1.5, 1.5, 1.5)


@pytest.mark.parametrize("method", METHODS)
def test_values_that_are_not_finite_are_dropped_and_counted(method: str) -> None:
    values = np.array([1.0, math.nan, 2.0, math.inf, 4.0])
    found, clean = mean(values, method=method), mean(np.array([1.0, 2.0, 4.0]), method=method)
    assert (found.n, found.dropped) == (3, 2)
    assert (found.estimate, found.low, found.high) == (clean.estimate, clean.low, clean.high)
    median = quantile(values, 0.5, 0.5)
    assert (median.estimate, median.n, median.dropped) == (2.0, 3, 2)


@pytest.mark.parametrize("method", ["bootstrap", "percentile"])
def test_a_bootstrap_gives_the_same_interval_again(method: str) -> None:
    values = np.random.default_rng(4).lognormal(0.0, 1.0, 40)
    assert mean(values, method=method) == mean(values, method=method)
    student = mean(values)
    found = mean(values, method=method)
    assert found.high - found.low == pytest.approx(student.high - student.low, rel=0.3)
    assert found.low > student.low


def covered(method: str, truth: float, draw: object, runs: int) -> float:
    hits = [(found := mean(draw(i), 0.9, method)).low <= truth <= found.high for i in range(runs)]  # type: ignore[operator]
    return sum(hits) / runs


def test_the_interval_of_student_covers_as_often_as_it_says() -> None:
    assert covered("student", 3.0, lambda i: np.random.default_rng(i).normal(3.0, 2.0, 6), 2000) == pytest.approx(
        0.9, abs=0.02
    )


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bootstrap", "percentile"])
def test_a_bootstrap_covers_about_as_often_as_it_says(method: str) -> None:
    rate = covered(method, 1.0, lambda i: np.random.default_rng(i).exponential(1.0, 60), 250)
    assert rate == pytest.approx(0.9, abs=0.07)


@given(VALUES, VALUES)
def test_an_unpaired_difference_is_that_of_welch(one: list[float], two: list[float]) -> None:
    from scipy.stats import ttest_ind_from_stats

    a, b = np.array(one), np.array(two)
    found, scale = difference(a, b), max(1.0, *map(abs, one + two))
    if a.std() + b.std() < 1e-9 * scale:
        assert found.high - found.low <= 1e-6 * scale
        return
    stats = a.mean(), a.std(ddof=1), len(a), b.mean(), b.std(ddof=1), len(b)
    test = ttest_ind_from_stats(*stats, equal_var=False)
    half = (found.high - found.low) / 2.0
    assert abs(found.estimate) > half or test.pvalue > 0.0499
    assert abs(found.estimate) < half or test.pvalue < 0.0501
    assert found.method == "welch"


def test_pairs_that_share_their_chance_are_told_apart_sooner() -> None:
    rng = np.random.default_rng(1)
    chance = rng.normal(0.0, 10.0, 20)
    first, second = chance + 1.0 + rng.normal(0.0, 0.1, 20), chance
    paired, unpaired = paired_difference(first, second), difference(first, second)
    assert paired.estimate == pytest.approx(unpaired.estimate)
    assert 0.9 < paired.low < paired.high < 1.1
    assert unpaired.low < 0.0 < unpaired.high


def test_a_pair_with_a_gap_is_dropped_whole() -> None:
    found = paired_difference(np.array([1.0, math.nan, 3.0, 5.0]), np.array([0.0, 1.0, math.nan, 3.0]))
    assert (found.n, found.dropped, found.estimate) == (2, 2, 1.5)


def test_the_median_lies_between_the_order_statistics_of_the_binomial() -> None:
    values = np.arange(1.0, 21.0)
    found = quantile(values, 0.5)
    assert (found.low, found.estimate, found.high) == (6.0, 10.5, 15.0)
    assert found.method == "order statistics"


def test_too_few_values_do_not_bracket_a_far_quantile() -> None:
    assert math.isnan(quantile(np.arange(10.0), 0.99).high)
    assert quantile(np.empty(0), 0.5).n == 0


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, math.nan])
def test_a_level_is_a_probability(level: float) -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, as 0\.95"):
        mean(np.ones(3), level)
    with pytest.raises(ValueError, match="between 0 and 1"):
        share(1, 2, level)


def test_an_unknown_method_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="known: student, bootstrap, percentile; did you mean 'bootstrap'"):
        mean(np.ones(3), method="bootstraps")


def test_an_interval_says_what_it_is() -> None:
    assert str(Interval(0.5, 0.25, 0.75, 0.95, 12, "wilson")) == "0.5 [0.25, 0.75] (95 %, wilson, n = 12)"
