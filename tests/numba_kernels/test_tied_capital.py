"""Capital tied up by nodes: the slow twin, and what being offline spares."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from catallaxy.numba_kernels.tied_capital import Prices, Tied, tie_up
from oracles.tied_capital import Node, tie_up_reference

NODES = st.lists(
    st.builds(Node, st.booleans(), st.integers(1, 10**9), st.floats(0.0, 2.0), st.integers(0, 2**50)), min_size=1
)
PRICES = st.builds(Prices, st.floats(0.0, 0.1), st.floats(0.0, 10.0), st.floats(-1.0, 1.0))


@given(NODES, st.lists(PRICES, min_size=1, max_size=3), st.floats(0.0, 1e-3))
def test_sums_over_steps_equal_the_slow_twin(nodes: list[Node], steps: list[Prices], value: float) -> None:
    online, capacity, outside, stake = (np.array(column) for column in zip(*nodes, strict=True))
    zero = np.zeros(len(nodes), np.int64)
    tied, expected = Tied(zero.copy(), *np.zeros((2, len(nodes)))), [(0, 0.0, 0.0)] * len(nodes)
    for prices in steps:
        tie_up(online.astype(np.int8), capacity, outside, (zero, stake, np.array([value])), prices, tied)
        expected = [tie_up_reference(node, prices, value, old) for node, old in zip(nodes, expected, strict=True)]
    assert list(zip(*(column.tolist() for column in tied), strict=True)) == expected
    assert not tied.costs[~online].any()
