"""Public attention: what feeds it, what it moves, and that a channel that is off carries nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.environment.attention import AttentionSpec
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.state.attention import Attention

LOUD = {"kind": "constant", "value": 3.0}


def run(**sets: Any) -> RunRecord:
    record = simulate(load("minimal", sets={"steps": 60, "populations.users.start_share": 0.2, **sets}))
    assert record.status == "complete", record.error
    return record


def attention(**given: Any) -> Attention:
    return Attention(AttentionSpec.model_validate({"to_adoption": 1.0, **given}), 1, 1.0)


@pytest.mark.parametrize("contagion", [0.0, 0.5, 0.9])
def test_a_surprise_is_worth_more_in_the_long_run_the_more_it_is_passed_on(contagion: float) -> None:
    talk, nothing, users = attention(contagion=contagion, memory_days=5.0), np.zeros(1), np.full(1, 100.0)
    talk.revise(np.array([0.4]), users)
    total = 0.0
    for _ in range(2000):
        total += float(talk.level[0])
        talk.revise(nothing, users)
    assert total == pytest.approx(0.4 / (1.0 - np.exp(-(1.0 - contagion) / 5.0)))


def test_attention_follows_prices_and_users_and_is_held() -> None:
    talk = attention(from_returns=0.5, from_adoption=2.0, memory_days=3000.0)
    talk.revise(np.array([0.2]), np.array([100.0]))
    assert talk.level[0] == pytest.approx(0.1)
    talk.revise(np.array([0.0]), np.array([110.0]))
    assert talk.level[0] == pytest.approx(0.1 + 2.0 * np.log(1.1), rel=1e-3)
    assert talk.revise(np.array([20.0]), np.array([110.0]))
    narrative, whole = talk.on_adoption(1.5)
    assert (narrative, whole[0]) == (1.5, pytest.approx(np.exp(3.0)))
    assert talk.on_capital(1.5) == 1.5


@pytest.mark.jit
def test_each_channel_can_be_switched_off() -> None:
    quiet, deaf = run(), {"attention.narrative_to_adoption": 0.0, "attention.narrative_to_capital": 0.0}
    assert run(**{"attention.contagion": 0.9}).series["price"].tobytes() == quiet.series["price"].tobytes()
    value = {"networks.alpha.valuation.narrative_elasticity": 0.0}
    off, loud = run(**deaf, **value), run(**deaf, **value, **{"drivers.narrative": LOUD})
    for name in ("price", "users", "capital_inflow"):
        assert loud.series[name].tobytes() == off.series[name].tobytes()
    only_users = run(**{"attention.narrative_to_capital": 0.0, **value, "drivers.narrative": LOUD})
    assert only_users.series["joined"].sum() > off.series["joined"].sum()


@pytest.mark.jit
def test_attention_carries_prices_into_adoption_and_adoption_into_capital() -> None:
    rising = {"populations.users.imitation": {"per_year": 12}}
    base = run(**rising)
    talked = run(**rising, **{"attention": {"to_adoption": 1.0, "from_returns": 0.0}})
    assert talked.series["public_attention"][-1, 0] > 1.2
    assert talked.series["users"][-1, 0] > 1.05 * base.series["users"][-1, 0]
    invested = run(**rising, **{"attention": {"to_capital": 1.0, "from_returns": 0.0}})
    assert invested.series["capital_inflow"].sum() > base.series["capital_inflow"].sum()
    assert invested.series["public_attention"].tobytes() != talked.series["public_attention"].tobytes()
