from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, strategies as st

import catallaxy.sim.scenario as language
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario import load, resolved_yaml, scenario_hash
from catallaxy.sim.scenario.compose import compose
from catallaxy.sim.scenario.document import walk
from catallaxy.sim.scenario.loading import annotated_yaml, checked
from catallaxy.sim.scenario.schema import Scenario

Messages = Callable[..., list[str]]


def test_the_public_names() -> None:
    assert language.Scenario is Scenario
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        language.lod  # noqa: B018


def test_sources_agree(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("extends: minimal\nseed: 3\n")
    assert load(file) == load(str(file)) == load("minimal", sets=["seed=3"]) == load("minimal", sets={"seed": 3})
    assert (
        load(file)
        == load({"extends": "minimal", "seed": 3})
        == load(load("minimal", sets=["seed=3"]).model_dump(mode="json"))
    )


def test_resolved_yaml_stands_alone_and_is_stable(tmp_path: Path) -> None:
    scenario = load("minimal", sets=["networks.alpha.openness=0.1", "question='yes: no #1\\n'"])
    text = resolved_yaml(scenario)
    file = tmp_path / "resolved.yaml"
    file.write_text(text, encoding="utf-8")
    again = load(file)
    assert again == scenario
    assert resolved_yaml(again) == text
    assert yaml.safe_load(text)["networks"]["alpha"]["openness"] == 0.1


def test_hash_follows_the_content() -> None:
    scenario = load("minimal")
    digest = scenario_hash(scenario)
    assert len(digest) == 64
    assert scenario_hash(load("minimal", sets=["steps=365.0"])) == digest
    assert scenario_hash(load("minimal", sets=["steps=364"])) != digest
    assert scenario_hash(load("minimal", sets=["dt_days=0.5"])) != digest


def test_hash_follows_the_order_of_networks_but_not_of_sections() -> None:
    source = load("three-networks").model_dump(mode="json")
    digest = scenario_hash(load(source))
    assert scenario_hash(load(dict(reversed(source.items())))) == digest
    other = copy.deepcopy(source)
    other["networks"] = dict(reversed(source["networks"].items()))
    assert scenario_hash(load(other)) != digest


def test_hash_is_the_same_in_another_process() -> None:
    code = "from catallaxy.sim.scenario import load, scenario_hash; print(scenario_hash(load('minimal')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == scenario_hash(load("minimal"))


def test_where_values_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text("extends: minimal\ndt_days: 2\nnetworks: {alpha: {verification: none}}\n")
    Path("top.yaml").write_text("extends: base.yaml\nseed: 4\noverrides:\n  far:\n    steps: 50\n")
    document = compose(
        "top.yaml", Scenario, overrides=["far"], sets=["replicates=2", "networks.alpha.treasury.sales={per_month: 1}"]
    )
    text = annotated_yaml(checked(document), document)
    for line in (
        "dt_days: 2.0  # base.yaml:2",
        "seed: 4  # top.yaml:2",
        "steps: 50  # top.yaml:5",
        "replicates: 2  # --set replicates=2",
        "      sales: {per_month: 1.0}  # --set networks.alpha.treasury.sales={per_month: 1}",
        "      kind: none  # base.yaml:3",
        "      symbol: ALPHA  # catallaxy/scenarios/minimal.yaml:12",
        "    openness: 0.0  # default",
    ):
        assert f"{line}\n" in text, line
    Path("shown.yaml").write_text(text)
    assert load("shown.yaml") == checked(document)


def test_cross_checks_run(messages: Messages) -> None:
    found = messages(load, "minimal", sets=["networks.alpha.token.rewards.compute=0.9"])
    assert found[0].startswith(
        "--set networks.alpha.token.rewards.compute=0.9: networks.alpha.token.rewards: shares must sum"
    )


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        (f"schema_version=1{'0' * 30}", "is too large; allowed one of 1"),
        (
            "drivers.narrative={kind: table, points: {June: 3}}",
            "narrative.points.June: 'June' is not a date of the cal",
        ),
        ("networks.Beta={}", "networks.Beta: 'Beta' is not written as it must be; allowed form ^[a-z]"),
        ("networks.alpha.token.symbol=alpha", "'alpha' is not written as it must be; allowed form ^[A-Z]"),
    ],
)
def test_keys_and_forms(text: str, fragment: str, messages: Messages) -> None:
    assert any(fragment in message for message in messages(load, "minimal", sets=[text]))


def test_json_text_of_the_document_is_plain() -> None:
    assert json.loads(json.dumps(compose("minimal", Scenario).data)) == compose("minimal", Scenario).data


_JUNK: list[object] = [
    *(None, True, -1, 3.5, 1e300, 10**30, "", "x", "no", "a.b:C", "2024-01-01", [], {}, [[1]], [None]),
    *({"kind": "constant", "value": 1}, {"kind": 5}, {"dist": "lognormal"}, {"dist": [1]}, {"per_year": "x"}),
    *({"kind": "csv", "file": "../x"}, {"kind": "composite", "rules": []}, {"a": {"b": 1}}),
]
_TREE = load("minimal").model_dump(mode="json")
_PATHS = [path for path, _ in walk(_TREE) if path]


@given(st.lists(st.tuples(st.sampled_from(_PATHS), st.sampled_from(_JUNK)), min_size=1, max_size=3))
def test_no_junk_gets_past_the_messages(changes: list[tuple[tuple[str | int, ...], object]]) -> None:
    tree = copy.deepcopy(_TREE)
    for path, junk in changes:
        inside = tree
        for step in path[:-1]:
            inside = inside[step] if isinstance(inside, dict) and step in inside else {}
        if isinstance(inside, dict):
            inside[path[-1]] = copy.deepcopy(junk)  # type: ignore[index]
    try:
        scenario = load(tree)
    except ScenarioError as error:
        assert all(problem.message for problem in error.problems)  # noqa: PT017
    else:
        assert load(scenario.model_dump(mode="json")) == scenario
