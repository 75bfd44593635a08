"""What every staking rule must do: inherit `StakingContract`, give it a rule, and run pytest.

class TestMyRule(StakingContract):
    @pytest.fixture
    def rule(self):
        return MyRule(kind="my_rules:MyRule")
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.tokenomics.stakes import View
from catallaxy.sim.tokenomics.staking import StakingRule, check_staking
from contracts.plugin_contract import PluginContract

SMALL = {
    "steps": 25,
    "populations.users.count": 300,
    "populations.speculators.count": 150,
    "networks.alpha.verification.false_positive": 0.05,
}


class StakingContract(PluginContract):
    """Conformance tests of one staking rule."""

    @pytest.fixture
    def rule(self) -> StakingRule:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def plugin(self, rule: StakingRule) -> Plugin:
        return rule

    def start(self, rule: StakingRule) -> Engine:
        """Return a small run under the rule."""
        return Engine(load("minimal", sets={**SMALL, "networks.alpha.token.staking": rule.model_dump(mode="json")}))

    def finish(self, engine: Engine) -> RunRecord:
        try:
            engine.run()
            return engine.record()
        finally:
            engine.close()

    def test_says_what_it_does_and_is_in_order(self, rule: StakingRule) -> None:
        assert rule.describe()
        assert check_staking(rule, 1.0) == []

    @pytest.mark.jit
    def test_the_books_balance_in_any_order_of_rows(self, rule: StakingRule) -> None:
        one, other = self.start(rule), self.start(rule)
        for population in other.economy.populations.values():
            population.permute(np.random.default_rng(3).permutation(len(population)))
        first, second = self.finish(one), self.finish(other)
        assert first.status == "complete", first.error
        assert [name for name in first.series if first.series[name].tobytes() != second.series[name].tobytes()] == []
        assert first.flows == second.flows

    @pytest.mark.jit
    def test_nothing_is_lost_between_free_bonded_and_waiting(self, rule: StakingRule) -> None:
        engine = self.start(rule)
        stakes = engine.economy.staking[0]
        for step in range(30):
            before = self.tokens_of(engine)
            assert stakes.mature(step) >= 0
            bonded, queued = stakes.adjust(step, View(0.02 * (step % 7), 0.3 * (step % 3) - 0.3, 0.01, -0.01))
            assert min(bonded, queued) >= 0
            moved = self.tokens_of(engine)
            assert (moved <= before).all()
            assert (before - moved).sum() == stakes.leaving_fees()
            payout = stakes.pay(10**9, step)
            paid = self.tokens_of(engine) - moved
            validators = 0 if payout.validators is None else int(payout.validators.sum())
            assert payout.fees >= 0
            assert paid.min() >= 0
            assert paid.sum() == payout.holders
            assert 0 <= payout.bonded <= payout.holders <= 10**9 - validators - payout.fees
        engine.close()

    def tokens_of(self, engine: Engine) -> npt.NDArray[np.int64]:
        """Return what each holder has, free, bonded and waiting."""
        holders = engine.economy.speculators
        assert min(int(values.min()) for values in (holders.tokens, holders.staked, holders.unbonding)) >= 0
        total: npt.NDArray[np.int64] = holders.tokens[0] + holders.staked[0] + holders.unbonding[0]
        return total
