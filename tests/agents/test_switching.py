"""Choosing between fundamentalism and chartism: the rules, and what they make of a market."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from catallaxy.agents.switching import SWITCHING, Camps, SwitchingRule
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from contracts.switching_contract import SwitchingContract
from oracles.strategy_choice import lean_reference, logit_reference


@pytest.mark.parametrize("kind", list(SWITCHING))
class TestBuiltIn(SwitchingContract):
    @pytest.fixture
    def rule(self, kind: str) -> SwitchingRule:
        return SWITCHING.build(kind)


def test_each_rule_is_its_equation() -> None:
    camps = Camps(0.3, 0.5, 0.002, 0.001)
    leaning = SWITCHING.build({"kind": "leaning", "predisposition": -0.2, "herding": 1.5, "misalignment": 2.0})
    appeal = lean_reference(leaning, camps.share, camps.squared_gap)  # type: ignore[arg-type]
    assert leaning.fundamentalists(camps) == pytest.approx(logit_reference(appeal))
    profits = SWITCHING.build({"kind": "profits", "intensity": 500.0, "cost": 0.0005})
    assert profits.fundamentalists(camps) == pytest.approx(1 / (1 + math.exp(-500 * 0.0005)))
    assert profits.remembered((0.0, 0.1), (1.0, 0.1), 2.0) == pytest.approx((0.1, 0.1))
    contagion = SWITCHING.build({"kind": "contagion", "alone": 0.1})
    assert contagion.fundamentalists(camps) == pytest.approx(0.9 * 0.3 + 0.05)


def run(choice: dict[str, Any], steps: int = 400, **more: Any) -> RunRecord:
    sets = {f"populations.speculators.{name}": value for name, value in {"choice": choice, **more}.items()}
    record = simulate(load("minimal", sets={"steps": steps, **sets}))
    assert record.status == "complete", record.error
    return record


def shares(record: RunRecord) -> np.ndarray[Any, np.dtype[np.float64]]:
    series = record.series
    both = series["fundamentalist_share"] + series["chartist_share"]
    found: np.ndarray[Any, np.dtype[np.float64]] = (series["fundamentalist_share"] / both)[:, 0]
    return found


@pytest.mark.jit
def test_nobody_moves_where_camps_are_fixed() -> None:
    assert np.ptp(shares(run({"kind": "fixed"}, 50))) == 0.0


@pytest.mark.jit
def test_costly_fundamentals_drive_people_to_trends_and_intensity_makes_them_move_together() -> None:
    cheap, dear = (shares(run({"kind": "profits", "cost": cost})) for cost in (0.0, 0.002))
    assert dear[100:].mean() < cheap[100:].mean() - 0.2
    calm, eager = (shares(run({"kind": "profits", "intensity": intensity})) for intensity in (50.0, 20_000.0))
    assert eager[50:].std() > 2.0 * calm[50:].std()


@pytest.mark.jit
def test_contagion_keeps_camps_where_they_are_met() -> None:
    quick = {"switching": {"per_day": 0.5}, "chartists": 0.9}
    lonely, social = (shares(run({"kind": "contagion", "alone": alone}, **quick)) for alone in (1.0, 0.0))
    assert lonely[-100:].mean() == pytest.approx(0.5, abs=0.03)
    assert abs(social[50:].mean() - 0.5) > 0.1
