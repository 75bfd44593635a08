"""Sinks, credits and tolls at work: who pays, who receives, and that the books close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.errors import AuditError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

EVERYBODY = {"burn": 0.2, "recycle": 0.1, "stakers": 0.2, "compute": 0.1, "data": 0.1, "builders": 0.1, "insiders": 0.1}


def run(fees: dict[str, Any], name: str = "minimal", **sets: Any) -> RunRecord:
    record = simulate(load(name, sets={"steps": 60, "networks.alpha.fees": fees, **sets}))
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    series = record.series
    recycled = series.get("recycled_cum", 0.0)
    issued = series["supply"] - series["minted_cum"] + series["burned_cum"] + recycled
    assert issued == pytest.approx(np.broadcast_to(issued[0], issued.shape), rel=1e-12)
    return record


def flow(record: RunRecord, name: str, sector: str, instrument: str = "USD") -> int:
    rows = (row for row in record.flows if (row.flow, row.sector, row.instrument) == (name, sector, instrument))
    return sum(row.amount for row in rows)


@pytest.mark.jit
def test_a_fee_split_reaches_every_receiver_in_its_share() -> None:
    record = run({"sinks": [{"kind": "fee-split", "to": {**EVERYBODY, "treasury": 0.1}}]})
    fees = record.series["fees_usd"].sum() * 1e6
    for sector in ("compute_nodes", "data_providers", "model_builders", "insiders", "treasury"):
        assert flow(record, "protocol fees", sector) == pytest.approx(0.1 * fees, rel=1e-3)
    assert flow(record, "staking rewards", "speculators") == pytest.approx(0.2 * fees, rel=1e-3)
    assert -flow(record, "token purchases", "fee escrow") == pytest.approx(0.3 * fees, rel=1e-3)
    recycled, burned = record.series["recycled_cum"][-1, 0], record.series["burned_cum"][-1, 0]
    slashed = record.series["slashed"].sum()
    assert 0.4 * burned < recycled < 0.6 * burned or slashed > 0
    assert flow(record, "recycling", "minting", "ALPHA") == pytest.approx(recycled * 1e9)


@pytest.mark.jit
def test_recycled_rewards_can_be_issued_again_and_burned_ones_cannot() -> None:
    emission = {"kind": "halving-by-issuance", "maximum": 10.2e6, "reward": 64, "block_seconds": 12}
    sets = {"networks.alpha.token.emission": emission, "networks.alpha.token.max_supply": 10.2e6}
    recycled = run({"sinks": [{"kind": "reward-recycling", "share": 0.5}]}, **sets)
    burned = run({"sinks": [{"kind": "percentage-burn", "share": 0.5}]}, **sets)
    minted = [record.series["minted_cum"][-1, 0] for record in (recycled, burned)]
    assert minted[0] > 1.2 * minted[1]
    assert recycled.series["supply"].max() <= 10.2e6
    assert recycled.series["recycled_cum"][-1, 0] == pytest.approx(minted[0] / 2)


@pytest.mark.jit
def test_slashed_stake_is_divided_as_the_sink_says() -> None:
    sets = {
        "networks.alpha.verification": {"kind": "random-audit", "false_positive": 0.5, "slash": 0.025},
        "populations.compute_nodes.stake_usd_per_gpu": 100.0,
    }
    record = run({"sinks": [{"kind": "slash-split", "to": {"compute": 0.5, "burn": 0.5}}]}, **sets)
    slashed = record.series["slashed"].sum() * 1e9
    assert slashed > 0
    assert flow(record, "slash", "compute_nodes", "ALPHA") == pytest.approx(slashed / 2, rel=1e-6)
    assert flow(record, "slash", "burned", "ALPHA") == pytest.approx(slashed / 2, rel=1e-6)
    assert flow(record, "slash", "treasury", "ALPHA") == 0


@pytest.mark.jit
def test_nodes_without_stake_get_no_rebate() -> None:
    fees = {"sinks": [{"kind": "stake-rebate", "share": 1.0}]}
    with_stake, without = run(fees), run(fees, **{"populations.compute_nodes.stake_usd_per_gpu": 0.0})
    paid = with_stake.series["fees_usd"].sum() * 1e6
    assert flow(with_stake, "protocol fees", "compute_nodes") == pytest.approx(paid, rel=0.05)
    assert flow(without, "protocol fees", "compute_nodes") == 0
    assert -flow(without, "token purchases", "fee escrow") == pytest.approx(paid, rel=0.2)


@pytest.mark.jit
def test_the_treasury_buys_back() -> None:
    treasury = {"start_usd": 1e5, "buybacks": {"per_year": 1}, "grants": {"per_year": 0}, "sales": {"per_year": 0}}
    record = run({"take_rate": 0.0}, **{"networks.alpha.treasury": treasury})
    spent = -flow(record, "buybacks", "treasury")
    assert spent == pytest.approx(1e11 * (1 - np.exp(-60 / 365.25)), rel=1e-3)
    assert -flow(record, "token purchases", "fee escrow") == spent
    assert record.series["burned_cum"][-1, 0] > 1000


@pytest.mark.jit
def test_credits_are_burned_for_used_and_settled() -> None:
    record = run({"credits": {"kind": "burn-and-mint", "settlement_spread_bps": 100, "halt": 0.0}})
    series = record.series
    used, net = series["credits_used"][2:], (series["service_spend"] - series["fees_usd"])[2:]
    assert (used <= net * (1 + 1e-9)).all()
    assert used.sum() > 0.9 * net.sum()
    assert series["reminted"][:, 0] == pytest.approx(
        series["credits_used"][:, 0] / np.concatenate([[1.0], series["price"][:-1, 0]]), rel=1e-4, abs=1e-3
    )
    minted = series["reminted"].sum() * 1e9
    assert flow(record, "credit settlement", "treasury", "ALPHA") == pytest.approx(0.01 * minted, rel=1e-3)
    assert flow(record, "credit settlement", "model_builders", "ALPHA") == pytest.approx(0.99 * minted, rel=1e-3)
    paid = flow(record, "service spending", "model_builders")
    in_dollars = series["service_spend"] - series["fees_usd"] - series["credits_used"]
    assert paid == pytest.approx(in_dollars.sum() * 1e6, abs=60 * 8)


@pytest.mark.jit
def test_data_credits_mint_nothing() -> None:
    record = run({"credits": {"kind": "burn-and-mint", "settled": 0.0, "credit_usd": 0.00001, "halt": 0.0}})
    assert record.series["credits_used"].sum() > 0
    assert not record.series["reminted"].any()
    assert record.series["credits"].max() > 1e7


@pytest.mark.jit
def test_the_breaker_stops_sales_after_a_crash_and_lets_them_resume() -> None:
    crash = {"date": "2025-01-20", "target": "networks.alpha.news", "set": -3.0}
    record = run({"credits": {"kind": "burn-and-mint", "float_days": 10, "halt": 0.9}}, events=[crash])
    halted = record.guards["alpha: sale of credits halted"]
    assert 0 < halted < 40
    ratio = record.series["collateral_ratio"][:, 0]
    assert np.nanmin(ratio) < 0.9 < ratio[5]


@pytest.mark.jit
def test_a_slow_settlement_lets_credits_wait_with_builders() -> None:
    weekly = run({"credits": {"kind": "burn-and-mint", "epoch_blocks": 7 * 14_400, "halt": 0.0}})
    minted = np.flatnonzero(weekly.series["reminted"][:, 0])
    assert minted.tolist() == list(range(6, 60, 7))


@pytest.mark.jit
def test_a_lost_credit_stops_the_run() -> None:
    engine = Engine(load("minimal", sets={"steps": 10, "networks.alpha.fees.credits": {"kind": "burn-and-mint"}}))
    for _ in range(3):
        engine.step()
    assert engine.economy.credits is not None
    engine.economy.credits.held[0] += 5
    with pytest.raises(AuditError, match="credits"):
        engine.step()


@pytest.mark.jit
def test_the_base_fee_leads_use_to_its_target() -> None:
    toll = {"kind": "base-fee", "limit": 400.0, "start": 0.5, "updates": {"per_day": 4}}
    record = run({"toll": toll}, steps=120)
    series = record.series
    free = run({}, steps=120).series
    assert free["gpu_hours_sold"][-20:].mean() > 300
    assert series["gpu_hours_sold"][-20:].mean() < free["gpu_hours_sold"][-20:].mean()
    assert series["toll"][-1, 0] > 0.5
    assert series["compute_price"][-20:].mean() > free["compute_price"][-20:].mean()
    paid = series["tolls_paid"].sum() * 1e6
    assert flow(record, "tolls", "compute_nodes") == pytest.approx(-paid)
    assert -flow(record, "token purchases", "fee escrow") == pytest.approx(paid)
    assert series["tolls_paid"][:, 0] == pytest.approx(series["toll"][:, 0] * series["gpu_hours_sold"][:, 0], rel=1e-3)


@pytest.mark.jit
def test_a_base_fee_on_inference_makes_it_dearer_and_leads_use_towards_its_target() -> None:
    toll = {"kind": "base-fee", "limit": 2000.0, "start": 0.1}
    record, free = run({"inference_toll": toll}, steps=120), run({}, steps=120).series
    series = record.series
    assert free["service_units"][-1, 0] > 1600
    assert 1000 < series["service_units"][-1, 0] < 0.9 * free["service_units"][-1, 0]
    assert series["service_price"][-1, 0] > free["service_price"][-1, 0] + 0.9 * series["inference_toll"][-1, 0]
    paid = series["inference_tolls_paid"][:, 0]
    assert paid == pytest.approx(series["inference_toll"][:, 0] * series["service_units"][:, 0], rel=1e-3)
    assert flow(record, "tolls", "model_builders") == pytest.approx(-paid.sum() * 1e6)
    assert -flow(record, "token purchases", "fee escrow") == pytest.approx(paid.sum() * 1e6)


@pytest.mark.jit
@pytest.mark.parametrize("market", [{"kind": "posted-price"}, {"kind": "bargaining"}])
def test_a_base_fee_on_data_is_passed_on_to_builders(market: dict[str, Any]) -> None:
    toll = {"kind": "base-fee", "limit": 10_000.0, "start": 0.01, "updates": {"per_day": 0}}
    sets = {"services.data": market, "steps": 30}
    record, free = run({"data_toll": toll, "take_rate": 0.0}, **sets), run({"take_rate": 0.0}, **sets).series
    series = record.series
    assert (series["data_toll"] == 0.01).all()
    paid = series["data_tolls_paid"][:, 0]
    assert paid.sum() > 0.9 * 0.01 * series["data_units"][-1, 0] * 5 * len(paid)
    assert (series["licence_fees"][:, 0] >= paid).all()
    assert series["data_price"][5:, 0].mean() > free["data_price"][5:, 0].mean()
    assert flow(record, "tolls", "data_providers") == pytest.approx(-paid.sum() * 1e6)
    assert -flow(record, "token purchases", "fee escrow") == pytest.approx(paid.sum() * 1e6)


@pytest.mark.jit
def test_a_licence_of_a_week_pays_the_base_fee_of_seven_days() -> None:
    toll = {"kind": "base-fee", "limit": 2000.0, "start": 0.01, "updates": {"per_day": 0}}
    days, weeks = (run({"data_toll": toll}, steps=14 // dt, dt_days=dt).series for dt in (1, 7))
    assert weeks["data_tolls_paid"].sum() == pytest.approx(days["data_tolls_paid"].sum(), rel=0.1)
    assert (weeks["data_price"] >= 7 * 0.01).all()


@pytest.mark.jit
@pytest.mark.parametrize("seed", range(3))
def test_no_balance_is_ever_negative(seed: int) -> None:
    fees = {
        "sinks": [
            {"kind": "fee-split", "to": {**EVERYBODY, "treasury": 0.1}},
            {"kind": "slash-split", "to": EVERYBODY | {"treasury": 0.1}},
        ],
        "credits": {"kind": "burn-and-mint", "purchase_spread_bps": 30, "float_days": 5},
        "toll": {"kind": "base-fee", "limit": 500.0},
        "data_toll": {"kind": "base-fee", "limit": 500.0},
        "inference_toll": {"kind": "base-fee", "limit": 500.0},
    }
    sets = {"steps": 60, "seed": seed, "networks.one.fees": fees}
    name = "three-networks"
    first = next(iter(load(name).networks))
    sets[f"networks.{first}.fees"] = sets.pop("networks.one.fees")
    engine = Engine(load(name, sets=sets))
    economy = engine.economy
    while not engine.finished:
        engine.step()
        stocks = dict(zip(economy.ledger.sectors, economy.stocks().T, strict=True))
        assert all((held >= 0).all() for name, held in stocks.items() if name not in {"outside world", "minting"})
        assert economy.credits is not None
        assert min(economy.credits.held.min(), economy.credits.earned.min(), economy.credits.vault.min()) >= 0
        assert (economy.accounts.set_aside <= economy.accounts.fee_escrow).all()
        for population in economy.populations.values():
            for column in ("usd", "tokens", "staked", "unbonding", "stake"):
                assert (population.columns.get(column, np.zeros(1)) >= 0).all(), (population.name, column)


@pytest.mark.jit
@pytest.mark.parametrize("recycled", [0.0, 1.0])
def test_nodes_that_come_online_pay_for_it(recycled: float) -> None:
    entry = {"kind": "decaying-cost", "start": 10.0, "factor": 1.5, "half_life_blocks": 7200, "recycled": recycled}
    record = run({"take_rate": 0.0, "registration": entry}, steps=120)
    series = record.series
    count, price = series["registrations"][:, 0], series["registration_price"][:, 0]
    assert count[0] == 0
    assert count.sum() > 3
    entered = int(np.flatnonzero(count)[0])
    raised = min(10.0 * 2.0**-entered * 1.5 ** count[entered], 100.0)
    assert price[entered + 1] == pytest.approx(raised / 2, rel=1e-6)
    paid = -flow(record, "registrations", "compute_nodes")
    bought = np.concatenate([[1.0], series["price"][:-1, 0]])
    assert paid == pytest.approx((count * price * bought).sum() * 1e6, rel=1e-6)
    assert -flow(record, "token purchases", "fee escrow") == pytest.approx(paid, abs=1)
    assert (series["recycled_cum"][-1, 0] > 0) == (recycled > 0)


@pytest.mark.jit
def test_a_dear_registration_keeps_nodes_away() -> None:
    free, dear = run({}), run({"registration": {"kind": "lock-cost", "start": 1e5, "lowest": 1e5, "stay_days": 1}})
    assert not dear.series["registrations"].any()
    assert dear.series["nodes_online"][-1, 0] < free.series["nodes_online"][-1, 0]


@pytest.mark.jit
def test_the_order_of_rows_does_not_matter() -> None:
    fees = {
        "sinks": [{"kind": "fee-split", "to": {**EVERYBODY, "treasury": 0.1}}],
        "credits": {"kind": "burn-and-mint", "settlement_spread_bps": 50},
        "toll": {"kind": "base-fee", "limit": 500.0},
        "data_toll": {"kind": "base-fee", "limit": 500.0},
        "inference_toll": {"kind": "base-fee", "limit": 500.0},
        "registration": {"kind": "decaying-cost", "start": 5.0, "half_life_blocks": 7200},
    }
    base = run(fees)
    engine = Engine(load("minimal", sets={"steps": 60, "networks.alpha.fees": fees}))
    for population in engine.economy.populations.values():
        population.permute(np.random.default_rng(5).permutation(len(population)))
    engine.run()
    record = engine.record()
    assert [name for name in base.series if base.series[name].tobytes() != record.series[name].tobytes()] == []
    assert record.flows == base.flows
