"""Cheating and audits: the slow twin, stakes, order of rows, and what deters cheaters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import compute_market, verification
from oracles.verification import (
    Node,
    Terms,
    audit_node_reference,
    decide_cheating_reference,
    measure_saving_reference,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

KEYS = st.integers(0, 2**64 - 1)
NETWORKS = 2
SHARES = st.floats(0.0, 1.0)
NODES = st.lists(
    st.builds(
        Node,
        id=st.integers(0, 2**40),
        network=st.integers(0, NETWORKS - 1),
        online=st.integers(0, 1),
        opportunist=st.integers(0, 1),
        cheating=st.integers(0, 1),
        stake=st.one_of(st.just(0), st.integers(0, 10**9), st.integers(2**53, 2**56)),
        reputation=SHARES,
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda node: node.id,
)
TERMS = st.lists(st.builds(Terms, SHARES, SHARES, SHARES, SHARES, SHARES), min_size=NETWORKS, max_size=NETWORKS)
SAVINGS = st.lists(st.floats(0.0, 1e6), min_size=30, max_size=30)
VALUES = np.array([1e-3, 2e-9])


def suspects_of(nodes: list[Node]) -> verification.Suspects:
    ids, network, online, opportunist, cheating, stake, reputation = zip(*nodes, strict=True)
    flags = (np.array(values, np.int8) for values in (online, opportunist, cheating))
    return verification.Suspects(
        np.array(ids, np.int64),
        np.array(network, np.int64),
        *flags,
        np.array(stake, np.int64),
        np.array(reputation),
        np.full(len(nodes), -9, np.int8),
    )


def regime_of(terms: list[Terms]) -> verification.Regime:
    return verification.Regime(*(np.array(column, np.float64) for column in zip(*terms, strict=True)))


def cheats(nodes: list[Node], terms: list[Terms], savings: list[float]) -> tuple[list[int], Ints]:
    suspects, tally = suspects_of(nodes), np.full((NETWORKS, 2), -9, np.int64)
    verification.decide_to_cheat(suspects, regime_of(terms), np.array(savings[: len(nodes)]), VALUES, tally)
    return suspects.cheating.tolist(), tally


def audited(key: int, nodes: list[Node], terms: list[Terms]) -> tuple[list[Node], Ints]:
    suspects, tally = suspects_of(nodes), np.full((NETWORKS, 3), -9, np.int64)
    verification.audit(np.uint64(key), suspects, regime_of(terms), tally)
    after = zip(nodes, suspects.stake.tolist(), suspects.reputation.tolist(), strict=True)
    return [node._replace(stake=stake, reputation=reputation) for node, stake, reputation in after], tally


@given(NODES, TERMS, SAVINGS)
def test_decisions_equal_the_slow_twin(nodes: list[Node], terms: list[Terms], savings: list[float]) -> None:
    flags, tally = cheats(nodes, terms, savings)
    assert flags == [
        decide_cheating_reference(node, terms[node.network], saving, float(VALUES[node.network]))
        for node, saving in zip(nodes, savings, strict=False)
    ]
    for k in range(NETWORKS):
        here = [i for i, node in enumerate(nodes) if node.network == k]
        assert tally[k].tolist() == [sum(nodes[i].online for i in here), sum(flags[i] for i in here)]


@pytest.mark.parametrize("what", ["probability", "detection", "slash"])
@given(nodes=NODES, terms=TERMS, savings=SAVINGS, scale=SHARES)
def test_a_harsher_regime_has_fewer_cheaters(
    what: str, nodes: list[Node], terms: list[Terms], savings: list[float], scale: float
) -> None:
    milder = [term._replace(**{what: getattr(term, what) * scale}) for term in terms]
    assert np.all(np.array(cheats(nodes, terms, savings)[0]) <= cheats(nodes, milder, savings)[0])


@given(NODES, TERMS, SAVINGS, st.integers(0, 2**40), st.floats(1.0, 10.0))
def test_more_at_stake_deters_and_more_to_save_tempts(
    nodes: list[Node], terms: list[Terms], savings: list[float], more: int, factor: float
) -> None:
    flags = np.array(cheats(nodes, terms, savings)[0])
    bonded = [node._replace(stake=node.stake + more) for node in nodes]
    assert np.all(cheats(bonded, terms, savings)[0] <= flags)
    assert np.all(cheats(nodes, terms, [saving * factor for saving in savings])[0] >= flags)


@given(KEYS, NODES, TERMS)
def test_audits_equal_the_slow_twin_and_conserve_stake(key: int, nodes: list[Node], terms: list[Terms]) -> None:
    after, tally = audited(key, nodes, terms)
    expected = np.zeros((NETWORKS, 3), np.int64)
    for before, found in zip(nodes, after, strict=True):
        node, loss, guilty = audit_node_reference(key, before, terms[before.network])
        assert found == node
        expected[node.network] += (guilty and node.cheating, guilty and not node.cheating, loss)
    assert np.array_equal(tally, expected)
    assert sum(node.stake for node in nodes) - tally[:, 2].sum() == sum(node.stake for node in after)
    assert all(node.stake >= 0 and 0.0 <= node.reputation <= 1.0 + 1e-15 for node in after)


def test_the_whole_of_a_large_stake_can_be_slashed_and_no_more() -> None:
    # As float64 this stake is rounded up, to more than there is.
    (node,), tally = audited(1, [Node(1, 0, 1, 1, 1, 2**53 + 3, 1.0)], [Terms(1.0, 1.0, 0.0, 1.0)] * 2)
    assert (node.stake, tally[0].tolist()) == (0, [1, 0, 2**53 + 3])


@given(KEYS, NODES, TERMS, st.randoms(use_true_random=False))
def test_permuting_rows_permutes_audits_and_leaves_the_tally(
    key: int, nodes: list[Node], terms: list[Terms], random: object
) -> None:
    shuffled = random.sample(range(len(nodes)), len(nodes))
    after, tally = audited(key, nodes, terms)
    moved, same = audited(key, [nodes[i] for i in shuffled], terms)
    assert moved == [after[i] for i in shuffled]
    assert np.array_equal(same, tally)


@given(KEYS, NODES, TERMS, SHARES)
def test_more_audits_find_more(key: int, nodes: list[Node], terms: list[Terms], scale: float) -> None:
    rarer = [term._replace(probability=term.probability * scale) for term in terms]
    assert np.all(audited(key, nodes, terms)[1] >= audited(key, nodes, rarer)[1])


@given(KEYS, NODES)
def test_certain_audits_find_every_cheater_and_no_one_else(key: int, nodes: list[Node]) -> None:
    _, tally = audited(key, nodes, [Terms(1.0, 1.0, 0.0, 0.5)] * NETWORKS)
    assert tally[:, 0].sum() == sum(node.online and node.cheating for node in nodes)
    assert tally[:, 1].sum() == 0


@given(KEYS, NODES)
def test_without_audits_nothing_happens(key: int, nodes: list[Node]) -> None:
    after, tally = audited(key, nodes, [Terms(0.0, 1.0, 1.0, 1.0)] * NETWORKS)
    assert after == nodes
    assert not tally.any()


@given(st.lists(st.tuples(st.integers(0, 10**9), SHARES, SHARES, SHARES), min_size=1, max_size=20), SHARES, SHARES)
def test_savings_equal_the_slow_twin(
    rows: list[tuple[int, float, float, float]], electricity_price: float, share: float
) -> None:
    sold, *traits = zip(*rows, strict=True)
    n = len(rows)
    places, ones = np.zeros(n, np.int64), np.ones(n, np.int64)
    fleet = compute_market.Fleet(places, places, ones, *map(np.array, traits), np.zeros(n))
    saving = np.full(n, -1.0)
    verification.cheating_gain(fleet, np.array(sold), electricity_price, share, saving)
    assert saving.tolist() == [
        measure_saving_reference(hours, power * tariff * electricity_price + upkeep, share)
        for hours, power, tariff, upkeep in rows
    ]


@pytest.mark.jit
def test_audits_and_findings_are_as_likely_as_they_say() -> None:
    n = 100_000
    cheaters = [Node(i, i % 2, 1, 1, 1, 1000, 1.0) for i in range(n)]
    _, tally = audited(31, cheaters, [Terms(0.2, 0.6, 0.0, 0.1)] * NETWORKS)
    assert tally[:, 0].sum() / n == pytest.approx(0.12, abs=4.5 * np.sqrt(0.12 * 0.88 / n))
    _, slashed = audited(31, [node._replace(cheating=0) for node in cheaters], [Terms(0.5, 1.0, 0.1, 0.1)] * NETWORKS)
    assert slashed[:, 1].sum() / n == pytest.approx(0.05, abs=4.5 * np.sqrt(0.05 * 0.95 / n))
