"""Progress of a sweep, on a clock that the test turns."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from catallaxy.sim.sweeps import progress
from catallaxy.sim.sweeps.progress import Pace, counted, duration, rate_text, shown_progress


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ended(first: int, number: int, status: str = "complete") -> dict[int, str]:
    return dict.fromkeys(range(first, first + number), status)


def plain() -> tuple[Console, Callable[[], list[str]]]:
    text = io.StringIO()
    return Console(file=text, force_terminal=False, width=40), lambda: text.getvalue().splitlines()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0354, "35 ms"),
        (0.0996, "0.1 s"),
        (4.24, "4.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (3599.6, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (86400 * 3 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("per_second", "text"),
    [
        (4.12, "4.1 runs/s"),
        (1234.0, "1,234 runs/s"),
        (0.2, "12 runs/min"),
        (1 / 1200, "3.0 runs/h"),
        (0.0, "0.0 runs/h"),
    ],
)
def test_rates_use_the_unit_that_suits_them(per_second: float, text: str) -> None:
    assert rate_text(per_second) == text


def test_nouns_follow_their_number() -> None:
    assert [counted(1), counted(2000), counted(0, "point")] == ["1 run", "2,000 runs", "0 points"]


def test_runs_done_before_do_not_count_as_speed() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.start(total=1000, done=900, failed=4)
    assert (pace.rate, pace.left_s) == (0.0, None)
    clock.now += 10
    pace.add(ended(900, 20))
    assert pace.rate == pytest.approx(2.0)
    assert pace.left_s == pytest.approx(40.0)
    assert (pace.done, pace.failed) == (920, 4)


def test_the_time_that_workers_need_to_start_is_forgotten_once_results_flow() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.start(1000, 0, 0)
    clock.now += 20
    pace.add(ended(0, 10))
    for tenth in range(1, 4):
        clock.now += 5
        pace.add(ended(10 * tenth, 10))
    assert pace.rate == pytest.approx(2.0)


def test_two_first_results_at_the_same_moment_do_not_promise_the_moon() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.start(1000, 0, 0)
    clock.now += 20
    pace.add(ended(0, 10))
    clock.now += 0.01
    pace.add(ended(10, 10))
    assert pace.rate == pytest.approx(1.0, rel=0.01)


def test_the_rate_is_that_of_the_last_minute() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.start(100_000, 0, 0)
    row = 0
    for per_second in (100, 1):
        for _ in range(120):
            clock.now += 1
            pace.add(ended(row, per_second))
            row += per_second
    assert pace.rate == pytest.approx(1.0)


def test_runs_longer_than_a_minute_have_a_rate_too() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.start(100, 0, 0)
    for row in range(6):
        clock.now += 600
        pace.add(ended(row, 1))
    assert pace.rate == pytest.approx(1 / 600)
    assert pace.words() == "6.0 runs/h, 15 h 40 min left"


def test_failures_are_counted_and_said() -> None:
    pace = Pace(Clock())
    pace.start(10, 2, 1)
    pace.add({2: "complete", 3: "timeout", 4: "failed"})
    assert (pace.done, pace.failed) == (5, 3)
    assert pace.words().startswith("3 failed")


def test_without_a_terminal_there_is_a_first_line_one_every_half_minute_and_a_last_one() -> None:
    clock = Clock()
    console, lines = plain()
    with shown_progress(console=console, clock=clock) as listener:
        assert listener is not None
        listener.started(200, 100, 2)
        for row in range(100, 200):
            clock.now += 1
            listener.advanced({row: "failed" if row == 150 else "complete"})
    first, *between, last = lines()
    assert first == "resuming: 100 of 200 runs done, 2 failed, 100 left"
    assert len(between) == 3
    assert between[-1] == "190 of 200 runs done, 3 failed, 10 left; 1.0 runs/s, 10 s to go"
    assert last == "200 of 200 runs done, 3 failed, 0 left after 1 min 40 s"


def test_nothing_is_said_twice_and_long_notes_stay_on_one_line() -> None:
    console, lines = plain()
    with shown_progress(console=console, clock=Clock()) as listener:
        assert listener is not None
        listener.started(5, 5, 0)
        listener.noted("a worker died; [its] runs are done again, one at a time, to find which of them did it")
    assert lines() == [
        "5 of 5 runs done, 0 left",
        "a worker died; [its] runs are done again, one at a time, to find which of them did it",
    ]


def test_the_last_line_comes_although_the_sweep_is_stopped() -> None:
    console, lines = plain()

    def stopped() -> None:
        with shown_progress(console=console, clock=Clock()) as listener:
            assert listener is not None
            listener.started(5, 0, 0)
            listener.advanced({0: "complete"})
            listener.advanced({1: "complete"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert lines()[-1].startswith("2 of 5 runs done")


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    clock, text = Clock(), io.StringIO()
    console = Console(file=text, force_terminal=True, width=100, color_system=None)
    with shown_progress(console=console, clock=clock) as listener:
        assert listener is not None
        listener.started(200, 100, 0)
        clock.now += 10
        listener.advanced(ended(100, 20))
        listener.noted("a worker died")
    seen = text.getvalue()
    assert "starting workers" in seen
    assert "resuming: 100 of 200 runs done, 100 left" in seen
    assert "a worker died" in seen
    assert "120/200 2.0 runs/s, 40 s left" in seen
    assert seen.endswith("\x1b[2K")


def test_a_notebook_gets_a_bar_when_it_can_draw_one(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(file=io.StringIO(), force_jupyter=True)
    found: dict[str, object] = {}
    monkeypatch.setattr(progress, "find_spec", found.get)
    assert not progress._can_animate(console)
    found["ipywidgets"] = object()
    assert progress._can_animate(console)


def test_a_sweep_that_never_starts_shows_nothing() -> None:
    console, lines = plain()
    with shown_progress(console=console, clock=Clock()):
        pass
    assert lines() == []


def test_quiet_means_no_listener() -> None:
    with shown_progress(quiet=True) as listener:
        assert listener is None
