"""Venues: the batch price against a root finder, and no money from nothing at any size of pool and order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from catallaxy.sim.markets.venues import VENUES, Clearing, Pool, Venue
from oracles.markets import clear_pool_reference

LARGEST = 10**18
SIZES = st.one_of(st.integers(0, 60).map(lambda power: 2**power), st.integers(1, LARGEST))
ORDERS = st.one_of(st.just(0), SIZES)
DEEP = st.integers(10**9, 10**16)
FEES = st.one_of(st.just(0.0), st.floats(1e-6, 0.5))
#: Venues give this share of every fill to the pool, so that rounding never favours a trader.
ROUNDING = 2.0**-38


def build(kind: str, **parameters: Any) -> Venue:
    return VENUES.build({"kind": kind, **parameters})


ALL_VENUES = pytest.mark.parametrize(
    "venue",
    [
        build("constant-product", fee=0.0),
        build("constant-product"),
        build("constant-product", fee=0.5),
        build("price-impact", impact=0.1),
        build("price-impact"),
        build("price-impact", impact=100.0, largest_move=0.5),
    ],
    ids=["cp-free", "cp", "cp-dear", "pi-deep", "pi", "pi-guarded"],
)


def received(clearing: Clearing, bid: int, offered: int) -> tuple[int, int]:
    """Return what one buyer and one seller get, as settlement computes it."""
    return int(float(bid) * clearing.tokens_per_usd), int(float(offered) * clearing.usd_per_token)


def settled(pool: Pool, clearing: Clearing, bid: int, offered: int) -> Pool:
    tokens, usd = received(clearing, bid, offered)
    return replace(pool, usd=pool.usd + bid - usd, tokens=pool.tokens + offered - tokens, price=clearing.price)


def traded(venue: Venue, pool: Pool, bid: int, offered: int) -> Pool:
    return settled(pool, venue.clear(pool, bid, offered), bid, offered)


@given(SIZES, SIZES, ORDERS, ORDERS, FEES)
def test_the_batch_price_is_what_the_pool_itself_would_charge(
    usd: int, tokens: int, bid: int, offered: int, fee: float
) -> None:
    venue = build("constant-product", fee=fee)
    clearing = venue.clear(venue.open(usd, tokens), bid, offered)
    if bid or offered:
        expected = clear_pool_reference((tokens, usd), bid, offered, fee)
        assert clearing.usd_per_token == pytest.approx(expected, rel=1e-9)
        assert clearing.tokens_per_usd == pytest.approx(1.0 / expected, rel=1e-9)


@given(SIZES, SIZES, ORDERS, ORDERS, FEES)
def test_the_product_of_reserves_never_decreases(usd: int, tokens: int, bid: int, offered: int, fee: float) -> None:
    venue = build("constant-product", fee=fee)
    pool = venue.open(usd, tokens)
    after = traded(venue, pool, bid, offered)
    assert after.usd * after.tokens >= usd * tokens


@given(SIZES, SIZES, st.lists(st.integers(0, 10**15), max_size=20), st.lists(st.integers(0, 10**15), max_size=20))
def test_nor_does_it_when_many_share_the_fill(usd: int, tokens: int, bids: list[int], offers: list[int]) -> None:
    venue = build("constant-product", fee=0.0)
    clearing = venue.clear(venue.open(usd, tokens), sum(bids), sum(offers))
    got_tokens = sum(received(clearing, bid, 0)[0] for bid in bids)
    got_usd = sum(received(clearing, 0, offered)[1] for offered in offers)
    assert (usd + sum(bids) - got_usd) * (tokens + sum(offers) - got_tokens) >= usd * tokens


@given(DEEP, DEEP, st.floats(0.0, 5.0), st.floats(0.0, 5.0), FEES)
def test_nobody_beats_the_price_of_the_pool(usd: int, tokens: int, buying: float, selling: float, fee: float) -> None:
    venue = build("constant-product", fee=fee)
    spot, bid, offered = usd / tokens, int(buying * usd), int(selling * tokens)
    clearing = venue.clear(venue.open(usd, tokens), bid, offered)
    if bid > offered * spot / (1.0 - fee):
        assert clearing.usd_per_token >= spot * (1.0 - ROUNDING)
        assert clearing.tokens_per_usd <= 1.0 / spot
        assert clearing.price >= spot * (1.0 - ROUNDING)
    if bid < offered * spot * (1.0 - fee):
        assert clearing.usd_per_token <= spot
        assert clearing.price <= spot * (1.0 + ROUNDING)


@given(DEEP, DEEP, st.floats(0.001, 1.0), FEES)
def test_balanced_flow_meets_without_the_pool(usd: int, tokens: int, size: float, fee: float) -> None:
    venue = build("constant-product", fee=fee)
    pool = venue.open(usd, tokens)
    clearing = venue.clear(pool, int(size * usd), int(size * tokens))
    assert clearing.price == pytest.approx(pool.price, rel=1e-6)
    assert clearing.usd_per_token == pytest.approx(pool.price, rel=1e-6)


@given(DEEP, DEEP, st.floats(0.0, 5.0), st.floats(0.0, 5.0), FEES)
def test_the_quoted_price_is_the_ratio_of_reserves(
    usd: int, tokens: int, buying: float, selling: float, fee: float
) -> None:
    venue = build("constant-product", fee=fee)
    after = traded(venue, venue.open(usd, tokens), int(buying * usd), int(selling * tokens))
    assert after.price == pytest.approx(after.usd / after.tokens, rel=1e-6)


@ALL_VENUES
@given(usd=st.one_of(st.just(0), SIZES), tokens=st.one_of(st.just(0), SIZES), bid=ORDERS, offered=ORDERS)
@example(usd=0, tokens=0, bid=0, offered=0)
@example(usd=0, tokens=5, bid=0, offered=5)
@example(usd=5, tokens=0, bid=5, offered=0)
@example(usd=1, tokens=1, bid=LARGEST, offered=0)
@example(usd=1, tokens=LARGEST, bid=0, offered=LARGEST)
def test_empty_sides_dust_and_giants_break_nothing(venue: Venue, usd: int, tokens: int, bid: int, offered: int) -> None:
    pool = Pool(usd, tokens, price=1.0)
    clearing = venue.clear(pool, bid, offered)
    assert all(math.isfinite(rate) and rate >= 0.0 for rate in (clearing.tokens_per_usd, clearing.usd_per_token))
    assert math.isfinite(clearing.price)
    assert clearing.price > 0.0
    after = settled(pool, clearing, bid, offered)
    assert min(after.usd, after.tokens) >= 0


@ALL_VENUES
@given(usd=SIZES, tokens=SIZES)
def test_without_orders_the_price_stays(venue: Venue, usd: int, tokens: int) -> None:
    pool = venue.open(usd, tokens)
    clearing = venue.clear(pool, 0, 0)
    assert clearing.price == pool.price
    assert not clearing.bound


@ALL_VENUES
@given(usd=DEEP, tokens=DEEP, flow=st.tuples(*[st.floats(0.0, 3.0)] * 3))
def test_more_bids_raise_and_more_offers_lower_every_price(
    venue: Venue, usd: int, tokens: int, flow: tuple[float, float, float]
) -> None:
    pool = venue.open(usd, tokens)
    bid, offered, more = int(flow[0] * usd), int(flow[1] * tokens), flow[2]
    base = venue.clear(pool, bid, offered)
    keener = venue.clear(pool, bid + int(more * usd), offered)
    glut = venue.clear(pool, bid, offered + int(more * tokens))
    assert keener.price >= base.price * (1.0 - ROUNDING)
    assert keener.tokens_per_usd <= base.tokens_per_usd * (1.0 + ROUNDING)
    assert glut.price <= base.price * (1.0 + ROUNDING)
    assert glut.usd_per_token <= base.usd_per_token * (1.0 + ROUNDING)


@ALL_VENUES
@given(usd=DEEP, tokens=DEEP, size=st.floats(0.001, 0.4), depth=st.integers(2, 50))
def test_a_deeper_pool_moves_less(venue: Venue, usd: int, tokens: int, size: float, depth: int) -> None:
    bid = int(size * usd)
    shallow = venue.clear(venue.open(usd, tokens), bid, 0)
    deep = venue.clear(venue.open(depth * usd, depth * tokens), bid, 0)
    assert deep.price <= shallow.price * (1.0 + ROUNDING)
    assert deep.tokens_per_usd >= shallow.tokens_per_usd * (1.0 - ROUNDING)


@given(DEEP, DEEP, st.floats(0.001, 3.0), st.integers(2, 6), FEES)
def test_splitting_a_purchase_buys_no_more_from_a_pool(
    usd: int, tokens: int, size: float, parts: int, fee: float
) -> None:
    venue = build("constant-product", fee=fee)
    pool, part = venue.open(usd, tokens), int(size * usd) // parts
    at_once = tokens - traded(venue, pool, part * parts, 0).tokens
    for _ in range(parts):
        pool = traded(venue, pool, part, 0)
    assert tokens - pool.tokens <= at_once * (1.0 + ROUNDING) + 1


@ALL_VENUES
@given(
    usd=DEEP,
    tokens=DEEP,
    trades=st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0)), max_size=12),
    wealth=st.floats(0.001, 0.3),
)
@example(usd=10**12, tokens=10**12, trades=[(True, 0.2), (True, 0.25), (True, 0.33), (True, 0.5)], wealth=0.05)
def test_no_sequence_of_trades_pumps_money_out(
    venue: Venue, usd: int, tokens: int, trades: list[tuple[bool, float]], wealth: float
) -> None:
    assert cash_after(venue, venue.open(usd, tokens), int(wealth * usd), trades) <= int(wealth * usd)


@given(SIZES, SIZES, FEES, st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0)), max_size=12), SIZES)
def test_a_pool_cannot_be_pumped_even_by_giants(
    usd: int, tokens: int, fee: float, trades: list[tuple[bool, float]], wealth: int
) -> None:
    venue = build("constant-product", fee=fee)
    assert cash_after(venue, venue.open(usd, tokens), wealth, trades) <= wealth


def cash_after(venue: Venue, pool: Pool, cash: int, trades: list[tuple[bool, float]]) -> int:
    """Return a trader's cash after buying and selling shares of what it has, and selling the rest."""
    held = 0
    for buys, share in [*trades, (False, 1.0)]:
        bid, offered = (min(int(share * cash), cash), 0) if buys else (0, held - int((1.0 - share) * held))
        after = traded(venue, pool, bid, offered)
        cash -= after.usd - pool.usd
        held -= after.tokens - pool.tokens
        pool = after
    assert held == 0
    return cash


@given(DEEP, DEEP, st.floats(0.0, 0.5), st.floats(0.0, 0.5), st.floats(0.01, 3.0))
def test_impact_is_linear_in_the_log_price(
    usd: int, tokens: int, buying: float, selling: float, strength: float
) -> None:
    venue = build("price-impact", impact=strength, largest_move=5.0)
    pool = venue.open(usd, tokens)
    bid, offered = int(buying * usd), int(selling * tokens)
    clearing = venue.clear(pool, bid, offered)
    depth = min(usd, tokens * pool.price)
    expected = pool.price * math.exp(strength * (bid - offered * pool.price) / depth)
    assert clearing.price == pytest.approx(expected, rel=1e-9)
    assert clearing.usd_per_token == pytest.approx(expected, rel=1e-9)
    assert not clearing.bound


@given(SIZES, SIZES, ORDERS, ORDERS, st.floats(0.01, 5.0))
def test_the_guard_limits_the_quote_and_says_so(usd: int, tokens: int, bid: int, offered: int, largest: float) -> None:
    venue = build("price-impact", impact=1.0, largest_move=largest)
    pool = venue.open(usd, tokens)
    clearing = venue.clear(pool, bid, offered)
    move = math.log(clearing.price / pool.price)
    assert abs(move) <= largest * (1.0 + 1e-9)
    after = settled(pool, clearing, bid, offered)
    assert after.usd >= 0.1 * usd * (1.0 - 1e-9) - 1
    assert after.tokens >= 0.1 * tokens * (1.0 - 1e-9) - 1
    if not clearing.bound:
        assert clearing.usd_per_token == pytest.approx(clearing.price, rel=1e-9)


def test_a_batch_beyond_the_guard_pays_its_full_impact() -> None:
    venue = build("price-impact", impact=2.0, largest_move=0.5)
    clearing = venue.clear(venue.open(10**9, 10**9), 10**9, 0)
    assert clearing.bound
    assert clearing.price == pytest.approx(math.exp(0.5), rel=1e-9)
    assert 1.0 / clearing.tokens_per_usd == pytest.approx(math.exp(2.0), rel=1e-9)


def test_a_maker_with_one_token_is_not_overdrawn_by_rounding() -> None:
    # Without the share kept by the venue, buyers would get nine units more than sellers brought.
    venue, pool = build("price-impact", impact=1e-19), Pool(LARGEST, 1, price=1.0)
    bid, offered = 498565441287187513, 66786476156391903
    clearing = venue.clear(pool, bid, offered)
    assert clearing.bound
    assert settled(pool, clearing, bid, offered).tokens >= 0


def test_a_venue_must_say_how_it_clears() -> None:
    with pytest.raises(NotImplementedError, match="does not clear"):
        Venue.clear(build("price-impact"), Pool(1, 1, 1.0), 0, 0)
