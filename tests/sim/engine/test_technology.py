"""Technology outside the networks: congestion of layer 2, interoperability, and what consensus costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.environment.layer2 import Layer2Spec
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

BUSY = {"payments": {"per_day": 200}, "others": 0.8}


def run(name: str = "minimal", **sets: Any) -> RunRecord:
    record = simulate(load(name, sets={"steps": 40, "populations.users.start_share": 0.3, **sets}))
    assert record.status == "complete", record.error
    return record


def test_the_fee_clears_the_market_for_transactions() -> None:
    layer = Layer2Spec.model_validate({"others": 0.5, "elasticity": 0.4, "payments": {"per_day": 2}})
    use = layer.use(4_320_000, 0.0, 100.0, 1.0)
    assert use == pytest.approx(1.5)
    fee = layer.dearer(use)
    assert use * fee**-0.4 == pytest.approx(1.0)
    assert layer.dearer(0.99) == 1.0


@pytest.mark.jit
def test_a_busy_layer_2_costs_more_until_it_carries_more() -> None:
    layer = {"services.layer2": BUSY, "drivers.transaction_cost": 1.0}
    free, narrow, wide = (
        run(**sets)
        for sets in (
            {"drivers.transaction_cost": 1.0},
            {**layer, "drivers.layer2_throughput": 100.0},
            {**layer, "drivers.layer2_throughput": 1e6},
        )
    )
    assert narrow.series["layer2_use"][-1, 0] > 2.0
    fee = narrow.series["layer2_fee"]
    assert fee[1:] == pytest.approx(np.maximum(narrow.series["layer2_use"], 1.0)[1:] ** 2)
    assert wide.series["price"].tobytes() == free.series["price"].tobytes()
    assert narrow.series["providers_active"][-1, 0] < wide.series["providers_active"][-1, 0]
    assert narrow.series["users"][-1, 0] < wide.series["users"][-1, 0]


@pytest.mark.jit
def test_users_of_other_networks_count_as_far_as_networks_are_interoperable() -> None:
    talk = {"populations.users.imitation": {"per_year": 6}, "populations.users.compatibility": 1.0}
    joined = [
        run("three-networks", **talk, **{"drivers.interoperability": degree}).series["joined"].sum()
        for degree in (0.0, 0.5, 1.0)
    ]
    assert joined[0] < joined[1] < joined[2]


@pytest.mark.jit
def test_small_nodes_cannot_afford_consensus_and_others_pay_for_it() -> None:
    def nodes(load_of_consensus: float) -> Engine:
        engine = Engine(load("minimal", sets={"steps": 40, "networks.alpha.consensus_load": load_of_consensus}))
        engine.run()
        return engine

    free, dear = nodes(0.0).economy.nodes, nodes(1.0)
    there = dear.economy.nodes
    assert 0 < there.online.sum() < free.online.sum()
    assert there.capacity[there.online == 1].mean() > free.capacity[free.online == 1].mean()
    paid = dear.economy.metrics["consensus_paid"][0]
    assert paid == pytest.approx(there.online.sum() * dear.economy.drivers["consensus_cost"], rel=0.01)
