"""What every data market must do: inherit `DataMarketContract`, give it a market, and run pytest.

class TestMyMarket(DataMarketContract):
    @pytest.fixture
    def market(self):
        return MyMarket(kind="my_rules:MyMarket")
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.data_providers import DataProviders, DataProvidersSpec
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders, ModelBuildersSpec
from catallaxy.agents.plugins import Plugin
from catallaxy.agents.population import Floats, Ints, Site
from catallaxy.sim.markets.services import DataMarket
from contracts.plugin_contract import PluginContract, any_input

NETWORKS, PROVIDERS, BUILDERS = 2, 40, 6
BUDGETS = st.lists(
    st.one_of(st.just(0), st.integers(0, 10**7), st.integers(0, 10**12)), min_size=BUILDERS, max_size=BUILDERS
)
#: What a data unit has earned lately: nobody, some or all are on offer.
INCOME = st.sampled_from([0.0, 0.05, 10.0])
CHARGE = st.sampled_from([0.0, 0.01, 2.0])


def people() -> tuple[DataProviders, ModelBuilders]:
    """Make both sides, always the same, on two networks."""
    site = Site(np.uint64(5), 0, NETWORKS, np.full(NETWORKS, 10**9), np.ones(NETWORKS), 1.0, Lanes())
    providers = DataProvidersSpec(kind="data_providers", count=PROVIDERS).build("providers", site)
    return providers, ModelBuildersSpec(kind="model_builders", count=BUILDERS).build("builders", site)


@dataclass
class Trade:
    """Both sides after one step of a market; builders had exactly their budgets in cash."""

    providers: DataProviders
    builders: ModelBuilders
    budgets: Ints
    on_offer: Floats
    paid: Ints
    tally: Ints


def trade(market: DataMarket, budgets: list[int], income: float, charge: float, mixed: bool = False) -> Trade:
    """Offer, and clear once; `mixed` does so with the rows in another order."""
    providers, builders = people()
    builders.budget[:] = builders.usd[:] = budgets
    if mixed:
        rng = np.random.default_rng(3)
        providers.permute(rng.permutation(PROVIDERS))
        builders.permute(rng.permutation(BUILDERS))
    providers.offer(np.full(NETWORKS, income), charge)
    on_offer = providers.stock.sum(axis=1)
    paid, tally = market.clear(providers, builders, charge)
    return Trade(providers, builders, builders.budget.copy(), on_offer, paid.copy(), tally.copy())


class DataMarketContract(PluginContract):
    """Conformance tests of one data market."""

    @pytest.fixture
    def market(self) -> DataMarket:
        raise NotImplementedError("override the fixture `market` with the data market under test")

    @pytest.fixture
    def plugin(self, market: DataMarket) -> Plugin:
        return market

    @any_input
    @given(BUDGETS, INCOME, CHARGE)
    def test_moves_every_dollar_from_builders_to_providers(
        self, market: DataMarket, budgets: list[int], income: float, charge: float
    ) -> None:
        done = trade(market, budgets, income, charge)
        assert done.paid.tolist() == done.builders.by_network(done.budgets - done.builders.usd).tolist()
        assert done.tally[:, 2].tolist() == done.providers.by_network(done.providers.income).tolist()
        kept = done.tally[:, 2] - done.tally[:, 3]
        assert kept.tolist() == done.providers.by_network(done.providers.usd).tolist()
        rounding = done.paid - done.tally[:, 2]
        assert np.all((rounding >= 0) & (rounding <= PROVIDERS + BUILDERS + 1e-9 * done.paid))

    @any_input
    @given(BUDGETS, INCOME, CHARGE)
    def test_nobody_spends_more_than_its_budget_or_is_left_with_a_debt(
        self, market: DataMarket, budgets: list[int], income: float, charge: float
    ) -> None:
        done = trade(market, budgets, income, charge)
        assert done.builders.usd.min() >= 0
        assert done.builders.usd.sum() <= sum(budgets)
        assert done.providers.usd.min() >= 0

    @any_input
    @given(BUDGETS, INCOME, CHARGE)
    def test_licenses_only_what_is_on_offer(
        self, market: DataMarket, budgets: list[int], income: float, charge: float
    ) -> None:
        done = trade(market, budgets, income, charge)
        assert done.builders.licensed.min() >= 0
        assert np.all(done.builders.licensed <= done.on_offer[done.builders.network])
        assert done.providers.income[done.providers.active == 0].sum() == 0
        assert done.tally[:, 0].tolist() == done.providers.by_network(done.providers.active.astype(np.int64)).tolist()
        assert np.all(done.tally[:, 1] <= done.tally[:, 0] * done.builders.per_network)

    def test_nothing_is_paid_without_budgets_or_offers(self, market: DataMarket) -> None:
        assert trade(market, [0] * BUILDERS, 10.0, 0.0).paid.tolist() == [0] * NETWORKS
        nothing = trade(market, [10**9] * BUILDERS, 0.0, 1.0)
        assert nothing.tally.any(axis=0).tolist() == [False] * 4
        assert nothing.builders.licensed.sum() == 0

    @any_input
    @given(BUDGETS, st.integers(0, 10**10), CHARGE)
    def test_larger_budgets_license_no_less(
        self, market: DataMarket, budgets: list[int], more: int, charge: float
    ) -> None:
        few = trade(market, budgets, 10.0, charge)
        many = trade(market, [budget + more for budget in budgets], 10.0, charge)
        assert np.all(many.builders.licensed >= few.builders.licensed)

    @any_input
    @given(BUDGETS, INCOME, CHARGE)
    def test_the_order_of_rows_changes_nothing(
        self, market: DataMarket, budgets: list[int], income: float, charge: float
    ) -> None:
        straight, mixed = trade(market, budgets, income, charge), trade(market, budgets, income, charge, mixed=True)
        assert mixed.paid.tolist() == straight.paid.tolist()
        assert mixed.tally.tolist() == straight.tally.tolist()
        back = np.argsort(mixed.providers.ids)
        assert mixed.providers.usd[back].tolist() == straight.providers.usd.tolist()
