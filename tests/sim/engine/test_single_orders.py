"""Order books and call auctions in a running economy: nothing is lost, and nobody's place in a table matters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.agents.population import Ints, Population
from catallaxy.numba_kernels import order_columns as columns
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.engine.single_orders import check_routes
from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.markets.venues import OrderBook, OrderPool
from catallaxy.sim.scenario.loading import load

pytestmark = [pytest.mark.jit, pytest.mark.whole]

SMALL = {"populations.users.count": 300, "populations.speculators.count": 100, "populations.compute_nodes.count": 30}
BOOK: dict[str, Any] = {"kind": "order-book", "lifetime": 4}
AUCTION: dict[str, Any] = {"kind": "call-auction"}
POOL: dict[str, Any] = {"kind": "constant-product"}


def shared(*venues: dict[str, Any]) -> list[dict[str, Any]]:
    """Return venues with equal shares of orders and liquidity."""
    part = 1.0 / len(venues)
    return [{"share": part, "liquidity": part, **venue} for venue in venues]


MIXES = {
    "book": [BOOK],
    "auction": [AUCTION],
    "two books": shared(BOOK, {"kind": "order-book", "tolerance": 0.02}),
    "all": shared(BOOK, POOL, AUCTION, {"kind": "price-impact"}),
}


def engine(venues: list[dict[str, Any]], steps: int = 20, **sets: Any) -> Engine:
    return Engine(load("minimal", sets={**SMALL, "steps": steps, "networks.alpha.venues": venues, **sets}))


def pools_of(engine: Engine) -> list[tuple[Any, OrderPool]]:
    pairs = zip(engine.economy.specs[0].venues, engine.economy.pools[0], strict=True)
    return [(venue, pool) for venue, pool in pairs if isinstance(pool, OrderPool)]


@pytest.mark.parametrize("mix", MIXES)
def test_the_order_of_rows_and_threads_do_not_matter(mix: str) -> None:
    plain, mixed = engine(MIXES[mix]), engine(MIXES[mix])
    twice = Engine(plain.scenario, threads=2)
    chance = np.random.default_rng(5)
    for population in mixed.economy.populations.values():
        population.permute(chance.permutation(len(population)))
    for one in (plain, mixed, twice):
        one.run()
    first = plain.record()
    for other in (mixed.record(), twice.record()):
        assert [name for name, x in first.series.items() if x.tobytes() != other.series[name].tobytes()] == []
        assert other.flows == first.flows


@pytest.mark.parametrize("mix", MIXES)
def test_nothing_is_negative_or_crossed_and_reserves_are_where_the_books_say(mix: str) -> None:
    running = engine(MIXES[mix], steps=40)
    economy = running.economy
    while not running.finished:
        running.step()
        stocks = dict(zip(economy.ledger.sectors, economy.stocks().T, strict=True))
        assert all((held >= 0).all() for name, held in stocks.items() if name not in {"outside world", "minting"})
        for population in economy.populations.values():
            for name in ("usd", "tokens"):
                assert (population.columns.get(name, np.zeros(1)) >= 0).all(), (population.name, name)
        for venue, pool in pools_of(running):
            assert pool.usd > 0
            assert pool.tokens > 0
            assert not pool.market.cash.any()
            if isinstance(venue, OrderBook):
                assert pool.engine.state[0] < pool.engine.state[1]
                assert venue.held(pool) == reserved(pool)
    assert economy.ledger.steps_checked == 40
    assert {"token purchases", "token sales"} <= {row.flow for row in running.record().flows}


def reserved(pool: OrderPool) -> tuple[int, int]:
    """Count reserves order by order."""
    usd = tokens = 0
    for row in pool.engine.orders.tolist():
        if row[columns.ORDER] and row[columns.AGENT]:
            buys = row[columns.SIDE] == columns.BUY
            usd += row[columns.LOTS] * row[columns.TICK] * pool.tick_value if buys else 0
            tokens += 0 if buys else row[columns.LOTS] * pool.lot_size
    return usd, tokens


@given(
    seed=st.integers(0, 10**6),
    tolerance=st.floats(0.001, 2.0),
    fee=st.floats(0.0, 0.5),
    ticks=st.integers(100, 20_000),
    lifetime=st.integers(1, 6),
    price=st.sampled_from([1e-7, 0.03, 1.0, 40.0, 3e4]),
)
@settings(max_examples=8)
def test_the_audit_holds_whatever_the_parameters(
    seed: int, tolerance: float, fee: float, ticks: int, lifetime: int, price: float
) -> None:
    common = {"tolerance": tolerance, "fee": fee, "ticks_at_start": ticks}
    venues = shared({**BOOK, **common, "lifetime": lifetime}, {**AUCTION, **common})
    sets = {"networks.alpha.token.price": price, "seed": seed}
    record = simulate(engine(venues, steps=6, **sets).scenario)
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    assert np.isfinite(record.series["price"]).all()


def test_orders_are_gone_when_their_time_is_over_and_everything_comes_back() -> None:
    running = engine([{**BOOK, "lifetime": 3}], steps=12)
    held = []
    for step in range(10):
        running.step()
        ((_, pool),) = pools_of(running)
        live = pool.engine.orders[pool.engine.orders[:, columns.ORDER] != 0]
        expiry = live[live[:, columns.AGENT] != 0, columns.EXPIRY]
        assert ((expiry > step) & (expiry <= step + 3)).all()
        held.append(sum(running.economy.stocks()[:, running.economy.ledger.sectors.index("open orders")]))
    assert max(held) > 0
    ((venue, pool),) = pools_of(running)
    reserves = venue.held(pool)
    venue.begin(pool, 20, pool.market.bounds, pool.market.accounts)
    assert (pool.market.cash.sum(), pool.market.tokens.sum()) == reserves == venue.held(pool)
    assert reserved(pool) == (0, 0)


def test_a_price_that_leaves_the_grid_gets_another_lot() -> None:
    running = engine(
        [
            {**BOOK, "lifetime": 50},
        ],
        steps=6,
    )
    ((_, pool),) = pools_of(running)
    running.step()
    lot, state = pool.lot_size, pool.engine.state.copy()
    pool.price, pool.fair = pool.price * 20.0, pool.fair * 20.0
    running.step()
    assert 5_000 < pool.ticks(pool.price) < 20_000
    assert pool.lot_size < lot / 10
    assert pool.engine.state[4] > state[4]
    pool.price, pool.fair = pool.price / 300.0, pool.fair / 300.0
    running.step()
    assert 5_000 < pool.ticks(pool.price) < 20_000
    assert pool.lot_size > lot
    running.run()
    assert running.economy.ledger.steps_checked == 6


def test_a_share_goes_to_each_venue_and_the_batch_gets_the_rest() -> None:
    handed: list[float] = []
    running = engine(
        [
            {**BOOK, "share": 0.25, "liquidity": 0.3},
            {**POOL, "share": 0.25, "liquidity": 0.3},
            {**AUCTION, "share": 0.5, "liquidity": 0.4},
        ],
        steps=1,
    )
    speculators = running.economy.speculators
    route = type(speculators).route

    def watch(k: int, share: float, part: Ints) -> None:
        before = int(np.abs(speculators.order[k]).sum())
        route(speculators, k, share, part)
        handed.append(int(np.abs(part).sum()) / before)

    speculators.route = watch  # type: ignore[method-assign]
    running.step()
    assert handed == [pytest.approx(0.25, rel=1e-3), pytest.approx(0.5 / 0.75, rel=1e-3)]


def test_every_venue_and_every_step_draws_its_own_limits_and_arrivals() -> None:
    running = engine(shared(BOOK, {**BOOK, "tolerance": 0.15}), steps=2)
    seen = []
    for _ in range(2):
        running.step()
        for _, pool in pools_of(running):
            market = pool.market
            orders = market.messages[market.n_messages - market.n_staged : market.n_messages]
            orders = orders[np.isin(orders[:, columns.AGENT] - 5, running.economy.speculators.ids)]
            seen.append(orders[:, columns.AGENT].tolist())
    for number, first in enumerate(seen):
        for second in seen[number + 1 :]:
            both = set(first) & set(second)
            assert len(both) > 50
            assert [agent for agent in first if agent in both] != [agent for agent in second if agent in both]


class Silent(Population):
    """Trades, but only in batches."""

    def orders(self, quotes: Any) -> tuple[list[int], list[int]]:
        return [0], [0]


def test_a_population_that_cannot_hand_over_orders_is_refused_where_nothing_else_is_taken() -> None:
    running = engine([BOOK])
    site = running.economy.speculators.site
    alone = Silent("dealers", site, 1)
    running.economy.populations["dealers"] = alone
    with pytest.raises(CatallaxyError, match=r"'dealers' \(Silent\) cannot trade on network 'alpha'.*`route`"):
        check_routes(running.economy)
    mixed = engine(shared(BOOK, POOL))
    mixed.economy.populations["dealers"] = alone
    check_routes(mixed.economy)


CHANGES = {
    "tolerance": 0.3, "fee": 0.01, "ticks_at_start": 150, "half_spread": 0.02, "levels": 10, "level_step": 0.03,
    "quoted": 0.3, "skew": 2.0, "lifetime": 9, "rationing": "by-time",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["order-book", "call-auction"])
def test_every_parameter_moves_the_price(kind: str) -> None:
    base = simulate(engine([{"kind": kind}], steps=25).scenario).series["price"]
    names = set(type(engine([{"kind": kind}], steps=1).scenario.networks["alpha"].venues[0]).model_fields)
    names -= {"kind", "share", "liquidity", "chain"}
    assert names <= set(CHANGES)
    for name in names:
        changed = simulate(engine([{"kind": kind, name: CHANGES[name]}], steps=25).scenario).series["price"]
        assert not np.array_equal(base, changed), name


@pytest.mark.slow
def test_a_year_on_three_mechanisms_looks_like_a_market() -> None:
    pure = {name: [{"kind": name}] for name in ("constant-product", "order-book", "call-auction")}
    prices = {}
    for name, venues in {**pure, "all": shared(POOL, BOOK, AUCTION)}.items():
        record = simulate(load("minimal", sets={"networks.alpha.venues": venues}))
        assert record.status == "complete", record.error
        assert record.audit["steps_checked"] == 365
        prices[name] = record.series["price"][:, 0]
        moves = np.diff(np.log(prices[name]))
        assert 0.015 < moves.std() < 0.12, name
        assert abs(np.corrcoef(moves[1:], moves[:-1])[0, 1]) < 0.2, name
        turnover = record.series["volume_usd"][:, 0] / record.series["depth_usd"][:, 0]
        assert 0.005 < turnover.mean() < 0.5, name
    last = [np.log(price[-60:]).mean() for price in prices.values()]
    assert max(last) - min(last) < 1.0


def test_arbitrage_ties_a_book_to_a_pool_and_leaves_the_auction_alone() -> None:
    spreads = {}
    for count in (0, 5):
        arbitrageurs = {"populations.arbitrageurs": {"count": count}} if count else {}
        running = engine(shared(BOOK, POOL), steps=60, **arbitrageurs)
        running.run()
        spreads[count] = running.record().series["venue_spread"][:, 0]
        assert running.economy.ledger.steps_checked == 60
    assert spreads[5].mean() < 0.5 * spreads[0].mean()
    # Fees of both venues, half a house spread, two margins of 0.3 % at most, and what two transactions cost.
    assert np.quantile(spreads[5], 0.9) < 0.003 + 0.003 + 0.003 + 0.006 + 0.02
    three = engine(shared(BOOK, POOL, AUCTION), steps=20, **{"populations.arbitrageurs": {"count": 5}})
    three.run()
    assert three.economy.ledger.steps_checked == 20
