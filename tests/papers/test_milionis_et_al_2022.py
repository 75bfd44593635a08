"""Loss versus rebalancing: every kind of pool against the loss of one step, and the published numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, stats

from catallaxy.numba_kernels.concentrated_state import RESERVE
from catallaxy.numba_kernels.pool_state import TOKENS, USD
from catallaxy.papers.milionis_et_al_2022 import kernels
from catallaxy.papers.milionis_et_al_2022.kernels import FORMULA, LOST, VALUE_TIME, Market
from catallaxy.papers.milionis_et_al_2022.replication import LIQUIDITY, Parameters, fresh, pools, roots_of
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.randomness import agent_bits, normals

NAME = "milionis-et-al-2022"
RESERVES = 10**15
KEY, DT, STEPS = 11, 1e-3, 50

Worth = Callable[[float], tuple[float, float, float]]


def worth_of_weights(weight: float) -> Worth:
    """Return tokens, dollars and loss per year and squared volatility of a weighted pool, by the market's price."""

    def worth(price: float) -> tuple[float, float, float]:
        value = 2.0 * RESERVES * price**weight
        return weight * value / price, (1.0 - weight) * value, weight * (1.0 - weight) / 2.0 * value

    return worth


def worth_of_a_range(high: float) -> Worth:
    """Return tokens, dollars and loss per year and squared volatility of a range, by the market's price."""

    def worth(price: float) -> tuple[float, float, float]:
        root = math.sqrt(min(max(price, 1.0 / high), high))
        loss = LIQUIDITY * root / 4.0 if 1.0 / high < price < high else 0.0
        return LIQUIDITY * (1.0 / root - high**-0.5), LIQUIDITY * (root - high**-0.5), loss

    return worth


def path_reference(worth: Worth, volatility: float, key: int) -> tuple[float, float, float]:
    """Return what a path loses, value times time, and what the formula says: holding less the pool, step by step."""
    price, lost, value_time, formula = 1.0, 0.0, 0.0, 0.0
    for draw in normals(key, range(STEPS)):
        tokens, usd, rate = worth(price)
        value_time += (tokens * price + usd) * DT
        formula += rate * volatility**2 * DT
        price *= math.exp(-0.5 * volatility**2 * DT + volatility * math.sqrt(DT) * draw)
        new_tokens, new_usd, _ = worth(price)
        lost += (tokens - new_tokens) * price + usd - new_usd
    return lost, value_time, formula


def check_paths(paths: np.ndarray, worth: Worth, volatility: float) -> None:
    for path, key in zip(paths, agent_bits(KEY, range(len(paths))), strict=True):
        lost, value_time, formula = path_reference(worth, volatility, key)
        assert path[LOST] == pytest.approx(lost, rel=1e-6)
        assert path[VALUE_TIME] == pytest.approx(value_time, rel=1e-9)
        assert path[FORMULA] == pytest.approx(formula, rel=1e-9)


@pytest.mark.parametrize("weight", [0.5, 0.2, 0.8, 0.99])
@pytest.mark.parametrize("volatility", [0.1, 1.0, 3.0])
def test_each_step_of_a_pool_loses_what_holding_would_have_gained(weight: float, volatility: float) -> None:
    rows, held, paths = fresh(3, weight), np.zeros((3, 2), np.int64), np.zeros((3, kernels.COLUMNS))
    start = rows.copy()
    kernels.lose_to_arbitrage(rows, weight, held, Market(volatility, DT, STEPS, np.uint64(KEY)), paths)
    check_paths(paths, worth_of_weights(weight), volatility)
    np.testing.assert_array_equal(rows[:, :2] + held, start[:, :2])


@pytest.mark.parametrize("high", [1.02, 1.25, 50.0])
@pytest.mark.parametrize("volatility", [0.1, 1.0, 3.0])
def test_each_step_of_a_range_loses_what_holding_would_have_gained(high: float, volatility: float) -> None:
    held, reserves = np.zeros((3, 2), np.int64), np.zeros((3, 2), np.int64)
    paths, profile = np.zeros((3, kernels.COLUMNS)), np.zeros((20, kernels.COLUMNS))
    market = Market(volatility, DT, STEPS, np.uint64(KEY))
    assert kernels.lose_in_range(roots_of(high), LIQUIDITY, reserves, held, market, paths, profile) == 0
    check_paths(paths, worth_of_a_range(high), volatility)
    np.testing.assert_allclose(profile.sum(axis=0), paths.sum(axis=0), rtol=1e-9)
    put_in = kernels.open_range(roots_of(high), LIQUIDITY).state[RESERVE : RESERVE + 2]
    np.testing.assert_array_equal(reserves + held, np.broadcast_to(put_in, (3, 2)))


@pytest.mark.parametrize("weight", [0.5, 0.2])
@pytest.mark.parametrize("price", [1e-3, 0.5, 1.0, 1.0 + 1e-12, 7.0, 1e3])
def test_arbitrage_leaves_the_pool_at_the_price_of_the_market(weight: float, price: float) -> None:
    pool, held = fresh(1, weight)[0], np.zeros(2, np.int64)
    start = pool.copy()
    kernels.arbitrage(pool, weight, price, kernels.open_trade(), held)
    assert pool[USD] / pool[TOKENS] * weight / (1.0 - weight) == pytest.approx(price, rel=1e-10)
    assert held[USD] + price * held[TOKENS] >= -2.0 - 1e-13 * RESERVES * price
    np.testing.assert_array_equal(pool[:2] + held, start[:2])


@pytest.mark.parametrize("weight", [0.5, 0.8])
def test_a_pool_too_small_to_trade_with_is_left_alone(weight: float) -> None:
    pool, held = np.array([3, 3, 0]), np.zeros(2, np.int64)
    kernels.arbitrage(pool, weight, 1.01 * weight / (1.0 - weight), kernels.open_trade(), held)
    assert pool.tolist() == [3, 3, 0]
    assert held.tolist() == [0, 0]


def mean_worth(high: float, sd: float) -> float:
    """Return the expected value of a range when the standard deviation of the log price has become `sd`."""

    def density(normal: float) -> float:
        price = math.exp(-0.5 * sd**2 + sd * normal)
        tokens, usd, _ = worth_of_a_range(high)(price)
        return float(stats.norm.pdf(normal)) * (tokens * price + usd) / LIQUIDITY

    ends = [0.5 * sd + math.log(end) / sd for end in (1.0 / high, high)]
    inside = [end for end in ends if -10.0 < end < 10.0]
    pieces = zip([-10.0, *inside], [*inside, 10.0], strict=True)
    return sum(float(integrate.quad(density, low, top)[0]) for low, top in pieces)


def test_the_expected_losses_of_ranges_are_integrals_over_the_price() -> None:
    """The price is a martingale, so holding gains nothing: what is lost on average is what the value falls by."""
    replication = find_replication(NAME)
    parameters = replication.parameters()
    assert isinstance(parameters, Parameters)
    published = {name: value for table in replication.expected().tables for name, value in table.values.items()}
    at, weights = np.polynomial.legendre.leggauss(12)
    times = 0.5 * parameters.years * (at + 1.0)
    for pool in pools(parameters):
        if pool.high:
            tokens, usd, _ = worth_of_a_range(pool.high)(1.0)
            lost = (tokens + usd) / LIQUIDITY - mean_worth(pool.high, pool.volatility * math.sqrt(parameters.years))
            values = [mean_worth(pool.high, pool.volatility * math.sqrt(time)) for time in times]
            value_time = 0.5 * parameters.years * float(np.dot(weights, values))
            assert published[pool.name] == pytest.approx(lost / value_time, rel=5e-5)
        else:
            assert published[pool.name] == pytest.approx(
                pool.weight * (1.0 - pool.weight) / 2.0 * pool.volatility**2, rel=1e-12
            )


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 23


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_losses_come_out() -> None:
    outcome = replicate(NAME)
    assert outcome.passed
    for row in outcome.rows:
        if row.ours.method != "exact":
            standard_error = (row.ours.high - row.ours.low) / 3.92
            assert row.tolerance is not None
            assert abs(row.ours.estimate - row.published) < 4.0 * standard_error
            assert row.tolerance > 3.0 * standard_error
