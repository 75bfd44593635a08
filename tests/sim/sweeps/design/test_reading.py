from __future__ import annotations

from pathlib import Path

import pytest

from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.library import shipped
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.sweeps.design.planning import make_plan
from catallaxy.sim.sweeps.design.reading import load_sweep, shipped_sweeps

MINIMAL = {"name": "mine", "scenario": "minimal"}


def problems(source: object) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_sweep(source)  # type: ignore[arg-type]  # wrong on purpose in places
    return str(caught.value)


def test_shipped_sweeps_are_no_scenarios() -> None:
    assert list(shipped_sweeps()) == ["drivers", "emission", "fees", "mechanisms"]
    assert not any("sweeps" in name for name in shipped())


@pytest.mark.parametrize("name", shipped_sweeps())
def test_shipped_sweeps_are_small_commented_and_can_be_planned(name: str) -> None:
    sweep = load_sweep(name)
    assert sweep.spec.name == name
    assert sweep.spec.question.endswith("?")
    assert sweep.spec.description
    assert sweep.spec.goals
    text = shipped_sweeps()[name].read_text(encoding="utf-8")
    assert text.startswith("#")
    plan = make_plan(sweep)
    assert len(plan) <= 100
    assert len(plan.points) == sweep.points
    scenarios = [load(base) for base in plan.context.bases]
    assert all(scenario.steps <= 365 and scenario.agents < 10_000 for scenario in scenarios)


def test_files_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "own.yaml"
    file.write_text("name: own\nscenario: minimal\ndesign: {grid: {steps: [5, 6]}}\n")
    assert load_sweep("own.yaml").points == 2
    assert load_sweep(file).document.folder == tmp_path.resolve()
    assert (
        "no shipped sweep has this name; shipped: drivers, emission, fees, mechanisms; did you mean 'fees'?"
        in problems("fee")
    )
    assert "did you mean 'own.yaml'?" in problems("owm.yaml")
    assert "is a folder; give a sweep file in it" in problems(tmp_path)


def test_a_sweep_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = load_sweep({**MINIMAL, "design": {"zip": {"steps": (5, 6), "dt_days": [1.0, 2.0]}}, "overrides": ()})
    assert sweep.points == 2
    said = problems({**MINIMAL, "design": {"grid": {"steps": []}}, "replicates": 0})
    assert "sweep given in Python: replicates: 0 is below 1" in said
    assert "sweep given in Python: design.grid.steps: there is no level" in said
    monkeypatch.chdir(tmp_path)
    (tmp_path / "beside.yaml").write_text("extends: minimal\nsteps: 7\n")
    plan = make_plan(load_sweep({"name": "mine", "scenario": "beside.yaml"}))
    assert plan.context.bases[0]["steps"] == 7
    assert "cannot stand in a scenario" in problems({**MINIMAL, "set": {"steps": object()}})


def test_the_text_of_a_sweep_is_the_same_sweep(tmp_path: Path) -> None:
    for name in shipped_sweeps():
        sweep = load_sweep(name)
        copy = tmp_path / f"{name}.yaml"
        copy.write_text(sweep.text, encoding="utf-8")
        assert load_sweep(copy).spec == sweep.spec
        assert load_sweep(copy).text == sweep.text


def test_notes_say_what_a_design_cannot_tell_apart() -> None:
    assert "16 of 128 combinations of 7 factors, resolution IV" in load_sweep("drivers").notes[0]
    assert load_sweep("emission").notes == ()
    assert load_sweep(MINIMAL).notes == ()


def test_common_settings_and_rows_know_their_places() -> None:
    sweep = load_sweep({**MINIMAL, "set": {"steps": 5, "events": []}, "design": {"list": [{"dt_days": 2}]}})
    assert [(s.path, s.value, s.shown, s.place) for s in sweep.common] == [
        ("steps", 5, 5, ("set", "steps")),
        ("events", [], "[]", ("set", "events")),
    ]
    assert [[s.place for s in row] for row in sweep.rows()] == [[("design", "list", 0, "dt_days")]]
    assert list(load_sweep(MINIMAL).rows()) == [()]


def test_files_outside_the_folder_are_never_opened(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.yaml").write_text("extends: minimal\n")
    (inner / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inner / "sweep.yaml").write_text("name: s\ndesign: {grid: {scenario: [link.yaml, ../secret.yaml]}}\n")
    with pytest.raises(ScenarioError) as caught:
        make_plan(load_sweep(inner / "sweep.yaml"))
    said = [problem.message for problem in caught.value.problems]
    assert len(said) == 2
    assert all("leads out of the folder of this file" in message for message in said)
