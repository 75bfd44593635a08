"""Array transforms against their slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import transforms
from oracles import elementary as twin

PROBABILITIES = st.floats(2.0**-54, 1.0 - 2.0**-53)
SHARES = st.lists(st.floats(0.01, 1.0), min_size=9, max_size=9)


@given(st.lists(PROBABILITIES, min_size=1, max_size=40))
def test_normal_quantile_equals_the_standard_library(probabilities: list[float]) -> None:
    u = np.array(probabilities)
    transforms.normal_quantile_each(u)
    assert u == pytest.approx(twin.normal_quantile(np.array(probabilities)), rel=1e-15, abs=1e-16)


@given(st.floats(-40.0, 40.0))
def test_normal_distribution_function_equals_the_c_library(x: float) -> None:
    assert transforms.normal_cdf_scalar(x) == pytest.approx(twin.normal_cdf(x), abs=1e-15)
    assert 0.0 <= transforms.normal_cdf_scalar(x) <= 1.0


@given(st.floats(-4.0, 4.0))
def test_quantile_inverts_the_distribution_function(x: float) -> None:
    u = np.array([transforms.normal_cdf_scalar(x)])
    transforms.normal_quantile_each(u)
    assert u[0] == pytest.approx(x, abs=1e-11)


@given(st.floats(0.0, 1.0), st.lists(st.floats(-10.0, 10.0), min_size=1, max_size=30))
def test_relaxation_is_a_weighted_sum_of_past_shocks(keep: float, shocks: list[float]) -> None:
    x = np.array(shocks)
    transforms.relax(keep, x)
    assert x == pytest.approx(twin.relax(keep, np.array(shocks)), rel=1e-12, abs=1e-12)


@given(SHARES, st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=1, max_size=60), st.integers(0, 2))
def test_chain_moves_as_its_probabilities_say(shares: list[float], uniforms: list[float], start: int) -> None:
    weights = np.array(shares).reshape(3, 3)
    cumulative = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    cumulative[:, -1] = 1.0
    out = np.empty(len(uniforms), dtype=np.int64)
    transforms.switch_levels(cumulative, np.array(uniforms), start, out)
    assert np.array_equal(out, twin.switch_levels(cumulative, np.array(uniforms), start))


@given(st.floats(0.01, 20.0), st.lists(st.floats(0.001, 0.999), min_size=1, max_size=20))
def test_counts_are_poisson_quantiles(mean: float, uniforms: list[float]) -> None:
    counts = np.array(uniforms)
    transforms.count_events(mean, counts)
    for u, count in zip(uniforms, counts, strict=True):
        assert twin.count_events(mean, u * (1 - 1e-12)) <= count <= twin.count_events(mean, u * (1 + 1e-12))


def test_nothing_happens_when_events_never_come() -> None:
    counts = np.array([0.1, 0.5, 0.999999])
    transforms.count_events(0.0, counts)
    assert np.array_equal(counts, np.zeros(3))
