from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.sim.engine.genesis import replicate_seed
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.results.identity import code_version, run_id
from catallaxy.sim.scenario.loading import load, scenario_hash
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.sweeps.design import bases, placing
from catallaxy.sim.sweeps.design.planning import make_plan
from catallaxy.sim.sweeps.design.reading import load_sweep
from catallaxy.sim.sweeps.plan import Plan, Recording

RATE = "networks.alpha.fees.take_rate"
EMISSION = "networks.alpha.token.emission"
COUNT = "populations.users.count"
MINT = {"kind": "fixed-rate", "tokens": {"per_year": 5e5}}

FILE = """\
extends: minimal
steps: 9
drivers:
  electricity_price: {kind: csv, file: prices.csv}
overrides:
  big: {populations: {users: {count: 5000}}}
  quiet: {drivers: {narrative: 1.0}}
scenarios:
  both: [big, quiet]
"""


def plan(design: Any = None, **more: Any) -> Plan:
    given = {} if design is None else {"design": design}
    return make_plan(load_sweep({"name": "s", "scenario": "minimal", **given, **more}))


def scenarios(made: Plan) -> list[Scenario]:
    """Return what a worker loads for each point."""
    return [load(made.context.bases[point.base], sets=point.sets) for point in made.points]


def problems(design: Any = None, **more: Any) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        plan(design, **more)
    return [problem.message for problem in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(FILE)
    rows = "".join(f"2024-12-{day:02d},0.{day:02d},0.5\n" for day in range(1, 32))
    (tmp_path / "prices.csv").write_text(f"date,value,other\n{rows}")
    return tmp_path


def test_a_sweep_without_a_design_is_one_point() -> None:
    made = plan(replicates=3)
    assert (len(made), len(made.points), made.params) == (3, 1, ())
    assert scenarios(made) == [load("minimal")]
    assert made.context.networks == ("alpha",)
    assert made.context.code == code_version()


def test_a_run_is_known_by_its_scenario_seed_and_replicate() -> None:
    made = plan({"grid": {COUNT: [100, 200]}}, replicates=2, seed=11)
    for row, (point, replicate) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        scenario = scenarios(made)[point]
        assert scenario.seed == 11
        assert made.seeds[row] == int(replicate_seed(11, replicate))
        assert made.run_ids[row] == run_id(scenario_hash(scenario), made.seeds[row], replicate)
        assert (made.run(row).point, made.run(row).replicate) == (point, replicate)


def test_common_seeds_repeat_and_independent_ones_do_not() -> None:
    design = {"grid": {COUNT: [100, 200, 300]}}
    common, independent = plan(design, replicates=2), plan(design, replicates=2, seeding="independent")
    assert common.seeds == common.seeds[:2] * 3
    assert len(set(independent.seeds)) == 6
    for point, scenario in zip(independent.points, scenarios(independent), strict=True):
        assert point.sets["seed"] == scenario.seed
        assert "seed" not in point.params
    ids = [run_id(scenario_hash(s), int(replicate_seed(s.seed, r)), r) for s in scenarios(independent) for r in (0, 1)]
    assert list(independent.run_ids) == ids
    more = plan({"grid": {COUNT: [300, 400]}}, replicates=2, seeding="independent")
    assert set(more.run_ids) & set(independent.run_ids) == set(independent.run_ids[4:])
    assert plan(design, seeding="independent", seed=5).seeds != plan(design, seeding="independent").seeds


def test_equal_points_are_kept_once() -> None:
    sweep = load_sweep({"name": "s", "scenario": "minimal", "design": {"list": [{COUNT: 2000}, {}, {COUNT: 9}]}})
    made = make_plan(sweep)
    assert sweep.points - len(made.points) == 1
    assert [dict(point.params) for point in made.points] == [{COUNT: 2000}, {COUNT: 9}]
    for seeding in ("common", "independent"):
        assert len(plan({"grid": {RATE: [0, 0.0, 0.1]}}, seeding=seeding).points) == 2


def test_only_mappings_and_lists_need_bases() -> None:
    made = plan({"grid": {EMISSION: {"named": {"a": MINT, "b": "fixed-supply"}}, COUNT: [100, 200], RATE: [0.1]}})
    assert len(made.context.bases) == 2
    assert [dict(point.sets) for point in made.points] == [
        {COUNT: 100, RATE: 0.1},
        {COUNT: 200, RATE: 0.1},
        {EMISSION: "fixed-supply", COUNT: 100, RATE: 0.1},
        {EMISSION: "fixed-supply", COUNT: 200, RATE: 0.1},
    ]
    assert [point.params[EMISSION] for point in made.points] == ["a", "a", "b", "b"]
    assert made.params == (EMISSION, COUNT, RATE)


def test_settings_of_all_runs_are_part_of_the_bases() -> None:
    made = plan({"grid": {COUNT: [100]}}, set={"steps": 5, RATE: 0.2})
    assert made.points[0].sets == {COUNT: 100}
    assert made.params == (COUNT,)
    assert scenarios(made) == [load("minimal", sets={"steps": 5, RATE: 0.2, COUNT: 100})]


def test_scenarios_variants_and_overrides_are_parameters(folder: Path) -> None:
    design = {
        "list": [
            {},
            {"scenario": "mine.yaml"},
            {"scenario": "mine.yaml", "variant": "both", COUNT: 7},
            {"scenario": "mine.yaml", "overrides": ["big", "quiet"], COUNT: 8},
            {"scenario": "mine.yaml", "overrides": "big"},
            {"scenario": "three-networks", "variant": None, "overrides": []},
        ]
    }
    with pytest.raises(ScenarioError, match="is given for all runs and varied too"):
        plan(design)
    sweep = {"name": "s", "design": {"list": design["list"][1:]}, "seed": 4}
    made = make_plan(load_sweep(sweep))
    expected = [
        load("mine.yaml"),
        load("mine.yaml", scenario="both", sets={COUNT: 7}),
        load("mine.yaml", overrides=["big", "quiet"], sets={COUNT: 8}),
        load("mine.yaml", overrides=["big"]),
        load("three-networks"),
    ]
    assert [s.model_copy(update={"seed": 4}) for s in expected] == scenarios(made)
    assert made.context.networks == ("alpha", "beta", "gamma")
    assert made.points[2].params == {"scenario": "mine.yaml", "overrides": "[big, quiet]", COUNT: 8}
    assert len(made.context.bases) == 4


def test_overrides_of_all_runs_come_before_those_of_a_point(folder: Path) -> None:
    sweep = {
        "name": "s",
        "scenario": "mine.yaml",
        "overrides": ["quiet"],
        "design": {"grid": {"overrides": [[], "big"]}},
    }
    made = make_plan(load_sweep(sweep))
    assert scenarios(made) == [load("mine.yaml", overrides=names) for names in (["quiet"], ["quiet", "big"])]


def test_what_a_file_gives_travels_with_the_plan(folder: Path) -> None:
    path = "drivers.electricity_price.value_column"
    sweep = {"name": "s", "scenario": "mine.yaml", "design": {"grid": {path: ["value", "other"], COUNT: [5, 6]}}}
    made = make_plan(load_sweep(sweep))
    expected = [
        load("mine.yaml", sets={path: column, COUNT: count}) for column in ("value", "other") for count in (5, 6)
    ]
    (folder / "prices.csv").unlink()
    assert scenarios(made) == expected
    assert len(made.context.bases) == 2


def test_a_process_may_be_switched_to_a_file(folder: Path) -> None:
    start = {"drivers.narrative.kind": "csv", "drivers.narrative.file": "prices.csv"}
    sweep = {"name": "s", "scenario": "mine.yaml", "design": {"list": [{**start, COUNT: 5}, {**start, COUNT: 6}]}}
    made = make_plan(load_sweep(sweep))
    assert scenarios(made) == [load("mine.yaml", sets={**start, COUNT: count}) for count in (5, 6)]


def test_a_rule_and_what_it_needs_may_be_set_one_by_one() -> None:
    parts = {f"{EMISSION}.kind": "halving-by-time", f"{EMISSION}.every": {"years": 1}}
    design = {"list": [{**parts, f"{EMISSION}.initial.per_year": tokens} for tokens in (1e6, 2e6)]}
    expected = [load("minimal", sets=row) for row in design["list"]]
    assert scenarios(plan(design)) == expected


def test_another_time_base_replaces_the_first() -> None:
    design = {"grid": {f"{EMISSION}.tokens.per_month": [1e4, 2e4], "populations.users.churn.per_month": [0.01]}}
    expected = [
        load("minimal", sets={f"{EMISSION}.tokens.per_month": tokens, "populations.users.churn.per_month": 0.01})
        for tokens in (1e4, 2e4)
    ]
    assert scenarios(plan(design)) == expected


VALUES: dict[str, st.SearchStrategy[Any]] = {
    COUNT: st.integers(100, 200),
    RATE: st.floats(0, 1),
    "dt_days": st.sampled_from([1, 0.5, 2]),
    "networks.alpha.verification": st.sampled_from(["none", "random-audit", {"kind": "random-audit", "slash": 0.5}]),
    EMISSION: st.sampled_from([MINT, "fixed-supply", {"kind": "fixed-supply"}]),
    "networks.alpha.fees.sinks": st.sampled_from([[], [{"kind": "usd-burn", "share": 0.3}]]),
    "networks.alpha.token.staking": st.sampled_from([{"start_share": 0.1}]),
    "networks.alpha.token.staking.smoothing": st.floats(0.01, 1),
    "drivers.narrative": st.sampled_from([1.0, {"kind": "constant", "value": 2}]),
    "populations.users.segments.everyone.openness": st.floats(-1, 1),
}


@settings(max_examples=20)
@given(st.lists(st.fixed_dictionaries({}, optional=VALUES), min_size=1, max_size=4))
def test_a_point_is_what_the_same_settings_give_on_the_command_line(rows: list[dict[str, Any]]) -> None:
    rows = [{key: row[key] for key in sorted(row)} for row in rows]
    expected: dict[str, Scenario] = {}
    try:
        for row in rows:
            found = load("minimal", sets=row)
            expected.setdefault(scenario_hash(found), found)
    except ScenarioError:
        assert problems({"list": rows})
        return
    made = plan({"list": rows})
    assert scenarios(made) == list(expected.values())
    ids = [run_id(digest, int(replicate_seed(s.seed, 0)), 0) for digest, s in expected.items()]
    assert list(made.run_ids) == ids


def test_a_plan_is_the_same_every_time() -> None:
    design = {"product": [{"lhs": {"count": 5, "of": {RATE: {"low": 0, "high": 0.5}}}}, {"grid": {EMISSION: [MINT]}}]}
    assert plan(design, replicates=2) == plan(design, replicates=2)
    assert plan(design).hash != plan(design, seed=2).hash


def test_what_is_recorded_and_said_goes_into_the_plan() -> None:
    record = {"series": ["price"], "every": 7, "agents": ["users"], "agent_steps": [0, -1]}
    goal = {"kpi": "price_ratio", "above": 1}
    made = plan(record=record, goals=[goal], question="Why?", description="So.", seeding="independent")
    assert made.context.recording == Recording(("price",), 7, ("users",), (0, -1))
    assert made.goals == ({"kpi": "price_ratio", "network": None, "above": 1.0, "below": None},)
    assert (made.name, made.question, made.description, made.seeding) == ("s", "Why?", "So.", "independent")
    assert "price_ratio" in made.source
    assert plan(record={"series": ["price"]}).context.recording.agent_steps == ()


def test_every_wrong_point_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = problems({"grid": {RATE: [0.1, 1.5, -1], COUNT: [100, 0, 200]}})
    assert len(said) == 3
    assert all(limit in " ".join(said) for limit in ("1.5 is above 1", "-1 is below 0", "0 is below 1"))
    said = problems({"grid": {RATE: [1 + i / 100 for i in range(1, 30)]}})
    assert len(said) == placing._MOST_SHOWN + 1
    assert said[-1] == "and 9 more"
    monkeypatch.setattr(placing, "_MOST_POINTS", 25)
    assert problems({"grid": {RATE: [1 + i / 100 for i in range(1, 30)]}})[-1] == (
        "and 5 more; planning stopped after 25 points that are not valid"
    )


def test_what_several_settings_cause_is_told_with_the_point(tmp_path: Path) -> None:
    counts = ", ".join(f"populations.{name}.count: 50000000" for name in load("minimal").populations)
    file = tmp_path / "sweep.yaml"
    file.write_text(f"name: s\nscenario: minimal\ndesign:\n  list:\n    - {{{counts}}}\n    - {{steps: 100000}}\n")
    with pytest.raises(ScenarioError) as caught:
        make_plan(load_sweep(file))
    agents, mint = caught.value.problems
    assert (agents.line, agents.path) == (5, "populations")
    assert "250,000,000 agents on 1 networks" in agents.message
    assert "(at the point populations.data_providers.count=50000000, populations" in agents.message
    assert mint.file.endswith("minimal.yaml")
    assert mint.line > 1
    assert mint.message.endswith("or shorten the run (at the point steps=100000)")


def test_different_problems_at_one_place_are_all_told(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text("name: s\nscenario: minimal\ndesign: {grid: {populations: [{users: {count: 5}}]}}\n")
    with pytest.raises(ScenarioError) as caught:
        make_plan(load_sweep(file))
    assert len(caught.value.problems) == 4
    assert all(problem.line == 3 and "is missing" in problem.message for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"scenario": 7}, "7 is not the name of a scenario"),
        ({"scenario": "minimal", "variant": ["x"]}, "a list of 1 is not the name of one of the file's `scenarios`"),
        ({"scenario": "minimal", "overrides": {"x": 1}}, "a mapping is not a name, or a list of names"),
    ],
)
def test_reserved_parameters_of_the_wrong_type(row: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        make_plan(load_sweep({"name": "s", "design": {"list": [row]}}))
    assert said in caught.value.problems[0].message


def test_a_scenario_that_is_wrong_by_itself_is_told_with_its_own_line(folder: Path) -> None:
    (folder / "mine.yaml").write_text(FILE.replace("steps: 9", "stepps: 9"))
    with pytest.raises(ScenarioError, match=r"mine\.yaml:2:1: stepps: unknown key 'stepps'; did you mean 'steps'"):
        plan(scenario="mine.yaml")


def test_too_many_bases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catallaxy.sim.sweeps.design.planning.MAX_BASES", 3)
    assert bases.MAX_BASES == 1_000
    rules = [{"kind": "fixed-rate", "tokens": {"per_year": 1e5 * i}} for i in range(1, 6)]
    (said,) = problems({"grid": {COUNT: [5], EMISSION: rules}})
    assert f"more than 3 different scenarios to start from: each combination of {EMISSION} needs one" in said


def test_large_whole_numbers_are_shown_as_floats() -> None:
    made = plan({"grid": {"drivers.service_demand.limit": [10**30]}})
    assert made.points[0].params == {"drivers.service_demand.limit": 1e30}


def test_a_key_figure_of_a_package_that_is_not_trusted_is_never_imported(folder: Path) -> None:
    package = folder / "hostile_kpis"
    package.mkdir()
    (package / "__init__.py").write_text("from pathlib import Path\nPath('ran').touch()\n")
    (said,) = problems(kpis=["hostile_kpis:anything"])
    assert "which you have not trusted" in said
    assert not (folder / "ran").exists()


@pytest.mark.slow
def test_planning_compiles_nothing() -> None:
    script = (
        "import sys\n"
        "from catallaxy.sim.sweeps.design.planning import make_plan\n"
        "from catallaxy.sim.sweeps.design.reading import load_sweep\n"
        "make_plan(load_sweep('emission'))\n"
        "print(sorted({'numba', 'scipy', 'pandas', 'pyarrow', 'pyDOE3'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.timing
def test_a_thousand_points_take_seconds() -> None:
    spread = {
        RATE: {"low": 0, "high": 0.2},
        "populations.users.churn.per_year": {"low": 0, "high": 0.5},
        COUNT: {"low": 100, "high": 3000, "integer": True},
    }
    sweep = load_sweep(
        {"name": "s", "scenario": "minimal", "replicates": 100, "design": {"lhs": {"count": 1000, "of": spread}}}
    )
    before = time.process_time()
    made = make_plan(sweep)
    assert time.process_time() - before < 10.0
    assert len(made) == 100_000
