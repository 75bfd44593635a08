"""What every verification regime must do: inherit `RegimeContract`, give it a regime, and run pytest.

    class TestMyRegime(RegimeContract):
        @pytest.fixture
        def regime(self):
            return MyRegime(kind="my_rules:MyRegime")

Set `splits_evenly` to False when the chance of a check is not built up evenly over a step: where each piece of work is
checked with some probability, say, instead of each node at some times.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.recording.metrics import METRICS
from catallaxy.sim.trust.verification import NOTHING_SEEN, Seen, VerificationRegime
from contracts.plugin_contract import PluginContract, any_input

DAYS = st.floats(0.01, 31.0)
USD = st.one_of(st.just(0.0), st.floats(0.0, 1e12))
SEEN = st.builds(Seen, USD, st.floats(0.0, 1.0), USD, USD, USD)


class RegimeContract(PluginContract):
    """Conformance tests of one verification regime."""

    splits_evenly = True

    @pytest.fixture
    def regime(self) -> VerificationRegime:
        raise NotImplementedError("override the fixture `regime` with the regime under test")

    @pytest.fixture
    def plugin(self, regime: VerificationRegime) -> Plugin:
        return regime

    @any_input
    @given(DAYS, SEEN)
    def test_terms_are_probabilities_and_shares(self, regime: VerificationRegime, dt_days: float, seen: Seen) -> None:
        terms = regime.terms(dt_days, seen)
        for name in ("probability", "detection", "false_positive", "slash", "memory", "to_treasury", "to_nodes"):
            assert 0.0 <= getattr(terms, name) <= 1.0, name
        assert terms.to_treasury + terms.to_nodes <= 1.0
        assert 0.0 < terms.learning <= 1.0

    @any_input
    @given(DAYS, SEEN)
    def test_costs_are_finite_and_not_negative(self, regime: VerificationRegime, dt_days: float, seen: Seen) -> None:
        terms = regime.terms(dt_days, seen)
        for cost in (terms.probability * terms.node_cost, terms.protocol_cost, terms.delay_cost, terms.outside_cost):
            assert 0.0 <= cost < math.inf

    @any_input
    @given(DAYS, SEEN)
    def test_has_no_memory(self, regime: VerificationRegime, dt_days: float, seen: Seen) -> None:
        first = regime.terms(dt_days, seen)
        regime.terms(2.0 * dt_days, NOTHING_SEEN)
        assert regime.terms(dt_days, seen) == first

    @any_input
    @given(DAYS, SEEN)
    def test_looks_only_where_it_says_so(self, regime: VerificationRegime, dt_days: float, seen: Seen) -> None:
        if not regime.watches:
            assert regime.terms(dt_days, seen) == regime.terms(dt_days, Seen(zk_overhead=seen.zk_overhead))

    @any_input
    @given(DAYS, DAYS, SEEN)
    def test_a_longer_step_never_makes_a_check_less_likely(
        self, regime: VerificationRegime, short: float, more: float, seen: Seen
    ) -> None:
        assert regime.terms(short + more, seen).probability >= regime.terms(short, seen).probability

    @any_input
    @given(DAYS)
    def test_cutting_a_step_in_half_changes_no_chance(self, regime: VerificationRegime, dt_days: float) -> None:
        if not self.splits_evenly:
            pytest.skip("this regime says that checks are not spread evenly over a step")
        spared = 1.0 - regime.terms(dt_days / 2.0, NOTHING_SEEN).probability
        assert 1.0 - regime.terms(dt_days, NOTHING_SEEN).probability == pytest.approx(spared**2, abs=1e-12)

    def test_records_groups_that_exist(self, regime: VerificationRegime) -> None:
        assert {*regime.records()} <= {metric.group for metric in METRICS}
