"""What every kind of agent must do: inherit `PopulationContract`, give it declared parameters, and run pytest.

    class TestSavers(PopulationContract):
        @pytest.fixture
        def spec(self):
            return SaversSpec(kind="my_rules:SaversSpec", count=100)

Override `site` when the kind needs other networks, and `endowed` when its members get tokens in a way of their own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catallaxy.agents.lanes import Lanes
from catallaxy.agents.plugins import Plugin
from catallaxy.agents.population import MICRO, Fills, Population, PopulationSpec, Quotes, Site
from contracts.plugin_contract import PluginContract

NAME = "members"
FILLS = Fills(np.array([0.4, 3.0]), np.array([2.4, 0.3]))


def totals(population: Population) -> list[list[int]]:
    """Return dollars and, for every network, free, staked and unbonding tokens."""
    return [
        [population.usd_total()],
        *(
            [int(amount) for amount in amounts]
            for amounts in zip(
                population.token_totals(), population.staked_totals(), population.unbonding_totals(), strict=True
            )
        ),
    ]


class PopulationContract(PluginContract):
    """Conformance tests of one kind of agent."""

    @pytest.fixture
    def spec(self) -> PopulationSpec:
        raise NotImplementedError("override the fixture `spec` with the declared parameters of the kind under test")

    @pytest.fixture
    def plugin(self, spec: PopulationSpec) -> Plugin:
        return spec

    @pytest.fixture
    def site(self) -> Site:
        base = np.array([10**9, 10**6], np.int64)
        return Site(np.uint64(11), 1000, 2, base, np.array([2.0, 0.5]), 1.0, Lanes())

    @pytest.fixture
    def quotes(self, site: Site) -> Quotes:
        return Quotes(site.prices, site.prices * MICRO / site.base_units)

    @pytest.fixture
    def endowed(self, spec: PopulationSpec, site: Site) -> Population:
        population = spec.build(NAME, site)
        if hasattr(population, "endow"):
            for k in range(site.n_networks):
                population.endow(k, 10**15)
        return population

    def test_has_a_row_for_every_agent(self, spec: PopulationSpec, site: Site) -> None:
        population = spec.build(NAME, site)
        assert len(population) == spec.count
        assert population.name == NAME
        assert population.ids.tolist() == list(range(site.first_id, site.first_id + spec.count))

    def test_columns_are_as_declared(self, spec: PopulationSpec, site: Site) -> None:
        population = spec.build(NAME, site)
        declared = {column.name: column for column in population.COLUMNS}
        assert declared.keys() == population.columns.keys()
        for name, values in population.columns.items():
            assert values.dtype == declared[name].dtype, name
            assert values.flags.c_contiguous, name
            assert values.shape in {(spec.count,), (site.n_networks, spec.count)}, name
            assert declared[name].unit, f"{name} has no unit"
            assert declared[name].doc.endswith("."), f"{name} has no sentence"

    def test_the_same_seed_makes_the_same_agents(self, spec: PopulationSpec, site: Site) -> None:
        first, second = spec.build(NAME, site), spec.build(NAME, site)
        for name, values in first.columns.items():
            np.testing.assert_array_equal(values, second.columns[name], err_msg=name)

    def test_more_agents_leave_the_others_as_they_were(self, spec: PopulationSpec, site: Site) -> None:
        few, many = spec.build(NAME, site), spec.model_copy(update={"count": 2 * spec.count}).build(NAME, site)
        for name, values in few.columns.items():
            np.testing.assert_array_equal(values, many.columns[name][..., : spec.count], err_msg=name)

    def test_nobody_starts_with_a_debt(self, endowed: Population) -> None:
        assert type(endowed.usd_total()) is int
        for amounts in (endowed.token_totals(), endowed.staked_totals(), endowed.unbonding_totals()):
            assert np.asarray(amounts).dtype == np.int64
            assert np.shape(amounts) == (endowed.site.n_networks,)
        assert min(amount for row in totals(endowed) for amount in row) >= 0

    def test_the_stakes_of_members_add_up(self, endowed: Population) -> None:
        for k, total in enumerate(endowed.staked_totals()):
            stakes = endowed.stakes(k)
            assert stakes.dtype == np.int64
            assert int(stakes.sum()) == total

    def test_orders_are_covered(self, endowed: Population, quotes: Quotes) -> None:
        bid, offered = endowed.orders(quotes)
        assert len(bid) == len(offered) == endowed.site.n_networks
        assert min(*bid, *offered) >= 0
        assert sum(bid) <= endowed.usd_total()
        for k, amount in enumerate(offered):
            assert amount <= endowed.token_totals()[k]

    def test_fills_are_booked_to_the_last_unit(self, endowed: Population, quotes: Quotes) -> None:
        before = totals(endowed)
        bid, offered = endowed.orders(quotes)
        tokens, usd = endowed.settle(FILLS)
        for k in range(endowed.site.n_networks):
            assert 0 <= tokens[k] <= bid[k] * FILLS.tokens_per_usd[k]
            assert 0 <= usd[k] <= offered[k] * FILLS.usd_per_token[k]
            assert endowed.token_totals()[k] == before[k + 1][0] - offered[k] + tokens[k]
        assert endowed.usd_total() == before[0][0] - sum(bid) + sum(usd)
        assert min(amount for row in totals(endowed) for amount in row) >= 0

    def test_the_order_of_rows_does_not_matter(
        self, spec: PopulationSpec, site: Site, endowed: Population, quotes: Quotes
    ) -> None:
        mixed = spec.build(NAME, site)
        for name, values in endowed.columns.items():
            mixed.columns[name][...] = values
        mixed.permute(np.random.default_rng(5).permutation(spec.count))
        assert totals(mixed) == totals(endowed)
        assert [list(side) for side in mixed.orders(quotes)] == [list(side) for side in endowed.orders(quotes)]
        assert [list(side) for side in mixed.settle(FILLS)] == [list(side) for side in endowed.settle(FILLS)]
        back = np.argsort(mixed.ids)
        for name, values in endowed.columns.items():
            np.testing.assert_array_equal(mixed.columns[name][..., back], values, err_msg=name)

    def test_incomes_have_one_entry_per_agent(self, endowed: Population) -> None:
        for network, earned in endowed.incomes_usd().values():
            assert network.shape == earned.shape == (len(endowed),)
            assert network.min() >= -1
            assert network.max() < endowed.site.n_networks

    def test_identifiers_may_start_anywhere(self, spec: PopulationSpec, site: Site) -> None:
        assert spec.build(NAME, replace(site, first_id=7)).ids[0] == 7
