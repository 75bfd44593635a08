"""The merit order: the price grid, and the auction against a sorted list of offers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import merit_order
from catallaxy.numba_kernels.merit_order import TICKS
from oracles.markets import TOLERANCE, Offer, clear_auction_reference, find_tick_reference, list_prices_reference

PRICES = list_prices_reference()
OFFERS = st.lists(st.builds(Offer, tick=st.integers(0, 60), quantity=st.integers(0, 2**40)), max_size=30)
DEMAND = st.one_of(st.integers(0, 2**42), st.just(2**62))
CEILING = st.integers(0, 60)
ON_THE_GRID = st.floats(1e-5, 129.0)


def cleared(offers: list[Offer], demand: int, ceiling: int) -> tuple[int, int]:
    """Return marginal tick and quantity at the margin; the auction runs as the second of two networks."""
    supply = np.zeros((2, TICKS), np.int64)
    for tick, quantity in offers:
        supply[1, tick] += quantity
    marginal, rationed = np.full(2, 9), np.full(2, 9)
    merit_order.clear(supply, np.array([0, demand]), np.array([5, ceiling]), marginal, rationed)
    assert (marginal[0], rationed[0]) == (-1, 0)
    return int(marginal[1]), int(rationed[1])


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


def test_the_grid_is_what_it_says() -> None:
    assert PRICES[0] == pytest.approx(1e-5)
    assert PRICES[-1] == pytest.approx(1.3e2, rel=1e-2)
    assert PRICES[1:] / PRICES[:-1] == pytest.approx(np.full(TICKS - 1, 1.004), rel=1e-5)


@pytest.mark.jit
def test_every_price_of_the_grid_is_its_own_tick() -> None:
    assert [merit_order.price_of_tick(t) for t in range(TICKS)] == PRICES.tolist()
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
