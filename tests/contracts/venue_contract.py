"""What every token venue must do: inherit `VenueContract`, give it a venue, and run pytest.

    class TestMyVenue(VenueContract):
        @pytest.fixture
        def venue(self):
            return MyVenue(kind="my_rules:MyVenue")

`pool` may be overridden too, for a venue that opens with a curve of its own.
"""

from __future__ import annotations

import copy
import math
import pickle

import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.markets.venues import Clearing, Pool, Trade, Venue
from contracts.plugin_contract import PluginContract, any_input

PRICE, TOKENS = 0.003, 10**15
USD = 3 * 10**12
#: A batch, as shares of what the pool holds.
SIZES = st.one_of(st.just(0.0), st.floats(1e-9, 5.0))
EXACT = 1e-9


def after(venue: Venue, pool: Pool, bid: int, offered: int, clearing: Clearing) -> Pool:
    """Return the pool once a batch has been settled."""
    settled = copy.deepcopy(pool)
    trade = Trade(bid, offered, int(offered * clearing.usd_per_token), int(bid * clearing.tokens_per_usd))
    venue.settle(settled, clearing, trade)
    assert settled.usd == pool.usd + bid - trade.usd_out
    issued = venue.issued(settled) - venue.issued(pool)
    assert settled.tokens == pool.tokens + offered - trade.tokens_out + issued
    return settled


class VenueContract(PluginContract):
    """Conformance tests of one venue."""

    @pytest.fixture
    def venue(self) -> Venue:
        raise NotImplementedError("override the fixture `venue` with the venue under test")

    @pytest.fixture
    def plugin(self, venue: Venue) -> Plugin:
        return venue

    @pytest.fixture
    def pool(self, venue: Venue) -> Pool:
        return venue.open(venue.opening_usd(TOKENS, PRICE), TOKENS)

    def test_opens_with_what_it_is_given(self, venue: Venue, pool: Pool) -> None:
        assert (pool.usd, pool.tokens) == (venue.opening_usd(TOKENS, PRICE), TOKENS)
        assert pool.price == pytest.approx(PRICE)

    @any_input
    @given(SIZES, SIZES)
    def test_leaves_the_pool_alone_and_answers_the_same_again(
        self, venue: Venue, pool: Pool, buying: float, selling: float
    ) -> None:
        before, bid, offered = pickle.dumps(pool), int(buying * USD), int(selling * TOKENS)
        assert venue.clear(pool, bid, offered) == venue.clear(pool, bid, offered)
        assert pickle.dumps(pool) == before

    @any_input
    @given(SIZES, SIZES)
    def test_quotes_are_numbers(self, venue: Venue, pool: Pool, buying: float, selling: float) -> None:
        clearing = venue.clear(pool, int(buying * USD), int(selling * TOKENS))
        for rate in (clearing.tokens_per_usd, clearing.usd_per_token):
            assert math.isfinite(rate)
            assert rate >= 0.0
        assert math.isfinite(clearing.price)
        assert clearing.price > 0.0
        assert isinstance(clearing.bound, bool)

    @any_input
    @given(SIZES, SIZES)
    def test_never_pays_out_more_than_there_is(self, venue: Venue, pool: Pool, buying: float, selling: float) -> None:
        bid, offered = int(buying * USD), int(selling * TOKENS)
        left = after(venue, pool, bid, offered, venue.clear(pool, bid, offered))
        assert left.usd > 0
        assert left.tokens > 0

    @any_input
    @given(SIZES, SIZES)
    def test_buyers_never_get_a_better_price_than_sellers(
        self, venue: Venue, pool: Pool, buying: float, selling: float
    ) -> None:
        clearing = venue.clear(pool, int(buying * USD), int(selling * TOKENS))
        assert clearing.tokens_per_usd * clearing.usd_per_token <= 1.0 + EXACT

    def test_nothing_happens_without_orders(self, venue: Venue, pool: Pool) -> None:
        assert venue.clear(pool, 0, 0).price == pytest.approx(pool.price, rel=EXACT)

    @any_input
    @given(SIZES, SIZES, SIZES)
    def test_more_money_never_lowers_the_price(
        self, venue: Venue, pool: Pool, buying: float, more: float, selling: float
    ) -> None:
        bid, offered = int(buying * USD), int(selling * TOKENS)
        less, greater = venue.clear(pool, bid, offered), venue.clear(pool, bid + int(more * USD), offered)
        assert greater.price >= less.price * (1.0 - EXACT)

    @any_input
    @given(SIZES, SIZES, SIZES)
    def test_more_sales_never_raise_the_price(
        self, venue: Venue, pool: Pool, buying: float, selling: float, more: float
    ) -> None:
        bid, offered = int(buying * USD), int(selling * TOKENS)
        less, greater = venue.clear(pool, bid, offered), venue.clear(pool, bid, offered + int(more * TOKENS))
        assert greater.price <= less.price * (1.0 + EXACT)

    @any_input
    @given(st.floats(1e-9, 2.0))
    def test_buying_and_selling_again_earns_nothing(self, venue: Venue, pool: Pool, size: float) -> None:
        spent = int(size * USD)
        bought = venue.clear(pool, spent, 0)
        tokens = int(spent * bought.tokens_per_usd)
        sold = venue.clear(after(venue, pool, spent, 0, bought), 0, tokens)
        assert int(tokens * sold.usd_per_token) <= spent
