"""What emission rules cost: a hundred of them against a step of a shipped economy, and one of the user's own."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext, EmissionRule
from documented_rules import written

STEPS = 60
#: One rule per protocol of the catalogue.
CATALOGUE: dict[str, dict[str, Any]] = {
    "Bittensor": {"kind": "halving-by-issuance", "maximum": 21e6, "reward": 1, "block_seconds": 12},
    "Filecoin": {
        "kind": "composite",
        "rules": [
            {"kind": "exponential-decay", "pool": 330e6, "half_life_days": 2190},
            {
                "kind": "network-baseline",
                "pool": 770e6,
                "half_life_days": 2190,
                "baseline": 30e3,
                "doubling_days": 365,
                "starts": "2020-10-15",
            },
        ],
    },
    "Livepeer": {"kind": "staking-step", "start": 2.185e-4, "change": 5e-7, "every": {"days": 0.875}},
    "The Graph": {"kind": "fixed-rate", "tokens": {"per_block": 120.73, "block_seconds": 12}},
    "Render": {"kind": "burn-anchored", "start": 15_000, "every": {"days": 7}},
    "Akash": {
        "kind": "staking-drift",
        "start": {"per_year": 0.48546257},
        "half_life_days": 768.1447,
        "every": {"days": 1},
        "starts": "2021-03-08",
    },
    "Helium": {
        "kind": "composite",
        "rules": [
            {"kind": "halving-by-time", "initial": {"per_year": 60e6}, "every": {"years": 2}, "starts": "2019-08-01"},
            {"kind": "reissue-burned", "ceiling": 1643.8356, "every": {"days": 1}},
        ],
    },
    "Ocean": {"kind": "halving-by-time", "pool": 503.37e6, "every": {"days": 1460}},
    "Fetch": {"kind": "fixed-supply"},
    "Allora": {"kind": "staking-target-yield", "pool": 359.5e6, "maximum": 1e9, "every": {"months": 1}},
    "OLAS": {
        "kind": "table",
        "rows": [{"from": "2024-07-01", "per_year": 25_260_023}, {"from": "2025-07-01", "per_year": 26_017_823}],
    },
    "Gonka": {"kind": "exponential-decay", "first_period": 285_000, "decay": {"per_day": 0.000475}},
    "io.net": {
        "kind": "exponential-decay",
        "first_period": 3_333_333,
        "period_days": 30.4375,
        "decay": {"per_month": 0.01},
    },
    "Aethir": {"kind": "fixed-rate", "tokens": {"per_day": 4.3e6}},
    "Grass": {"kind": "fixed-supply"},
    "Vana": {"kind": "value-locked", "every": {"months": 3}},
    "Story": {"kind": "fixed-rate", "tokens": {"per_year": 24_625_000}},
    "Virtuals": {"kind": "fixed-supply"},
    "Arweave": {"kind": "exponential-decay", "pool": 11e6, "half_life_days": 365},
    "Numeraire": {"kind": "fixed-supply"},
    "Golem": {"kind": "fixed-supply"},
}


def seconds_per_rule(rules: list[EmissionRule]) -> float:
    """Time to evaluate one rule for one step, in a run of all of them."""
    genesis = 10**16
    memories: list[Any] = [()] * len(rules)
    issued = [0] * len(rules)
    first = EmissionContext(step=0, dt_days=1.0, start=date(2025, 1, 1), base=10**9, genesis=genesis)
    begin = time.process_time()
    for now in first.steps(STEPS):
        for k, rule in enumerate(rules):
            seen = replace(
                now,
                issued=issued[k],
                supply=genesis + issued[k],
                staked=genesis // 2 + now.step * 10**9,
                circulating=genesis // 2,
                capacity=40_000.0 + 31.7 * now.step,
                burned=now.step * 10**10,
                price=2.0 + 0.01 * now.step,
                memory=memories[k],
            )
            amount, memories[k] = rule.issue(seen)
            issued[k] += amount
    return (time.process_time() - begin) / STEPS / len(rules)


def seconds_per_network() -> float:
    """Time of one step of `three-networks`, per network."""
    scenario = load("three-networks", sets={"steps": STEPS})
    begin = time.process_time()
    assert simulate(scenario).status == "complete"
    return (time.process_time() - begin) / STEPS / 3


@pytest.mark.timing
@pytest.mark.jit
def test_a_hundred_networks_cost_less_than_a_twentieth_of_a_step() -> None:
    named = list(CATALOGUE.values())
    rules = [EMISSIONS.build(named[k % len(named)]) for k in range(100)]
    seconds_per_network()
    seconds_per_rule(rules)
    ratio = min(seconds_per_rule(rules) for _ in range(5)) / min(seconds_per_network() for _ in range(3))
    assert ratio < 0.05


def seconds_per_block(mine: Callable[[int, int, int], Any], blocks: int) -> float:
    begin = time.perf_counter()
    mine(blocks, 10**9, 1)
    return (time.perf_counter() - begin) / blocks


@pytest.mark.jit
@pytest.mark.timing
def test_a_compiled_rule_of_ones_own_is_as_fast(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Block by block against the same loop in Python, and day by day against the dearest built-in rules."""
    written(1, tmp_path, monkeypatch)
    user = EMISSIONS.build({"kind": "my_rules:BlockTarget", "reward": 0.5, "target": 0.6})
    mine = sys.modules["my_rules"].mine
    mine(1, 10**9, 1)
    assert seconds_per_block(mine, 10**6) < seconds_per_block(mine.py_func, 10**5) / 10
    built_in = [EMISSIONS.build(CATALOGUE[name]) for name in ("Filecoin", "Akash", "Allora")]
    rules = [user, *built_in]
    times = {rule.kind: min(seconds_per_rule([rule] * 20) for _ in range(5)) for rule in rules}
    assert times[user.kind] < 2 * max(times[rule.kind] for rule in built_in)
