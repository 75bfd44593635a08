"""Staking rules in a run: the books balance, the order of rows does not matter, and each rule does what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.tokenomics.delegated_stakes import DelegatedStakes
from catallaxy.sim.tokenomics.liquid_stakes import LiquidStakes
from catallaxy.sim.tokenomics.locked_stakes import EscrowedStakes, MultipliedStakes
from catallaxy.sim.tokenomics.stakes import View
from catallaxy.sim.tokenomics.staking import STAKING, StakingRule
from contracts.staking_contract import StakingContract

BUSY = Path(__file__).parents[2] / "repository" / "busy.yaml"
#: 100 active orchestrators, 7 rounds of unbonding: livepeer/protocol @f225b10c62ce; 28 days: graphprotocol/contracts.
RULES: list[dict[str, Any]] = [
    {"kind": "bonded", "requests": 6, "unbonding_days": 7},
    {"kind": "bonded", "minimum": 2000, "cap": 30_000, "appreciation": 0.5, "compounding": 0.4, "unbonding_days": 3},
    {"kind": "bonded", "paid": "random-staker", "blocks": {"per_day": 7200}, "compounding": 1.0},
    {"kind": "lock-multiplier", "lock_days": {"dist": "uniform", "low": 1, "high": 20}, "days_per_unit": 10},
    {"kind": "lock-multiplier", "paid": "random-staker", "requests": 3},
    {"kind": "vote-escrow", "lock_days": {"dist": "uniform", "low": 3, "high": 12}, "longest_days": 12},
    {"kind": "liquid", "reconsider": {"per_day": 0.3}, "requests": 3, "compounding": 0.5, "unbonding_days": 20},
    {"kind": "delegated", "active_set": 5, "requests": 28, "unbonding_days": 28},
    {"kind": "delegated", "paid": "random-staker", "saturation": 0.2, "compounding": 0.5},
]
#: xNOS of 100 NOS by days of lock: nosana-ci/nosana-programs @10a64e45bc9b, staking/state.rs.
NOSANA = {14: 111.506849, 30: 124.657534, 90: 173.972603, 180: 247.945205, 365: 400.0}
SMALL = {"steps": 25, "populations.users.count": 500}


def engine(rule: dict[str, Any], **sets: Any) -> Engine:
    return Engine(load(BUSY, sets={**SMALL, "networks.alpha.token.staking": rule, **sets}))


def run(started: Engine) -> RunRecord:
    try:
        started.run()
        return started.record()
    finally:
        started.close()


class TestRules(StakingContract):
    @pytest.fixture(params=RULES, ids=str)
    def rule(self, request: pytest.FixtureRequest) -> StakingRule:
        return STAKING.build(request.param)


def test_every_kind_is_tested() -> None:
    assert {rule["kind"] for rule in RULES} == set(STAKING)


@pytest.mark.jit
def test_a_longer_queue_lets_more_leave() -> None:
    leaving = {"networks.alpha.token.rewards.stakers": 0.0, "networks.alpha.token.rewards.treasury": 0.3}
    one, many = (
        simulate(load(BUSY, sets={**SMALL, **leaving, "networks.alpha.token.staking.requests": n})) for n in (1, 10)
    )
    assert many.series["unbonding"][-1, 0] > 1.5 * one.series["unbonding"][-1, 0]
    assert many.series["staked"][-1, 0] < one.series["staked"][-1, 0]


@pytest.mark.jit
def test_what_a_random_staker_is_paid_adds_up_to_what_everybody_would_be() -> None:
    shared, drawn = (run(engine({"paid": paid})) for paid in ("pro-rata", "random-staker"))
    paid = [record.series["income_stakers"][0, 0] for record in (shared, drawn)]
    assert paid[0] == pytest.approx(paid[1], rel=1e-6)
    started = engine({"paid": "random-staker", "blocks": {"per_day": 1}})
    before = started.economy.speculators.staked[0].copy()
    payout = started.economy.staking[0].pay(1000, 0)
    assert payout.holders == 1000
    assert (started.economy.speculators.staked[0] == before).all()


@pytest.mark.jit
def test_bounds_on_a_stake_hold_at_the_end() -> None:
    started = engine({"minimum": 2000, "cap": 30_000, "speed": {"per_day": 5}, "unbonding_days": 0})
    run(started)
    staked = started.economy.speculators.staked[0] / started.economy.base[0]
    assert staked.max() <= 31_000
    assert ((staked == 0) | (staked >= 2000)).all()
    assert (staked > 0).any()


@pytest.mark.jit
def test_those_who_expect_a_fall_unbond() -> None:
    optimists, pessimists = (
        run(engine({"appreciation": 3.0}, **{"networks.alpha.valuation.start_premium": premium}))
        for premium in (1.0, -1.0)
    )
    assert optimists.series["staked"][5, 0] > 1.02 * pessimists.series["staked"][5, 0]


@pytest.mark.jit
def test_locked_stakes_wait_and_longer_locks_earn_more() -> None:
    rule = {"kind": "vote-escrow", "lock_days": {"dist": "choice", "values": [200, 400]}, "longest_days": 400}
    started = engine(rule)
    stakes = started.economy.staking[0]
    assert isinstance(stakes, EscrowedStakes)
    speculators = started.economy.speculators
    staked, tokens = speculators.staked[0].copy(), speculators.tokens[0].copy()
    assert stakes.pay(10**12, 0).holders <= 10**12
    earned = (speculators.tokens[0] - tokens) / np.maximum(staked, 1)
    long = stakes.locks.length == 400
    assert earned[long & (staked > 0)].min() == pytest.approx(2.0 * earned[~long & (staked > 0)].max(), rel=1e-3)
    assert run(engine(rule)).series["unbonding"][:, 0].max() == 0.0


@pytest.mark.jit
def test_only_the_active_set_is_paid_commission_is_kept_and_slashing_reaches_delegators() -> None:
    started = engine({"kind": "delegated", "active_set": 3, "commission": 0.25})
    economy, stakes = started.economy, started.economy.staking[0]
    assert isinstance(stakes, DelegatedStakes)
    for _ in range(8):
        started.step()
    found, nodes = stakes.survey(), economy.nodes
    assert (found.counted > 0).sum() == 3
    tokens = economy.speculators.tokens[0].copy()
    payout = stakes.pay(10**12, 9)
    assert payout.sharing == found.counted.sum()
    assert payout.validators is not None
    assert 10**12 - 1000 <= payout.holders + int(payout.validators.sum()) <= 10**12
    assert (payout.validators > 0).sum() == 3
    active = found.counted[np.maximum(stakes.validator, 0)] > 0
    assert ((economy.speculators.tokens[0] - tokens)[~active] == 0).all()
    own, given = found.own[found.counted > 0].sum(), found.delegated[found.counted > 0].sum()
    assert payout.holders == pytest.approx(0.75 * 1e12 * given / (own + given), rel=1e-6)
    posted, staked = nodes.stake.copy(), economy.speculators.staked[0].copy()
    guilty = int(np.flatnonzero(found.counted > 0)[0])
    nodes.stake[nodes.ids - stakes.first_id == guilty] //= 2
    lost = stakes.slash(posted)
    behind = stakes.validator == guilty
    assert behind.any()
    assert lost == (staked - economy.speculators.staked[0]).sum() == pytest.approx(0.5 * staked[behind].sum(), rel=1e-3)
    assert (economy.speculators.staked[0] == staked)[~behind].all()
    started.close()


LIQUID = {"kind": "liquid", "reconsider": {"per_day": 0.3}, "requests": 3}


def liquid_share(**parameters: Any) -> float:
    record = run(engine({**LIQUID, **parameters}))
    assert record.status == "complete", record.error
    return float(record.series["liquid_share"][-1, 0])


@pytest.mark.jit
def test_receipts_are_held_where_they_are_cheap_and_waiting_is_long() -> None:
    usual = liquid_share()
    assert 0.0 < usual < 1.0
    assert liquid_share(fee=0.6) < usual < liquid_share(fee=0.0)
    assert liquid_share(unbonding_days=3) < usual < liquid_share(unbonding_days=90)
    assert liquid_share(impatience=0.0) == 0.0


@pytest.mark.jit
def test_receipts_leave_at_once_at_a_discount_until_the_pool_is_used_up() -> None:
    started = engine({**LIQUID, "pool": 0.01, "required_return": {"per_year": 0.5}, "unbonding_days": 30})
    stakes, holders = started.economy.staking[0], started.economy.speculators
    assert isinstance(stakes, LiquidStakes)
    stakes.liquid[:] = 1
    before = int(holders.staked[0].sum())
    _, queued = stakes.adjust(0, View(0.0, 0.0, 0.0, 0.0))
    assert queued > stakes.rule.model_dump()["pool"] * before
    assert stakes.leaving_fees() == 0
    assert stakes.discount() == pytest.approx(0.5 * 30 / 365.25)
    assert stakes.mature(1) == queued
    _, waiting = stakes.adjust(1, View(0.0, 0.0, 0.0, 0.0))
    assert waiting > 0
    assert stakes.mature(2) == 0
    started.close()


@pytest.mark.jit
def test_the_treasury_gets_the_fee_on_the_rewards_of_receipts() -> None:
    started = engine({**LIQUID, "fee": 0.25})
    stakes = started.economy.staking[0]
    assert isinstance(stakes, LiquidStakes)
    stakes.liquid[:] = 1
    payout = stakes.pay(10**12, 0)
    assert payout.fees == pytest.approx(payout.holders / 3, rel=1e-6)
    assert payout.fees + payout.holders <= 10**12
    started.close()


@pytest.mark.jit
def test_delegators_prefer_low_commissions() -> None:
    rule = {"kind": "delegated", "reconsider": {"per_day": 0.5}, "intensity": 500, "switching_cost": 0.0}
    started = engine(rule)
    run(started)
    stakes = started.economy.staking[0]
    assert isinstance(stakes, DelegatedStakes)
    found = stakes.survey()
    mean = (stakes.commission * found.delegated).sum() / found.delegated.sum()
    assert mean < 0.6 * stakes.commission[found.counted > 0].mean()


@pytest.mark.jit
@pytest.mark.parametrize(("days", "counts"), NOSANA.items())
def test_published_multipliers_come_out_of_the_rule(days: int, counts: float) -> None:
    stakes = engine({"kind": "lock-multiplier", "lock_days": days}).economy.staking[0]
    assert isinstance(stakes, MultipliedStakes)
    assert stakes.locks.unbonding[0] == days
    stakes.holders.staked[0] = 100 * stakes.place.base
    stakes.adjust(0, View(0.0, 0.0, 0.0, 0.0))
    assert stakes.weight[0] / stakes.place.base == pytest.approx(counts, abs=1e-6)


@pytest.mark.jit
def test_what_is_delegated_above_the_ratio_does_not_count() -> None:
    started = engine({"kind": "delegated", "active_set": 4, "delegation_ratio": 16})
    for _ in range(3):
        started.step()
    stakes = started.economy.staking[0]
    assert isinstance(stakes, DelegatedStakes)
    found = stakes.survey()
    active = found.counted > 0
    assert found.counted[active].tolist() == np.minimum(17 * found.own, found.total)[active].tolist()
    assert (found.counted < found.total)[active].any()
    started.close()
