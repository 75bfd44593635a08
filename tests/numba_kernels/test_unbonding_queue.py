"""The unbonding queue: slow twin, conservation over any sequence, order of rows, and first in, first out."""

from __future__ import annotations

import copy
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.numba_kernels import random, staking, unbonding_queue
from oracles.unbonding import Conditions, Saver, adjust_reference, mature_reference

AMOUNTS = st.one_of(st.just(0), st.integers(0, 10**9), st.integers(2**53, 2**55))
SHARES = st.floats(0.0, 1.0)
SAVERS = st.lists(
    st.builds(
        Saver,
        tokens=AMOUNTS,
        staked=AMOUNTS,
        until=st.integers(0, 12),
        length=st.integers(0, 5),
        unbonding=st.integers(0, 6),
    ),
    min_size=1,
    max_size=12,
)
TERMS = st.builds(
    Conditions,
    minimum=st.sampled_from([0, 1, 10**6]),
    cap=st.sampled_from([10**6, 2**54, 2**62]),
    speed=SHARES,
    step=st.just(0),
    places=st.integers(1, 4),
)


class Book:
    """The kernels' arrays for a list of holders."""

    def __init__(self, savers: list[Saver], places: int) -> None:
        n = len(savers)
        self.bonds = staking.Bonds(*np.zeros((4, n), np.int64))
        self.bonds.tokens[:] = [saver.tokens for saver in savers]
        self.bonds.staked[:] = [saver.staked for saver in savers]
        self.queue = unbonding_queue.Queue(*np.zeros((2, places, n), np.int64))
        columns = ([s.until for s in savers], [s.length for s in savers], [s.unbonding for s in savers])
        self.locks = unbonding_queue.Locks(*(np.array(column, np.int64) for column in columns))
        self.rows = [(0, n)]

    def adjust(self, wanted: list[float], terms: Conditions) -> tuple[int, int]:
        kernel_terms = unbonding_queue.Terms(terms.minimum, terms.cap, terms.speed, terms.step)
        shares = np.array(wanted)
        parts = [
            unbonding_queue.adjust(rows, self.bonds, self.queue, shares, self.locks, kernel_terms) for rows in self.rows
        ]
        return sum(bonded for bonded, _ in parts), sum(queued for _, queued in parts)

    def mature(self, step: int) -> int:
        return sum(unbonding_queue.mature(rows, self.bonds, self.queue, step) for rows in self.rows)

    def savers(self) -> list[Saver]:
        assert min(int(values.min()) for values in (*self.bonds, *self.queue)) >= 0
        found = []
        for i in range(len(self.bonds.tokens)):
            places = zip(self.queue.amount[:, i].tolist(), self.queue.due[:, i].tolist(), strict=True)
            requests = [(amount, due) for amount, due in places if amount]
            assert sum(amount for amount, _ in requests) == self.bonds.unbonding[i]
            assert self.bonds.release[i] == (requests[0][1] if requests else 0)
            balances = (int(self.bonds.tokens[i]), int(self.bonds.staked[i]))
            found.append(Saver(*balances, requests, *(int(column[i]) for column in self.locks)))
        return found


@given(SAVERS, TERMS, st.data())
@settings(max_examples=60)
def test_any_sequence_equals_the_slow_twin_and_conserves(savers: list[Saver], terms: Conditions, data: object) -> None:
    book, total = Book(savers, terms.places), [saver.total for saver in savers]
    for step in range(data.draw(st.integers(1, 10))):
        now = Conditions(terms.minimum, terms.cap, terms.speed, step, terms.places)
        wanted = data.draw(st.lists(SHARES, min_size=len(savers), max_size=len(savers)))
        savers[0].unbonding = book.locks.unbonding[0] = data.draw(st.integers(0, 6))
        assert book.mature(step) == sum(mature_reference(saver, step) for saver in savers)
        moved = [adjust_reference(saver, share, now) for saver, share in zip(savers, wanted, strict=True)]
        assert book.adjust(wanted, now) == (sum(plus for plus, _ in moved), sum(minus for _, minus in moved))
        assert book.savers() == savers
        assert [saver.total for saver in savers] == total
        assert all([due for _, due in s.requests] == sorted(due for _, due in s.requests) for s in savers)


@given(SAVERS, TERMS, st.integers(0, 12), st.randoms(use_true_random=False))
def test_order_of_rows_and_cuts_do_not_matter(savers: list[Saver], terms: Conditions, cut: int, random: object) -> None:
    wanted = [0.1 * (i % 11) for i in range(len(savers))]
    order = random.sample(range(len(savers)), len(savers))
    one, other = Book(savers, terms.places), Book([copy.deepcopy(savers[i]) for i in order], terms.places)
    other.rows = list(pairwise((0, min(cut, len(savers)), len(savers))))
    for step in range(3):
        now = Conditions(terms.minimum, terms.cap, terms.speed, step, terms.places)
        assert one.mature(step) == other.mature(step)
        assert one.adjust(wanted, now) == other.adjust([wanted[i] for i in order], now)
    assert [one.savers()[i] for i in order] == other.savers()


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, SHARES), min_size=1, max_size=20), SHARES, SHARES)
def test_one_place_without_bounds_is_the_plain_rule(
    holders: list[tuple[int, int, float]], attraction: float, speed: float
) -> None:
    savers = [Saver(tokens, staked, unbonding=5) for tokens, staked, _ in holders]
    willingness = np.array([willing for _, _, willing in holders])
    book, plain = Book(savers, 1), Book(savers, 1).bonds
    for step in range(8):
        now = Conditions(0, 2**62, speed, step, 1)
        assert book.mature(step) == staking.mature((0, len(savers)), plain, step)
        wanted = list(willingness * attraction)
        moved = staking.adjust((0, len(savers)), plain, willingness, attraction, speed, step + 5)
        assert book.adjust(wanted, now) == moved
        assert [column.tolist() for column in book.bonds[:3]] == [column.tolist() for column in plain[:3]]


def test_requests_wait_side_by_side_and_leave_in_order() -> None:
    book = Book([Saver(0, 1000, unbonding=3)], 2)
    queued = [book.adjust([0.0], Conditions(0, 2**62, 0.5, step, 2))[1] for step in range(3)]
    assert queued == [500, 250, 0]
    assert [book.mature(step) for step in range(3, 6)] == [500, 250, 0]


def test_a_lock_keeps_a_stake_until_it_ends() -> None:
    book = Book([Saver(1000, 0, length=4)], 1)
    assert book.adjust([1.0], Conditions(0, 2**62, 1.0, 0, 1)) == (1000, 0)
    assert [book.adjust([0.0], Conditions(0, 2**62, 1.0, step, 1))[1] for step in range(1, 6)] == [0, 0, 0, 1000, 0]


def test_bounds_hold_and_nobody_stays_below_the_minimum() -> None:
    book = Book([Saver(5000, 0), Saver(150, 0), Saver(0, 90)], 1)
    book.adjust([1.0, 0.9, 1.0], Conditions(100, 1000, 0.01, 0, 1))
    assert book.bonds.staked.tolist() == [100, 100, 0]
    for step in range(1, 2000):
        book.adjust([1.0, 0.9, 1.0], Conditions(100, 1000, 0.01, step, 1))
    assert book.bonds.staked[0] == pytest.approx(1000, abs=101)


def test_holders_who_stay_renew_at_the_rate_given() -> None:
    n = 20_000
    ids, rows = np.arange(n), (0, n)
    bonds = staking.Bonds(*np.full((4, n), 100, np.int64))
    locks = unbonding_queue.Locks(np.zeros(n, np.int64), np.full(n, 9, np.int64), np.zeros(n, np.int64))
    leavers = ids < n // 2
    key = random.step_key(7, 3, 0)
    renewed = unbonding_queue.renew(rows, key, ids, bonds, np.where(leavers, 0.4, 0.5), locks, (0.2, 30))
    assert renewed == (locks.until == 39).sum()
    assert not locks.until[leavers].any()
    assert renewed == pytest.approx(2000, abs=4 * 40)
