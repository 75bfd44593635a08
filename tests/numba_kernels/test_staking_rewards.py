"""Staking rewards: weights, random stakers, compounding; nothing is paid that was not given."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import random, staking, staking_rewards
from oracles.unbonding import counted_reference, drawn_reference

STAKES = st.lists(st.one_of(st.just(0), st.integers(0, 1000), st.integers(0, 2**55)), min_size=1, max_size=30)
BOUNDS = st.tuples(st.sampled_from([0, 1, 500]), st.sampled_from([500, 2**62]))
NEVER_TOO_MUCH = 1.0 - 2.0**-50
#: xNOS of 100 NOS by days of lock: nosana-ci/nosana-programs @10a64e45bc9b, staking/state.rs.
NOSANA = {14: 111.506849, 30: 124.657534, 90: 173.972603, 180: 247.945205, 365: 400.0}


def bonds_of(staked: list[int]) -> staking.Bonds:
    bonds = staking.Bonds(*np.zeros((4, len(staked)), np.int64))
    bonds.staked[:] = staked
    return bonds


@given(STAKES, BOUNDS, st.floats(0.0, 4.0), st.integers(0, 30), st.integers(1, 20))
def test_weights_equal_their_twins(
    stakes: list[int], bounds: tuple[int, int], multiple: float, until: int, longest: int
) -> None:
    staked, weight, rows = np.array(stakes, np.int64), np.empty(len(stakes), np.int64), (0, len(stakes))
    counted = [counted_reference(stake, *bounds) for stake in stakes]
    assert staking_rewards.effective(rows, staked, bounds, weight) == sum(counted)
    assert weight.tolist() == counted
    multiples = np.full(len(stakes), multiple)
    assert staking_rewards.multiplied(rows, staked, bounds, multiples, weight) == sum(weight.tolist())
    assert weight.tolist() == [int(float(stake) * multiple) for stake in counted]
    ends = np.full(len(stakes), until)
    assert staking_rewards.escrowed(rows, staked, bounds, ends, (5, longest), weight) == sum(weight.tolist())
    rest = Fraction(min(max(until - 5, 0), longest), longest)
    for found, stake in zip(weight.tolist(), counted, strict=True):
        assert abs(found - stake * rest) <= 1 + Fraction(stake, 2**51)
        assert found <= stake


@pytest.mark.parametrize("days", NOSANA)
def test_published_multipliers(days: int) -> None:
    weight = np.empty(1, np.int64)
    multiple = np.array([1.0 + days / (4 * 365 / 12)])
    staking_rewards.multiplied((0, 1), np.array([100 * 10**6]), (0, 2**62), multiple, weight)
    assert weight[0] == pytest.approx(NOSANA[days] * 10**6, abs=1)


@given(STAKES, st.integers(0, 2**32), st.integers(0, 50), st.integers(0, 40), st.randoms(use_true_random=False))
def test_drawing_equals_the_slow_twin_in_any_order_of_rows(
    stakes: list[int], seed: int, first: int, blocks: int, shuffler: object
) -> None:
    n = len(stakes)
    key, draws = random.step_key(seed, 8, 3), np.empty(blocks)
    random.fill_uniform(key, np.arange(first, first + blocks), draws)
    expected = drawn_reference(stakes, draws.tolist())
    ids = np.array(shuffler.sample(range(n), n), np.int64)
    weight, running, drawn = np.array(stakes, np.int64)[ids], *np.zeros((2, n), np.int64)
    total = staking_rewards.draw_stakers(key, np.argsort(ids), weight, (first, blocks), running, drawn)
    assert total == sum(stakes)
    assert drawn.tolist() == [expected[i] for i in ids]
    assert drawn.sum() == (blocks if total else 0)


def test_chances_are_in_proportion_to_stake() -> None:
    weight, running, drawn = np.array([10, 0, 30, 60], np.int64), *np.zeros((2, 4), np.int64)
    key = random.step_key(1, 8, 0)
    staking_rewards.draw_stakers(key, np.arange(4), weight, (0, 100_000), running, drawn)
    assert drawn.tolist() == [pytest.approx(1000 * w, abs=600) for w in weight]
    assert drawn[1] == 0


@given(STAKES, st.integers(0, 2**55), st.floats(0.0, 1.0))
def test_never_more_is_paid_than_given_and_bonding_is_part_of_it(
    stakes: list[int], pot: int, compounding: float
) -> None:
    bonds, total, rows = bonds_of(stakes), sum(stakes), (0, len(stakes))
    if not total:
        return
    weight, rate = bonds.staked.copy(), pot / total * NEVER_TOO_MUCH
    paid, bonded = staking_rewards.pay_pro_rata(rows, bonds, weight, rate, compounding)
    assert 0 <= bonded <= paid <= pot
    assert pot - paid <= len(stakes) + 2 + pot // 2**48
    assert bonds.tokens.sum() == paid - bonded
    assert (bonds.staked - weight).sum() == bonded
    assert [int(t) + int(s) - int(w) for t, s, w in zip(bonds.tokens, bonds.staked, weight, strict=True)] == [
        int(float(stake) * rate) for stake in stakes
    ]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=10), st.integers(0, 2**50), st.floats(0.0, 1.0))
def test_drawn_stakers_get_the_reward_of_their_blocks(times: list[int], reward: int, compounding: float) -> None:
    bonds = bonds_of([0] * len(times))
    paid, bonded = staking_rewards.pay_drawn((0, len(times)), bonds, np.array(times, np.int64), reward, compounding)
    assert paid == sum(times) * reward
    assert (bonds.tokens + bonds.staked).tolist() == [n * reward for n in times]
    assert bonded == bonds.staked.sum()
