"""Compute nodes: the slow twin, solvency, money, order of rows, and what brings nodes online."""

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

GRID = list_prices_reference()
NETWORKS = 2
POSITIVE = st.floats(0.01, 5.0)
NODES = st.lists(
    st.builds(
        Node,
        network=st.integers(0, NETWORKS - 1),
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
    """What nodes expect; price, busy and reward are the same on both networks."""

    price: float
    busy: float
    reward: float
    electricity_price: float
    cloud_price: float
    hysteresis: float


TERMS = st.builds(
    Terms,
    price=POSITIVE,
    busy=st.floats(0.0, 1.0),
    reward=st.floats(0.0, 5.0),
    electricity_price=st.floats(0.0, 0.5),
    cloud_price=POSITIVE,
    hysteresis=st.floats(0.0, 0.5),
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
    network, capacity, *floats, _, _ = zip(*nodes, strict=True)
    columns = (np.array(values, np.float64) for values in floats)
    return compute_market.Fleet(np.array(network, np.int64), np.array(capacity, np.int64), *columns)


def wallets(nodes: list[Node]) -> Ints:
    return np.array([node.usd for node in nodes], np.int64)


def quoted(nodes: list[Node], terms: Terms) -> Quoted:
    same = [np.full(NETWORKS, value) for value in terms[:3]]
    outlook = compute_market.Outlook(*same, terms.electricity_price, terms.cloud_price, terms.hysteresis, 0.01)
    online, tick = np.array([node.online for node in nodes], np.int8), np.full(len(nodes), -5, np.int64)
    supply, tally = np.full((NETWORKS, TICKS), 3, np.int64), np.full((NETWORKS, 2), 3, np.int64)
    compute_market.quote(fleet_of(nodes), outlook, online, wallets(nodes), tick, supply, tally)
    return Quoted(online, tick, supply, tally)


def delivered(
    nodes: list[Node], offers: Quoted, demand: int, electricity_price: float, cheating: Ints, saving: float = 0.0
) -> Delivered:
    """Clear both auctions at the same demand, deliver, and return what happened."""
    marginal, rationed = np.zeros(NETWORKS, np.int64), np.zeros(NETWORKS, np.int64)
    top = np.full(NETWORKS, TICKS - 1)
    merit_order.clear(offers.supply, np.full(NETWORKS, demand), top, marginal, rationed)
    filled = rationed / np.maximum(offers.supply[np.arange(NETWORKS), np.maximum(marginal, 0)], 1)
    usd, income, sold = wallets(nodes), np.zeros(len(nodes), np.int64), np.full(len(nodes), -5, np.int64)
    tally = np.full((NETWORKS, 3), 3, np.int64)
    compute_market.deliver(
        fleet_of(nodes),
        (offers.online, cheating.astype(np.int8), offers.tick),
        (marginal, filled, GRID[np.maximum(marginal, 0)]),
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
    supply, tally = np.zeros((NETWORKS, TICKS), np.int64), np.zeros((NETWORKS, 2), np.int64)
    for i, node in enumerate(nodes):
        cost = running_cost_reference(node, terms.electricity_price)
        band = 1.0 - terms.hysteresis if node.online else 1.0 + terms.hysteresis
        runs = decide_online_reference(node, cost, terms[:3], node.outside * terms.cloud_price * band)
        assert result.online[i] == runs
        if runs:
            tick = find_tick_reference(max(cost, 0.01), GRID)
            assert result.tick[i] == tick
            supply[node.network, tick] += node.capacity
            tally[node.network] += (1, node.capacity)
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
    expected = np.zeros((NETWORKS, 3), np.int64)
    for i, node in enumerate(nodes):
        on_offer = [(t, int(q)) for t, q in enumerate(offers.supply[node.network]) if q]
        marginal, at_margin = clear_auction_reference(on_offer, demand, TICKS - 1)
        sells = offers.online[i] and offers.tick[i] <= marginal
        share = 1.0 if offers.tick[i] < marginal else at_margin / max(int(offers.supply[node.network, marginal]), 1)
        price = float(GRID[max(marginal, 0)])
        kept = saving if cheating[i] else 0.0
        flows = deliver_compute_reference(node, share, price, terms.electricity_price, kept) if sells else (0, 0, 0)
        assert (result.sold[i], result.income[i]) == flows[:2]
        assert result.usd[i] == node.usd + flows[1] - flows[2]
        expected[node.network] += flows
    assert np.array_equal(result.tally, expected)
    assert result.usd.sum() == wallets(nodes).sum() + expected[:, 1].sum() - expected[:, 2].sum()


@given(NODES, TERMS, st.integers(0, 10**9))
def test_nobody_sells_more_than_it_has_or_pays_what_it_cannot(nodes: list[Node], terms: Terms, demand: int) -> None:
    result = delivered(nodes, quoted(nodes, terms), demand, terms.electricity_price, honest(nodes))
    assert np.all((result.sold >= 0) & (result.sold <= [node.capacity for node in nodes]))
    assert np.all(result.tally[:, 0] <= demand)
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
    assert faked.tally[:, 2].sum() == pytest.approx((1.0 - saving) * clean.tally[:, 2].sum(), abs=2 * len(nodes))


@given(NODES, st.lists(st.floats(0.0, 1.0), min_size=30, max_size=30))
def test_reward_weights_are_capacity_times_standing_while_online(nodes: list[Node], standing: list[float]) -> None:
    n = len(nodes)
    reputation, weight = np.array(standing[:n]), np.full(n, -5, np.int64)
    online = np.array([node.online for node in nodes], np.int8)
    compute_market.reward_weights(fleet_of(nodes).capacity, online, reputation, weight)
    assert weight.tolist() == [int(node.capacity * s) * node.online for node, s in zip(nodes, standing, strict=False)]


@pytest.mark.jit
def test_the_margin_is_rationed_pro_rata() -> None:
    nodes = [Node(0, capacity, 1.0, 1.0, 0.5, 0.0, 1, 10**12) for capacity in (100, 300, 600)]
    terms = Terms(5.0, 1.0, 0.0, 0.1, 1.0, 0.1)
    result = delivered(nodes, quoted(nodes, terms), 500, terms.electricity_price, honest(nodes))
    assert result.sold.tolist() == [50, 150, 300]
