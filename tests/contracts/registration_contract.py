"""What every price of registration must do: inherit `RegistrationContract`, give it a rule, and run pytest.

class TestMyPrice(RegistrationContract):
    @pytest.fixture
    def rule(self):
        return MyPrice(kind="my_prices:MyPrice", start=1.0)
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.tokenomics.sinks import PricedRegistration
from contracts.plugin_contract import PluginContract, any_input

__all__ = ["RegistrationContract"]

_BASE, _MOST = 10**9, 2**61
_LAST, _BLOCKS, _ENTRANTS = st.integers(0, 10**14), st.integers(0, 10**7), st.integers(0, 100)


class RegistrationContract(PluginContract):
    """Conformance tests of one price of registration."""

    @pytest.fixture
    def rule(self) -> PricedRegistration:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def plugin(self, rule: PricedRegistration) -> Plugin:
        return rule

    @any_input
    @given(last=_LAST, one=_BLOCKS, other=_BLOCKS)
    def test_prices_are_whole_bounded_and_fall_with_time(
        self, rule: PricedRegistration, last: int, one: int, other: int
    ) -> None:
        soon, late = (rule.cost(last, blocks, _BASE) for blocks in sorted((one, other)))
        assert type(soon) is int
        assert 0 <= late <= soon <= _MOST

    @any_input
    @given(last=_LAST, few=_ENTRANTS, more=_ENTRANTS)
    def test_entries_raise_the_price_and_none_leaves_it(
        self, rule: PricedRegistration, last: int, few: int, more: int
    ) -> None:
        cost = rule.cost(last, 0, _BASE)
        assert rule.after(cost, 0, _BASE) == cost
        assert rule.after(cost, few, _BASE) <= rule.after(cost, few + more, _BASE) <= _MOST
        assert type(rule.after(cost, few, _BASE)) is int

    @any_input
    @given(last=_LAST, blocks=_BLOCKS)
    def test_remembers_nothing(self, rule: PricedRegistration, last: int, blocks: int) -> None:
        assert rule.cost(last, blocks, _BASE) == rule.cost(last, blocks, _BASE)
