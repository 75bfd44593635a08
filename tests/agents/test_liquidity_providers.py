"""Liquidity providers: depth follows fees and risk, and their books close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.agents.lanes import Lanes
from catallaxy.agents.liquidity_providers import LiquidityProviders, LiquidityProvidersSpec
from catallaxy.agents.population import AGENT_KINDS, Fills, Site
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.errors import AuditError
from catallaxy.sim.markets.venues import VENUES, Curve, CurvePool
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.state.provision import Liquidity

PRICE, TOKENS = 0.003, 10**14
KINDS = ("constant-product", "weighted", "concentrated")


class Provision:
    """What `economy.provision` offers on one network, without books."""

    def __init__(self, *kinds: str) -> None:
        self.rules: list[Curve] = []
        self.pools: list[CurvePool] = []
        for kind in kinds:
            rule = VENUES.build({"kind": kind})
            assert isinstance(rule, Curve)
            pool = rule.open(rule.opening_usd(TOKENS, PRICE), TOKENS)
            assert isinstance(pool, CurvePool)
            self.rules.append(rule)
            self.pools.append(pool)

    def venues(self, _k: int) -> list[int]:
        return list(range(len(self.rules)))

    def liquidity(self, _k: int, venue: int) -> Liquidity:
        pool = self.pools[venue]
        exposure = self.rules[venue].exposure(pool)
        return Liquidity(pool.usd, pool.tokens, pool.shares, pool.price, pool.earned, exposure)

    def deposit(self, _k: int, venue: int, _provider: str, shares: int, usd: int, tokens: int) -> None:
        self.rules[venue].issue(self.pools[venue], shares, usd, tokens)

    def withdraw(self, _k: int, venue: int, _provider: str, shares: int) -> tuple[int, int]:
        return self.rules[venue].withdraw(self.pools[venue], shares)


class Economy:
    """As much of an economy as liquidity providers look at."""

    k = 1

    def __init__(self, provision: Provision) -> None:
        self.provision = provision


def providers(**parameters: Any) -> LiquidityProviders:
    given_ = {"count": 40, "speed": {"per_day": 1.0}, **parameters}
    spec = AGENT_KINDS.build({"kind": "liquidity_providers", **given_})
    assert isinstance(spec, LiquidityProvidersSpec)
    site = Site(np.uint64(3), 0, 1, np.array([10**9]), np.array([3.0]), 1.0, Lanes())
    return spec.build("providers", site)


def fill(population: LiquidityProviders, price: float = PRICE) -> None:
    population.settle(Fills(np.array([1.0 / price]), np.array([price])))


def lived(population: LiquidityProviders, provision: Provision, fees: float, move: float, steps: int = 60) -> float:
    """Return the part of the first pool that providers own after some steps with these fees and price moves."""
    economy = Economy(provision)
    for step in range(steps):
        for pool in provision.pools:
            pool.earned += fees
            pool.price *= np.exp(move if step % 2 else -move)
        population.on_token_market(economy)
        fill(population)
    return 1.0 - provision.pools[0].house / provision.pools[0].shares


def test_higher_fees_make_a_deeper_pool_and_higher_volatility_a_shallower_one() -> None:
    def part(fees: float, move: float) -> float:
        return lived(providers(), Provision("constant-product"), fees, move)

    by_fees = [part(fees, 0.02) for fees in (0.0, 0.0004, 0.001, 0.003)]
    assert by_fees[0] == 0.0
    assert by_fees[1] < by_fees[2] < by_fees[3]
    by_risk = [part(0.002, move) for move in (0.0, 0.05, 0.1, 0.3)]
    assert by_risk[0] > by_risk[1] > by_risk[2] > by_risk[3] == 0.0


def test_a_higher_hurdle_keeps_capital_out() -> None:
    parts = [lived(providers(hurdle=hurdle), Provision("weighted"), 0.001, 0.0) for hurdle in (0.0, 0.2, 0.36)]
    assert parts[0] > parts[1] > parts[2] > 0.0
    assert lived(providers(hurdle=0.37), Provision("weighted"), 0.001, 0.0) == 0.0


def test_capital_goes_where_it_pays_best() -> None:
    provision, population = Provision("constant-product", "concentrated"), providers()
    for _ in range(20):
        provision.pools[1].earned += 0.002
        population.on_token_market(Economy(provision))
        fill(population)
    assert set(population.venue) == {1}
    assert provision.pools[0].house == provision.pools[0].shares
    assert provision.pools[1].house < provision.pools[1].shares


@pytest.mark.parametrize("kind", KINDS)
def test_when_all_have_gone_the_house_has_what_it_had(kind: str) -> None:
    provision, population = Provision(kind), providers(memory_days=1.0)
    before, pool = provision.liquidity(0, 0), provision.pools[0]
    assert lived(population, provision, 0.003, 0.0, steps=30) > 0.01
    pool.price = before.price
    for _ in range(60):
        population.on_token_market(Economy(provision))
        fill(population)
    assert population.shares.sum() == population.tokens.sum() == 0
    assert pool.shares == pool.house == before.shares
    assert before.usd <= pool.usd <= before.usd * (1 + 1e-9) + 10_000
    assert before.tokens <= pool.tokens <= before.tokens * (1 + 1e-9) + 10_000


@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.floats(0.0, 0.01), st.floats(-0.5, 0.5)), min_size=1, max_size=12),
    st.floats(0.01, 1e9),
)
@settings(max_examples=25)
def test_what_providers_give_the_pool_gets(kind: str, history: list[tuple[float, float]], cash: float) -> None:
    provision, population = Provision(kind), providers(cash=cash, count=7)
    pool, rule = provision.pools[0], provision.rules[0]
    for fees, traded in history:
        pool.earned += fees
        rule.trade(pool, int(max(traded, 0.0) * pool.usd), int(max(-traded, 0.0) * pool.tokens))
        usd = pool.usd + population.usd_total()
        tokens = pool.tokens + int(population.token_totals()[0])
        population.on_token_market(Economy(provision))
        assert pool.usd + population.usd_total() == usd
        assert pool.tokens + int(population.token_totals()[0]) == tokens
        assert population.pool_shares(0, 0) + pool.house == pool.shares
        for name in ("usd", "tokens", "shares"):
            assert population.columns[name].min() >= 0
        fill(population, pool.price)


def scenario(fee: float = 0.02, kinds: tuple[str, ...] = KINDS, **sets: Any) -> Any:
    count = len(kinds)
    venues = [
        {"kind": kind, "fee": fee, "liquidity": 1 / count, "share": 1 / count if number else 1 - (count - 1) / count}
        for number, kind in enumerate(kinds)
    ]
    traders = {"kind": "arbitrageurs", "count": 2, "cash": 1e6, "margin": 0.0005}
    owners = {"kind": "liquidity_providers", "count": 30, "memory_days": 5, "speed": {"per_day": 0.5}}
    few = {"populations.traders": traders, "populations.owners": owners, "drivers.transaction_cost": 0.0}
    return load("minimal", sets={"steps": 60, "networks.alpha.venues": venues, **few, **sets})


def complete(record: RunRecord) -> RunRecord:
    assert record.status == "complete", record.error
    return record


@pytest.mark.jit
@pytest.mark.slow
def test_three_curves_on_one_token_are_tied_and_depth_follows_the_fee() -> None:
    cheap, dear = (complete(simulate(scenario(fee))) for fee in (0.005, 0.03))
    for record, fee in ((cheap, 0.005), (dear, 0.03)):
        band = -2.0 * np.log(1.0 - fee) + np.log(1.0005)
        assert 0.5 * band < record.series["venue_spread"].max() <= 1.01 * band
    assert dear.series["provided_usd"].mean() > 2.0 * cheap.series["provided_usd"].mean()
    assert dear.series["provided_usd"].max() > 10_000.0
    assert dear.series["pool_fees"].sum() > 2.0 * cheap.series["pool_fees"].sum()
    assert any(row.flow == "liquidity withdrawal" for row in dear.flows)
    assert any(row.population == "owners" and row.total_usd != 0.0 for row in dear.income)


@pytest.mark.jit
def test_the_order_of_providers_does_not_matter() -> None:
    first, second = Engine(scenario()), Engine(scenario())
    owners = second.economy.populations["owners"]
    owners.permute(np.random.default_rng(2).permutation(len(owners)))
    for engine in (first, second):
        engine.run()
    one, other = first.record(), second.record()
    assert [name for name in one.series if one.series[name].tobytes() != other.series[name].tobytes()] == []
    assert one.flows == other.flows


@pytest.mark.jit
def test_the_audit_finds_shares_that_nobody_has_issued() -> None:
    engine = Engine(scenario())
    owners = engine.economy.populations["owners"]
    assert isinstance(owners, LiquidityProviders)
    engine.step()
    owners.shares[0] += 5
    with pytest.raises(AuditError, match="shares of venue"):
        engine.economy.provision.audit()


@pytest.mark.jit
def test_where_no_venue_takes_liquidity_providers_wait() -> None:
    record = complete(simulate(scenario(**{"networks.alpha.venues": [{"kind": "price-impact"}], "steps": 5})))
    assert record.series["provided_usd"].max() == 0.0
    with pytest.raises(TypeError, match="has no shares of liquidity"):
        Engine(scenario(**{"networks.alpha.venues": [{"kind": "price-impact"}]})).economy.provision.liquidity(0, 0)
