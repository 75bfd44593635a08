"""Populations block by block: nothing lost in a phase, threads and row order without effect, and what moves agents.

What every kind of agent has in common is tested in `test_population_conformance.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy import numba_kernels as nk
from catallaxy.agents.compute_nodes import ComputeNodes, ComputeNodesSpec
from catallaxy.agents.data_providers import DataProviders, DataProvidersSpec
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders, ModelBuildersSpec
from catallaxy.agents.population import AGENT_KINDS, MICRO, Fills, Population, Site, spread_over_networks
from catallaxy.agents.speculators import Beliefs, Speculators, SpeculatorsSpec
from catallaxy.agents.users import Offers, Users, UsersSpec

Ints = npt.NDArray[np.int64]

NETWORKS = 2
KEY = np.uint64(2024)
PRICE = np.array([2.0, 0.5])
BASE = np.array([10**9, 10**6], np.int64)
PRICE_MICRO = PRICE * MICRO / BASE
FILLS = Fills(0.99 / PRICE_MICRO, 0.99 * PRICE_MICRO)


def site_with(lanes: Lanes) -> Site:
    return Site(np.uint64(11), 1000, NETWORKS, BASE, PRICE, 1.0, lanes)


@pytest.fixture
def site() -> Site:
    return site_with(Lanes())


def beliefs(gap: float = 0.2) -> Beliefs:
    trends = np.array([0.01, -0.02]), np.array([0.0, 0.005])
    shocks = np.array([[0.1, -0.1, 0.05], [0.0, 0.2, -0.3]])
    return Beliefs(np.full(NETWORKS, gap), *trends, shocks, np.array([0.6, 0.4]), PRICE_MICRO)


def speculators(site: Site, count: int = 400, **parameters: Any) -> Speculators:
    population = SpeculatorsSpec(kind="speculators", count=count, **parameters).build("speculators", site)
    for k in range(NETWORKS):
        population.endow(k, 10**14)
    return population


def nodes(site: Site, count: int = 200, **parameters: Any) -> ComputeNodes:
    population = ComputeNodesSpec(kind="compute_nodes", count=count, **parameters).build("nodes", site)
    population.fund(0.1)
    return population


def providers(site: Site, count: int = 200, **parameters: Any) -> DataProviders:
    return DataProvidersSpec(kind="data_providers", count=count, **parameters).build("providers", site)


def builders(site: Site, count: int = 30, **parameters: Any) -> ModelBuilders:
    population = ModelBuildersSpec(kind="model_builders", count=count, **parameters).build("builders", site)
    population.expect(np.full(NETWORKS, 1e5), np.full(NETWORKS, 1.0))
    return population


def users(site: Site, count: int = 500, **parameters: Any) -> Users:
    population = UsersSpec(kind="users", count=count, start_share=0.2, **parameters).build("users", site)
    population.adopt(KEY, offers(0.0))
    return population


def offers(openness: float) -> Offers:
    return Offers(np.array([0.8, 1.1]), np.array([0.9, 1.0]), 0.01, 1.0, np.full(NETWORKS, openness))


def wealth(population: Speculators, k: int) -> int:
    return int(
        sum(
            totals[k]
            for totals in (population.token_totals(), population.staked_totals(), population.unbonding_totals())
        )
    )


def trade(population: Speculators) -> list[Any]:
    """Run every phase of a speculator once; return what it tells the engine."""
    told: list[Any] = [population.bet(KEY, beliefs()), population.settle(FILLS)]
    population.reconsider(KEY, 0.3)
    told += [population.move_capital(1.2), population.fundamentalists]
    for k in range(NETWORKS):
        bonds, n, lanes = population.bonds(k), len(population), population.site.lanes
        told.append(lanes(nk.staking.adjust, n, bonds, population.willingness, 0.5, 0.2, 1))
        told.append(lanes(nk.staking.mature, n, bonds, 1))
    return [*told, population.usd_total(), *(wealth(population, k) for k in range(NETWORKS))]


def mine(population: ComputeNodes) -> list[Any]:
    """Run every phase of a compute node once; return what it tells the engine."""
    flat = np.full(NETWORKS, 0.7)
    regime = nk.verification.Regime(np.full(NETWORKS, 0.5), *(np.full(NETWORKS, x) for x in (0.9, 0.01, 0.3, 0.9)))
    population.tokens[:] = 10**12
    population.expected_price[:] = 1.4
    population.expected_busy[:] = 0.7
    told = [population.restake().copy(), population.quote(flat, 0.1, 2.5, 0.5, 0.5).copy()]
    sold, paid = population.supply // 2, np.full((*population.last_price.shape, 1), 2.1)
    told.append(population.deliver(sold, paid, 0.1).copy())
    told.append(population.cheats.decide(regime, PRICE / BASE, 0.1, flat).copy())
    told.append(population.cheats.audit(KEY, regime).copy())
    told.append(population.reward(population.reward_weight(), np.array([10**12, 10**9]), PRICE_MICRO))
    return [values.tolist() for values in told]


def adopt(population: Users) -> list[Any]:
    """Let users choose; return what the engine is told."""
    return population.adopt(KEY, offers(0.5)).tolist()


PHASES: list[tuple[Callable[..., Population], Callable[[Any], list[Any]]]] = [
    (speculators, trade),
    (nodes, mine),
    (users, adopt),
]


@pytest.mark.parametrize(("make", "phases"), PHASES, ids=["speculators", "nodes", "users"])
def test_the_order_of_rows_changes_nothing_that_is_told(
    site: Site, make: Callable[..., Population], phases: Callable[[Any], list[Any]]
) -> None:
    straight, mixed = make(site), make(site)
    mixed.permute(np.random.default_rng(4).permutation(len(mixed)))
    assert phases(mixed) == phases(straight)
    back = np.argsort(mixed.ids)
    for name, values in straight.columns.items():
        np.testing.assert_array_equal(mixed.columns[name][..., back], values, err_msg=name)


@pytest.mark.jit
def test_threads_change_nothing() -> None:
    count = 70_001
    alone, lanes = speculators(site_with(Lanes()), count), Lanes(2)
    together = speculators(site_with(lanes), count)
    assert trade(together) == trade(alone)
    lanes.close()
    for name, values in alone.columns.items():
        np.testing.assert_array_equal(together.columns[name], values, err_msg=name)


def test_a_trading_step_conserves_cash_and_tokens(site: Site) -> None:
    population = speculators(site)
    cash, tokens = population.usd_total(), [wealth(population, k) for k in range(NETWORKS)]
    bid, offered = population.bet(KEY, beliefs())
    got_tokens, got_usd = population.settle(FILLS)
    assert population.usd_total() == cash - sum(bid) + sum(got_usd)
    for k in range(NETWORKS):
        assert wealth(population, k) == tokens[k] - offered[k] + got_tokens[k]
    brought, taken = population.move_capital(2.0)
    assert population.usd_total() == cash - sum(bid) + sum(got_usd) + brought - taken
    assert min(population.usd.min(), population.tokens.min()) >= 0


def test_nobody_goes_into_debt_over_many_violent_steps(site: Site) -> None:
    population = speculators(site, aggressiveness=1.0)
    for step in range(60):
        population.bet(np.uint64(step), beliefs(gap=30.0 if step % 2 else -30.0))
        population.settle(FILLS)
        assert min(population.usd.min(), population.tokens.min()) >= 0


def test_undervalued_tokens_are_bought_and_overvalued_ones_sold(site: Site) -> None:
    population = speculators(site, shock_noise=0.0)
    net = []
    for gap in (-1.0, 0.0, 1.0):
        bid, offered = population.bet(KEY, beliefs(gap))
        net.append([b - q * p for b, q, p in zip(bid, offered, PRICE_MICRO, strict=True)])
    assert net[0] < net[1] < net[2]


def test_mispricing_turns_chartists_into_fundamentalists(site: Site) -> None:
    calm, alarmed = speculators(site, switching={"per_day": 0.5}), speculators(site, switching={"per_day": 0.5})
    calm.reconsider(KEY, 0.0)
    alarmed.reconsider(KEY, 4.0)
    assert alarmed.fundamentalists > calm.fundamentalists
    assert alarmed.camp_size == calm.camp_size == int((alarmed.strategy < 2).sum())


@given(st.integers(1, 10**18))
def test_genesis_hands_out_almost_all_and_no_more(amount: int) -> None:
    site = site_with(Lanes())
    for population in (speculators(site, 50), nodes(site, 50)):
        before = population.token_totals()[1]
        handed = population.endow(1, amount)
        assert handed == population.token_totals()[1] - before
        assert amount * (1.0 - 1e-9) - len(population) <= handed <= amount


@given(st.integers(0, 10**18), st.integers(0, 10**15))
def test_rewards_and_grants_never_exceed_what_is_shared_out(tokens: int, dollars: int) -> None:
    population = nodes(site_with(Lanes()), 60)
    cash, pots = population.usd_total(), np.array([tokens, tokens // 7])
    paid = population.reward(population.capacity, pots, PRICE_MICRO)
    granted = population.grant(population.capacity, np.array([dollars, dollars // 3]))
    assert population.token_totals().tolist() == paid.tolist()
    assert np.all((pots * (1.0 - 1e-9) - 60 <= paid) & (paid <= pots))
    assert population.usd_total() == cash + granted.sum()
    assert np.all(granted <= [dollars, dollars // 3])


def test_nobody_is_paid_when_nobody_has_weight(site: Site) -> None:
    population = nodes(site)
    paid = population.reward(np.zeros(len(population), np.int64), np.array([10**9, 10**9]), PRICE_MICRO)
    assert paid.tolist() == [0, 0]


def test_a_higher_reward_brings_more_nodes_online(site: Site) -> None:
    online = []
    for reward in (0.0, 0.5, 1.0, 3.0):
        population = nodes(site, region={"dist": "choice", "values": [0, 1]})
        population.learn(population.last_price + 5.0, population.last_price + 5.0)
        online.append(population.quote(np.full(NETWORKS, reward), 0.1, 2.5)[..., 0].sum())
    assert online == sorted(online)
    assert online[0] < online[-1]


def test_a_mining_step_conserves_cash_and_collateral(site: Site) -> None:
    population = nodes(site, opportunism=1.0)
    cash = population.usd_total()
    moved, _, delivered, *_, audits, paid = mine(population)
    assert population.usd_total() == cash + sum(row[1] - row[2] for regions in delivered for row in regions)
    for k in range(NETWORKS):
        members = int((population.network == k).sum())
        assert population.staked_totals()[k] == moved[k] - audits[k][2]
        assert population.token_totals()[k] == members * 10**12 - moved[k] + paid[k]


def test_higher_transaction_costs_keep_providers_out(site: Site) -> None:
    active = []
    for cost in (0.0, 0.05, 0.5, 5.0):
        population = providers(site)
        population.offer(np.full(NETWORKS, 0.3), cost)
        active.append(int(population.active.sum()))
    assert active == sorted(active, reverse=True)
    assert active[0] > active[-1]


def test_every_dollar_of_the_data_market_is_booked(site: Site) -> None:
    sellers, buyers = providers(site), builders(site)
    cash = sellers.usd_total(), buyers.usd_total()
    buyers.plan(np.full(NETWORKS, 2.5))
    sellers.offer(np.full(NETWORKS, 1.0), 0.01)
    paid = buyers.license_data(sellers.offers, sellers.stock).copy()
    tally = sellers.collect(buyers.buyers, buyers.per_network, 0.01)
    assert paid.sum() > 0
    assert paid.tolist() == tally[:, 2].tolist()
    assert buyers.usd_total() == cash[1] - paid.sum()
    assert sellers.usd_total() == cash[0] + tally[:, 2].sum() - tally[:, 3].sum()


def test_builders_serve_no_more_than_is_spent_and_book_what_they_keep(site: Site) -> None:
    population = builders(site)
    cash, spending = population.usd_total(), np.array([10**10, 10**9])
    population.plan(np.full(NETWORKS, 2.5))
    population.train(5, np.ones(NETWORKS))
    tally = population.sell(spending, np.full(NETWORKS, 1.0), np.full(NETWORKS, 0.9))
    assert np.all((tally[:, 0] > 0) & (tally[:, 0] <= spending))
    assert population.usd_total() == cash + tally[:, 1].sum()
    assert np.all(population.quality > 0.0)


def test_a_more_open_network_attracts_more_users(site: Site) -> None:
    joined = [int(users(site).adopt(KEY, offers(openness))[:-1, 2].sum()) for openness in (-5.0, 0.0, 5.0)]
    assert joined == sorted(joined)


def test_users_and_their_spending_are_conserved(site: Site) -> None:
    population = users(site)
    total = int(population.spending.sum())
    for step in range(20):
        tally = population.adopt(np.uint64(step), offers(1.0))
        assert tally[:, 0].sum() == len(population)
        assert tally[:, 1].sum() == total


def test_agents_spread_evenly_over_networks() -> None:
    for n_networks in (1, 2, 3, 7):
        share = np.bincount(spread_over_networks(np.arange(5000, 9000), n_networks), minlength=n_networks) / 4000
        assert share == pytest.approx(np.full(n_networks, 1 / n_networks), abs=0.002)


@pytest.mark.parametrize("kind", ["data_providers", "compute_nodes", "model_builders", "users", "speculators"])
def test_an_agent_of_one_network_takes_at_most_200_bytes(site: Site, kind: str) -> None:
    alone = replace(site, n_networks=1, base_units=BASE[:1], prices=PRICE[:1])
    population = AGENT_KINDS.build({"kind": kind, "count": 100}).build(kind, alone)
    assert population.bytes_per_agent <= 200.0


def test_a_collateral_beyond_all_tokens_is_not_a_negative_one() -> None:
    nearly_worthless = replace(site_with(Lanes()), prices=np.array([1e-12, 1e-12]))
    assert (nodes(nearly_worthless).required > 10**18).all()
