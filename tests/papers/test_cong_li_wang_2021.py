"""The price of a platform's token: users against the slow twin, and the equation against what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.papers.cong_li_wang_2021.kernels import join
from catallaxy.papers.cong_li_wang_2021.pricing import Economy, solve
from catallaxy.papers.cong_li_wang_2021.replication import Parameters
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "cong-li-wang-2021"


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.floats(-6, 6), st.floats(0, 2))
def test_users_decide_as_in_the_slow_twin(tastes: list[float], least: float, effect: float) -> None:
    users = len(tastes)
    for _ in range(60):
        threshold = least - effect * math.log(max(users / len(tastes), 1e-12))
        now = sum(taste > threshold for taste in tastes)
        users, before = now, users
        if users == before:
            break
    threshold = least - effect * math.log(max(users / len(tastes), 1e-12))
    demand = sum(math.exp(taste) for taste in tastes if taste > threshold)
    found, total = join(np.array(tastes), least, effect, 60)
    assert found == users
    assert total == pytest.approx(demand, rel=1e-9)


def test_the_price_rises_as_expected_of_it() -> None:
    p = find_replication(NAME).parameters()
    assert isinstance(p, Parameters)
    economy = p.few
    solution, step = solve(economy), 1e-3
    a = np.linspace(-12.0, 0.0, 25)
    price, slope = solution.price(a)
    curve = (solution.price(a + step)[1] - solution.price(a - step)[1]) / (2 * step)
    variance = economy.volatility**2
    rise = slope * (economy.growth - variance / 2) + 0.5 * variance * (curve + slope**2)
    assert rise == pytest.approx(economy.rise(price, a), abs=2e-5)


def test_no_network_and_no_growth_is_a_price_in_proportion() -> None:
    alike = Economy(dispersion=1.0, network_effect=0.0, low=-30.0, high=30.0, growth=0.0)
    assert alike.first_slope == pytest.approx(0.5 + math.sqrt(0.25 + 2 * alike.discount / alike.volatility**2))
    assert alike.log_price_when_grown(3.0) - alike.log_price_when_grown(2.0) == pytest.approx(1.0)


@pytest.mark.jit
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 35


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_properties_come_out() -> None:
    assert replicate(NAME).passed
