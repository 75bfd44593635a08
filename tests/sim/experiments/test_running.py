"""Running scenarios from Python: results, replicates, repetition, and runs that end early."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import catallaxy as cx
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.experiments.running import Request, _same_as_far_as, rerun, run_scenario
from catallaxy.sim.recording.record import RunRecord

pytestmark = pytest.mark.jit


def test_the_facade_has_a_score_of_documented_names() -> None:
    assert 10 <= len(cx.__all__) <= 20
    for name in cx.__all__:
        assert getattr(cx, name).__doc__, name
    with pytest.raises(AttributeError, match="no_such_name"):
        cx.no_such_name  # noqa: B018


def test_a_run_in_memory() -> None:
    result = cx.run("minimal", seed=7, steps=20)
    assert result.status == "complete"
    assert result.path is None
    assert len(result.series) == 20
    assert {"price", "adoption", "fees_to_emission"} <= set(result.series.columns)
    assert result.manifest["seed"] == 7
    assert result.plot().axes


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not() -> None:
    first, again, other = (cx.run("minimal", seed=seed, steps=30) for seed in (7, 7, 8))
    assert first.same_bits(again)
    assert not first.same_bits(other)


def test_replicates_do_not_depend_on_how_many_run_at_once() -> None:
    serial = cx.run("minimal", steps=10, replicates=3)
    parallel = cx.run("minimal", steps=10, replicates=3, jobs=2)
    assert serial.same_bits(parallel)
    seeds = serial.runs["seed"].tolist()
    assert len(set(seeds)) == 3


def test_more_replicates_leave_the_first_ones_alone() -> None:
    two, three = (cx.run("minimal", steps=5, replicates=n) for n in (2, 3))
    assert (three.panel("price")[:2] == two.panel("price")).all()


def test_a_finished_result_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []

    def counted(*arguments: object) -> RunRecord:
        runs.append(arguments)
        return simulate(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("catallaxy.sim.experiments.running.simulate", counted)
    first = cx.run("minimal", steps=5, out="results")
    assert cx.run("minimal", steps=5, out="results").same_bits(first)
    assert len(runs) == 1
    cx.run("minimal", steps=5, out="results", force=True)
    assert len(runs) == 2


def test_a_rerun_is_identical() -> None:
    done = cx.run("three-networks", steps=8, out="results")
    assert done.path is not None
    new, same = rerun(done.path, Request())
    assert same
    assert new.status == "complete"


class _SignalsWhenFreed:
    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_what_was_recorded_even_where_exceptions_are_swallowed(number: int) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 6:
            _SignalsWhenFreed(number)

    scenario = cx.load("minimal", sets={"steps": 50})
    result = run_scenario(scenario, Request(out=Path("results")), stop)
    assert result.status == "interrupted"
    assert result.manifest["steps"]["done"] == [6]
    assert result.path is not None
    again = cx.open_result(result.path)
    assert again.status == "interrupted"
    assert len(again.series) == 6
    assert rerun(result.path, Request())[1]
    assert not _same_as_far_as(again, cx.run("minimal", steps=50, seed=2))


def test_an_exception_keeps_what_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    from catallaxy.sim.engine.phases import PHASES, Phase

    def fail(economy: object) -> None:
        if economy.step == 3:  # type: ignore[attr-defined]
            raise ZeroDivisionError("a plug-in divided by nothing")

    monkeypatch.setattr("catallaxy.sim.engine.engine.PHASES", (Phase("fail", "Fail.", fail), *PHASES))
    result = cx.run("minimal", steps=10, out="results")
    assert result.status == "failed"
    assert result.manifest["steps"]["done"] == [3]
    assert "divided by nothing" in result.manifest["problems"][0]["error"]


def test_an_unwritable_folder_is_refused_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("results").write_text("in the way")
    monkeypatch.setattr("catallaxy.sim.experiments.running.simulate", lambda *_: pytest.fail("it ran"))
    with pytest.raises(cx.ResultsError, match="results"):
        cx.run("minimal", steps=5, out="results")
