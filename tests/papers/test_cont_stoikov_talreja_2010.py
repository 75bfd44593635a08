"""The race of two queues: the order book against queues that are counted, and the published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels.order_book_state import LIVE
from catallaxy.numba_kernels.unit_orders import open_desk
from catallaxy.papers.cont_stoikov_talreja_2010.kernels import AGENTS, TICKS, race
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.zero_intelligence import price_goes_up, race_reference

NAME = "cont-stoikov-talreja-2010"
rates = st.tuples(*[st.floats(0.1, 3.0)] * 3)


@given(st.integers(1, 6), st.integers(1, 6), rates, st.integers(0, 2**63))
def test_the_book_races_as_counted_queues_do(
    bids: int, asks: int, of_orders: tuple[float, float, float], key: int
) -> None:
    desk, moved_up = open_desk(TICKS, 256, AGENTS), np.zeros(4, np.int8)
    n_messages = race(desk, bids, asks, np.array(of_orders), np.uint64(key), moved_up)
    assert moved_up.tolist() == race_reference(bids, asks, of_orders, key, 4)
    assert n_messages > 4 * (bids + asks)
    assert desk.book.state[LIVE] == 0


def test_more_races_begin_with_the_same_ones() -> None:
    few, more = np.zeros(5, np.int8), np.zeros(20, np.int8)
    for moved_up in (few, more):
        race(open_desk(TICKS, 256, AGENTS), 2, 3, np.array([1.85, 0.94, 0.71]), np.uint64(5), moved_up)
    np.testing.assert_array_equal(few, more[:5])


def test_the_expected_numbers_solve_the_equations_of_the_paper() -> None:
    replication = find_replication(NAME)
    p = replication.parameters().model_dump()
    solved = price_goes_up([p["limit_orders"], p["market_orders"], p["cancellations"]], longest=20, sweeps=120)
    values = iter(replication.expected().tables[0].values.values())
    for bids in range(1, 6):
        for asks in range(1, 6):
            assert next(values) == pytest.approx(solved[bids][asks], abs=5.5e-4)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 26


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_probabilities_come_out() -> None:
    outcome = replicate(NAME)
    assert outcome.passed
    assert all(row.tolerance == 0.01 for row in outcome.rows)
