"""Rounds, dividends and public models, against plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders, ModelBuildersSpec
from catallaxy.agents.open_weights import Commons, OpenWeightsSpec
from catallaxy.agents.population import Site
from catallaxy.agents.royalties import Contributions
from catallaxy.agents.venture import Venture, VentureSpec

DAYS = 1.0


def builders(count: int = 4) -> ModelBuilders:
    site = Site(np.uint64(7), 10, 1, np.array([10**9]), np.array([1.0]), DAYS, Lanes())
    return ModelBuildersSpec(kind="model_builders", count=count).build("builders", site)


def round_of_one(spec: VentureSpec, cash: float, loss: float, revenue: float, appetite: float) -> tuple[float, float]:
    """Return what one firm raises, and what share is left to its founders."""
    if not (cash < loss * spec.runway_days or cash < spec.overhead):
        return 0.0, 1.0
    value = spec.revenue_multiple * appetite * revenue * 365.25
    raised = min(max(loss, spec.overhead) * spec.round_days, value * spec.largest_stake / (1.0 - spec.largest_stake))
    return raised, value / (value + raised) if raised >= 1e-6 else 1.0


MONEY = st.floats(0.0, 1e6)


@settings(max_examples=30, deadline=None)
@given(cash=MONEY, spent=MONEY, revenue=st.floats(1.0, 1e5), appetite=st.just(0.0) | st.floats(0.01, 20.0))
def test_rounds_are_those_of_plain_arithmetic(cash: float, spent: float, revenue: float, appetite: float) -> None:
    firms, spec = builders(1), VentureSpec(vacant=0.0)
    usd, costs = np.array([int(cash * 1e6)]), np.array([int(spent * 1e6)])
    venture = Venture(firms, spec, usd, firms.markup)
    venture.keep_books(costs, np.zeros(1, np.int64))
    raised = venture.raise_money(usd, np.array([revenue]), appetite)
    wanted, left = round_of_one(spec, int(cash * 1e6) / 1e6, costs[0] / 1e6 / 30.0, revenue, appetite)
    assert raised[0] / 1e6 == pytest.approx(wanted, rel=1e-9, abs=2e-6)
    assert venture.founders_share[0] == pytest.approx(left, rel=1e-6)
    assert 1.0 - venture.founders_share[0] <= spec.largest_stake + 1e-9
    before = int(usd[0])
    paid = venture.pay_dividends(usd)
    assert usd[0] == before - paid[0] >= 0


def test_a_vacant_place_has_nothing_and_a_new_firm_has_what_its_founders_bring() -> None:
    firms, spec = builders(), VentureSpec(vacant=1.0, seed_capital=7.0, entry={"per_day": 1e3}, overhead=1.0)
    venture = Venture(firms, spec, firms.usd, firms.markup)
    assert not firms.usd.any()
    certain = np.zeros(1)
    assert len(venture.entrants(firms.network, np.array([368.0]), 1.0, certain)) == 0
    rows = venture.entrants(firms.network, np.array([369.0]), 1.0, certain)
    assert rows.tolist() == [0]
    assert len(venture.entrants(firms.network, np.array([369.0]), 0.5, certain)) == 0
    assert venture.found(rows, firms.usd, firms.markup).tolist() == firms.usd.tolist() == [7_000_000, 0, 0, 0]
    assert venture.firms(firms.network).tolist() == [1]


def test_what_is_public_is_the_best_that_was_published() -> None:
    firms = builders()
    commons = Commons(firms, OpenWeightsSpec(share=1.0, spillover=0.5))
    compute, data = np.array([8.0, 2.0, 5.0, 0.0]), np.array([1.0, 6.0, 0.0, 0.0])
    commons.publish(compute, data, np.array([1, 1, 1, 0], np.int8), 0.0)
    assert compute.tolist() == [8.0, 4.0, 5.0, 0.0]
    assert data.tolist() == [3.0, 6.0, 3.0, 0.0]
    commons.publish(compute * 0.0, data * 0.0, None, 0.25)
    assert (commons.compute, commons.data) == (3.0, 2.25)
    markup = np.array([0.05, 0.1, 0.2, 3.0])
    commons.limit_markups(markup)
    assert markup.tolist() == [0.05, 0.1, 0.1, 0.1]


def test_contributions_fade() -> None:
    record = Contributions(builders(2), 0.5)
    assert record.add(np.array([8, 0])).tolist() == [8, 0]
    assert record.add(np.array([0, 6])).tolist() == [4, 6]
