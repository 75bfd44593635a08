from __future__ import annotations

import re
from pathlib import Path

import pytest

from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.starter import starter


@pytest.fixture
def text() -> str:
    return starter(Scenario, Path("my first.yaml"))


def test_it_is_a_scenario_of_its_own(text: str, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    found = load(file)
    assert found.name == "my-first"
    assert found.populations == load("minimal").populations
    assert load(file, scenario="short").steps == 30
    assert load(file, scenario="short").seed == 2


def test_every_section_and_parameter_is_explained(text: str) -> None:
    lines = text.splitlines()
    for name, declared in Scenario.model_fields.items():
        if name == "schema_version":
            continue
        at = next(i for i, line in enumerate(lines) if re.match(rf"(# )?{name}:", line))
        above = " ".join(line.lstrip("# ") for line in lines[max(0, at - 4) : at])
        assert " ".join(str(declared.description).split()) in above
    assert "# Share of users that are on some network at the start. [1; 0 <= value <= 1]" in text


def test_the_defaults_in_comments_are_the_defaults(text: str, tmp_path: Path) -> None:
    parameter = re.compile(r"^( *)# ([a-z_]+: .*)$")
    lines = text.splitlines()
    declared = {name for line in lines if (name := line.strip(" #").partition(":")[0])}
    keys = {
        "dt_days",
        "replicates",
        "drivers",
        "services",
        "spending",
        "churn",
        "openness",
        "staking",
        "venues",
        "cash",
    }
    assert keys <= declared
    active = [parameter.sub(r"\1\2", line) if line.strip(" #").partition(":")[0] in keys else line for line in lines]
    assert active != lines
    file = tmp_path / "my-first.yaml"
    file.write_text("\n".join(active))
    assert load(file).model_dump(exclude={"name"}) == load("minimal").model_dump(exclude={"name"})


def test_every_comment_that_looks_like_a_setting_is_one(text: str, tmp_path: Path) -> None:
    file = tmp_path / "all-written-out.yaml"
    file.write_text(re.sub(r"^( *)# ([a-z_]+: .*)$", r"\1\2", text, flags=re.MULTILINE))
    assert load(file).model_dump(exclude={"name"}) == load("minimal").model_dump(exclude={"name"})


@pytest.mark.parametrize(
    ("stem", "name"), [("x", "x"), ("..a b", "a-b"), ("é", "scenario"), ("_", "scenario"), ("a" * 99, "a" * 64)]
)
def test_the_file_names_the_scenario(stem: str, name: str) -> None:
    assert f"\nname: {name}\n" in starter(Scenario, Path(f"{stem}.yaml"))
