"""What every rule on credits must do: inherit `CreditsContract`, give it a rule, and run pytest.

class TestMyCredits(CreditsContract):
    @pytest.fixture
    def rule(self):
        return MyCredits(kind="my_credits:MyCredits")
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.tokenomics.sinks import BurnAndMint
from catallaxy.sim.tokenomics.units import exact
from contracts.plugin_contract import PluginContract, any_input

__all__ = ["CreditsContract"]

_USD, _PRICES = st.integers(0, 10**15), st.floats(1e-6, 1e6)
_BASES = st.sampled_from([1, 10**6, 10**9])
_RATIOS = st.one_of(st.none(), st.fractions(0, 3))
#: From the healthiest to the worst.
_STATUS = ("healthy", "warning", "halted")


class CreditsContract(PluginContract):
    """Conformance tests of one rule on credits that burns and mints."""

    @pytest.fixture
    def rule(self) -> BurnAndMint:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def plugin(self, rule: BurnAndMint) -> Plugin:
        return rule

    @any_input
    @given(usd=_USD, price=_PRICES, base=_BASES)
    def test_what_is_burned_is_worth_what_it_credits(
        self, rule: BurnAndMint, usd: int, price: float, base: int
    ) -> None:
        burned = rule.tokens_for(usd, price, base)
        credited = rule.credited(burned, price, base)
        assert type(burned) is type(credited) is int
        assert 0 <= credited <= burned * exact(price) * 10**6 / base

    @any_input
    @given(used=_USD, price=_PRICES, base=_BASES)
    def test_settlement_mints_no_more_than_was_used_and_pays_no_more_than_it_mints(
        self, rule: BurnAndMint, used: int, price: float, base: int
    ) -> None:
        minted, paid = rule.settle(used, price, base)
        assert 0 <= paid <= minted <= used * base / (exact(price) * 10**6)

    @any_input
    @given(used=_USD, more=_USD, price=_PRICES, base=_BASES)
    def test_more_use_never_mints_less(self, rule: BurnAndMint, used: int, more: int, price: float, base: int) -> None:
        assert rule.settle(used, price, base).minted <= rule.settle(used + more, price, base).minted

    @any_input
    @given(one=_RATIOS, other=_RATIOS)
    def test_less_collateral_never_means_more_trust(
        self, rule: BurnAndMint, one: Fraction | None, other: Fraction | None
    ) -> None:
        better, worse = sorted((one, other), key=lambda ratio: 99 if ratio is None else ratio, reverse=True)
        assert _STATUS.index(rule.status(better)) <= _STATUS.index(rule.status(worse))
        assert 1 <= rule.epoch(better) <= rule.epoch(worse)
        assert rule.epoch_us(better) > 0

    def test_says_what_it_does(self, rule: BurnAndMint) -> None:
        assert rule.describe().strip().endswith(".")
