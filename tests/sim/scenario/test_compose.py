from __future__ import annotations

import enum
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catallaxy.agents.declaration import Spec
from catallaxy.sim.scenario.compose import MAX_CHAIN, compose, read_layers, variants
from catallaxy.sim.scenario.loading import load

Messages = Callable[..., list[str]]

BASE = """\
name: base
seed: 1
networks:
  a: {supply: 100, rule: {kind: halving, reward: 5}}
overrides:
  big: {networks: {a: {supply: 1000}}}
  quick: {fast: true}
scenarios:
  both: [big, quick]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "sub").mkdir()
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_layers_in_order(folder: Path, root: type[Spec]) -> None:
    file = write(folder / "child.yaml", "extends: base.yaml\nseed: 2\noverrides: {quick: {seed: 3}}\n")
    document = compose(file, root)
    assert document.data == {
        "name": "base",
        "seed": 2,
        "networks": {"a": {"supply": 100, "rule": {"kind": "halving", "reward": 5}}},
    }
    assert str(document.places[("seed",)]) == "child.yaml:2"
    assert document.places[("name",)].file == "base.yaml"
    assert compose(file, root, scenario="both").data["networks"]["a"]["supply"] == 1000
    assert compose(file, root, overrides=["quick"]).data["seed"] == 3
    assert compose(file, root, overrides=["quick"]).data["fast"] is True
    assert compose(file, root, overrides=["quick"], sets=["seed=4"]).data["seed"] == 4


def test_later_overrides_win(folder: Path, root: type[Spec]) -> None:
    file = write(
        folder / "c.yaml", "extends: base.yaml\noverrides: {one: {seed: 11}, two: {seed: 22}}\nscenarios: {s: [one]}\n"
    )
    assert compose(file, root, overrides=["one", "two"]).data["seed"] == 22
    assert compose(file, root, overrides=["two", "one"]).data["seed"] == 11
    assert compose(file, root, scenario="s", overrides=["two"]).data["seed"] == 22


def test_a_changed_kind_replaces(folder: Path, root: type[Spec]) -> None:
    file = write(folder / "c.yaml", "extends: base.yaml\nnetworks: {a: {rule: {kind: none}}}\n")
    assert compose(file, root).data["networks"]["a"] == {"supply": 100, "rule": {"kind": "none"}}


def test_extending_a_shipped_scenario_and_a_sub_folder(folder: Path, root: type[Spec]) -> None:
    write(folder / "sub" / "inner.yaml", "extends: minimal\nseed: 5\n")
    document = compose(write(folder / "outer.yaml", "extends: sub/inner.yaml\n"), root)
    assert document.data["seed"] == 5
    assert "networks" in document.data
    assert compose({"extends": "minimal", "seed": 9}, root).data["seed"] == 9


def test_variants(folder: Path) -> None:
    file = write(folder / "c.yaml", "extends: base.yaml\noverrides: {alone: {seed: 3}}\n")
    assert variants(read_layers(file)) == [{}, {"scenario": "both"}, {"overrides": ["alone"]}]


@pytest.mark.parametrize(
    ("reference", "fragment"),
    [
        ("../base.yaml", "leads out of the folder"),
        ("sub/../../x.yaml", "leads out of the folder"),
        ("/etc/hosts.yaml", "leads out of the folder"),
        ("link.yaml", "leads out of the folder"),
        ("linked/base.yaml", "leads out of the folder"),
        ("bse.yaml", "there is no file 'bse.yaml' beside it; did you mean 'base.yaml'?"),
        ("sub", "no shipped scenario is named 'sub'; shipped: "),
        ("minimum", "did you mean 'minimal'?"),
        ("[base.yaml]", "a list of 1 is not the name of a file"),
    ],
)
def test_extends_stays_inside(reference: str, fragment: str, folder: Path, messages: Messages) -> None:
    outside = folder.parent / f"{folder.name}-outside"
    outside.mkdir()
    write(outside / "base.yaml", BASE)
    (folder / "link.yaml").symlink_to(outside / "base.yaml")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    file = write(folder / "c.yaml", f"extends: {reference}\n")
    found = messages(read_layers, file)
    assert found[0].startswith("c.yaml:1:10: extends: ")
    assert fragment in found[0]


def test_circles(folder: Path, messages: Messages) -> None:
    file = write(folder / "x.yaml", "extends: y.yaml\n")
    write(folder / "y.yaml", "extends: z.yaml\n")
    write(folder / "z.yaml", "extends: y.yaml\n")
    found = messages(read_layers, file)[0]
    assert "circle" in found
    assert [Path(part).name for part in found.split("circle: ")[1].split(" -> ")] == [
        "x.yaml",
        "y.yaml",
        "z.yaml",
        "y.yaml",
    ]
    assert "circle" in messages(read_layers, write(folder / "me.yaml", "extends: me.yaml\n"))[0]


def test_length_of_a_chain(folder: Path, messages: Messages) -> None:
    for number in range(MAX_CHAIN):
        write(folder / f"f{number}.yaml", f"extends: f{number + 1}.yaml\nseed: {number}\n")
    write(folder / f"f{MAX_CHAIN}.yaml", "name: last\n")
    assert read_layers(folder / "f1.yaml").data == {"seed": 1, "name": "last"}
    found = messages(read_layers, folder / "f0.yaml")[0]
    assert f"more than {MAX_CHAIN} files extend one another" in found
    assert "f0.yaml -> " in found


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("overrides: 3", "overrides: 3; expected a mapping of names to partial scenarios"),
        ("overrides: {a: [1]}", "overrides.a: a list of 1; an override is a partial scenario"),
        ("scenarios: [a]", "scenarios: a list of 1; expected a mapping of names to lists"),
        ("scenarios: {a: big}", "scenarios.a: 'big'; expected a list of override names"),
        ("scenarios: {a: [bigg]}", "scenarios.a.0: unknown override 'bigg'; known: big, quick; did you mean 'big'?"),
        ("scenarios: {a: [7]}", "scenarios.a.0: unknown override 7"),
    ],
)
def test_malformed_names(text: str, fragment: str, folder: Path, messages: Messages) -> None:
    assert fragment in messages(read_layers, write(folder / "c.yaml", f"extends: base.yaml\n{text}\n"))[0]


def test_unknown_names(folder: Path, root: type[Spec], messages: Messages) -> None:
    file = folder / "base.yaml"
    assert (
        "unknown override 'bug'; known: big, quick; did you mean 'big'?"
        in messages(compose, file, root, overrides=["bug"])[0]
    )
    assert (
        "unknown scenario 'bth'; known: both; did you mean 'both'?" in messages(compose, file, root, scenario="bth")[0]
    )
    none = write(folder / "n.yaml", "seed: 1\n")
    assert "unknown scenario 'x'; this scenario declares no scenarios" in messages(compose, none, root, scenario="x")[0]


class Colour(enum.Enum):
    RED = "red"


def test_values_from_python(root: type[Spec]) -> None:
    source = {
        "seed": np.int64(7),
        "events": ({"on": date(2025, 1, 2)},),
        "name": Colour.RED,
        "networks": {1: {"supply": 1.0}},
    }
    document = compose(source, root, sets={"networks.1.supply": np.float64(2.5)})
    assert document.data == {
        "seed": 7,
        "events": [{"on": "2025-01-02"}],
        "name": "red",
        "networks": {"1": {"supply": 2.5}},
    }


def test_what_python_may_not_give(root: type[Spec], messages: Messages) -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    for value in (object(), {1, 2}, loop):
        assert "cannot stand in a scenario" in messages(compose, {"name": value}, root)[0]
    assert "can extend shipped scenarios only" in messages(compose, {"extends": "x.yaml"}, root)[0]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_linked_scenario_extends_beside_its_target(folder: Path, root: type[Spec]) -> None:
    write(folder / "child.yaml", "extends: base.yaml\nseed: 8\n")
    link = folder / "sub" / "link.yaml"
    link.symlink_to(folder / "child.yaml")
    assert compose(link, root).data["seed"] == 8


def test_files_beside_the_scenario_are_found_with_overrides_too(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("date,value\n2025-01-01,2.5\n")
    file = tmp_path / "mine.yaml"
    file.write_text(
        "extends: minimal\ndrivers: {cloud_gpu_price: {kind: csv, file: prices.csv}}\n"
        "overrides: {quick: {steps: 20}}\nscenarios: {short: [quick]}\n"
    )
    assert load(file, overrides=["quick"]) == load(file, scenario="short") == load(file, sets={"steps": 20})
