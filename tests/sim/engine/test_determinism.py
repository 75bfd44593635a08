"""The same bits for any order of rows, any number of threads and any process; the same draws across changes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.genesis import found
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario

THREE = {"steps": 50, "populations.speculators.count": 400, "populations.users.count": 1500}
HONEST = {
    "steps": 40,
    "populations.compute_nodes.opportunism": {"dist": "constant", "value": 0.0},
    "populations.users.count": 500,
}


def scenario(name: str = "three-networks", sets: Mapping[str, Any] = THREE) -> Scenario:
    return load(name, sets=sets)


def run(engine: Engine) -> RunRecord:
    """Run to the end and return the record, which must be complete."""
    try:
        engine.run()
        return engine.record()
    finally:
        engine.close()


def fingerprint(record: RunRecord) -> str:
    """Return a hash of every byte of every series."""
    whole = hashlib.sha256()
    for name, values in record.series.items():
        whole.update(name.encode() + values.tobytes())
    return whole.hexdigest()


def moved(first: RunRecord, second: RunRecord) -> list[str]:
    """Return the names of the series that differ in any bit."""
    return [name for name, values in first.series.items() if values.tobytes() != second.series[name].tobytes()]


@pytest.fixture(scope="module")
def base() -> RunRecord:
    return run(Engine(scenario()))


@pytest.mark.jit
@pytest.mark.parametrize("chance", [1, 2])
def test_the_order_of_rows_does_not_matter(base: RunRecord, chance: int) -> None:
    engine, generator = Engine(scenario()), np.random.default_rng(chance)
    for population in engine.economy.populations.values():
        order = generator.permutation(len(population))
        population.permute(order)
        assert not np.array_equal(population.ids, np.sort(population.ids))
    record = run(engine)
    assert moved(base, record) == []
    assert record.flows == base.flows


@pytest.mark.jit
def test_two_threads_give_the_bits_of_one() -> None:
    large = scenario("minimal", {"steps": 6, "populations.speculators.count": 70_000, "populations.users.count": 500})
    one, two = Engine(large, threads=1), Engine(large, threads=2)
    chunks: list[int] = []
    lanes = two.economy.lanes
    assert lanes.threads == 2
    lanes(lambda rows: chunks.append(rows[1] - rows[0]) or 0, 70_000)  # type: ignore[func-returns-value]
    assert len(chunks) == 2
    first, second = run(one), run(two)
    assert moved(first, second) == []
    assert first.flows == second.flows
    assert first.income == second.income


IN_ANOTHER_PROCESS = """
import sys
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load
import hashlib
record = simulate(load(sys.argv[1], sets=eval(sys.argv[2])))
whole = hashlib.sha256()
for name, values in record.series.items():
    whole.update(name.encode() + values.tobytes())
print(whole.hexdigest())
"""


@pytest.mark.jit
@pytest.mark.slow
def test_another_process_gives_the_same_bits(base: RunRecord) -> None:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, "three-networks", repr(THREE)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == fingerprint(base)


@pytest.mark.jit
def test_running_again_in_this_process_gives_the_same_bits(base: RunRecord) -> None:
    again = run(Engine(scenario()))
    assert fingerprint(again) == fingerprint(base)
    assert again.flows == base.flows
    np.testing.assert_equal(again.kpis, base.kpis)


@pytest.mark.jit
def test_replicates_and_seeds_differ(base: RunRecord) -> None:
    other = run(Engine(scenario(), replicate=1))
    reseeded = run(Engine(scenario(sets={**THREE, "seed": 987})))
    assert len({base.seed, other.seed, reseeded.seed}) == 3
    for record in (other, reseeded):
        assert {"price", "fundamental", "users", "staked", "reserve_price"} <= set(moved(base, record))


@pytest.mark.jit
def test_the_chance_of_a_replicate_does_not_depend_on_the_others() -> None:
    alone = run(Engine(scenario("minimal", {"steps": 20, "replicates": 1}), replicate=3))
    among = run(Engine(scenario("minimal", {"steps": 20, "replicates": 9}), replicate=3))
    assert moved(alone, among) == []


@pytest.mark.jit
def test_another_process_of_one_driver_leaves_all_other_draws_alone() -> None:
    calm = {"kind": "constant", "value": 1.0}
    plain = found(scenario())
    changed = found(scenario(sets={**THREE, "drivers.narrative": calm}))
    for name in plain.paths.names:
        same = np.array_equal(plain.paths[name], changed.paths[name])
        assert same == (name != "narrative"), name
    for name, population in plain.populations.items():
        for column, values in population.columns.items():
            np.testing.assert_array_equal(values, changed.populations[name].columns[column], err_msg=f"{name}.{column}")


@pytest.mark.jit
def test_a_driver_that_nobody_looks_at_moves_nothing(base: RunRecord) -> None:
    wild = {"kind": "gbm", "start": 5.0, "volatility": 3.0}
    record = run(Engine(scenario(sets={**THREE, "drivers.zk_overhead": wild})))
    assert moved(base, record) == []


@pytest.mark.jit
def test_audits_that_find_nothing_move_nothing() -> None:
    network = "networks.alpha.verification"
    unaudited = run(Engine(scenario("minimal", {**HONEST, network: {"kind": "none"}})))
    rule = {"kind": "random-audit", "audit_rate": {"per_day": 1.0}, "false_positive": 0.0}
    audited = run(Engine(scenario("minimal", {**HONEST, network: rule})))
    assert moved(unaudited, audited) == []
    condemned = run(Engine(scenario("minimal", {**HONEST, network: {**rule, "false_positive": 0.5}})))
    assert "slashed" in moved(unaudited, condemned)


@pytest.mark.jit
def test_an_audit_rule_on_one_network_leaves_the_first_step_of_the_others_alone(base: RunRecord) -> None:
    names = list(base.networks)
    rule = {"kind": "random-audit", "audit_rate": {"per_day": 5.0}, "false_positive": 1.0, "slash": 1.0}
    record = run(Engine(scenario(sets={**THREE, f"networks.{names[0]}.verification": rule})))
    assert record.series["slashed"][1, 0] > base.series["slashed"][1, 0]
    drawn = ("users", "fundamental", "reserve_price", "cloud_price", "fundamentalist_share")
    for name in drawn:
        np.testing.assert_array_equal(record.series[name][0, 1:], base.series[name][0, 1:], err_msg=name)


@pytest.mark.jit
def test_more_agents_leave_the_draws_of_the_others_alone() -> None:
    few = found(scenario("minimal", {"steps": 2}))
    many = found(scenario("minimal", {"steps": 2, "populations.speculators.count": 900}))
    n = len(few.speculators)
    for column in ("usd", "value_bias", "strategy", "aggressiveness"):
        values, more = few.speculators.columns[column], many.speculators.columns[column]
        np.testing.assert_array_equal(values, more[:n], err_msg=column)
