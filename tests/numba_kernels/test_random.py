"""Draws: the published hash, the slow twin bit for bit, independence of order, and the right moments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import random
from catallaxy.numba_kernels.streams import Stream
from oracles import randomness

SEEDS = st.integers(0, 2**64 - 1)
STREAMS = st.integers(0, 1000)
STEPS = st.integers(0, 2**40)
AGENTS = st.lists(st.integers(0, 2**62), min_size=1, max_size=50)


def draw(fill: object, key: np.uint64, agents: list[int]) -> np.ndarray:
    out = np.empty(len(agents))
    fill(key, np.array(agents, dtype=np.int64), out)
    return out


def key_of(seed: int, stream: int = 1, step: int = 0) -> np.uint64:
    return np.uint64(random.step_key(np.uint64(seed), stream, step))


def test_hash_gives_the_published_splitmix64_sequence() -> None:
    # First outputs of the reference implementation (Vigna, prng.di.unimi.it/splitmix64.c) from state 1234567.
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    states = [(1234567 + k * randomness.GOLDEN) % 2**64 for k in range(1, 5)]
    assert [int(random.mix(np.uint64(state))) for state in states] == published
    assert [randomness.mix(state) for state in states] == published


@given(SEEDS, STREAMS, STEPS, AGENTS)
def test_draws_equal_the_slow_twin_bit_for_bit(seed: int, stream: int, step: int, agents: list[int]) -> None:
    key = key_of(seed, stream, step)
    assert int(key) == randomness.step_key(seed, stream, step)
    assert np.array_equal(draw(random.fill_uniform, key, agents), randomness.uniforms(int(key), agents))
    assert np.array_equal(draw(random.fill_normal, key, agents), randomness.normals(int(key), agents))


@given(SEEDS, st.permutations(range(40)))
def test_permuting_agents_permutes_their_draws(seed: int, order: list[int]) -> None:
    for fill in (random.fill_uniform, random.fill_normal):
        straight = draw(fill, key_of(seed), list(range(40)))
        assert np.array_equal(draw(fill, key_of(seed), order), straight[order])


def test_extreme_bits_stay_drawable() -> None:
    for bits in (0, 2**64 - 1, 2**63, 2**32 - 1, 2**32):
        assert 0.0 < random.uniform(np.uint64(bits)) < 1.0
        assert abs(random.normal(np.uint64(bits))) < 6.8


def test_seed_stream_step_and_agent_all_matter() -> None:
    keys = {int(key_of(seed, stream, step)) for seed in range(20) for stream in range(20) for step in range(20)}
    assert len(keys) == 8000
    uniforms = draw(random.fill_uniform, key_of(0), list(range(10_000)))
    assert len(np.unique(uniforms)) == 10_000


def test_stream_numbers_are_never_reused() -> None:
    assert len({int(stream) for stream in Stream}) == len(Stream.__members__)


@pytest.mark.jit
def test_moments_are_those_of_the_distributions() -> None:
    n = 400_000
    agents = np.arange(n, dtype=np.int64)
    u, z = np.empty(n), np.empty(n)
    random.fill_uniform(key_of(7), agents, u)
    random.fill_normal(key_of(7, 2), agents, z)
    assert u.mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / n))
    assert np.histogram(u, 100, (0, 1))[0] == pytest.approx(n / 100, abs=5 * np.sqrt(n / 100))
    for power, expected, variance in ((1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)):
        assert np.mean(z**power) == pytest.approx(expected, abs=4 * np.sqrt(variance / n))


@pytest.mark.jit
@pytest.mark.parametrize("other", [(8, 1, 0), (7, 2, 0), (7, 1, 1)], ids=["seed", "stream", "step"])
def test_neighbouring_keys_are_uncorrelated(other: tuple[int, int, int]) -> None:
    n = 100_000
    agents = np.arange(n, dtype=np.int64)
    a, b = np.empty(n), np.empty(n)
    random.fill_normal(key_of(7, 1, 0), agents, a)
    random.fill_normal(key_of(*other), agents, b)
    for x, y in ((a, b), (np.abs(a) - np.abs(a).mean(), np.abs(b)), (a[1:], a[:-1])):
        assert np.mean(x * y) == pytest.approx(0.0, abs=4.5 / np.sqrt(n))
