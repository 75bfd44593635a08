"""A function may take so long: in the main thread and in others, whatever it catches, and nothing is left behind."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from catallaxy.sim.sweeps.workers.timeouts import OutOfTime, hard_stop, hard_stop_after, within

#: An exception that waits for another thread makes a *traced* Python 3.11 spin, and coverage traces.
pytestmark = pytest.mark.timing

T = TypeVar("T")
SHORT_S, LONG_S = 0.05, 60.0


def in_main_thread(function: Callable[[], T]) -> T:
    return function()


def in_another_thread(function: Callable[[], T]) -> T:
    results: list[T] = []
    errors: list[BaseException] = []

    def caught() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=caught)
    thread.start()
    thread.join(30.0)
    assert not thread.is_alive()
    if errors:
        raise errors[0]
    return results[0]


ANYWHERE = pytest.mark.parametrize("where", [in_main_thread, in_another_thread])


def for_ever() -> None:
    while True:
        sum(range(100))


def for_ever_whatever_happens() -> None:
    while True:
        try:
            sum(range(100))
        except Exception:
            continue


@ANYWHERE
@pytest.mark.parametrize("function", [for_ever, for_ever_whatever_happens])
def test_python_code_is_stopped(where: Callable[[Callable[[], T]], T], function: Callable[[], T]) -> None:
    started = time.monotonic()
    with pytest.raises(OutOfTime):
        where(lambda: within(SHORT_S, function))
    assert time.monotonic() - started < 20.0


def test_a_wait_is_stopped_in_the_main_thread() -> None:
    with pytest.raises(OutOfTime):
        within(SHORT_S, lambda: time.sleep(LONG_S))


@pytest.mark.slow
@ANYWHERE
def test_one_that_swallows_the_first_stop_gets_a_second(where: Callable[[Callable[[], T]], T]) -> None:
    def swallows() -> None:
        try:
            for_ever()
        except OutOfTime:
            for_ever()

    with pytest.raises(OutOfTime):
        where(lambda: within(SHORT_S, swallows))


@ANYWHERE
def test_a_result_in_time_is_returned_and_no_timer_is_left(where: Callable[[Callable[[], T]], T]) -> None:
    def many() -> list[int]:
        results = [within(0.5, lambda n=n: n) for n in range(50)]
        deadline = time.monotonic() + 0.6
        while time.monotonic() < deadline:
            pass
        return results

    threads = threading.active_count()
    assert where(many) == list(range(50))
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert threading.active_count() == threads


@ANYWHERE
def test_a_result_at_the_last_moment_is_either_kept_or_out_of_time(where: Callable[[Callable[[], T]], T]) -> None:
    def close_call(limit: float) -> str:
        def busy() -> str:
            until = time.monotonic() + 0.005
            while time.monotonic() < until:
                pass
            return "kept"

        try:
            return within(limit, busy)
        except OutOfTime:
            return "late"

    def many() -> set[str]:
        return {close_call(0.005 + 0.00002 * (i - 30)) for i in range(60)}

    assert where(many) <= {"kept", "late"}
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_the_stop_finds_finished_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class TooLate:
        armed = False

        def __init__(self, _seconds: float) -> None:
            self.disarmed = 0

        def arm(self) -> None:
            pass

        def disarm(self) -> None:
            self.disarmed += 1
            if self.disarmed == 1:
                raise OutOfTime

    monkeypatch.setattr("catallaxy.sim.sweeps.workers.timeouts._Alarm", TooLate)
    assert within(LONG_S, lambda: 7) == 7


@ANYWHERE
def test_errors_pass_and_the_handler_is_restored(where: Callable[[Callable[[], T]], T]) -> None:
    def fails() -> None:
        raise KeyError("x")

    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(KeyError):
        where(lambda: within(LONG_S, fails))
    assert signal.getsignal(signal.SIGALRM) is before


def test_no_limit_is_no_timer() -> None:
    assert within(None, lambda: signal.getitimer(signal.ITIMER_REAL)) == (0.0, 0.0)


def test_another_timer_goes_on() -> None:
    signal.setitimer(signal.ITIMER_REAL, LONG_S)
    try:
        within(1.0, lambda: None)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 1.0
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


@pytest.mark.parametrize(("seconds", "after"), [(0.5, 2.5), (10.0, 15.0), (1000.0, 1030.0)])
def test_the_process_ends_half_as_long_again_later(seconds: float, after: float) -> None:
    assert hard_stop_after(seconds) == after


def test_a_process_that_is_done_is_not_ended(tmp_path: Path) -> None:
    file = io.FileIO(tmp_path / "log", "w")
    with hard_stop(0.0, file):
        pass
    with hard_stop(None, file):
        pass
    file.close()
    assert (tmp_path / "log").stat().st_size == 0


@pytest.mark.slow
def test_a_process_that_goes_on_is_ended_and_says_where_it_was(tmp_path: Path) -> None:
    code = (
        "import io, time\n"
        "from catallaxy.sim.sweeps.workers.timeouts import hard_stop\n"
        "def stuck():\n    time.sleep(300)\n"
        "with hard_stop(0.1, io.FileIO('log', 'w')):\n    stuck()\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False, timeout=120)
    assert run.returncode == 1
    text = (tmp_path / "log").read_text()
    assert text.startswith("Timeout (")
    assert "in stuck" in text
