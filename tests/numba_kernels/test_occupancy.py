"""The bitmap of occupied ticks against a set of integers, at sizes around its words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import occupancy

SIZES = (1, 2, 3, 63, 64, 65, 127, 128, 130, 4095, 4096, 4097, 9000)


def bitmap(ticks: int, occupied: set[int]) -> tuple[occupancy.Words, occupancy.Words]:
    """Return words and summary with these ticks occupied."""
    words = np.zeros((ticks + 63) // 64, np.uint64)
    summary = np.zeros((words.size + 63) // 64, np.uint64)
    for tick in range(ticks):
        if tick in occupied:
            occupancy.occupy(words, summary, tick)
    return words, summary


def neighbours(ticks: int, occupied: set[int], tick: int) -> tuple[int, int]:
    """Return the lowest occupied tick from `tick` up and the highest from `tick` down, or -1."""
    above = [t for t in occupied if t >= tick]
    below = [t for t in occupied if t <= tick]
    return min(above, default=-1), max(below, default=-1)


@given(st.sampled_from(SIZES), st.data())
def test_neighbours_are_those_of_the_set(ticks: int, data: st.DataObject) -> None:
    tick = st.one_of(
        st.integers(0, ticks - 1), st.sampled_from([t for t in (0, 62, 63, 64, 65, 4095, 4096, ticks - 1) if t < ticks])
    )
    occupied, emptied = data.draw(st.sets(tick, max_size=8)), data.draw(st.sets(tick, max_size=8))
    words, summary = bitmap(ticks, occupied | emptied)
    for gone in emptied:
        occupancy.vacate(words, summary, gone)
    left = occupied - emptied
    for where in {data.draw(tick) for _ in range(4)} | {0, ticks - 1}:
        above, below = neighbours(ticks, left, where)
        assert occupancy.occupied_after(words, summary, where) == above
        assert occupancy.occupied_before(words, summary, where) == below
        assert bool(occupancy.is_occupied(words, where)) == (where in left)
    assert occupancy.occupied_after(words, summary, ticks) == -1
    assert occupancy.occupied_before(words, summary, -1) == -1
    assert bool(words.any()) == bool(summary.any()) == bool(left)


@pytest.mark.parametrize(("ticks", "words"), [(0, 0), (1, 1), (64, 1), (65, 2), (4096, 64)])
def test_words_hold_all_ticks(ticks: int, words: int) -> None:
    assert occupancy.words_for(ticks) == words
