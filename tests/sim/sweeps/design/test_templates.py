from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.loading import load, scenario_hash
from catallaxy.sim.sweeps.design.templates import Template

SHARE = st.floats(0, 1, allow_subnormal=False)
COUNT = st.integers(1, 5000)
RATE = st.floats(0, 2, allow_subnormal=False)
#: Numbers, names of rules, kinds and mappings' parts, with some values that are not valid.
PATHS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "minimal": {
        "steps": st.integers(0, 400),
        "dt_days": st.floats(0.5, 2) | st.integers(1, 2),
        "seed": st.integers(0, 2**63 - 1),
        "populations.users.count": COUNT | st.just(12.5),
        "populations.users.churn.per_year": RATE,
        "populations.users.innovation.per_month": RATE,
        "populations.users.spending.median": st.floats(0.1, 5),
        "populations.users.segments.everyone.openness": st.floats(-2, 2),
        "populations.compute_nodes.gpus": st.floats(1, 9),
        "networks.alpha.fees.take_rate": SHARE | st.integers(0, 2),
        "networks.alpha.token.emission.tokens.per_year": st.floats(0, 3e6),
        "networks.alpha.token.allocation.groups.4.vesting_days": st.integers(0, 1000),
        "networks.alpha.token.max_supply": st.floats(1e7, 1e9) | st.none(),
        "networks.alpha.verification": st.sampled_from(["none", "random-audit"]),
        "drivers.service_demand.limit": st.floats(0.5, 20),
        "drivers.cloud_gpu_price": st.floats(1, 4),
    },
    "three-networks": {
        "networks.beta.fees.sinks.0.share": SHARE,
        "networks.beta.fees.sinks.1.kind": st.sampled_from(["percentage-burn", "usd-burn"]),
        "networks.gamma.venues.0.impact": st.floats(0.1, 5),
        "networks.alpha.token.emission.every.years": st.integers(1, 4),
        "populations.speculators.count": COUNT,
        "start": st.sampled_from(["2025-02-01", "2024-02-29"]),
    },
}


@cache
def tree(name: str) -> dict[str, Any]:
    return load(name, sets={"steps": 30}).model_dump(mode="json")


def settings_of(name: str) -> st.SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]:
    """Return two settings of the same paths: one makes the template, the other goes through it."""
    known = PATHS[name]

    def both(paths: list[str]) -> st.SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]:
        values = st.fixed_dictionaries({path: known[path] for path in paths})
        return st.tuples(values, values)

    return st.lists(st.sampled_from(list(known)), min_size=1, max_size=5, unique=True).flatmap(both)


def fixed(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return the second values where both are numbers: the rest of a template does not change."""
    numbers = {path for path in first if all(type(s[path]) in (int, float) for s in (first, second))}
    return {path: (second if path in numbers else first)[path] for path in first}


@pytest.mark.parametrize("name", PATHS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_template_gives_what_load_gives_or_nothing(name: str, data: st.DataObject) -> None:
    first, second = data.draw(settings_of(name))
    try:
        template = Template(tree(name), first)
    except ScenarioError:
        return
    assert template.first.hash == scenario_hash(load(tree(name), sets=first))
    wanted = fixed(first, second)
    found = template.resolve(wanted)
    try:
        expected = load(tree(name), sets=wanted)
    except ScenarioError:
        assert found is None
        return
    assert found is not None
    assert found.scenario == expected
    assert found.hash == scenario_hash(expected)
    again = template.resolve(first)
    assert again is not None
    assert again.hash == template.first.hash


def test_valid_numbers_go_through_the_template() -> None:
    paths = {"populations.users.count": 100, "networks.alpha.fees.take_rate": 0.1, "steps": 20}
    template = Template(tree("minimal"), paths)
    for count in range(50, 60):
        sets = {**paths, "populations.users.count": count}
        found = template.resolve(sets)
        assert found is not None
        assert found.hash == scenario_hash(load(tree("minimal"), sets=sets))


@pytest.mark.parametrize(
    "wrong",
    [
        {"populations.users.count": 12.5},
        {"populations.users.count": -1},
        {"networks.alpha.fees.take_rate": 1.5},
        {"networks.alpha.fees.take_rate": float("nan")},
    ],
)
def test_what_is_not_valid_is_left_to_load(wrong: dict[str, Any]) -> None:
    paths = {"populations.users.count": 100, "networks.alpha.fees.take_rate": 0.1}
    assert Template(tree("minimal"), paths).resolve({**paths, **wrong}) is None


def test_conditions_between_fields_are_checked() -> None:
    paths = {"networks.beta.fees.take_rate": 0.1, "networks.beta.fees.sinks.0.share": 0.5}
    template = Template(tree("three-networks"), paths)
    assert template.resolve({**paths, "networks.beta.fees.take_rate": 0.4}) is not None
    assert template.resolve({**paths, "networks.beta.fees.take_rate": 0.6}) is None


def test_another_seed() -> None:
    first = Template(tree("minimal"), {"populations.users.count": 100}).first
    expected = load(tree("minimal"), sets={"populations.users.count": 100, "seed": 2**63 - 1})
    assert first.seeded(2**63 - 1).hash == scenario_hash(expected)
    assert first.seeded(2**63 - 1).scenario == expected


def test_a_template_does_not_change_its_base() -> None:
    before = scenario_hash(load(tree("minimal")))
    template = Template(tree("minimal"), {"networks.alpha.token.allocation.groups.4.vesting_days": 700})
    template.resolve({"networks.alpha.token.allocation.groups.4.vesting_days": 800})
    assert scenario_hash(load(tree("minimal"))) == before
    assert "vesting_days" in tree("minimal")["networks"]["alpha"]["token"]["allocation"]["groups"][4]
