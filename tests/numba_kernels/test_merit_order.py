"""The merit order: the price grid, the auction against a sorted list of offers, regions, and posted prices."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.numba_kernels import merit_order
from catallaxy.numba_kernels.merit_order import TICKS
from oracles.markets import TOLERANCE, Offer, clear_auction_reference, find_tick_reference, list_prices_reference
from oracles.regions import RegionalOffer, clear_regions_reference, least_borne_reference

Ints = npt.NDArray[np.int64]

PRICES = list_prices_reference()
OFFERS = st.lists(st.builds(Offer, tick=st.integers(0, 60), quantity=st.integers(0, 2**40)), max_size=30)
DEMAND = st.one_of(st.integers(0, 2**42), st.just(2**62))
CEILING = st.integers(0, 60)
ON_THE_GRID = st.floats(1e-5, 129.0)


def cleared(offers: list[Offer], demand: int, ceiling: int) -> tuple[int, int]:
    """Return marginal tick and quantity at the margin; the auction runs as the second of two networks."""
    supply, left, balance = np.zeros((2, 1, TICKS), np.int64), np.array([0, demand]), np.array([[0], [demand]])
    for tick, quantity in offers:
        supply[1, 0, tick] += quantity
    sales, margin, last = np.full_like(supply, 9), np.full((2, 1), 9), np.full((2, 1), 9)
    merit_order.clear(supply, balance, left, ceiling, 0, sales, margin, last)
    assert (margin[0, 0], last[0, 0], sales[0].sum()) == (-1, -1, 0)
    assert (demand - left[1], demand - balance[1, 0]) == (sales[1].sum(), sales[1].sum())
    assert margin[1, 0] == (ceiling if left[1] > 0 else last[1, 0])
    return int(last[1, 0]), int(sales[1, 0, last[1, 0]]) if last[1, 0] >= 0 else 0


def sold(offers: list[Offer], outcome: tuple[int, int]) -> int:
    """Return what an outcome sells in all."""
    return sum(offer.quantity for offer in offers if offer.tick < outcome[0]) + outcome[1]


@given(OFFERS, DEMAND, CEILING)
def test_auction_equals_the_sorted_list_of_offers(offers: list[Offer], demand: int, ceiling: int) -> None:
    assert cleared(offers, demand, ceiling) == clear_auction_reference(offers, demand, ceiling)


@given(OFFERS, DEMAND, CEILING)
def test_the_short_side_decides_what_is_sold(offers: list[Offer], demand: int, ceiling: int) -> None:
    acceptable = sum(offer.quantity for offer in offers if offer.tick <= ceiling)
    outcome = cleared(offers, demand, ceiling)
    assert sold(offers, outcome) == min(demand, acceptable)
    assert outcome[0] <= ceiling


@given(OFFERS, DEMAND, st.integers(0, 2**42), CEILING)
def test_more_demand_never_lowers_the_price(offers: list[Offer], demand: int, more: int, ceiling: int) -> None:
    low, high = cleared(offers, demand, ceiling), cleared(offers, demand + more, ceiling)
    assert high[0] >= low[0]
    assert sold(offers, high) >= sold(offers, low)


@given(OFFERS, st.builds(Offer, tick=st.integers(0, 60), quantity=st.integers(0, 2**40)), DEMAND)
def test_one_more_offer_never_raises_the_price_once_demand_is_served(
    offers: list[Offer], extra: Offer, demand: int
) -> None:
    before, after = cleared(offers, demand, 60), cleared([*offers, extra], demand, 60)
    assert sold([*offers, extra], after) >= sold(offers, before)
    if sold(offers, before) == demand:
        assert after[0] <= before[0]


@given(OFFERS, DEMAND, CEILING, st.randoms(use_true_random=False))
def test_the_order_of_offers_does_not_matter(offers: list[Offer], demand: int, ceiling: int, random: object) -> None:
    shuffled = random.sample(offers, len(offers))
    assert cleared(shuffled, demand, ceiling) == cleared(offers, demand, ceiling)


def test_nothing_trades_without_offers_or_above_the_ceiling() -> None:
    assert cleared([], 10, 60) == (-1, 0)
    assert cleared([Offer(31, 5)], 10, 30) == (-1, 0)
    assert cleared([Offer(30, 5)], 10, 30) == (30, 5)


REGIONS = 3
SPREAD_OFFERS = st.lists(
    st.builds(RegionalOffer, region=st.integers(0, REGIONS - 1), tick=st.integers(0, 12), quantity=st.integers(0, 9)),
    max_size=12,
)
WANTED = st.lists(st.integers(0, 20), min_size=REGIONS, max_size=REGIONS)
PREMIUM = st.integers(0, 6)
TOP = st.integers(-1, 15)


class Outcome(NamedTuple):
    """What an auction across regions leaves behind."""

    sold: Ints
    margin: Ints
    dearest: Ints
    balance: Ints
    left: int


def across(offers: list[RegionalOffer], wanted: list[int], anywhere: int, top: int, premium: int) -> Outcome:
    """Clear one auction across regions; `anywhere` is wanted besides what each region wants."""
    supply = np.zeros((1, REGIONS, TICKS), np.int64)
    for region, tick, quantity in offers:
        supply[0, region, tick] += quantity
    balance, left = np.array([wanted]), np.array([sum(wanted) + anywhere])
    sales, margin, dearest = np.full_like(supply, 9), np.full((1, REGIONS), 9), np.full((1, REGIONS), 9)
    merit_order.clear(supply, balance, left, top, premium, sales, margin, dearest)
    return Outcome(sales[0], margin[0], dearest[0], balance[0], int(left[0]))


@given(SPREAD_OFFERS, WANTED, st.integers(0, 10), TOP, PREMIUM)
def test_the_auction_across_regions_equals_buying_one_by_one(
    offers: list[RegionalOffer], wanted: list[int], anywhere: int, top: int, premium: int
) -> None:
    result = across(offers, wanted, anywhere, top, premium)
    demand = sum(wanted) + anywhere
    expected = clear_regions_reference(offers, wanted, demand, top, premium)
    assert result.left == demand - expected.total
    for (region, tick), (low, high) in expected.sold.items():
        assert low <= result.sold[region, tick] <= high, (region, tick)
    assert result.sold.sum() == expected.total
    assert result.balance.tolist() == (wanted - result.sold.sum(axis=1)).tolist()


@given(SPREAD_OFFERS, WANTED, st.integers(0, 10), TOP, PREMIUM)
def test_no_region_leaves_a_cheaper_offer_unsold(
    offers: list[RegionalOffer], wanted: list[int], anywhere: int, top: int, premium: int
) -> None:
    result = across(offers, wanted, anywhere, top, premium)
    if sum(wanted) + anywhere == 0:
        assert result.margin.tolist() == [-1] * REGIONS
        return
    assert result.margin.max() - result.margin.min() <= premium
    for region, tick, quantity in offers:
        if quantity and tick < result.margin[region]:
            assert result.sold[region, tick] == sum(o.quantity for o in offers if o[:2] == (region, tick))
        if tick > result.margin[region]:
            assert result.sold[region, tick] == 0
    for region in range(REGIONS):
        selling = np.flatnonzero(result.sold[region])
        assert result.dearest[region] == max(selling, default=-1)


@given(SPREAD_OFFERS, WANTED, TOP, PREMIUM, st.integers(0, REGIONS - 1), st.integers(1, 10))
def test_more_demand_anywhere_lowers_no_price(
    offers: list[RegionalOffer], wanted: list[int], top: int, premium: int, where: int, more: int
) -> None:
    greater = [quantity + more * (region == where) for region, quantity in enumerate(wanted)]
    before, after = across(offers, wanted, 0, top, premium), across(offers, greater, 0, top, premium)
    assert np.all(after.margin >= before.margin)
    assert after.sold.sum() >= before.sold.sum()


@settings(max_examples=30)
@given(SPREAD_OFFERS, WANTED, TOP, PREMIUM)
def test_no_other_sales_are_better(offers: list[RegionalOffer], wanted: list[int], top: int, premium: int) -> None:
    result, outside = across(offers, wanted, 0, top, premium), top + 0.5
    exported = int(np.maximum(-result.balance, 0).sum())
    borne = (result.sold * np.arange(TICKS)).sum() + premium * exported + outside * result.left
    assert borne == pytest.approx(least_borne_reference(offers, wanted, premium, outside), abs=1e-6)


@given(SPREAD_OFFERS, WANTED, TOP)
def test_without_a_premium_regions_are_one_market(offers: list[RegionalOffer], wanted: list[int], top: int) -> None:
    apart, together = across(offers, wanted, 0, top, 0), across(offers, [0] * REGIONS, sum(wanted), top, 0)
    pooled = cleared([Offer(tick, quantity) for _, tick, quantity in offers], sum(wanted), top)
    assert np.all(together.margin == (max(top, -1) if together.left else pooled[0]))
    assert together.dearest.max() == pooled[0]
    assert apart.sold.sum(axis=0).tolist() == together.sold.sum(axis=0).tolist()
    assert apart.left == together.left


@given(st.lists(st.integers(0, 2**40), min_size=REGIONS, max_size=REGIONS), st.integers(0, 2**42))
def test_the_margin_is_rationed_pro_rata_across_regions(quantities: list[int], demand: int) -> None:
    offers = [RegionalOffer(region, 5, quantity) for region, quantity in enumerate(quantities)]
    result, total = across(offers, [0] * REGIONS, demand, 9, 3), sum(quantities)
    assert result.sold.sum() == min(demand, total)
    for region, quantity in enumerate(quantities):
        fair = Fraction(quantity * min(demand, total), max(total, 1))
        assert abs(int(result.sold[region, 5]) - fair) <= 1


#: A posted price, on or beside a tick, and offers around it.
POSTED = st.sampled_from([0, 1, 1700, TICKS - 2, TICKS - 1]).flatmap(
    lambda tick: st.tuples(
        st.sampled_from([0.9, 0.9999, 1.0, 1.0001, 1.1]).map(lambda factor: float(PRICES[tick]) * factor),
        st.lists(
            st.tuples(
                st.integers(0, 1), st.integers(max(tick - 2, 0), min(tick + 2, TICKS - 1)), st.integers(0, 2**40)
            ),
            max_size=9,
        ),
    )
)


@given(POSTED, st.one_of(st.just(0), st.integers(0, 2**42)))
def test_a_posted_price_shares_demand_among_all_it_covers(
    posted: tuple[float, list[tuple[int, int, int]]], demand: int
) -> None:
    price, offers = posted
    supply = np.zeros((1, 2, TICKS), np.int64)
    for region, tick, quantity in offers:
        supply[0, region, tick] += quantity
    sales, offered = np.full_like(supply, 9), np.full(1, 9)
    merit_order.sell_at_one_price(supply, np.array([price]), np.array([demand]), sales, offered)
    covered = np.where(price >= PRICES, supply[0], 0)
    total = int(covered.sum())
    assert offered[0] == total
    assert sales.sum() <= demand
    for region, tick, _ in offers:
        fair = Fraction(int(covered[region, tick]) * min(demand, total), max(total, 1))
        assert fair - 1 <= int(sales[0, region, tick]) <= fair


def test_the_grid_is_what_it_says() -> None:
    assert PRICES[0] == pytest.approx(1e-5)
    assert PRICES[-1] == pytest.approx(1.3e2, rel=1e-2)
    assert PRICES[1:] / PRICES[:-1] == pytest.approx(np.full(TICKS - 1, 1.004), rel=1e-5)


@pytest.mark.jit
def test_every_price_of_the_grid_is_its_own_tick() -> None:
    assert [merit_order.price_of_tick(t) for t in range(TICKS)] == PRICES.tolist()
    prices = np.zeros((2, TICKS // 2))
    merit_order.prices_of(np.arange(TICKS).reshape(2, -1), prices)
    assert prices.ravel().tolist() == PRICES.tolist()
    ticks = np.zeros(TICKS, np.int64)
    merit_order.ticks_of(PRICES, ticks)
    assert ticks.tolist() == list(range(TICKS))


@given(ON_THE_GRID)
def test_the_tick_of_a_price_is_the_first_that_reaches_it(price: float) -> None:
    tick = merit_order.tick_at(price)
    assert tick == find_tick_reference(price, PRICES)
    assert PRICES[tick] * (1.0 + TOLERANCE) >= price
    assert tick == 0 or PRICES[tick - 1] < price


@given(ON_THE_GRID, st.floats(1.0, 1.1))
def test_a_higher_price_has_no_lower_tick(price: float, factor: float) -> None:
    assert merit_order.tick_at(price * factor) >= merit_order.tick_at(price)


@pytest.mark.parametrize("price", [0.0, 1e-300, 1e-9])
def test_prices_below_the_grid_go_to_its_foot(price: float) -> None:
    assert merit_order.tick_at(price) == 0


@pytest.mark.parametrize("price", [131.0, 1e6, 1e300])
def test_prices_above_the_grid_go_to_its_top(price: float) -> None:
    assert merit_order.tick_at(price) == TICKS - 1
