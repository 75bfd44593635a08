"""A book of random orders: the kernel against a slow book, and the scaling of the spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels.order_book_state import ORIGIN
from catallaxy.numba_kernels.unit_orders import open_desk
from catallaxy.papers.farmer_patelli_zovko_2005.kernels import fill, spread_over_time
from catallaxy.sim.replications.running import replicate
from oracles.zero_intelligence import RandomBook, spread_reference

NAME = "farmer-patelli-zovko-2005"


@given(
    st.integers(1, 12),
    st.integers(1, 4),
    st.tuples(st.floats(0.05, 1.0), st.floats(0.1, 4.0), st.floats(0.05, 1.0)),
    st.integers(0, 2**63),
)
def test_the_book_does_what_a_slow_one_does(
    window: int, spacing: int, rates: tuple[float, float, float], key: int
) -> None:
    ticks = 4 * window + 1
    desk, batches = open_desk(ticks, 400, 1), np.zeros((2, 2))
    fill(desk, window, spacing)
    twin = RandomBook(ticks, window, spacing)
    spread_over_time(desk, np.array(rates), window, np.uint64(key), 60, batches)
    np.testing.assert_allclose(batches, spread_reference(twin, rates, key, 60, 2), rtol=1e-12)
    assert desk.book.state[ORIGIN] == twin.origin
    resting = [order.tick - 10**8 - twin.origin for order in twin.book.resting()]
    assert desk.book.levels.tolist() == [resting.count(tick) for tick in range(ticks)]


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    assert replicate(NAME, quick=True).passed


@pytest.mark.jit
@pytest.mark.slow
def test_doubling_the_deposits_halves_the_spread() -> None:
    outcome = replicate(NAME)
    assert outcome.passed
    halved = [row for row in outcome.rows if row.published == 0.5]
    assert len(halved) == 2
    assert all(row.ours.high - row.ours.low < 2.0 * row.tolerance for row in halved if row.tolerance)
    spreads = [row.ours.estimate for row in outcome.rows if row.tag == "READ"]
    assert len(spreads) == 5
    assert spreads == sorted(spreads)
