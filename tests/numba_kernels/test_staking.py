"""Staking: the slow twin, conservation, balances, order of rows, and what makes holders stake more."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import staking
from catallaxy.numba_kernels.compile import BLOCK, CHUNK
from oracles.staking import (
    Holder,
    adjust_stake_reference,
    release_tokens_reference,
    reward_stake_reference,
    wanted_share_reference,
)

AMOUNTS = st.one_of(st.just(0), st.integers(0, 10**9), st.integers(2**53, 2**55))
SHARES = st.floats(0.0, 1.0)
HOLDERS = st.lists(
    st.tuples(st.builds(Holder, tokens=AMOUNTS, staked=AMOUNTS, unbonding=AMOUNTS, release=st.integers(0, 20)), SHARES),
    min_size=1,
    max_size=40,
)


def bonds_of(holders: list[Holder]) -> staking.Bonds:
    return staking.Bonds(*(np.array(column, np.int64) for column in zip(*holders, strict=True)))


def holders_of(bonds: staking.Bonds) -> list[Holder]:
    return [Holder(*row) for row in zip(*(column.tolist() for column in bonds), strict=True)]


def split(pairs: list[tuple[Holder, float]]) -> tuple[list[Holder], npt.NDArray[np.float64]]:
    return [holder for holder, _ in pairs], np.array([willingness for _, willingness in pairs])


def adjusted(
    pairs: list[tuple[Holder, float]], attraction: float, speed: float, edges: tuple[int, ...] = ()
) -> tuple[list[Holder], int, int]:
    """Return holders and totals at step 10, a request made now being due in step 15."""
    holders, willingness = split(pairs)
    bonds = bonds_of(holders)
    bounds = (0, *edges, len(holders))
    parts = [staking.adjust(rows, bonds, willingness, attraction, speed, 15) for rows in pairwise(bounds)]
    return holders_of(bonds), sum(bonded for bonded, _ in parts), sum(queued for _, queued in parts)


def total(holders: list[Holder]) -> list[int]:
    return [holder.tokens + holder.staked + holder.unbonding for holder in holders]


@given(HOLDERS, SHARES, SHARES)
def test_adjusting_equals_the_slow_twin_and_conserves(
    pairs: list[tuple[Holder, float]], attraction: float, speed: float
) -> None:
    before, _ = split(pairs)
    after, bonded, queued = adjusted(pairs, attraction, speed)
    assert after == [adjust_stake_reference(holder, willing, attraction, speed, 15) for holder, willing in pairs]
    assert total(after) == total(before)
    assert min(min(holder) for holder in after) >= 0
    assert bonded == sum(max(b.tokens - a.tokens, 0) for b, a in zip(before, after, strict=True))
    assert queued == sum(a.unbonding - b.unbonding for b, a in zip(before, after, strict=True))
    assert sum(a.staked - b.staked for b, a in zip(before, after, strict=True)) == bonded - queued


@given(HOLDERS, st.integers(0, 25))
def test_maturing_equals_the_slow_twin_and_conserves(pairs: list[tuple[Holder, float]], step: int) -> None:
    before, _ = split(pairs)
    bonds = bonds_of(before)
    released = staking.mature((0, len(before)), bonds, step)
    after = holders_of(bonds)
    assert after == [release_tokens_reference(holder, step) for holder in before]
    assert total(after) == total(before)
    assert released == sum(holder.unbonding for holder in before if holder.release <= step)
    assert staking.mature((0, len(before)), bonds, step) == 0


@given(HOLDERS, st.floats(0.0, 2.0))
def test_rewards_equal_the_slow_twin_and_never_exceed_the_pot(pairs: list[tuple[Holder, float]], rate: float) -> None:
    holders, _ = split(pairs)
    bonds = bonds_of(holders)
    paid = staking.reward((0, len(holders)), bonds.staked, bonds.tokens, rate)
    rewards = [reward_stake_reference(holder.staked, rate) for holder in holders]
    assert (bonds.tokens - bonds_of(holders).tokens).tolist() == rewards
    assert paid == sum(rewards)
    assert paid <= sum(holder.staked for holder in holders) * rate * (1.0 + 2.0**-50)


@given(HOLDERS, st.integers(0, 2**60))
def test_sharing_out_a_pot_never_pays_more_than_the_pot(pairs: list[tuple[Holder, float]], pot: int) -> None:
    bonds = bonds_of(split(pairs)[0])
    staked = sum(bonds.staked.tolist())
    if staked:
        purse = np.zeros_like(bonds.tokens)
        assert staking.reward((0, len(pairs)), bonds.staked, purse, pot / staked * (1.0 - 2.0**-50)) <= pot


@given(HOLDERS, SHARES, SHARES, SHARES)
def test_a_higher_yield_has_more_staked(
    pairs: list[tuple[Holder, float]], one: float, other: float, speed: float
) -> None:
    low, bonded, queued = adjusted(pairs, min(one, other), speed)
    high, more_bonded, fewer_queued = adjusted(pairs, max(one, other), speed)
    assert all(h.staked >= lo.staked for h, lo in zip(high, low, strict=True))
    assert more_bonded >= bonded
    assert fewer_queued <= queued


@given(HOLDERS, SHARES, st.integers(0, 40), st.randoms(use_true_random=False))
def test_order_of_rows_and_cuts_do_not_matter(
    pairs: list[tuple[Holder, float]], attraction: float, cut: int, random: object
) -> None:
    after, *totals = adjusted(pairs, attraction, 0.3)
    shuffled = random.sample(range(len(pairs)), len(pairs))
    moved, *same = adjusted([pairs[i] for i in shuffled], attraction, 0.3, (min(cut, len(pairs)),))
    assert moved == [after[i] for i in shuffled]
    assert same == totals


def test_one_request_at_a_time_waits_in_the_queue() -> None:
    impatient = [(Holder(0, 1000, 0, 0), 0.0)]
    (once,), _, queued = adjusted(impatient, 1.0, 0.5)
    assert (once, queued) == (Holder(0, 500, 500, 15), 500)
    (twice,), _, queued = adjusted([(once, 0.0)], 1.0, 0.5)
    assert (twice, queued) == (once, 0)


def test_a_holder_converges_to_its_target() -> None:
    pairs = [(Holder(10**9, 0, 0, 0), 0.8)]
    for _ in range(200):
        (holder,), _, _ = adjusted(pairs, 0.5, 0.2)
        pairs = [(holder, 0.8)]
    assert holder.staked == pytest.approx(0.4e9, abs=10)


@pytest.mark.jit
@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, BLOCK + 1, CHUNK, 2 * CHUNK + 7])
def test_full_blocks_and_chunks_equal_the_slow_twin(n: int) -> None:
    rng = np.random.default_rng(n)
    columns = (*rng.integers(0, 2**47, (2, n)), rng.integers(0, 2, n) * 17, rng.integers(0, 20, n))
    holders = [Holder(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    pairs = list(zip(holders, rng.random(n).tolist(), strict=True))
    after, bonded, queued = adjusted(pairs, 0.4, 0.1)
    assert after == [adjust_stake_reference(holder, willing, 0.4, 0.1, 15) for holder, willing in pairs]
    assert adjusted(pairs, 0.4, 0.1, tuple(range(BLOCK, n, BLOCK))) == (after, bonded, queued)


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from([0, 1]), st.floats(-2.0, 2.0), SHARES, st.floats(0, 4)),
        min_size=1,
        max_size=20,
    ),
    st.builds(
        staking.Outlook,
        reward=st.floats(0.0, 10.0),
        half=st.floats(1e-6, 10.0),
        weight=st.sampled_from([0.0, 0.5, 10.0]),
        gap=st.floats(-3.0, 3.0),
        trend_short=st.floats(-9.0, 9.0),
        trend_long=st.floats(-9.0, 9.0),
    ),
)
def test_prospects_equal_the_slow_twin(
    holders: list[tuple[int, int, float, float, float]], outlook: staking.Outlook
) -> None:
    camp, horizon, bias, willing, multiple = zip(*holders, strict=True)
    tastes = staking.Tastes(
        np.array(camp, np.int8), np.array(horizon, np.int8), np.array(bias, np.float64), np.array(willing, np.float64)
    )
    wanted = np.empty(len(holders))
    some = staking.prospects((0, len(holders)), tastes, np.array(multiple, np.float64), outlook, wanted)
    expected = [wanted_share_reference(*holder, **outlook._asdict()) for holder in holders]
    assert wanted.tolist() == expected
    assert some == sum(share > 0.0 for share in expected)


def test_without_a_weight_of_the_price_rise_the_plain_rule_comes_out() -> None:
    tastes = staking.Tastes(np.zeros(2, np.int8), np.zeros(2, np.int8), np.array([1.0, -1.0]), np.array([0.5, 1.0]))
    wanted = np.empty(2)
    staking.prospects((0, 2), tastes, np.ones(2), staking.Outlook(0.06, 0.12, 0.0, 1.0, 1.0, 1.0), wanted)
    assert wanted.tolist() == [0.5 * (0.06 / (0.06 + 0.12)), 0.06 / (0.06 + 0.12)]
