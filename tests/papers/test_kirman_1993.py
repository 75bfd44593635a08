"""Recruitment: the law of detailed balance, and people who meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.papers.kirman_1993.kernels import meet
from catallaxy.papers.kirman_1993.replication import Parameters, stationary
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.randomness import agent_bits, uniforms

NAME = "kirman-1993"


@given(st.integers(0, 2**63), st.integers(2, 9), st.floats(0, 1), st.floats(0, 1), st.integers(0, 4))
def test_meetings_are_those_of_the_slow_twin(key: int, n: int, alone: float, recruited: float, burn: int) -> None:
    counts, expected = np.zeros((2, n + 1), np.int64), np.zeros((2, n + 1), np.int64)
    meet(np.uint64(key), n, alone, recruited, burn, counts, 20)
    for run, own in enumerate(agent_bits(key, range(2))):
        holds = [i % 2 for i in range(n)]
        for step, bits in enumerate(agent_bits(own, range(burn + 20))):
            who = int((float(bits >> 12) + 0.5) / 2.0**52 * n)
            disagree = sum(opinion != holds[who] for opinion in holds)
            if uniforms(bits, [0])[0] < alone + recruited * disagree / (n - 1):
                holds[who] = 1 - holds[who]
            if step >= burn:
                expected[run, sum(holds)] += 1
    assert counts.tolist() == expected.tolist()


def test_the_law_is_stationary_and_its_numbers_are_expected() -> None:
    p = find_replication(NAME).parameters()
    assert isinstance(p, Parameters)
    expected = {name: x for table in find_replication(NAME).expected().tables for name, x in table.values.items()}
    n, recruited = p.people, 1 - p.stubbornness
    k, share = np.arange(n + 1), np.arange(n + 1) / n
    for alone in p.alone:
        law = stationary(n, alone, recruited)
        up = law * (1 - share) * (alone + recruited * k / (n - 1))
        down = law * share * (alone + recruited * (n - k) / (n - 1))
        assert up[:-1] == pytest.approx(down[1:], rel=1e-9)
        assert expected[f"variance, epsilon {alone:g}"] == pytest.approx(law @ (share - 0.5) ** 2, abs=1e-5)
        assert expected[f"time agreed, epsilon {alone:g}"] == pytest.approx(law[:11].sum() + law[90:].sum(), abs=1e-5)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 9


@pytest.mark.jit
@pytest.mark.slow
def test_the_law_comes_out() -> None:
    assert replicate(NAME).passed
