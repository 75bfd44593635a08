"""Insiders in whole runs: the schedule frees, the agents sell; sinks reach them; the books balance."""

from __future__ import annotations

import math
from typing import Any

import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit

TEAM = [
    {"group": "community", "share": 0.5, "receiver": "speculators", "tge": 1.0},
    {"group": "liquidity", "share": 0.1, "receiver": "liquidity", "tge": 1.0},
    {"group": "team", "share": 0.4, "receiver": "insiders", "tge": 0.1, "cliff_days": 20, "vesting_days": 40},
]


def run(groups: list[dict[str, Any]] = TEAM, **parameters: Any) -> RunRecord:
    sets = {
        "steps": 40,
        "networks.alpha.token.allocation.groups": groups,
        "populations.insiders": {"count": 20, **parameters},
        "populations.users.count": 500,
    }
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    return record


def test_what_insiders_hold_is_what_unlocked_less_what_they_sold() -> None:
    record = run()
    held, sold = record.series["insider_tokens"], record.series["insider_sales"]
    freed = record.series["unlocked"].cumsum() + 0.1 * 0.4 * 10e6
    assert held[:, 0] == pytest.approx(freed - sold[:, 0].cumsum(), abs=1e-3)
    assert 0.0 < sold.sum() < freed[-1]


def test_the_same_schedule_is_sold_by_expectations_and_risk() -> None:
    sales = [
        run(**taste).series["insider_sales"].sum()
        for taste in ({"optimism": 1.5, "risk_aversion": 0.2}, {}, {"optimism": -1.5})
    ]
    assert sales[0] < sales[1] < sales[2]
    bold, usual, wary = (run(risk_aversion=g).series["insider_sales"].sum() for g in (0.1, 1.0, 5.0))
    assert bold < usual < wary


def test_who_expects_a_fall_sells_at_the_pace_that_it_chooses() -> None:
    free = [*TEAM[:2], {**TEAM[2], "tge": 1.0}]
    record = run(free, optimism=-5.0, trend_weight=0.0, speed={"per_day": 1.0})
    sold, left = record.series["insider_sales"][:5, 0], record.series["insider_tokens"][:5, 0]
    assert sold / (sold + left) == pytest.approx(1.0 - math.exp(-1.0), rel=1e-6)


def test_what_is_still_locked_counts_as_exposure() -> None:
    early = slice(0, 19)
    locked = run(cash=1e5).series["insider_sales"][early].sum()
    rich = run(cash=1e7).series["insider_sales"][early].sum()
    assert rich < locked


def test_sinks_pay_the_agents() -> None:
    sets = {
        "steps": 10,
        "networks.alpha.fees.sinks": [{"kind": "fee-split", "to": {"insiders": 1.0}}],
        "networks.alpha.token.allocation.groups": TEAM,
        "populations.team": {"kind": "insiders", "count": 20, "cash": 0.0, "speed": {"per_year": 0.0}},
    }
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    paid = sum(r.amount for r in record.flows if (r.flow, r.sector) == ("protocol fees", "team") and r.step > 0)
    fees = record.series["fees_usd"].sum() * 1e6
    assert paid == pytest.approx(fees, rel=1e-3)
    assert not [r for r in record.flows if r.sector == "insiders"]
