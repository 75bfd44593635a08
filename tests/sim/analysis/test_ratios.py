"""Intervals of quotients cover what they estimate as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.analysis.ratios import quotient, ratio_of_sums


def test_a_ratio_of_sums_covers_the_true_one_95_times_of_100() -> None:
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(1000):
        below = random.uniform(0.5, 1.5, 60)
        interval = ratio_of_sums(2.0 * below + random.normal(0.0, 0.5, 60), below)
        covered += interval.low <= 2.0 <= interval.high
    assert 925 <= covered <= 970


def test_over_a_constant_it_is_the_interval_of_the_mean() -> None:
    values = np.random.default_rng(2).normal(3.0, 1.0, 40)
    plain, ratio = mean(values), ratio_of_sums(values, np.full(40, 2.0))
    assert (ratio.estimate, ratio.low, ratio.high) == pytest.approx(
        (plain.estimate / 2.0, plain.low / 2.0, plain.high / 2.0)
    )
    assert ratio.n == 40


def test_a_quotient_of_two_means_covers_the_true_one_95_times_of_100() -> None:
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(1000):
        interval = quotient(mean(random.normal(6.0, 1.0, 50)), mean(random.normal(-3.0, 0.3, 50)))
        covered += interval.low <= -2.0 <= interval.high
    assert 925 <= covered <= 970


def test_a_quotient_of_exact_numbers_is_exact() -> None:
    one, other = (Interval(x, x, x, 0.95, 1, "exact") for x in (3.0, 4.0))
    assert quotient(one, other) == Interval(0.75, 0.75, 0.75, 0.95, 1, "exact")
