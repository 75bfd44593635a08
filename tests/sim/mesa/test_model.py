"""`TokenEconomy` with Mesa's own tools, on whichever Mesa is installed (3.3 on Python 3.11, 3.5 on later ones)."""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
import pytest

from catallaxy.agents.guests import OrderRefused
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.errors import AuditError, CatallaxyError, ScenarioError
from catallaxy.sim.mesa.model import TokenEconomy
from catallaxy.sim.recording.metrics import metrics_of
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load

SMALL: dict[str, Any] = {"steps": 12, "populations__users__count": 200, "populations__speculators__count": 60}
PATHS = {path.replace("__", "."): value for path, value in SMALL.items()}
RESERVED = ("scenario", "time", "data_registry", "run_for", "run_until")


class Fund(mesa.Agent):  # type: ignore[misc]  # Mesa 3.3 carries no annotations
    """Buys while it has cash, and sells everything in step 5."""

    def __init__(self, model: TokenEconomy, usd: float) -> None:
        super().__init__(model)
        model.open_account(self, usd)
        self.usd = usd

    def step(self) -> None:
        if self.model.steps == 5:
            self.model.order(self, tokens=self.model.tokens(self))
        else:
            self.model.order(self, usd=0.25 * self.model.cash(self))


class ManyFunds(TokenEconomy):
    """A model as a Mesa user writes it."""

    def __init__(self, n_funds: int = 2, **kwargs: Any) -> None:
        super().__init__(**{**SMALL, **kwargs})
        self.funds = [Fund(self, 1000.0 * (1 + n)) for n in range(n_funds)]
        self.datacollector = mesa.DataCollector(
            model_reporters={"price": lambda m: m.price(), "cash": lambda m: m.cash(m.funds[0])},
            agenttype_reporters={Fund: {"usd": "usd"}},
        )


@pytest.fixture
def model() -> Iterator[TokenEconomy]:
    with TokenEconomy("minimal", **SMALL) as economy:
        yield economy


def same(first: RunRecord, second: RunRecord) -> bool:
    """Return whether two records hold the same bytes."""
    assert first.series.keys() == second.series.keys() >= {m.name for m in metrics_of()}
    return all(values.tobytes() == second.series[name].tobytes() for name, values in first.series.items())


def test_the_series_are_those_of_the_engine(model: TokenEconomy) -> None:
    engine = Engine(load("minimal", sets=PATHS))
    engine.run()
    model.run_model()
    assert same(model.record(), engine.record())
    assert model.record().flows == engine.record().flows
    assert model.record().audit == engine.record().audit


def test_steps_count_and_running_ends(model: TokenEconomy) -> None:
    assert (model.steps, model.running) == (0, True)
    for step in range(1, 13):
        model.step()
        assert model.steps == model.engine.economy.step == step
        assert model.running == (step < 12)
    with pytest.raises(CatallaxyError, match=r"all 12 steps of 'minimal' are done; make the model with steps=24"):
        model.step()


def test_a_scenario_can_be_given_in_every_form() -> None:
    loaded = load("minimal", sets=PATHS)
    for form, changes in ((loaded, None), ("minimal", PATHS), (loaded.model_dump(mode="json"), None)):
        assert TokenEconomy(form, sets=changes).engine.scenario == loaded
    changed = TokenEconomy(loaded, networks__alpha__fees__take_rate=0.2, sets={"name": "dear"})
    assert (changed.engine.scenario.name, changed.engine.scenario.networks["alpha"].fees.take_rate) == ("dear", 0.2)
    with pytest.raises(ScenarioError, match="speculators"):
        TokenEconomy("minimal", populations__speculatorss__count=3)


def test_chance_comes_from_the_seed_and_the_replicate() -> None:
    def price(**arguments: Any) -> Any:
        economy = TokenEconomy("minimal", **{**SMALL, "steps": 2, **arguments})
        economy.run_model()
        return economy.price(), economy.random.random(), economy.rng.random()

    assert price(rng=9) == price(seed=9) == price(rng=np.int64(9))
    assert price(rng=[1, 2]) == price(rng=np.random.default_rng([1, 2])) == price(rng=np.random.SeedSequence([1, 2]))
    drawn = [price(), price(rng=9), price(rng=[1, 2]), price(replicate=1)]
    assert all(len(set(values)) == 4 for values in zip(*drawn, strict=True))
    with pytest.raises(ValueError, match="not both"):
        TokenEconomy("minimal", rng=1, seed=1)


def test_agents_are_rows_and_natives_with_identifiers_of_their_own(model: TokenEconomy) -> None:
    funds = [Fund(model, 1000.0) for _ in range(3)]
    assert len(model.agents) == model.engine.scenario.agents + 3
    ids = [agent.unique_id for agent in model.agents]
    assert len(set(ids)) == len(ids)
    assert model.agents.get("unique_id").tolist() == ids
    assert [fund.unique_id for fund in funds] == ids[-3:]
    assert [kind.__name__ for kind in model.agent_types] == [
        "DataProviders", "ComputeNodes", "ModelBuilders", "Users", "Speculators", "Fund",
    ]  # fmt: skip
    assert list(model.agents_by_type[Fund]) == list(model.native) == funds
    kind = type(model.population("speculators")[0])
    assert model.agents_by_type[kind].agg("usd", sum) == model.engine.economy.speculators.usd_total()
    funds[0].remove()
    assert len(model.agents) == model.engine.scenario.agents + 2


def test_a_row_belongs_to_the_model(model: TokenEconomy) -> None:
    node = model.population("compute_nodes")[3]
    assert node.model is model
    assert node.random is model.random
    node.upkeep = 9.5
    assert model.engine.economy.nodes.columns["upkeep"][3] == 9.5


def test_money_written_past_the_ledger_stops_the_run(model: TokenEconomy) -> None:
    model.step()
    model.population("speculators")[0].usd += 5
    with pytest.raises(AuditError):
        model.step()


def test_natives_trade_in_the_batch_of_the_step() -> None:
    model = ManyFunds(n_funds=3)
    first = model.funds[0]
    model.step()
    fill = model.last_fill(first)
    assert fill.usd == -250.0
    assert model.tokens(first) == fill.tokens > 0.0
    assert model.cash(first) == 750.0
    while model.steps < 5:
        model.step()
    assert model.tokens(first) == 0.0
    assert model.last_fill(first).usd > 0.0
    model.run_model()
    assert model.record().audit["passed"]
    assert model.price() == model.record().series["price"][-1, 0]


def test_the_order_of_activation_can_be_changed() -> None:
    class Patient(ManyFunds):
        def activate(self) -> None:
            if self.steps > 3:
                self.native.do("step")

    model = Patient()
    for cash in (1000.0, 1000.0, 1000.0, 750.0):
        model.step()
        assert model.cash(model.funds[0]) == cash


def test_refusals_reach_the_agent(model: TokenEconomy) -> None:
    fund = Fund(model, 10.0)
    with pytest.raises(OrderRefused, match="has an account already"):
        model.open_account(fund)
    with pytest.raises(OrderRefused, match="is not covered"):
        model.order(fund, usd=11.0)
    with pytest.raises(OrderRefused, match="there is no network 'alfa'; known: alpha; did you mean 'alpha'"):
        model.order(fund, "alfa", usd=1.0)
    with pytest.raises(OrderRefused, match=r"has no account; open one with model\.open_account"):
        model.order(mesa.Agent(model), usd=1.0)
    assert math.isnan(model.last_fill(fund).price)


def test_the_data_collector_reports_models_agents_and_types() -> None:
    model = ManyFunds(n_funds=2)
    model.run_model()
    table = model.datacollector.get_model_vars_dataframe()
    np.testing.assert_array_equal(table["price"], model.record().series["price"][:, 0])
    assert len(model.datacollector.get_agenttype_vars_dataframe(Fund)) == 24


def test_agent_reporters_see_rows_and_natives(model: TokenEconomy) -> None:
    model.datacollector = mesa.DataCollector(agent_reporters={"id": "unique_id", "name": lambda a: type(a).__name__})
    Fund(model, 1000.0)
    model.step()
    table = model.datacollector.get_agent_vars_dataframe()
    assert len(table) == len(model.agents)
    assert table.index.get_level_values("AgentID").is_unique
    assert table["name"].value_counts()["Speculators"] == 60


def test_metrics_are_collected_by_name() -> None:
    economy = TokenEconomy("minimal", **SMALL, collect=("price", "users"))
    economy.step()
    table = economy.datacollector.get_model_vars_dataframe()
    assert table.columns.tolist() == ["price", "users"]
    assert table["price"][0] == economy.price()
    several = TokenEconomy("three-networks", steps=1, collect=["price"])
    assert list(several.datacollector.model_reporters) == [f"price.{name}" for name in several.engine.economy.names]
    with pytest.raises(ValueError, match="there is no metric 'prise' to collect; did you mean 'price'"):
        TokenEconomy("minimal", collect=["prise"])


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_batch_run_varies_parameters_and_replicates(processes: int) -> None:
    rows = mesa.batch_run(
        TokenEconomy,
        {"scenario": "minimal", **SMALL, "networks__alpha__token__price": [1.0, 2.0], "replicate": range(2)},
        number_processes=processes,
        max_steps=100,
        display_progress=False,
    )
    assert len(rows) == 4
    prices = {(row["networks__alpha__token__price"], row["replicate"]): row["price"] for row in rows}
    expected = TokenEconomy("minimal", **SMALL, networks__alpha__token__price=2.0, replicate=1)
    expected.run_model()
    assert prices[2.0, 1] == expected.price()
    assert len(set(prices.values())) == 4


def test_batch_run_makes_a_users_model() -> None:
    rows = mesa.batch_run(ManyFunds, {"n_funds": [1, 3]}, max_steps=100, display_progress=False)
    final = {row["n_funds"]: row["price"] for row in rows}
    assert final.keys() == {1, 3}
    assert final[1] != final[3]


def test_a_closed_model_leaves_memory() -> None:
    model = ManyFunds()
    gone = weakref.ref(model)
    model.step()
    model.close()
    del model
    gc.collect()
    assert gone() is None


def test_no_attribute_takes_a_name_that_mesa_needs(model: TokenEconomy) -> None:
    own = {*vars(model), *vars(TokenEconomy)} - {*vars(mesa.Model), *vars(mesa.Model(rng=1))}
    assert not own & set(RESERVED)


def test_the_result_is_that_of_a_run(model: TokenEconomy) -> None:
    model.step()
    assert model.result().status == "interrupted"
    model.run_model()
    result = model.result()
    assert result.status == "complete"
    assert result.panel("price").shape == (1, 12, 1)
    assert "minimal" in result.scenario
