"""Key figures against hand-made paths."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from catallaxy.sim.analysis.key_figures import KPIS, Kpi, evaluate, kpi
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.recording.record import DilutionRow, GainRow, IncomeRow, RunRecord, StakeRow
from catallaxy.sim.scenario.loading import load
from synthetic import make_record


def record(dt_days: float = 1.0, **series: list[float]) -> RunRecord:
    columns = {name: np.array(values, dtype=np.float64)[:, None] for name, values in series.items()}
    return RunRecord(1, 0, ("A",), ("AAA",), date(2024, 1, 1), dt_days, columns)


def value(name: str, run: RunRecord) -> float:
    return evaluate(run)[name]["A"]


def test_names_are_unique_and_explained() -> None:
    assert len({kpi.name for kpi in KPIS}) == len(KPIS) >= 20
    assert all(kpi.doc.endswith(".") and kpi.unit and "." not in kpi.name for kpi in KPIS)


def test_price_key_figures() -> None:
    run = record(price=[2.0, 4.0, 1.0, 3.0], fundamental=[2.0, 2.0, 2.0, 2.0], log_return=[0.0, 0.1, -0.1, 0.2])
    assert value("price_final", run) == 3.0
    assert value("price_ratio", run) == 1.5
    assert value("price_to_fundamental", run) == 1.5
    assert value("max_drawdown", run) == 0.75
    assert value("volatility", run) == pytest.approx(np.std([0.0, 0.1, -0.1, 0.2], ddof=1) * math.sqrt(365.25))


def test_how_wild_a_price_is() -> None:
    run = record(price=[2.0, 1.0, 4.0, 3.0], fundamental=[2.0, 2.0, 2.0, 0.0], log_return=[1.0, -1.0, 1.0, -1.0])
    assert value("largest_rise", run) == 4.0
    assert value("misalignment", run) == pytest.approx(2.0 * math.log(2.0) / 3.0)
    assert value("kurtosis", run) == pytest.approx(-2.0)
    rare = record(log_return=[0.0] * 99 + [1.0], price=[3.0, 2.0])
    assert value("kurtosis", rare) == pytest.approx((1 - 6 * 0.01 * 0.99) / (0.01 * 0.99))
    assert value("largest_rise", rare) == 1.0
    assert math.isnan(value("misalignment", rare))
    assert math.isnan(value("kurtosis", record(log_return=[0.5, 0.5])))


def test_a_price_of_zero_has_no_drawdown() -> None:
    assert math.isnan(value("max_drawdown", record(price=[0.0, 0.0])))
    assert value("max_drawdown", record(price=[0.0, 2.0, 1.0])) == 0.5


def test_days_under_water_count_the_longest_time_below_an_earlier_peak() -> None:
    assert value("underwater_days", record(7.0, price=[3.0, 2.0, 3.0, 1.0, 2.0, 2.9, 4.0, 3.0])) == 21.0
    assert value("underwater_days", record(price=[1.0, 2.0, 2.0])) == 0.0


def test_supply_growth_is_compound_and_per_year() -> None:
    assert value("supply_growth", record(365.25, supply=[100.0, 110.0, 121.0])) == pytest.approx(0.1)


def test_last_year_only() -> None:
    fees, emission = [0.0] * 1000 + [2.0] * 365, [9.0] * 1000 + [4.0] * 365
    run = record(fees_usd=fees, emission_usd=emission, service_spend=[5.0] * 1365)
    assert value("fees_to_emission", run) == 0.5
    assert value("fees", run) == pytest.approx(2.0 * 365.25)
    assert value("emission", run) == pytest.approx(4.0 * 365.25)
    assert value("service_spend", run) == pytest.approx(5.0 * 365.25)


def test_a_flow_per_year_does_not_depend_on_the_length_of_a_step() -> None:
    daily, weekly = record(fees_usd=[2.0] * 800), record(7.0, fees_usd=[14.0] * 120)
    assert value("fees", daily) == pytest.approx(value("fees", weekly)) == pytest.approx(730.5)


def test_service_volume_and_price() -> None:
    run = record(service_spend=[6.0, 2.0], service_units=[2.0, 2.0])
    assert value("service_units", run) == pytest.approx(2.0 * 365.25)
    assert value("service_price", run) == 2.0


def test_data_owners_share_of_income() -> None:
    run = record(income_data=[1.0], income_compute=[2.0], income_builders=[4.0], income_stakers=[1.0])
    assert value("data_income_share", run) == 0.125


def test_what_users_gain_and_what_reaches_data_owners() -> None:
    run = record(user_surplus=[6.0, 2.0], price_surplus=[1.0, 3.0], service_spend=[1.0, 3.0], licence_fees=[0.5, 0.5])
    assert value("user_surplus", run) == pytest.approx(4.0 * 365.25)
    assert value("price_surplus", run) == pytest.approx(2.0 * 365.25)
    assert value("user_surplus_ratio", run) == 2.0
    assert value("data_revenue_share", run) == 0.25


def test_inflation_is_a_transfer_between_holders() -> None:
    run = record(price=[1.0])
    assert math.isnan(value("inflation_to_compute", run))
    run.dilution = [
        DilutionRow("A", "compute_nodes", 0.1, 0.2, 60.0, 10.0),
        DilutionRow("A", "vesting", 0.3, 0.2, 0.0, 30.0),
        DilutionRow("A", "insiders", 0.0, 0.1, 0.0, 10.0),
        DilutionRow("A", "speculators", 0.6, 0.5, 40.0, 50.0),
        DilutionRow("B", "speculators", 1.0, 1.0, 5.0, 5.0),
    ]
    found = {name: value(f"inflation_to_{name}", run) for name in ("compute", "data", "speculators", "insiders")}
    assert found == {"compute": 0.5, "data": 0.0, "speculators": -0.1, "insiders": -0.4}


def test_gains_are_those_of_the_whole_population() -> None:
    run = record(price=[1.0] * 73)
    assert math.isnan(value("data_surplus", run))
    assert math.isnan(value("speculator_return", run))
    run.gains = [
        GainRow("data_providers", "B", "all", 5, 1.0, 1.0, 99.0),
        GainRow("data_providers", "A", "highest fifth", 1, 1.0, 1.0, 99.0),
        GainRow("data_providers", "A", "all", 5, 12.0, 2.0, 10.0),
        GainRow("speculators", "all", "all", 9, 4.0, 0.0, 4.0, 10.0, 2.0),
    ]
    assert value("data_surplus", run) == pytest.approx(10.0 * 365.25 / 73.0)
    assert value("speculator_return", run) == 2.0


def test_income_of_a_data_provider() -> None:
    run = record(income_data=[30.0, 10.0], providers_active=[3.0, 5.0])
    assert value("data_income", run) == pytest.approx(20.0 * 365.25)
    assert value("data_income_per_provider", run) == pytest.approx(5.0 * 365.25)


def test_price_of_data_and_payments_to_a_provider() -> None:
    run = record(data_price=[0.1, 0.3], payments=[4.0, 8.0], providers_active=[20.0, 40.0])
    assert value("data_price", run) == pytest.approx(0.2)
    assert value("payments_per_provider", run) == pytest.approx(0.2 * 365.25)


def test_treasury_counts_tokens_at_the_price_of_the_day() -> None:
    run = record(treasury_usd=[10.0, 5.0], treasury_tokens=[1.0, 1.0], price=[1.0, 2.0])
    assert value("treasury_min", run) == 7.0


def test_treasury_solvency_and_runway() -> None:
    broke = record(treasury_usd=[9.0, 0.0, 0.0, 0.0], treasury_tokens=[0.0, 0.0, 2.0, 0.0], price=[1.0] * 4)
    assert value("treasury_solvent_share", broke) == 0.5
    spending = record(treasury_usd=[900.0, 730.5], grants=[1.0, 3.0])
    assert value("treasury_runway", spending) == pytest.approx(12.0)
    assert math.isnan(value("treasury_runway", record(treasury_usd=[5.0], grants=[0.0])))


def test_continuity_and_the_longest_outage() -> None:
    run = record(2.0, served_share=[1.0, 0.94, 0.95, 0.9, 0.0, 0.5, 1.0, 0.2])
    assert value("continuity", run) == 0.375
    assert value("longest_outage", run) == 6.0
    assert value("longest_outage", record(served_share=[1.0])) == 0.0


def test_cheaters_caught_per_cheater_and_day() -> None:
    run = record(2.0, fraud_caught=[1.0, 2.0], cheating_share=[0.5, 0.25], nodes_online=[8.0, 4.0])
    assert value("caught_rate", run) == 0.3
    assert math.isnan(value("caught_rate", record(fraud_caught=[0.0], cheating_share=[0.0], nodes_online=[9.0])))


def nodes(**changes: list[float]) -> RunRecord:
    """Two GPUs online for two years: 10 USD a day, running costs of 4, hardware of 100 each, 50 USD of collateral."""
    days = 730
    paths = {
        "income_compute": [10.0] * days,
        "running_costs": [4.0] * days,
        "gpu_hours_supplied": [48.0] * days,
        "hardware_price": [100.0] * days,
        "collateral": [25.0] * days,
        "price": [2.0] * days,
    }
    return record(**{**paths, **changes})


def test_the_return_of_nodes_is_profit_over_hardware_and_collateral() -> None:
    assert value("provider_roi", nodes()) == pytest.approx(6.0 * 365.25 / 250.0)
    assert value("compute_margin", nodes()) == pytest.approx(0.6)


def test_hardware_that_becomes_cheaper_is_a_cost() -> None:
    falling = [100.0 * 0.9**year for year in np.arange(730) / 365]
    cheaper = nodes(hardware_price=falling)
    last_year = falling[364:]
    lost = 2.0 * (last_year[0] - last_year[-1])
    capital = 2.0 * np.mean(last_year[1:]) + 50.0
    expected = (6.0 - lost / 365) * 365.25 / capital
    assert value("provider_roi", cheaper) == pytest.approx(expected)
    assert value("provider_roi", cheaper) < 6.0 * 365.25 / capital


def test_nobody_invested_has_no_return() -> None:
    nothing = [0.0] * 730
    assert math.isnan(value("provider_roi", nodes(gpu_hours_supplied=nothing, collateral=nothing)))


@pytest.mark.parametrize("population", ["data_providers", "Data providers"])
def test_gini_comes_from_the_income_of_the_population(population: str) -> None:
    run = record(price=[1.0])
    run.income.append(IncomeRow(population, "A", 3, 1.0, 1.0, 1.0, 1.0, 1.0, 0.4))
    assert value("gini_data", run) == 0.4
    assert math.isnan(value("gini_compute", run))


def test_concentration_of_income_and_stake() -> None:
    run = record(price=[1.0])
    run.income.append(IncomeRow("compute_nodes", "A", 3, 1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.35, 2.0))
    run.stake.append(StakeRow("A", 7, 100.0, 0.5, 0.2, 3.0))
    assert [value(name, run) for name in ("gini_compute", "hhi_compute", "nakamoto_compute")] == [0.4, 0.35, 2.0]
    assert [value(name, run) for name in ("gini_stake", "hhi_stake", "nakamoto_stake")] == [0.5, 0.2, 3.0]


def test_what_was_not_recorded_is_nan() -> None:
    empty = record(price=[])
    assert all(math.isnan(row["A"]) for row in evaluate(empty).values())
    assert all(math.isnan(row["A"]) for name, row in evaluate(record(users=[1.0])).items())


def test_division_by_nothing_is_nan() -> None:
    assert math.isnan(value("fees_to_emission", record(fees_usd=[1.0], emission_usd=[0.0])))


def test_a_full_record_defines_every_key_figure() -> None:
    values = evaluate(make_record(400, networks=3))
    assert all(math.isfinite(x) for row in values.values() for x in row.values())
    assert all(len(row) == 3 for row in values.values())


@pytest.mark.jit
def test_what_key_figures_lean_on_agrees_with_the_books() -> None:
    run = simulate(load("three-networks", sets={"steps": 30}))
    assert run.status == "complete", run.error
    for series, flow, payer in (("running_costs", "running costs", "compute_nodes"), ("grants", "grants", "treasury")):
        booked = -sum(row.amount for row in run.flows if (row.flow, row.sector) == (flow, payer)) / 1e6
        assert run.series[series].sum() == pytest.approx(booked, abs=1e-5)
        assert booked > 0.0
    assert (run.series["collateral"] <= run.series["staked"]).all()
    assert [row.network for row in run.stake] == list(run.networks)
    assert [row.tokens for row in run.stake] == pytest.approx(run.series["staked"][-1].tolist())
    assert all(1 <= row.nakamoto <= row.holders for row in run.stake)


def test_a_key_figure_of_the_user_is_evaluated_like_a_built_in_one() -> None:
    @kpi(unit="USD", direction="up")
    def largest_cap(run: RunRecord, network: int) -> float:
        """Largest market capitalisation.

        The rest of the docstring is for readers.
        """
        return float(run.series["market_cap"][:, network].max())

    run = record(market_cap=[1.0, 5.0, 2.0])
    assert largest_cap == Kpi("largest_cap", "USD", "up", "Largest market capitalisation.", largest_cap.function)
    assert evaluate(run, [largest_cap]) == {"largest_cap": {"A": 5.0}}
    assert largest_cap(run, 0) == 5.0
    assert largest_cap.theme == "own"


@pytest.mark.parametrize("given", [np.float64(2.0), np.float32(2.0), 2])
def test_any_number_counts_as_a_float(given: float) -> None:
    found = evaluate(record(price=[1.0]), [Kpi("own", "1", "up", "Own.", lambda run, network: given)])["own"]["A"]
    assert type(found) is float
    assert found == 2.0


@pytest.mark.parametrize("given", ["2", None, True, np.ones(2)])
def test_a_key_figure_that_gives_no_number_is_refused(given: object) -> None:
    own = Kpi("own", "1", "up", "Own.", lambda run, network: given)  # type: ignore[arg-type, return-value]
    with pytest.raises(CatallaxyError, match=r"key figure own gave .* it must give a float"):
        evaluate(record(price=[1.0]), [own])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "price.ratio"}, "cannot name a key figure"),
        ({"direction": "higher"}, "direction 'higher' is none of up, down, neutral"),
        ({"unit": ""}, "has no unit; a pure number has the unit '1'"),
        ({"doc": ""}, "has no doc"),
    ],
)
def test_a_declaration_without_meaning_is_refused(changes: dict[str, str], message: str) -> None:
    good = {"name": "own", "unit": "1", "direction": "up", "doc": "Own."}
    with pytest.raises(ValueError, match=message):
        Kpi(**{**good, **changes}, function=lambda run, network: 0.0)  # type: ignore[arg-type]
