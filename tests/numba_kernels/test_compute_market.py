"""Compute nodes: the slow twin, regions, solvency, money, order of rows, own quotes, and what brings nodes online."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import compute_market, merit_order
from catallaxy.numba_kernels.merit_order import TICKS
from oracles.markets import (
    Node,
    clear_auction_reference,
    decide_online_reference,
    deliver_compute_reference,
    find_tick_reference,
    list_prices_reference,
    running_cost_reference,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

GRID = list_prices_reference()
NETWORKS, REGIONS = 2, 2
POSITIVE = st.floats(0.01, 5.0)
NODES = st.lists(
    st.builds(
        Node,
        network=st.integers(0, NETWORKS - 1),
        region=st.integers(0, REGIONS - 1),
        capacity=st.integers(1, 10**7),
        power=st.floats(0.0, 2.0),
        electricity=st.floats(0.0, 3.0),
        upkeep=st.floats(0.0, 2.0),
        outside=st.floats(0.0, 1.0),
        online=st.integers(0, 1),
        usd=st.one_of(st.integers(0, 10**6), st.integers(0, 10**13)),
    ),
    min_size=1,
    max_size=30,
)


class Terms(NamedTuple):
    """What nodes expect; price, busy and reward are the same everywhere."""

    price: float
    busy: float
    reward: float
    electricity_price: float
    cloud_price: float
    hysteresis: float
    asked: float = 0.0
    kept: float = 1.0


TERMS = st.builds(
    Terms,
    price=POSITIVE,
    busy=st.floats(0.0, 1.0),
    reward=st.floats(0.0, 5.0),
    electricity_price=st.floats(0.0, 0.5),
    cloud_price=POSITIVE,
    hysteresis=st.floats(0.0, 0.5),
    asked=st.just(0.0),
    kept=st.just(1.0),
)


class Quoted(NamedTuple):
    """What quoting leaves behind."""

    online: npt.NDArray[np.int8]
    tick: Ints
    supply: Ints
    tally: Ints


class Delivered(NamedTuple):
    """What delivery leaves behind."""

    sold: Ints
    usd: Ints
    income: Ints
    tally: Ints


def fleet_of(nodes: list[Node]) -> compute_market.Fleet:
    network, region, capacity, *floats, _, _ = zip(*nodes, strict=True)
    whole = (np.array(values, np.int64) for values in (network, region, capacity))
    return compute_market.Fleet(*whole, *(np.array(values, np.float64) for values in floats))


def wallets(nodes: list[Node]) -> Ints:
    return np.array([node.usd for node in nodes], np.int64)


def quoted(nodes: list[Node], terms: Terms) -> Quoted:
    price, busy = (np.full((NETWORKS, REGIONS), value) for value in terms[:2])
    outside = (terms.electricity_price, terms.cloud_price, terms.hysteresis, 0.01)
    outlook = compute_market.Outlook(price, busy, np.full(NETWORKS, terms.reward), *outside, terms.asked, terms.kept)
    online, tick = np.array([node.online for node in nodes], np.int8), np.full(len(nodes), -5, np.int64)
    supply, tally = np.full((NETWORKS, REGIONS, TICKS), 3, np.int64), np.full((NETWORKS, REGIONS, 2), 3, np.int64)
    compute_market.quote(fleet_of(nodes), outlook, online, wallets(nodes), tick, supply, tally)
    return Quoted(online, tick, supply, tally)


def delivered(
    nodes: list[Node], offers: Quoted, demand: int, electricity_price: float, cheating: Ints, saving: float = 0.0
) -> Delivered:
    """Clear both networks at the same demand from anywhere, and deliver at the price of the margin."""
    sales, margin = cleared(offers, demand)
    paid = GRID[np.maximum(margin, 0)][:, :, np.newaxis]
    return handed_over(nodes, offers, (sales, paid), electricity_price, cheating, saving)


def cleared(offers: Quoted, demand: int) -> tuple[Ints, Ints]:
    sales, margin = np.zeros_like(offers.supply), np.zeros((NETWORKS, REGIONS), np.int64)
    balance, left = np.zeros((NETWORKS, REGIONS), np.int64), np.full(NETWORKS, demand)
    dearest = np.zeros_like(margin)
    merit_order.clear(offers.supply, balance, left, TICKS - 1, 0, sales, margin, dearest)
    return sales, np.broadcast_to(dearest.max(axis=1, keepdims=True), margin.shape)


def handed_over(
    nodes: list[Node],
    offers: Quoted,
    clearing: tuple[Ints, Floats],
    electricity_price: float,
    cheating: Ints,
    saving: float = 0.0,
) -> Delivered:
    usd, income, sold = wallets(nodes), np.zeros(len(nodes), np.int64), np.full(len(nodes), -5, np.int64)
    tally = np.full((NETWORKS, REGIONS, 3), 3, np.int64)
    compute_market.deliver(
        fleet_of(nodes),
        (offers.online, cheating.astype(np.int8), offers.tick),
        (offers.supply, *clearing),
        electricity_price,
        saving,
        (usd, income),
        sold,
        tally,
    )
    return Delivered(sold, usd, income, tally)


def honest(nodes: list[Node]) -> Ints:
    return np.zeros(len(nodes), np.int64)


@given(NODES, TERMS)
def test_quotes_equal_the_slow_twin(nodes: list[Node], terms: Terms) -> None:
    result = quoted(nodes, terms)
    supply, tally = np.zeros((NETWORKS, REGIONS, TICKS), np.int64), np.zeros((NETWORKS, REGIONS, 2), np.int64)
    for i, node in enumerate(nodes):
        cost = running_cost_reference(node, terms.electricity_price)
        band = 1.0 - terms.hysteresis if node.online else 1.0 + terms.hysteresis
        runs = decide_online_reference(node, cost, terms[:3], node.outside * terms.cloud_price * band)
        assert result.online[i] == runs
        if runs:
            tick = find_tick_reference(max(cost, 0.01), GRID)
            assert result.tick[i] == tick
            supply[node.network, node.region, tick] += node.capacity
            tally[node.network, node.region] += (1, node.capacity)
    assert np.array_equal(result.supply, supply)
    assert np.array_equal(result.tally, tally)


@given(NODES, TERMS, st.randoms(use_true_random=False))
def test_permuting_rows_permutes_quotes_and_leaves_the_offers(nodes: list[Node], terms: Terms, random: object) -> None:
    shuffled = random.sample(range(len(nodes)), len(nodes))
    one, other = quoted(nodes, terms), quoted([nodes[i] for i in shuffled], terms)
    assert np.array_equal(other.online, one.online[shuffled])
    assert np.array_equal(other.tick, one.tick[shuffled])
    assert np.array_equal(other.supply, one.supply)
    assert np.array_equal(other.tally, one.tally)


@given(NODES, TERMS, st.floats(0.0, 2.0), st.sampled_from(["price", "busy", "reward"]))
def test_a_better_outlook_brings_nodes_online(nodes: list[Node], terms: Terms, more: float, what: str) -> None:
    better = terms._replace(**{what: getattr(terms, what) + more})
    assert np.all(quoted(nodes, better).online >= quoted(nodes, terms).online)


@given(NODES, TERMS, st.floats(0.0, 2.0), st.sampled_from(["electricity_price", "cloud_price"]))
def test_dearer_power_and_better_uses_elsewhere_send_nodes_offline(
    nodes: list[Node], terms: Terms, more: float, what: str
) -> None:
    worse = terms._replace(**{what: getattr(terms, what) + more})
    assert np.all(quoted(nodes, worse).online <= quoted(nodes, terms).online)


@given(NODES, TERMS)
def test_who_is_online_stays_when_whoever_is_not_would_join(nodes: list[Node], terms: Terms) -> None:
    newcomers = quoted([node._replace(online=0) for node in nodes], terms)
    incumbents = quoted([node._replace(online=1) for node in nodes], terms)
    assert np.all(incumbents.online >= newcomers.online)


@given(NODES, TERMS, st.integers(0, 10**9), st.floats(0.0, 1.0), st.lists(st.integers(0, 1), min_size=30, max_size=30))
def test_delivery_equals_the_slow_twin_and_conserves(
    nodes: list[Node], terms: Terms, demand: int, saving: float, cheats: list[int]
) -> None:
    cheating = np.array(cheats[: len(nodes)])
    offers = quoted(nodes, terms)
    result = delivered(nodes, offers, demand, terms.electricity_price, cheating, saving)
    expected, sales = np.zeros((NETWORKS, REGIONS, 3), np.int64), cleared(offers, demand)[0]
    for i, node in enumerate(nodes):
        tick, here = offers.tick[i], (node.network, node.region)
        on_offer = [(t, int(q)) for t, q in enumerate(offers.supply[node.network].sum(axis=0)) if q]
        marginal, _ = clear_auction_reference(on_offer, demand, TICKS - 1)
        sells = offers.online[i] and tick <= marginal
        share = int(sales[here][tick]) / int(offers.supply[here][tick]) if sells else 0.0
        price = float(GRID[max(marginal, 0)])
        kept = saving if cheating[i] else 0.0
        flows = deliver_compute_reference(node, share, price, terms.electricity_price, kept) if sells else (0, 0, 0)
        assert (result.sold[i], result.income[i]) == flows[:2]
        assert result.usd[i] == node.usd + flows[1] - flows[2]
        expected[here] += flows
    assert np.array_equal(result.tally, expected)
    assert result.usd.sum() == wallets(nodes).sum() + expected[..., 1].sum() - expected[..., 2].sum()


@given(NODES, TERMS, st.integers(0, 10**9))
def test_nobody_sells_more_than_it_has_or_pays_what_it_cannot(nodes: list[Node], terms: Terms, demand: int) -> None:
    result = delivered(nodes, quoted(nodes, terms), demand, terms.electricity_price, honest(nodes))
    assert np.all((result.sold >= 0) & (result.sold <= [node.capacity for node in nodes]))
    assert np.all(result.tally[..., 0].sum(axis=1) <= demand)
    assert np.all(result.usd >= 0)


@given(NODES, TERMS, st.integers(0, 10**9))
def test_selling_never_loses_money_by_more_than_rounding(nodes: list[Node], terms: Terms, demand: int) -> None:
    result = delivered(nodes, quoted(nodes, terms), demand, terms.electricity_price, honest(nodes))
    assert np.all(result.usd - wallets(nodes) >= -2 - 1e-9 * result.income)


@given(NODES, TERMS, st.integers(0, 10**9), st.floats(0.0, 1.0))
def test_cheating_saves_running_cost_and_nothing_else(
    nodes: list[Node], terms: Terms, demand: int, saving: float
) -> None:
    offers, everyone = quoted(nodes, terms), np.ones(len(nodes), np.int64)
    clean = delivered(nodes, offers, demand, terms.electricity_price, honest(nodes), saving)
    faked = delivered(nodes, offers, demand, terms.electricity_price, everyone, saving)
    assert np.array_equal(faked.income, clean.income)
    assert np.all(faked.usd >= clean.usd)
    assert faked.tally[..., 2].sum() == pytest.approx((1.0 - saving) * clean.tally[..., 2].sum(), abs=2 * len(nodes))


@given(NODES, st.lists(st.floats(0.0, 1.0), min_size=30, max_size=30))
def test_reward_weights_are_capacity_times_standing_while_online(nodes: list[Node], standing: list[float]) -> None:
    n = len(nodes)
    reputation, weight = np.array(standing[:n]), np.full(n, -5, np.int64)
    online = np.array([node.online for node in nodes], np.int8)
    compute_market.reward_weights(fleet_of(nodes).capacity, online, reputation, weight)
    assert weight.tolist() == [int(node.capacity * s) * node.online for node, s in zip(nodes, standing, strict=False)]


@pytest.mark.jit
def test_the_margin_is_rationed_pro_rata() -> None:
    nodes = [Node(0, 0, capacity, 1.0, 1.0, 0.5, 0.0, 1, 10**12) for capacity in (100, 300, 600)]
    terms = Terms(5.0, 1.0, 0.0, 0.1, 1.0, 0.1)
    result = delivered(nodes, quoted(nodes, terms), 500, terms.electricity_price, honest(nodes))
    assert result.sold.tolist() == [50, 150, 300]


@given(NODES, TERMS, st.floats(0.0, 1.0))
def test_quotes_lie_between_cost_and_the_expected_price(nodes: list[Node], terms: Terms, shading: float) -> None:
    result = quoted(nodes, terms._replace(asked=shading))
    at_cost = quoted(nodes, terms)
    assert np.array_equal(result.online, at_cost.online)
    for i, node in enumerate(nodes):
        if result.online[i]:
            cost = running_cost_reference(node, terms.electricity_price)
            asked = max(cost, cost + shading * (terms.price - cost), 0.01)
            assert result.tick[i] == find_tick_reference(asked, GRID)
            assert result.tick[i] >= at_cost.tick[i]


@given(NODES, TERMS, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_who_keeps_less_of_the_gain_stays_offline_sooner(nodes: list[Node], terms: Terms, a: float, b: float) -> None:
    less, more = (quoted(nodes, terms._replace(kept=kept)).online for kept in sorted((a, b)))
    assert np.all(less <= more)


@given(NODES, TERMS, st.integers(0, 10**9), st.floats(0.0, 1.0))
def test_own_quotes_never_earn_more_than_the_uniform_price(
    nodes: list[Node], terms: Terms, demand: int, shading: float
) -> None:
    offers = quoted(nodes, terms._replace(asked=shading))
    uniform = delivered(nodes, offers, demand, terms.electricity_price, honest(nodes))
    sales, grid = cleared(offers, demand)[0], np.broadcast_to(GRID, (NETWORKS, REGIONS, TICKS)).copy()
    own = handed_over(nodes, offers, (sales, grid), terms.electricity_price, honest(nodes))
    assert np.array_equal(own.sold, uniform.sold)
    assert np.all(own.income <= uniform.income)
    for i, node in enumerate(nodes):
        quote = float(GRID[max(int(offers.tick[i]), 0)])
        assert own.income[i] == int(float(own.sold[i]) * quote * 1000.0)
        assert quote * (1.0 + 1e-9) >= running_cost_reference(node, terms.electricity_price) or not own.sold[i]


@given(NODES, TERMS)
def test_nodes_of_one_region_do_not_depend_on_prices_of_another(nodes: list[Node], terms: Terms) -> None:
    alone = [node for node in nodes if node.region == 0]
    together = quoted(nodes, terms)
    if alone:
        assert np.array_equal(quoted(alone, terms).supply[:, 0], together.supply[:, 0])
        assert np.array_equal(quoted(alone, terms).tally[:, 0], together.tally[:, 0])
