"""Unit roots and conditional volatility, on series whose law is known."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from catallaxy.sim.analysis.market.econometrics import unit_roots, volatility
from catallaxy.sim.analysis.market.prices import Floats, Prices
from catallaxy.sim.errors import PricesError

pytest.importorskip("arch", reason="needs the extra econometrics")


def prices(log_price: Floats) -> Prices:
    return Prices("x", np.datetime64("2020-01-01") + np.arange(len(log_price)).astype("m8[D]"), np.exp(log_price))


def test_a_random_walk_has_a_unit_root_and_a_series_that_reverts_has_none() -> None:
    shocks = 0.03 * np.random.default_rng(2).standard_normal(1_000)
    reverting = np.zeros(1_000)
    for t in range(1, 1_000):
        reverting[t] = 0.8 * reverting[t - 1] + shocks[t]
    walk = {test.name: test for test in unit_roots(prices(np.cumsum(shocks)))}
    back = {test.name: test for test in unit_roots(prices(reverting))}
    assert min(walk["ADF"].p, walk["Phillips-Perron"].p) > 0.1
    assert max(back["ADF"].p, back["Phillips-Perron"].p) < 0.01
    assert walk["KPSS"].p < 0.05 < back["KPSS"].p
    assert walk["variance ratio"].p > 0.05 > back["variance ratio"].p


def test_the_law_of_volatility_is_recovered_whatever_the_unit() -> None:
    chance = np.random.default_rng(5)
    n, omega, alpha, gamma, beta = 4_000, 1e-4, 0.05, 0.1, 0.8
    returns, variance = np.zeros(n), 1e-3
    for t in range(n):
        returns[t] = np.sqrt(variance * 4 / 6) * chance.standard_t(6)
        variance = omega + (alpha + gamma * (returns[t] < 0.0)) * returns[t] ** 2 + beta * variance
    found = volatility(prices(np.concatenate(([0.0], np.cumsum(returns)))))
    assert abs(found.arch - alpha) < 3 * found.arch_error
    assert abs(found.leverage - gamma) < 3 * found.leverage_error
    assert abs(found.garch - beta) < 3 * found.garch_error
    assert found.sd == pytest.approx(np.sqrt(omega / 0.1), rel=0.1)
    assert found.freedom == pytest.approx(6, abs=1.5)
    small = volatility(prices(np.concatenate(([0.0], np.cumsum(returns) / 50))))
    assert small.persistence == pytest.approx(found.persistence, abs=1e-3)


def test_without_the_package_one_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arch", None)
    with pytest.raises(PricesError, match="pip install 'catallaxy\\[econometrics\\]'"):
        volatility(prices(np.linspace(0.0, 1.0, 200)))
