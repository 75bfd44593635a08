"""Pools on a curve: one price for a batch, shares that nobody gains by moving, fees and losses."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from catallaxy import numba_kernels as nk
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.markets.venues import VENUES, Clearing, ConstantProduct, Curve, CurvePool, Trade
from catallaxy.sim.markets.venues.batch_curve import met_directly
from catallaxy.sim.markets.venues.concentrated import PoolOfRanges
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.state.provision import Liquidity, income

SIZES = st.one_of(st.integers(0, 60).map(lambda power: 2**power), st.integers(1, 10**18))
ORDERS = st.one_of(st.just(0), SIZES)
DEEP = st.integers(10**9, 10**16)
FEES = st.one_of(st.just(0.0), st.floats(1e-6, 0.5))
SIDES = st.sampled_from(["input", "output"])
TOKENS, PRICE = 10**15, 0.003


def build(kind: str, **parameters: Any) -> Curve:
    venue = VENUES.build({"kind": kind, **parameters})
    assert isinstance(venue, Curve)
    return venue


def opened(venue: Curve) -> CurvePool:
    pool = venue.open(venue.opening_usd(TOKENS, PRICE), TOKENS)
    assert isinstance(pool, CurvePool)
    return pool


KINDS = {
    "constant-product": build("constant-product"),
    "fee-on-output": build("constant-product", fee=0.01, fee_on="output"),
    "weighted": build("weighted", weight=0.8, fee=0.001),
    "concentrated": build("concentrated"),
    "narrow": build("concentrated", fee=0.0005, tick_spacing=10, ranges=[{"width": 0.02, "share": 0.9}]),
}
ALL = pytest.mark.parametrize("venue", KINDS.values(), ids=KINDS)


@given(SIZES, SIZES, ORDERS, ORDERS, FEES, SIDES)
@example(10**12, 10**12, 10**12, 1, 0.003, "input")
@example(1, 1, 10**18, 10**18, 0.5, "output")
def test_the_search_for_the_price_agrees_with_the_closed_form(
    usd: int, tokens: int, bid: int, offered: int, fee: float, fee_on: str
) -> None:
    venue = build("constant-product", fee=fee, fee_on=fee_on)
    assert isinstance(venue, ConstantProduct)
    pool = venue.open(usd, tokens)
    found, expected = Curve.clear(venue, pool, bid, offered), venue.clear(pool, bid, offered)
    if bid:
        assert found.tokens_per_usd == pytest.approx(expected.tokens_per_usd, rel=1e-9)
    if offered:
        assert found.usd_per_token == pytest.approx(expected.usd_per_token, rel=1e-9)


@given(DEEP, DEEP, ORDERS, ORDERS, FEES, SIDES)
def test_equal_weights_make_a_constant_product(
    usd: int, tokens: int, bid: int, offered: int, fee: float, fee_on: str
) -> None:
    weighted = build("weighted", weight=0.5, fee=fee, fee_on=fee_on)
    product = build("constant-product", fee=fee, fee_on=fee_on)
    found, expected = (venue.clear(venue.open(usd, tokens), bid, offered) for venue in (weighted, product))
    if bid and offered:
        assert found.tokens_per_usd == pytest.approx(expected.tokens_per_usd, rel=1e-9)
        assert found.usd_per_token == pytest.approx(expected.usd_per_token, rel=1e-9)
        assert found.price == pytest.approx(expected.price, rel=1e-6)


@given(st.floats(0.0, 3.0), st.floats(0.0, 3.0), FEES)
def test_liquidity_everywhere_makes_a_constant_product(buying: float, selling: float, fee: float) -> None:
    everywhere, product = build("concentrated", fee=fee, ranges=[]), build("constant-product", fee=fee)
    bid, offered = int(buying * PRICE * TOKENS), int(selling * TOKENS)
    found, expected = (venue.clear(opened(venue), bid, offered) for venue in (everywhere, product))
    if min(bid, offered) > 10**6:
        assert found.tokens_per_usd == pytest.approx(expected.tokens_per_usd, rel=1e-4)
        assert found.usd_per_token == pytest.approx(expected.usd_per_token, rel=1e-4)


@given(st.floats(1e-6, 1e18), st.floats(0.0, 1e18), st.floats(1.0, 1e18), st.floats(1.0, 1e18))
def test_what_is_met_directly_is_met_at_the_price_of_the_pool(total: float, other: float, x: float, y: float) -> None:
    def out(amount: float) -> float:
        return x * amount / (y + amount)

    direct = met_directly(total, other, out)
    assert 0.0 <= direct <= total
    if other * y / x < 0.999 * total:
        assert direct == pytest.approx(max(total + y, 0.0) * other / (x + other), rel=1e-9)


@ALL
@given(buying=st.floats(0.0, 2.0), selling=st.floats(0.0, 2.0))
def test_buyers_and_sellers_of_a_batch_have_one_price(venue: Curve, buying: float, selling: float) -> None:
    pool = opened(venue)
    bid, offered = int(buying * pool.usd), int(selling * pool.tokens)
    clearing = venue.clear(pool, bid, offered)
    if min(bid, offered) > 10**9:
        assert clearing.tokens_per_usd * clearing.usd_per_token == pytest.approx(1.0, abs=1e-8)


@ALL
@given(trades=st.lists(st.tuples(st.booleans(), st.floats(1e-9, 1.0)), max_size=8))
def test_a_trade_at_once_brings_what_was_quoted_and_cannot_be_pumped(
    venue: Curve, trades: list[tuple[bool, float]]
) -> None:
    pool, cash, tokens = opened(venue), 10**12, 0
    for buys, share in [*trades, (False, 1.0)]:
        usd, sold = (int(share * cash), 0) if buys else (0, int(share * tokens))
        quoted = venue.quote(pool, usd, sold)
        assert venue.trade(pool, usd, sold) == quoted
        cash, tokens = cash - usd + quoted.usd_out, tokens - sold + quoted.tokens_out
        if isinstance(pool, PoolOfRanges):
            assert min(pool.spare()) >= 0
        assert pool.price == pytest.approx(venue.spot(pool), rel=1e-12)
    assert cash <= 10**12
    assert pool.earned >= 0.0


@ALL
@given(traded=st.floats(-1.0, 1.0), usd=st.integers(0, 10**14), tokens=st.integers(0, 10**17), back=st.floats(0.0, 1.0))
def test_nobody_gains_by_moving_liquidity(venue: Curve, traded: float, usd: int, tokens: int, back: float) -> None:
    pool = opened(venue)
    venue.trade(pool, int(max(traded, 0.0) * pool.usd), int(max(-traded, 0.0) * pool.tokens))
    before = copy.deepcopy(pool)
    taken_usd, taken_tokens, shares = venue.deposit(pool, usd, tokens)
    assert taken_usd <= usd
    assert taken_tokens <= tokens
    assert (pool.usd, pool.tokens) == (before.usd + taken_usd, before.tokens + taken_tokens)
    first = int(back * shares)
    paid = [sum(amounts) for amounts in zip(*(venue.withdraw(pool, s) for s in (first, shares - first)), strict=True)]
    assert paid[0] <= taken_usd
    assert paid[1] <= taken_tokens
    assert paid[0] >= taken_usd - 2 * taken_usd // shares - 9 if shares else paid[0] == 0
    assert pool.shares == pool.house == before.shares
    assert pool.usd >= before.usd
    assert pool.tokens >= before.tokens
    assert pool.price == before.price


@given(DEEP, DEEP, st.integers(0, 10**17), st.integers(0, 10**17), st.floats(0.0, 1.0))
def test_shares_are_counted_as_the_kernel_counts_them(
    usd: int, tokens: int, more_usd: int, more_tokens: int, back: float
) -> None:
    venue = build("constant-product")
    pool = venue.open(usd, tokens)
    assert isinstance(pool, CurvePool)
    row, shares, codes = np.array([tokens, usd, pool.shares]), np.zeros(1, np.int64), np.zeros(1, np.int8)
    moved = np.zeros((1, 2), np.int64)
    nk.pool_shares.add_liquidity(row, 0.5, np.array([[more_tokens, more_usd]]), shares, moved, codes)
    assert venue.deposit(pool, more_usd, more_tokens) == (moved[0, 1], moved[0, 0], shares[0])
    part = int(back * int(shares[0]))
    nk.pool_shares.remove_liquidity(row, np.array([part]), moved, codes)
    if codes[0] == nk.pool_state.ACCEPTED:
        assert venue.withdraw(pool, part) == (moved[0, 1], moved[0, 0])
        assert [pool.tokens, pool.usd, pool.shares] == row.tolist()


@ALL
def test_a_deposit_makes_the_pool_deeper_and_earns_its_part(venue: Curve) -> None:
    pool = opened(venue)
    alone = venue.quote(pool, usd=pool.usd // 10).tokens_out
    usd, tokens, shares = venue.deposit(pool, pool.usd, pool.tokens)
    assert shares == pytest.approx(pool.house, rel=1e-6)
    assert venue.quote(pool, usd=pool.usd // 10).tokens_out == pytest.approx(2 * alone, rel=1e-4)
    before = pool.value
    for _ in range(20):
        bought = venue.trade(pool, usd=pool.usd // 10).tokens_out
        venue.trade(pool, tokens=bought)
    moved_to(venue, pool, PRICE)
    got_usd, got_tokens = venue.withdraw(pool, shares)
    gain = (got_usd + got_tokens * pool.price) / (usd + tokens * PRICE) - 1.0
    assert gain == pytest.approx(pool.value * 2 / before - 1.0, rel=1e-3)
    assert gain == pytest.approx(math.expm1(pool.earned), rel=0.03)


@ALL
def test_shares_that_are_not_there_cannot_be_moved(venue: Curve) -> None:
    pool = opened(venue)
    with pytest.raises(ValueError, match="the house's"):
        venue.withdraw(pool, 1)
    with pytest.raises(ValueError, match="cost more"):
        venue.issue(pool, 10**9, 1, 1)
    assert venue.deposit(pool, 0, 10**9) == (0, 0, 0)
    pool.shares = 0
    assert venue.deposit(pool, 10**9, 10**9) == (0, 0, 0)


def moved_to(venue: Curve, pool: CurvePool, price: float) -> None:
    """Trade until the price of a pool is another one."""
    low, high = 0.0, 0.9
    buys = price > pool.price

    def orders(share: float) -> tuple[int, int]:
        return (int(share * pool.usd), 0) if buys else (0, int(share * pool.tokens))

    for _ in range(44):
        middle = 0.5 * (low + high)
        quoted = venue.quote(pool, *orders(middle))
        reached = venue.price_after(pool, quoted.usd - quoted.usd_out, quoted.tokens - quoted.tokens_out)
        low, high = (middle, high) if (reached < price) == buys else (low, middle)
    venue.trade(pool, *orders(low))


@pytest.mark.parametrize(
    "venue",
    [
        build("constant-product", fee=0.0),
        build("weighted", fee=0.0, weight=0.8),
        build("concentrated", fee=0.0, ranges=[{"width": 9.0, "share": 0.9}]),
    ],
    ids=["constant-product", "weighted", "concentrated"],
)
def test_a_pool_loses_to_the_informed_what_theory_says(venue: Curve) -> None:
    pool, sigma, rule = opened(venue), 0.01, venue
    expected = lost = 0.0
    for move in sigma * np.random.default_rng(7).standard_normal(250):
        before = Liquidity(pool.usd, pool.tokens, pool.shares, pool.price, pool.earned, rule.exposure(pool))
        moved_to(venue, pool, pool.price * math.exp(move))
        after = Liquidity(pool.usd, pool.tokens, pool.shares, pool.price, pool.earned, rule.exposure(pool))
        fees, loss = income(before, after)
        expected += before.exposure * before.value * move * move
        lost += loss
        assert fees == pytest.approx(0.0, abs=1e-6 * before.value)
    assert lost == pytest.approx(expected, rel=0.02)


def test_concentration_adds_exposure() -> None:
    wide, narrow = (build("concentrated", ranges=[{"width": width, "share": 0.9}]) for width in (1.0, 0.05))
    assert build("concentrated", ranges=[]).exposure(opened(build("concentrated", ranges=[]))) == pytest.approx(1 / 8)
    assert 0.25 < wide.exposure(opened(wide)) < narrow.exposure(opened(narrow))


def test_a_trade_off_the_curve_is_refused() -> None:
    venue = KINDS["concentrated"]
    with pytest.raises(ValueError, match="does not lie on the pool's curve"):
        venue.settle(opened(venue), Clearing(1.0, 1.0, PRICE), Trade(usd=10**6, tokens_out=10**12))
    with pytest.raises(TypeError, match="PoolOfRanges"):
        venue.spot(opened(KINDS["weighted"]))


def test_ranges_must_leave_liquidity_for_every_price() -> None:
    ranges = [{"width": 0.1, "share": 0.5}, {"width": 0.2, "share": 0.5}]
    with pytest.raises(ScenarioError, match=r"sum to 1; at most 0\.99"):
        load("minimal", sets={"networks.alpha.venues": [{"kind": "concentrated", "ranges": ranges}]})


@pytest.mark.parametrize("method", ["bought", "sold"])
def test_a_curve_must_say_what_an_order_brings(method: str) -> None:
    with pytest.raises(NotImplementedError, match="does not say"):
        getattr(Curve(kind="mine"), method)(opened(KINDS["weighted"]), 1.0)
