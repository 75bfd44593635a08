"""Snapshots: taken when asked, complete, exact, and without any influence on the run."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.recording.snapshots import Snapshots
from catallaxy.sim.scenario.loading import load

STEPS = 4


@pytest.mark.parametrize(
    ("steps", "taken"), [((), []), ((0,), [0]), ((1, 3), [1, 3]), ((-1,), [3]), ((3, -1), [3]), ((0, 9), [0])]
)
def test_they_are_taken_after_the_asked_steps(steps: tuple[int, ...], taken: list[int]) -> None:
    wanted = Snapshots(("users",), steps)
    assert [step for step in range(STEPS) if wanted.due(step, STEPS)] == taken


def test_one_holds_every_declared_column_as_it_was() -> None:
    engine = Engine(load("three-networks", sets={"steps": STEPS}), snapshots=Snapshots(("speculators", "users"), (1,)))
    engine.step()
    engine.step()
    held = engine.economy.populations["speculators"]
    kept = {name: values.copy() for name, values in held.columns.items()}
    engine.run()
    first, second = engine.record().snapshots
    assert (first.population, first.step, second.population) == ("speculators", 1, "users")
    assert first.networks == engine.economy.names
    assert [column.name for column, _ in first.columns] == [c.name for c in held.COLUMNS if c.name != "ids"]
    np.testing.assert_array_equal(first.agents, kept["ids"])
    for column, values in first.columns:
        if values.dtype.kind == "f":
            assert values.dtype == np.float32
            np.testing.assert_array_equal(values, kept[column.name].astype(np.float32))
        else:
            assert values.dtype == kept[column.name].dtype
            np.testing.assert_array_equal(values, kept[column.name])
    assert len(first) == held.n


def test_a_population_that_is_not_there_is_left_out() -> None:
    scenario = load("minimal", sets={"steps": STEPS})
    record = simulate(scenario, snapshots=Snapshots(("nobody", "users"), (-1,)))
    assert [(shot.population, shot.step) for shot in record.snapshots] == [("users", STEPS - 1)]


def test_they_change_nothing() -> None:
    scenario = load("minimal", sets={"steps": STEPS})
    with_them = simulate(scenario, snapshots=Snapshots(tuple(scenario.populations), (0, 1, 2, -1)))
    without = simulate(scenario)
    assert without.snapshots == []
    for name, values in without.series.items():
        np.testing.assert_array_equal(values, with_them.series[name])
