"""A run with margin traders: the books, cascades, what leverage does to a crash, and runs without them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from catallaxy.agents.margin_traders import MarginTraders
from catallaxy.sim.analysis.key_figures import evaluate
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.recording.metrics import METRICS
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

pytestmark = [pytest.mark.jit, pytest.mark.whole]
VENUES = ("constant-product", "weighted", "concentrated", "price-impact", "order-book", "call-auction")
#: No more days than it takes for the news to be felt.
SMALL = {"steps": 200}
NEWS = 181
#: Too short a run for the news.
BEFORE = {**SMALL, "steps": 80, "events": []}


@cache
def run(replicate: int, max_leverage: float) -> RunRecord:
    sets = {**SMALL, "populations.margin_traders.max_leverage": max_leverage}
    record = simulate(load("liquidation-cascade", sets=sets), replicate=replicate)
    assert record.status == "complete", record.error
    return record


def booked(record: RunRecord, flow: str, sector: str, instrument: str = "USD") -> int:
    return sum(r.amount for r in record.flows if (r.flow, r.sector, r.instrument) == (flow, sector, instrument))


def drawdown(record: RunRecord) -> float:
    return evaluate(record)["max_drawdown"]["alpha"]


@pytest.mark.slow
def test_the_books_close_and_every_shortfall_is_paid() -> None:
    for replicate in range(8):
        record, series = run(replicate, 10.0), run(replicate, 10.0).series
        assert record.audit["passed"]
        assert record.audit["steps_checked"] == record.n_steps
        sums: dict[tuple[int, str, str], int] = {}
        for row in record.flows:
            key = (row.step, row.instrument, row.flow)
            sums[key] = sums.get(key, 0) + row.amount
        assert set(sums.values()) == {0}
        paid = booked(record, "insurance", "lenders")
        assert round(1e6 * (series["shortfall"].sum() - series["lender_loss"].sum())) == paid
        fines = booked(record, "liquidation penalties", "insurance fund")
        assert round(1e6 * series["insurance_fund"][-1, 0]) == 100_000 * 10**6 + fines - paid
        assert fines > 0 < booked(record, "interest", "lenders")


HARSH: dict[str, Any] = {
    "steps": 30,
    "events": [{"date": "2025-01-16", "target": "networks.alpha.news", "set": -3.0}],
    "populations.margin_traders.max_leverage": 100,
    "populations.margin_traders.leverage": 100,
    "populations.margin_traders.maintenance_margin": 0.009,
    "populations.margin_traders.penalty": 0.008,
    "populations.margin_traders.adjustment": 1,
    "populations.margin_traders.lending.insurance_usd": 1e4,
}


def stays_whole(sets: dict[str, Any], steps: int) -> RunRecord:
    """Run step by step; check that nothing is ever negative, and that the books close."""
    engine = Engine(load("liquidation-cascade", sets=sets))
    traders = engine.economy.populations["margin_traders"]
    assert isinstance(traders, MarginTraders)
    facility = traders.facility
    for _ in range(steps):
        engine.step()
        held = (*traders.accounts, facility.idle, facility.owed, facility.interest, facility.insurance)
        assert all((column >= 0).all() for column in held)
        assert (facility.interest <= facility.owed).all()
    record = engine.record()
    assert record.audit["largest_discrepancy"] == 0
    assert all(np.isfinite(values).all() for values in record.series.values())
    return record


@pytest.mark.slow
@pytest.mark.parametrize("kind", VENUES)
def test_defaults_have_an_owner_at_every_kind_of_venue(kind: str) -> None:
    record = stays_whole({**HARSH, "networks.alpha.venues": [{"kind": kind}]}, 30)
    series = record.series
    assert series["shortfall"].sum() > series["lender_loss"].sum() > 0.0
    if kind != "call-auction":
        assert series["liquidated"].sum() > 0.0


@pytest.mark.slow
def test_liquidations_beside_liquidity_providers_and_arbitrage_at_all_venues_at_once() -> None:
    shares = (0.3, 0.2, 0.2, 0.1, 0.1, 0.1)
    venues: list[dict[str, Any]] = [
        {"kind": kind, "share": x, "liquidity": 0.3 * x} for kind, x in zip(VENUES, shares, strict=True)
    ]
    venues[0]["fee"] = venues[1]["fee"] = 0.01
    news = [{"date": "2025-02-20", "target": "networks.alpha.news", "set": -1.0}]
    others = {"populations.liquidity_providers": {"count": 50, "hurdle": 0}, "populations.arbitrageurs": {"count": 5}}
    record = stays_whole({"steps": 60, "events": news, "networks.alpha.venues": venues, **others}, 60)
    assert record.series["liquidation_rounds"].max() > 1.0
    assert {"arbitrageurs", "liquidity_providers"} <= {row.sector for row in record.flows if row.step > 0}


def test_the_lenders_are_repaid_what_is_not_lost() -> None:
    engine = Engine(load("liquidation-cascade", sets=BEFORE))
    traders = engine.economy.populations["margin_traders"]
    assert isinstance(traders, MarginTraders)
    placed = traders.facility.idle.copy()
    assert placed.tolist() == [[4 * 10**12, 10**6 * 10**9]]
    engine.run()
    record = engine.record()
    for instrument, column in (("USD", 0), ("ALPHA", 1)):
        moved = sum(
            booked(record, flow, "lenders", instrument) for flow in ("loans", "repayments", "interest", "insurance")
        )
        assert traders.facility.idle[0, column] - placed[0, column] == moved


@pytest.mark.slow
def test_news_sets_off_a_cascade() -> None:
    cascades = [run(replicate, 10.0).series["liquidation_rounds"][NEWS:, 0].max() for replicate in range(6)]
    assert sum(rounds > 1 for rounds in cascades) >= 3
    assert max(cascades) >= 5
    figures = evaluate(run(int(np.argmax(cascades)), 10.0))
    assert figures["longest_cascade"]["alpha"] >= max(cascades)
    assert figures["largest_liquidation"]["alpha"] > 1e5


@pytest.mark.slow
def test_more_leverage_makes_a_deeper_crash() -> None:
    """Pairs of runs with the same chance: the 95 % interval of what leverage adds to the drawdown lies above 0.1."""
    pairs = [(drawdown(run(replicate, 1.0)), drawdown(run(replicate, 10.0))) for replicate in range(6)]
    added = np.array([high - low for low, high in pairs])
    assert added.mean() - 2.571 * added.std(ddof=1) / np.sqrt(len(added)) > 0.1
    unlevered = [run(replicate, 1.0).series for replicate in range(6)]
    assert not any(series["liquidated"].any() or series["shortfall"].any() for series in unlevered)


@pytest.mark.slow
@pytest.mark.parametrize("kind", VENUES)
def test_positions_are_closed_at_any_venue_however_large_they_are(kind: str) -> None:
    sets = {
        **BEFORE,
        "steps": 30,
        "networks.alpha.venues": [{"kind": kind}],
        "populations.margin_traders.cash": 9e8,
        "populations.margin_traders.adjustment": 1.0,
        "populations.margin_traders.max_leverage": 20,
        "populations.margin_traders.maintenance_margin": 0.04,
        "populations.margin_traders.lending.usd": 1e12,
        "events": [
            {"date": "2025-01-05", "target": "networks.alpha.news", "set": 1.0},
            {"date": "2025-01-15", "target": "networks.alpha.news", "set": -3.0},
        ],
    }
    record = simulate(load("liquidation-cascade", sets=sets))
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    assert record.series["long_interest"].max() > 0.0
    assert all(np.isfinite(record.series[name]).all() for name in ("shortfall", "lender_loss", "insurance_fund"))


def test_the_order_of_rows_changes_nothing() -> None:
    scenario = load("liquidation-cascade", sets=BEFORE)
    straight, mixed = Engine(scenario), Engine(scenario)
    traders = mixed.economy.populations["margin_traders"]
    traders.permute(np.random.default_rng(3).permutation(len(traders)))
    straight.run()
    mixed.run()
    assert straight.record().series["liquidated"].max() > 0.0
    for name, values in straight.record().series.items():
        assert values.tobytes() == mixed.record().series[name].tobytes(), name


def test_a_debt_without_a_lender_stops_the_run() -> None:
    def tampered(engine: Engine) -> None:
        traders = engine.economy.populations["margin_traders"]
        traders.columns["usd_debt"][0] += 10

    engine = Engine(load("liquidation-cascade", sets=BEFORE))
    engine.step()
    tampered(engine)
    with pytest.raises(ArithmeticError, match=r"step 1: 'margin_traders' owe their lenders on 'alpha'"):
        engine.step()


def test_rounds_that_are_used_up_are_counted() -> None:
    sets: dict[str, Any] = {**BEFORE, "populations.margin_traders.round_limit": 1}
    guards = simulate(load("liquidation-cascade", sets=sets)).guards
    assert guards.get("alpha: accounts left below maintenance margin", 0) >= 1


def test_a_run_without_margin_traders_knows_nothing_of_them() -> None:
    engine = Engine(load("minimal", sets={"steps": 2}))
    engine.run()
    leverage = {metric.name for metric in METRICS if metric.group == "leverage"}
    assert leverage
    assert not leverage & engine.record().series.keys()
    assert not {"lenders", "insurance fund"} & set(engine.economy.ledger.sectors)


def test_tokens_for_lenders_go_to_the_treasury_where_there_are_none() -> None:
    groups = [
        {"group": "community", "share": 0.8, "receiver": "speculators", "tge": 1.0},
        {"group": "liquidity", "share": 0.1, "receiver": "liquidity", "tge": 1.0},
        {"group": "lenders", "share": 0.1, "receiver": "lenders", "tge": 1.0},
    ]
    sets = {"steps": 1, "networks.alpha.token.allocation.groups": groups}
    assert Engine(load("minimal", sets=sets)).economy.accounts.treasury_tokens[0] >= 10**6 * 10**9


def test_dated_news_is_a_surprise_once() -> None:
    event = {"date": "2025-01-04", "target": "networks.alpha.news", "set": -0.5}
    engine = Engine(load("minimal", sets={"steps": 6, "events": [event], "networks.alpha.valuation.news": 0.0}))
    quiet = Engine(load("minimal", sets={"steps": 6, "networks.alpha.valuation.news": 0.0}))
    surprises = []
    for _ in range(6):
        engine.step()
        quiet.step()
        surprises.append(float(engine.economy.quoted.surprise[0] - quiet.economy.quoted.surprise[0]))
    assert surprises == pytest.approx([0.0, 0.0, 0.0, -0.5, 0.0, 0.0])
