"""What every switching rule must do: inherit `SwitchingContract`, give it a rule, and run pytest.

class TestMyRule(SwitchingContract):
    @pytest.fixture
    def rule(self):
        return MyRule(kind="my_rules:MyRule")
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.agents.switching import Camps, SwitchingRule
from contracts.plugin_contract import PluginContract, any_input

__all__ = ["SwitchingContract"]

_PROFITS = st.floats(-1.0, 1.0)
_CAMPS = st.builds(Camps, st.floats(0.0, 1.0), st.floats(0.0, 25.0), _PROFITS, _PROFITS)


class SwitchingContract(PluginContract):
    """Conformance tests of one switching rule."""

    @pytest.fixture
    def rule(self) -> SwitchingRule:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def plugin(self, rule: SwitchingRule) -> Plugin:
        return rule

    @any_input
    @given(camps=_CAMPS)
    def test_a_share_is_chosen_and_nothing_is_remembered(self, rule: SwitchingRule, camps: Camps) -> None:
        chosen = rule.fundamentalists(camps)
        assert 0.0 <= chosen <= 1.0
        assert rule.fundamentalists(camps) == chosen

    @any_input
    @given(camps=_CAMPS, more=st.floats(0.0, 1.0))
    def test_more_profit_never_repels(self, rule: SwitchingRule, camps: Camps, more: float) -> None:
        better = camps._replace(value_profit=camps.value_profit + more)
        assert rule.fundamentalists(better) >= rule.fundamentalists(camps)

    @any_input
    @given(past=st.tuples(_PROFITS, _PROFITS), now=st.tuples(_PROFITS, _PROFITS), dt_days=st.floats(1e-3, 400.0))
    def test_profits_that_count_lie_between_those_that_did_and_the_new(
        self, rule: SwitchingRule, past: tuple[float, float], now: tuple[float, float], dt_days: float
    ) -> None:
        for before, new, found in zip(past, now, rule.remembered(past, now, dt_days), strict=True):
            assert min(before, new) - 1e-12 <= found <= max(before, new) + 1e-12
