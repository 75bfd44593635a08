"""Working balances in runs: money demand is met, the quantity theory comes out, and those who leave sell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.agents.rates import DAYS
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit

DAYS_KEPT = 50.0
#: Nobody holds tokens but users and the pool; nobody gets or loses any, and all users are there from the start.
ALONE = {
    "networks.alpha.token.allocation.groups": [
        {"group": "few", "share": 1e-6, "receiver": "speculators", "tge": 1.0},
        {"group": "liquidity", "share": 1.0 - 1e-6, "receiver": "liquidity", "tge": 1.0},
    ],
    "networks.alpha.token.emission": {"kind": "fixed-rate", "tokens": {"per_year": 0.0}},
    "populations.speculators": {"count": 1, "cash": 1.0},
    "populations.users.start_share": 1.0,
    "populations.users.churn": {"per_year": 0.0},
}


def run(**sets: Any) -> RunRecord:
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    return record


def alone(tokens: float) -> RunRecord:
    wallets = {"populations.wallets": {"count": 5, "days": DAYS_KEPT, "memory_days": 1.0}}
    return run(**ALONE, **wallets, **{"steps": 120, "networks.alpha.token.genesis": tokens})


def test_the_price_is_what_money_demand_makes_of_the_pool() -> None:
    record = alone(2e4)
    price, balances = record.series["price"][:, 0], record.series["working_balances"][:, 0]
    dollars = 2e4
    expected = (0.5 + np.sqrt(0.25 + balances[-1] / dollars)) ** 2
    assert price[-1] == pytest.approx(expected, rel=0.005)
    spending = record.series["service_spend"][-5:, 0].mean()
    assert balances[-1] == pytest.approx(DAYS_KEPT * spending, rel=0.05)


def test_where_nobody_else_holds_tokens_the_quantity_theory_holds() -> None:
    few, twice = alone(1e4), alone(2e4)
    velocity = few.series["velocity"][-5:, 0].mean()
    assert velocity == pytest.approx(DAYS["per_year"] / DAYS_KEPT, rel=0.07)
    prices = [record.series["price"][-1, 0] for record in (few, twice)]
    assert prices[0] / prices[1] == pytest.approx(2.0, rel=0.03)


def test_users_who_are_cut_off_sell_what_they_kept() -> None:
    leave = [{"date": "2025-02-20", "target": "drivers.service_demand", "set": 1e-6}]
    record = run(**{"steps": 100, "events": leave, "populations.wallets": {"count": 5}})
    balances = record.series["working_balances"][:, 0]
    assert balances[49] > 0.0
    assert balances[-1] < 0.1 * balances[49]
    booked = {row.flow for row in record.flows if row.sector == "wallets"}
    assert booked == {"new capital", "withdrawals", "token purchases", "token sales"}
