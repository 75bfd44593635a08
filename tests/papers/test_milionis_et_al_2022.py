"""Loss versus rebalancing: the pool against the formula of one step, and the published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from catallaxy.numba_kernels.pool_state import TOKENS, USD
from catallaxy.papers.milionis_et_al_2022.kernels import (
    LOST,
    VALUE_TIME,
    arbitrage,
    lose_to_arbitrage,
    open_trade,
)
from catallaxy.sim.replications.running import replicate
from oracles.randomness import agent_bits, normals

NAME = "milionis-et-al-2022"
RESERVE = 10**15


def path_reference(volatility: float, dt: float, n_steps: int, key: int) -> tuple[float, float]:
    """Return what a path loses, and value times time: a step from P to Q loses L sqrt(P) (sqrt(Q / P) - 1)**2."""
    price, lost, value_time = 1.0, 0.0, 0.0
    for draw in normals(key, range(n_steps)):
        value_time += 2.0 * RESERVE * math.sqrt(price) * dt
        ratio = math.exp(-0.5 * volatility**2 * dt + volatility * math.sqrt(dt) * draw)
        lost += RESERVE * math.sqrt(price) * (math.sqrt(ratio) - 1.0) ** 2
        price *= ratio
    return lost, value_time


@pytest.mark.parametrize("volatility", [0.1, 0.5, 1.0, 3.0])
def test_each_step_loses_what_the_formula_says(volatility: float) -> None:
    pools, holdings = np.full((3, 3), RESERVE), np.zeros((3, 2), np.int64)
    paths = np.zeros((3, 2))
    lose_to_arbitrage(pools, holdings, volatility, 1e-3, 50, np.uint64(11), paths)
    for path, key in enumerate(agent_bits(11, range(3))):
        lost, value_time = path_reference(volatility, 1e-3, 50, key)
        assert paths[path, LOST] == pytest.approx(lost, rel=1e-6)
        assert paths[path, VALUE_TIME] == pytest.approx(value_time, rel=1e-9)
    np.testing.assert_array_equal(pools[:, :2] + holdings, RESERVE)
    assert all(int(pool[TOKENS]) * int(pool[USD]) >= RESERVE**2 for pool in pools)


@pytest.mark.parametrize("price", [1e-3, 0.5, 1.0, 1.0 + 1e-12, 7.0, 1e3])
def test_arbitrage_leaves_the_pool_at_the_price_of_the_market(price: float) -> None:
    pool, held = np.array([RESERVE, RESERVE, 0]), np.zeros(2, np.int64)
    arbitrage(pool, price, open_trade(), held)
    assert pool[USD] / pool[TOKENS] == pytest.approx(price, rel=1e-11)
    assert held[USD] + price * held[TOKENS] >= -2.0
    np.testing.assert_array_equal(pool[:2] + held, RESERVE)


def test_a_pool_too_small_to_trade_with_is_left_alone() -> None:
    pool, held = np.array([3, 3, 0]), np.zeros(2, np.int64)
    arbitrage(pool, 1.01, open_trade(), held)
    assert pool.tolist() == [3, 3, 0]
    assert held.tolist() == [0, 0]


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 10


@pytest.mark.jit
@pytest.mark.slow
def test_an_eighth_of_the_variance_is_lost() -> None:
    outcome = replicate(NAME)
    assert outcome.passed
    losses = [row for row in outcome.rows if row.tag == "READ"]
    assert all(row.ours.low < row.published * 1.002 and row.ours.high > row.published * 0.998 for row in losses)
