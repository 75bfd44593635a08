"""Elementary functions: against 40 exact digits, and bit for bit against array arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from catallaxy.numba_kernels import elementary, transforms
from oracles import elementary as twin

POSITIVE = st.floats(2.3e-308, 1.7e308)
NEAR_ONE = st.floats(0.5, 2.0)
ARGUMENTS = st.floats(-700.0, 700.0)
SMALL = st.floats(-300.0, 0.0).map(lambda e: 10.0**e) | st.floats(-300.0, -1e-3).map(lambda e: -(10.0**e))


@given(POSITIVE | NEAR_ONE)
@example(1.0)
@example(math.sqrt(0.5))
@example(np.nextafter(1.0, 2.0))
@example(np.nextafter(1.0, 0.0))
def test_log_is_accurate(x: float) -> None:
    assert twin.relative_error(elementary.log_scalar(x), twin.exact_log(x)) < 3e-16


@given(ARGUMENTS | st.floats(-1.0, 1.0))
@example(0.0)
def test_exp_is_accurate(x: float) -> None:
    assert twin.relative_error(elementary.exp_scalar(x), twin.exact_exp(x)) < 1e-15


@given(st.floats(allow_nan=False))
def test_exp_stays_positive_and_finite_everywhere(x: float) -> None:
    assert 0.0 < elementary.exp_scalar(x) < math.inf


@given(st.floats(-700.0, 699.0), st.floats(1e-6, 1.0))
def test_exp_rises(x: float, step: float) -> None:
    assert elementary.exp_scalar(x + step) > elementary.exp_scalar(x)


@given(st.floats(1e-6, 1e6), st.floats(-20.0, 20.0))
def test_power_matches_the_c_library(x: float, a: float) -> None:
    assert elementary.power_scalar(x, a) == pytest.approx(x**a, rel=1e-15 * (2.0 + abs(a * math.log(x))))


@given(st.floats(0.0, 1.0, exclude_max=True))
def test_cosine_of_a_turn_matches_the_c_library(u: float) -> None:
    assert elementary.cos_turn(u) == pytest.approx(math.cos(2.0 * math.pi * u), abs=1e-11)


@given(st.lists(POSITIVE, min_size=1, max_size=40), st.lists(ARGUMENTS, min_size=1, max_size=40))
def test_kernels_equal_array_arithmetic_bit_for_bit(positive: list[float], arguments: list[float]) -> None:
    logs, powers = np.array(positive), np.array(arguments)
    transforms.log_each(logs)
    transforms.exp_each(powers)
    assert np.array_equal(logs, twin.log(np.array(positive)))
    assert np.array_equal(powers, twin.exp(np.array(arguments)))


@given(SMALL | st.floats(-1.0, 1e300, exclude_min=True))
@example(0.0)
@example(-0.5)
@example(float(np.nextafter(-1.0, 0.0)))
def test_log1p_is_accurate_however_small_its_argument(x: float) -> None:
    assert twin.relative_error(elementary.log1p_scalar(x), twin.exact_log1p(x)) < 1e-15


@given(SMALL | ARGUMENTS)
@example(0.0)
@example(0.35)
@example(-0.35)
def test_expm1_is_accurate_however_small_its_argument(x: float) -> None:
    assert twin.relative_error(elementary.expm1_scalar(x), twin.exact_expm1(x)) < 1e-15
