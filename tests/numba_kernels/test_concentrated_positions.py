"""What must hold of positions in a pool of concentrated liquidity."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import (
    concentrated_positions as positions,
    concentrated_state as layout,
    concentrated_swap as swaps,
    concentrated_worth as valuation,
)
from catallaxy.sim.markets.tick_prices import sqrt_prices
from oracles.concentrated_driver import BUY, SELL, exact_root, plain

ROOTS = sqrt_prices(-600, 121, 10)
MIDDLE = 60


def empty(room: int = 4, fee: int = 3_000, protocol_part: int = 0) -> layout.ConcentratedPool:
    """Return a pool without positions at a price of 1."""
    return layout.open_pool(ROOTS, 1.0, fee, protocol_part, room)


def opened(pool: layout.ConcentratedPool, lower: int, upper: int, liquidity: int) -> int:
    """Open and fill a position; return its number."""
    _, position = plain(positions.open_position(pool, lower, upper))
    assert positions.add_liquidity(pool, position, liquidity)[0] == positions.DONE
    return position


def trade(pool: layout.ConcentratedPool, amount: int) -> tuple[int, int]:
    """Buy and sell with the same amount; return the fees in tokens and dollars."""
    bought = plain(swaps.swap(pool, BUY, amount, math.inf))
    sold = plain(swaps.swap(pool, SELL, amount, 0.0))
    return sold[2], bought[2]


@given(st.integers(0, 119), st.integers(1, 120), st.integers(0, 10**12), st.integers(0, 10**12), st.floats(0.97, 1.03))
def test_the_most_liquidity_that_amounts_buy_costs_no_more_than_them(
    lower: int, width: int, tokens: int, usd: int, root: float
) -> None:
    upper = min(lower + width, 120)
    pool = layout.open_pool(ROOTS, root, 0, 0, 1)
    liquidity = int(valuation.liquidity_for(pool, lower, upper, tokens, usd))
    positions.open_position(pool, lower, upper)
    code, *paid = plain(positions.add_liquidity(pool, 0, liquidity))
    assert code == (positions.DONE if liquidity else positions.BAD_LIQUIDITY)
    assert paid[0] <= tokens
    assert paid[1] <= usd
    more = plain(positions.add_liquidity(pool, 0, 2 + liquidity // 2**40))
    assert paid[0] + more[1] > tokens - 2 or paid[1] + more[2] > usd - 2
    assert valuation.liquidity_for(pool, upper, lower, tokens, usd) == 0


def test_a_range_above_the_price_is_tokens_and_one_below_is_dollars() -> None:
    pool = empty()
    for lower, upper, kinds in ((70, 80, (True, False)), (40, 50, (False, True)), (50, 70, (True, True))):
        _, position = plain(positions.open_position(pool, lower, upper))
        _, *paid = plain(positions.add_liquidity(pool, position, 10**9))
        assert tuple(amount > 0 for amount in paid) == kinds
    assert int(pool.state[layout.LIQUIDITY]) == 10**9


def test_fees_go_to_who_was_there_in_proportion_to_liquidity() -> None:
    pool = empty()
    large, small = opened(pool, 50, 70, 3 * 10**9), opened(pool, 40, 80, 10**9)
    beside = opened(pool, 90, 100, 10**9)
    fees = trade(pool, 10**6)
    late = opened(pool, 50, 70, 10**9)
    for position, share in ((large, 0.75), (small, 0.25), (beside, 0.0), (late, 0.0)):
        _, *earned = plain(positions.collect(pool, position))
        assert earned == [pytest.approx(share * fee, abs=2.0) for fee in fees]
        assert all(e <= share * fee for e, fee in zip(earned, fees, strict=True))
    more = trade(pool, 10**6)
    _, *earned = plain(positions.collect(pool, late))
    assert earned == [pytest.approx(0.2 * fee, abs=2.0) for fee in more]


def test_who_is_crossed_earns_only_while_the_price_is_inside() -> None:
    pool = empty()
    here, above = opened(pool, 55, 65, 10**9), opened(pool, 65, 75, 10**9)
    inside = plain(swaps.swap(pool, BUY, 2**40, float(ROOTS[65]) ** 2 * (1 - 1e-12)))[2]
    outside = plain(swaps.swap(pool, BUY, 2**40, float(ROOTS[75]) ** 2 * (1 - 1e-12)))[2]
    assert plain(valuation.worth(pool, here))[3] == pytest.approx(inside, abs=3)
    assert plain(valuation.worth(pool, above))[3] == pytest.approx(outside, abs=3)
    back = plain(swaps.swap(pool, SELL, 2**40, float(ROOTS[65]) ** 2))[2]
    assert plain(positions.collect(pool, above))[1:] == (pytest.approx(back, abs=3), pytest.approx(outside, abs=3))


def test_the_protocol_gets_its_part_and_the_positions_the_rest() -> None:
    pool = empty(protocol_part=4)
    position = opened(pool, 50, 70, 10**9)
    fees = trade(pool, 10**6)
    protocol = plain(positions.collect_protocol(pool))
    assert protocol == tuple(fee // 4 for fee in fees)
    _, *earned = plain(positions.collect(pool, position))
    assert earned == [pytest.approx(fee - part, abs=2) for fee, part in zip(fees, protocol, strict=True)]
    assert plain(positions.collect_protocol(pool)) == (0, 0)


def test_looking_changes_nothing_and_adding_keeps_fees_and_price() -> None:
    pool = empty()
    position = opened(pool, 50, 70, 10**9)
    trade(pool, 10**6)
    before, state, price = plain(valuation.worth(pool, position)), pool.state.copy(), valuation.marginal_price(pool)
    assert plain(valuation.worth(pool, position)) == before
    assert (pool.state == state).all()
    positions.add_liquidity(pool, position, 10**9)
    after = plain(valuation.worth(pool, position))
    assert valuation.marginal_price(pool) == price
    assert after[2:] == before[2:]
    assert after[0] == pytest.approx(2 * before[0], abs=2)


def test_liquidity_added_after_the_price_crossed_unused_ticks_counts() -> None:
    pool = empty()
    opened(pool, 0, 120, 10**9)
    swaps.swap(pool, BUY, 2**40, float(ROOTS[90]) ** 2 * 1.0002)
    opened(pool, 85, 95, 10**9)
    assert int(pool.state[layout.LIQUIDITY]) == 2 * 10**9
    opened(pool, MIDDLE, 88, 10**9)
    assert int(pool.state[layout.LIQUIDITY]) == 2 * 10**9
    swaps.swap(pool, SELL, 2**40, float(ROOTS[86]) ** 2)
    assert int(pool.state[layout.LIQUIDITY]) == 3 * 10**9


def test_what_cannot_be_done_gets_a_code_and_changes_nothing() -> None:
    pool = empty(room=1)
    for lower, upper in ((5, 5), (6, 5), (-1, 5), (5, 121)):
        assert positions.open_position(pool, lower, upper) == (positions.BAD_RANGE, -1)
    position = opened(pool, 50, 70, 10**9)
    state, own = pool.state.copy(), pool.positions.copy()
    assert positions.open_position(pool, 5, 6) == (positions.NO_ROOM, -1)
    for unknown in (-1, 1):
        for operation in (positions.add_liquidity, positions.remove_liquidity):
            assert plain(operation(pool, unknown, 1)) == (positions.NO_SUCH_POSITION, 0, 0)
        assert plain(positions.collect(pool, unknown)) == (positions.NO_SUCH_POSITION, 0, 0)
        assert plain(valuation.worth(pool, unknown)) == (0, 0, 0, 0)
    for liquidity in (0, -5):
        assert plain(positions.add_liquidity(pool, position, liquidity)) == (positions.BAD_LIQUIDITY, 0, 0)
    for liquidity in (0, -5, 10**9 + 1):
        assert plain(positions.remove_liquidity(pool, position, liquidity)) == (positions.BAD_LIQUIDITY, 0, 0)
    assert plain(positions.add_liquidity(pool, position, 2**60)) == (positions.TOO_LARGE, 0, 0)
    assert (pool.state == state).all()
    assert (pool.positions == own).all()
    assert len(positions.REASONS) == positions.NO_ROOM + 1


def test_a_position_whose_content_is_no_64_bit_number_is_refused() -> None:
    pool = layout.open_pool(sqrt_prices(600_000, 2, 1_000), 1.0, 0, 0, 1)
    positions.open_position(pool, 0, 1)
    assert positions.add_liquidity(pool, 0, 10**6)[0] == positions.DONE
    pool = layout.open_pool(sqrt_prices(600_000, 2, 1_000), 1e20, 0, 0, 1)
    positions.open_position(pool, 0, 1)
    assert positions.add_liquidity(pool, 0, 10**9)[0] == positions.TOO_LARGE


def test_units_traded_against_the_deepest_liquidity_at_an_extreme_price_are_covered() -> None:
    roots = sqrt_prices(707_000, 2, 1)
    pool = layout.open_pool(roots, float(roots[0]), 0, 0, 1)
    opened(pool, 0, 1, 2**59)
    for turn in range(200):
        swaps.swap(pool, BUY, 1_000 + 37 * turn if turn else 3**36, math.inf)
        content = 2**59 * (exact_root(pool) - Fraction(float(roots[0])))
        assert int(pool.state[layout.RESERVE + layout.USD]) >= content


def test_a_closed_position_gives_its_number_to_the_next() -> None:
    pool = empty(room=2)
    first = opened(pool, 50, 70, 10**9)
    second = opened(pool, 50, 70, 10**9)
    positions.remove_liquidity(pool, first, 10**9)
    assert positions.open_position(pool, 0, 1)[0] == positions.NO_ROOM
    assert positions.collect(pool, first)[0] == positions.DONE
    assert plain(positions.open_position(pool, 0, 1)) == (positions.DONE, first)
    assert plain(valuation.worth(pool, first)) == (0, 0, 0, 0)
    assert plain(valuation.worth(pool, second))[0] > 0
