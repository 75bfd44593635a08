"""Who gained what: fifths add up, sums agree with the recorded series and the ledger."""

from __future__ import annotations

import math

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.gain_rows import FIFTHS
from catallaxy.sim.recording.record import GainRow, RunRecord
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def engine() -> Engine:
    engine = Engine(load("minimal", sets={"steps": 60}))
    engine.run()
    return engine


@pytest.fixture(scope="module")
def record(engine: Engine) -> RunRecord:
    return engine.record()


def rows(record: RunRecord, population: str) -> dict[str, GainRow]:
    return {row.group: row for row in record.gains if row.population == population}


@pytest.mark.parametrize("population", ["data_providers", "compute_nodes", "model_builders", "speculators"])
def test_fifths_add_up_to_the_whole(record: RunRecord, population: str) -> None:
    groups = rows(record, population)
    whole, fifths = groups["all"], [groups[name] for name in FIFTHS]
    assert sum(row.agents for row in fifths) == whole.agents
    for name in ("income_usd", "costs_usd", "surplus_usd"):
        assert math.fsum(getattr(row, name) for row in fifths) == pytest.approx(getattr(whole, name), abs=1e-6)
        assert whole.surplus_usd == pytest.approx(whole.income_usd - whole.costs_usd, abs=1e-6)
    if population != "speculators":
        assert [row.income_usd / row.agents for row in fifths] == sorted(row.income_usd / row.agents for row in fifths)


def test_sums_agree_with_the_series_and_with_the_ledger(record: RunRecord) -> None:
    def paid(flow: str, sector: str) -> float:
        here = (row.amount for row in record.flows if (row.instrument, row.flow, row.sector) == ("USD", flow, sector))
        return -sum(here) / 1e6

    nodes, builders, users = (rows(record, name)["all"] for name in ("compute_nodes", "model_builders", "users"))
    for whole, series in ((nodes, "income_compute"), (builders, "income_builders")):
        assert whole.income_usd == pytest.approx(record.series[series].sum(), rel=1e-6)
    bought = ("licence fees", "compute fees", "cloud fees", "rounding")
    assert builders.costs_usd == pytest.approx(math.fsum(paid(flow, "model_builders") for flow in bought), rel=1e-9)
    assert users.costs_usd == pytest.approx(record.series["service_spend"].sum(), rel=1e-9)
    assert users.surplus_usd == pytest.approx(record.series["user_surplus"].sum(), rel=1e-9)


def test_the_return_of_nodes_is_the_key_figure(record: RunRecord) -> None:
    found = rows(record, "compute_nodes")["all"].return_per_year
    assert found == pytest.approx(record.kpis["provider_roi"]["alpha"], rel=0.02, abs=0.002)


def test_speculators_gain_what_their_wealth_rose_by_net_of_new_money(engine: Engine, record: RunRecord) -> None:
    speculators, flows = engine.economy.speculators, record.flows
    moved = sum(r.amount for r in flows if r.sector == "speculators" and r.flow in ("new capital", "withdrawals"))
    assert int(speculators.invested.sum()) == moved
    rise = speculators.wealth(engine.economy.price_micro()).sum() - speculators.endowment.sum() - moved
    assert rows(record, "speculators")["all"].surplus_usd == pytest.approx(rise / 1e6)


def test_groups_do_not_depend_on_the_order_of_rows(engine: Engine, record: RunRecord) -> None:
    for population in engine.economy.populations.values():
        population.permute(np.random.default_rng(3).permutation(population.n))
    assert [repr(row) for row in engine.record().gains] == [repr(row) for row in record.gains]
