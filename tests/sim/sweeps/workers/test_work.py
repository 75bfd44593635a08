"""A worker does every run of a task, whatever its neighbours do, and says how each one ended."""

from __future__ import annotations

import importlib
import io
import math
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import oracles.fake_runs as fakes
from catallaxy.sim.analysis.key_figures import KPIS, Kpi, evaluate
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.sweeps.outcome import Limits, Task
from catallaxy.sim.sweeps.plan import Context
from catallaxy.sim.sweeps.workers import timeouts, work
from catallaxy.sim.sweeps.workers.crash_logs import crash_log, crash_status, read_crash_logs
from catallaxy.sim.sweeps.workers.work import failed_batch, one_line, perform
from oracles.fake_runs import STEPS, base, make_context, make_task, planned

#: Long enough for a good run on a busy machine.
TIMEOUT_S = 1.0
TESTS = Path(fakes.__file__).parents[1]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux enforces a limit on memory")


@pytest.fixture(autouse=True)
def _this_process_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pause of the machine not be taken for a run that cannot be stopped, which would end all the tests."""
    monkeypatch.setattr(timeouts, "_SHORTEST_GRACE_S", 100.0)
    monkeypatch.setattr(timeouts, "_LONGEST_GRACE_S", 100.0)


@pytest.fixture(autouse=True)
def _no_crash_log_is_left_open() -> Iterator[None]:
    yield
    crash_log(None, False).file.close()
    crash_log.cache_clear()


def statuses(task: Task) -> list[str]:
    batch = perform(task)
    found = batch.table("runs")
    assert dict(zip(found["row"].to_pylist(), found["status"].to_pylist(), strict=True)) == batch.statuses
    assert batch.table("log")["status"].to_pylist() == found["status"].to_pylist()
    return found["status"].to_pylist()


def real_context(**recording: object) -> Context:
    return make_context("catallaxy.sim.engine.engine:simulate", **recording)


def test_runs_give_what_the_engine_gives() -> None:
    context = real_context(series=("price", "users"), every=2, agents=("users",), agent_steps=(0, -1))
    batch = perform(make_task(context, 2, seed=11))
    scenario = load(base(), sets={"seed": 11})
    records = [simulate(scenario, replicate) for replicate in range(2)]
    runs, series = batch.table("runs"), batch.table("series")
    for kpi in KPIS:
        expected = [record.kpis[kpi.name]["alpha"] for record in records]
        np.testing.assert_array_equal(runs[f"kpi.{kpi.name}.alpha"].to_numpy(), expected)
    for name in ("price", "users"):
        kept = np.concatenate([record.series[name][[0, 2, 4], 0] for record in records])
        np.testing.assert_array_equal(series[f"ts.{name}"].to_numpy(), kept)
    assert runs["steps"].to_pylist() == [STEPS, STEPS]
    assert runs["error"].to_pylist() == ["", ""]
    agents = batch.table("agents/users")
    assert set(zip(agents["row"].to_pylist(), agents["step"].to_pylist(), strict=True)) == {
        (0, 0),
        (0, 4),
        (1, 0),
        (1, 4),
    }


def test_a_batch_does_not_depend_on_how_runs_are_grouped() -> None:
    context = real_context(series=("price",))
    task = make_task(context, 3)
    together = perform(task)
    alone = [perform(replace(task, runs=(run,))) for run in reversed(task.runs)][::-1]
    for name in ("runs", "series"):
        apart = pa.concat_tables([batch.table(name) for batch in alone])
        assert repr(apart.to_pylist()) == repr(together.table(name).to_pylist())


def test_the_log_says_what_it_cost() -> None:
    started = time.time()
    task = replace(make_task(make_context("well"), 2), attempt=3)
    log = perform(task).table("log").to_pylist()
    for row in log:
        assert row["worker"] == f"{socket.gethostname()}:{os.getpid()}"
        assert row["attempt"] == 3
        assert 0.0 <= row["wall_s"] < 5.0
        assert 0.0 <= row["cpu_s"] < 5.0
        assert row["peak_mb"] > 10.0
        assert started - 1.0 < row["finished"].timestamp() < time.time() + 1.0


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("raising", "ValueError: no <object object at 0x...> in this.txt (in raising, fake_runs.py, line "),
        ("quitting", "SystemExit: enough (in quitting, fake_runs.py, line "),
        ("mute", "Mute: (no message) (in mute, fake_runs.py, line "),
        ("undecodable", r"FileNotFoundError: no file \udcff (in undecodable, fake_runs.py, line "),
        ("panicking", "Panic: lost (in panicking, fake_runs.py, line "),
        ("odd", "the run ended as 'tired'; it must be 'complete' or 'failed'"),
        ("strange", "the run recorded networks that are not in the plan: elsewhere"),
    ],
)
def test_a_run_that_raises_fails_alone(how: str, error: str) -> None:
    task = make_task(make_context(how, series=("price",)))
    assert statuses(task) == ["complete", "failed", "complete"]
    batch = perform(task)
    row = batch.table("runs").to_pylist()[1]
    assert row["error"].startswith(error)
    assert row["steps"] == 0
    assert row["kpi.price_final.alpha"] is None
    log = batch.table("log").to_pylist()
    assert "Traceback" in log[1]["traceback"]
    assert log[0]["traceback"] == ""
    assert set(batch.table("series")["row"].to_pylist()) == {0, 2}


def test_a_run_that_fails_in_the_engine_keeps_its_series(monkeypatch: pytest.MonkeyPatch) -> None:
    phase = importlib.import_module("catallaxy.sim.engine.phases.portfolio")
    engine = importlib.import_module("catallaxy.sim.engine.engine")

    def breaks(economy: object) -> None:
        if economy.step == 3 and int(economy.seed) == failing:  # type: ignore[attr-defined]
            raise ZeroDivisionError("in the portfolio")
        phase.run(economy)

    phases = tuple(replace(p, run=breaks) if p.name == "portfolio" else p for p in engine.PHASES)
    monkeypatch.setattr(engine, "PHASES", phases)
    context = real_context(series=("price",))
    failing = int(fakes.replicate_seed(load(base()).seed, 1))
    batch = perform(make_task(context))
    rows = batch.table("runs").to_pylist()
    assert [row["status"] for row in rows] == ["complete", "failed", "complete"]
    assert rows[1]["error"].startswith("ZeroDivisionError: in the portfolio (in breaks, test_work.py, line ")
    assert [row["steps"] for row in rows] == [STEPS, 3, STEPS]
    assert rows[1]["kpi.price_final.alpha"] is None
    assert batch.table("series")["row"].to_pylist() == [0] * STEPS + [1] * 3 + [2] * STEPS
    assert "ZeroDivisionError" in batch.table("log")["traceback"].to_pylist()[1]


def test_a_run_whose_scenario_is_not_valid_here_fails() -> None:
    context = make_context("well")
    wrong = replace(planned(context, 1)[0], row=7, sets={"steps": -1})
    batch = perform(Task(context.packed(), (wrong, *planned(context, 1))))
    assert batch.statuses == {7: "failed", 0: "complete"}
    assert "steps" in batch.table("runs")["error"].to_pylist()[0]


@pytest.mark.parametrize("how", ["looping", "sleeping"])
@pytest.mark.timing
def test_a_run_that_hangs_ends_as_timeout_alone(how: str) -> None:
    batch = perform(make_task(make_context(how), limits=Limits(timeout_s=TIMEOUT_S)))
    assert list(batch.statuses.values()) == ["complete", "timeout", "complete"]
    row = batch.table("runs").to_pylist()[1]
    assert (row["error"], row["steps"], row["kpi.price_final.alpha"]) == ("took longer than 1 s", None, None)
    log = batch.table("log").to_pylist()[1]
    assert f"in {how}" in log["traceback"]
    assert TIMEOUT_S <= log["wall_s"] < 30.0


@pytest.mark.slow
@pytest.mark.timing
def test_a_run_that_swallows_the_stop_is_stopped_again() -> None:
    assert statuses(make_task(make_context("stubborn"), limits=Limits(timeout_s=TIMEOUT_S))) == [
        "complete",
        "timeout",
        "complete",
    ]


@pytest.mark.slow
@pytest.mark.timing
def test_a_run_that_hangs_in_a_thread_is_stopped_and_runs_take_turns() -> None:
    task = make_task(make_context("looping"), limits=Limits(timeout_s=TIMEOUT_S))
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(statuses, [task] * 3))
    assert found == [["complete", "timeout", "complete"]] * 3


@linux
def test_a_run_that_eats_memory_ends_alone_and_the_worker_goes_on() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    held = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    limits = Limits(memory_mb=round(held + 200.0))
    batch = perform(make_task(make_context("hungry"), 4, limits))
    assert list(batch.statuses.values()) == ["complete", "memory", "complete", "memory"]
    row = batch.table("runs").to_pylist()[1]
    assert (row["error"], row["steps"]) == (f"needs more than {limits.memory_mb:.0f} MB of memory", None)
    assert "in hungry" in batch.table("log")["traceback"].to_pylist()[1]
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_memory_that_runs_out_inside_the_engine_is_told_from_other_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = importlib.import_module("catallaxy.sim.engine.engine")

    def greedy(_economy: object) -> None:
        np.empty(2**45)

    monkeypatch.setattr(engine, "PHASES", tuple(replace(phase, run=greedy) for phase in engine.PHASES))
    batch = perform(make_task(real_context(), 1))
    assert batch.statuses == {0: "memory"}
    assert batch.table("runs")["error"].to_pylist() == ["needs more memory than there is"]
    assert "in greedy" in batch.table("log")["traceback"].to_pylist()[0]


def test_a_worker_that_lacks_a_key_figure_says_so_to_a_driver_elsewhere() -> None:
    with pytest.raises(CatallaxyError) as caught:
        perform(make_task(make_context("well", kpis=("no_such_package:figure",))))
    assert "no_such_package" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_interrupted_run_is_no_outcome() -> None:
    with pytest.raises(KeyboardInterrupt):
        perform(make_task(make_context("interrupted")))


def test_other_code_is_refused() -> None:
    context = replace(make_context("well"), code="0.0.1+feed")
    with pytest.raises(CatallaxyError, match=r"0\.0\.1\+feed"):
        perform(Task(context.packed(), planned(context)))


def test_a_plan_that_means_something_else_is_refused() -> None:
    context = make_context("well")
    runs = tuple(replace(run, sets={"seed": 99}) for run in planned(context))
    with pytest.raises(CatallaxyError, match="disagree on run 0"):
        perform(Task(context.packed(), runs))


def test_points_are_not_confused() -> None:
    context = real_context()
    points = [planned(context, 2, {"seed": seed}) for seed in (1, 2)]
    both = tuple(replace(run, row=2 * p + run.row) for p, runs in enumerate(points) for run in runs)
    prices = perform(Task(context.packed(), both)).table("runs")["kpi.price_final.alpha"].to_pylist()
    expected = [
        simulate(load(base(), sets={"seed": s}), r).kpis["price_final"]["alpha"] for s in (1, 2) for r in (0, 1)
    ]
    assert prices == expected


def own(record: RunRecord, network: int) -> float:
    """Fail for replicate 1."""
    return 1.0 / (1 - record.replicate) + network


def test_a_key_figure_of_the_user_is_computed_and_may_fail_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Kpi("own", "1", "up", "Mine.", own)
    for module in ("catallaxy.sim.sweeps.workers.work", "catallaxy.sim.sweeps.columns"):
        monkeypatch.setattr(f"{module}.all_kpis", lambda _references=(): (*KPIS, figure))
    batch = perform(make_task(make_context("well", kpis=("mine:own",), series=("price",))))
    rows = batch.table("runs").to_pylist()
    assert [row["status"] for row in rows] == ["complete", "failed", "complete"]
    assert [row["kpi.own.alpha"] for row in rows] == [1.0, None, -1.0]
    assert rows[1]["error"].startswith("key figure own: ZeroDivisionError: ")
    assert rows[1]["steps"] == STEPS
    assert set(batch.table("series")["row"].to_pylist()) == {0, 1, 2}
    record = fakes.well(load(base()), 0)
    assert rows[0]["kpi.price_final.alpha"] == evaluate(record)["price_final"]["alpha"] == STEPS - 1


def test_the_driver_can_record_what_a_worker_could_not() -> None:
    context = make_context("well", series=("price",))
    runs = planned(context, 2)
    error = "died at 0x7f00deadbeef in /a/b/c.so"
    for given in (context, context.packed()):
        batch = failed_batch(given, runs, "crashed", error, "all about it", attempt=2, worker="host:1")
        assert batch.statuses == {0: "crashed", 1: "crashed"}
        assert batch.tables.keys() == {"runs", "log"}
        row = batch.table("log").to_pylist()[1]
        assert row["error"] == batch.table("runs")["error"].to_pylist()[1] == "died at 0x... in c.so"
        assert (row["traceback"], row["attempt"], row["worker"]) == ("all about it", 2, "host:1")
        assert math.isnan(row["wall_s"])
        assert batch.table("runs").schema == perform(make_task(context)).table("runs").schema


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\n  lines ", "two lines"),
        ("<a.B object at 0x7f3bc4d0>", "<a.B object at 0x...>"),
        ("[Errno 2] No such file: '/data/of/x/prices.csv'", "[Errno 2] No such file: 'prices.csv'"),
        (r"C:\Users\x\prices.csv is missing", "prices.csv is missing"),
        ("USD/token is 1/2 of https://example.org/a/b", "USD/token is 1/2 of https://example.org/a/b"),
        ("x" * 600, "x" * 497 + "..."),
    ],
)
def test_an_error_reads_the_same_on_every_machine(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.timing
def test_a_timed_run_finds_warm_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []
    monkeypatch.setattr(work, "_load_kernels", lambda: loaded.append(1))
    perform(make_task(real_context(), 1))
    assert loaded == []
    perform(make_task(real_context(), 1, Limits(timeout_s=9.0)))
    perform(make_task(make_context("well"), 1, Limits(timeout_s=9.0)))
    assert loaded == [1, 1]


@pytest.mark.timing
def test_no_signal_handler_and_no_thread_is_left() -> None:
    before = signal.getsignal(signal.SIGALRM), threading.active_count()
    perform(make_task(make_context("looping"), limits=Limits(TIMEOUT_S, 1e6, "logs")))
    assert (signal.getsignal(signal.SIGALRM), threading.active_count()) == before
    assert [path.stat().st_size for path in Path("logs").iterdir()] == [0]
    crash_log("logs", False).file.close()


def do_in_a_worker(how: str, limits: Limits, *, prepared: bool = True) -> subprocess.CompletedProcess[str]:
    """Perform a task in a process of its own, as a pool would."""
    code = (
        "import sys\n"
        "from catallaxy.sim.sweeps.workers.work import perform, prepare_worker\n"
        "from catallaxy.sim.sweeps.outcome import Limits\n"
        "from oracles.fake_runs import endless, make_context, make_task\n"
        f"{'endless()' if how == 'compiled' else ''}\n"
        f"{'prepare_worker()' if prepared else ''}\n"
        f"print(perform(make_task(make_context({how!r}), 2, {limits!r})).statuses)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, env=environment
    )


@pytest.mark.slow
def test_a_run_that_kills_its_worker_is_named() -> None:
    worker = do_in_a_worker("dying", Limits(log_folder="logs"))
    assert worker.returncode == -signal.SIGSEGV
    ((row, text),) = read_crash_logs("logs").items()
    assert row == 1
    assert text.startswith("Fatal Python error: Segmentation fault")
    assert "in dying" in text
    assert crash_status(text) == "crashed"


@pytest.mark.slow
@pytest.mark.jit
@pytest.mark.timing
def test_a_run_that_never_leaves_compiled_code_ends_its_worker() -> None:
    started = time.monotonic()
    worker = do_in_a_worker("compiled", Limits(timeout_s=0.5, log_folder="logs"))
    assert worker.returncode == 1
    assert time.monotonic() - started < 45.0
    logs = read_crash_logs("logs")
    assert list(logs) == [1], worker.stderr
    text = logs[1]
    assert "in compiled" in text
    assert crash_status(text) == "timeout"


@pytest.mark.slow
@pytest.mark.timing
def test_a_worker_that_survives_leaves_an_empty_log() -> None:
    worker = do_in_a_worker("raising", Limits(timeout_s=30.0, memory_mb=1e6, log_folder="logs"))
    assert worker.stdout == "{0: 'complete', 1: 'failed'}\n", worker.stderr
    assert read_crash_logs("logs") == {}
    assert [path.stat().st_size for path in Path("logs").iterdir()] == [0]


def test_tables_are_arrow_streams() -> None:
    batch = perform(make_task(make_context("well", series=("price",)), 1))
    assert batch.tables.keys() == {"runs", "log", "series"}
    for content in batch.tables.values():
        assert isinstance(content, bytes)
        pa.ipc.open_stream(io.BytesIO(content)).read_all().validate(full=True)
