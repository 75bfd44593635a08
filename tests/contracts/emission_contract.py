"""What every emission rule must do: inherit `EmissionContract`, give it a rule, and run pytest.

    class TestMyRule(EmissionContract):
        @pytest.fixture
        def rule(self):
            return MyRule(kind="my_package.rules:MyRule", tokens_per_day=100.0)

Override `first` when the rule needs other counts or another start, and `split_tolerance` when a rule may differ by
more than one base unit per step when steps are cut in half (None when it depends on the length of a step).
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date

import pytest

from catallaxy.sim.tokenomics.emission import EmissionContext, EmissionRule

STEPS = 200


def run(rule: EmissionRule, first: EmissionContext, n_steps: int) -> list[int]:
    """Mint step by step, counting what is minted, and return the amounts."""
    amounts: list[int] = []
    total, memory = 0, first.memory
    for now in first.steps(n_steps):
        minted, memory = rule.issue(now.after(total).remembering(memory))
        amounts.append(minted)
        total += minted
    return amounts


class EmissionContract:
    """Conformance tests of one emission rule."""

    split_tolerance: int | None = 1

    @pytest.fixture
    def rule(self) -> EmissionRule:
        raise NotImplementedError("override the fixture `rule` with the rule under test")

    @pytest.fixture
    def first(self) -> EmissionContext:
        genesis = 10_000_000 * 10**9
        return EmissionContext(
            step=0,
            dt_days=7.0,
            start=date(2024, 1, 1),
            base=10**9,
            genesis=genesis,
            supply=genesis,
            staked=genesis * 3 // 5,
            circulating=genesis * 4 // 5,
            capacity=40_000.0,
            price=300.0,
            burned=genesis // 100,
        )

    def test_amounts_are_whole_and_not_negative(self, rule: EmissionRule, first: EmissionContext) -> None:
        for amount in run(rule, first, STEPS):
            assert type(amount) is int
            assert amount >= 0

    def test_remembers_nothing_but_what_it_is_handed(self, rule: EmissionRule, first: EmissionContext) -> None:
        contexts = list(first.steps(20))
        forwards = [rule.amount(now) for now in contexts]
        backwards = [rule.amount(now) for now in reversed(contexts)]
        assert forwards == backwards[::-1]
        for now in contexts:
            memory = rule.issue(now).memory
            assert hash(memory) == hash(rule.issue(now).memory)
            assert rule.issue(now.remembering(memory)) == rule.issue(now.remembering(memory))

    def test_stops_exactly_at_the_cap(self, rule: EmissionRule, first: EmissionContext) -> None:
        free = sum(run(rule, first, STEPS))
        for cap in (0, 1, free // 2, free, free + 1):
            assert sum(run(rule, replace(first, cap=cap), STEPS)) == min(cap, free)

    def test_cutting_steps_in_half_changes_nothing(self, rule: EmissionRule, first: EmissionContext) -> None:
        if self.split_tolerance is None:
            pytest.skip("this rule says that it depends on the length of a step")
        whole = sum(run(rule, first, STEPS))
        halves = sum(run(rule, replace(first, dt_days=first.dt_days / 2), 2 * STEPS))
        assert abs(whole - halves) <= self.split_tolerance * STEPS

    def test_horizon_total_is_what_the_steps_mint(self, rule: EmissionRule, first: EmissionContext) -> None:
        assert rule.horizon_total(first, STEPS) == sum(run(rule, first, STEPS))
        assert rule.horizon_total(first, 0) == 0
        later = replace(first, step=3)
        assert rule.horizon_total(later, 5) == sum(run(rule, later, 5))

    def test_horizon_total_ignores_the_cap(self, rule: EmissionRule, first: EmissionContext) -> None:
        assert rule.horizon_total(replace(first, cap=0), STEPS) == rule.horizon_total(first, STEPS)

    def test_comes_back_from_yaml_and_from_another_process(self, rule: EmissionRule, first: EmissionContext) -> None:
        from_yaml = type(rule).model_validate(rule.model_dump(mode="json"))
        assert run(from_yaml, first, 5) == run(rule, first, 5)
        assert pickle.loads(pickle.dumps(rule)) == rule

    def test_says_what_it_does(self, rule: EmissionRule) -> None:
        assert rule.describe().strip().endswith(".")
        for name, declared in type(rule).model_fields.items():
            assert declared.description, f"{name} has no sentence"
            assert isinstance(declared.json_schema_extra, dict), f"{name} has no unit"
            assert declared.json_schema_extra["unit"], f"{name} has no unit"
