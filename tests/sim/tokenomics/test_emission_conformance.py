"""Every built-in rule against the conformance class."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionRule
from contracts.emission_contract import EmissionContract

BUILT_IN: list[dict[str, Any]] = [
    {"kind": "halving-by-issuance", "maximum": 21e6, "reward": 1, "block_seconds": 12},
    {"kind": "halving-by-issuance", "maximum": 11e6, "reward": 3, "block_seconds": 700, "starts": "2024-03-01"},
    {"kind": "halving-by-time", "initial": {"per_year": 60e6}, "every": {"years": 2}, "starts": "2019-08-01"},
    {"kind": "halving-by-time", "initial": {"per_month": 1e5}, "every": {"months": 5}},
    {"kind": "halving-by-time", "initial": {"per_block": 0.7, "block_seconds": 13}, "every": {"days": 100}},
    {"kind": "halving-by-time", "pool": 503.37e6, "every": {"days": 1460}},
    {"kind": "exponential-decay", "pool": 330e6, "half_life_days": 2190},
    {"kind": "exponential-decay", "first_period": 285_000, "decay": {"per_day": 0.000475}},
    {
        "kind": "table",
        "rows": [{"from": "2024-02-29", "per_month": 760_567}, {"from": "2025-02-28", "per_year": 5_905_584}],
    },
    {"kind": "table", "rows": [{"day": 3, "per_day": 5}, {"day": 400, "per_day": 2}, {"day": 800, "per_day": 0}]},
    {"kind": "fixed-rate", "tokens": {"per_block": 120.73, "block_seconds": 12}},
    {"kind": "fixed-rate", "share": {"per_year": 0.03}},
    {"kind": "fixed-supply"},
    {"kind": "burn-anchored", "start": 15_000, "every": {"days": 7}, "nodes": 1.2, "starts": "2023-12-30"},
    {"kind": "value-locked", "every": {"months": 3}},
    {"kind": "network-baseline", "pool": 770e6, "half_life_days": 2190, "baseline": 30e3, "doubling_days": 365},
    {"kind": "network-baseline", "pool": 1e6, "half_life_days": 90, "baseline": 50e3, "epoch_seconds": 3600},
    {
        "kind": "network-baseline",
        "pool": 1e6,
        "half_life_days": 500,
        "baseline": 100,
        "doubling_days": 200,
        "rows": [{"from": "2023-06-01", "capacity": 90}, {"from": "2024-05-05", "capacity": 400}],
        "starts": "2023-12-24",
    },
    {"kind": "staking-step", "start": 2.185e-4, "change": 5e-7, "every": {"days": 0.875}},
    {
        "kind": "staking-target-yield",
        "pool": 359.5e6,
        "maximum": 1e9,
        "to_stakers": 0.5,
        "every": {"months": 1},
        "starts": "2023-12-15",
    },
    {
        "kind": "staking-drift",
        "start": {"per_year": 0.48546257},
        "half_life_days": 768.1447,
        "every": {"days": 1},
        "starts": "2021-03-08",
    },
    {
        "kind": "staking-pid",
        "resting": {"per_year": 0.04},
        "proportional": 0.2,
        "integral": 0.1,
        "derivative": 0.05,
        "every": {"days": 7},
    },
    {"kind": "reissue-burned", "ceiling": 1643.8, "every": {"days": 1}},
    {
        "kind": "composite",
        "rules": [
            {"kind": "fixed-rate", "tokens": {"per_day": 10}},
            {"kind": "exponential-decay", "pool": 1e6, "half_life_days": 30},
            {"kind": "network-baseline", "pool": 1e6, "half_life_days": 90, "baseline": 50e3},
        ],
    },
    {
        "kind": "dated",
        "rules": [
            {"rule": {"kind": "halving-by-time", "initial": {"per_year": 1e6}, "every": {"months": 6}}},
            {"from": "2024-07-03", "rule": {"kind": "fixed-rate", "share": {"per_year": 0.1}}},
            {"from": "2025-01-11", "rule": {"kind": "exponential-decay", "pool": 1e6, "half_life_days": 100}},
            {
                "from": "2025-12-01",
                "rule": {"kind": "staking-step", "start": 1e-4, "change": 1e-6, "every": {"days": 3}},
            },
            {"from": "2026-01-01", "rule": "fixed-supply"},
        ],
    },
]


class TestBuiltIn(EmissionContract):
    @pytest.fixture(params=BUILT_IN, ids=lambda parameters: parameters["kind"])
    def rule(self, request: pytest.FixtureRequest) -> EmissionRule:
        return EMISSIONS.build(request.param)


def test_every_kind_is_tested() -> None:
    assert {parameters["kind"] for parameters in BUILT_IN} == set(EMISSIONS)
