"""Nothing is created or lost, nothing goes negative, and prices stay within reason."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.agents.sellers import Sellers
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.engine.phases import PHASES, Phase
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.whole

SHORT = {"minimal": 365, "three-networks": 120, "deai-2026": 60}
FEWER = {
    "deai-2026": {
        "populations.data_providers.count": 400,
        "populations.compute_nodes.count": 150,
        "populations.users.count": 1500,
        "populations.speculators.count": 1000,
    }
}


@pytest.mark.jit
@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT)
def test_the_books_close_over_twenty_seeds(name: str) -> None:
    for seed in range(20):
        scenario = load(name, sets={"steps": SHORT[name], "seed": seed, **FEWER.get(name, {})})
        record = simulate(scenario)
        assert record.status == "complete", record.error
        assert record.audit["passed"]
        assert record.audit["steps_checked"] == SHORT[name]
        series = record.series
        issued = series["supply"] - series["minted_cum"] + series["burned_cum"]
        assert issued == pytest.approx(np.broadcast_to(issued[0], issued.shape), rel=1e-12)


@pytest.mark.jit
def test_no_balance_is_ever_negative() -> None:
    engine = Engine(load("three-networks", sets={"steps": 90, "seed": 5}))
    economy = engine.economy
    while not engine.finished:
        engine.step()
        stocks = dict(zip(economy.ledger.sectors, economy.stocks().T, strict=True))
        assert all((held >= 0).all() for name, held in stocks.items() if name not in {"outside world", "minting"})
        for population in economy.populations.values():
            for column in ("usd", "tokens", "staked", "unbonding", "stake"):
                assert (population.columns.get(column, np.zeros(1)) >= 0).all(), (population.name, column)


@pytest.mark.jit
def test_every_flow_of_the_matrix_sums_to_zero() -> None:
    record = simulate(load("three-networks", sets={"steps": 60}))
    sums: dict[tuple[int, str, str], int] = {}
    for row in record.flows:
        key = (row.step, row.instrument, row.flow)
        sums[key] = sums.get(key, 0) + row.amount
    assert len(sums) > 30
    assert set(sums.values()) == {0}


@pytest.mark.jit
def test_the_audit_stops_a_run_that_loses_money_and_keeps_what_was_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def leak(economy: object) -> None:
        if economy.step == 4:  # type: ignore[attr-defined]
            economy.builders.usd[0] -= 123  # type: ignore[attr-defined]

    monkeypatch.setattr(
        "catallaxy.sim.engine.engine.PHASES", (*PHASES[:-1], Phase("leak", "Lose 123 micro-dollars.", leak), PHASES[-1])
    )
    record = simulate(load("minimal", sets={"steps": 10}))
    assert record.status == "failed"
    assert "step 4" in record.error
    assert "'model_builders'" in record.error
    assert "-123" in record.error
    assert record.n_steps == 4
    assert not record.audit["passed"]


@pytest.mark.jit
@pytest.mark.slow
def test_prices_stay_within_a_factor_of_a_thousand_over_64_seeds() -> None:
    for seed in range(64):
        sets = {"seed": seed, "steps": 365, **FEWER["deai-2026"]}
        price = simulate(load("deai-2026", sets=sets)).series["price"]
        assert np.isfinite(price).all()
        assert price.max() / price[0, 0] < 1000
        assert price[0, 0] / price.min() < 1000


@pytest.mark.jit
def test_who_earned_what_adds_up() -> None:
    engine = Engine(load("three-networks", sets={"steps": 30}))
    engine.run()
    record = engine.record()
    for name in ("data_providers", "compute_nodes", "model_builders"):
        population = engine.economy.populations[name]
        assert isinstance(population, Sellers)
        total = sum(row.total_usd for row in record.income if row.population == name)
        assert total == pytest.approx(population.income.sum() / 1e6)
