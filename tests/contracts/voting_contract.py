"""What every voting rule must do: inherit `VotingContract`, give it a rule, and run pytest.

class TestMyRule(VotingContract):
    @pytest.fixture
    def rule(self):
        return MyRule(kind="my_rules:MyRule")
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.tokenomics.voting import Holdings, VotingRule
from contracts.plugin_contract import PluginContract, any_input

__all__ = ["VotingContract"]

_BASE = 10**6
_HOLDING = st.one_of(st.just(0), st.integers(0, 50 * _BASE), st.integers(0, 2**55))


@st.composite
def _holdings(draw: st.DrawFn) -> Holdings:
    rows = draw(st.lists(st.tuples(_HOLDING, _HOLDING, st.floats(0.0, 1.0)), min_size=1, max_size=30))
    free, bonded = (np.array([row[i] for row in rows], np.int64) for i in (0, 1))
    locked = np.minimum((bonded * np.array([row[2] for row in rows])).astype(np.int64), bonded)
    return Holdings(free, bonded, locked, _BASE)


class VotingContract(PluginContract):
    """Conformance tests of one voting rule."""

    @pytest.fixture
    def rule(self) -> VotingRule:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def plugin(self, rule: VotingRule) -> Plugin:
        return rule

    def test_says_what_it_does(self, rule: VotingRule) -> None:
        assert rule.describe()

    @any_input
    @given(_holdings())
    def test_votes_are_whole_and_not_negative_and_holdings_stay_as_they_are(
        self, rule: VotingRule, holdings: Holdings
    ) -> None:
        before = [column.copy() for column in holdings[:3]]
        votes = rule.votes(holdings)
        assert votes.dtype == np.int64
        assert votes.shape == holdings.free.shape
        assert (votes >= 0).all()
        assert sum(votes.tolist()) < 2**62
        assert all((column == old).all() for column, old in zip(holdings[:3], before, strict=True))
        assert (rule.votes(holdings) == votes).all()

    @any_input
    @given(_holdings(), st.integers(0, 2**40))
    def test_more_tokens_never_mean_fewer_votes(self, rule: VotingRule, holdings: Holdings, more: int) -> None:
        votes = rule.votes(holdings)
        for name in ("free", "bonded", "locked"):
            richer = holdings._replace(**{name: getattr(holdings, name) + more})
            assert (rule.votes(richer) >= votes).all()

    @any_input
    @given(_holdings(), st.randoms(use_true_random=False))
    def test_a_holder_has_the_same_votes_in_any_order(
        self, rule: VotingRule, holdings: Holdings, chance: object
    ) -> None:
        order = list(range(len(holdings.free)))
        chance.shuffle(order)  # type: ignore[attr-defined]
        moved = Holdings(*(column[order] for column in holdings[:3]), holdings.base)
        assert (rule.votes(moved) == rule.votes(holdings)[order]).all()
