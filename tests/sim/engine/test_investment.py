"""Runs in which owners of nodes buy, sell and lose hardware."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load


def run(price: float, steps: int = 60, **investment: Any) -> RunRecord:
    sets = {
        "steps": steps,
        "drivers.hardware_price": {"kind": "constant", "value": price},
        "populations.compute_nodes.investment": investment,
    }
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    assert record.audit["largest_discrepancy"] == 0
    return record


def test_cheap_hardware_is_bought_and_dear_hardware_is_sold() -> None:
    cheap, dear = run(3_000.0).series, run(100_000.0).series
    assert cheap["gpus_bought"].sum() > 0.0
    assert not cheap["gpus_sold"].any()
    assert dear["gpus_sold"].sum() > 0.0
    assert not dear["gpus_bought"].any()
    assert cheap["gpu_hours_supplied"][-1, 0] > dear["gpu_hours_supplied"][-1, 0]


def test_what_is_owned_is_what_was_bought_less_what_was_sold_and_broke() -> None:
    series = run(6_000.0, failures={"per_year": 2.0}).series
    change = (series["gpus_bought"] - series["gpus_sold"] - series["gpus_broken"])[1:].sum()
    owned = series["gpus_owned"][:, 0]
    assert owned[-1] - owned[0] == pytest.approx(change, abs=0.2)


def test_purchases_are_paid_by_nodes_and_their_owners() -> None:
    record = run(3_000.0)
    booked = {
        flow: sum(row.amount for row in record.flows if (row.flow, row.sector) == (flow, "compute_nodes")) / 1e6
        for flow in ("hardware", "owners' capital")
    }
    assert booked["hardware"] == pytest.approx(-record.series["hardware_spending"].sum())
    assert booked["owners' capital"] == pytest.approx(record.series["owners_capital"].sum())
    assert 0.0 < booked["owners' capital"] < -booked["hardware"]
    spent = record.series["gpus_bought"] * 3_000.0
    assert spent == pytest.approx(record.series["hardware_spending"], rel=1e-3, abs=30.0)


def test_owners_who_bring_nothing_buy_less() -> None:
    alone, helped = (run(3_000.0, owners_money=share).series["gpus_bought"].sum() for share in (0.0, 1.0))
    assert 0.0 <= alone < helped


def test_nothing_is_recorded_where_nobody_invests() -> None:
    record = simulate(load("minimal", sets={"steps": 3}))
    assert "gpus_owned" not in record.series
    assert np.all(record.series["hardware_price"] > 0)
