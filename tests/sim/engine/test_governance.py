"""Votes in a run: holders vote their interest, and what passes takes effect after its timelock."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.yaml_loader import read_text
from catallaxy.sim.tokenomics.voting import VOTING

pytestmark = pytest.mark.jit

BUSY = Path(__file__).parents[2] / "repository" / "busy.yaml"
ALPHA = "networks.alpha."
VOTED = "2025-01-11"
#: Step of the vote; the timelock is two days.
AT = 10
SMALL = {"steps": 30, "populations.users.count": 300, "populations.speculators.count": 150}
DIVIDEND = {"compute": 0.3, "data": 0.1, "builders": 0.1, "stakers": 0.4, "treasury": 0.1}


@pytest.fixture(scope="module")
def busy() -> RunRecord:
    return simulate(load(BUSY))


def governed(parameter: str, value: Any, *, rules: dict[str, Any] | None = None, **sets: Any) -> Any:
    proposal = {"parameter": ALPHA + parameter, "value": value, "voted": VOTED}
    governance = {"cost": 0.01, **(rules or {}), "proposals": [proposal]}
    return load("minimal", sets={**SMALL, **sets, f"{ALPHA}governance": governance})


def run(*arguments: Any, **more: Any) -> RunRecord:
    record = simulate(governed(*arguments, **more))
    assert record.status == "complete", record.error
    return record


def at(record: RunRecord, name: str, step: int = AT) -> float:
    return float(record.series[name][step, 0])


def test_stakers_vote_themselves_more_and_are_paid_more_after_the_timelock() -> None:
    record = run("token.rewards", DIVIDEND)
    assert at(record, "vote_passed") == 1.0
    assert at(record, "vote_turnout") > 0.5
    assert at(record, "votes_of_holders") > 0.8
    assert np.isnan(np.delete(record.series["vote_passed"][:, 0], AT)).all()
    assert record.series["amendments"][:, 0].tolist() == [0.0] * (AT + 2) + [1.0] * (30 - AT - 2)
    paid = record.series["income_stakers"][:, 0] / record.series["emission_usd"][:, 0]
    assert paid[AT + 3] > 1.5 * paid[AT + 1]


def test_until_it_takes_effect_nothing_has_changed_and_a_rejected_proposal_changes_nothing() -> None:
    never = simulate(load("minimal", sets=SMALL))
    passed, refused = run("token.rewards", DIVIDEND), run("token.rewards", DIVIDEND, rules={"quorum": 1.0})
    assert at(refused, "vote_passed") == 0.0
    for name in never.series:
        assert refused.series[name].tobytes() == never.series[name].tobytes(), name
        assert passed.series[name][: AT + 2].tobytes() == never.series[name][: AT + 2].tobytes(), name


def test_a_change_that_passed_goes_on_like_the_rule_from_the_start() -> None:
    """Without a timelock the new emission holds from the step after the vote on, in full."""
    record = run("token.emission", {"kind": "fixed-supply"}, rules={"timelock_days": 0})
    assert at(record, "vote_passed") == 1.0
    assert at(record, "minted") > 0.0
    assert not record.series["minted"][AT + 1 :].any()


def test_holders_without_interest_stay_at_home_and_dear_votes_are_not_cast() -> None:
    cheap, dear = (run("token.rewards", DIVIDEND, rules={"cost": cost}) for cost in (0.01, 1e6))
    assert at(dear, "vote_turnout") == 0.0 < at(cheap, "vote_turnout")
    assert np.isnan(at(dear, "vote_in_favour"))
    nothing = run("verification.audit_rate", {"per_week": 5})
    assert at(nothing, "vote_turnout") == 0.0


def test_delegation_brings_votes_that_would_not_have_been_cast() -> None:
    alone, together = (run("token.rewards", DIVIDEND, rules={"cost": 5.0, "delegation": share}) for share in (0.0, 0.9))
    assert at(together, "vote_turnout") > at(alone, "vote_turnout")


@pytest.mark.parametrize("voting", ["token-weighted", "quadratic", "per-head", "vote-escrow"])
def test_small_holders_count_for_more_by_heads(voting: str) -> None:
    staking = {f"{ALPHA}token.staking.kind": "vote-escrow"} if voting == "vote-escrow" else {}
    record = run("token.rewards", DIVIDEND, rules={"voting": {"kind": voting}}, **staking)
    assert 0.0 < at(record, "vote_turnout") <= 1.0
    others = sum(at(record, f"votes_of_{name}") for name in ("compute", "data", "builders", "others"))
    assert at(record, "votes_of_holders") + others == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("fees.take_rate", 0.2),
        ("fees.sinks", [{"kind": "usd-burn", "share": 0.4}]),
        ("fees.toll.limit", 500),
        ("fees.toll", {"kind": "none"}),
        ("fees.data_toll.limit", 30),
        ("fees.inference_toll", {"kind": "none"}),
        ("fees.registration.lowest", 2.4),
        ("fees.registration", {"kind": "none"}),
        ("fees.credits.share", 0.3),
        ("token.staking.unbonding_days", 3),
        ("token.staking.minimum", 0),
        ("venues.0.fee", 0.02),
        ("verification.false_positive", 0.0),
        ("verification", {"kind": "none"}),
        ("treasury.buybacks", {"per_year": 20}),
    ],
)
def test_what_the_holders_decide_takes_effect(busy: RunRecord, parameter: str, value: Any) -> None:
    """Where everybody expects the token to gain, everybody is in favour; only the vote's own series are new."""
    proposal = {"parameter": ALPHA + parameter, "value": value, "voted": "2024-01-11", "effect": 1.0}
    amended = simulate(load(BUSY, sets={f"{ALPHA}governance": {"cost": 0.0, "proposals": [proposal]}}))
    assert amended.status == "complete", amended.error
    assert at(amended, "vote_passed") == 1.0
    moved = [name for name in busy.series if busy.series[name].tobytes() != amended.series[name].tobytes()]
    assert moved
    for name in moved:
        assert busy.series[name][: AT + 2].tobytes() == amended.series[name][: AT + 2].tobytes(), name


def test_a_decision_that_contradicts_those_in_force_is_void_and_reported() -> None:
    first = {"parameter": f"{ALPHA}fees.take_rate", "value": 0.6, "voted": VOTED, "effect": 1.0}
    second = {
        "parameter": f"{ALPHA}fees.sinks",
        "value": [{"kind": "usd-burn", "share": 0.6}],
        "voted": "2025-01-15",
        "effect": 1.0,
    }
    rules = {"cost": 0.0, "timelock_days": 0.0, "proposals": [first, second]}
    record = simulate(load("minimal", sets={**SMALL, f"{ALPHA}governance": rules}))
    assert record.status == "complete", record.error
    assert record.series["amendments"][-1, 0] == 1.0
    (reason,) = [name for name in record.guards if "void" in name]
    assert record.guards[reason] == 1


def test_the_order_of_rows_does_not_matter() -> None:
    one, other = (Engine(governed("token.rewards", DIVIDEND)) for _ in range(2))
    for population in other.economy.populations.values():
        population.permute(np.random.default_rng(5).permutation(len(population)))
    one.run()
    other.run()
    first, second = one.record(), other.record()
    assert [name for name in first.series if first.series[name].tobytes() != second.series[name].tobytes()] == []
    one.close()
    other.close()


def test_the_example_of_the_guide_is_valid() -> None:
    text = (Path(__file__).parents[3] / "docs" / "governance.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    example = read_text(block, "docs/governance.md").data
    assert load("minimal", sets={f"{ALPHA}governance": example["governance"]}).networks["alpha"].governance is not None
    for kind in VOTING:
        assert f"`{kind}`" in text


@pytest.mark.slow
def test_tokens_vote_for_holders_and_heads_for_those_who_work() -> None:
    by_tokens, by_heads = (
        simulate(load("who-votes", overrides=overrides, sets={"populations.users.count": 300}))
        for overrides in ([], ["by_heads"])
    )
    first, second, *_ = np.flatnonzero(np.isfinite(by_tokens.series["vote_passed"][:, 0]))
    assert at(by_tokens, "vote_passed", first) == at(by_tokens, "vote_passed", second) == 1.0
    assert at(by_heads, "vote_passed", first) == 0.0
    assert at(by_heads, "votes_of_data", first) > 0.2 > at(by_tokens, "votes_of_data", first)
