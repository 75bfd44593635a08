"""Nested choice: the slow twin, the plain logit inside it, what nests change, and probabilities as slopes of value."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import nested_choice
from oracles.nested_choice import inclusive_value, nested_logit_reference

Floats = npt.NDArray[np.float64]

UTILITIES = st.lists(st.floats(-6.0, 6.0), min_size=1, max_size=4)
DISSIMILARITY = st.floats(0.05, 1.0)
AVAILABLE = st.floats(0.05, 1.0)


def equal(n: int) -> list[float]:
    return [1.0 / n] * n


def chosen(
    networks: list[float],
    incumbents: list[float],
    shares: list[float],
    nests: tuple[float, float] = (1.0, 1.0),
    available: float = 1.0,
) -> tuple[Floats, Floats, float]:
    """Return the probabilities of networks, the shares of incumbents, and the advantage, for one segment."""
    out, among, advantage = np.empty((1, len(networks))), np.empty((1, len(incumbents))), np.empty(1)
    weights = (np.ones(len(networks)), np.array(shares))
    nested_choice.choose(
        np.array([networks]),
        np.array([incumbents]),
        weights,
        nested_choice.Nests(*nests),
        available,
        out,
        among,
        advantage,
    )
    return out[0], among[0], float(advantage[0])


@given(UTILITIES, UTILITIES, st.tuples(DISSIMILARITY, DISSIMILARITY), AVAILABLE)
def test_choices_equal_the_slow_twin(
    networks: list[float], incumbents: list[float], nests: tuple[float, float], available: float
) -> None:
    shares = equal(len(incumbents))
    found = chosen(networks, incumbents, shares, nests, available)
    expected = nested_logit_reference(networks, incumbents, shares, nests, available)
    for got, wanted in zip(found, expected, strict=True):
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-300)
    assert found[1].sum() == pytest.approx(1.0)
    assert found[0].sum() <= 1.0 + 1e-12


@given(UTILITIES)
def test_without_nests_it_is_a_logit(networks: list[float]) -> None:
    weights = np.exp(networks)
    found, _, advantage = chosen(networks, [0.0], [1.0])
    assert found == pytest.approx(weights / (1.0 + weights.sum()))
    assert advantage == pytest.approx(weights.sum())


@given(UTILITIES, UTILITIES, st.tuples(DISSIMILARITY, DISSIMILARITY))
def test_probabilities_are_the_slopes_of_the_value_of_choosing(
    networks: list[float], incumbents: list[float], nests: tuple[float, float]
) -> None:
    shares, step = equal(len(incumbents)), 1e-5

    def value(change: float) -> float:
        ours = inclusive_value([networks[0] + change, *networks[1:]], [1.0] * len(networks), nests[0])
        theirs = inclusive_value(incumbents, shares, nests[1])
        return math.log(math.exp(ours) + math.exp(theirs))

    slope = (value(step) - value(-step)) / (2.0 * step)
    assert chosen(networks, incumbents, shares, nests)[0][0] == pytest.approx(slope, abs=1e-4)


@given(st.floats(-3.0, 3.0), DISSIMILARITY)
def test_a_second_network_brings_in_as_many_as_it_is_unlike_the_first(utility: float, alike: float) -> None:
    alone = chosen([utility], [0.0], [1.0])[2]
    twice = chosen([utility, utility], [0.0], [1.0], (alike, 1.0))[2]
    assert twice == pytest.approx(2.0**alike * alone)


@given(UTILITIES, st.floats(-3.0, 3.0), st.floats(0.1, 0.9), DISSIMILARITY)
def test_splitting_an_incumbent_changes_nothing(networks: list[float], own: float, part: float, alike: float) -> None:
    whole = chosen(networks, [own], [1.0], (0.5, alike))
    split = chosen(networks, [own, own], [part, 1.0 - part], (0.5, alike))
    assert split[0] == pytest.approx(whole[0])
    assert split[1] == pytest.approx([part, 1.0 - part])


@given(UTILITIES, st.floats(0.0, 3.0), DISSIMILARITY)
def test_a_better_incumbent_takes_most_from_its_own_kind(networks: list[float], gain: float, alike: float) -> None:
    before = chosen(networks, [0.0, 0.0], [0.5, 0.5], (0.5, alike))
    after = chosen(networks, [gain, 0.0], [0.5, 0.5], (0.5, alike))
    assert np.all(after[0] <= before[0] + 1e-12)
    left, was = after[1][1] * (1 - after[0].sum()), before[1][1] * (1 - before[0].sum())
    assert left / was <= (after[0] / before[0]).min() + 1e-9
