"""Attribute distributions: moments, support, truncation, independence of order, messages."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from catallaxy.agents.declaration import Spec
from catallaxy.agents.distributions import FAMILIES, Attribute, column
from catallaxy.agents.families import Distribution
from catallaxy.numba_kernels.random import step_key

ANY: TypeAdapter[Distribution] = TypeAdapter(Attribute)
KEY = np.uint64(step_key(np.uint64(11), 1, 0))
N = 100_000

# YAML, mean, variance (None: infinite, or checked through the mean of a truncated distribution only).
CASES: list[tuple[Any, float, float | None]] = [
    (3.5, 3.5, 0.0),
    ({"dist": "constant", "value": -2.0}, -2.0, 0.0),
    ({"dist": "uniform", "low": -1.0, "high": 3.0}, 1.0, 16.0 / 12.0),
    ({"dist": "bernoulli", "p": 0.2}, 0.2, 0.16),
    ({"dist": "choice", "values": [1, 2, 4]}, 7.0 / 3.0, 7.0 - 49.0 / 9.0),
    ({"dist": "choice", "values": [1, 5, 9], "weights": [3, 1, 0]}, 2.0, 3.0),
    ({"dist": "normal", "mean": 1.0, "sd": 2.0}, 1.0, 4.0),
    ({"dist": "lognormal", "median": 2.0, "sigma": 0.5}, 2.0 * math.exp(0.125), 4 * math.exp(0.25) * math.expm1(0.25)),
    ({"dist": "exponential", "mean": 3.0}, 3.0, 9.0),
    ({"dist": "pareto", "minimum": 2.0, "tail": 5.0}, 2.5, 4.0 * 5.0 / (16.0 * 3.0)),
    # Half-normal, and a window of one standard deviation around the mean.
    ({"dist": "normal", "mean": 0.0, "sd": 1.0, "low": 0.0}, math.sqrt(2.0 / math.pi), 1.0 - 2.0 / math.pi),
    ({"dist": "normal", "mean": 5.0, "sd": 1.0, "low": 4.0, "high": 6.0}, 5.0, 0.2911250947),
    # A truncated exponential starts again where it is cut off.
    ({"dist": "exponential", "mean": 2.0, "low": 3.0}, 5.0, 4.0),
    # So does a Pareto.
    ({"dist": "pareto", "minimum": 1.0, "tail": 4.0, "low": 2.0}, 8.0 / 3.0, 4.0 * 4.0 / (9.0 * 2.0)),
    # With tail 1 the mean of a truncated Pareto is log(high / low) / (1 / low - 1 / high).
    ({"dist": "pareto", "minimum": 1.0, "tail": 1.0, "high": math.e}, 1.0 / (1.0 - 1.0 / math.e), None),
    # Midpoint sum of exp(z - z**2 / 2) over exp(-z**2 / 2) from log(0.5) to log(3), 400,000 intervals.
    ({"dist": "lognormal", "median": 1.0, "sigma": 1.0, "low": 0.5, "high": 3.0}, 1.3139902866, None),
    ({"dist": "exponential", "mean": 1.0, "high": 1.0}, 1.0 - 1.0 / (math.e - 1.0), None),
    ({"dist": "pareto", "minimum": 1.0, "tail": 0.9}, math.inf, None),
]
IDS = [str(case[0]) for case in CASES]


def draws(yaml: Any, n: int = N) -> np.ndarray:
    return ANY.validate_python(yaml).draw(KEY, np.arange(n, dtype=np.int64))


@pytest.mark.parametrize(("yaml", "mean", "variance"), CASES, ids=IDS)
def test_expected_value_is_the_textbooks(yaml: Any, mean: float, variance: float | None) -> None:
    assert ANY.validate_python(yaml).expected() == pytest.approx(mean, rel=1e-9)


@pytest.mark.jit
@pytest.mark.parametrize(("yaml", "variance"), [(case[0], case[2]) for case in CASES[:-1]], ids=IDS[:-1])
def test_draws_have_the_mean_and_variance_of_the_distribution(yaml: Any, variance: float | None) -> None:
    x = draws(yaml)
    assert x.mean() == pytest.approx(ANY.validate_python(yaml).expected(), abs=4.5 * x.std() / math.sqrt(N) + 1e-12)
    if variance is not None:
        fourth = np.mean((x - x.mean()) ** 4)
        assert x.var() == pytest.approx(variance, abs=4.5 * math.sqrt(fourth / N) + 1e-7)


@pytest.mark.parametrize("yaml", [case[0] for case in CASES], ids=IDS)
def test_draws_stay_inside_the_support(yaml: Any) -> None:
    distribution = ANY.validate_python(yaml)
    low, high = distribution.support()
    extremes = distribution.quantile(np.array([2.0**-54, 1.0 - 2.0**-53]))
    x = np.concatenate([draws(yaml, 2000), extremes])
    assert np.all(np.isfinite(x))
    assert low <= x.min() <= x.max() <= high
    assert x.min() > low or distribution.reaches_low


@pytest.mark.parametrize("yaml", [case[0] for case in CASES], ids=IDS)
def test_a_scenario_keeps_its_distributions_when_written_and_read(yaml: Any) -> None:
    distribution = ANY.validate_python(yaml)
    assert ANY.validate_python(ANY.dump_python(distribution)) == distribution
    assert ANY.validate_json(ANY.dump_json(distribution)) == distribution


def test_a_number_is_written_as_a_number() -> None:
    assert ANY.dump_python(ANY.validate_python(3)) == 3.0


@given(st.sampled_from([case[0] for case in CASES]), st.permutations(range(30)))
def test_permuting_agents_permutes_their_draws(yaml: Any, order: list[int]) -> None:
    assert np.array_equal(ANY.validate_python(yaml).draw(KEY, np.array(order, dtype=np.int64)), draws(yaml, 30)[order])


def test_another_key_gives_other_draws() -> None:
    other = np.uint64(step_key(np.uint64(11), 1, 1))
    distribution = ANY.validate_python({"dist": "normal", "mean": 0.0, "sd": 1.0})
    ids = np.arange(100, dtype=np.int64)
    assert not np.any(distribution.draw(KEY, ids) == distribution.draw(other, ids))


def test_rank_of_an_agent_does_not_depend_on_the_parameters() -> None:
    narrow = draws({"dist": "lognormal", "median": 1.0, "sigma": 0.2}, 500)
    wide = draws({"dist": "pareto", "minimum": 1.0, "tail": 1.2, "high": 90.0}, 500)
    assert np.array_equal(np.argsort(narrow), np.argsort(wide))


def test_choices_come_in_proportion_to_their_weights() -> None:
    values, counts = np.unique(
        draws({"dist": "choice", "values": [7, 3, 5], "weights": [1, 2, 1]}, 4000), return_counts=True
    )
    assert values.tolist() == [3.0, 5.0, 7.0]
    assert counts == pytest.approx([2000, 1000, 1000], abs=4.5 * math.sqrt(1000))


class Example(Spec):
    quality: Attribute = column(0.5, unit="1", doc="Quality.", ge=0, le=1)
    size: Attribute = column({"dist": "lognormal", "median": 4.0, "sigma": 1.0}, unit="GPU", doc="Size.", gt=0)
    bias: Attribute = column(0.0, unit="1", doc="Bias.", source="Nobody (1900).")


def errors(**given: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Example(**given)
    return [(".".join(str(part) for part in error["loc"]), error["msg"]) for error in caught.value.errors()]


@pytest.mark.parametrize(
    ("field", "given", "where", "expected"),
    [
        ("bias", "much", "bias", "give a number or a distribution such as {dist: lognormal"),
        ("bias", True, "bias", "give a number"),
        ("bias", {"mean": 1, "sd": 2}, "bias", "`dist:` is one of bernoulli"),
        ("bias", {"dist": "lognormall"}, "bias", "did you mean 'lognormal'?"),
        (
            "bias",
            {"dist": "normal", "mean": 1, "sdd": 2},
            "bias.sdd",
            "it takes low, high, mean, sd; did you mean 'sd'?",
        ),
        ("bias", {"dist": "normal", "mean": 1, "sd": -2}, "bias.sd", "greater than 0"),
        ("bias", {"dist": "normal", "mean": 1}, "bias.sd", "required"),
        ("bias", math.inf, "bias.value", "finite"),
        ("bias", {"dist": "uniform", "low": 2, "high": 1}, "bias", "low=2 must lie below high=1"),
        ("bias", {"dist": "normal", "mean": 0, "sd": 1, "low": 2, "high": 2}, "bias", "must lie below"),
        ("bias", {"dist": "normal", "mean": 0, "sd": 1, "low": 4}, "bias", "low=4 is above all but 0.1 %"),
        ("bias", {"dist": "pareto", "minimum": 5, "tail": 2, "high": 4}, "bias", "must lie below high=4"),
        ("bias", {"dist": "exponential", "mean": 1, "low": 9}, "bias", "low=9 is above"),
        ("bias", {"dist": "lognormal", "median": 9, "sigma": 0.1, "high": 1}, "bias", "high=1 is below"),
        ("bias", {"dist": "choice", "values": []}, "bias", "at least one number"),
        ("bias", {"dist": "choice", "values": [1, 2], "weights": [1]}, "bias", "2 values but 1 weights"),
        ("bias", {"dist": "choice", "values": [1, 2], "weights": [1, -1]}, "bias", "must not be negative"),
        ("bias", {"dist": "bernoulli", "p": 1.5}, "bias.p", "less than or equal to 1"),
        ("quality", 1.5, "quality", "1.5 is outside the allowed range: >= 0 and <= 1"),
        ("quality", {"dist": "normal", "mean": 0.5, "sd": 0.1}, "quality", "draws from -inf to inf"),
        ("size", 0, "size", "0 is outside the allowed range: > 0"),
        ("size", {"dist": "uniform", "low": 0, "high": 2}, "size", "draws from 0 to 2, but every draw must be > 0"),
    ],
)
def test_a_wrong_attribute_is_explained(field: str, given: Any, where: str, expected: str) -> None:
    ((path, text),) = errors(**{field: given})
    assert path == where
    assert expected in text


def test_all_unknown_parameters_are_reported_at_once() -> None:
    found = errors(bias={"dist": "normal", "mu": 1, "sigma": 2})
    assert [path for path, _ in found] == ["bias.mu", "bias.sigma"]


def test_bounds_make_a_wide_distribution_fit() -> None:
    bounded = {"dist": "normal", "mean": 0.5, "sd": 0.1, "low": 0, "high": 1}
    assert Example(quality=bounded).quality.support() == (0.0, 1.0)
    assert Example(size={"dist": "lognormal", "median": 1.0, "sigma": 1.0, "low": 0.5}).size.support()[0] == 0.5


def test_declaration_carries_unit_source_and_bounds() -> None:
    assert Example.model_fields["quality"].json_schema_extra == {"unit": "1", "support_ge": 0, "support_le": 1}
    assert Example.model_fields["bias"].json_schema_extra == {"unit": "1", "source": "Nobody (1900)."}
    options = Example.model_json_schema()["properties"]["quality"]["anyOf"]
    assert options[0] == {"type": "number"}
    assert len(options) == 1 + len(FAMILIES)
