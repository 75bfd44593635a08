"""What every toll must do: inherit `TollContract`, give it a rule, and run pytest.

class TestMyToll(TollContract):
    @pytest.fixture
    def rule(self):
        return MyToll(kind="my_tolls:MyToll")
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.tokenomics.sinks import Toll
from contracts.plugin_contract import PluginContract, any_input

__all__ = ["TollContract"]

_DAY = 86_400_000_000
_PRICES, _USES, _STEPS = st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 400)


class TollContract(PluginContract):
    """Conformance tests of one toll."""

    @pytest.fixture
    def rule(self) -> Toll:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def plugin(self, rule: Toll) -> Plugin:
        return rule

    def test_opens_at_a_whole_price(self, rule: Toll) -> None:
        assert type(rule.opening()) is int
        assert rule.opening() >= 0

    @any_input
    @given(price=_PRICES, sold=_USES, step=_STEPS)
    def test_prices_are_whole_never_negative_and_remember_nothing(
        self, rule: Toll, price: int, sold: int, step: int
    ) -> None:
        after = rule.after(price, sold, step * _DAY, (step + 1) * _DAY)
        assert type(after) is int
        assert after >= 0
        assert rule.after(price, sold, step * _DAY, (step + 1) * _DAY) == after

    @any_input
    @given(price=_PRICES, sold=_USES, more=_USES, step=_STEPS)
    def test_more_use_never_makes_it_cheaper(self, rule: Toll, price: int, sold: int, more: int, step: int) -> None:
        stretch = (step * _DAY, (step + 1) * _DAY)
        assert rule.after(price, sold, *stretch) <= rule.after(price, sold + more, *stretch)
