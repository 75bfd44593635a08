"""What every rule on subnets' shares must do: inherit `ShareContract`, give it a rule, and run pytest.

class TestMyRule(ShareContract):
    @pytest.fixture
    def rule(self):
        return MyRule(kind="my_rules:MyRule")
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.tokenomics.subnets import ShareRule, SubnetView, divide
from contracts.plugin_contract import PluginContract, any_input

__all__ = ["ShareContract", "views"]

_AMOUNTS = st.floats(0.0, 1e9)
_FLOWS = st.floats(-1e6, 1e6)


@st.composite
def views(draw: st.DrawFn, most: int = 12) -> SubnetView:
    """Return what a rule may see: any number of slots, some of them empty."""
    n = draw(st.integers(0, most))

    def column(elements: st.SearchStrategy[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array(draw(st.lists(elements, min_size=n, max_size=n)))

    live = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), np.int8)
    prices, burned = column(st.floats(0.0, 1.0)), column(st.floats(0.0, 1.0))
    return SubnetView(live, column(_AMOUNTS), prices, column(_FLOWS), column(_FLOWS), burned)


class ShareContract(PluginContract):
    """Conformance tests of one share rule."""

    @pytest.fixture
    def rule(self) -> ShareRule:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def plugin(self, rule: ShareRule) -> Plugin:
        return rule

    @any_input
    @given(view=views())
    def test_shares_sum_to_one_or_nothing_is_emitted(self, rule: ShareRule, view: SubnetView) -> None:
        shares = rule.shares(view)
        assert shares.dtype == np.float64
        assert shares.shape == view.live.shape
        assert (shares >= 0.0).all()
        assert not shares[view.live == 0].any()
        assert shares.sum() == pytest.approx(1.0) or not shares.any()

    @any_input
    @given(view=views(), amount=st.integers(0, 2**53))
    def test_all_of_an_amount_is_divided(self, rule: ShareRule, view: SubnetView, amount: int) -> None:
        shares = rule.shares(view)
        parts = divide(amount, shares)
        assert parts.sum() == (amount if shares.any() else 0)
        assert np.abs(parts - amount * shares).max(initial=0.0) <= 1.0 + amount * 1e-12

    @any_input
    @given(view=views(), seed=st.integers(0, 2**32 - 1))
    def test_the_order_of_slots_does_not_matter(self, rule: ShareRule, view: SubnetView, seed: int) -> None:
        order = np.random.default_rng(seed).permutation(len(view.live))
        moved = SubnetView(*(getattr(view, field.name)[order] for field in fields(view)))
        assert rule.shares(moved) == pytest.approx(rule.shares(view)[order], abs=1e-9)

    @any_input
    @given(view=views())
    def test_empty_slots_have_no_say(self, rule: ShareRule, view: SubnetView) -> None:
        there = view.live > 0
        wiped = replace(
            view, **{f.name: np.where(there, getattr(view, f.name), 0.0) for f in fields(view) if f.name != "live"}
        )
        assert rule.shares(wiped) == pytest.approx(rule.shares(view), abs=1e-12)

    @any_input
    @given(view=views())
    def test_remembers_nothing_and_changes_nothing(self, rule: ShareRule, view: SubnetView) -> None:
        before = [getattr(view, field.name).copy() for field in fields(view)]
        first = rule.shares(view)
        assert (rule.shares(view) == first).all()
        for kept, field in zip(before, fields(view), strict=True):
            assert (getattr(view, field.name) == kept).all()

    def test_says_what_it_does(self, rule: ShareRule) -> None:
        assert rule.describe().strip().endswith(".")
