"""Subnets in runs: tokens and alpha are conserved to the last unit, and emission goes where the rule in force says."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.state.subnets import Subnets

pytestmark = pytest.mark.jit

GROUPS = [
    {"group": "holders", "share": 0.3, "receiver": "community", "tge": 1.0},
    {"group": "stakers", "share": 0.55, "receiver": "subnet_stakers", "tge": 1.0},
    {"group": "pools", "share": 0.1, "receiver": "subnets", "tge": 1.0},
    {"group": "liquidity", "share": 0.05, "receiver": "liquidity", "tge": 1.0},
]
#: Subnets that come and go within a season.
LIVELY: dict[str, Any] = {
    "opening": {"count": 10, "price": {"dist": "lognormal", "median": 0.05, "sigma": 0.8}},
    "alpha": {"tempo_blocks": 3600},
    "earners": {"withheld": {"dist": "uniform", "low": 0, "high": 0.5}},
    "entry": {
        "limit": 12,
        "candidates": {"per_day": 0.5},
        "lock_start": 500,
        "lock_lowest": 200,
        "lock_interval_blocks": 20_000,
        "immunity_blocks": 72_000,
    },
}


def lively(steps: int, subnets: dict[str, Any] | None = None, **sets: Any) -> Scenario:
    changes = {
        "steps": steps,
        "networks.alpha.token.allocation.groups": GROUPS,
        "networks.alpha.token.emission": {
            "kind": "halving-by-issuance",
            "maximum": 21e6,
            "reward": 1,
            "block_seconds": 12,
        },
        "networks.alpha.subnets": {**LIVELY, **(subnets or {})},
        "populations.subnet_stakers": {"count": 80, "reconsider": {"per_week": 0.5}},
        "populations.users.count": 300,
    }
    return load("minimal", sets={**changes, **sets})


def book_of(engine: Engine) -> Subnets:
    book = engine.economy.subnets[0]
    assert book is not None
    return book


def finished(scenario: Scenario) -> RunRecord:
    record = simulate(scenario)
    assert record.status == "complete", record.error
    return record


def test_tokens_and_alpha_are_conserved_over_a_year_in_which_subnets_come_and_go() -> None:
    engine = Engine(lively(365))
    book, economy = book_of(engine), engine.economy
    redeemed = 0.0
    while not engine.finished:
        engine.step()
        alpha = book.slots.issued - book.alpha - book.held.sum(axis=1)
        assert not alpha.any()
        assert min(book.slots.pools.min(), book.held.min(), book.stakers.root.min(), book.stakers.alpha.min()) >= 0
        assert book.tao[book.slots.live > 0].min() > 0
        assert economy.ledger.balance(1, "subnets") == book.tao.sum()
        redeemed += economy.metrics["subnet_closings"][0]
    record = engine.record()
    assert record.audit["passed"]
    assert redeemed > 3
    assert record.series["subnets"].max() == 12
    supply = record.series["supply"] - record.series["minted_cum"] + record.series["burned_cum"]
    assert supply == pytest.approx(10e6, rel=1e-12)
