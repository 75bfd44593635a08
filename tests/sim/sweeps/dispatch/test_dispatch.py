from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.experiments.stopping import Stop
from catallaxy.sim.sweeps.dispatch.dispatch import Job, dispatch
from catallaxy.sim.sweeps.dispatch.pools import Pool, SerialPool, open_pool
from catallaxy.sim.sweeps.dispatch.starting import for_the_driver
from catallaxy.sim.sweeps.outcome import Batch, Limits, Task
from catallaxy.sim.sweeps.plan import PlannedRun
from oracles.tasks import CONTEXT, act, is_alive, planned, worker_pids

TESTS = Path(__file__).parents[3]
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _warm(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "kernels"))


@pytest.fixture
def loky() -> Iterator[Pool]:
    pool = open_pool("loky", 2)
    yield pool
    pool.close(kill=True)


class FakePool(Pool):
    """Does tasks one after the other in a thread; some calls kill the worker that does them."""

    broken = (BrokenExecutor,)

    def __init__(self, workers: int = 2, kills: Iterable[int] = (), dead: bool = False) -> None:
        self.workers = workers
        self.renewals = 0
        self.most = 0
        self._kills, self._dead, self._calls = set(kills), dead, 0
        self._waiting: deque[tuple[Future[Any], Callable[[Any], Any], Any]] = deque()
        self._guard = threading.Condition()
        self._is_broken = self._closed = False
        threading.Thread(target=self._work, daemon=True).start()

    def submit(self, call: Callable[[Any], Any], task: Any) -> Future[Any]:
        with self._guard:
            if self._is_broken:
                raise BrokenExecutor("broken before")
            future: Future[Any] = Future()
            self._waiting.append((future, call, task))
            self.most = max(self.most, len(self._waiting))
            self._guard.notify()
            return future

    def renew(self) -> None:
        with self._guard:
            self._is_broken = False
            self.renewals += 1

    def close(self, kill: bool = False) -> None:
        with self._guard:
            self._closed = True
            self._guard.notify()

    def _work(self) -> None:
        while True:
            with self._guard:
                self._guard.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                future, call, task = self._waiting[0]
                self._calls += 1
                if self._dead or self._calls in self._kills or self._is_poison(task):
                    self._break()
                    continue
                self._waiting.popleft()
                future.set_result(call(task))

    @staticmethod
    def _is_poison(task: Any) -> bool:
        return isinstance(task, Task) and any("poison" in run.sets for run in task.runs)

    def _break(self) -> None:
        self._is_broken = True
        while self._waiting:
            self._waiting.popleft()[0].set_exception(BrokenExecutor("a fake worker died"))


def job(**options: Any) -> Job:
    return Job(CONTEXT, perform=act, **options)


def statuses(batches: Iterable[Batch]) -> dict[int, str]:
    """Return how every row ended; none may end twice."""
    found: dict[int, str] = {}
    for batch in batches:
        assert not found.keys() & batch.statuses.keys()
        found.update(batch.statuses)
    return found


def kept(batches: Iterable[Batch], found: dict[int, str]) -> Iterator[Batch]:
    """Pass batches on, and keep what they say even if the next one is an error."""
    for batch in batches:
        found.update(batch.statuses)
        yield batch


def all_complete(n: int, but: dict[int, str] | None = None) -> dict[int, str]:
    return {**dict.fromkeys(range(n), "complete"), **(but or {})}


def log_of(batch: Batch) -> dict[str, Any]:
    """Return the only row of a batch's log."""
    (row,) = batch.table("log").to_pylist()
    return dict(row)


@pytest.mark.parametrize(
    "executor",
    ["serial", ThreadPoolExecutor, lambda: ThreadPoolExecutor(3), lambda: spawning(2)],
    ids=["serial", "class", "threads", "processes"],
)
def test_every_run_is_done_once_whatever_the_pool(executor: Any) -> None:
    pool = open_pool(executor, 2)
    assert statuses(dispatch(planned(60), pool, job(), Stop())) == all_complete(60)
    pool.close()


def test_nothing_to_do_is_done_at_once() -> None:
    assert statuses(dispatch([], FakePool(), job(), Stop())) == {}


def test_runs_are_read_as_they_are_needed() -> None:
    pool, read = FakePool(workers=3), []

    def reading() -> Iterator[PlannedRun]:
        for run in planned(300):
            read.append(run.row)
            yield run

    finished = 0
    for batch in dispatch(reading(), pool, job(per_task=4), Stop()):
        finished += len(batch.statuses)
        assert len(read) - finished <= 2 * 3 * 4
    assert finished == 300
    assert pool.most <= 2 * 3


def test_tasks_grow_to_what_takes_a_while_and_keep_the_order() -> None:
    sizes: list[int] = []
    last = -1
    for batch in dispatch(planned(3000), SerialPool(), job(), Stop()):
        rows = list(batch.statuses)
        assert rows == list(range(last + 1, last + 1 + len(rows)))
        last = rows[-1]
        sizes.append(len(rows))
    assert sizes[0] == 1
    assert max(sizes) == 256


@given(
    st.integers(1, 120),
    st.integers(1, 4),
    st.sets(st.integers(1, 200), max_size=3),
    st.sets(st.integers(0, 119), max_size=5),
)
def test_deaths_lose_nothing_and_only_poison_is_blamed(n: int, workers: int, kills: set[int], poison: set[int]) -> None:
    pool = FakePool(workers, kills)
    odd = {row: {"poison": 1} for row in poison if row < n}
    found = statuses(dispatch(planned(n, odd), pool, job(), Stop()))
    pool.close()
    assert found == all_complete(n, dict.fromkeys(odd, "crashed"))


def test_a_pool_that_never_works_is_given_up() -> None:
    pool = FakePool(dead=True)
    with pytest.raises(CatallaxyError, match=r"cannot be started, 3 times in a row: BrokenExecutor: a fake worker"):
        statuses(dispatch(planned(50), pool, job(), Stop()))
    assert pool.renewals == 4


def test_a_sweep_of_which_every_run_kills_its_worker_is_given_up() -> None:
    found: dict[int, str] = {}
    batches = dispatch(planned(50, poison=1), FakePool(), job(), Stop())
    with pytest.raises(CatallaxyError, match=r"no run has been finished and 20 have killed their workers"):
        statuses(kept(batches, found))
    assert Counter(found.values()) == {"crashed": 20}


def test_an_error_of_ours_stops_the_sweep_with_its_message() -> None:
    with pytest.raises(CatallaxyError, match=r"^as the test wants it$"):
        statuses(dispatch(planned(50, {5: {"error": "ours"}}), SerialPool(), job(), Stop()))


def test_an_error_of_the_worker_stops_the_sweep_with_its_reason() -> None:
    with pytest.raises(CatallaxyError, match="a task could not be done at all: ValueError: as the test wants it"):
        statuses(dispatch(planned(50, {5: {"error": "value"}}), SerialPool(), job(), Stop()))


def test_a_task_that_cannot_be_sent_stops_the_sweep_with_its_reason(loky: Pool) -> None:
    with pytest.raises(CatallaxyError, match=r"could not be done at all: PicklingError"):
        statuses(dispatch(planned(5, lock=threading.Lock()), loky, job(), Stop()))


def test_a_stop_lets_what_is_under_way_finish() -> None:
    stop, found = Stop(grace_s=100.0), {}
    pool = open_pool(lambda: ThreadPoolExecutor(2))
    for batch in dispatch(planned(100, sleep=0.02), pool, job(per_task=2), stop):
        found.update(batch.statuses)
        if len(found) >= 5:
            stop.request()
    pool.close()
    assert 5 <= len(found) <= 6 + 2 * 4
    assert sorted(found) == list(range(len(found)))


def test_a_stop_in_this_process_keeps_what_had_finished() -> None:
    found: dict[int, str] = {}
    with Stop(grace_s=0.2) as stop:
        for batch in dispatch(planned(100, {3: {"sleep": 60}}), SerialPool(), job(per_task=1), stop):
            found.update(batch.statuses)
            if len(found) == 3:
                threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGTERM]).start()
    assert sorted(found) == [0, 1, 2]


def test_a_consumer_that_ends_leaves_no_task_and_no_worker(loky: Pool) -> None:
    batches = dispatch(planned(100, sleep=0.05), loky, job(), Stop())
    next(batches)
    next(batches)
    pids = worker_pids(loky)
    assert len(pids) == 2
    batches.close()
    assert not any(map(is_alive, pids))


@pytest.mark.slow
def test_a_stop_ends_workers_that_do_not_finish_in_time(loky: Pool) -> None:
    stop = Stop(grace_s=0.3)
    odd = {row: {"sleep": 60} for row in range(4, 100)}
    found = []
    for batch in dispatch(planned(100, odd), loky, job(per_task=1), stop):
        found += batch.statuses
        if len(found) == 4:
            pids, started = worker_pids(loky), time.monotonic()
            stop.request()
    assert sorted(found) == [0, 1, 2, 3]
    assert time.monotonic() - started < 50
    assert not any(map(is_alive, pids))


@pytest.mark.whole
@pytest.mark.slow
def test_a_run_that_kills_its_worker_is_found_and_its_neighbours_are_done(loky: Pool, tmp_path: Path) -> None:
    notes: list[str] = []
    odd = {
        30: {"signal": signal.SIGKILL},
        60: {"signal": signal.SIGSEGV, "trace": "Fatal Python error: Segmentation fault"},
        91: {"signal": signal.SIGKILL, "once": str(tmp_path / "once")},
    }
    limits = Limits(log_folder=str(tmp_path))
    batches = list(dispatch(planned(120, odd), loky, job(limits=limits, note=notes.append), Stop()))
    assert statuses(batches) == all_complete(120, {30: "crashed", 60: "crashed"})
    logs = {log["row"]: log for log in (log_of(batch) for batch in batches if "log" in batch.tables)}
    assert logs[30]["error"] == "kills its worker process: a worker process ended with SIGKILL(-9)"
    assert logs[60]["error"] == "kills its worker process: a worker process ended with SIGSEGV(-11)"
    assert logs[60]["traceback"] == "Fatal Python error: Segmentation fault"
    assert any("SIGKILL(-9); runs to be done again: " in note for note in notes)
    assert sum("the run is given up" in note for note in notes) == 2


@pytest.mark.slow
def test_a_worker_that_dies_while_it_sends_results_is_noticed(
    loky: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catallaxy.sim.sweeps.dispatch.loky_pool._UNNOTICED_S", 0.5)
    runs = planned(12, {5: {"half": True, "once": str(tmp_path / "once")}})
    assert statuses(dispatch(runs, loky, job(), Stop())) == all_complete(12)


@pytest.mark.whole
@pytest.mark.slow
def test_a_run_that_does_not_come_back_is_a_timeout(loky: Pool) -> None:
    limits = Limits(timeout_s=0.3)
    batches = list(dispatch(planned(8, {3: {"sleep": 60}}), loky, job(per_task=1, limits=limits, hang_s=2.0), Stop()))
    assert statuses(batches) == all_complete(8, {3: "timeout"})
    (log,) = [log_of(batch) for batch in batches if "log" in batch.tables]
    assert log["error"] == "took longer than 0.3 s"


@pytest.mark.whole
@pytest.mark.slow
def test_workers_killed_from_outside_lose_nothing_and_blame_nobody(loky: Pool) -> None:
    kills, found = 0, Counter[int]()
    for batch in dispatch(planned(150, sleep=0.01), loky, job(per_task=3), Stop()):
        found.update(batch.statuses.keys())
        assert set(batch.statuses.values()) == {"complete"}
        if len(found) > 30 * (kills + 1) and kills < 3:
            os.kill(worker_pids(loky)[0], signal.SIGKILL)
            kills += 1
    assert kills == 3
    assert found == Counter(range(150))


@pytest.mark.slow
def test_an_executor_of_the_caller_cannot_be_replaced_but_a_function_that_makes_one_can(tmp_path: Path) -> None:
    odd = {7: {"signal": signal.SIGKILL, "once": str(tmp_path / "first")}}
    with pytest.raises(CatallaxyError, match=r"a worker of the ProcessPoolExecutor has died.*`lambda: Proc"):
        statuses(dispatch(planned(20, odd), open_pool(spawning()), job(), Stop()))
    odd = {7: {"signal": signal.SIGKILL, "once": str(tmp_path / "second")}}
    pool = open_pool(spawning)
    assert statuses(dispatch(planned(20, odd), pool, job(), Stop())) == all_complete(20)
    pool.close()


def spawning(workers: int = 1) -> ProcessPoolExecutor:
    """Return processes that are no copies of this one, which has threads that a copy would not have."""
    import multiprocessing

    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))


DRIVER = """
import sys
from catallaxy.sim.sweeps.dispatch.dispatch import Job, dispatch
from catallaxy.sim.sweeps.dispatch.pools import open_pool
from catallaxy.sim.experiments.stopping import Stop
from oracles.tasks import CONTEXT, act, planned

if __name__ == "__main__":
    pool = open_pool(sys.argv[1], 2)
    with Stop(grace_s=float(sys.argv[2])) as stop:
        for batch in dispatch(planned(100_000, sleep=0.02, trail=sys.argv[3]), pool, Job(CONTEXT, perform=act), stop):
            for row in batch.statuses:
                print(row, flush=True)
    pool.close()
"""


def driver(tmp_path: Path, executor: str, grace_s: float) -> subprocess.Popen[str]:
    """Start a driver in a session of its own."""
    command = [sys.executable, "-c", DRIVER, executor, str(grace_s), str(tmp_path / "trail")]
    paths = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, start_new_session=True)


def seen(trail: Path) -> list[tuple[int, int]]:
    """Return row and process of every run that was begun; a line that is being written does not count."""
    lines = trail.read_text().split("\n")[:-1] if trail.exists() else []
    return [(int(row), int(pid)) for row, pid in map(str.split, lines)]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_a_signal_to_everything_ends_the_driver_quietly_and_keeps_what_was_under_way(tmp_path: Path) -> None:
    process = driver(tmp_path, "loky", 100.0)
    wait_for(lambda: len(seen(tmp_path / "trail")) > 60)
    os.killpg(process.pid, signal.SIGUSR1)
    out, messages = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert messages == ""
    begun = seen(tmp_path / "trail")
    assert sorted(map(int, out.split())) == sorted(row for row, _ in begun)
    assert not [pid for _, pid in begun if is_alive(pid)]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system cannot hold signals back")
def test_workers_that_are_not_ready_yet_survive_a_signal_to_everything(
    loky: Pool,
) -> None:
    """The workers are starting: they would be ended by these signals, whose handlers they do not have yet."""
    future = loky.submit(ready, "here")
    pids = worker_pids(loky)
    assert len(pids) == 2
    for pid in pids:
        for number in for_the_driver():
            os.kill(pid, number)
    assert future.result(timeout=PATIENCE_S) == ("here", set())
    assert worker_pids(loky) == pids


def ready(text: str) -> tuple[str, set[int]]:
    """Return a text, and the signals that this process holds back."""
    return text, set(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ())))


@pytest.mark.slow
def test_a_second_signal_ends_the_driver_at_once_and_quietly(tmp_path: Path) -> None:
    process = driver(tmp_path, "loky", 100.0)
    wait_for(lambda: len(seen(tmp_path / "trail")) > 60)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert messages == ""
    assert not [pid for _, pid in seen(tmp_path / "trail") if is_alive(pid)]


@pytest.mark.slow
def test_workers_end_when_their_driver_is_killed(tmp_path: Path) -> None:
    process = driver(tmp_path, "loky", 100.0)
    wait_for(lambda: len(seen(tmp_path / "trail")) > 20)
    process.kill()
    process.wait(timeout=PATIENCE_S)
    pids = {pid for _, pid in seen(tmp_path / "trail")}
    assert pids
    wait_for(lambda: not any(map(is_alive, pids)))
    process.communicate(timeout=PATIENCE_S)
