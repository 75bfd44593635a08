"""What verification regimes decide: who checks, how much is proven, what it costs, and that the books stay balanced."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.trust.verification import REGIMES, Seen, Terms

AT = "networks.alpha.verification"
POSITIVE = st.floats(1e-3, 1e6)
#: Nodes of which half may cheat, with stakes that do not deter them by themselves.
TEMPTING = {
    "steps": 60,
    "populations.compute_nodes.opportunism": {"dist": "bernoulli", "p": 0.5},
    "populations.compute_nodes.stake_usd_per_gpu": 200,
}


def terms(rule: dict[str, Any], seen: Seen) -> Terms:
    return REGIMES.build(rule).terms(1.0, seen)


def run(regime: dict[str, Any], **more: Any) -> RunRecord:
    record = simulate(load("minimal", sets={**TEMPTING, AT: regime, **more}))
    assert record.status == "complete", record.error
    return record


def test_half_of_the_watchers_check_when_a_check_just_pays_at_the_median() -> None:
    rule = {"kind": "optimistic-challenge", "least": 0.1, "most": 0.7}
    bounty = 0.2 * 0.95 * 0.25 * 0.5 * 1000.0
    assert terms(rule, Seen(1.0, 0.2, 1000.0, bounty)).probability == pytest.approx(0.4)
    assert terms(rule, Seen(1.0, 0.0, 1000.0, 1.0)).probability == 0.1
    assert terms(rule, Seen(1.0, 0.2, 1000.0, 0.0)).probability == 0.7


@given(POSITIVE, POSITIVE, st.floats(0.0, 1.0), st.floats(1.0, 10.0))
def test_watchers_check_more_for_more_and_less_when_it_costs_more(
    stake: float, work: float, suspicion: float, factor: float
) -> None:
    rule = {"kind": "optimistic-challenge"}
    here = terms(rule, Seen(1.0, suspicion, stake, work)).probability
    assert terms(rule, Seen(1.0, suspicion, stake * factor, work)).probability >= here
    assert terms(rule, Seen(1.0, suspicion, stake, work * factor)).probability <= here


@given(st.floats(0.0, 1e6), st.floats(0.0, 100.0))
def test_proofs_cost_their_budget_until_all_is_proven(overhead: float, budget: float) -> None:
    found = terms({"kind": "zk-proof", "budget": budget}, Seen(zk_overhead=overhead))
    assert found.probability * found.node_cost == pytest.approx(min(budget, overhead))
    assert found.probability == (1.0 if overhead <= budget else pytest.approx(budget / overhead))


def test_cheaper_proofs_mean_less_fraud_at_the_same_cost() -> None:
    dear, cheap = (run({"kind": "zk-proof", "budget": 0.3}, **{"drivers.zk_overhead": z}) for z in (1000.0, 1.0))
    assert dear.series["cheating_share"].mean() > 0.1
    assert cheap.series["cheating_share"].mean() < 0.1 * dear.series["cheating_share"].mean()
    for record in (dear, cheap):
        cost, running = record.series["verification_cost"], record.series["running_costs"]
        assert cost == pytest.approx(running * 0.3 / 1.3)


def test_watchers_keep_fraud_down_and_never_quite_end_it() -> None:
    unchecked, watched = run({"kind": "none"}), run({"kind": "optimistic-challenge"})
    left = watched.series["cheating_share"][30:].mean()
    assert 0.0 < left < 0.5 * unchecked.series["cheating_share"][30:].mean()
    assert watched.series["fraud_caught"].sum() > 0
    assert {row.flow for row in watched.flows if row.sector == "compute_nodes" and row.amount > 0} >= {"slash"}


def test_the_treasury_audits_what_it_can_pay_for() -> None:
    regime = {"kind": "random-audit", "audit_rate": {"per_day": 1}, "recomputation": 2.0}
    rich = run(regime, **{"networks.alpha.treasury.start_usd": 1e9})
    poor = run(regime)
    expected = 1.0 - np.exp(-1.0)
    assert rich.series["verified_share"] == pytest.approx(expected)
    hours, cloud = rich.series["gpu_hours_sold"], rich.series["cloud_price"]
    assert rich.series["verification_cost"] == pytest.approx(2.0 * expected * hours * cloud, abs=1e-5)
    assert poor.series["verified_share"].mean() < 0.9 * expected
    assert poor.series["treasury_usd"].min() >= 0.0
    assert poor.series["cheating_share"].mean() > rich.series["cheating_share"].mean()


def test_those_with_small_stakes_copy_and_copies_condemn_nobody() -> None:
    rule = {"kind": "validator-consensus", "validators": 10, "concentration": 0.0, "scoring_cost": 1.0}
    dear = terms({**rule, "copy_loss": 0.1}, Seen(emission_usd=1000.0))
    assert dear.outside_cost == 10.0
    assert dear.detection > 0.9
    assert dear.false_positive < 0.001
    free = terms({**rule, "copy_loss": 0.0}, Seen(emission_usd=1000.0))
    assert (free.detection, free.false_positive, free.outside_cost) == (0.0, 0.0, 0.0)
    unequal = terms({**rule, "concentration": 1.0, "copy_loss": 0.008}, Seen(emission_usd=1000.0))
    assert unequal.outside_cost == 1.0
    assert unequal.detection == 0.0


def test_copies_that_cost_nothing_let_fraud_through() -> None:
    rule = {"kind": "validator-consensus", "scoring_cost": 1.0, "slash": 0.2}
    copied, scored = (run({**rule, "copy_loss": loss}) for loss in (0.0, 0.5))
    assert scored.series["cheating_share"].mean() < 0.5 * copied.series["cheating_share"].mean()
    assert copied.series["verification_cost"].max() == 0.0 < scored.series["verification_cost"].min()


def test_nodes_that_look_ahead_have_a_reputation_to_lose() -> None:
    audits = {"kind": "random-audit", "audit_rate": {"per_day": 0.2}, "slash": 0.0}
    blind, wise = (run(audits, **{"populations.compute_nodes.foresight_days": days}) for days in (0.0, 90.0))
    assert wise.series["cheating_share"].mean() < 0.5 * blind.series["cheating_share"].mean()


def test_a_dated_event_on_audits_moves_what_checks_cost() -> None:
    halved = [{"date": "2025-01-02", "target": "networks.alpha.audit_scale", "set": 0.5, "for_days": 400}]
    engine = Engine(load("minimal", sets={**TEMPTING, AT: {"kind": "zk-proof", "budget": 0.4}, "events": halved}))
    engine.step()
    engine.step()
    assert engine.economy.nodes.burden == pytest.approx(0.2)
    engine.close()


def test_regimes_that_cost_nothing_leave_runs_as_they_were() -> None:
    free = run({"kind": "random-audit"})
    assert "verified_share" not in free.series
    paid = run({"kind": "random-audit", "recomputation": 1e-12})
    assert free.series["price"].tobytes() == paid.series["price"].tobytes()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"least": 0.95}, "least=0.95 must not lie above most=0.9"), ({"to_treasury": 0.7}, "share out 1.2")],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load("minimal", sets={AT: {"kind": "optimistic-challenge", **wrong}})
