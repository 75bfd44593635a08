"""The declared drivers: ranges, sources, independence of chance, believable defaults."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from catallaxy.sim.environment.drivers import DRIVERS, DriversSpec, driver_paths
from catallaxy.sim.environment.paths import DriverPaths

START = date(2024, 1, 1)
NAMES = [driver.name for driver in DRIVERS]


def paths(seed: int = 1, n_steps: int = 1461, **drivers: Any) -> DriverPaths:
    spec = DriversSpec.model_validate(drivers)
    return driver_paths(spec, seed=seed, n_steps=n_steps, dt_days=1.0, start=START)


def test_every_driver_of_the_model_is_declared() -> None:
    assert NAMES == [
        "service_demand", "regulatory_clarity", "transaction_cost", "bridge_cost", "zk_overhead", "hardware_price",
        "electricity_price", "cloud_gpu_price", "incumbent_price", "incumbent_quality", "narrative", "risk_free_rate",
        "reserve_price", "incumbent_availability", "cloud_availability", "interoperability", "layer2_throughput",
        "consensus_cost", "risk_appetite",
    ]  # fmt: skip


def test_numbers_are_part_of_the_results() -> None:
    assert [driver.number for driver in DRIVERS] == list(range(19))


@pytest.mark.parametrize("name", NAMES)
def test_every_driver_has_a_unit_a_sentence_and_a_source(name: str) -> None:
    field = DriversSpec.model_fields[name]
    extra: Any = field.json_schema_extra
    assert extra["unit"]
    assert extra["source"]
    assert (field.description or "").endswith(".")


def test_paths_are_reproducible_and_named() -> None:
    first, again = paths(seed=4), paths(seed=4)
    assert first.names == tuple(NAMES)
    assert first.values.shape == (len(NAMES), 1461)
    assert np.array_equal(first.values, again.values)
    assert np.array_equal(first["narrative"], first.values[first.row("narrative")])
    with pytest.raises(KeyError):
        first["weather"]


@pytest.mark.parametrize("name", NAMES)
def test_another_process_for_one_driver_leaves_the_others_alone(name: str) -> None:
    before = paths(n_steps=50)
    after = paths(n_steps=50, **{name: {"kind": "gbm", "start": 0.9, "volatility": 0.01, "high": 1.0}})
    others = [k for k, driver in enumerate(NAMES) if driver != name]
    assert np.array_equal(before.values[others], after.values[others])
    assert not np.array_equal(before[name], after[name])


@pytest.mark.jit
def test_drivers_do_not_share_chance() -> None:
    walk = {"kind": "gbm", "start": 0.5, "volatility": 0.3}
    found = paths(**dict.fromkeys(NAMES, walk))
    free = [row for row, driver in enumerate(DRIVERS) if driver.le > 1.0]
    shocks = np.diff(np.log(found.values[free]), axis=1)
    correlation = np.corrcoef(shocks) - np.eye(len(free))
    assert np.abs(correlation).max() < 4.5 / np.sqrt(1461)


@pytest.mark.jit
def test_default_paths_are_believable_and_rarely_guarded() -> None:
    runs = [paths(seed=seed) for seed in range(64)]
    median = {name: float(np.median([run[name][-1] for run in runs])) for name in NAMES}
    assert 8.0 < median["service_demand"] < 12.0
    assert 1.5 < median["cloud_gpu_price"] < 3.0
    assert 0.002 < median["transaction_cost"] < 0.05
    assert 0.5 < median["reserve_price"] < 2.0
    assert 0.8 < median["narrative"] < 1.25
    for driver in DRIVERS:
        values = np.array([run[driver.name] for run in runs])
        assert driver.ge <= values.min() <= values.max() <= driver.le
        assert np.mean([run.held[run.row(driver.name)] for run in runs]) < 0.01


@pytest.mark.jit
def test_reserve_asset_moves_as_much_as_bitcoin() -> None:
    returns = np.diff(np.log([paths(seed=seed)["reserve_price"] for seed in range(8)]), axis=1)
    assert returns.std() == pytest.approx(0.029, rel=0.02)


@pytest.mark.jit
def test_guards_hold_paths_back_and_are_counted() -> None:
    wild = {"kind": "ou", "mean": 0.5, "sd": 5.0, "reversion": {"per_day": 1.0}}
    found = paths(regulatory_clarity=wild)
    clarity = found["regulatory_clarity"]
    assert (clarity.min(), clarity.max()) == (0.0, 1.0)
    held = found.held[found.row("regulatory_clarity")]
    assert np.array_equal(held, (clarity == 0.0) | (clarity == 1.0))
    assert held.sum() > 1000
    tighter = paths(regulatory_clarity={**wild, "low": 0.4, "high": 0.6})["regulatory_clarity"]
    assert (tighter.min(), tighter.max()) == (0.4, 0.6)


@pytest.mark.parametrize(
    ("name", "process", "expected"),
    [
        ("regulatory_clarity", 1.2, "takes the value 1.2 1; allowed: 0 to 1"),
        ("cloud_gpu_price", 0, "takes the value 0 USD/GPU-hour; allowed: 1e-09 to inf"),
        ("regulatory_clarity", {"kind": "ou", "mean": 5, "sd": 1, "reversion": {"per_day": 1}}, "takes the value 5"),
        ("risk_free_rate", {"kind": "linear", "start": 5, "change": {"per_year": 0}}, "allowed: -0.05 to 1"),
        ("narrative", "nonsense", "unknown process 'nonsense'"),
        ("cloud_gpu_price", "cheap", "unknown process 'cheap'"),
    ],
)
def test_a_process_outside_the_drivers_range_is_explained(name: str, process: Any, expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DriversSpec.model_validate({name: process})
    (error,) = caught.value.errors()
    assert error["loc"][0] == name
    assert expected in error["msg"]


def test_specification_survives_being_written_and_read() -> None:
    spec = DriversSpec.model_validate({"narrative": 1.5})
    assert DriversSpec.model_validate_json(spec.model_dump_json()) == spec
    assert DriversSpec.model_json_schema()["properties"].keys() == set(NAMES)
