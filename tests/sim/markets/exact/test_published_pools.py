"""The published pool cases of Uniswap v3, all of them and to the last unit.

Numbers of the scenarios that have no file of vectors are from
https://github.com/Uniswap/v3-core/blob/f5dba46177ee21e0da0cf215c86509c72b92763c/test/UniswapV3Pool.spec.ts
and those of `Ticks` from
https://github.com/Uniswap/v3-core/blob/538f3a1f2738e4d49728a22c74986a4f28d47871/test/Tick.spec.ts
"""

from __future__ import annotations

import pytest

from catallaxy.sim.markets.exact.concentrated import ConcentratedPool
from catallaxy.sim.markets.exact.fixed_point import MAX_UINT128, MAX_UINT256, PerToken
from catallaxy.sim.markets.exact.reverts import (
    FeeNotAllowed,
    LiquidityUnderflow,
    PositionIsEmpty,
    PriceOutOfRange,
    Revert,
    TickIsFull,
    TickNotSpaced,
    TickOutOfRange,
    TicksReversed,
    WordOverflow,
)
from catallaxy.sim.markets.exact.swap_step import compute_swap_step
from catallaxy.sim.markets.exact.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO, largest_tick, sqrt_ratio_at_tick
from catallaxy.sim.markets.exact.ticks import Ticks
from oracles.uniswap_v3 import (
    PublishedPool,
    PublishedResult,
    encode_price_sqrt,
    exact_pool,
    format_execution_price,
    format_price,
    published_pools,
    published_results,
)

E18 = 10**18
ONE = encode_price_sqrt(1, 1)
SPACINGS = {500: 10, 3000: 60, 10000: 200}


def swap_name(result: PublishedResult) -> str:
    return f"{result.pool.name}: {result.swap.name}"


@pytest.mark.parametrize("published", published_pools().values(), ids=lambda pool: pool.name)
def test_published_pools_open(published: PublishedPool) -> None:
    pool = exact_pool(published)
    assert (pool.reserves, pool.tick) == (published.reserves, published.tick)
    assert format_price(pool.sqrt_price) == published.formatted_price


@pytest.mark.parametrize("published", published_results(), ids=swap_name)
def test_published_swaps(published: PublishedResult) -> None:
    pool = exact_pool(published.pool)
    _, zero_for_one, amount, limit = published.swap
    if published.revert:
        with pytest.raises(Revert, match=f"^{published.revert}: ") as refused:
            pool.swap(zero_for_one, amount, limit)
        assert refused.value.code == published.revert
        assert pool.reserves == published.pool.reserves
    else:
        swap = pool.swap(zero_for_one, amount, limit)
        assert (swap.amount0, swap.amount1) == published.amounts
        assert pool.fee_growth == published.fee_growth
        assert (swap.tick, format_price(swap.sqrt_price)) == (published.tick, published.formatted_price)
        assert format_execution_price(swap.amount0, swap.amount1) == published.execution_price
    for lower, upper, liquidity in published.pool.positions:
        pool.burn("provider", lower, upper, liquidity)
        pool.collect("provider", lower, upper)
    assert pool.liquidity == len(pool.ticks) == 0
    assert min(pool.reserves) >= 0


def test_there_are_240_published_swaps_of_which_50_are_refused() -> None:
    results = published_results()
    assert len({(result.pool.name, result.swap.name) for result in results}) == len(results) == 240
    assert sum(bool(result.revert) for result in results) == 50


def full_range(pool: ConcentratedPool, inset: int = 0) -> tuple[int, int]:
    """Return the widest bounds of a position, less so many spacings at both ends."""
    end = largest_tick(pool.tick_spacing) - inset * pool.tick_spacing
    return -end, end


def open_pool(fee: int, liquidity: int = 2 * E18, owner: str = "wallet") -> ConcentratedPool:
    """Return a pool at price one with one position over the full range."""
    pool = ConcentratedPool(fee, SPACINGS[fee], ONE)
    pool.mint(owner, *full_range(pool), liquidity)
    return pool


@pytest.fixture
def ten_to_one() -> ConcentratedPool:
    """Return the pool at a price of 1 : 10 that the minting scenarios start from."""
    pool = ConcentratedPool(3000, 60, encode_price_sqrt(1, 10))
    pool.mint("wallet", *full_range(pool), 3161)
    assert (pool.reserves, pool.tick) == ((9996, 1000), -23028)
    return pool


@pytest.mark.parametrize("price", [1, MIN_SQRT_RATIO - 1, MAX_SQRT_RATIO, 2**160 - 1])
def test_a_pool_cannot_open_outside_the_range_of_prices(price: int) -> None:
    with pytest.raises(PriceOutOfRange):
        ConcentratedPool(3000, 60, price)


@pytest.mark.parametrize(
    ("price", "tick"), [(MIN_SQRT_RATIO, -887272), (MAX_SQRT_RATIO - 1, 887271), (encode_price_sqrt(1, 2), -6932)]
)
def test_the_first_tick_of_a_pool(price: int, tick: int) -> None:
    assert ConcentratedPool(3000, 60, price).tick == tick


@pytest.mark.parametrize(
    ("lower", "upper", "liquidity", "paid"),
    [
        (-22980, 0, 10000, (21549, 0)),
        (887160, 887220, 2**102, (828011525, 0)),
        (-22980, 887220, 10000, (31549, 0)),
        (-887160, 887160, 100, (317, 32)),
        (-887220, 887220, 10000, (31623, 3163)),
        (-46080, -23040, 10000, (0, 2162)),
        (-887220, -887160, 2**102, (0, 828011520)),
        (-887220, -23040, 10000, (0, 3161)),
    ],
)
def test_published_costs_of_a_position(
    ten_to_one: ConcentratedPool, lower: int, upper: int, liquidity: int, paid: PerToken
) -> None:
    assert ten_to_one.mint("wallet", lower, upper, liquidity) == paid
    assert ten_to_one.reserves == (9996 + paid[0], 1000 + paid[1])


@pytest.mark.parametrize(
    ("lower", "upper", "liquidity", "returned"),
    [(-240, 0, 10000, (120, 0)), (-887160, 887160, 100, (316, 31)), (-46080, -46020, 10000, (0, 3))],
)
def test_published_returns_of_a_position(
    ten_to_one: ConcentratedPool, lower: int, upper: int, liquidity: int, returned: PerToken
) -> None:
    ten_to_one.mint("wallet", lower, upper, liquidity)
    assert ten_to_one.burn("wallet", lower, upper, liquidity) == returned
    assert ten_to_one.collect("wallet", lower, upper) == returned


def test_liquidity_references_the_ticks_of_positions(ten_to_one: ConcentratedPool) -> None:
    ten_to_one.mint("wallet", -240, 0, 100)
    ten_to_one.mint("wallet", -240, 60, 150)
    ten_to_one.mint("wallet", 0, 120, 60)
    assert [ten_to_one.ticks[tick].liquidity_gross for tick in (-240, 0, 60, 120)] == [250, 160, 150, 60]
    ten_to_one.burn("wallet", -240, 60, 90)
    assert [ten_to_one.ticks[tick].liquidity_gross for tick in (-240, 60)] == [160, 60]
    ten_to_one.burn("wallet", -240, 60, 60)
    assert not ten_to_one.ticks.bitmap.is_initialised(60)
    assert ten_to_one.ticks.bitmap.is_initialised(-240)


@pytest.mark.parametrize(
    ("lower", "upper", "liquidity", "error"),
    [
        (1, 0, 1, TicksReversed),
        (-887273, 0, 1, TickOutOfRange),
        (0, 887273, 1, TickOutOfRange),
        (-887160, 887160, 11505743598341114571880798222544994 + 1, TickIsFull),
        (-6, 0, 1, TickNotSpaced),
        (0, 6, 1, TickNotSpaced),
        (-60, 60, 0, Revert),
    ],
)
def test_published_positions_that_are_refused(
    ten_to_one: ConcentratedPool, lower: int, upper: int, liquidity: int, error: type[Revert]
) -> None:
    with pytest.raises(error):
        ten_to_one.mint("wallet", lower, upper, liquidity)
    assert ten_to_one.reserves == (9996, 1000)
    assert len(ten_to_one.ticks) == 2
    assert len(ten_to_one.positions) == 1


def test_a_tick_takes_liquidity_up_to_its_limit_and_no_more(ten_to_one: ConcentratedPool) -> None:
    most = ten_to_one.ticks.capacity
    ten_to_one.mint("wallet", -887160, 887160, 1000)
    for lower, upper in ((-887160, 887160), (-887100, 887160), (-887160, 887100)):
        with pytest.raises(TickIsFull, match=r"^LO: tick"):
            ten_to_one.mint("wallet", lower, upper, most - 1000 + 1)
    ten_to_one.mint("wallet", -887160, 887160, most - 1000)


def test_published_protocol_fees(ten_to_one: ConcentratedPool) -> None:
    ten_to_one.set_protocol_shares((6, 6))
    ten_to_one.mint("wallet", *full_range(ten_to_one, 1), E18)
    ten_to_one.swap(True, E18 // 10)
    ten_to_one.swap(False, E18 // 100)
    assert ten_to_one.protocol_fees == (50000000000000, 5000000000000)


def test_published_fee_growth_of_a_late_position(ten_to_one: ConcentratedPool) -> None:
    bounds = full_range(ten_to_one, 1)
    ten_to_one.mint("other", *bounds, E18)
    ten_to_one.swap(True, E18 // 10)
    ten_to_one.swap(False, E18 // 100)
    with pytest.raises(PositionIsEmpty, match=r"^NP: "):
        ten_to_one.burn("wallet", *bounds, 0)
    ten_to_one.mint("wallet", *bounds, 1)
    position = ten_to_one.positions["wallet", *bounds]
    last = (102084710076281216349243831104605583, 10208471007628121634924383110460558)
    assert (position.liquidity, position.fee_growth_inside_last, position.tokens_owed) == (1, last, (0, 0))
    ten_to_one.burn("wallet", *bounds, 1)
    assert (position.liquidity, position.fee_growth_inside_last, position.tokens_owed) == (0, last, (3, 0))


def test_published_fee_growth_of_an_emptied_position() -> None:
    pool = open_pool(3000)
    bounds = full_range(pool)
    pool.mint("other", *bounds, E18)
    pool.swap(True, E18)
    pool.swap(False, E18)
    pool.burn("other", *bounds, E18)
    position = pool.positions["other", *bounds]
    assert position.fee_growth_inside_last == (
        340282366920938463463374607431768211,
        340282366920938576890830247744589365,
    )
    assert position.liquidity == 0
    assert min(position.tokens_owed) > 0


def test_published_ticks_after_two_swaps() -> None:
    pool = open_pool(3000)
    assert pool.swap(True, E18 // 2).tick == -4452
    assert pool.swap(False, E18 // 4).tick == -1558


@pytest.mark.parametrize(("lower", "upper", "paid"), [(10, 20, (1, 0)), (-20, -10, (0, 1)), (-10, 10, (1, 1))])
def test_a_dust_position_costs_one_unit(lower: int, upper: int, paid: PerToken) -> None:
    assert open_pool(500).mint("wallet", lower, upper, 1000) == paid


def test_no_more_than_the_position_can_be_burnt() -> None:
    pool = open_pool(500)
    pool.mint("wallet", -10, 10, 1000 * E18)
    with pytest.raises(LiquidityUnderflow, match=r"^LS: "):
        pool.burn("wallet", -10, 10, 1001 * E18)


@pytest.mark.parametrize(("lower", "upper", "before", "after"), [(0, 60, 3, 2), (-60, 0, 2, 3)])
def test_the_liquidity_in_range_changes_at_a_crossing(lower: int, upper: int, before: int, after: int) -> None:
    pool = open_pool(3000)
    pool.mint("wallet", lower, upper, E18)
    assert pool.liquidity == before * E18
    swap = pool.swap(True, 1)
    assert (swap.tick, swap.liquidity) == (-1, after * E18)


@pytest.mark.parametrize(("shares", "fees"), [((0, 0), 18107525382602), ((6, 6), 15089604485501)])
@pytest.mark.parametrize("upward", [True, False])
def test_published_fees_of_a_position_that_was_crossed(shares: PerToken, fees: int, upward: bool) -> None:
    pool = open_pool(3000)
    pool.set_protocol_shares(shares)
    bounds, token = ((0, 120), 1) if upward else ((-120, 0), 0)
    assert pool.mint("wallet", *bounds, E18)[1 - token] == 5981737760509663
    swap = pool.swap(not upward, 2 * E18)
    released, collected = pool.burn("wallet", *bounds, E18), pool.collect("wallet", *bounds)
    assert (released[token], released[1 - token]) == (6017734268818165, 0)
    assert (collected[token], collected[1 - token]) == (6017734268818165 + fees, 0)
    assert swap.tick >= 120 if upward else swap.tick < -120


def test_published_fees_of_two_providers() -> None:
    pool = ConcentratedPool(500, 10, ONE)
    pool.mint("wallet", *full_range(pool), E18)
    pool.mint("wallet", *full_range(pool, 1), 2 * E18)
    pool.swap(True, E18)
    for inset, owed in ((0, 166666666666667), (1, 333333333333334)):
        pool.burn("wallet", *full_range(pool, inset), 0)
        assert pool.positions["wallet", *full_range(pool, inset)].tokens_owed == (owed, 0)


@pytest.mark.parametrize(("over", "owed"), [(0, MAX_UINT128 - 1), (1, MAX_UINT128), (None, MAX_UINT128)])
def test_published_fees_at_the_end_of_their_word(over: int | None, owed: int) -> None:
    pool = open_pool(500, E18)
    growth = 115792089237316195423570985008687907852929702298719625575994
    pool.fee_growth = (MAX_UINT256 if over is None else growth + over, 0)
    pool.burn("wallet", *full_range(pool), 0)
    assert pool.positions["wallet", *full_range(pool)].tokens_owed == (owed, 0)


@pytest.mark.parametrize(
    ("directions", "collected"),
    [
        ([True], (499999999999999, 0)),
        ([False], (0, 499999999999999)),
        ([True, False], (499999999999999, 500000000000000)),
    ],
)
def test_published_fees_over_the_end_of_fee_growth(directions: list[bool], collected: PerToken) -> None:
    pool = ConcentratedPool(500, 10, ONE)
    pool.fee_growth = (MAX_UINT256, MAX_UINT256)
    pool.mint("wallet", *full_range(pool), 10 * E18)
    for zero_for_one in directions:
        pool.swap(zero_for_one, E18)
    growth = 5 * 10**14 * 2**128 // (10 * E18) - 1
    assert pool.fee_growth[0 if directions[0] else 1] == growth
    pool.burn("wallet", *full_range(pool), 0)
    assert pool.collect("wallet", *full_range(pool)) == collected


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_published_fees_of_repeated_swaps(zero_for_one: bool) -> None:
    pool = open_pool(500, 1000 * E18)
    for owed in (499999999999999, 999999999999998, 1499999999999997):
        pool.swap(zero_for_one, E18)
        pool.burn("wallet", *full_range(pool), 0)
        assert pool.positions["wallet", *full_range(pool)].tokens_owed[1 - zero_for_one] == owed


def test_published_fees_shared_with_the_protocol() -> None:
    pool = open_pool(500, 1000 * E18)
    assert pool.collect_protocol() == (0, 0)
    pool.swap(True, E18)
    pool.set_protocol_shares((6, 6))
    pool.swap(True, E18)
    pool.burn("wallet", *full_range(pool), 0)
    assert pool.collect("wallet", *full_range(pool)) == (916666666666666, 0)
    assert pool.collect_protocol() == (83333333333332, 0)
    assert pool.protocol_fees == (1, 0)
    pool.swap(True, E18)
    assert pool.collect("wallet", *full_range(pool)) == (0, 0)
    pool.burn("wallet", *full_range(pool), 0)
    assert pool.collect("wallet", *full_range(pool)) == (416666666666666, 0)


def test_the_protocol_may_take_unequal_shares() -> None:
    pool = open_pool(500, 1000 * E18)
    pool.set_protocol_shares((8, 5))
    pool.swap(True, E18)
    pool.swap(False, E18)
    assert pool.collect_protocol((MAX_UINT128, 7)) == (62499999999999, 7)
    assert pool.collect_protocol() == (0, 99999999999998 - 7)


@pytest.mark.parametrize("shares", [(3, 3), (6, 3), (3, 6), (11, 11), (6, 11), (11, 6), (1, 0), (-4, 4)])
def test_protocol_shares_that_are_refused(shares: PerToken) -> None:
    with pytest.raises(FeeNotAllowed):
        open_pool(500).set_protocol_shares(shares)


@pytest.mark.parametrize("upward", [True, False])
def test_published_swap_across_a_gap(upward: bool) -> None:
    pool = ConcentratedPool(3000, 12, ONE)
    bounds = (120000, 121200) if upward else (-121200, -120000)
    pool.mint("wallet", *bounds, E18 // 4)
    assert pool.swap(not upward, E18).tick == (120196 if upward else -120197)
    released = pool.burn("wallet", *bounds, E18 // 4)
    assert released == ((30027458295511, 996999999999999999) if upward else (996999999999999999, 30027458295511))


def test_published_tick_is_crossed_once_when_a_swap_ends_just_below_it() -> None:
    start = sqrt_ratio_at_tick(-24081) + 1
    pool = ConcentratedPool(3000, 1, start)
    pool.mint("wallet", -24082, -24080, 1000 * E18)
    pool.mint("wallet", -24082, -24081, 1000 * E18)
    assert (pool.tick, pool.liquidity) == (-24081, 1000 * E18)
    assert compute_swap_step(start, start - 1, 1000 * E18, 3, 3000) == (start - 1, 1, 0, 1)
    assert pool.swap(True, 3) == (3, 0, start - 1, 2000 * E18, -24082)


@pytest.mark.parametrize(
    ("lower", "upper", "current", "inside"),
    [
        (None, None, 0, (15, 15)),
        (None, None, 4, (0, 0)),
        (None, None, -4, (0, 0)),
        (None, (2, 3), 0, (13, 12)),
        ((2, 3), None, 0, (13, 12)),
        ((2, 3), (4, 1), 0, (9, 11)),
        ((MAX_UINT256 - 3, MAX_UINT256 - 2), (3, 5), 0, (16, 13)),
    ],
)
def test_published_fee_growth_inside(
    lower: PerToken | None, upper: PerToken | None, current: int, inside: PerToken
) -> None:
    ticks = Ticks(1)
    for tick, outside in ((-2, lower), (2, upper)):
        if outside:
            ticks.update(tick, tick, 1, outside, upper=False)
    assert ticks.fee_growth_inside(-2, 2, current, (15, 15)) == inside


def test_published_updates_of_a_tick() -> None:
    ticks = Ticks(1, capacity=10)
    flips = [ticks.update(0, 0, d, (0, 0), upper=u) for d, u in ((2, False), (1, True), (3, True), (1, False))]
    assert flips == [True, False, False, False]
    assert (ticks[0].liquidity_gross, ticks[0].liquidity_net) == (2 + 1 + 3 + 1, 2 - 1 - 3 + 1)
    with pytest.raises(TickIsFull):
        ticks.update(0, 0, 4, (0, 0), upper=False)
    assert [ticks.update(0, 0, d, (0, 0), upper=False) for d in (-6, -1)] == [False, True]


def test_published_limit_of_net_liquidity() -> None:
    ticks = Ticks(1, capacity=MAX_UINT128)
    ticks.update(0, 0, MAX_UINT128 // 2 - 1, (0, 0), upper=False)
    with pytest.raises(WordOverflow):
        ticks.update(0, 0, MAX_UINT128 // 2 - 1, (0, 0), upper=False)


def test_published_growth_outside_a_tick() -> None:
    ticks = Ticks(1)
    for growth in ((1, 2), (6, 7)):
        ticks.update(1, 1, 1, growth, upper=False)
        ticks.update(2, 1, 1, growth, upper=False)
    assert [ticks[tick].fee_growth_outside for tick in (1, 2)] == [(1, 2), (0, 0)]
    assert ticks.cross(1, (7, 9)) == 2
    assert ticks[1].fee_growth_outside == (6, 7)
    ticks.cross(1, (7, 9))
    assert ticks[1].fee_growth_outside == (1, 2)
