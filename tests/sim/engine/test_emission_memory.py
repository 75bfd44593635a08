"""Rules that answer to the economy, inside a run: what they see, and what they remember."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit

STEP = {"kind": "staking-step", "start": 1e-4, "change": 1e-5, "target": 0.9, "every": {"days": 1}}
GATED = {"kind": "network-baseline", "pool": 4e6, "half_life_days": 400, "baseline": 1}


def run(emission: dict[str, Any], steps: int = 12, **more: Any) -> Any:
    sets = {"networks.alpha.token.emission": emission, "networks.alpha.token.max_supply": 30e6, "steps": steps, **more}
    record = simulate(load("minimal", sets=sets))
    assert record.status == "complete", record.error
    return record.series


def test_a_controller_remembers_its_inflation() -> None:
    series = run(STEP)
    supply = np.concatenate([[10e6], series["supply"][:-1, 0]])
    inflation = series["minted"][:, 0] / supply
    np.testing.assert_allclose(np.diff(inflation), 1e-5, rtol=1e-3)


def test_the_network_s_capacity_moves_network_time() -> None:
    gated = run({**GATED, "baseline": 1e5})
    minted, supplied = gated["minted"][:, 0], gated["gpu_hours_supplied"][:, 0]
    assert minted[0] < run(GATED)["minted"][0, 0]
    assert supplied.min() < supplied.max()
    np.testing.assert_allclose(minted[1:] / minted[1], supplied[:-1] / supplied[0], rtol=1e-3)
    # Before the first market has been held, all that nodes own counts.
    assert minted[0] > minted[1]


def test_a_driver_gates_emission() -> None:
    flat = run({**GATED, "baseline": 2.0, "driver": "cloud_gpu_price"}, **{"drivers.cloud_gpu_price": 1.0})["minted"]
    assert flat[0, 0] == pytest.approx(4e6 * (1 - 2 ** (-0.5 / 400)), rel=1e-6)


def test_staking_more_pays_less() -> None:
    """The controller lowers inflation while more than the target is staked: a sign, not a number."""
    low = run({**STEP, "target": 0.01}, steps=40)["minted"][-1, 0]
    high = run({**STEP, "target": 0.99}, steps=40)["minted"][-1, 0]
    assert low < high
    assert low == 0


def test_a_run_is_repeated_to_the_last_bit_whatever_the_threads() -> None:
    both = {"kind": "composite", "rules": [STEP, GATED]}
    scenario = load(
        "minimal", sets={"networks.alpha.token.emission": both, "networks.alpha.token.max_supply": 30e6, "steps": 9}
    )
    one, two, again = (simulate(scenario, threads=threads) for threads in (1, 2, 1))
    for name, values in one.series.items():
        assert values.tobytes() == two.series[name].tobytes() == again.series[name].tobytes()


def test_a_supply_that_outgrows_the_ledger_stops_the_run() -> None:
    endless = {**STEP, "start": 0.5, "change": 0.0}
    sets = {"networks.alpha.token.emission": endless, "networks.alpha.token.max_supply": None, "steps": 40}
    record = simulate(load("minimal", sets=sets))
    assert record.status == "failed"
    assert "more than the ledger counts" in str(record.error)
    assert 3 < record.n_steps < 40
