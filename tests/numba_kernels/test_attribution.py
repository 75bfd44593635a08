"""Who contributed to which model: the slow twin, and that nothing is attributed twice."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, strategies as st

from catallaxy.numba_kernels import attribution
from oracles.attribution import list_compute_reference, list_licences_reference

NETWORK = st.integers(0, 1)
AMOUNT = st.integers(0, 10**9)
PROVIDERS = st.lists(st.tuples(NETWORK, st.integers(0, 5), AMOUNT, AMOUNT), min_size=1, max_size=8)
NODES = st.lists(st.tuples(NETWORK, AMOUNT, AMOUNT), min_size=1, max_size=8)
HOMES = st.lists(NETWORK, min_size=1, max_size=5)


def columns(rows: list[tuple[int, ...]]) -> list[np.ndarray]:
    return [np.array(column, np.int64) for column in zip(*rows, strict=True)]


@given(PROVIDERS, HOMES, AMOUNT)
def test_licences_equal_the_slow_twin(rows: list[tuple[int, int, int, int]], homes: list[int], before: int) -> None:
    network, *sales = columns(rows)
    places = [homes[:b].count(home) for b, home in enumerate(homes)]
    units, fees = np.full((2, len(homes), len(rows)), before)
    attribution.attribute_licences(network, tuple(sales), (np.array(homes), np.array(places)), units, fees)
    expected = list_licences_reference(
        network.tolist(), [row[1:] for row in rows], list(zip(homes, places, strict=True))
    )
    for place in np.ndindex(units.shape):
        assert (units[place] - before, fees[place] - before) == expected.get(place, (0, 0))
    assert np.all((fees - before).sum(axis=0) <= sales[2])


@given(NODES, HOMES, st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5))
@example([(0, 0, 1)], [0], [1.0, 0.0, 0.0, 0.0, 0.0])
def test_compute_equals_the_slow_twin(rows: list[tuple[int, int, int]], homes: list[int], weights: list[float]) -> None:
    network, *sales = columns(rows)
    weight = np.array(weights[: len(homes)])
    share = weight / max(weight.sum(), 1.0)
    hours, paid = np.zeros((2, len(homes), len(rows)), np.int64)
    attribution.attribute_compute(network, tuple(sales), (np.array(homes), share), hours, paid)
    expected = list_compute_reference(
        network.tolist(), [row[1:] for row in rows], list(zip(homes, share.tolist(), strict=True))
    )
    for place in np.ndindex(hours.shape):
        assert (hours[place], paid[place]) == expected.get(place, (0, 0))
    assert np.all(hours.sum(axis=0) <= sales[0])
    assert np.all(paid.sum(axis=0) <= sales[1])
