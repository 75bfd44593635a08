"""Liquid staking: the slow twin, who prefers receipts, and a discount that is taken from the right request."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import liquid_staking
from catallaxy.numba_kernels.liquid_staking import Terms
from catallaxy.numba_kernels.staking import Bonds
from oracles.liquid_staking import charge_reference, choose_reference

KEY = np.uint64(7)
HOLDERS = st.lists(st.tuples(st.floats(0.0, 20.0), st.booleans()), min_size=1, max_size=15)
TERMS = st.tuples(
    st.floats(0.0, 2.0), st.floats(0.0, 1.0), st.floats(0.0, 20.0), st.floats(0.0, 0.3), st.floats(0.0, 1.0)
)
STAKES = st.lists(st.tuples(st.integers(0, 10**15), st.booleans()), min_size=1, max_size=15)


@given(HOLDERS, TERMS)
def test_choices_equal_the_slow_twin(
    holders: list[tuple[float, bool]], terms: tuple[float, float, float, float, float]
) -> None:
    n = len(holders)
    impatience, liquid = np.array([a for a, _ in holders]), np.array([held for _, held in holders], np.int8)
    multiple, ids = np.full(n, -1.0), np.arange(n)
    changed = liquid_staking.choose((0, n), (KEY, 1.0), ids, impatience, Terms(*terms), liquid, multiple)
    for i, (patience, held) in enumerate(holders):
        bond, receipt = choose_reference(patience, *terms)
        assert liquid[i] == (receipt > bond)
        kept = max(bond, receipt)
        assert multiple[i] == (max(kept, 0.0) / terms[0] if terms[0] > 0 else 0.0)
        changed -= liquid[i] != held
    assert changed == 0


@given(HOLDERS, TERMS)
def test_nobody_changes_who_does_not_compare(
    holders: list[tuple[float, bool]], terms: tuple[float, float, float, float, float]
) -> None:
    n, liquid = len(holders), np.array([held for _, held in holders], np.int8)
    kept, impatience = liquid.copy(), np.array([a for a, _ in holders])
    assert liquid_staking.choose((0, n), (KEY, 0.0), np.arange(n), impatience, Terms(*terms), liquid, np.zeros(n)) == 0
    assert np.array_equal(liquid, kept)


@given(STAKES, st.floats(0.0, 1.0))
def test_fees_come_off_receipts_only_and_add_up(stakes: list[tuple[int, bool]], fee: float) -> None:
    n, liquid = len(stakes), np.array([held for _, held in stakes], np.int8)
    staked = np.array([amount for amount, _ in stakes], np.int64)
    weight = staked.copy()
    taken = liquid_staking.weigh((0, n), liquid, fee, weight)
    assert taken == (staked - weight).sum()
    assert np.array_equal(weight[liquid == 0], staked[liquid == 0])
    assert np.all((weight >= 0) & (weight <= staked))
    receipts = liquid_staking.liquid_stake((0, n), liquid, staked)
    assert receipts == staked[liquid == 1].sum()
    assert abs(taken - fee * receipts) <= n + 1e-6 * receipts


@given(
    st.lists(
        st.tuples(st.lists(st.integers(1, 10**12), max_size=2), st.integers(0, 10**12), st.booleans()), min_size=1
    ),
    st.floats(0.0, 0.5),
)
def test_discounts_equal_the_slow_twin(holders: list[tuple[list[int], int, bool]], discount: float) -> None:
    n = len(holders)
    queue, before = np.zeros((3, n), np.int64), np.zeros(n, np.int64)
    for i, (waiting, asked, _) in enumerate(holders):
        before[i] = sum(waiting)
        for place, amount in enumerate([*waiting, asked] if asked else waiting):
            queue[place, i] = amount
    unbonding, liquid = queue.sum(axis=0), np.array([held for *_, held in holders], np.int8)
    bonds = Bonds(*np.zeros((2, n), np.int64), unbonding, np.zeros(n, np.int64))
    expected, gone, cost = queue.copy(), 0, 0
    for i, (_, asked, held) in enumerate(holders):
        if held and asked:
            expected[:, i], charged = charge_reference(queue[:, i].tolist(), asked, discount)
            gone, cost = gone + asked, cost + charged
    assert liquid_staking.charge((0, n), bonds, queue, before, liquid, discount) == (gone, cost)
    assert np.array_equal(queue, expected)
    assert np.array_equal(unbonding, queue.sum(axis=0))
