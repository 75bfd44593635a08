"""The commands about sweeps, as a user types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from catallaxy.sim.cli import main, sweep_view_commands
from catallaxy.sim.cli.sweep_options import read_shard
from catallaxy.sim.errors import CatallaxyError, ResultsError, RunInterrupted
from catallaxy.sim.sweeps import probe, sweep
from catallaxy.sim.sweeps.answers.sweep_result import open_sweep
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording
from catallaxy.sim.sweeps.store.status import read_status

SWEEP = """
name: fees
question: What does a fee do?
scenario: minimal
set: {steps: 6}
replicates: 2
design:
  list:
    - networks.alpha.fees.take_rate: 0.05
    - networks.alpha.fees.take_rate: 0.1
    - networks.alpha.fees.take_rate: 0.05
record: {series: [price], every: 2}
goals:
  - {kpi: price_ratio, above: 0}
"""
FOLDER = Path("results")
WAIT_S = 120.0


@pytest.fixture
def sweep_file() -> str:
    Path("fees.yaml").write_text(SWEEP)
    return "fees.yaml"


@pytest.fixture
def call() -> Callable[..., Result]:
    """Run a command in this process; errors made on purpose become what `entry` makes of them."""

    def invoke(*arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main.app, arguments)
        if isinstance(done.exception, CatallaxyError):
            assert done.exception.exit_code == code, done.exception
        else:
            assert done.exit_code == code, (done.output, done.exception)
        return done

    return invoke


def folder_of(done: Result) -> Path:
    return Path(done.stdout.splitlines()[-1])


def test_a_plan_says_what_it_is_and_prints_its_folder_last(call: Callable[..., Result], sweep_file: str) -> None:
    done = call("sweep", "plan", sweep_file, "--no-probe")
    lines = done.stdout.splitlines()
    assert lines[0] == "fees: 4 runs = 2 points x 2 replicates"
    assert "What does a fee do?" in lines
    assert "  networks.alpha.fees.take_rate  0.05, 0.1" in lines
    assert "  kept of a run   key figures; price every 2 steps" in lines
    assert "  dropped         1 point equal to an earlier one" in lines
    assert (folder_of(done) / "plan.parquet").is_file()
    facts = json.loads(call("sweep", "plan", str(folder_of(done)), "--no-probe", "--json").stdout)
    assert facts["runs"] == 4
    assert facts["equal_points_dropped"] == 1
    assert facts["parameters"][0]["values"] == [0.05, 0.1]
    assert facts["folder"] == str(folder_of(done))


@pytest.mark.jit
@pytest.mark.slow
def test_the_probe_measures_and_leaves_nothing_behind(call: Callable[..., Result], sweep_file: str) -> None:
    done = call("sweep", "plan", sweep_file, "-j", "3", "--json")
    facts = json.loads(done.stdout)
    assert 0 < facts["probe"]["seconds_per_run"] < 5
    assert facts["probe"]["bytes_per_run"] > 100
    assert facts["probe"]["peak_mb"] > 50
    assert facts["probe"]["errors"] == []
    assert facts["estimate"]["workers"] == 3
    assert sorted(path.name for path in Path(facts["folder"]).iterdir()) == [
        "manifest.json",
        "plan.parquet",
        "sweep.yaml",
    ]


@pytest.mark.jit
@pytest.mark.slow
def test_from_a_file_to_an_answer(call: Callable[..., Result], sweep_file: str) -> None:
    half = call("sweep", "run", sweep_file, "--executor", "serial", "--shard", "1/2")
    folder = folder_of(half)
    assert "fees: 2 complete, 2 left; took" in half.stderr
    assert f"catallaxy collect {folder}" in half.stderr
    state = json.loads(call("status", str(folder), "--json").stdout)
    assert (state["planned"], state["counts"], state["left"]) == (4, {"complete": 2}, 2)
    assert "2 of 4 runs done, 2 left" in call("sweep", "status", str(folder)).stdout

    whole = call("sweep", "run", str(folder), "--executor", "serial")
    assert "resuming: 2 of 4 runs done, 2 left" in whole.stderr
    assert "fees: 4 complete; took" in whole.stderr
    again = call("sweep", "run", sweep_file, "-q")
    assert again.stdout == f"{folder}\n"
    assert again.stderr == ""
    assert call("failures", str(folder)).stdout == "no run has failed\n"
    assert "collected: complete=4" in call("collect", str(folder)).stderr

    table = call("sweep", "summary", str(folder), "--kpi", "price_ratio").stdout.splitlines()
    assert len(table) == 3
    rows = json.loads(call("sweep", "summary", str(folder), "--kpi", "price_ratio", "--together", "--json").stdout)
    assert [row["runs"] for row in rows] == [4]
    (goal, other) = json.loads(call("sweep", "goals", str(folder), "--json").stdout)
    assert (goal["reached"], goal["n"]) == (other["reached"], other["n"]) == (2, 2)
    differences = call("sweep", "summary", str(folder), "--kpi", "price_ratio", "--baseline", "0", "--json").stdout
    assert [row["point"] for row in json.loads(differences)] == [1]


@pytest.mark.jit
@pytest.mark.slow
def test_a_run_can_be_shown_and_replayed_to_the_same_key_figures(call: Callable[..., Result], sweep_file: str) -> None:
    folder = folder_of(call("sweep", "run", sweep_file, "--executor", "serial", "-q"))
    import catallaxy as cx

    runs = open_sweep(folder).runs
    run_id = str(runs.run_id[3])
    text = call("sweep", "show", str(folder), run_id[:10]).stdout
    assert text == call("sweep", "show", str(folder), "3").stdout
    assert text.startswith(f"# run {run_id} of fees: point 1, replicate 1\n")
    Path("shown.yaml").write_text(text)
    assert cx.load("shown.yaml").networks["alpha"].fees.take_rate == 0.1

    replayed = cx.open_result(folder_of(call("sweep", "replay", str(folder), "3", "-o", "alone")))
    assert (replayed.path / "report.html").is_file()
    (figure,) = replayed.runs["kpi.price_ratio.alpha"]
    assert figure == runs["kpi.price_ratio.alpha"][3]


@pytest.mark.jit
@pytest.mark.slow
@pytest.mark.timing
def test_failures_are_listed_and_retried(call: Callable[..., Result], sweep_file: str) -> None:
    done = call("sweep", "run", sweep_file, "--executor", "serial", "--timeout", "0.001", code=3)
    folder = folder_of(done)
    assert "fees: 4 timed out; took" in done.stderr
    assert "first failure: run " in done.stderr
    listed = call("failures", str(folder))
    assert listed.stdout.count("timed out after") == 4
    assert "networks.alpha.fees.take_rate=0.05" in listed.stdout
    assert "Traceback" not in listed.stdout
    assert f"catallaxy retry {folder}" in listed.stderr
    assert "Traceback" in call("sweep", "failures", str(folder), "--traceback").stdout
    rows = json.loads(call("failures", str(folder), "--json").stdout)
    assert [row["replicate"] for row in rows] == [0, 1, 0, 1]
    assert rows[2]["params"] == {"networks.alpha.fees.take_rate": 0.1}

    kept = call("sweep", "run", str(folder), "--executor", "serial", code=3)
    assert "4 of 4 runs done, 4 failed" in kept.stderr
    retried = call("retry", str(folder), "--executor", "serial")
    assert "fees: 4 complete; took" in retried.stderr


def test_scripts_for_slurm_can_be_looked_at(call: Callable[..., Result], sweep_file: str) -> None:
    arguments = ("--tasks", "2", "--time", "30", "--partition", "short", "--extra=--mail-type=FAIL")
    done = call("sweep", "submit", sweep_file, "--slurm", "--dry-run", *arguments)
    assert "##### array.sbatch" in done.stdout
    assert "#SBATCH --partition=short" in done.stdout
    assert "--mail-type=FAIL" in done.stdout
    assert not list(FOLDER.glob("*/logs"))


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("command", [("plan",), ("submit", "--slurm", "--dry-run")])
@pytest.mark.parametrize(
    ("module", "function", "message"),
    [
        (sweep, "plan_sweep", "stopped while planning; nothing has been written"),
        (probe, "probe", f"stopped while measuring; the sweep is planned in {FOLDER / 'fees-'}"),
    ],
)
def test_ctrl_c_before_the_first_run_says_what_is_left(
    call: Callable[..., Result],
    sweep_file: str,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    module: ModuleType,
    function: str,
    message: str,
) -> None:
    monkeypatch.setattr(module, function, interrupted)
    done = call("sweep", *command, sweep_file, code=130)
    assert isinstance(done.exception, RunInterrupted)
    assert str(done.exception).startswith(message)


def test_nothing_is_measured_for_a_sweep_that_lacks_nothing(
    call: Callable[..., Result], sweep_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(folder_of(call("sweep", "run", sweep_file, "--executor", "serial")))
    monkeypatch.setattr(probe, "probe", interrupted)
    for more in ((), ("--retry-failed",)):
        done = call("sweep", "submit", folder, "--slurm", "--dry-run", *more)
        assert "no run is missing" in done.stderr


def test_answers_of_a_part_say_so(call: Callable[..., Result], sweep_file: str) -> None:
    folder = str(folder_of(call("sweep", "run", sweep_file, "--executor", "serial", "--shard", "0/4")))
    call("sweep", "collect", folder)
    for command in ("summary", "goals"):
        assert "1 of 4 runs have been collected" in call("sweep", command, folder).stderr
    call("sweep", "run", folder, "--executor", "serial")
    assert "collected" not in call("sweep", "goals", folder).stderr


@pytest.mark.jit
@pytest.mark.slow
def test_which_results_survive_another_venue(call: Callable[..., Result]) -> None:
    kind, rate = "networks.alpha.venues.0.kind", "networks.alpha.fees.take_rate"
    design = f"{{{kind}: [constant-product, call-auction], {rate}: [0.05, 0.1]}}"
    Path("venues.yaml").write_text(
        f"name: venues\nscenario: minimal\nset: {{steps: 6}}\nreplicates: 3\ndesign: {{grid: {design}}}\n"
    )
    folder = folder_of(call("sweep", "run", "venues.yaml", "--executor", "serial"))
    ask = ("sweep", "equivalence", str(folder), "--factor", kind)
    rows = json.loads(call(*ask, "--effect", rate, "--kpi", "fees", "--json").stdout)
    assert [(row[kind], row["change"], row["found"]) for row in rows] == [
        ("constant-product", "0.05 -> 0.1", "up"),
        ("call-auction", "0.05 -> 0.1", "up"),
    ]
    assert {row["verdict"] for row in rows} == {"survives"}
    told = call(*ask, "--kpi", "fees", "--margin", "0.05")
    assert "constant-product" in told.stdout
    assert f"written: {folder / 'equivalence.csv'}, {folder / 'equivalence.png'}" in told.stderr
    frame = open_sweep(folder).equivalence(kind, kpi="fees", margin=0.05)
    assert list(frame[kind]) == ["constant-product", "call-auction"]


def test_shipped_sweeps_are_listed(call: Callable[..., Result]) -> None:
    rows = json.loads(call("sweep", "list", "--json").stdout)
    assert {"emission", "fees"} <= {row["name"] for row in rows}
    assert all(row["runs"] == row["points"] * row["replicates"] for row in rows)
    assert "emission" in call("sweep", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sweep", "run", "emision"), "emission"),
        (("sweep", "run", "fees.yaml", "--shard", "2/2"), "shards are counted from 0, so 0/2 or 1/2"),
        (("sweep", "run", "fees.yaml", "--shard", "1"), "is not K/N"),
        (("sweep", "run", "fees.yaml", "-j", "0"), "--jobs"),
        (("sweep", "run", "fees.yaml", "--executor", "lok"), "loky"),
        (("sweep", "run", "fees.yaml", "--scheduler", "tcp://a:1"), "--executor dask"),
        (("sweep", "submit", "fees.yaml"), "--slurm"),
        (("status", "nowhere"), "nowhere"),
        (("collect", "."), "holds no plan.parquet"),
        (("failures", "single"), "single run"),
        (("retry", "single"), "single run"),
        (("sweep", "run", "single"), "single run"),
        (("sweep", "replay", "nowhere", "0"), "nowhere"),
        (("sweep", "summary", "nowhere"), "nowhere"),
    ],
)
def test_a_mistake_gets_one_message(sweep_file: str, arguments: tuple[str, ...], message: str) -> None:
    Path("single").mkdir()
    Path("single", "manifest.json").write_text("{}")
    command = [sys.executable, "-m", "catallaxy.sim.cli.main", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=WAIT_S, env={**os.environ, "COLUMNS": "200"}
    )
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not FOLDER.exists()


@pytest.mark.parametrize("text", ["0/1", "3/4", "1 / 2"])
def test_shards_are_read(text: str) -> None:
    k, n = read_shard(text)
    assert 0 <= k < n


def plan_of(*run_ids: str) -> Plan:
    context = Context(bases=({},), recording=Recording(), networks=("alpha",), code="1")
    points = tuple(Point(0, {}, {}) for _ in run_ids)
    return Plan("tiny", 1, context, points, run_ids, tuple(range(len(run_ids))))


def test_runs_are_found_by_id_prefix_and_row() -> None:
    plan = plan_of("aa01f", "aa02f", "1b3ff", "00c4f")
    find = sweep_view_commands.find_run
    assert [find(plan, text).row for text in ("aa01f", "aa02", "AA01", "1b", "1", "0", "00")] == [0, 1, 0, 2, 1, 0, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("aa0", "beginning of 2 run ids"),
        ("aa11f", "did you mean 'aa01f'"),
        ("9", "rows 0 to 3"),
        ("", "no run"),
    ],
)
def test_a_run_that_is_not_there_is_not_guessed(text: str, message: str) -> None:
    with pytest.raises(ResultsError, match=message):
        sweep_view_commands.find_run(plan_of("aa01f", "aa02f", "1b3ff", "00c4f"), text)


def loaded_after(*arguments: str) -> tuple[set[str], float]:
    """Return the modules that a command loads, and the CPU seconds that it takes."""
    script = (
        "import json, sys, time\nfrom catallaxy.sim.cli.main import app\n"
        f"try:\n    app({list(arguments)!r})\nexcept SystemExit as end:\n    assert not end.code\n"
        "print()\nprint(json.dumps([sorted(sys.modules), time.process_time()]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=WAIT_S)
    names, seconds = json.loads(done.stdout.splitlines()[-1])
    return set(names), seconds


@pytest.mark.parametrize("command", ["status", "failures"])
def test_looking_at_a_sweep_loads_no_heavy_library(call: Callable[..., Result], sweep_file: str, command: str) -> None:
    folder = folder_of(call("sweep", "plan", sweep_file, "--no-probe"))
    loaded, _ = loaded_after("sweep", command, str(folder))
    assert not loaded & {"numba", "mesa", "pandas", "matplotlib", "scipy", "joblib", "dask", "distributed"}


@pytest.mark.timing
def test_help_costs_little() -> None:
    assert min(loaded_after("sweep", "run", "--help")[1] for _ in range(3)) < 0.5


@pytest.mark.whole
@pytest.mark.jit
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_an_interrupted_sweep_says_how_to_go_on() -> None:
    plan: dict[str, Any] = {"name": "long", "scenario": "minimal", "replicates": 3000, "set": {"steps": 20}}
    Path("long.yaml").write_text(json.dumps(plan))
    command = [sys.executable, "-m", "catallaxy.sim.cli.main", "sweep", "run", "long.yaml", "-j", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + WAIT_S
        while not any(read_status(path.parent).counts for path in FOLDER.glob("[!.]*/plan.parquet")):
            assert running.poll() is None, running.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, errors = running.communicate(timeout=WAIT_S)
    assert running.returncode == 130, errors
    assert "run it again to go on" in errors
    assert "Traceback" not in errors
    assert out == ""
