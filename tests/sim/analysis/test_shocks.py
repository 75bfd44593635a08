"""Onset and recovery on hand-made paths."""

from __future__ import annotations

import math

import numpy as np
import pytest

from catallaxy.sim.analysis.shocks import onset, recovery_steps


def test_the_onset_is_the_first_step_of_the_first_shock() -> None:
    assert onset(np.array([0.0, 0.0, 1.0, 0.0, 1.0])) == 2
    assert onset(np.array([1.0, 0.0])) is None
    assert onset(np.zeros(3)) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([1.0, 1.0, 0.96, 1.0, 1.0, 1.0], 0.0),
        ([1.0, 0.5, 0.9, 0.95, 1.0, 1.0], 2.0),
        ([1.0, 0.5, 0.96, 0.9, 1.0, 1.0], 3.0),
        ([1.0, 1.0, 0.5, 0.6, 0.7, 0.8], 5.0),
        ([1.0, 0.5, 0.5, 0.5, 0.5, 1.0], 4.0),
    ],
    ids=["never below", "back", "back for good", "never back", "back in the end"],
)
def test_recovery_counts_from_the_shock_to_the_return(path: list[float], expected: float) -> None:
    assert recovery_steps(np.array(path), 1.0, 1, hold=2) == expected


def test_recovery_against_a_paired_run() -> None:
    without = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    assert recovery_steps(np.array([1.0, 1.0, 3.0, 7.7, 16.0]), without, 1, hold=1) == 2.0
    assert math.isnan(recovery_steps(np.ones(5), np.zeros(5), 1))
