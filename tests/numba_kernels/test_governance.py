"""Votes: the slow twins, conservation of votes, order of holders, and who finds voting worth its cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import governance
from catallaxy.numba_kernels.random import agent_bits, mix, uniform
from oracles.governance import decide_reference, delegates_reference, roots_reference, tally_reference

AMOUNTS = st.one_of(st.just(0), st.integers(0, 10**6), st.integers(2**52, 2**61))
VOTES = st.one_of(st.just(0), st.integers(0, 1000), st.integers(0, 2**50))
VOTERS = st.lists(st.tuples(VOTES, st.floats(-1e6, 1e6), st.booleans()), min_size=1, max_size=30)
Voter = tuple[int, float, bool]


def decided(voters: list[Voter], delegate: list[int], cost: float) -> tuple[list[int], list[int]]:
    votes, gain = np.array([v for v, _, _ in voters], np.int64), np.array([g for _, g, _ in voters])
    power, ballots = np.zeros_like(votes), np.zeros(len(votes), np.int8)
    governance.decide(votes, gain, np.array(delegate, np.int64), cost, power, ballots)
    return power.tolist(), ballots.tolist()


def delegating(voters: list[Voter]) -> list[int]:
    """Let those who delegate name the first who does not."""
    first = next((i for i, (_, _, delegates) in enumerate(voters) if not delegates), None)
    return [-1 if first is None or not delegates else first for _, _, delegates in voters]


@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.one_of(st.integers(1, 10), st.integers(1, 2**40)))
def test_roots_are_whole_and_exact(amounts: list[int], cost: int) -> None:
    votes = np.zeros(len(amounts), np.int64)
    governance.whole_roots(np.array(amounts, np.int64), cost, votes)
    assert votes.tolist() == roots_reference(amounts, cost)


@given(VOTERS, st.floats(0.0, 1e3))
def test_decisions_equal_the_slow_twin(voters: list[Voter], cost: float) -> None:
    delegate = delegating(voters)
    votes, gain = [v for v, _, _ in voters], [g for _, g, _ in voters]
    assert decided(voters, delegate, cost) == decide_reference(votes, gain, delegate, cost)


@given(VOTERS, st.floats(0.0, 1e3), st.randoms(use_true_random=False))
def test_the_order_of_holders_does_not_matter(voters: list[Voter], cost: float, chance: object) -> None:
    delegate = delegating(voters)
    order = list(range(len(voters)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    moved = [order.index(delegate[i]) if delegate[i] >= 0 else -1 for i in order]
    power, ballots = decided(voters, delegate, cost)
    found = decided([voters[i] for i in order], moved, cost)
    assert found == ([power[i] for i in order], [ballots[i] for i in order])


@given(VOTERS, st.lists(st.integers(-1, 1), min_size=30, max_size=30), st.integers(1, 4))
def test_every_vote_is_counted_once(voters: list[Voter], cast: list[int], groups: int) -> None:
    votes, ballots = [v for v, _, _ in voters], cast[: len(voters)]
    group = [i % groups for i in range(len(voters))]
    counts = np.full((groups, 3), 7, np.int64)
    governance.tally(np.array(votes), np.array(ballots, np.int8), np.array(group), counts)
    assert counts.tolist() == tally_reference(votes, ballots, group, groups)
    assert counts.sum() == sum(votes)


@given(VOTERS, st.floats(0.01, 1e3))
def test_the_dearer_a_vote_the_fewer_are_cast(voters: list[Voter], cost: float) -> None:
    nobody = [-1] * len(voters)
    cheap, dear = (np.abs(decided(voters, nobody, c)[1]) for c in (cost, 2.0 * cost))
    assert (dear <= cheap).all()


def test_who_votes_is_whom_it_pays() -> None:
    """Of 100 votes, 60 decide with 60 %: a gain of 10 is worth 6 to their holder, 3 to that of 30, 1 to that of 10."""
    voters = [(60, 10.0, False), (30, -10.0, False), (10, 10.0, False)]
    assert decided(voters, [-1, -1, -1], 2.0) == ([60, 30, 10], [1, -1, 0])
    assert decided(voters, [-1, -1, 1], 2.0) == ([60, 40, 10], [1, -1, -1])
    assert decided(voters, [-1, -1, 1], 10.0) == ([60, 40, 10], [0, 0, 0])


@given(
    st.integers(1, 40), st.floats(0.0, 1.0), st.lists(st.integers(1, 1000), min_size=1, max_size=5), st.integers(0, 99)
)
def test_delegates_are_drawn_by_their_votes(n: int, share: float, power: list[int], seed: int) -> None:
    rows = list(range(min(len(power), n)))
    running = np.cumsum(np.array(power[: len(rows)], np.float64))
    delegate, ids, key = np.zeros(n, np.int64), np.arange(n) * 3 + 5, np.uint64(seed)
    governance.name_delegates(key, ids, share, running, np.array(rows), delegate)
    bits = [np.uint64(agent_bits(key, i)) for i in ids]
    draws = [(uniform(b), uniform(np.uint64(mix(b)))) for b in bits]
    assert delegate.tolist() == delegates_reference(draws, share, running.tolist(), rows)


@pytest.mark.jit
def test_as_many_delegate_as_are_said_to_and_to_whom_has_most() -> None:
    rows, running = np.array([0, 1], np.int64), np.array([300.0, 400.0])
    delegate = np.zeros(20_000, np.int64)
    governance.name_delegates(np.uint64(7), np.arange(20_000), 0.2, running, rows, delegate)
    named = np.bincount(delegate[delegate >= 0], minlength=2)
    assert named.sum() / 20_000 == pytest.approx(0.2, abs=0.01)
    assert named[0] / named.sum() == pytest.approx(0.75, abs=0.03)
