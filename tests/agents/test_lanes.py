"""Lanes: the same integers and arrays on any number of threads, cut where the kernels are cut."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from catallaxy import numba_kernels as nk
from catallaxy.agents import lanes as lanes_module
from catallaxy.agents.lanes import Lanes

Ints = npt.NDArray[np.int64]
CHUNK = 4096
#: Just beyond the size worth splitting, and not a multiple of a chunk.
MANY = 65_536 + 2 * CHUNK + 77


@pytest.fixture(params=[2, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[Lanes]:
    lanes = Lanes(request.param)
    yield lanes
    lanes.close()


def add_rows(rows: tuple[int, int], values: Ints, seen: list[tuple[int, int, int]]) -> tuple[int, int]:
    first, stop = rows
    seen.append((first, stop, threading.get_ident()))
    return int(values[first:stop].sum()), stop - first


def count_rows(rows: tuple[int, int]) -> int:
    return rows[1] - rows[0]


def test_chunks_are_those_of_the_kernels() -> None:
    assert lanes_module._CHUNK == nk.compile.CHUNK == CHUNK


@pytest.mark.parametrize("n", [65_536, MANY, 20 * CHUNK, 20 * CHUNK + 1, 40 * CHUNK - 1])
def test_parts_cover_every_row_once_at_multiples_of_a_chunk(threads: Lanes, n: int) -> None:
    seen: list[tuple[int, int, int]] = []
    total, rows = threads(add_rows, n, np.arange(n), seen)
    assert (total, rows) == (n * (n - 1) // 2, n)
    edges = sorted((first, stop) for first, stop, _ in seen)
    assert len(edges) == threads.threads
    assert [edges[0][0], edges[-1][1]] == [0, n]
    assert all(one[1] == other[0] and one[1] % CHUNK == 0 for one, other in pairwise(edges))
    assert threads(count_rows, n) == n


@pytest.mark.parametrize("n", [0, 1, 65_535])
def test_small_populations_are_not_split(threads: Lanes, n: int) -> None:
    seen: list[tuple[int, int, int]] = []
    threads(add_rows, n, np.arange(n), seen)
    assert seen == [(0, n, threading.get_ident())]


def test_an_error_in_one_part_reaches_the_caller(threads: Lanes) -> None:
    def fail(rows: tuple[int, int]) -> int:
        raise ZeroDivisionError(f"rows {rows}")

    with pytest.raises(ZeroDivisionError):
        threads(fail, MANY)


def test_one_thread_starts_no_pool() -> None:
    before = threading.active_count()
    lanes = Lanes()
    assert lanes(count_rows, MANY) == MANY
    lanes.close()
    assert threading.active_count() == before


def everything(lanes: Lanes) -> list[Any]:
    """Run every row kernel over the same columns; return all totals and arrays."""
    rng = np.random.default_rng(3)
    usd, tokens, staked, income = rng.integers(0, 10**12, (4, MANY))
    zeros = np.zeros(MANY, np.int64)
    order, unbonding, release = (zeros.copy() for _ in range(3))
    floats = rng.uniform(0.0, 1.0, (5, MANY))
    strategy, horizon = rng.integers(0, 3, MANY).astype(np.int8), rng.integers(0, 2, MANY).astype(np.int8)
    ids, key = rng.permutation(MANY), np.uint64(12345)
    traits = nk.speculation.Traits(ids, *floats[:4], horizon)
    signals = nk.speculation.Signals(0.3, 0.1, 2.0, 0.01, -0.02, 0.3, -0.2, 0.1, 0.5, 1.5)
    bonds = nk.staking.Bonds(tokens, staked, unbonding, release)
    totals = [
        lanes(nk.speculation.form_orders, MANY, key, traits, strategy, signals, (usd, tokens), order),
        lanes(nk.speculation.settle, MANY, order, usd, tokens, 0.6, 1.4),
        lanes(nk.speculation.switch, MANY, key, ids, strategy, 0.1, 0.2),
        lanes(nk.speculation.move_capital, MANY, usd, unbonding, income, 0.1, 0.05),
        lanes(nk.staking.adjust, MANY, bonds, floats[4], 0.5, 0.3, 9),
        lanes(nk.staking.reward, MANY, staked, usd, 0.01),
        lanes(nk.staking.mature, MANY, bonds, 9),
    ]
    return [*totals, *(a.tobytes() for a in (order, usd, tokens, staked, unbonding, release, strategy))]


@pytest.mark.jit
def test_kernels_give_the_same_bits_on_any_number_of_threads(threads: Lanes) -> None:
    assert everything(threads) == everything(Lanes())
