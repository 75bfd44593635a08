"""Runs in which earnings of data providers wait, and in which what others share tells about one's own data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load

PRICEY = {"privacy_cost": {"dist": "pareto", "minimum": 1.0, "tail": 1.2}}


def run(market: str = "posted-price", steps: int = 40, **options: Any) -> Engine:
    sets = {
        "steps": steps,
        "services.data": {"kind": market},
        **{f"populations.data_providers.{name}": value for name, value in options.items()},
    }
    engine = Engine(load("minimal", sets=sets))
    engine.run()
    return engine


@pytest.mark.parametrize("market", ["posted-price", "bargaining"])
def test_what_buyers_pay_is_settled_or_owed(market: str) -> None:
    engine = run(market, batching={})
    providers, record = engine.economy.providers, engine.record()
    received = {
        flow: sum(row.amount for row in record.flows if (row.flow, row.sector, row.instrument) == (flow, sector, "USD"))
        for flow, sector in (("licence fees", "payment channels"), ("settlements", providers.name))
    }
    assert providers.channels is not None
    assert received["settlements"] > 0
    assert received["licence fees"] == received["settlements"] + providers.channels.owed.sum()
    assert record.audit["largest_discrepancy"] == 0


def test_dear_payments_are_fewer_and_owe_more() -> None:
    series = [run(batching={"waiting": {"per_year": rate}}).record().series for rate in (0.05, 5.0)]
    patient, hasty = ({name: float(np.sum(s[name])) for name in ("payments", "payments_owed")} for s in series)
    assert patient["payments"] < hasty["payments"]
    assert patient["payments_owed"] > hasty["payments_owed"]


def test_correlated_data_bring_in_providers_and_teach_builders_less_a_unit() -> None:
    alone, together = (run(correlation=rho, anonymization={"cost": 1e6}, **PRICEY).record().series for rho in (0, 0.9))
    assert together["providers_active"][-1].sum() > alone["providers_active"][-1].sum()
    assert np.all(alone["data_fresh"] == 1.0)
    assert np.all(together["data_fresh"] < 1.0)
    known = together["data_known"][-1]
    assert together["data_fresh"][-1] == pytest.approx(1.0 - 0.45 * known)


def test_protection_is_chosen_where_it_is_cheap() -> None:
    dear, cheap = (run(anonymization={"cost": cost}, **PRICEY).record().series for cost in (1e6, 0.01))
    assert not np.any(dear["providers_protected"])
    assert cheap["providers_protected"][-1].sum() == cheap["providers_active"][-1].sum()
    assert cheap["data_known"][-1].sum() < dear["data_known"][-1].sum()
