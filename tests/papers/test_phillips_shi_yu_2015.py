"""Bubble tests: the process with one bubble, and the published critical values."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.papers.phillips_shi_yu_2015.replication import Parameters, with_bubble
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate

NAME = "phillips-shi-yu-2015"


def test_the_bubble_grows_by_its_root_and_bursts_to_where_it_began() -> None:
    parameters = find_replication(NAME).parameters()
    assert isinstance(parameters, Parameters)
    [levels] = with_bubble(parameters, np.zeros((1, 99)))
    root = 1 + 100**-0.6
    assert (levels[:39] == 100.0).all()
    assert levels[39:55] == pytest.approx(100.0 * root ** np.arange(1, 17))
    assert levels[55:] == pytest.approx(np.full(45, 100.0 * root))
    one, other = with_bubble(parameters, np.eye(2, 99, 19))
    assert one[18:21] == pytest.approx([100.0, 100.0, 106.79])
    assert other[19:22] == pytest.approx([100.0, 100.0, 106.79])


@pytest.mark.jit
@pytest.mark.slow
def test_a_small_sample_agrees() -> None:
    outcome = replicate(NAME, quick=True)
    assert outcome.passed
    assert len(outcome.rows) == 20


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_critical_values_come_out() -> None:
    assert replicate(NAME).passed
