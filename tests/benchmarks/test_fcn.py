"""A user's own compiled policy submits orders, is filled and settled: as its twin says, fast, without allocating."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from bench import fcn
from bench.clock import best_of
from bench.fcn_ratios import fcn_row, seconds_per_order

from catallaxy.numba_kernels import order_book_state as layout
from oracles.fcn import FcnReference, TraderReference

pytestmark = pytest.mark.jit


def twin_of(market: fcn.Market) -> FcnReference:
    traders = [TraderReference(*row) for row in market.traders.tolist()]
    keys = (int(market.keys[0]), int(market.keys[1]))
    return FcnReference(traders, len(market.messages), fcn.TICKS, 30_000, keys, fcn.LONGEST)


@pytest.mark.parametrize(("traders", "orders_per_step", "steps", "seed"), [
    (1, 1, 30, 1), (7, 7, 60, 2), (30, 3, 260, 3),
])  # fmt: skip
def test_the_compiled_policy_equals_its_twin(traders: int, orders_per_step: int, steps: int, seed: int) -> None:
    market = fcn.open_market(traders, orders_per_step, steps, seed)
    twin = twin_of(market)
    sent = fcn.play(market, 0, steps // 2) + fcn.play(market, steps // 2, steps)
    for step in range(steps):
        twin.play(step)
    assert sent == twin.book.arrivals
    assert market.log_prices.tolist() == twin.log_prices
    assert market.book.state[layout.TRADES] == len(twin.book.trades)
    assert market.book.state[layout.LIVE] == len(twin.book.resting())
    assert market.cash.tolist() == list(twin.accounts.cash.values())
    assert market.tokens.tolist() == list(twin.accounts.tokens.values())


def test_traders_trade_and_conserve_cash_and_tokens() -> None:
    market = fcn.open_market(500, 50, 400)
    cash, tokens = market.cash.sum(), market.tokens.sum()
    assert fcn.play(market, 0, 400) == 400 * 50
    assert (market.cash.sum(), market.tokens.sum()) == (cash, tokens)
    assert market.book.state[layout.TRADES] > 5_000
    assert np.ptp(np.exp(market.log_prices)) > 100.0
    assert np.abs(market.log_prices - market.log_prices[0]).max() < 0.5


COUNT = """
from numba.core.runtime import _nrt_python, rtsys
from bench import fcn
_nrt_python.memsys_enable_stats()
market = fcn.open_market(200, 20, 1_300)
fcn.play(market, 0, 300)
made = []
for first, last in ((300, 301), (301, 1_300)):
    before = rtsys.get_allocation_stats()
    fcn.play(market, first, last)
    after = rtsys.get_allocation_stats()
    made.append((after.alloc - before.alloc, after.mi_alloc - before.mi_alloc))
print(made[0] == made[1], made)
"""


def test_a_thousand_steps_allocate_no_more_than_one() -> None:
    """Allocations are counted by Numba's runtime, in a process of its own, because counting cannot be undone."""
    folders = [path for path in sys.path if path]
    script = f"import sys; sys.path[:0] = {folders!r}\n{COUNT}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.stdout.startswith("True"), run.stdout + run.stderr


@pytest.mark.timing
def test_python_allocates_nothing_that_grows_with_the_steps() -> None:
    market = fcn.open_market(200, 20, 1_300)
    fcn.play(market, 0, 300)
    tracemalloc.start()
    try:
        fcn.play(market, 300, 301)
        before, _ = tracemalloc.get_traced_memory()
        fcn.play(market, 301, 1_300)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert abs(after - before) < 1_000
    assert peak - before < 20_000


@pytest.mark.timing
def test_ten_thousand_traders_decide_millions_of_times_a_second() -> None:
    assert fcn_row(10_000, 1_000, 0, None, 3)["M decisions/s"] > 3.0


@pytest.mark.timing
def test_the_time_of_an_order_does_not_grow_with_the_number_of_orders() -> None:
    few, many = seconds_per_order(10**4, 20), seconds_per_order(10**6, 2)
    assert many < 1.5 * few


@pytest.mark.timing
def test_the_compiled_policy_is_hundreds_of_times_as_fast_as_its_twin() -> None:
    market = fcn.open_market(100, 10, 400)
    twin = twin_of(market)
    python = best_of(lambda: [twin.play(step) for step in range(60)], 1) / 60
    fcn.play(market, 0, 100)
    assert python / (best_of(lambda: fcn.play(market, 100, 400), 1) / 300) > 500.0
