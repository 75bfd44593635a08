"""Compounding stakes: the kernels against the slow twin, and the numbers of the model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.papers.rosu_saleh_2021.kernels import grow
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.randomness import agent_bits, uniforms
from oracles.unbonding import drawn_reference

NAME = "rosu-saleh-2021"


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.integers(0, 2**63), st.integers(0, 1000))
def test_stakes_compound_as_in_the_slow_twin(first: list[int], key: int, reward: int) -> None:
    if not any(first):
        return
    n, growth, marks, shares = len(first), 0.25, np.array([2, 6]), np.zeros((3, 2 * len(first)))
    grow(np.uint64(key), np.array(first, np.int64), reward, growth, 6, marks, shares)
    for run, own in enumerate(agent_bits(key, range(3))):
        stakes = list(first)
        for block in range(6):
            amount = reward + int(float(sum(stakes)) * growth)
            times = drawn_reference(stakes, uniforms(own, [block]).tolist())
            stakes = [stake + amount * n for stake, n in zip(stakes, times, strict=True)]
            if block + 1 in marks:
                place = n * marks.tolist().index(block + 1)
                assert shares[run, place : place + n].tolist() == [stake / sum(stakes) for stake in stakes]


def test_the_expected_numbers_follow_from_the_parameters() -> None:
    replication = find_replication(NAME)
    p, tables = replication.parameters(), replication.expected().tables
    expected = {name: value for table in tables for name, value in table.values.items()}
    apart, settled = p.first_share * (1 - p.first_share), p.blocks / (p.blocks + p.stake) / (p.stake + 1)
    one, other = p.shares[:2]
    step = (p.growth / (1 + p.growth)) ** 2
    numbers = {
        "variance of the share, two stakers": apart * settled,
        "variance of the largest share, four stakers": one * (1 - one) * settled,
        "covariance of the two largest shares, four stakers": -one * other * settled,
        "variance of the share, growing reward": apart * (1 - (1 - step) ** p.growth_blocks),
    }
    assert {name: expected[name] for name in numbers} == pytest.approx(numbers, rel=1e-4)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 8


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_behaviour_comes_out() -> None:
    assert replicate(NAME).passed
