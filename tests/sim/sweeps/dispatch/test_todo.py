from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.sweeps.dispatch.todo import MOST_RUNS, Flight, Pace, Todo
from oracles.tasks import planned

TIMEOUT, FATAL, SILENT = "Timeout (0:00:02)!\nThread ...", "Fatal Python error: Segmentation fault", ""


def rows(flight: Flight | None) -> list[int]:
    assert flight is not None
    return [run.row for run in flight.runs]


def test_runs_are_read_when_they_are_sent_and_in_order() -> None:
    numbers = count()
    todo = Todo(run for run in planned(100) if next(numbers) >= 0)
    assert rows(todo.next(3, ())) == [0, 1, 2]
    assert next(numbers) == 3
    assert rows(todo.next(1, ())) == [3]


def test_asking_whether_anything_is_left_loses_nothing() -> None:
    todo = Todo(planned(3))
    assert todo.any_left()
    assert [rows(todo.next(2, ())), rows(todo.next(2, ()))] == [[0], [1, 2]]
    assert not todo.any_left()


def test_a_task_that_was_never_sent_comes_first() -> None:
    todo = Todo(planned(4))
    flight = todo.next(2, ())
    assert flight is not None
    todo.put_back(flight)
    assert rows(todo.next(1, ())) == [0, 1]


def test_suspects_come_back_after_the_fresh_runs_one_by_one_and_then_alone() -> None:
    todo = Todo(planned(4))
    assert todo.lost([todo.next(2, ())], {}) == []
    assert rows(todo.next(2, ())) == [2, 3]
    singles = [todo.next(2, ()), todo.next(2, ())]
    assert [rows(flight) for flight in singles] == [[0], [1]]
    assert todo.lost(singles, {}) == []
    other = Flight(tuple(planned(1)))
    assert todo.next(2, [other]) is None
    alone = todo.next(2, ())
    assert alone is not None
    assert alone.alone
    assert rows(alone) == [0]
    assert todo.next(2, [alone]) is None
    assert todo.lost([alone], {}) == []
    again = todo.next(2, ())
    assert rows(again) == [0]
    assert [run.row for run in todo.lost([again], {})] == [0]
    assert rows(todo.next(2, ())) == [1]
    assert not todo.any_left()


def test_only_runs_that_a_crash_log_names_are_suspects() -> None:
    todo = Todo(planned(6))
    flights = [todo.next(3, ()), todo.next(3, ())]
    assert todo.lost(flights, {1: SILENT, 99: FATAL}) == []
    assert [rows(todo.next(3, ())) for _ in range(3)] == [[0, 2], [3, 4, 5], [1]]


@pytest.mark.parametrize(
    ("trace", "deaths"), [(TIMEOUT, 1), (FATAL, 2), (SILENT, 4)], ids=["timeout", "fatal", "silent"]
)
def test_a_trace_shortens_the_trial(trace: str, deaths: int) -> None:
    todo = Todo(planned(1))
    outcomes = []
    while (flight := todo.next(1, ())) is not None:
        outcomes.append(len(todo.lost([flight], {0: trace})))
    assert outcomes == [0] * (deaths - 1) + [1]
    assert not todo.any_left()


def test_a_run_that_hangs_alone_is_given_up_at_once() -> None:
    todo = Todo(planned(1))
    outcomes = []
    while (flight := todo.next(1, ())) is not None:
        outcomes.append((flight.alone, len(todo.lost([flight], {}, hung=True))))
    assert outcomes == [(False, 0), (False, 0), (True, 1)]


def test_pace_aims_at_three_quarters_of_a_second_and_grows_gently() -> None:
    pace = Pace()
    sizes = [pace.size]
    for _ in range(12):
        pace.learn(pace.size, 0.01 * pace.size)
        sizes.append(pace.size)
    assert sizes[:3] == [1, 4, 16]
    assert sizes[-1] in {74, 75}
    for _ in range(12):
        pace.learn(pace.size, 3.0 * pace.size)
    assert pace.size == 1


@given(st.lists(st.tuples(st.integers(1, 256), st.floats(0.0, 1e6)), max_size=20))
def test_pace_stays_within_its_limits(learnt: list[tuple[int, float]]) -> None:
    pace = Pace()
    for runs, seconds in learnt:
        pace.learn(runs, seconds)
        assert 1 <= pace.size <= MOST_RUNS


def test_a_fixed_pace_does_not_learn() -> None:
    pace = Pace(7)
    pace.learn(7, 100.0)
    assert pace.size == 7
