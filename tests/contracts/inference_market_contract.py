"""What every inference market must do: inherit `InferenceMarketContract`, give it a market, and run pytest.

class TestMyMarket(InferenceMarketContract):
    @pytest.fixture
    def market(self):
        return MyMarket(kind="my_rules:MyMarket")
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders, ModelBuildersSpec
from catallaxy.agents.plugins import Plugin
from catallaxy.agents.population import Ints, Site
from catallaxy.sim.markets.services import InferenceMarket
from contracts.plugin_contract import PluginContract, any_input

NETWORKS, BUILDERS = 2, 8
EXACT = 1e-9
SPENDING = st.lists(
    st.one_of(st.just(0), st.integers(0, 10**6), st.integers(0, 10**13)), min_size=NETWORKS, max_size=NETWORKS
)
HOURS = st.lists(st.one_of(st.just(0), st.integers(0, 10**10)), min_size=BUILDERS, max_size=BUILDERS)
KEPT = st.floats(0.0, 1.0)


@dataclass
class Sale:
    """Builders, who began without cash, after one step of a market."""

    builders: ModelBuilders
    tally: Ints


def sale(
    market: InferenceMarket, spending: list[int], hours: list[int], kept: float = 1.0, mixed: bool = False
) -> Sale:
    """Clear once; `mixed` does so with the rows in another order."""
    site = Site(np.uint64(5), 0, NETWORKS, np.full(NETWORKS, 10**9), np.ones(NETWORKS), 1.0, Lanes())
    builders = ModelBuildersSpec(kind="model_builders", count=BUILDERS).build("builders", site)
    builders.train(0, np.ones(NETWORKS))
    builders.usd[:] = 0
    builders.inference[:] = hours
    if mixed:
        builders.permute(np.random.default_rng(3).permutation(BUILDERS))
    tally = market.clear(builders, np.array(spending), np.array([0.5, 2.0]), np.full(NETWORKS, kept))
    return Sale(builders, tally.copy())


class InferenceMarketContract(PluginContract):
    """Conformance tests of one inference market."""

    @pytest.fixture
    def market(self) -> InferenceMarket:
        raise NotImplementedError("override the fixture `market` with the inference market under test")

    @pytest.fixture
    def plugin(self, market: InferenceMarket) -> Plugin:
        return market

    @any_input
    @given(SPENDING, HOURS, KEPT)
    def test_builders_get_what_users_pay_less_what_the_protocol_keeps(
        self, market: InferenceMarket, spending: list[int], hours: list[int], kept: float
    ) -> None:
        done = sale(market, spending, hours, kept)
        gross, net = done.tally[:, 0], done.tally[:, 1]
        assert np.all((gross >= 0) & (gross <= spending))
        assert np.all((net <= gross * kept * (1.0 + EXACT)) & (net >= gross * kept * (1.0 - EXACT) - BUILDERS))
        assert done.builders.by_network(done.builders.usd).tolist() == net.tolist()
        assert done.builders.by_network(done.builders.income).tolist() == net.tolist()
        assert np.all(np.abs(done.tally[:, 4] - spending) <= BUILDERS + EXACT * np.array(spending))

    @any_input
    @given(SPENDING, HOURS)
    def test_nobody_serves_beyond_its_capacity(
        self, market: InferenceMarket, spending: list[int], hours: list[int]
    ) -> None:
        done = sale(market, spending, hours)
        builders = done.builders
        units = builders.usd / (builders.price * 1e6)
        capacity = builders.inference / 1000.0 / builders.spec.hours_per_unit
        assert np.all(units <= capacity * (1.0 + EXACT))
        served = np.bincount(builders.network, units, NETWORKS)
        assert done.tally[:, 2] / 1e6 == pytest.approx(served, rel=EXACT, abs=1e-5 * BUILDERS)

    @any_input
    @given(SPENDING, HOURS)
    def test_prices_and_expectations_are_numbers(
        self, market: InferenceMarket, spending: list[int], hours: list[int]
    ) -> None:
        builders = sale(market, spending, hours).builders
        for values in (builders.price, builders.markup, builders.revenue, builders.units):
            assert np.all(np.isfinite(values) & (values >= 0.0))
        assert np.all(builders.price > 0.0)

    def test_nothing_is_sold_without_capacity_or_users(self, market: InferenceMarket) -> None:
        assert not sale(market, [10**9] * NETWORKS, [0] * BUILDERS).tally[:, :4].any()
        assert not sale(market, [0] * NETWORKS, [10**6] * BUILDERS).tally.any()

    @any_input
    @given(SPENDING, st.integers(0, 10**12), HOURS, st.integers(0, 10**9))
    def test_more_spending_and_more_capacity_serve_no_less(
        self, market: InferenceMarket, spending: list[int], more: int, hours: list[int], larger: int
    ) -> None:
        base = sale(market, spending, hours).tally[:, 0]
        eager = sale(market, [amount + more for amount in spending], hours).tally[:, 0]
        able = sale(market, spending, [own + larger for own in hours]).tally[:, 0]
        assert np.all(eager >= base - BUILDERS)
        assert np.all(able >= base - BUILDERS)

    @any_input
    @given(SPENDING, HOURS, KEPT)
    def test_the_order_of_rows_changes_nothing(
        self, market: InferenceMarket, spending: list[int], hours: list[int], kept: float
    ) -> None:
        straight, mixed = sale(market, spending, hours, kept), sale(market, spending, hours, kept, mixed=True)
        assert mixed.tally.tolist() == straight.tally.tolist()
        back = np.argsort(mixed.builders.ids)
        for name, values in straight.builders.columns.items():
            np.testing.assert_array_equal(mixed.builders.columns[name][..., back], values, err_msg=name)
