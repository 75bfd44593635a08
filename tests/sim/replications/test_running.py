"""Running a replication of one's own: what is checked, what is written, and that chance depends on nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

import catallaxy as cx
from catallaxy.sim.replications.library import Replication, find_replication, shipped_replications
from catallaxy.sim.replications.running import part_key, replicate
from catallaxy.sim.replications.writing import COLUMNS, write_outcome
from catallaxy.sim.results.folder import read_manifest

PAPER = """\
title: Means of uniform draws
reference: Nobody (2000), Nothing
replicates: The mean of uniform draws.
seed: 3
parameters:
  draws: 4000
  groups: [one, two]
quick:
  draws: 400
"""
EXPECTED = """\
tables:
  - {title: Means, tag: DERIVED, source: symmetry, tolerance: 0.02, values: {one: 0.5, two: 0.5}}
  - {title: Elsewhere, tag: MEMORY, source: hearsay, values: {one: 0.7}}
"""
MODULE = """
import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.analysis.intervals import mean
from catallaxy.sim.report.canvas import axes_grid


class Parameters(Spec):
    draws: int = quantity(unit="1", doc="Draws in a group.", ge=2)
    groups: tuple[str, ...] = quantity(unit="-", doc="Names of the groups.")


def parts(parameters):
    return parameters.groups


def measure(parameters, part, key):
    draws = np.empty(parameters.draws)
    nk.random.fill_uniform(key, np.arange(draws.size), draws)
    return {"draws": draws}


def estimates(parameters, found):
    return {part: mean(arrays["draws"]) for part, arrays in found.items()}


def draw(parameters, found, rows):
    figure, (panel,) = axes_grid(1, columns=1, height=2.0, dated=False)
    panel.plot([row.ours.estimate for row in rows])
    return figure
"""

Writer = Callable[..., Path]


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Writer:
    """Return a function that writes a replication into the current folder; each test gives it a name of its own."""
    names = iter(range(10))

    def write(*, paper: str = PAPER, expected: str = EXPECTED, module: str | None = MODULE, name: str = "") -> Path:
        path = Path(name or f"uniform_{abs(hash(request.node.name))}_{next(names)}")
        path.mkdir()
        (path / "paper.yaml").write_text(paper)
        (path / "expected.yaml").write_text(expected)
        if module is not None:
            (path / "replication.py").write_text(module)
        return path

    return write


def test_numbers_come_from_seed_and_part_alone(folder: Writer) -> None:
    one, fewer = folder(name="means_one"), folder(paper=PAPER.replace("[one, two]", "[two, one]"), name="means_other")
    (Path("again") / "means_one").parent.mkdir()
    first, again, other = replicate(str(one)), replicate(str(one)), replicate(str(one), seed=4)
    assert first.passed
    assert first.seed == 3
    assert first.rows == again.rows
    assert first.rows[0].ours != first.rows[1].ours
    assert first.rows[0].ours != other.rows[0].ours
    assert first.rows[0].ours != replicate(str(fewer)).rows[0].ours
    assert part_key(3, "a", "b") == part_key(3, "a", "b") != part_key(3, "b", "a")


@pytest.mark.slow
def test_numbers_do_not_depend_on_jobs(folder: Writer) -> None:
    path = folder(name="means_of_jobs")
    assert replicate(str(path), jobs=2).rows == replicate(str(path)).rows


def test_quick_takes_the_smaller_sample(folder: Writer) -> None:
    path = str(folder(name="means_quick"))
    full, quick = replicate(path), replicate(path, quick=True)
    assert (full.rows[0].ours.n, quick.rows[0].ours.n) == (4000, 400)
    assert full.rows[0].tolerance == 0.02 < (quick.rows[0].tolerance or 0.0)
    assert quick.rows[2].passed is None


def test_a_result_that_is_not_the_published_one_fails(folder: Writer) -> None:
    outcome = replicate(str(folder(expected=EXPECTED.replace("one: 0.5", "one: 0.6"), name="means_wrong")))
    assert not outcome.passed
    assert [row.passed for row in outcome.rows] == [False, True, None]


def test_the_folder_holds_everything_and_is_the_same_when_written_again(folder: Writer) -> None:
    path = str(folder(name="means_written"))
    written = [write_outcome(replicate(path), Path(root), ("catallaxy",)) for root in ("a", "b")]
    names = {"table.csv", "table.parquet", "figure.png", "figure.svg", "parameters.yaml", "manifest.json"}
    assert {file.name for file in written[0].iterdir()} == names
    for name in names - {"manifest.json"}:
        assert (written[0] / name).read_bytes() == (written[1] / name).read_bytes(), name
    rows = list(csv.DictReader((written[0] / "table.csv").read_text().splitlines()))
    table = pq.read_table(written[0] / "table.parquet").to_pylist()
    assert tuple(rows[0]) == tuple(table[0]) == COLUMNS
    assert [row["passed"] for row in rows] == ["True", "True", ""]
    assert [row["passed"] for row in table] == [True, True, None]
    assert [float(row["ours"]) for row in rows] == [row["ours"] for row in table]
    assert yaml.safe_load((written[0] / "parameters.yaml").read_text()) == {"draws": 4000, "groups": ["one", "two"]}


def test_the_manifest_says_what_was_done(folder: Writer) -> None:
    path = folder(expected=EXPECTED.replace("two: 0.5", "two: 0.6"), name="means_manifest")
    written = write_outcome(replicate(str(path), seed=8, quick=True), Path("out"))
    manifest = read_manifest(written)
    assert written.name == f"means-manifest-{manifest['hash'][:8]}"
    assert (manifest["kind"], manifest["passed"], manifest["failed"]) == ("replication", False, ["two"])
    assert (manifest["seed"], manifest["quick"], manifest["name"]) == (8, True, "means-manifest")
    assert {file["name"] for file in manifest["files"]} == {f.name for f in written.iterdir()} - {"manifest.json"}
    assert json.dumps(manifest["paper"]).count("Nobody") == 1
    assert write_outcome(replicate(str(path), seed=8, quick=True), Path("out")) == written
    assert write_outcome(replicate(str(path), seed=9, quick=True), Path("out")) != written
    assert len(list(Path("out").iterdir())) == 2


def test_a_changed_folder_gives_another_hash(folder: Writer) -> None:
    path = folder(name="means_changed")
    before = Replication(path.resolve()).digest()
    (path / "expected.yaml").write_text(EXPECTED.replace("0.02", "0.03"))
    after = Replication(path.resolve()).digest()
    (path / "notes.txt").write_text("not code")
    assert before != after == Replication(path.resolve()).digest()


def test_a_replication_is_no_run(folder: Writer) -> None:
    written = write_outcome(replicate(str(folder(name="means_no_run")), quick=True), Path("out"))
    with pytest.raises(cx.ResultsError, match="holds a replication, not a run"):
        cx.open_result(written)


@pytest.mark.parametrize(
    ("paper", "message"),
    [
        (PAPER.replace("draws: 4000", "draws: 1"), r"paper\.yaml:6:10: parameters\.draws: 1 is below 2"),
        (PAPER.replace("draws: 4000", "draw: 4000"), r"paper\.yaml:6:3: parameters\.draw: .*did you mean 'draws'"),
        (PAPER.replace("title:", "name:"), "unknown key 'name'"),
        (PAPER + "seeds: 3\n", "did you mean 'seed'"),
        (PAPER.replace("seed: 3", "seed: -1"), "-1 is below 0"),
    ],
)
def test_mistakes_in_paper_yaml_are_told_with_their_place(folder: Writer, paper: str, message: str) -> None:
    with pytest.raises(cx.ScenarioError, match=message):
        replicate(str(folder(paper=paper)))


def test_all_mistakes_are_told_at_once(folder: Writer) -> None:
    paper = PAPER.replace("title:", "titel:").replace("draws: 4000", "draws: 1").replace("[one, two]", "7")
    path = folder(paper=paper, expected=EXPECTED.replace("DERIVED", "GUESSED"))
    with pytest.raises(cx.ScenarioError) as told:
        replicate(str(path))
    found = [(problem.file.partition("/")[2], problem.line, problem.path) for problem in told.value.problems]
    assert sorted(found) == [
        ("expected.yaml", 2, "tables.0.tag"),
        ("paper.yaml", 1, "titel"),
        ("paper.yaml", 1, "title"),
        ("paper.yaml", 6, "parameters.draws"),
        ("paper.yaml", 7, "parameters.groups"),
    ]


@pytest.mark.parametrize("parameters", ["", "parameters:\n", "parameters: 3\n", "parameters: [\n"])
def test_parameters_that_are_missing_are_told_once(folder: Writer, parameters: str) -> None:
    path = folder(paper=PAPER[: PAPER.index("parameters:")] + parameters)
    with pytest.raises(cx.ScenarioError) as told:
        replicate(str(path))
    assert len(told.value.problems) == 1


def test_an_estimate_that_nobody_expects_is_told(folder: Writer) -> None:
    path = folder(expected=EXPECTED.replace(", two: 0.5", ""), name="means_unexpected")
    with pytest.raises(cx.ScenarioError, match=r"means_unexpected/expected\.yaml: 'two' was estimated, but"):
        replicate(str(path), quick=True)


def test_a_mistake_under_quick_is_told_with_its_place(folder: Writer) -> None:
    path = str(folder(paper=PAPER.replace("draws: 400\n", "draws: 0\n")))
    assert replicate(path).passed
    with pytest.raises(cx.ScenarioError, match=r"paper\.yaml:9:10: parameters\.draws: 0 is below 2"):
        replicate(path, quick=True)


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        (EXPECTED.replace("source: hearsay", "source: hearsay, tolerance: 1"), r"expected\.yaml:3:.*never tested"),
        (EXPECTED.replace("DERIVED", "GUESSED"), "GUESSED"),
        (EXPECTED.replace("one: 0.5", "one: much"), "much"),
    ],
)
def test_mistakes_in_expected_yaml_are_told_with_their_place(folder: Writer, expected: str, message: str) -> None:
    with pytest.raises(cx.ScenarioError, match=message):
        replicate(str(folder(expected=expected)))


def test_a_module_must_be_there_and_define_everything(folder: Writer) -> None:
    with pytest.raises(cx.ScenarioError, match=r"replication\.py: there is no such file"):
        replicate(str(folder(module=None)))
    with pytest.raises(cx.ScenarioError, match="does not define estimates, draw; docs/replications"):
        replicate(str(folder(module=MODULE.replace("def estimates", "def _e").replace("def draw", "def _d"))))


def test_a_folder_must_have_a_name_that_python_and_nobody_else_uses(folder: Writer) -> None:
    with pytest.raises(cx.ScenarioError, match="must be a Python name"):
        replicate(str(folder(name="my-paper")))
    first = folder(name="means_twice")
    replicate(str(first), quick=True)
    Path("elsewhere").mkdir()
    first.rename("elsewhere/means_twice")
    with pytest.raises(cx.ScenarioError, match="another package is called 'means_twice'"):
        replicate("elsewhere/means_twice")


def test_names_that_are_unknown_are_told_with_the_nearest() -> None:
    with pytest.raises(cx.ScenarioError, match="did you mean 'gode-sunder-1993'"):
        find_replication("gode-sunder-1992")
    Path("empty").mkdir()
    with pytest.raises(cx.ScenarioError, match=r"the folder holds no paper\.yaml"):
        find_replication("empty")
    assert find_replication("gode-sunder-1993") == shipped_replications()["gode-sunder-1993"]
