"""What every venue must do that matches orders singly: inherit `OrderVenueContract`, give it a venue, and run pytest.

class TestMyVenue(OrderVenueContract):
    @pytest.fixture
    def venue(self):
        return MyVenue(kind="my_rules:MyVenue")
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.numba_kernels.random import step_key
from catallaxy.sim.markets.venues import OrderPool, OrderVenue
from catallaxy.sim.markets.venues.order_pool import AT_ONCE, FIRST_AGENT
from contracts.plugin_contract import PluginContract, any_input

USD, TOKENS = 3 * 10**12, 10**15
PRICE = USD / TOKENS
AGENTS = 12


@dataclass(frozen=True)
class Wish:
    """An amount (micro-USD if positive, base units if negative), and a limit relative to the price; 0: drawn."""

    amount: int
    limit: float


AMOUNTS = st.one_of(
    st.just(0), st.integers(1, 10**12), st.integers(-(10**15), -1), st.integers(-(10**4), 10**4), st.just(4 * 10**12)
)
WISHES = st.lists(
    st.builds(Wish, AMOUNTS, st.one_of(st.just(0.0), st.floats(0.2, 5.0))), min_size=AGENTS, max_size=AGENTS
)
STEPS = st.lists(WISHES, min_size=1, max_size=3)


class Traders:
    """Agents who trade on one venue, and nobody else.

    Attributes
    ----------
    usd, tokens : int64[n]
        What each has given or got in all.
    """

    def __init__(self, venue: OrderVenue, seed: int = 1) -> None:
        self.venue, self.pool, self.seed, self.step = venue, venue.open(USD, TOKENS), seed, 0
        self.usd, self.tokens = np.zeros((2, AGENTS), np.int64)

    def trade(self, wishes: list[Wish], order: list[int] | None = None) -> None:
        """Hand over orders, in some order of rows, and let the venue match them."""
        self.step += 1
        bounds = np.array([0, 1, 2, 3, AT_ONCE, FIRST_AGENT], np.int64)
        self.venue.begin(self.pool, self.step, bounds, FIRST_AGENT + AGENTS)
        ids = np.array(order or range(AGENTS), np.int64)
        part = np.array([wishes[i].amount for i in ids], np.int64)
        limit = np.array([self.pool.ticks(wishes[i].limit * PRICE) for i in ids])
        keys = (step_key(self.seed, 13, self.step), step_key(self.seed, 14, self.step))
        handed = self.venue.collect(self.pool, self.step, keys, ids, part, limit)
        assert handed == (int(np.maximum(part, 0).sum()), int(np.maximum(-part, 0).sum()))
        self.venue.match(self.pool)
        self.collect_accounts()

    def collect_accounts(self) -> None:
        """Empty the accounts."""
        market = self.pool.market
        self.usd += market.cash[FIRST_AGENT:]
        self.tokens += market.tokens[FIRST_AGENT:]
        market.cash[:] = market.tokens[:] = 0
        market.undistributed = False


class OrderVenueContract(PluginContract):
    """Conformance tests of one venue."""

    @pytest.fixture
    def venue(self) -> OrderVenue:
        raise NotImplementedError("override the fixture `venue` with the venue under test")

    @pytest.fixture
    def plugin(self, venue: OrderVenue) -> Plugin:
        return venue

    def test_opens_with_what_it_is_given(self, venue: OrderVenue) -> None:
        pool = venue.open(USD, TOKENS)
        assert (pool.usd, pool.tokens) == (USD, TOKENS)
        assert pool.price == pytest.approx(PRICE)
        assert venue.held(pool) == (0, 0)
        assert venue.depth_usd(pool) == USD

    @any_input
    @given(STEPS)
    def test_nothing_is_made_or_lost(self, venue: OrderVenue, steps: list[list[Wish]]) -> None:
        traders = Traders(venue)
        for wishes in steps:
            traders.trade(wishes)
            held = venue.held(traders.pool)
            assert traders.pool.usd + int(traders.usd.sum()) + held[0] == USD
            assert traders.pool.tokens + int(traders.tokens.sum()) + held[1] == TOKENS
            assert min(traders.pool.usd, traders.pool.tokens, *held) >= 0
            assert traders.pool.price > 0.0

    @any_input
    @given(WISHES)
    def test_nobody_gives_more_than_was_handed_over_or_trades_beyond_the_limit(
        self, venue: OrderVenue, wishes: list[Wish]
    ) -> None:
        traders = Traders(venue)
        traders.trade(wishes)
        for _ in range(5):
            traders.trade([Wish(0, 0.0)] * AGENTS)
        for wish, usd, tokens in zip(wishes, traders.usd.tolist(), traders.tokens.tolist(), strict=True):
            assert usd >= -max(wish.amount, 0)
            assert tokens >= -max(-wish.amount, 0)
            if wish.limit and wish.amount > 0:
                assert -usd <= tokens * wish.limit * PRICE * (1.0 + venue.fee) * (1 + 1e-9) + AGENTS * 2
            elif wish.limit and wish.amount < 0:
                assert usd >= -tokens * wish.limit * PRICE * (1.0 - venue.fee) * (1 - 1e-9) - AGENTS * 2

    @any_input
    @given(STEPS, st.permutations(range(AGENTS)))
    def test_rows_have_no_order(self, venue: OrderVenue, steps: list[list[Wish]], order: list[int]) -> None:
        plain, mixed = Traders(venue), Traders(venue)
        for wishes in steps:
            plain.trade(wishes)
            mixed.trade(wishes, order)
        assert (plain.pool.usd, plain.pool.tokens, plain.pool.price) == (
            mixed.pool.usd,
            mixed.pool.tokens,
            mixed.pool.price,
        )
        np.testing.assert_array_equal(plain.usd, mixed.usd)
        np.testing.assert_array_equal(plain.tokens, mixed.tokens)

    def test_the_price_stays_without_orders(self, venue: OrderVenue) -> None:
        traders = Traders(venue)
        for _ in range(5):
            traders.trade([Wish(0, 0.0)] * AGENTS)
        assert traders.pool.price == pytest.approx(PRICE, rel=2.0 / venue.ticks_at_start)
        assert (traders.pool.usd, traders.pool.tokens) == (USD, TOKENS)

    @any_input
    @given(st.integers(10**11, 10**12))
    def test_buyers_raise_and_sellers_lower_the_price(self, venue: OrderVenue, size: int) -> None:
        buyers, sellers = Traders(venue), Traders(venue)
        for _ in range(3):
            buyers.trade([Wish(size, 3.0)] * AGENTS)
            sellers.trade([Wish(-int(size / PRICE), 0.3)] * AGENTS)
        assert sellers.pool.price < PRICE < buyers.pool.price

    @any_input
    @given(WISHES, st.integers(1, 10**13), st.booleans())
    def test_a_trade_at_once_gives_what_was_quoted_and_costs_the_round_trip(
        self, venue: OrderVenue, wishes: list[Wish], size: int, buys: bool
    ) -> None:
        traders = Traders(venue)
        traders.trade(wishes)
        asked = {"usd": size} if buys else {"tokens": int(size / PRICE)}
        before = state_of(traders.pool, venue)
        quote = venue.quote(traders.pool, **asked)
        assert venue.quote(traders.pool, **asked) == quote
        assert state_of(traders.pool, venue) == before
        trade = venue.trade(traders.pool, **asked)
        assert trade == quote
        assert (trade.usd, trade.tokens) <= (asked.get("usd", 0), asked.get("tokens", 0))
        back = venue.trade(traders.pool, **({"tokens": trade.tokens_out} if buys else {"usd": trade.usd_out}))
        traders.collect_accounts()
        given, got = trade.plus(back), venue.held(traders.pool)
        assert traders.pool.usd + int(traders.usd.sum()) + got[0] + given.usd_out - given.usd == USD
        assert traders.pool.tokens + int(traders.tokens.sum()) + got[1] + given.tokens_out - given.tokens == TOKENS
        assert back.usd_out <= trade.usd
        assert back.tokens_out <= trade.tokens


def state_of(pool: OrderPool, venue: OrderVenue) -> tuple[int, int, float, tuple[int, int]]:
    """Return what a quote must leave alone."""
    return pool.usd, pool.tokens, pool.price, venue.held(pool)
