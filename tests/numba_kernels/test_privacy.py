"""Privacy as an externality: the slow twin, what others share makes sharing cheaper, and protection where it pays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import privacy
from catallaxy.numba_kernels.privacy import People, Protection, Signals
from oracles.privacy import exposure_reference, shared_reference, told_reference

Floats = npt.NDArray[np.float64]

SHARE = st.floats(0.0, 1.0)
COSTS = st.lists(st.tuples(st.floats(0.0, 1e4), st.floats(0.0, 10.0)), min_size=1, max_size=12)
MEMBERS = st.lists(st.tuples(st.floats(0.0, 1e5), st.booleans(), st.booleans()), min_size=1, max_size=12)


def people(units: list[float], costs: list[tuple[float, float]], domain: int = 0) -> People:
    zeros = np.zeros(len(units), np.int64)
    own, upkeep = np.array(costs).T.copy()
    return People(zeros, zeros + domain, np.array(units), own, upkeep)


def exposed(
    costs: list[tuple[float, float]], known: float, correlation: float, protection: Protection
) -> tuple[Floats, list[int]]:
    hidden, cost = np.zeros(len(costs), np.int8), np.zeros(len(costs))
    whom = people([1.0] * len(costs), costs)
    privacy.exposure(whom, np.full((1, 1), known), correlation, protection, hidden, cost)
    return cost, hidden.tolist()


def shared(members: list[tuple[float, bool, bool]], leakage_left: float) -> float:
    active, hidden = (np.array([member[i] for member in members], np.int8) for i in (1, 2))
    potential, share = np.full((2, 1, 1), 7.0)
    whom = people([units for units, _, _ in members], [(0.0, 0.0)] * len(members))
    privacy.leak(whom, active, hidden, leakage_left, potential, share)
    return float(share[0, 0])


@given(COSTS, SHARE, SHARE, st.floats(0.0, 10.0), SHARE)
def test_costs_equal_the_slow_twin(
    costs: list[tuple[float, float]], known: float, correlation: float, price: float, left: float
) -> None:
    cost, hidden = exposed(costs, known, correlation, Protection(price, left, 0.5))
    twins = [exposure_reference(own, upkeep, known, correlation, (price, left)) for own, upkeep in costs]
    assert cost == pytest.approx([twin[0] for twin in twins], rel=1e-12)
    assert hidden == [twin[1] for twin in twins]


@given(COSTS, SHARE, SHARE, SHARE)
def test_the_more_is_known_the_less_there_is_to_protect(
    costs: list[tuple[float, float]], known: float, more: float, correlation: float
) -> None:
    never = Protection(float("inf"), 1.0, 1.0)
    less = exposed(costs, min(known, more), correlation, never)[0]
    assert np.all(exposed(costs, max(known, more), correlation, never)[0] <= less)


@given(MEMBERS, SHARE)
def test_what_is_shared_equals_the_slow_twin(members: list[tuple[float, bool, bool]], left: float) -> None:
    assert shared(members, left) == pytest.approx(shared_reference(members, left), abs=1e-3)
    assert 0.0 <= shared(members, left) <= 1.0


@given(MEMBERS, SHARE, st.integers(0, 2**32 - 1))
def test_order_of_rows_does_not_matter(members: list[tuple[float, bool, bool]], left: float, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(members))
    assert shared([members[i] for i in order], left) == shared(members, left)


def test_data_of_another_domain_tell_nothing() -> None:
    whom = People(np.zeros(2, np.int64), np.array([0, 1]), np.ones(2), np.ones(2), np.zeros(2))
    potential, share, cost = np.zeros((1, 2)), np.zeros((1, 2)), np.zeros(2)
    hidden = np.zeros(2, np.int8)
    privacy.leak(whom, np.array([1, 0], np.int8), hidden, 1.0, potential, share)
    privacy.exposure(whom, share, 0.8, Protection(float("inf"), 1.0, 1.0), hidden, cost)
    assert share.tolist() == [[1.0, 0.0]]
    assert cost == pytest.approx([0.2, 1.0])


@given(st.integers(0, 12), st.floats(0.0, 0.99), st.floats(0.05, 20.0))
def test_what_signals_tell_is_the_fall_of_a_conditional_variance(n: int, correlation: float, noise: float) -> None:
    signals = Signals(correlation, noise)
    others = told_reference(n, own=False, correlation=correlation, noise=noise)
    everything = told_reference(n, own=True, correlation=correlation, noise=noise)
    assert privacy.told_by_others(n, signals) == pytest.approx(others, abs=1e-9)
    assert privacy.told_by_own(n, signals) == pytest.approx(everything - others, abs=1e-9)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=9), st.floats(0.0, 1.0), SHARE)
def test_signals_of_others_lower_the_cost_and_own_ones_do_not(
    sharing: list[tuple[bool, bool]], correlation: float, left: float
) -> None:
    active, hidden = np.array(sharing, np.int8).T.copy()
    signals, weights = Signals(correlation, 2.0), active * np.where(hidden == 1, np.floor(1024 * left) / 1024, 1.0)
    whom = people([1.0] * len(sharing), [(3.0, 0.5)] * len(sharing))
    sharers, cost = np.full((1, 1), 7.0), np.zeros(len(sharing))
    privacy.count_sharers(whom, active, hidden, left, sharers)
    never = Protection(float("inf"), 1.0, left)
    privacy.signal_exposure(whom, (active, hidden), sharers, signals, never, cost)
    expected = [0.5 + 9.0 * privacy.told_by_own(weights.sum() - own, signals) for own in weights]
    assert cost == pytest.approx(expected, rel=1e-12)
    assert not hidden.any()
    cheap = Protection(0.01, 0.0, left)
    privacy.signal_exposure(whom, (active, hidden), sharers * 0.0, signals, cheap, cost)
    assert hidden.all()
    assert cost == pytest.approx(0.51)
