"""Concentrated liquidity against its slow twin, whatever happens in whatever order."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.markets.tick_prices import FIRST_TICK, LAST_TICK, sqrt_prices
from oracles.concentrated_driver import BUY, SELL, PoolPair

#: Ticks of the table, around the words of the bitmap, and their spacings: up to the whole span of prices.
TABLES = ((2, 1), (2, 800_000), (3, 60), (63, 1), (64, 10), (65, 200), (130, 13_000), (300, 5_900))
FEES = st.sampled_from([0, 1, 100, 500, 3_000, 10_000, 500_000])
AMOUNTS = st.one_of(
    st.integers(1, 20), st.integers(1, 10**7), st.integers(1, 10**12), st.integers(1, 2**62), st.just(2**63 - 1)
)
LIQUIDITY = st.one_of(st.integers(1, 100), st.integers(1, 10**9), st.integers(1, 10**15), st.just(2**59))
Event = tuple[str, int, int, int]


def exact_square(root: float) -> float:
    """Return the square of the nearest single-precision number, whose root is exact."""
    return float(np.float32(root)) ** 2


@st.composite
def tables(draw: st.DrawFn) -> npt.NDArray[np.float64]:
    """Draw the prices of some ticks, around 1 or anywhere."""
    ticks, spacing = draw(st.sampled_from(TABLES))
    span = (ticks - 1) * spacing
    near_one = max(min(-span // 2, LAST_TICK - span), FIRST_TICK)
    return sqrt_prices(draw(st.one_of(st.just(near_one), st.integers(FIRST_TICK, LAST_TICK - span))), ticks, spacing)


@st.composite
def starts(draw: st.DrawFn, roots: npt.NDArray[np.float64]) -> float:
    """Draw the square root of a first price, on a tick or between two."""
    k = draw(st.integers(0, len(roots) - 2))
    return float(roots[k] + draw(st.sampled_from([0.0, 0.0, 0.3, 0.999])) * (roots[k + 1] - roots[k]))


def ranges(ticks: int) -> st.SearchStrategy[tuple[int, int, int]]:
    """Return a strategy for ranges and their liquidity."""
    pair = st.tuples(st.integers(0, ticks - 1), st.integers(0, ticks - 1)).filter(lambda p: p[0] != p[1])
    return st.builds(lambda p, liquidity: (min(p), max(p), liquidity), pair, LIQUIDITY)


def events(ticks: int) -> st.SearchStrategy[Event]:
    """Return a strategy for what happens: its name, a choice, an amount, a limit (a tick, or none)."""
    choice, limit = st.integers(0, 7), st.one_of(st.just(-1), st.integers(0, ticks - 1))
    signed = st.builds(lambda amount, sign: amount * sign, AMOUNTS, st.sampled_from([1, 1, -1]))
    trade = st.tuples(st.sampled_from(["buy", "sell"]), choice, signed, limit)
    care = st.sampled_from(["open", "open", "more", "remove", "remove", "collect", "protocol"])
    return st.one_of(trade, trade, st.tuples(care, choice, LIQUIDITY, limit))


def play(pair: PoolPair, event: Event) -> None:
    """Let one thing happen to both pools."""
    what, choice, amount, tick = event
    known = sorted(pair.ranges)
    position = known[choice % len(known)] if known else None
    if what in {"buy", "sell"}:
        side = BUY if what == "buy" else SELL
        limit = math.inf if side == BUY else 0.0
        limit = exact_square(float(pair.roots[tick])) if tick >= 0 else limit
        if 0.0 < limit < math.inf or tick < 0:
            pair.swap(side, amount, limit)
    elif what == "open":
        ends = sorted([max(tick, 0), (max(tick, 0) + choice + 1) % len(pair.roots)])
        if ends[0] < ends[1]:
            pair.add(*ends, amount)
    elif what == "protocol":
        pair.collect_protocol()
    elif position is not None and what == "more":
        pair.add(0, 0, amount, position)
    elif position is not None and what == "collect":
        pair.collect(position)
    elif position is not None:
        pair.remove(position, amount if choice % 2 else pair.ranges[position].liquidity)


@given(st.data(), tables(), FEES, st.sampled_from([0, 0, 4, 10]))
def test_the_pool_equals_the_sum_of_its_positions(
    data: st.DataObject, roots: npt.NDArray[np.float64], fee: int, protocol_part: int
) -> None:
    pair = PoolPair(roots, data.draw(starts(roots)), fee, protocol_part)
    for lower, upper, liquidity in data.draw(st.lists(ranges(len(roots)), max_size=7)):
        pair.add(lower, upper, liquidity)
    for event in data.draw(st.lists(events(len(roots)), max_size=10)):
        play(pair, event)
    left = pair.withdraw_all(data.draw(st.permutations(sorted(pair.ranges))))
    assert min(left) >= 0


@pytest.mark.jit
@pytest.mark.parametrize(("spacing", "scale", "share"), [(60, 12, 1.0), (1, 15, 1.0), (200, 8, 1.0), (3_000, 14, 0.85)])
def test_random_pools_equal_their_twins_to_the_unit(spacing: int, scale: int, share: float) -> None:
    random, equal, compared = np.random.default_rng(spacing), 0, 0
    for _ in range(50):
        roots = sqrt_prices(-100 * spacing, 201, spacing)
        pair = PoolPair(roots, float(random.uniform(roots[60], roots[140])), int(random.integers(0, 10_000)), 0)
        for _ in range(random.integers(1, 8)):
            lower = int(random.integers(30, 130))
            pair.add(lower, lower + int(random.integers(1, 70)), int(10 ** random.uniform(scale - 3, scale)))
        for _ in range(12):
            amount = int(10 ** random.uniform(0, scale)) * int(random.choice([1, 1, -1]))
            side = int(random.choice([BUY, SELL]))
            pair.swap(side, amount, math.inf if side == BUY else 0.0)
        equal, compared = equal + pair.equal, compared + pair.compared
        assert min(pair.withdraw_all(list(pair.ranges))) >= 0
    assert equal >= share * compared
