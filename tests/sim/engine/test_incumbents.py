"""Several incumbents and firms that need clear rules, in runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.markets.services.incumbents import IncumbentSpec
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.state.incumbents import Incumbents

STEPS = 40


def run(**sets: Any) -> RunRecord:
    record = simulate(load("minimal", sets={"steps": STEPS, "populations.users.start_share": 0.3, **sets}))
    assert record.status == "complete", record.error
    return record


def spec(**given: Any) -> IncumbentSpec:
    return IncumbentSpec.model_validate({"share": 0.5, **given})


def test_one_incumbent_like_the_drivers_is_as_if_it_were_not_named() -> None:
    nests = {"networks": 1.0, "incumbents": 1.0}
    plain = run()
    named = run(**{"services.incumbents": {"one": {"share": 1.0}}, "populations.users.nests": nests})
    for name, values in plain.series.items():
        assert named.series[name] == pytest.approx(values, rel=1e-6, nan_ok=True), name
    assert named.series["incumbent_paid"] == pytest.approx(named.series["incumbent_price"])
    assert named.series["incumbent_hhi"] == pytest.approx(np.ones((STEPS, 1)))


def test_those_who_match_follow_the_cheapest_list_price_down_to_their_floor_and_back() -> None:
    slow, fast, never = spec(matching={"per_day": 0.1}), spec(matching={"per_day": 5}, floor=0.8), spec()
    market = Incumbents({"slow": slow, "fast": fast, "never": never}, 1.0)
    paths = []
    for step in range(120):
        market.restore()
        if step < 60:
            market.offered["price"][2] = 0.5
        assert not market.follow()
        paths.append(market.price.copy())
    path = np.array(paths)
    assert path[0, 0] == pytest.approx(0.5 ** (1 - np.exp(-0.1)))
    assert path[59] == pytest.approx([0.5, 0.8, 0.5], rel=0.01)
    assert path[-1] == pytest.approx([1.0, 1.0, 1.0], rel=0.01)
    assert np.all(np.diff(path[:60, 0]) < 0)
    assert np.all(np.diff(path[60:, 0]) > 0)


@pytest.mark.jit
def test_a_price_cut_of_one_incumbent_takes_customers_of_the_others_first() -> None:
    three = {name: {"share": 1 / 3} for name in ("a", "b", "c")}
    cut = [{"date": "2025-01-11", "target": "incumbents.a.price", "multiply": 0.3}]
    base, war = (
        run(**{"services.incumbents": three, "populations.users.start_share": 0.5, "events": events})
        for events in ([], cut)
    )
    assert war.series["price"][:10].tobytes() == base.series["price"][:10].tobytes()
    assert base.series["incumbent_hhi"][-1, 0] == pytest.approx(1 / 3)
    assert war.series["incumbent_hhi"][-1, 0] > 0.6
    assert war.series["incumbent_paid"][-1, 0] < 0.6 * base.series["incumbent_paid"][-1, 0]
    assert war.series["users"][-1, 0] < base.series["users"][-1, 0]
    assert war.series["price_surplus"][-1, 0] < base.series["price_surplus"][-1, 0]


@pytest.mark.jit
@pytest.mark.slow
@pytest.mark.whole
def test_the_price_war_shows_what_its_reading_says() -> None:
    war, peace = (simulate(load("incumbent-price-war", overrides=names)).series for names in ((), ("without_war",)))
    assert war["price"][:180].tobytes() == peace["price"][:180].tobytes()
    assert war["incumbent_paid"][215, 0] < 0.22 * peace["incumbent_paid"][215, 0]
    assert war["market_share"][211, 0] > 1.2 * peace["market_share"][211, 0]
    assert 0.5 < war["users"][545, 0] / peace["users"][545, 0] < 0.7
    assert 0.5 < war["users"][-1, 0] / peace["users"][-1, 0] < 0.75
    assert war["incumbent_paid"][-1, 0] == pytest.approx(peace["incumbent_paid"][-1, 0], rel=0.02)


@pytest.mark.jit
def test_firms_leave_when_rules_are_unclear_and_others_do_not() -> None:
    segments = {"firms": {"share": 0.5, "compliance": {"threshold": 0.5, "spread": 0.05}}, "people": {"share": 0.5}}
    users = {"segments": segments, "churn": {"per_year": 20}, "start_share": 0.5}
    sets = {"steps": STEPS, **{f"populations.users.{name}": value for name, value in users.items()}}
    left = {}
    for clarity in (0.2, 0.8):
        engine = Engine(load("minimal", sets={**sets, "drivers.regulatory_clarity": clarity}))
        engine.run()
        left[clarity] = engine.economy.users.by_segment[:, 0, 0]
        expected = 0.5 + 0.5 / (1.0 + np.exp((0.5 - clarity) / 0.05))
        assert engine.economy.metrics["permitted"][0] == pytest.approx(expected, abs=0.002)
    assert left[0.2][0] < 0.3 * left[0.8][0]
    assert left[0.2][1] == pytest.approx(left[0.8][1], rel=0.1)
