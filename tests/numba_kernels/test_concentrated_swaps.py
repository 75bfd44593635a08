"""What must hold of swaps in a pool of concentrated liquidity, whatever the pool."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import (
    concentrated_positions as positions,
    concentrated_state as layout,
    concentrated_steps as steps,
    concentrated_swap as swaps,
    concentrated_worth as valuation,
)
from catallaxy.sim.markets.tick_prices import sqrt_prices
from oracles.concentrated import constant_product_reference
from oracles.concentrated_driver import BUY, SELL, copy_of, exact_root, plain

ROOTS = sqrt_prices(-600, 121, 10)
MIDDLE = 60
#: The square of a root is compared with a limit as floats.
ROUNDING = Fraction(1, 2**53)
SIDES = st.sampled_from([BUY, SELL])
AMOUNTS = st.one_of(st.integers(1, 50), st.integers(1, 10**6), st.integers(1, 10**9))
SHAPES = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 20), st.integers(1, 10**12)), min_size=1, max_size=5)
Shape = list[tuple[int, int, int]]


def any_price(side: int) -> float:
    """Return the limit of a trader who takes any price."""
    return math.inf if side == BUY else 0.0


def filled(shape: Shape, fee: int = 0, root: float = 1.0) -> layout.ConcentratedPool:
    """Return a pool with positions (lower tick, width, liquidity), and a thin one over everything."""
    pool = layout.open_pool(ROOTS, root, fee, 0, len(shape) + 1)
    for lower, width, liquidity in [(0, 120, 10**6), *shape]:
        _, position = positions.open_position(pool, lower, lower + width)
        assert positions.add_liquidity(pool, position, liquidity)[0] == positions.DONE
    return pool


def same(a: layout.ConcentratedPool, b: layout.ConcentratedPool) -> bool:
    """Return whether two pools are in the same state."""
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def wide_pool(tokens: int, usd: int, fee: int) -> layout.ConcentratedPool:
    """Return a pool whose only position covers all prices, with about these reserves."""
    roots = sqrt_prices(-887_220, 29_575, 60)
    pool = layout.open_pool(roots, math.sqrt(usd / tokens), fee, 0, 1)
    positions.open_position(pool, 0, roots.size - 1)
    liquidity = valuation.liquidity_for(pool, 0, roots.size - 1, tokens, usd)
    assert positions.add_liquidity(pool, 0, liquidity)[0] == positions.DONE
    return pool


@given(SHAPES, st.lists(st.tuples(SIDES, AMOUNTS, st.booleans()), max_size=8), st.integers(0, 10_000))
def test_a_batch_is_its_swaps_one_after_the_other(shape: Shape, asked: list[tuple[int, int, bool]], fee: int) -> None:
    one_by_one, batch = filled(shape, fee), filled(shape, fee)
    rows = np.array([(side, -amount if out else amount) for side, amount, out in asked], np.int64).reshape(-1, 2)
    limits = np.array([any_price(side) for side, _, _ in asked])
    fills = np.full((len(rows), 3), -9, np.int64)
    swaps.swap_batch(batch, rows, limits, fills)
    for (side, amount), limit, fill in zip(rows, limits, fills, strict=True):
        before = copy_of(one_by_one)
        quoted = plain(swaps.quote(one_by_one, side, amount, limit))
        assert same(one_by_one, before)
        assert plain(swaps.swap(one_by_one, side, amount, limit)) == quoted == tuple(fill.tolist())
    assert same(one_by_one, batch)


@given(SHAPES, SIDES, st.lists(AMOUNTS, min_size=1, max_size=6), st.sampled_from([0, 0, 3_000]))
def test_splitting_a_trade_gains_nothing_and_without_fees_costs_rounding_only(
    shape: Shape, side: int, parts: list[int], fee: int
) -> None:
    whole, split = filled(shape, fee), filled(shape, fee)
    paid, at_once, _ = plain(swaps.swap(whole, side, sum(parts), any_price(side)))
    piecemeal = [plain(swaps.swap(split, side, part, any_price(side))) for part in parts]
    received = sum(fill[1] for fill in piecemeal)
    crossed = 2 * len(shape) + 2
    if sum(fill[0] for fill in piecemeal) == paid == sum(parts):
        assert received <= at_once + crossed
        assert fee or received >= at_once - 2 * (len(parts) + crossed)


@given(SHAPES, SIDES, AMOUNTS, st.integers(0, 10_000), st.booleans())
def test_going_there_and_back_never_gains(shape: Shape, side: int, amount: int, fee: int, wants: bool) -> None:
    pool = filled(shape, fee)
    paid, received, _ = plain(swaps.swap(pool, side, -amount if wants else amount, any_price(side)))
    given_back, returned, _ = plain(swaps.swap(pool, -side, max(received, 1), any_price(-side)))
    assert returned < paid or (received == 0 and given_back <= 1) or returned == paid == 0


@given(SHAPES, SIDES, AMOUNTS, AMOUNTS)
def test_who_gives_more_gets_no_less(shape: Shape, side: int, less: int, more: int) -> None:
    pool = filled(shape, 3_000)
    some = plain(swaps.quote(pool, side, less, any_price(side)))
    total = plain(swaps.quote(pool, side, less + more, any_price(side)))
    assert total[0] >= some[0]
    assert total[1] >= some[1]
    assert total[2] >= some[2]


@given(SHAPES, SIDES, AMOUNTS, st.floats(0.93, 1.07), st.booleans())
def test_the_price_never_goes_beyond_any_limit(shape: Shape, side: int, amount: int, limit: float, wants: bool) -> None:
    pool = filled(shape)
    before = exact_root(pool) ** 2
    paid, received, _ = plain(swaps.swap(pool, side, -amount if wants else amount, limit))
    after = exact_root(pool) ** 2
    if side == BUY:
        assert before <= after <= max(before, Fraction(limit) * (1 + ROUNDING))
        assert valuation.marginal_price(pool) <= max(1.0, limit)
        assert received * before <= paid
    else:
        assert before >= after >= min(before, Fraction(limit) * (1 - ROUNDING))
        assert valuation.marginal_price(pool) >= min(1.0, limit)
        assert received <= paid * before


@given(st.integers(10**3, 10**15), st.integers(10**3, 10**15), st.floats(1e-9, 0.9), SIDES)
def test_a_position_over_all_prices_is_a_constant_product_pool(tokens: int, usd: int, share: float, side: int) -> None:
    pool = wide_pool(tokens, usd, 3_000)
    root, liquidity = float(pool.root[0]), int(pool.state[layout.LIQUIDITY])
    tokens, usd = round(liquidity / root), round(liquidity * root)
    given_in = max(int(share * (usd if side == BUY else tokens)), 1)
    reserves = (usd, tokens) if side == BUY else (tokens, usd)
    paid, received, fee = plain(swaps.swap(pool, side, given_in, any_price(side)))
    expected = constant_product_reference(*reserves, given_in, 3_000)
    assert paid == given_in
    assert fee == math.ceil(Fraction(given_in * 3_000, 1_000_000))
    assert received == pytest.approx(expected, rel=1e-13, abs=1 + reserves[1] / reserves[0])


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_swap_that_cannot_be_is_a_fill_of_nothing(side: int) -> None:
    pool = filled([(40, 40, 10**9)], 3_000)
    before = copy_of(pool)
    for wrong in (
        (side, 0, any_price(side)), (side, 10, math.nan), (side, 10, -1.0), (0, 10, any_price(side)),
        (2 * side, 10, any_price(side)), (side, 10, 1.0 / 1.01 if side == BUY else 1.01), (side, 10, 1.0),
        (side, -10, 1.0),
    ):  # fmt: skip
        assert plain(swaps.swap(pool, *wrong)) == (0, 0, 0)
    assert same(pool, before)


@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("amount", [10**15, -(10**15), 2**63 - 1, -(2**63)])
def test_when_liquidity_runs_out_the_swap_is_filled_in_part_and_ends(side: int, amount: int) -> None:
    pool = layout.open_pool(ROOTS, 1.0, 3_000, 0, 1)
    assert plain(swaps.swap(pool, side, amount, any_price(side))) == (0, 0, 0)
    assert pool.root[0] == (ROOTS[-1] if side == BUY else ROOTS[0])
    pool = layout.open_pool(ROOTS, 1.0, 3_000, 0, 1)
    positions.open_position(pool, MIDDLE - 10, MIDDLE + 10)
    _, tokens, usd = plain(positions.add_liquidity(pool, 0, 10**9))
    limit = float(ROOTS[MIDDLE + 20 * side]) ** 2
    paid, received, fee = plain(swaps.swap(pool, side, amount, limit))
    assert tokens - 2 <= received <= tokens if side == BUY else usd - 2 <= received <= usd
    assert 0 < paid < 10**9
    assert 0.003 * paid <= fee <= 0.003 * paid + 2
    assert pool.root[0] == pytest.approx(math.sqrt(limit))
    assert plain(swaps.swap(pool, side, amount, limit)) == (0, 0, 0)


def test_a_limit_stops_a_swap_between_ticks_and_the_rest_can_follow() -> None:
    pool, at_once = filled([(40, 40, 10**9)]), filled([(40, 40, 10**9)])
    whole = plain(swaps.swap(at_once, BUY, 10**6, math.inf))
    first = plain(swaps.swap(pool, BUY, 10**6, 1.0008))
    second = plain(swaps.swap(pool, BUY, 10**6 - first[0], math.inf))
    assert 0 < first[0] < whole[0]
    assert first[1] + second[1] == pytest.approx(whole[1], abs=2)


@given(SHAPES, st.floats(0.94, 1.06), st.floats(0.94, 1.06))
def test_depth_is_what_swaps_up_to_those_prices_get(shape: Shape, one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    tokens, usd = valuation.depth(filled(shape), low, high)

    def to(side: int, price: float) -> int:
        return plain(swaps.swap(filled(shape), side, 2**60, price))[1]

    crossed = 2 * len(shape) + 4
    assert tokens == pytest.approx(to(BUY, high) - to(BUY, max(low, 1.0)), rel=1e-9, abs=crossed)
    assert usd == pytest.approx(to(SELL, low) - to(SELL, min(high, 1.0)), rel=1e-9, abs=crossed)


def test_depth_of_nothing_is_nothing() -> None:
    assert valuation.depth(layout.open_pool(ROOTS, 1.0, 0, 0, 1), 0.0, math.inf) == (0.0, 0.0)
    assert valuation.depth(filled([(40, 40, 10**9)]), 1.01, 1.01) == (0.0, 0.0)


@given(st.integers(1, 2**62 - 1), st.integers(0, 500_000))
def test_fees_are_rounded_up_once(amount: int, fee: int) -> None:
    within = int(steps.fee_within(np.int64(amount), np.int64(fee)))
    on_top = int(steps.fee_on_top(np.int64(amount), np.int64(fee)))
    assert within == math.ceil(Fraction(amount * fee, 1_000_000))
    assert on_top == math.ceil(Fraction(amount * fee, 1_000_000 - fee))


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_trade_of_units_in_a_deep_pool_moves_a_price_that_one_float_could_not(side: int) -> None:
    pool = layout.open_pool(ROOTS, 1.0, 0, 0, 1)
    lower = MIDDLE - (side == SELL)
    positions.open_position(pool, lower, lower + 1)
    positions.add_liquidity(pool, 0, 2**59)
    assert plain(swaps.swap(pool, side, 3, any_price(side))) == (3, 2, 0)
    assert pool.root[0] == 1.0
    assert 0.0 < side * pool.root[1] < 1e-17
    assert plain(swaps.swap(pool, -side, 1, any_price(-side))) == (1, 0, 0)
    assert plain(swaps.swap(pool, -side, 5, 1.0))[:2] == (2, 1)
    assert exact_root(pool) == 1


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_limit_that_stops_a_swap_is_kept_to_the_last_bit(side: int) -> None:
    for limit in 1.0 + side * np.random.default_rng(5).uniform(1e-6, 0.058, 200):
        pool = filled([(40, 40, 10**6)])
        swaps.swap(pool, side, 10**9, float(limit))
        price = float(valuation.marginal_price(pool))
        assert price == pytest.approx(limit, rel=1e-15, abs=0.0)
        assert price <= limit if side == BUY else price >= limit


def test_a_price_that_could_only_be_paid_with_more_than_there_can_be_is_not_reached() -> None:
    pool = layout.open_pool(sqrt_prices(0, 2, 800_000), 1.0, 0, 0, 1)
    positions.open_position(pool, 0, 1)
    positions.add_liquidity(pool, 0, 20)
    assert plain(swaps.swap(pool, BUY, -20, math.inf)) == (0, 0, 0)
    assert plain(swaps.swap(pool, BUY, -19, math.inf))[1] == 19
    pool = layout.open_pool(sqrt_prices(0, 2, 800_000), 1.0, 500_000, 0, 1)
    positions.open_position(pool, 0, 1)
    positions.add_liquidity(pool, 0, 15)
    assert plain(swaps.swap(pool, BUY, -15, math.inf)) == (0, 0, 0)


def test_a_sale_that_all_but_empties_a_pool_ends_at_the_right_price() -> None:
    pool = layout.open_pool(sqrt_prices(-400_000, 2, 800_000), 1.0, 0, 0, 1)
    positions.open_position(pool, 0, 1)
    positions.add_liquidity(pool, 0, 10**12)
    swaps.swap(pool, BUY, 10**18, math.inf)
    root = float(pool.root[0])
    assert root == pytest.approx(10**6, rel=1e-5)
    paid = plain(swaps.swap(pool, SELL, 10**18, 0.0))[0]
    assert float(pool.root[0]) == pytest.approx(1e12 / (1e12 / root + paid), rel=1e-14)
