"""What a better offer is worth: integrals of demand, draws of a logit, and the limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.surplus import gain_in_money, log_price_gain

ELASTICITIES = st.floats(0.0, 5.0)


@given(st.floats(-2.0, 2.0), ELASTICITIES)
def test_the_closed_form_is_the_integral_of_demand(gain: float, elasticity: float) -> None:
    price = np.exp(np.linspace(-gain, 0.0, 4001))
    demand = price**-elasticity
    area = float(np.sum(np.diff(price) * (demand[1:] + demand[:-1]) / 2.0))
    assert gain_in_money(gain, elasticity) == pytest.approx(area, rel=1e-5, abs=1e-9)


def test_at_unit_elasticity_the_gain_is_the_log_of_the_price() -> None:
    assert gain_in_money(0.7, 1.0) == 0.7
    assert gain_in_money(0.7, 1.0 + 1e-6) == pytest.approx(0.7, rel=1e-5)


@given(st.floats(0.0, 3.0), st.floats(0.0, 3.0), ELASTICITIES)
def test_a_larger_gain_is_worth_more_and_less_than_all_spending_at_inelastic_demand(
    gain: float, more: float, elasticity: float
) -> None:
    assert gain_in_money(gain + more, elasticity) >= gain_in_money(gain, elasticity) >= 0.0
    assert gain_in_money(gain, 0.0) <= 1.0


def test_those_who_chose_gain_what_draws_of_a_logit_say() -> None:
    utilities, weight = np.array([-0.5, 0.8]), 1.3
    shocks = np.random.default_rng(5).gumbel(size=(400_000, 3))
    drawn = shocks + np.array([0.0, *utilities])
    gained = (drawn.max(axis=1) - drawn[:, 0])[drawn.argmax(axis=1) > 0]
    expected = float(gained.mean()) / weight
    assert log_price_gain(float(np.exp(utilities).sum()), weight) == pytest.approx(
        expected, rel=4.0 / np.sqrt(len(gained))
    )


def test_an_offer_that_hardly_anyone_takes_is_worth_one_over_the_weight_to_those_few() -> None:
    assert log_price_gain(np.exp(-40.0), 2.0) == pytest.approx(0.5)
    assert log_price_gain(0.0, 2.0) == 0.0
