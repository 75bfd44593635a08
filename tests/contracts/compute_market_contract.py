"""What every compute market must do: inherit `ComputeMarketContract`, give it a market, and run pytest.

class TestMyMarket(ComputeMarketContract):
    @pytest.fixture
    def market(self):
        return MyMarket(kind="my_rules:MyMarket")
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy import numba_kernels as nk
from catallaxy.agents.plugins import Plugin
from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.markets.services import ComputeClearing, ComputeMarket
from contracts.plugin_contract import PluginContract, any_input

NETWORKS, REGIONS = 2, 2
EXACT = 1e-9
#: Offers, demand, ceiling and last price; GPU-hours cost from three cents to twenty dollars.
OFFERS = st.lists(
    st.tuples(
        st.integers(0, NETWORKS - 1), st.integers(0, REGIONS - 1), st.integers(2000, 3600), st.integers(0, 2**40)
    ),
    max_size=12,
)
DEMAND = st.lists(st.one_of(st.just(0), st.integers(0, 2**42)), min_size=NETWORKS, max_size=NETWORKS)
PRICE = st.floats(0.05, 15.0)


def supply_of(offers: list[tuple[int, int, int, int]]) -> Ints:
    """Sum offers of (network, region, tick, quantity)."""
    supply = np.zeros((NETWORKS, REGIONS, nk.merit_order.TICKS), np.int64)
    for network, region, tick, quantity in offers:
        supply[network, region, tick] += quantity
    return supply


def cleared(market: ComputeMarket, supply: Ints, demand: list[int], ceiling: float, last: float) -> ComputeClearing:
    """Clear a market whose last price was the same everywhere."""
    return market.clear(supply, np.array(demand, np.int64), ceiling, np.full(supply.shape[:2], last))


def paid_by_tick(clearing: ComputeClearing) -> Floats:
    """Return what is paid at every tick, float64[K, R, TICKS]."""
    return np.broadcast_to(clearing.paid, clearing.sold.shape)


class ComputeMarketContract(PluginContract):
    """Conformance tests of one compute market."""

    @pytest.fixture
    def market(self) -> ComputeMarket:
        raise NotImplementedError("override the fixture `market` with the compute market under test")

    @pytest.fixture
    def plugin(self, market: ComputeMarket) -> Plugin:
        return market

    def test_nodes_ask_for_and_keep_shares_of_the_gain(self, market: ComputeMarket) -> None:
        for share in market.bidding:
            assert 0.0 <= share <= 1.0

    @any_input
    @given(OFFERS, DEMAND, PRICE, PRICE)
    def test_answers_in_numbers_for_every_region(
        self, market: ComputeMarket, offers: Any, demand: list[int], ceiling: float, last: float
    ) -> None:
        supply = supply_of(offers)
        clearing = cleared(market, supply, demand, ceiling, last)
        assert clearing.sold.shape == supply.shape
        assert clearing.sold.dtype == np.int64
        assert clearing.paid.shape in {(*supply.shape[:2], 1), supply.shape}
        assert clearing.reference.shape == supply.shape[:2]
        for prices in (clearing.paid, clearing.reference):
            assert np.all(np.isfinite(prices) & (prices > 0.0))

    @any_input
    @given(OFFERS, DEMAND, PRICE, PRICE)
    def test_leaves_its_arguments_alone_and_answers_the_same_again(
        self, market: ComputeMarket, offers: Any, demand: list[int], ceiling: float, last: float
    ) -> None:
        arguments = (supply_of(offers), np.array(demand), ceiling, np.full((NETWORKS, REGIONS), last))
        before = [np.copy(argument) for argument in arguments]
        once, again = market.clear(*arguments), market.clear(*arguments)
        for argument, copy in zip(arguments, before, strict=True):
            np.testing.assert_array_equal(argument, copy)
        for name in ("sold", "paid", "reference"):
            np.testing.assert_array_equal(getattr(once, name), getattr(again, name))

    @any_input
    @given(OFFERS, DEMAND, PRICE, PRICE)
    def test_sells_no_more_than_is_offered_or_wanted(
        self, market: ComputeMarket, offers: Any, demand: list[int], ceiling: float, last: float
    ) -> None:
        supply = supply_of(offers)
        sold = cleared(market, supply, demand, ceiling, last).sold
        assert np.all((sold >= 0) & (sold <= supply))
        assert np.all(sold.sum(axis=(1, 2)) <= demand)

    @any_input
    @given(OFFERS, DEMAND, PRICE, PRICE)
    def test_nobody_is_paid_less_than_its_quote_or_more_than_the_ceiling(
        self, market: ComputeMarket, offers: Any, demand: list[int], ceiling: float, last: float
    ) -> None:
        clearing = cleared(market, supply_of(offers), demand, ceiling, last)
        network, region, tick = np.nonzero(clearing.sold)
        paid = paid_by_tick(clearing)[network, region, tick]
        quotes = np.array([nk.merit_order.price_of_tick(t) for t in tick.tolist()])
        assert np.all(paid >= quotes * (1.0 - EXACT))
        assert np.all(paid <= ceiling * (1.0 + EXACT))

    @any_input
    @given(OFFERS, PRICE, PRICE)
    def test_sells_nothing_that_nobody_wants(
        self, market: ComputeMarket, offers: Any, ceiling: float, last: float
    ) -> None:
        assert not cleared(market, supply_of(offers), [0] * NETWORKS, ceiling, last).sold.any()

    @any_input
    @given(OFFERS, DEMAND, st.integers(0, 2**40), PRICE, PRICE)
    def test_more_demand_sells_no_less_and_lowers_no_price(
        self, market: ComputeMarket, offers: Any, demand: list[int], more: int, ceiling: float, last: float
    ) -> None:
        supply = supply_of(offers)
        few = cleared(market, supply, demand, ceiling, last)
        many = cleared(market, supply, [quantity + more for quantity in demand], ceiling, last)
        hours = [clearing.sold.sum(axis=(1, 2)) for clearing in (few, many)]
        assert np.all(hours[1] >= hours[0])
        trading = hours[0] > 0
        assert np.all(many.reference[trading] >= few.reference[trading] * (1.0 - EXACT))

    @any_input
    @given(OFFERS, DEMAND, PRICE, PRICE)
    def test_networks_are_markets_of_their_own(
        self, market: ComputeMarket, offers: Any, demand: list[int], ceiling: float, last: float
    ) -> None:
        supply = supply_of(offers)
        together = cleared(market, supply, demand, ceiling, last)
        alone = cleared(market, supply[1:].copy(), demand[1:], ceiling, last)
        for name in ("sold", "paid", "reference"):
            np.testing.assert_array_equal(getattr(together, name)[1:], getattr(alone, name))
