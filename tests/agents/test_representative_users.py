"""One user who stands for all of a segment: nobody lost, and what many agents do on average."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy import numba_kernels as nk
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.population import Site
from catallaxy.agents.users import Offers, RepresentativeUsers, Users, UsersSpec
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

SEGMENTS = {"private": {"share": 0.3, "openness": 1.0}, "business": {"share": 0.7, "quality": 3.0}}
OFFERS = Offers(np.array([0.8, 1.1]), np.array([0.9, 1.0]), 0.01, 1.0, np.full(2, 0.5))


def users(count: int = 500, **parameters: Any) -> Users:
    site = Site(np.uint64(11), 1000, 2, np.array([10**9, 10**6]), np.array([2.0, 0.5]), 1.0, Lanes())
    given = {"kind": "users", "count": count, "segments": SEGMENTS, "start_share": 0.2, **parameters}
    return UsersSpec.model_validate(given).build("users", site)


def test_nobody_and_no_spending_is_lost() -> None:
    one = users(fidelity="representative", innovation={"per_year": 20}, churn={"per_year": 20})
    assert isinstance(one, RepresentativeUsers)
    for step in range(50):
        before = one.members.sum(axis=0)[:-1]
        tally = one.adopt(np.uint64(step), OFFERS)
        assert tally[:, 0].sum() == pytest.approx(len(one))
        assert tally[:, 1].sum() == pytest.approx(one.spending.sum())
        assert tally[:-1, 0] == pytest.approx(before + tally[:-1, 2] - tally[:-1, 3])
        assert one.members.min() >= 0


def test_without_chance_the_key_is_without_effect() -> None:
    one, other = users(fidelity="representative"), users(fidelity="representative")
    for step in range(5):
        assert np.array_equal(one.adopt(np.uint64(step), OFFERS), other.adopt(np.uint64(99 - step), OFFERS))


@pytest.mark.jit
def test_it_is_what_many_agents_come_to() -> None:
    fast = {"innovation": {"per_year": 3}, "imitation": {"per_year": 9}, "churn": {"per_year": 4}}
    count = 200_000
    many, one = users(count, **fast), users(count, fidelity="representative", **fast)
    for step in range(100):
        drawn = many.adopt(nk.random.step_key(7, 3, step), OFFERS)
        expected = one.adopt(np.uint64(0), OFFERS)
    assert drawn[:, 0] / count == pytest.approx(expected[:, 0] / count, abs=0.006)
    assert drawn[:, 1] == pytest.approx(expected[:, 1], rel=0.03)


@pytest.mark.jit
def test_a_scenario_can_ask_for_either() -> None:
    changes = {"steps": 60, "populations.users.count": 2000, "populations.users.start_share": 0.3}
    drawn = simulate(load("minimal", sets=changes))
    expected = simulate(load("minimal", sets={**changes, "populations.users.fidelity": "representative"}))
    assert drawn.status == expected.status == "complete"
    gap = np.abs(drawn.series["adoption"] - expected.series["adoption"])
    assert 0.0 < gap.max() < 4.0 * 0.5 / np.sqrt(2000)
