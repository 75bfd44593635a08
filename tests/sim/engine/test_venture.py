"""Runs in which model builders raise money, fail and are replaced, publish weights, and pass revenue on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

BUILDERS = "populations.model_builders"
#: Firms that are never sure to have enough, and places that others take.
VENTURE = {"overhead": 50, "seed_capital": 5e3, "runway_days": 3650, "vacant": 0.5, "entry": {"per_year": 50.0}}


def run(steps: int = 90, **sets: Any) -> RunRecord:
    record = simulate(load("minimal", sets={"steps": steps, "populations.users.start_share": 0.2, **sets}))
    assert record.status == "complete", record.error
    assert record.audit["largest_discrepancy"] == 0
    return record


def booked(record: RunRecord, flow: str, sector: str = "model_builders") -> float:
    return sum(row.amount for row in record.flows if (row.flow, row.sector) == (flow, sector)) / 1e6


def test_firms_that_have_failed_are_gone_and_their_money_goes_to_creditors() -> None:
    record = run(**{f"{BUILDERS}.venture": {**VENTURE, "overhead": 5e4, "vacant": 0.0, "entry": {"per_year": 0.0}}})
    alive, failed = record.series["builders_alive"][:, 0], record.series["bankruptcies"][:, 0]
    assert failed.sum() > 2
    assert np.array_equal(alive, 8 - np.cumsum(failed))
    assert booked(record, "bankruptcies") < 0.0
    assert booked(record, "overhead") == pytest.approx(-record.series["builder_overhead"].sum())
    assert record.series["builder_overhead"][:, 0] == pytest.approx(5e4 * alive, rel=1e-9)


def test_appetite_for_risk_brings_money_and_firms_and_dilutes_founders() -> None:
    winter, boom = (
        run(**{f"{BUILDERS}.venture": VENTURE, "drivers.risk_appetite": appetite}) for appetite in (0.0, 50.0)
    )
    series = boom.series
    assert not winter.series["venture_capital"].any()
    assert not winter.series["builders_entered"].any()
    assert series["builders_entered"].sum() > 0
    assert series["builders_alive"][-1, 0] > winter.series["builders_alive"][-1, 0]
    capital = (series["venture_capital"] + series["founders_capital"]).sum()
    assert booked(boom, "owners' capital") == pytest.approx(capital)
    assert (winter.series["founders_share"][0], np.nanmin(series["founders_share"]) < 1.0) == (1.0, True)


def test_open_models_are_cheap_and_bought() -> None:
    closed, half, all_open = (run(40, **{f"{BUILDERS}.open_weights": {"share": x}}).series for x in (0.0, 0.5, 1.0))
    assert 0.0 < half["open_model_share"][-1, 0] < 1.0
    assert all_open["service_price"][-1, 0] < closed["service_price"][-1, 0]
    assert all_open["model_quality"][-1, 0] > closed["model_quality"][-1, 0]
    assert np.all(all_open["open_model_share"] == 1.0)


def test_shares_of_revenue_reach_those_who_made_the_models() -> None:
    shared = run(40, **{f"{BUILDERS}.revenue_share": {"data": 0.2, "compute": 0.1}})
    series, revenue = shared.series, -booked(shared, "service spending", "outside world")
    assert series["shared_with_data"].sum() == pytest.approx(0.2 * revenue, rel=0.02)
    assert series["shared_with_compute"].sum() == pytest.approx(0.1 * revenue, rel=0.02)
    paid = (series["shared_with_data"] + series["shared_with_compute"]).sum()
    assert booked(shared, "revenue shares") == pytest.approx(-paid)
    without = run(40).series
    assert series["income_data"].sum() > without["income_data"].sum() + 0.9 * series["shared_with_data"].sum()
