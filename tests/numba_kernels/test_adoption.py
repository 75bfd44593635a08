"""Adoption: the slow twin, conservation of users and spending, order of rows, and what brings users in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import adoption
from catallaxy.numba_kernels.compile import BLOCK, CHUNK
from oracles.adoption import User, move_users_reference

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KEYS = st.integers(0, 2**64 - 1)
SEGMENTS, NETWORKS = 2, 3
USERS = st.lists(
    st.builds(
        User,
        id=st.integers(0, 2**40),
        segment=st.integers(0, SEGMENTS - 1),
        network=st.integers(-1, NETWORKS - 1),
        spending=st.integers(0, 2**50),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda user: user.id,
)
HAZARDS = st.lists(
    st.lists(st.floats(0.0, 1.0), min_size=NETWORKS, max_size=NETWORKS), min_size=SEGMENTS, max_size=SEGMENTS
).map(np.array)


def cumulative(hazards: Floats) -> Floats:
    """Turn hazards of any size into cumulative joining probabilities that end at 1 or below."""
    return np.cumsum(hazards / NETWORKS, axis=1)


def moved(key: int, users: list[User], join: Floats, leave: Floats) -> tuple[list[int], Ints]:
    ids, segment, network, spending = zip(*users, strict=True)
    places = np.array(network, np.int64)
    tally = np.full((join.shape[0], join.shape[1] + 1, 4), -7, np.int64)
    adoption.transition(
        np.uint64(key),
        np.array(ids, np.int64),
        np.array(segment, np.int8),
        places,
        np.array(spending, np.int64),
        join,
        leave,
        tally,
    )
    return places.tolist(), tally


@given(KEYS, USERS, HAZARDS, HAZARDS)
def test_transitions_equal_the_slow_twin(key: int, users: list[User], hazards: Floats, leave: Floats) -> None:
    join = cumulative(hazards)
    after, tally = moved(key, users, join, leave)
    expected, counted = move_users_reference(key, users, join, leave)
    assert after == expected
    assert np.array_equal(tally, counted)


@given(KEYS, USERS, HAZARDS, HAZARDS)
def test_users_and_spending_are_conserved(key: int, users: list[User], hazards: Floats, leave: Floats) -> None:
    _, tally = moved(key, users, cumulative(hazards), leave)
    assert tally[:, :, 0].sum() == len(users)
    assert tally[:, :, 1].sum() == sum(user.spending for user in users)
    for segment in range(SEGMENTS):
        inside = [user.network for user in users if user.network >= 0 and user.segment == segment]
        before, counted = np.bincount(inside, minlength=NETWORKS), tally[segment]
        assert np.array_equal(counted[:-1, 0], before + counted[:-1, 2] - counted[:-1, 3])


@given(KEYS, USERS, HAZARDS, HAZARDS, st.randoms(use_true_random=False))
def test_permuting_rows_permutes_choices_and_leaves_the_tally(
    key: int, users: list[User], hazards: Floats, leave: Floats, random: object
) -> None:
    shuffled = random.sample(range(len(users)), len(users))
    after, tally = moved(key, users, cumulative(hazards), leave)
    again, same = moved(key, [users[i] for i in shuffled], cumulative(hazards), leave)
    assert again == [after[i] for i in shuffled]
    assert np.array_equal(same, tally)


@given(KEYS, USERS, HAZARDS, st.floats(0.0, 1.0))
def test_a_higher_hazard_brings_more_users_in(key: int, users: list[User], hazards: Floats, scale: float) -> None:
    nobody_leaves = np.zeros((SEGMENTS, NETWORKS))
    _, few = moved(key, users, cumulative(hazards * scale), nobody_leaves)
    _, many = moved(key, users, cumulative(hazards), nobody_leaves)
    assert np.all(many[:, :, 2].sum(axis=1) >= few[:, :, 2].sum(axis=1))
    assert np.all(many[:, -1, 0] <= few[:, -1, 0])


@given(KEYS, USERS, HAZARDS, st.floats(0.0, 1.0))
def test_higher_churn_loses_more_users(key: int, users: list[User], leave: Floats, scale: float) -> None:
    nobody_joins = np.zeros((SEGMENTS, NETWORKS))
    _, few = moved(key, users, nobody_joins, leave * scale)
    _, many = moved(key, users, nobody_joins, leave)
    assert np.all(many[:, :, 3] >= few[:, :, 3])


@given(KEYS, USERS)
def test_nobody_moves_without_hazard_and_everyone_with_certainty(key: int, users: list[User]) -> None:
    nothing, always = np.zeros((SEGMENTS, NETWORKS)), np.full((SEGMENTS, NETWORKS), 1.1)
    assert moved(key, users, nothing, nothing)[0] == [user.network for user in users]
    assert moved(key, users, always, always)[0] == [0 if user.network < 0 else -1 for user in users]


@pytest.mark.jit
@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, BLOCK + 1, CHUNK + 1])
def test_full_blocks_equal_the_slow_twin(n: int) -> None:
    rng = np.random.default_rng(n)
    columns = (rng.permutation(9 * n)[:n], rng.integers(0, 2, n), rng.integers(-1, 3, n), rng.integers(0, 10**9, n))
    users = [User(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    join, leave = np.array([[0.1, 0.3, 0.4], [0.0, 0.0, 0.9]]), np.array([[0.1, 0.2, 0.3], [0.0, 0.5, 1.0]])
    after, tally = moved(17, users, join, leave)
    expected, counted = move_users_reference(17, users, join, leave)
    assert after == expected
    assert np.array_equal(tally, counted)


@pytest.mark.jit
def test_shares_of_joiners_are_the_probabilities() -> None:
    n, probabilities = 200_000, np.array([0.02, 0.05, 0.01])
    users = [User(i, 0, -1, 1) for i in range(n)]
    _, tally = moved(23, users, np.cumsum([probabilities], axis=1), np.zeros((1, 3)))
    assert tally[0, :-1, 2] / n == pytest.approx(probabilities, abs=4.5 * np.sqrt(0.05 / n))
