"""Block space under stationary demand: the market against its slow twin, and the published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.papers.monnot_2020.kernels import Demand, Space, sell_blocks
from catallaxy.papers.monnot_2020.replication import Parameters
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.block_space import sell_blocks_reference

NAME = "monnot-2020"
DEMANDS = st.builds(
    Demand,
    arrivals=st.sampled_from([0.5, 3.0, 12.0]),
    highest_value=st.floats(1.0, 20.0),
    highest_cost=st.floats(0.0, 1.0),
    wait=st.sampled_from([0.0, 5.0]),
    tip=st.sampled_from([0.0, 1.0]),
)
SPACES = st.builds(
    Space,
    limit=st.integers(20, 200),
    gas=st.integers(5, 30),
    elasticity=st.sampled_from([1, 2, 4]),
    denominator=st.sampled_from([2, 8]),
    first_fee=st.integers(0, 10**10),
)


@given(st.integers(0, 2**63), DEMANDS, SPACES)
@settings(max_examples=40)
def test_the_market_equals_its_slow_twin(key: int, demand: Demand, space: Space) -> None:
    fees, used = np.zeros((2, 2, 12), np.int64)
    assert sell_blocks(np.uint64(key), demand, space, np.zeros(2000), fees, used) <= 2000
    expected = sell_blocks_reference(key, demand._asdict(), space._asdict(), 2, 12)
    assert (fees.tolist(), used.tolist()) == expected


def test_a_pool_that_overflows_is_told() -> None:
    fees, used = np.zeros((2, 1, 5), np.int64)
    demand, space = Demand(50.0, 20.0, 0.0, 0.0, 0.0), Space(10, 10, 2, 8, 1)
    assert sell_blocks(np.uint64(1), demand, space, np.zeros(20), fees, used) == 21


def test_the_balancing_fee_is_what_is_expected() -> None:
    replication = find_replication(NAME)
    parameters = replication.parameters()
    assert isinstance(parameters, Parameters)
    tables = [table.values for table in replication.expected().tables if table.tag == "DERIVED"]
    assert parameters.balancing_fee == pytest.approx(tables[0]["mean base fee"], abs=1e-8)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 9


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_base_fee_comes_out() -> None:
    assert replicate(NAME).passed
