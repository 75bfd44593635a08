"""Every process against its own theory: moments, stationary law, limits, and independence of the step length."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from catallaxy.sim.environment.paths import Draws, Horizon, guard
from catallaxy.sim.environment.processes import PROCESSES, AnyProcess, Process
from catallaxy.sim.environment.stochastic import Regime
from catallaxy.sim.environment.tables import CsvTable

ANY: TypeAdapter[Process] = TypeAdapter(AnyProcess)
START = date(2024, 1, 1)
DAYS_PER_YEAR = 365.25
RUNS = 2000

EXAMPLES: list[Any] = [
    2.5,
    {"kind": "linear", "start": 5.0, "change": {"per_day": -0.1}, "low": 1.0},
    {"kind": "logistic", "start": 1.0, "limit": 12.0, "growth": {"per_year": 1.55}},
    {"kind": "ou", "mean": 2.0, "sd": 0.5, "reversion": {"per_year": 3.0}, "start": 3.0},
    {"kind": "ou", "mean": 2.0, "sd": 0.5, "reversion": {"per_year": 3.0}, "scale": "log"},
    {"kind": "gbm", "start": 1.0, "drift": {"per_year": 0.1}, "volatility": 0.5},
    {
        "kind": "regime",
        "levels": {"calm": 1.0, "tense": 3.0},
        "switching": {"calm": {"tense": {"per_year": 1.0}}, "tense": {"calm": {"per_month": 1.0}}},
        "start": "calm",
    },
    {
        "kind": "jump",
        "base": 1.0,
        "arrival": {"per_year": 6.0},
        "size": 0.2,
        "size_sd": 0.5,
        "recovery": {"per_day": 0.1},
    },
    {"kind": "jump", "base": 1.0, "arrival": {"per_year": 6.0}, "size_sd": 0.5, "scale": "level", "high": 2.0},
    {"kind": "table", "points": {"2024-01-01": 1.0, "2024-01-20": 3.0}, "interpolate": "linear"},
]
IDS = [example["kind"] if isinstance(example, dict) else "number" for example in EXAMPLES]


def build(yaml: Any) -> Process:
    return ANY.validate_python(yaml)


def path(yaml: Any, n_steps: int = 200, dt_days: float = 1.0, seed: int = 1, driver: int = 0) -> np.ndarray:
    return build(yaml).path(Horizon(START, n_steps, dt_days), Draws(seed, driver))


def ensemble(yaml: Any, n_steps: int, dt_days: float = 1.0, runs: int = RUNS) -> np.ndarray:
    """Paths of many seeds: float64[runs, n_steps]."""
    process, horizon = build(yaml), Horizon(START, n_steps, dt_days)
    return np.array([process.path(horizon, Draws(seed, 3)) for seed in range(runs)])


def within(sample: np.ndarray, mean: float, variance: float) -> None:
    """Check the mean and the variance of a sample within 4.5 standard errors."""
    n = sample.size
    fourth = np.mean((sample - sample.mean()) ** 4)
    assert sample.mean() == pytest.approx(mean, abs=4.5 * math.sqrt(variance / n))
    assert sample.var() == pytest.approx(variance, abs=4.5 * math.sqrt(max(fourth - sample.var() ** 2, 0.0) / n))


@pytest.mark.parametrize("yaml", EXAMPLES, ids=IDS)
def test_paths_are_finite_and_start_where_they_are_told(yaml: Any) -> None:
    values = path(yaml)
    assert values.shape == (200,)
    assert values.dtype == np.float64
    assert np.all(np.isfinite(values))
    assert values[0] == pytest.approx(build(yaml).anchors()[0])


@pytest.mark.parametrize("yaml", EXAMPLES, ids=IDS)
def test_a_longer_run_keeps_the_path_so_far(yaml: Any) -> None:
    assert np.array_equal(path(yaml, 200)[:120], path(yaml, 120))


@pytest.mark.parametrize("yaml", EXAMPLES, ids=IDS)
def test_a_process_survives_being_written_and_read(yaml: Any) -> None:
    process = build(yaml)
    assert ANY.validate_python(ANY.dump_python(process)) == process
    again = ANY.validate_json(ANY.dump_json(process))
    assert np.array_equal(again.path(Horizon(START, 50, 1.0), Draws(1, 0)), path(yaml, 50))


def test_seed_and_driver_move_what_is_random() -> None:
    gbm = EXAMPLES[5]
    assert not np.any(path(gbm, seed=1)[1:] == path(gbm, seed=2)[1:])
    assert not np.any(path(gbm, driver=1)[1:] == path(gbm, driver=2)[1:])


def test_all_kinds_of_the_issue_are_registered() -> None:
    assert {"constant", "linear", "logistic", "ou", "gbm", "regime", "jump", "csv"} <= set(PROCESSES)
    assert PROCESSES.resolve("csv") is CsvTable


def test_a_number_is_a_constant() -> None:
    assert build(3) == build({"kind": "constant", "value": 3.0})
    assert np.array_equal(path(3, 4), np.full(4, 3.0))


def test_linear_follows_the_line_for_any_step_length() -> None:
    line = {"kind": "linear", "start": 1.0, "change": {"per_year": 365.25}}
    assert path(line, 5, 0.5) == pytest.approx([1.0, 1.5, 2.0, 2.5, 3.0])


@given(st.floats(0.1, 20.0), st.floats(0.1, 20.0))
def test_logistic_solves_its_differential_equation(start: float, limit: float) -> None:
    growth, dt = 2.0, 1e-3 * DAYS_PER_YEAR
    x = path({"kind": "logistic", "start": start, "limit": limit, "growth": {"per_year": growth}}, 200, dt)
    middle = 0.5 * (x[1:] + x[:-1])
    assert np.diff(x) / 1e-3 == pytest.approx(growth * middle * (1.0 - middle / limit), rel=1e-2, abs=1e-6)
    long_run = path({"kind": "logistic", "start": start, "limit": limit, "growth": {"per_year": growth}}, 40, 365.25)
    assert long_run[-1] == pytest.approx(limit)


@pytest.mark.jit
@pytest.mark.parametrize("dt_days", [1.0, 30.0])
def test_ou_has_its_stationary_law_and_memory(dt_days: float) -> None:
    reversion = 12.0
    ou = {"kind": "ou", "mean": 2.0, "sd": 0.5, "reversion": {"per_year": reversion}, "start": 5.0}
    steps = int(400 / dt_days) + 2
    paths = ensemble(ou, steps, dt_days)
    within(paths[:, -1], 2.0, 0.25)
    elapsed = dt_days / DAYS_PER_YEAR
    keep = math.exp(-reversion * elapsed)
    within(paths[:, 1], 2.0 + 3.0 * keep, 0.25 * (1.0 - keep**2))
    assert np.corrcoef(paths[:, -2], paths[:, -1])[0, 1] == pytest.approx(keep, abs=5 * (1 - keep**2) / math.sqrt(RUNS))


@pytest.mark.jit
def test_ou_in_logs_stays_positive_around_its_median() -> None:
    paths = ensemble({"kind": "ou", "mean": 0.01, "sd": 1.0, "reversion": {"per_day": 0.5}, "scale": "log"}, 60)
    assert paths.min() > 0.0
    within(np.log(paths[:, -1] / 0.01), 0.0, 1.0)


@pytest.mark.jit
@pytest.mark.parametrize("dt_days", [1.0, 7.0])
def test_gbm_has_lognormal_growth(dt_days: float) -> None:
    paths = ensemble({"kind": "gbm", "start": 3.0, "drift": {"per_year": 0.4}, "volatility": 0.6}, 53, dt_days)
    years = 52 * dt_days / DAYS_PER_YEAR
    within(np.log(paths[:, -1] / 3.0), (0.4 - 0.18) * years, 0.36 * years)
    assert paths[:, -1].mean() == pytest.approx(
        3.0 * math.exp(0.4 * years), abs=4.5 * paths[:, -1].std() / math.sqrt(RUNS)
    )


def test_gbm_without_volatility_compounds() -> None:
    x = path({"kind": "gbm", "start": 2.0, "drift": {"per_year": -0.7}, "volatility": 0.0}, 1462)
    assert x[-1] == pytest.approx(2.0 * math.exp(-2.8), rel=1e-12)


REGIMES = {
    "kind": "regime",
    "levels": {"low": 1.0, "mid": 2.0, "high": 4.0},
    "switching": {
        "low": {"mid": {"per_day": 0.1}},
        "mid": {"low": {"per_day": 0.05}, "high": {"per_day": 0.05}},
        "high": {"low": {"per_day": 0.2}},
    },
    "start": "low",
}


@pytest.mark.jit
@pytest.mark.parametrize("dt_days", [0.5, 1.0, 10.0])
def test_regimes_take_their_stationary_shares_for_any_step_length(dt_days: float) -> None:
    # Balance of flows: 0.1 low = 0.05 mid + 0.2 high, 0.05 mid = 0.2 high.
    shares = np.array([4.0, 4.0, 1.0]) / 9.0
    last = ensemble(REGIMES, int(300 / dt_days), dt_days)[:, -1]
    found = np.array([np.mean(last == level) for level in (1.0, 2.0, 4.0)])
    assert found == pytest.approx(shares, abs=4.5 * math.sqrt(0.25 / RUNS))


@given(st.floats(0.01, 400.0))
def test_regime_probabilities_are_those_of_continuous_time(dt_days: float) -> None:
    two = build(
        {**EXAMPLES[6], "switching": {"calm": {"tense": {"per_day": 0.03}}, "tense": {"calm": {"per_day": 0.07}}}}
    )
    assert isinstance(two, Regime)
    ((stay, leave), (back, remain)) = two.step_probabilities(dt_days)
    assert leave == pytest.approx(0.3 * -math.expm1(-0.1 * dt_days), rel=1e-12)
    assert back == pytest.approx(0.7 * -math.expm1(-0.1 * dt_days), rel=1e-12)
    assert (stay + leave, back + remain) == pytest.approx((1.0, 1.0), abs=1e-13)


def test_a_regime_without_exit_is_kept() -> None:
    absorbing = {**REGIMES, "switching": {"low": {"high": {"per_day": 5.0}}}}
    assert set(path(absorbing, 300)[100:]) == {4.0}


@pytest.mark.jit
def test_permanent_jumps_add_up_to_a_compound_poisson_sum() -> None:
    # Two and a half shocks a step, so that several arrive in one.
    jump = {"kind": "jump", "base": 10.0, "arrival": {"per_day": 2.5}, "size": 0.5, "size_sd": 2.0, "scale": "level"}
    paths = ensemble(jump, 5)
    within(paths[:, -1], 10.0 + 10.0 * 0.5, 10.0 * (0.25 + 4.0))


@pytest.mark.jit
def test_fading_jumps_have_shot_noise_moments() -> None:
    fading = {
        "kind": "jump",
        "base": 2.0,
        "arrival": {"per_day": 0.2},
        "size": 0.3,
        "size_sd": 0.1,
        "recovery": {"per_day": 0.1},
    }
    keep = math.exp(-0.1)
    log = np.log(ensemble(fading, 150)[:, -1] / 2.0)
    within(log, 0.2 * 0.3 / (1.0 - keep), 0.2 * (0.09 + 0.01) / (1.0 - keep**2))


def test_guard_holds_a_path_and_says_where() -> None:
    values = np.array([-1.0, 0.0, 0.5, 2.0, 1.0])
    assert guard(values, 0.0, 1.0).tolist() == [True, False, False, True, False]
    assert values.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_horizon_knows_its_days_and_steps() -> None:
    weekly = Horizon(START, 4, 7.0)
    assert weekly.days.tolist() == [0.0, 7.0, 14.0, 21.0]
    assert [weekly.step_of(date(2024, 1, day)) for day in (1, 7, 8, 29)] == [0, 0, 1, 4]
    assert weekly.step_of(date(2023, 12, 31)) == -1
    assert weekly.end == date(2024, 1, 29)


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ({"kind": "oou"}, "did you mean 'ou'?"),
        ({"mean": 3}, "choose a process"),
        (True, "choose a process"),
        ({"kind": "linear", "start": 1, "change": 0.1}, "0.1 has no time base"),
        ({"kind": "ou", "mean": 0, "sd": 1, "reversion": {"per_day": 1}, "scale": "log"}, "needs mean > 0"),
        ({"kind": "ou", "mean": 1, "sd": 1, "reversion": {"per_day": 1}, "low": 2, "high": 1}, "must not lie above"),
        ({"kind": "gbm", "start": -1, "volatility": 0.1}, "greater than 0"),
        ({"kind": "jump", "base": 0, "arrival": {"per_day": 1}, "size_sd": 1}, "needs base > 0"),
        ({**REGIMES, "start": "lo"}, "'lo' is not one of the levels low, mid, high; did you mean 'low'?"),
        ({**REGIMES, "switching": {"low": {"hihg": {"per_day": 1}}}}, "did you mean 'high'?"),
        ({**REGIMES, "switching": {"low": {"low": {"per_day": 1}}}}, "to another level than itself"),
        ({**REGIMES, "switching": {"low": {"mid": {"per_day": -1}}}}, "give a rate of 0 to 1000 per day"),
        ({**REGIMES, "levels": {"low": 1}, "switching": {}}, "give 2 to 12 levels; found 1"),
    ],
)
def test_a_wrong_process_is_explained(yaml: Any, expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        build(yaml)
    assert expected in str(caught.value)


def test_schema_offers_a_number_and_every_kind() -> None:
    options = TypeAdapter(AnyProcess).json_schema()["anyOf"]
    assert options[0] == {"type": "number"}
    assert len(options) == 1 + len(PROCESSES.items())
