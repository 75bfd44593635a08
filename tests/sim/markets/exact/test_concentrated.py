"""The exact pool against fractions without rounding, and what must hold for any sequence of operations."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.markets.exact.concentrated import ConcentratedPool
from catallaxy.sim.markets.exact.fixed_point import MAX_INT256, Q96
from catallaxy.sim.markets.exact.reverts import AmountIsZero, FeeNotAllowed, PriceLimitUnreachable, Revert
from catallaxy.sim.markets.exact.tick_math import (
    MAX_SQRT_RATIO,
    MIN_SQRT_RATIO,
    sqrt_ratio_at_tick,
    tick_at_sqrt_ratio,
)
from oracles.concentrated_fractions import FractionPool

#: Prices between 0.55 and 1.82, where one unit of a token is worth at most two of the other.
BAND = 6000
SPACING = st.sampled_from([1, 10, 60, 200])
FEES = st.sampled_from([0, 1, 500, 3000, 10000, 500_000])
LIQUIDITY = st.one_of(st.integers(1, 1000), st.integers(10**6, 10**24), st.just(10**18))
AMOUNT = st.one_of(
    st.integers(1, 5),
    st.integers(1, 10**12),
    st.integers(10**15, 10**24),
    st.sampled_from([10**18, 2**100, MAX_INT256]),
)
SIGNED = st.builds(lambda amount, sign: amount * sign, AMOUNT, st.sampled_from([1, -1]))


@st.composite
def ranges(draw: st.DrawFn, spacing: int) -> tuple[int, int, int]:
    """Draw one position within the band; ends meet often."""
    most = BAND // spacing
    end = st.one_of(st.integers(-most, most), st.integers(-3, 3))
    lower, upper = sorted(draw(st.tuples(end, end)))
    return lower * spacing, (upper + (lower == upper)) * spacing, draw(LIQUIDITY)


@st.composite
def pools(draw: st.DrawFn) -> ConcentratedPool:
    """Draw a pool with a few positions, one owner each."""
    spacing = draw(SPACING)
    at_tick = sqrt_ratio_at_tick(draw(st.integers(-BAND // spacing, BAND // spacing)) * spacing)
    pool = ConcentratedPool(draw(FEES), spacing, at_tick + draw(st.sampled_from([0, 0, 1, -1, 10**24])))
    for owner, bounds in enumerate(draw(st.lists(ranges(spacing), max_size=5))):
        pool.mint(owner, *bounds)
    return pool


def draw_limit(data: st.DataObject, pool: ConcentratedPool, zero_for_one: bool) -> int | None:
    """Draw a price limit that the swap can move towards, at a tick or beside one, or None."""
    if data.draw(st.booleans(), "without limit"):
        return None
    limit = sqrt_ratio_at_tick(data.draw(st.integers(-BAND, BAND), "limit")) + data.draw(st.integers(-1, 1))
    reachable = MIN_SQRT_RATIO < limit < pool.sqrt_price if zero_for_one else pool.sqrt_price < limit < MAX_SQRT_RATIO
    return limit if reachable else None


def largest_rounding(pool: ConcentratedPool) -> int:
    """Return how many units the rounding of one swap may come to: two at each word or tick, worth double."""
    return 4 * (2 * BAND // (256 * pool.tick_spacing) + 2 * len(pool.positions) + 3)


def fees_of(pool: ConcentratedPool) -> dict[int, tuple[int, int]]:
    """Credit and pay out all fees, and return them by owner."""
    paid = {}
    for owner, lower, upper in pool.positions:
        pool.burn(owner, lower, upper, 0)
        paid[owner] = pool.collect(owner, lower, upper)
    return paid  # type: ignore[return-value]


@given(pools(), st.booleans(), SIGNED, st.data())
def test_a_swap_rounds_against_the_trader_and_hardly(
    pool: ConcentratedPool, zero_for_one: bool, amount: int, data: st.DataObject
) -> None:
    limit = draw_limit(data, pool, zero_for_one)
    held = [(lower, upper, position.liquidity) for (_, lower, upper), position in pool.positions.items()]
    twin = FractionPool(pool.fee, Fraction(pool.sqrt_price, Q96), held)
    end = limit or (MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1)
    exact = twin.swap(zero_for_one, amount, Fraction(end, Q96))
    swap = pool.swap(zero_for_one, amount, limit)
    slack = largest_rounding(pool) / (1 - twin.fee)
    for paid, wanted in zip((swap.amount0, swap.amount1), exact, strict=True):
        assert 0 <= paid - wanted <= slack
    fees = fees_of(pool)
    for owner, earned in enumerate(twin.ranges):
        for paid, wanted in zip(fees[owner], earned.fees, strict=True):
            assert abs(paid - wanted) <= slack
    nearer, further = sorted((Fraction(swap.sqrt_price, Q96), twin.sqrt_price))
    bounds = {bound for r in twin.ranges for bound in (r.lower, r.upper)}
    if swap.liquidity and not any(nearer <= bound <= further for bound in bounds):
        assert further - nearer <= slack / swap.liquidity + Fraction(1, Q96)


@given(pools(), st.data())
def test_a_position_costs_and_returns_what_it_holds(pool: ConcentratedPool, data: st.DataObject) -> None:
    lower, upper, liquidity = data.draw(ranges(pool.tick_spacing))
    twin = FractionPool(pool.fee, Fraction(pool.sqrt_price, Q96), [(lower, upper, liquidity)])
    worth = twin.worth(twin.ranges[0])
    paid = pool.mint("late", lower, upper, liquidity)
    returned = pool.burn("late", lower, upper, liquidity)
    for cost, exact, back in zip(paid, worth, returned, strict=True):
        assert exact <= cost < exact + 2
        assert exact - 1 < back <= exact


def claims(pool: ConcentratedPool) -> tuple[int, int]:
    """Return what the pool would pay if everybody left now: positions, fees, credits, and the protocol's part."""
    leaving = deepcopy(pool)
    owed = list(leaving.protocol_fees)
    for (owner, lower, upper), position in list(leaving.positions.items()):
        if position.liquidity:
            leaving.burn(owner, lower, upper, position.liquidity)
        owed = [a + b for a, b in zip(owed, leaving.collect(owner, lower, upper), strict=True)]
    return owed[0], owed[1]


def check_books(pool: ConcentratedPool) -> None:
    """Check ticks, bitmap and liquidity against the positions, the tick against the price, and that all can be paid."""
    held = [(lower, upper, p.liquidity) for (_, lower, upper), p in pool.positions.items() if p.liquidity]
    bounds = {tick for lower, upper, _ in held for tick in (lower, upper)}
    assert len(pool.ticks) == len(bounds)
    for tick in bounds:
        entering, leaving = (sum(h[2] for h in held if h[end] == tick) for end in (0, 1))
        assert (pool.ticks[tick].liquidity_gross, pool.ticks[tick].liquidity_net) == (
            entering + leaving,
            entering - leaving,
        )
        assert pool.ticks.bitmap.is_initialised(tick)
    assert pool.liquidity == sum(liquidity for lower, upper, liquidity in held if lower <= pool.tick < upper)
    found = tick_at_sqrt_ratio(pool.sqrt_price)
    assert pool.tick == found or (pool.tick == found - 1 and sqrt_ratio_at_tick(found) == pool.sqrt_price)
    assert all(reserve >= claim >= 0 for reserve, claim in zip(pool.reserves, claims(pool), strict=True))


@given(pools(), st.data())
def test_whatever_happens_the_books_agree_and_everybody_can_be_paid(
    pool: ConcentratedPool, data: st.DataObject
) -> None:
    flows = [*pool.reserves]
    for _ in range(data.draw(st.integers(1, 12), "operations")):
        kind = data.draw(st.sampled_from(["swap", "swap", "swap", "mint", "burn", "collect", "protocol"]), "kind")
        change = (0, 0)
        if kind == "swap":
            zero_for_one, amount = data.draw(st.booleans()), data.draw(SIGNED)
            limit = draw_limit(data, pool, zero_for_one)
            try:
                swap = pool.swap(zero_for_one, amount, limit)
            except PriceLimitUnreachable:
                continue
            change = swap.amount0, swap.amount1
        elif kind == "mint":
            change = pool.mint(data.draw(st.integers(0, 3)), *data.draw(ranges(pool.tick_spacing)))
        elif kind == "protocol":
            pool.set_protocol_shares(data.draw(st.sampled_from([(0, 0), (4, 10), (10, 4)])))
            change = tuple(-paid for paid in pool.collect_protocol())
        elif pool.positions:
            key = data.draw(st.sampled_from(list(pool.positions)), "position")
            liquidity = pool.positions[key].liquidity
            if kind == "burn" and liquidity:
                pool.burn(*key, data.draw(st.one_of(st.integers(0, liquidity), st.just(liquidity)), "burnt"))
            if kind == "collect":
                change = tuple(
                    -paid for paid in pool.collect(*key, data.draw(st.sampled_from([(1, 2), (2**127, 2**127)])))
                )
        flows = [a + b for a, b in zip(flows, change, strict=True)]
        assert pool.reserves == tuple(flows)
        check_books(pool)


@given(pools(), st.booleans(), AMOUNT, AMOUNT)
def test_more_in_never_gives_less_out(pool: ConcentratedPool, zero_for_one: bool, one: int, other: int) -> None:
    less, more = sorted((one, other))
    small, large = deepcopy(pool).swap(zero_for_one, less), pool.swap(zero_for_one, more)
    token_in, token_out = (0, 1) if zero_for_one else (1, 0)
    assert small[token_out] >= large[token_out]
    assert 0 <= small[token_in] <= large[token_in]


@given(pools(), st.booleans(), SIGNED)
def test_there_and_back_earns_nothing(pool: ConcentratedPool, zero_for_one: bool, amount: int) -> None:
    before = pool.reserves
    swap = pool.swap(zero_for_one, amount)
    paid_in, paid_out = (0, 1) if zero_for_one else (1, 0)
    if swap[paid_out]:
        pool.swap(not zero_for_one, -swap[paid_out])
    assert pool.reserves[paid_in] >= before[paid_in]
    assert pool.reserves[paid_out] == before[paid_out]


def test_a_swap_without_liquidity_moves_the_price_and_nothing_else() -> None:
    pool = ConcentratedPool(3000, 60, Q96)
    assert pool.swap(True, 10**18) == (0, 0, MIN_SQRT_RATIO + 1, 0, -887272)
    assert pool.swap(False, -1) == (0, 0, MAX_SQRT_RATIO - 1, 0, 887271)
    assert pool.fee_growth == (0, 0)


def test_a_swap_splits_at_a_limit_without_a_trace() -> None:
    whole = ConcentratedPool(3000, 60, Q96)
    whole.mint("a", -1200, 1200, 10**18)
    whole.mint("b", -120, 60, 10**18)
    halves = deepcopy(whole)
    total = whole.swap(True, -2 * 10**16)
    first = halves.swap(True, -2 * 10**16, sqrt_ratio_at_tick(-120))
    second = halves.swap(True, -2 * 10**16 - first.amount1)
    assert (first.amount0 + second.amount0, first.amount1 + second.amount1) == (total.amount0, total.amount1)
    assert halves.fee_growth == whole.fee_growth
    assert second[2:] == total[2:]


@pytest.mark.parametrize("limit", [Q96, Q96 + 1, MIN_SQRT_RATIO, 0, -1, MAX_SQRT_RATIO])
def test_a_limit_behind_the_price_is_refused(limit: int) -> None:
    pool = ConcentratedPool(3000, 60, Q96)
    with pytest.raises(PriceLimitUnreachable, match=rf"^SPL: the limit {limit} of a swap that pays token0 in must lie"):
        pool.swap(True, 1, limit)


def test_a_limit_on_the_other_side_is_named() -> None:
    pool = ConcentratedPool(3000, 60, Q96)
    with pytest.raises(PriceLimitUnreachable, match="pays token1 in"):
        pool.swap(False, 1, Q96)


def test_nothing_is_not_swapped() -> None:
    with pytest.raises(AmountIsZero, match=r"^AS: "):
        ConcentratedPool(3000, 60, Q96).swap(True, 0)


@pytest.mark.parametrize(("fee", "spacing"), [(-1, 60), (10**6, 60), (3000, 0), (3000, -1), (3000, 16384)])
def test_fees_and_spacings_that_no_pool_has(fee: int, spacing: int) -> None:
    with pytest.raises(FeeNotAllowed):
        ConcentratedPool(fee, spacing, Q96)


def test_a_refused_operation_leaves_the_pool_as_it_was() -> None:
    pool = ConcentratedPool(3000, 60, Q96)
    pool.mint("a", -600, 600, 10**18)
    pool.swap(True, 10**15)
    before = pool.__dict__ | {"ticks": None, "positions": deepcopy(pool.positions)}
    ticks = {tick: pool.ticks[tick] for tick in (-600, 0, 600)}
    refused = (
        lambda: pool.mint("a", -600, 660, pool.ticks.capacity),
        lambda: pool.mint("a", -660, 600, pool.ticks.capacity),
        lambda: pool.mint("a", -600, 1, 1),
        lambda: pool.burn("a", -600, 600, 10**18 + 1),
        lambda: pool.burn("b", -600, 600, 1),
        lambda: pool.swap(True, 1, Q96),
        lambda: pool.set_protocol_shares((1, 1)),
    )
    for operation in refused:
        with pytest.raises(Revert):
            operation()
    assert pool.__dict__ | {"ticks": None} == before
    assert {tick: pool.ticks[tick] for tick in (-600, 0, 600)} == ticks
    assert len(pool.ticks) == 2


def test_the_refusals_are_errors_of_the_package() -> None:
    assert issubclass(Revert, CatallaxyError)
    assert {kind.code for kind in Revert.__subclasses__()} >= {"SPL", "AS", "R", "T", "TLU", "LO", "LA", "LS", "NP"}


def test_an_unknown_position_has_nothing_to_collect() -> None:
    assert ConcentratedPool(3000, 60, Q96).collect("nobody", -60, 60) == (0, 0)
