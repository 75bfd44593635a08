"""The stationary bootstrap: the slow twin, and the mean length of blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels.resampling import stationary_resamples
from oracles.resampling import stationary_resample_reference


@given(st.integers(0, 2**63), st.integers(1, 30), st.floats(1.0, 50.0))
def test_resamples_are_those_of_the_slow_twin(key: int, n: int, mean_block: float) -> None:
    rows = np.full((2, 12), -1)
    stationary_resamples(np.uint64(key), n, mean_block, rows)
    assert rows.tolist() == [stationary_resample_reference(key, r, n, mean_block, 12) for r in range(2)]


@pytest.mark.jit
def test_blocks_have_the_length_and_every_observation_the_chance_that_was_asked_for() -> None:
    rows = np.empty((200, 1000), np.int64)
    stationary_resamples(np.uint64(5), 50, 8.0, rows)
    joins = np.mean((np.diff(rows, axis=1) % 50) != 1)
    assert joins == pytest.approx((1 - 1 / 50) / 8, abs=0.003)
    assert np.bincount(rows.ravel(), minlength=50) / rows.size == pytest.approx(np.full(50, 0.02), abs=0.002)
