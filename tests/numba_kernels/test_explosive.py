"""Recursive unit-root statistics: least squares in every window, invariance, and series without variation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels.explosive import recursive_adf
from oracles.explosive import adf_reference, bsadf_reference

Floats = npt.NDArray[np.float64]


def statistics(levels: Floats, min_rows: int) -> tuple[Floats, Floats]:
    """Return the backward sup ADF sequence and the statistics from the start."""
    rows = np.atleast_2d(np.asarray(levels, np.float64))
    backward, forward = np.empty_like(rows), np.empty_like(rows)
    recursive_adf(np.ascontiguousarray(rows), min_rows, backward, forward)
    return backward, forward


@given(st.integers(0, 10_000), st.integers(9, 24), st.integers(6, 8), st.floats(0.9, 1.2))
def test_statistics_are_those_of_least_squares_in_every_window(seed: int, n: int, rows: int, root: float) -> None:
    levels = np.zeros(n)
    for t, shock in enumerate(np.random.default_rng(seed).normal(size=n - 1)):
        levels[t + 1] = 100.0 * (root - 1.0) + root * levels[t] + shock
    [backward], [forward] = statistics(levels, rows)
    assert np.isnan(backward[:rows]).all()
    for end in range(rows, n):
        assert forward[end] == pytest.approx(adf_reference(levels[: end + 1]), rel=1e-4, abs=1e-6)
        assert backward[end] == pytest.approx(bsadf_reference(levels, end, rows), rel=1e-4, abs=1e-6)


@given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.floats(-1e6, 1e6))
def test_neither_unit_nor_origin_counts(seed: int, unit: float, origin: float) -> None:
    walk = np.cumsum(np.random.default_rng(seed).normal(size=40))
    [one], _ = statistics(walk, 10)
    [other], _ = statistics((walk + origin / 1e3), 10)
    [scaled], _ = statistics(unit * walk, 10)
    assert other[10:] == pytest.approx(one[10:], rel=1e-6, abs=1e-6)
    assert scaled[10:] == pytest.approx(one[10:], rel=1e-9)


def test_series_are_independent_of_each_other() -> None:
    walks = np.cumsum(np.random.default_rng(3).normal(size=(3, 30)), axis=1)
    backward, forward = statistics(walks, 5)
    for s in range(3):
        [own], [start] = statistics(walks[s], 5)
        assert np.array_equal(backward[s], own, equal_nan=True)
        assert np.array_equal(forward[s], start, equal_nan=True)


def test_nothing_moves_and_perfect_growth() -> None:
    assert np.isnan(statistics(np.full(20, 7.0), 5)[0]).all()
    assert np.isnan(statistics(np.arange(20.0), 5)[0]).all()
    [backward], _ = statistics(1.1 ** np.arange(20.0), 5)
    assert (backward[5:] > 1e3).all()
    assert np.isfinite(backward[5:]).all()
