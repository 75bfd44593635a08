from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from catallaxy.sim.scenario.library import find, shipped, shown_name
from catallaxy.sim.scenario.loading import load, resolved_yaml

Messages = Callable[..., list[str]]


def test_shipped_scenarios_have_names() -> None:
    found = shipped()
    assert "minimal" in found
    assert list(found) == sorted(found)
    assert find("minimal") == found["minimal"]


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_are_valid_and_complete(name: str, tmp_path: Path) -> None:
    scenario = load(name)
    assert scenario.question
    copy = tmp_path / "copy.yaml"
    copy.write_text(resolved_yaml(scenario), encoding="utf-8")
    assert load(copy) == scenario


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_every_override_of_a_shipped_scenario_changes_something(name: str) -> None:
    plain = resolved_yaml(load(name))
    for override in yaml.safe_load(shipped()[name].read_text(encoding="utf-8")).get("overrides", {}):
        assert resolved_yaml(load(name, overrides=(override,))) != plain, override


def test_paths(tmp_path: Path, messages: Messages) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("extends: minimal\n")
    assert find(file) == file
    assert "there is no such file; did you mean 'mine.yaml'?" in messages(find, tmp_path / "mien.yaml")[0]
    assert "there is no such file; did you mean 'deai-2026'?" in messages(find, "deai-2025.yaml")[0]
    assert "there is no such file" in messages(find, "nowhere/at/all.yaml")[0]
    assert "is a folder" in messages(find, tmp_path)[0]
    assert "no shipped scenario has this name; shipped: " in messages(find, "minimall")[0]
    assert messages(find, "minimall")[0].endswith("did you mean 'minimal'?")


def test_a_file_without_suffix_does_not_hide_a_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("minimal").write_text("name: mine\n")
    Path("mine").write_text("name: mine\n")
    assert find("minimal") == shipped()["minimal"]
    assert find("mine") == Path("mine")


def test_names_in_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown_name(Path("a.yaml")) == "a.yaml"
    assert shown_name(tmp_path / "b" / "a.yaml") == str(Path("b", "a.yaml"))
    assert shown_name(Path("/a.yaml")) == str(Path("/a.yaml"))
    assert shown_name(shipped()["minimal"]) == str(Path("catallaxy/scenarios/minimal.yaml"))
