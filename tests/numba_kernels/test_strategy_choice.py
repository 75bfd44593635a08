"""Choosing between ways of forecasting: against the slow twin, and what must hold for any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import strategy_choice
from catallaxy.numba_kernels.strategy_choice import Leanings
from oracles.strategy_choice import choose_reference, lean_reference, logit_reference

numbers = st.floats(-50, 50)
fitness = st.lists(numbers, min_size=1, max_size=6)


@given(numbers, st.floats(0, 10), st.floats(0, 100), st.floats(0, 1), st.floats(0, 10))
def test_leaning_is_that_of_the_slow_twin(alpha_0: float, alpha_n: float, alpha_p: float, n: float, gap: float) -> None:
    leanings = Leanings(alpha_0, alpha_n, alpha_p)
    found = strategy_choice.lean_scalar(leanings, n, gap)
    assert found == pytest.approx(lean_reference(leanings, n, gap), rel=1e-12, abs=1e-12)
    assert strategy_choice.lean_scalar(leanings, n, gap + 1.0) >= found
    assert strategy_choice.logit(found) == pytest.approx(logit_reference(found), rel=1e-12, abs=1e-300)


@given(fitness, st.floats(0, 100), st.randoms())
def test_shares_sum_to_one_follow_fitness_and_do_not_depend_on_the_order(values: list[float], beta: float, r) -> None:  # type: ignore[no-untyped-def]
    shares = np.zeros(len(values))
    strategy_choice.choose(np.array(values), beta, shares)
    assert shares.tolist() == pytest.approx(choose_reference(values, beta), rel=1e-9, abs=1e-15)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[np.argmax(values)] == shares.max()
    order = list(range(len(values)))
    r.shuffle(order)
    shuffled = np.zeros(len(values))
    strategy_choice.choose(np.array(values)[order], beta, shuffled)
    assert shuffled.tolist() == pytest.approx(shares[order].tolist(), rel=1e-12)


def test_no_intensity_means_equal_shares_whatever_the_fitness() -> None:
    shares = np.zeros(3)
    strategy_choice.choose(np.array([1e300, 0.0, -1e300]), 0.0, shares)
    assert shares.tolist() == pytest.approx([1 / 3] * 3)
