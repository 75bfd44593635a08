"""Cuts in runs: who is hit, who takes their place, and what stays as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.sim.analysis.shocks import recovery_steps
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit

FOUR = {"dist": "choice", "values": [0, 1, 2, 3], "weights": [1, 1, 1, 1]}
REGIONS = {f"populations.{name}.region": FOUR for name in ("compute_nodes", "model_builders", "users")}
START, DAYS, STEPS = 20, 10, 45


def cut(*targets: str, to: float = 0.0, **sets: Any) -> dict[str, Any]:
    events = [{"date": "2025-01-21", "for_days": DAYS, "target": target, "set": to} for target in targets]
    return {"steps": STEPS, "populations.users.start_share": 0.2, **REGIONS, "events": events, **sets}


def run(*targets: str, to: float = 0.0, **sets: Any) -> RunRecord:
    record = simulate(load("minimal", sets=cut(*targets, to=to, **sets)))
    assert record.status == "complete", record.error
    return record


def during(record: RunRecord, name: str) -> Any:
    return record.series[name][START : START + DAYS, 0]


@pytest.fixture(scope="module")
def plain() -> RunRecord:
    return run()


def test_an_event_that_cuts_nobody_off_leaves_every_bit(plain: RunRecord) -> None:
    whole = run(
        "regions.0.nodes", "regions.1.users", "networks.alpha.node_access", "drivers.cloud_availability", to=1.0
    )
    assert {*whole.series} > {*plain.series}
    assert all(values.tobytes() == whole.series[name].tobytes() for name, values in plain.series.items())
    assert not whole.series["shock"].any()


def test_nodes_of_a_banned_region_are_offline_and_the_others_serve() -> None:
    engine = Engine(load("minimal", sets=cut("regions.0.nodes")))
    for _ in range(START + 3):
        engine.step()
    nodes = engine.economy.nodes
    assert not nodes.online[nodes.region == 0].any()
    assert nodes.online[nodes.region != 0].any()
    assert engine.economy.metrics["capacity_cut_off"][0] == pytest.approx(
        nodes.capacity[nodes.region == 0].sum() / nodes.capacity.sum()
    )
    engine.run()
    assert nodes.online[nodes.region == 0].any()


def test_nodes_move_out_of_a_banned_region_and_stay_away() -> None:
    moving = {"populations.compute_nodes.relocation": {"per_day": 0.3}}
    engine = Engine(load("minimal", sets=cut("regions.0.nodes", **moving)))
    nodes = engine.economy.nodes
    before = nodes.region.copy()
    engine.run()
    left, elsewhere = before == 0, before != 0
    assert np.array_equal(nodes.region[elsewhere], before[elsewhere])
    assert np.mean(nodes.region[left] != 0) > 0.7
    assert {*nodes.region[left].tolist()} >= {1, 2, 3}


def test_a_deeper_cut_hits_the_same_nodes_and_more() -> None:
    hit = []
    for left in (0.7, 0.3):
        engine = Engine(load("minimal", sets=cut("networks.alpha.node_access", to=left)))
        for _ in range(START + 1):
            engine.step()
        reachable = engine.economy.nodes.reachable
        assert reachable is not None
        assert reachable.mean() == pytest.approx(left, abs=0.05)
        hit.append(reachable == 0)
    assert np.all(hit[1] | ~hit[0])


def test_users_who_are_barred_come_back_at_once(plain: RunRecord) -> None:
    record = run("regions.0.users", "regions.1.users")
    wanted = record.series["service_spend"] / np.maximum(record.series["served_share"], 1e-9)
    assert during(record, "demand_cut_off") == pytest.approx(wanted[START : START + DAYS, 0], rel=0.25)
    assert during(record, "demand_met").max() < 0.65
    assert record.series["demand_cut_off"][START + DAYS :].sum() == 0.0
    back = record.series["users"][START + DAYS, 0] / plain.series["users"][START + DAYS, 0]
    assert back > 0.97


def test_builders_who_are_barred_sell_nothing_and_others_take_their_place() -> None:
    engine = Engine(load("minimal", sets=cut("regions.2.builders", **{"populations.model_builders.count": 16})))
    for _ in range(START + 1):
        engine.step()
    builders = engine.economy.builders
    barred = builders.region == 2
    assert 0 < barred.sum() < 16
    assert not builders.inference[barred].any()
    assert builders.inference[~barred].any()
    assert builders.weight[barred].max() < 1e-6 * builders.weight.max()
    engine.run()
    assert builders.inference[barred].any()


def test_without_the_cloud_only_nodes_serve(plain: RunRecord) -> None:
    scarce = {"services.compute": {"kind": "merit-order", "discount": 0.7}}
    record = run("drivers.cloud_availability", **scarce)
    to_cloud = {row.step for row in record.flows if row.flow == "cloud fees" and row.amount > 0}
    assert to_cloud
    assert during(record, "incumbent_demand_met").max() == 0.0
    assert during(record, "served_share").mean() < during(run(**scarce), "served_share").mean()


@pytest.mark.slow
@pytest.mark.whole
def test_the_scenario_shows_what_its_reading_says() -> None:
    met, units = {}, {}
    for name in ("without_ban", "", "incumbent_shut", "cloud_outage"):
        scenario = load("regional-ban", overrides=(name,) if name else (), sets={"steps": 300})
        record = simulate(scenario)
        units[name] = record.series["service_units"][:, 0]
        met[name] = record.kpis["shock_continuity"]["alpha"], record.kpis["shock_continuity_incumbents"]["alpha"]
    assert units[""][:181].tobytes() == units["without_ban"][:181].tobytes()
    assert 0.6 < units[""][181] / units["without_ban"][181] < 0.85
    assert 0.85 < met[""][0] < 0.95
    assert met["incumbent_shut"][0] > 0.95
    assert met["incumbent_shut"][1] == met["cloud_outage"][1] == 0.0
    assert recovery_steps(units["incumbent_shut"], units["without_ban"], 181) == 0.0


def test_when_the_incumbents_are_shut_users_look_for_another(plain: RunRecord) -> None:
    for target in ("drivers.incumbent_availability", "regions.0.incumbents"):
        record = run(target)
        assert during(record, "market_share") == pytest.approx(during(record, "served_share"))
        assert during(record, "incumbent_demand_met").max() == 0.0
        assert record.series["users"][START + DAYS - 1, 0] > 1.15 * plain.series["users"][START + DAYS - 1, 0]
    half = run("regions.0.incumbents", **{"services.incumbent_homes": [1, 1]})
    assert during(half, "incumbent_demand_met") == pytest.approx(np.full(DAYS, 0.5))
