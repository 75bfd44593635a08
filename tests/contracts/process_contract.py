"""What every driver process must do: inherit `ProcessContract`, give it a process, and run pytest.

    class TestMyProcess(ProcessContract):
        @pytest.fixture
        def process(self):
            return MyProcess(kind="my_rules:MyProcess", level=2.0)

A process without chance passes as well: then neither the seed nor the driver may move it.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from catallaxy.agents.plugins import Plugin
from catallaxy.sim.environment.paths import Draws, Horizon
from catallaxy.sim.environment.processes import Process
from contracts.plugin_contract import PluginContract

START = date(2024, 1, 1)
STEPS = 200


def path(process: Process, n_steps: int = STEPS, dt_days: float = 1.0, seed: int = 1, driver: int = 3) -> np.ndarray:
    """Return a path of the process, before guards."""
    return process.path(Horizon(START, n_steps, dt_days), Draws(seed, driver))


class ProcessContract(PluginContract):
    """Conformance tests of one process."""

    @pytest.fixture
    def process(self) -> Process:
        raise NotImplementedError("override the fixture `process` with the process under test")

    @pytest.fixture
    def plugin(self, process: Process) -> Plugin:
        return process

    @pytest.mark.parametrize("dt_days", [0.25, 1.0, 30.0])
    def test_a_path_has_a_finite_value_for_every_step(self, process: Process, dt_days: float) -> None:
        values = path(process, dt_days=dt_days)
        assert values.shape == (STEPS,)
        assert values.dtype == np.float64
        assert np.all(np.isfinite(values))

    def test_a_path_may_have_one_step(self, process: Process) -> None:
        assert path(process, 1).tolist() == path(process)[:1].tolist()

    def test_a_longer_run_keeps_the_path_so_far(self, process: Process) -> None:
        np.testing.assert_array_equal(path(process, STEPS)[:120], path(process, 120))

    def test_every_call_gives_a_fresh_array(self, process: Process) -> None:
        first = path(process)
        kept = first.copy()
        first[:] = -1.0
        np.testing.assert_array_equal(path(process), kept)

    def test_starts_at_its_first_anchor(self, process: Process) -> None:
        anchors = process.anchors()
        if not anchors:
            pytest.skip("this process names no values that it starts from")
        assert path(process)[0] == pytest.approx(anchors[0])

    def test_chance_is_that_of_the_seed_and_the_driver(self, process: Process) -> None:
        moved = [np.array_equal(path(process), path(process, **other)) for other in ({"seed": 2}, {"driver": 4})]
        assert moved[0] == moved[1], "chance comes from `draws` alone: another seed and another driver both change it"
