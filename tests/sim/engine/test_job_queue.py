"""Jobs that wait, in runs: work is conserved, queues settle where theory has them, and outages make them longer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.agents.choice import Offers, SegmentSpec, choose
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit

#: Three nodes, with hardly enough hours for inference.
SHORT = {"populations.compute_nodes.count": 3, "seed": 1, "steps": 240}


def started(queue: dict[str, Any], **sets: Any) -> Engine:
    return Engine(load("minimal", sets={**SHORT, "populations.model_builders.queue": queue, **sets}))


def test_work_is_conserved_step_by_step() -> None:
    engine = started({"order": "oldest first", "abandonment": {"per_day": 0.1}}, steps=60)
    builders = engine.economy.builders
    assert builders.queue is not None
    for _ in range(60):
        before = builders.queue.waiting.sum()
        engine.step()
        joined, served, left, given_up, _ = builders.queue.moves.sum(axis=0)
        assert builders.queue.waiting.sum() == before + joined - served - left - given_up
        assert builders.usd.min() >= 0
    assert builders.queue.waiting.sum() > 0


def test_a_steady_queue_is_what_joins_times_the_mean_patience() -> None:
    engine = started({"abandonment": {"per_day": 0.05}, "longest_days": 3650})
    engine.run()
    series = {name: values[-60:, 0] for name, values in engine.record().series.items()}
    to_cloud = series["jobs_to_cloud"] + series["jobs_given_up"]
    assert to_cloud.mean() / series["jobs_waiting"].mean() == pytest.approx(1.0 - np.exp(-0.05), rel=0.05)
    assert (series["gpu_hours_sold"] <= series["gpu_hours_supplied"] * (1.0 + 1e-9)).all()


def test_without_the_cloud_jobs_stay() -> None:
    outage = [{"date": "2025-03-01", "target": "drivers.cloud_availability", "set": 0.0, "for_days": 10}]
    waiting = {}
    for name, events in (("calm", []), ("outage", outage)):
        engine = started({}, steps=70, events=events)
        engine.run()
        waiting[name] = engine.record().series["jobs_waiting"][:, 0]
    assert waiting["outage"][68] > 2.0 * waiting["calm"][68]
    assert (waiting["outage"][:50] == waiting["calm"][:50]).all()


def test_users_who_mind_choose_a_network_that_delivers() -> None:
    offers = Offers(np.ones(2), np.ones(2), 0.0, 1.0, np.zeros(2), delivered=np.array([1.0, 0.25]))
    careless, careful = (SegmentSpec(share=0.5, reliability=weight) for weight in (0.0, 2.0))
    networks = choose([careless, careful], offers, None).networks
    assert networks[0, 0] == networks[0, 1]
    assert networks[1, 1] / networks[1, 0] == pytest.approx(0.25**2)
