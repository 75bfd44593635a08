"""A thesis: drivers are taken away, effects come from a factorial on common chance, the answer follows its rules."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.cli.main import app
from catallaxy.sim.errors import CatallaxyError, ScenarioError
from catallaxy.sim.scenario.library import shipped_theses
from catallaxy.sim.scenario.loading import load, scenario_hash
from catallaxy.sim.scenario.writing import yaml_text
from catallaxy.sim.thesis.answer import REJECTED, SURVIVES, UNTESTED, answer
from catallaxy.sim.thesis.combinations import ALL, NONE, check_drivers, named, stages, without
from catallaxy.sim.thesis.effects import Effect, Effects, effects
from catallaxy.sim.thesis.outcomes import OUTCOMES, SUPERCYCLE
from catallaxy.sim.thesis.thesis_file import ThesisSpec, load_thesis

NAMES = ("adoption", "emission", "clarity", "luck")
THESIS: dict[str, Any] = {
    "schema_version": 1,
    "name": "small",
    "question": "Does demand matter?",
    "resolution": 3,
    "worlds": {"ends": 3, "ablation": 2, "design": 2},
    "drivers": {
        "demand": {"off": {"drivers.service_demand": {"set": 1}}},
        "narrative": {"off": {"attention.narrative_to_capital": {"set": 0}}},
        "hardware": {"off": {"drivers.hardware_price": {"set": 30000}}},
    },
}
FULL = [tuple(row) for row in itertools.product((False, True), repeat=len(NAMES))]


def worlds(replicates: int = 12, seed: int = 3, noise: float = 0.3) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Adoption adds 2, emission takes 1 away, both together add 0.5 more; the rest is chance that worlds share."""
    chance = np.random.default_rng(seed)
    on = np.array(FULL, float)
    level = 2.0 * on[:, 0] - 1.0 * on[:, 1] + 0.5 * on[:, 0] * on[:, 1]
    common = chance.normal(0.0, 5.0, replicates)
    return level[:, None] + common + chance.normal(0.0, noise, (len(FULL), replicates))


def test_effects_and_interactions_are_found_through_common_chance_that_is_much_larger() -> None:
    found = effects(NAMES, FULL, worlds(), interactions=True)
    main = {effect.drivers[0]: effect for effect in found.main}
    for name, true in {"adoption": 2.25, "emission": -0.75, "clarity": 0.0, "luck": 0.0}.items():
        assert main[name].interval.low - 0.1 < true < main[name].interval.high + 0.1, name
    assert main["adoption"].p <= 0.001
    assert main["emission"].p <= 0.001
    assert main["luck"].p > 0.05
    pairs = {effect.drivers: effect for effect in found.interactions}
    assert len(pairs) == 6
    assert pairs["adoption", "emission"].interval.estimate == pytest.approx(0.25, abs=0.1)
    assert pairs["adoption", "emission"].p <= 0.01


def test_shuffled_labels_do_nothing_and_mislead_as_often_as_the_level_allows() -> None:
    found = effects(NAMES, FULL, worlds(), interactions=False)
    assert not found.interactions
    assert all(abs(effect.interval.estimate) < 1.5 for effect in found.shuffled)
    assert 0.03 < found.false_alarms < 0.08
    nothing = np.random.default_rng(1).normal(size=(len(FULL), 12))
    least = min(effect.p for effect in effects(NAMES, FULL, nothing, interactions=False).main)
    assert least > 0.05


def test_the_chance_of_any_false_star_is_that_of_the_level() -> None:
    stars = 0
    for seed in range(60):
        nothing = np.random.default_rng(seed).normal(size=(len(FULL), 6))
        found = effects(NAMES, FULL, nothing, interactions=False, shuffles=99, seed=seed + 1)
        stars += min(effect.p for effect in found.main) <= 0.05
    assert stars <= 8  # 3 are expected; more than 8 of 60 has a chance below 0.005


def test_effects_do_not_depend_on_the_order_of_worlds_and_a_failed_world_is_left_out() -> None:
    values = worlds()
    broken = np.column_stack([values, values[:, 0]])
    broken[3, -1] = np.nan
    one = effects(NAMES, FULL, values, interactions=True)
    other = effects(NAMES, FULL, broken, interactions=True)
    assert [e.interval for e in one.main] == [e.interval for e in other.main]
    order = np.random.default_rng(5).permutation(values.shape[1])
    mixed = effects(NAMES, FULL, values[:, order], interactions=True)
    for was, now in zip(one.main, mixed.main, strict=True):
        assert now.interval.estimate == pytest.approx(was.interval.estimate)


def test_an_outcome_that_never_varies_has_no_effect_and_no_rate_of_false_alarms() -> None:
    found = effects(NAMES, FULL, np.zeros((len(FULL), 5)), interactions=True)
    assert all(effect.interval.estimate == 0.0 and effect.p == 1.0 for effect in found.main)
    assert np.isnan(found.false_alarms)


def test_stages_hold_both_ends_every_driver_alone_and_left_out_and_a_design_of_the_asked_resolution() -> None:
    spec = load_thesis("supercycle")
    ends, ablation, design = stages(spec)
    assert [named(one, spec) for one in ends.combinations] == [ALL, NONE]
    assert sorted(sum(one) for one in ablation.combinations) == [1] * 8 + [7] * 8
    assert len(design.combinations) == 64
    assert spec.fraction.resolution == 5
    table = np.where(np.array(design.combinations), 1, -1)
    pairs = [table[:, i] * table[:, j] for i, j in itertools.combinations(range(8), 2)]
    model = np.column_stack([table, *pairs])
    assert np.array_equal(model.T @ model, 64 * np.eye(model.shape[1]))
    assert ends.worlds >= 73


def test_every_shipped_driver_can_be_taken_away_from_the_shipped_scenario_and_changes_it() -> None:
    base = load("supercycle-2026")
    for name in shipped_theses():
        spec = load_thesis(name)
        check_drivers(spec, base)
        assert scenario_hash(without(spec, base, (True,) * len(spec.drivers))) == scenario_hash(base)


def test_a_driver_that_the_scenario_lacks_is_named_before_anything_runs() -> None:
    lacking = {
        **THESIS["drivers"],
        "institutions": {"off": {"populations.institutions.cash": {"set": 0}}},
        "fees": {"off": {"networks.*.fees.take_rte": {"set": 0}}},
        "demand": {"off": {"populations.users.churn": {"multiply": 1}}},
    }
    with pytest.raises(CatallaxyError) as refused:
        check_drivers(ThesisSpec.model_validate({**THESIS, "drivers": lacking}), load("minimal"))
    text = str(refused.value)
    assert "drivers.institutions: populations has no 'institutions'" in text
    assert "did you mean 'take_rate'" in text
    assert "drivers.demand: taking it away leaves minimal as it is" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"drivers": {"one": THESIS["drivers"]["demand"]}}, "at least 2"),
        ({"drivers": {**THESIS["drivers"], "x": {"off": {}}}}, "`off` is empty"),
        ({"resolution": 2}, "resolution"),
        ({"worlds": {"ends": 1}}, "ends"),
        ({"world": 3}, "world"),
    ],
)
def test_a_file_that_is_no_thesis_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml_text({**THESIS, **change}))
    with pytest.raises(ScenarioError) as refused:
        load_thesis(path)
    assert message in str(refused.value)
    assert "mine.yaml" in str(refused.value)


def test_the_guide_shows_a_file_that_is_read(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "thesis.md").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)[0])
    spec = load_thesis(path)
    check_drivers(spec, load("minimal"))
    assert spec.worlds == load_thesis("supercycle").worlds


def interval(estimate: float, low: float, high: float) -> Interval:
    return Interval(estimate, low, high, 0.95, 80, "wilson")


def measured(low: float, p: float, alarms: float = 0.05) -> dict[str, Effects]:
    effect = Effect(("adoption",), interval(low + 0.1, low, low + 0.2), p)
    return {SUPERCYCLE: Effects((effect,), (), (), alarms)}


@pytest.mark.parametrize(
    ("full", "empty", "found", "verdict", "failed"),
    [
        ((0.5, 0.4, 0.6), (0.0, 0.0, 0.046), measured(0.1, 0.001), SURVIVES, []),
        ((0.1, 0.04, 0.2), (0.0, 0.0, 0.046), measured(0.1, 0.001), REJECTED, ["more with all drivers"]),
        ((0.5, 0.4, 0.6), (0.0, 0.0, 0.046), measured(0.1, 0.2), REJECTED, ["a driver that carries it"]),
        ((0.5, 0.4, 0.6), (0.0, 0.0, 0.046), measured(-0.1, 0.001), REJECTED, ["a driver that carries it"]),
        ((0.5, 0.4, 0.6), (0.0, 0.0, 0.06), measured(0.1, 0.001), UNTESTED, ["quiet without drivers"]),
        ((0.5, 0.4, 0.6), (0.0, 0.0, 0.04), measured(0.1, 0.001, 0.2), UNTESTED, ["shuffled labels do nothing"]),
    ],
)
def test_the_answer_follows_its_criteria(
    full: tuple[float, ...], empty: tuple[float, ...], found: dict[str, Effects], verdict: str, failed: list[str]
) -> None:
    said = answer(interval(*full), interval(*empty), found)
    assert said.verdict == verdict
    assert [criterion.name for criterion in said.criteria if not criterion.holds] == failed
    assert ("rejected" in said.headline) == (verdict == REJECTED)


@pytest.mark.whole
def test_the_command_runs_the_study_writes_its_page_and_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(yaml_text(THESIS))
    command = ["thesis", "minimal", "--drivers", str(file), "--set", "steps=130", "--ends", "2", "--jobs", "1"]
    runner = CliRunner()
    first = runner.invoke(app, [*command, "--out", str(tmp_path), "--json"])
    assert first.exit_code == 0, first.output
    found = json.loads(first.stdout)
    assert found["verdict"] == UNTESTED
    assert {row["drivers"] for row in found["effects"] if row["kind"] == "main"} == set(THESIS["drivers"])
    assert {row["outcome"] for row in found["ablation"]} == {outcome.name for outcome in OUTCOMES}
    (folder,) = tmp_path.glob("minimal-small-thesis-*")
    page = (folder / "thesis.html").read_text()
    assert "not tested" in page
    assert "http" not in page.replace("http-equiv", "")
    assert len((folder / "worlds.csv").read_text().splitlines()) == 1 + 2 * 2 + 6 * 2 + 4 * 2
    assert {path.stem for path in (folder / "figures").iterdir()} == {"ablation", "effects", "paths"}
    again = runner.invoke(app, [*command, "--out", str(tmp_path), "-q"])
    assert again.exit_code == 0
    assert "The thesis is not tested" in again.output
    assert len(list(tmp_path.glob("minimal-small-thesis-*"))) == 1
