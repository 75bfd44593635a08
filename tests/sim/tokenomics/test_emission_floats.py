"""The exact rules against plain floats over a hundred years: 10**-9 apart at most."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext
from oracles import emission as oracle

CENTURY = 36_525
BASE = 10**9
GENESIS = 10**7
FIRST = EmissionContext(
    step=0, dt_days=1.0, start=date(2000, 1, 1), base=BASE, genesis=GENESIS * BASE, supply=GENESIS * BASE
)


def close(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-5)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"kind": "halving-by-time", "initial": {"per_day": 900}, "every": {"days": 1461}},
            lambda day: oracle.stepped_halving(900, 1461, day),
        ),
        (
            {"kind": "halving-by-time", "pool": 5e8, "every": {"days": 1460}},
            lambda d: oracle.stepped_pool(5e8, 1460, d),
        ),
        (
            {"kind": "exponential-decay", "pool": 330e6, "half_life_days": 2190},
            lambda d: oracle.decaying_pool(330e6, 2190, d),
        ),
        (
            {"kind": "exponential-decay", "pool": 6e8, "decay": {"per_day": 0.000475}},
            lambda day: oracle.decaying_pool(6e8, math.log(2) / 0.000475, day),
        ),
        (
            {"kind": "fixed-rate", "share": {"per_year": 0.03}},
            lambda day: oracle.growing_supply(GENESIS, 0.03, day),
        ),
        ({"kind": "fixed-rate", "tokens": {"per_day": 0.7}}, lambda day: 0.7 * day),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_schedules(parameters: dict[str, Any], expected: Any) -> None:
    rule = EMISSIONS.build(parameters)
    for day in (1, 365, 1_460, 3_652, 10_000, CENTURY):
        assert close(rule.horizon_total(replace(FIRST, dt_days=float(day)), 1) / BASE, expected(day))


@pytest.mark.parametrize("doubling", [365.0, 4_000.0])
def test_network_time(doubling: float) -> None:
    """Capacity that grows, then stalls, against the chain's own loop day by day; the rule takes 15 days at once."""

    def capacity(day: int) -> float:
        return 50.0 + min(day // 15 * 15, 9_000) * 0.4

    rule = EMISSIONS.build(
        {
            "kind": "network-baseline",
            "pool": 770e6,
            "half_life_days": 2190,
            "baseline": 40,
            "doubling_days": doubling,
            "epoch_seconds": 86_400,
        }
    )
    total, memory = 0, FIRST.memory
    clock = list(oracle.network_clock(capacity, 40.0, doubling, CENTURY))
    for now, effective in zip(replace(FIRST, dt_days=15.0).steps(CENTURY // 15), clock[14::15], strict=True):
        minted, memory = rule.issue(replace(now, capacity=capacity(15 * now.step), memory=memory))
        total += minted
        if now.step % 24 == 0:
            assert close(total / BASE, oracle.decaying_pool(770e6, 2190, effective))


def staked_share(number: int) -> float:
    """A share that swings around and settles, in odd multiples of 1/2048: exact both ways, and never at the target."""
    return round((0.5 + 0.25 * math.cos(number / 40) * math.exp(-number / 800)) * 1024) / 1024 + 1 / 2048


@pytest.mark.parametrize(
    ("parameters", "twin"),
    [
        (
            {"kind": "staking-step", "start": 2e-3, "change": 1e-6, "target": 0.5},
            oracle.step(2e-3, 1e-6, 0.5),
        ),
        (
            {
                "kind": "staking-drift",
                "start": {"per_year": 0.48546257},
                "half_life_days": 768.1447,
                "target": 0.67,
                "change": {"per_year": 0.2},
            },
            oracle.drift(0.48546257, 768.1447, 0.67, 0.2, 0.05, 30.0),
        ),
        (
            {
                "kind": "staking-pid",
                "resting": {"per_year": 0.02},
                "proportional": 0.1,
                "integral": 0.05,
                "derivative": 0.01,
                "highest": 0.06,
            },
            oracle.pid(0.02, (0.1, 0.05, 0.01), 0.5, 0.06, 30.0),
        ),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_controllers(parameters: dict[str, Any], twin: oracle.Controller) -> None:
    rule = EMISSIONS.build({**parameters, "every": {"days": 30}})
    supply, expected, memory = FIRST.supply, float(GENESIS), FIRST.memory
    for now in replace(FIRST, dt_days=30.0).steps(CENTURY // 30):
        share = staked_share(now.step)
        staked = supply * round(share * 2048) // 2048
        minted, memory = rule.issue(replace(now, supply=supply, staked=staked, memory=memory))
        supply += minted
        expected += twin(expected, share, now.step)
        assert close(supply / BASE, expected)
