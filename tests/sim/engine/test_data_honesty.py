"""Runs in which some data providers cheat and are inspected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

Series = dict[str, Any]


def run(steps: int = 90, **honesty: Any) -> Series:
    sets = {"steps": steps, "populations.data_providers.honesty": honesty}
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    assert record.audit["largest_discrepancy"] == 0
    return record.series


def late(series: Series, name: str) -> float:
    return float(np.nanmean(series[name][-30:]))


def test_inspections_deter_fraud_and_data_are_worth_more() -> None:
    lax, strict = (run(inspections={"per_year": rate}) for rate in (0.0, 50.0))
    assert late(strict, "fake_data") < 0.1 * late(lax, "fake_data")
    assert late(strict, "data_worth") > late(lax, "data_worth")
    assert not lax["data_fraud_caught"].any()


def test_among_the_honest_nothing_is_fake_and_some_are_wronged() -> None:
    nobody = {"low_effort": 0.0, "sybil": 0.0, "poisoner": 0.0, "inspections": {"per_year": 100.0}}
    series = run(**nobody, false_positive=0.1)
    assert not np.nan_to_num(series["fake_data"]).any()
    assert not series["data_fraud_caught"].any()
    assert series["data_wronged"].sum() > 0
    assert series["data_reputation"][-1, 0] < 1.0


@pytest.mark.parametrize("kind", ["low_effort", "sybil", "poisoner"])
def test_every_kind_makes_fake_data_where_nobody_looks(kind: str) -> None:
    kinds = {"low_effort": 0.0, "sybil": 0.0, "poisoner": 0.0, kind: 0.5}
    series = run(steps=40, **kinds, inspections={"per_year": 0.0})
    assert late(series, "fake_data") > 0.1
    assert late(series, "data_worth") < 0.9


def test_models_learn_nothing_from_poison() -> None:
    sets = {"steps": 40, "populations.model_builders.tokens_per_unit": 1e12}
    poison = {"low_effort": 0.0, "sybil": 0.0, "poisoner": 0.9, "inspections": {"per_year": 0.0}}
    clean, spoilt = (
        simulate(load("minimal", sets={**sets, "populations.data_providers.honesty": honesty})).series
        for honesty in (None, poison)
    )
    assert late(spoilt, "data_worth") == 0.0
    assert late(clean, "model_quality") > 1.001 * late(spoilt, "model_quality")


def test_cheating_works_with_privacy_and_batched_payments_too() -> None:
    sets = {
        "steps": 30,
        "populations.data_providers.honesty": {},
        "populations.data_providers.correlation": 0.5,
        "populations.data_providers.batching": {},
    }
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    assert np.all(record.series["data_known"] <= 1.0)
