"""Curves that mint, burn and graduate: what they conserve, what a round trip earns, and how a launch ends."""

from __future__ import annotations

import copy
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.markets.venues import VENUES, BondedPool, BondingCurve, LaunchCurve, LaunchPool, Pool, Trade, Venue
from catallaxy.sim.scenario.loading import load
from oracles.pools import power_reference

TOKENS, PRICE = 10**15, 0.003
TRADES = st.lists(st.tuples(st.booleans(), st.floats(1e-9, 1.0)), min_size=1, max_size=8)
CURVES: dict[str, dict[str, Any]] = {
    "square root": {"kind": "bonding-curve"},
    "no fee": {"kind": "bonding-curve", "fee": 0.0},
    "steep": {"kind": "bonding-curve", "fee": 0.0, "reserve_ratio": 0.1},
    "flat": {"kind": "bonding-curve", "fee": 0.02, "reserve_ratio": 1.0},
    "launch": {"kind": "launch-curve"},
    "free launch": {"kind": "launch-curve", "fee": 0.0, "paid_in": 0.3, "graduation": 0.8},
    "all into the pool": {"kind": "launch-curve", "fee": 0.0, "leftover": "pooled"},
    "taxed": {"kind": "bonding-curve", "fee": 0.05, "fee_to": "treasury"},
    "taxed launch": {"kind": "launch-curve", "fee": 0.05, "fee_to": "treasury"},
}
ALL = pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)


def opened(curve: dict[str, Any]) -> tuple[Venue, Pool]:
    venue = VENUES.build(curve)
    return venue, venue.open(venue.opening_usd(TOKENS, PRICE), TOKENS)


def counted(venue: Venue, pool: Pool) -> int:
    """Return what holds if no token appears or disappears outside the books."""
    return pool.tokens - venue.issued(pool)


@ALL
@given(trades=TRADES)
@example(trades=[(True, 1.0)])
def test_no_sequence_of_trades_earns_anything_and_every_token_is_booked(
    curve: dict[str, Any], trades: list[tuple[bool, float]]
) -> None:
    venue, pool = opened(curve)
    cash = start = 10**13
    tokens, before, opening = 0, counted(venue, pool), pool.usd
    for buys, share in [*trades, (False, 1.0)]:
        order = {"usd": int(share * cash)} if buys else {"tokens": int(share * tokens)}
        quoted = venue.quote(pool, **order)
        trade = venue.trade(pool, **order)
        assert trade == quoted
        cash, tokens = cash + trade.usd_out - trade.usd, tokens + trade.tokens_out - trade.tokens
        assert counted(venue, pool) + tokens == before
        assert min(pool.usd, pool.tokens) > 0
    assert cash <= start
    assert cash + pool.usd == start + opening


@ALL
@given(batches=st.lists(st.tuples(st.floats(0.0, 2.0), st.floats(0.0, 2.0)), min_size=1, max_size=6))
def test_batches_conserve_dollars_and_tokens(curve: dict[str, Any], batches: list[tuple[float, float]]) -> None:
    venue, pool = opened(curve)
    for buying, selling in batches:
        bid, offered = int(buying * TOKENS * PRICE), int(selling * TOKENS)
        before = pool.usd, counted(venue, pool)
        clearing = venue.clear(pool, bid, offered)
        trade = Trade(bid, offered, int(offered * clearing.usd_per_token), int(bid * clearing.tokens_per_usd))
        venue.settle(pool, clearing, trade)
        assert pool.usd == before[0] + bid - trade.usd_out
        assert counted(venue, pool) == before[1] + offered - trade.tokens_out
        assert min(pool.usd, pool.tokens) > 0


def log_invariant(pool: BondedPool, ratio: float) -> Decimal:
    """Return the logarithm of reserve**ratio / outstanding."""
    return (power_reference(Fraction(pool.reserve), Fraction(ratio)) / pool.outstanding).ln()


@given(trades=TRADES, ratio=st.floats(0.05, 1.0), fee=st.sampled_from([0.0, 0.01, 0.3]))
def test_the_reserve_behind_a_token_never_falls_below_the_curve(
    trades: list[tuple[bool, float]], ratio: float, fee: float
) -> None:
    venue, pool = opened({"kind": "bonding-curve", "reserve_ratio": ratio, "fee": fee})
    assert isinstance(venue, BondingCurve)
    assert isinstance(pool, BondedPool)
    for buys, share in trades:
        before = log_invariant(pool, ratio)
        most = venue.redeemable(pool)
        venue.trade(pool, **({"usd": int(share * pool.reserve)} if buys else {"tokens": int(share * most)}))
        assert log_invariant(pool, ratio) >= before - Decimal("1e-30")
        assert 1 <= pool.reserve <= pool.usd
        assert pool.price == pytest.approx(venue.spot(pool))


def test_the_square_root_curve_doubles_its_price_when_the_supply_doubles() -> None:
    venue, pool = opened({"kind": "bonding-curve", "fee": 0.0})
    assert isinstance(pool, BondedPool)
    trade = venue.trade(pool, usd=3 * pool.reserve)
    assert trade.tokens_out == pytest.approx(TOKENS, rel=1e-9)
    assert pool.price == pytest.approx(2 * PRICE, rel=1e-9)
    assert (pool.outstanding, venue.issued(pool)) == (TOKENS + trade.tokens_out, trade.tokens_out)
    assert pool.tokens == TOKENS


def test_holders_who_all_sell_leave_a_part_of_the_reserve_and_are_told_of_the_limit() -> None:
    venue, pool = opened({"kind": "bonding-curve"})
    assert isinstance(pool, BondedPool)
    opening = pool.reserve
    assert venue.clear(pool, 0, 2 * TOKENS).bound
    assert not venue.clear(pool, 0, TOKENS // 10).bound
    venue.trade(pool, tokens=2 * TOKENS)
    assert pool.reserve == pytest.approx(opening / 64, rel=1e-6)
    assert venue.issued(pool) == -2 * TOKENS
    assert venue.quote(pool, usd=10**9).tokens_out > 0


def test_holders_who_all_sell_leave_a_part_of_the_dollars_of_a_launch() -> None:
    venue, pool = opened({"kind": "launch-curve"})
    opening = pool.usd
    assert venue.clear(pool, 0, TOKENS).bound
    assert not venue.clear(pool, 0, TOKENS // 1000).bound
    assert venue.trade(pool, tokens=TOKENS).usd_out == pytest.approx(0.99 * opening * 63 / 64, rel=1e-6)
    assert pool.usd > opening / 64


def launched(share: float, **parameters: Any) -> tuple[LaunchCurve, LaunchPool, LaunchPool]:
    """Buy that share of the tokens on a curve; return the venue and its pool before and after."""
    venue, pool = opened({"kind": "launch-curve", "fee": 0.0, **parameters})
    assert isinstance(venue, LaunchCurve)
    assert isinstance(pool, LaunchPool)
    before = copy.deepcopy(pool)
    venue.trade(pool, usd=int(TOKENS * PRICE * share / (1.0 - share)))
    return venue, before, pool


def test_a_launch_graduates_at_the_price_of_its_curve() -> None:
    _, before, waiting = launched(0.79)
    assert waiting.virtual_usd == before.virtual_usd
    assert waiting.price == pytest.approx(PRICE / 0.21**2, rel=1e-9)
    venue, _, pool = launched(0.81)
    assert (pool.virtual_usd, pool.graduates_at) == (0, 0)
    assert pool.price == pytest.approx(PRICE / 0.19**2, rel=1e-9)
    assert venue.issued(pool) == pytest.approx(-0.19 * 0.99 * 0.19 * TOKENS, rel=1e-6)
    assert pool.tokens - venue.issued(pool) == pytest.approx(0.19 * TOKENS, rel=1e-9)
    assert pool.tokens * pool.price == pytest.approx(pool.usd, rel=1e-9)


def test_a_launch_that_keeps_its_tokens_graduates_at_a_lower_price() -> None:
    venue, _, pool = launched(0.81, leftover="pooled")
    assert venue.issued(pool) == 0
    assert pool.tokens == pytest.approx(0.19 * TOKENS, rel=1e-9)
    curve = PRICE / 0.19**2
    assert pool.price == pytest.approx(curve * (1.0 - 0.19 * 0.99), rel=1e-6)


def test_virtuals_launch_as_its_contract_says() -> None:
    """K = 3e12 and 1e9 tokens (Virtual-Protocol/protocol-contracts): 3,000 virtual units of the asset are the price."""
    million, tokens = 10**6, 10**9
    venue = LaunchCurve(kind="launch-curve", fee=0.0, paid_in=1e-9)
    pool = venue.open(3, tokens * million)
    assert pool.usd + pool.virtual_usd == pytest.approx(3_000 * million, rel=1e-9)
    bought = venue.trade(pool, usd=3_000 * million).tokens_out
    assert bought == pytest.approx(tokens * million / 2, rel=1e-6)
    assert (pool.usd + pool.virtual_usd) * (pool.tokens / million) / million == pytest.approx(3e12, rel=1e-6)


@pytest.mark.parametrize("kind", ["bonding-curve", "launch-curve"])
@given(trades=TRADES, fee=st.sampled_from([0.0, 0.01, 0.3]))
@example(trades=[(True, 1.0)] * 8, fee=0.3)
def test_fees_that_are_due_are_a_share_of_the_dollars_and_leave_the_curve_as_if_it_were_free(
    kind: str, trades: list[tuple[bool, float]], fee: float
) -> None:
    venue, pool = opened({"kind": kind, "fee": fee, "fee_to": "treasury"})
    free, untaxed = opened({"kind": kind, "fee": 0.0})
    held, due, paid = 0, 0, 0.0
    for buys, share in trades:
        size = int(share * TOKENS * PRICE)
        trade = venue.trade(pool, **({"usd": size} if buys else {"tokens": int(share * held)}))
        held += trade.tokens_out - trade.tokens
        gross = trade.usd * (1.0 - fee) if buys else -trade.usd_out / (1.0 - fee)
        free.trade(untaxed, **({"usd": math.ceil(gross)} if buys else {"tokens": trade.tokens}))
        paid += trade.usd - trade.usd_out - gross
        due += venue.pay_fees(pool)
        assert venue.pay_fees(pool) == 0
        assert pool.usd == pytest.approx(untaxed.usd, rel=1e-6)
        assert pool.tokens == pytest.approx(untaxed.tokens, rel=1e-6)
        assert pool.price == pytest.approx(untaxed.price, rel=1e-6)
        assert pool.price == pytest.approx(venue.spot(pool), rel=1e-9)  # type: ignore[attr-defined]
    assert due == pytest.approx(paid, abs=1e-6 * paid + 2 * len(trades))


@pytest.mark.parametrize("usd", [2**60 - 1, 2**60 + 1, 1 - 2**60, -1 - 2**60, 0])
def test_no_rounding_of_dollars_makes_a_fee_negative(usd: int) -> None:
    venue = BondingCurve(kind="bonding-curve", fee=0.0, fee_to="treasury")
    pool = venue.open(2**60, TOKENS)
    assert venue.keep_fee(pool, usd) == pytest.approx(usd, abs=2**8)
    assert pool.due >= 0


RUNS: dict[str, dict[str, Any]] = {
    "curve": {"networks.alpha.token.max_supply": None, "networks.alpha.venues": [{"kind": "bonding-curve"}]},
    "launch": {"networks.alpha.venues": [{"kind": "launch-curve", "graduation": 0.99, "paid_in": 0.5}]},
    "both": {
        "networks.alpha.token.max_supply": None,
        "networks.alpha.venues": [
            {"kind": "bonding-curve", "share": 0.5, "liquidity": 0.5},
            {"kind": "launch-curve", "share": 0.5, "liquidity": 0.5},
        ],
        "populations.arbitrageurs": {"count": 5},
    },
    "taxed": {"networks.alpha.venues": [{"kind": "launch-curve", "graduation": 0.99, "fee_to": "treasury"}]},
}


@pytest.mark.jit
@pytest.mark.parametrize("sets", RUNS.values(), ids=RUNS)
def test_supply_is_what_was_issued_and_not_burned_through_curves_too(sets: dict[str, Any]) -> None:
    record = simulate(load("minimal", sets={"steps": 40, **sets}))
    assert record.status == "complete", record.error
    series = {name: record.series[name][:, 0] for name in ("supply", "minted_cum", "burned_cum", "curve_issued")}
    expected = 10e6 + series["minted_cum"] - series["burned_cum"] + series["curve_issued"]
    assert series["supply"] == pytest.approx(expected, rel=1e-12)
    assert abs(series["curve_issued"][-1]) > 0.0
    booked = [row.amount for row in record.flows if (row.flow, row.sector) == ("bonding curves", "minting")]
    assert -sum(booked) / 1e9 == pytest.approx(series["curve_issued"][-1], rel=1e-12)
    fees = sum(row.amount for row in record.flows if (row.flow, row.sector) == ("trading fees", "treasury"))
    assert fees / 1e6 == pytest.approx(record.series["curve_fees"].sum(), rel=1e-12)
    assert (fees > 0) == any("fee_to" in venue for venue in sets["networks.alpha.venues"])
