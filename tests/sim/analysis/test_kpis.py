"""Indicators against hand-made paths."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from catallaxy.sim.analysis.kpis import KPIS, evaluate
from catallaxy.sim.recording.record import IncomeRow, RunRecord
from synthetic import make_record


def record(dt_days: float = 1.0, **series: list[float]) -> RunRecord:
    columns = {name: np.array(values, dtype=np.float64)[:, None] for name, values in series.items()}
    return RunRecord(1, 0, ("A",), ("AAA",), date(2024, 1, 1), dt_days, columns)


def value(name: str, run: RunRecord) -> float:
    return evaluate(run)[name]["A"]


def test_names_are_unique_and_explained() -> None:
    assert len({kpi.name for kpi in KPIS}) == len(KPIS) >= 20
    assert all(kpi.doc.endswith(".") and kpi.unit and "." not in kpi.name for kpi in KPIS)


def test_price_indicators() -> None:
    run = record(price=[2.0, 4.0, 1.0, 3.0], fundamental=[2.0, 2.0, 2.0, 2.0], log_return=[0.0, 0.1, -0.1, 0.2])
    assert value("price_final", run) == 3.0
    assert value("price_ratio", run) == 1.5
    assert value("price_to_fundamental", run) == 1.5
    assert value("max_drawdown", run) == 0.75
    assert value("volatility", run) == pytest.approx(np.std([0.0, 0.1, -0.1, 0.2], ddof=1) * math.sqrt(365.25))


def test_a_price_of_zero_has_no_drawdown() -> None:
    assert math.isnan(value("max_drawdown", record(price=[0.0, 0.0])))
    assert value("max_drawdown", record(price=[0.0, 2.0, 1.0])) == 0.5


def test_supply_growth_is_compound_and_per_year() -> None:
    assert value("supply_growth", record(365.25, supply=[100.0, 110.0, 121.0])) == pytest.approx(0.1)


def test_last_year_only() -> None:
    fees, emission = [0.0] * 1000 + [2.0] * 365, [9.0] * 1000 + [4.0] * 365
    run = record(fees_usd=fees, emission_usd=emission, service_spend=[5.0] * 1365)
    assert value("fees_to_emission", run) == 0.5
    assert value("service_spend", run) == pytest.approx(5.0 * 365.25)


def test_data_owners_share_of_income() -> None:
    run = record(income_data=[1.0], income_compute=[2.0], income_builders=[4.0], income_stakers=[1.0])
    assert value("data_income_share", run) == 0.125


def test_treasury_counts_tokens_at_the_price_of_the_day() -> None:
    run = record(treasury_usd=[10.0, 5.0], treasury_tokens=[1.0, 1.0], price=[1.0, 2.0])
    assert value("treasury_min", run) == 7.0


@pytest.mark.parametrize("population", ["data_providers", "Data providers"])
def test_gini_comes_from_the_income_of_the_population(population: str) -> None:
    run = record(price=[1.0])
    run.income.append(IncomeRow(population, "A", 3, 1.0, 1.0, 1.0, 1.0, 1.0, 0.4))
    assert value("gini_data", run) == 0.4
    assert math.isnan(value("gini_compute", run))


def test_what_was_not_recorded_is_nan() -> None:
    empty = record(price=[])
    assert all(math.isnan(row["A"]) for row in evaluate(empty).values())
    assert all(math.isnan(row["A"]) for name, row in evaluate(record(users=[1.0])).items())


def test_division_by_nothing_is_nan() -> None:
    assert math.isnan(value("fees_to_emission", record(fees_usd=[1.0], emission_usd=[0.0])))


def test_a_full_record_defines_every_indicator() -> None:
    values = evaluate(make_record(400, networks=3))
    assert all(math.isfinite(x) for row in values.values() for x in row.values())
    assert all(len(row) == 3 for row in values.values())
