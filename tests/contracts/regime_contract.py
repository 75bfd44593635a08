"""What every verification regime must do: inherit `RegimeContract`, give it a regime, and run pytest.

    class TestMyRegime(RegimeContract):
        @pytest.fixture
        def regime(self):
            return MyRegime(kind="my_rules:MyRegime")

Set `splits_evenly` to False when the chance of an audit is not built up evenly over a step.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.trust.verification import VerificationRegime
from contracts.plugin_contract import PluginContract, any_input

DAYS = st.floats(0.01, 31.0)


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
    @given(DAYS)
    def test_terms_are_probabilities_and_shares(self, regime: VerificationRegime, dt_days: float) -> None:
        terms = regime.terms(dt_days)
        for name in ("probability", "detection", "false_positive", "slash", "to_treasury"):
            assert 0.0 <= getattr(terms, name) <= 1.0, name

    @any_input
    @given(DAYS)
    def test_has_no_memory(self, regime: VerificationRegime, dt_days: float) -> None:
        first = regime.terms(dt_days)
        regime.terms(2.0 * dt_days)
        assert regime.terms(dt_days) == first

    @any_input
    @given(DAYS, DAYS)
    def test_a_longer_step_never_makes_an_audit_less_likely(
        self, regime: VerificationRegime, short: float, more: float
    ) -> None:
        assert regime.terms(short + more).probability >= regime.terms(short).probability

    @any_input
    @given(DAYS)
    def test_cutting_a_step_in_half_changes_no_chance(self, regime: VerificationRegime, dt_days: float) -> None:
        if not self.splits_evenly:
            pytest.skip("this regime says that audits are not spread evenly over a step")
        spared = 1.0 - regime.terms(dt_days / 2.0).probability
        assert 1.0 - regime.terms(dt_days).probability == pytest.approx(spared**2, abs=1e-12)
