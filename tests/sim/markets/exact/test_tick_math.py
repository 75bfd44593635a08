"""Ticks and square-root prices against the published table, exact roots, and a search of the table."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.markets.exact.reverts import PriceOutOfRange, TickNotSpaced, TickOutOfRange
from catallaxy.sim.markets.exact.tick_bitmap import TickBitmap
from catallaxy.sim.markets.exact.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    largest_tick,
    max_liquidity_per_tick,
    sqrt_ratio_at_tick,
    tick_at_sqrt_ratio,
)
from oracles.uniswap_v3 import encode_price_sqrt, vectors

PUBLISHED = vectors("tick_math")
TICKS = st.one_of(
    st.integers(MIN_TICK, MAX_TICK - 1), st.integers(-300, 300), st.sampled_from([MIN_TICK, MAX_TICK - 1])
)
#: https://github.com/Uniswap/v3-core/blob/b70550fc9a76e10b2705217b30b9cfcbe3acf3b8/test/TickBitmap.spec.ts
INITIALISED = (-200, -55, -4, 70, 78, 84, 139, 240, 535)


@pytest.mark.parametrize(("tick", "sqrt_ratio"), PUBLISHED["sqrt_ratio_at_tick"])
def test_published_square_root_prices(tick: int, sqrt_ratio: int) -> None:
    assert sqrt_ratio_at_tick(tick) == sqrt_ratio


@pytest.mark.parametrize(("sqrt_ratio", "tick"), PUBLISHED["tick_at_sqrt_ratio"])
def test_published_ticks(sqrt_ratio: int, tick: int) -> None:
    assert tick_at_sqrt_ratio(sqrt_ratio) == tick


@pytest.mark.parametrize("tick", PUBLISHED["ticks_refused"])
def test_ticks_outside_the_range_are_refused(tick: int) -> None:
    with pytest.raises(TickOutOfRange, match=f"^T: tick {tick} lies outside"):
        sqrt_ratio_at_tick(tick)


@pytest.mark.parametrize("sqrt_ratio", PUBLISHED["sqrt_ratios_refused"])
def test_prices_outside_the_range_are_refused(sqrt_ratio: int) -> None:
    with pytest.raises(PriceOutOfRange, match=f"^R: square-root price {sqrt_ratio} lies outside"):
        tick_at_sqrt_ratio(sqrt_ratio)


def test_the_range_of_prices_contains_the_published_ratios() -> None:
    assert MIN_SQRT_RATIO == sqrt_ratio_at_tick(MIN_TICK) < encode_price_sqrt(1, 2**127)
    assert MAX_SQRT_RATIO == sqrt_ratio_at_tick(MAX_TICK) > encode_price_sqrt(2**127, 1)


@given(TICKS)
def test_the_table_is_close_to_the_exact_root(tick: int) -> None:
    with localcontext() as context:
        context.prec = 80
        exact = Decimal("1.0001").sqrt() ** tick * 2**96
        assert abs(sqrt_ratio_at_tick(tick) - exact) <= 1 + exact * Decimal("5e-20")


@given(TICKS)
def test_the_table_rises(tick: int) -> None:
    assert sqrt_ratio_at_tick(tick) < sqrt_ratio_at_tick(tick + 1)


@given(TICKS, st.integers(0, 2**200), st.sampled_from([None, 0, -1, 1]))
def test_the_tick_of_a_price_is_the_greatest_at_or_below_it(tick: int, spread: int, beside: int | None) -> None:
    lower, upper = sqrt_ratio_at_tick(tick), sqrt_ratio_at_tick(tick + 1)
    price = lower + spread % (upper - lower) if beside is None else lower + beside
    price = min(max(price, MIN_SQRT_RATIO), MAX_SQRT_RATIO - 1)
    found = tick_at_sqrt_ratio(price)
    assert sqrt_ratio_at_tick(found) <= price < sqrt_ratio_at_tick(found + 1)


@pytest.mark.parametrize(
    ("spacing", "most"),
    [
        (10, 1917569901783203986719870431555990),
        (60, 11505743598341114571880798222544994),
        (200, 38350317471085141830651933667504588),
        (887272, (2**128 - 1) // 3),
        (2302, 441351967472034323558203122479595605),
    ],
)
def test_published_liquidity_per_tick(spacing: int, most: int) -> None:
    """https://github.com/Uniswap/v3-core/blob/538f3a1f2738e4d49728a22c74986a4f28d47871/test/Tick.spec.ts"""
    assert max_liquidity_per_tick(spacing) == most
    assert most * (2 * (largest_tick(spacing) // spacing) + 1) < 2**128


def bitmap(*ticks: int, spacing: int = 1) -> TickBitmap:
    """Return a bitmap in which these ticks are initialised."""
    built = TickBitmap(spacing)
    for tick in ticks:
        built.flip(tick)
    return built


@pytest.mark.parametrize(
    ("tick", "downward", "found", "more"),
    [
        (78, False, (84, True), ()),
        (-55, False, (-4, True), ()),
        (77, False, (78, True), ()),
        (-56, False, (-55, True), ()),
        (255, False, (511, False), ()),
        (-257, False, (-200, True), ()),
        (328, False, (340, True), (340,)),
        (508, False, (511, False), ()),
        (383, False, (511, False), ()),
        (78, True, (78, True), ()),
        (79, True, (78, True), ()),
        (258, True, (256, False), ()),
        (256, True, (256, False), ()),
        (72, True, (70, True), ()),
        (-257, True, (-512, False), ()),
        (1023, True, (768, False), ()),
        (900, True, (768, False), ()),
        (456, True, (329, True), (329,)),
    ],
)
def test_published_searches(tick: int, downward: bool, found: tuple[int, bool], more: tuple[int, ...]) -> None:
    assert bitmap(*INITIALISED, *more).next_within_word(tick, downward) == found


def test_a_flip_changes_its_own_tick_only() -> None:
    flipped = bitmap(-230, -259, -229, 500, -259, -229, -259)
    assert [t for t in range(-1000, 1000) if flipped.is_initialised(t)] == [-259, -230, 500]
    assert [t for t in range(-500, 500) if bitmap(-230, 26, -230).is_initialised(t)] == [26]


def test_a_tick_between_the_spacing_is_refused() -> None:
    with pytest.raises(TickNotSpaced, match="tick 6 is no multiple of the tick spacing 12"):
        bitmap(6, spacing=12)


@given(
    st.sets(st.integers(-600, 600), max_size=12),
    st.sampled_from([1, 2, 60]),
    st.integers(-700, 700),
    st.booleans(),
)
def test_a_search_finds_the_nearest_tick_of_its_word(
    multiples: set[int], spacing: int, at: int, downward: bool
) -> None:
    tick = at * spacing + at % spacing
    start = at if downward else at + 1
    word = start // 256
    ahead = [m for m in multiples if m // 256 == word and (m <= start if downward else m >= start)]
    edge = word * 256 if downward else word * 256 + 255
    nearest = (max(ahead) if downward else min(ahead)) if ahead else edge
    found = bitmap(*(m * spacing for m in multiples), spacing=spacing).next_within_word(tick, downward)
    assert found == (nearest * spacing, bool(ahead))
