"""Rows of compiled populations as Mesa agents, and sets of them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from catallaxy.agents.population import Population
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.mesa.agents import Agents
from catallaxy.sim.mesa.rows import Row, Rows
from catallaxy.sim.scenario.loading import load

SMALL = {
    "populations.data_providers.count": 20,
    "populations.compute_nodes.count": 10,
    "populations.model_builders.count": 4,
    "populations.users.count": 50,
    "populations.speculators.count": 30,
}


class Native:
    """An agent written in Python, as far as a set of agents can tell."""

    def __init__(self, unique_id: int, usd: int) -> None:
        self.unique_id, self.usd, self.calls = unique_id, usd, 0

    def act(self, times: int = 1) -> int:
        self.calls += times
        return self.calls


class Model:
    """As much of a model as a row looks at."""

    random, rng = random.Random(1), np.random.default_rng(1)


@pytest.fixture(scope="module")
def populations() -> dict[str, Population]:
    return Engine(load("minimal", sets=SMALL)).economy.populations


@pytest.fixture
def rows(populations: dict[str, Population]) -> dict[str, Rows]:
    return {name: Rows(Model(), population) for name, population in populations.items()}  # type: ignore[arg-type]


@pytest.fixture
def natives() -> list[Native]:
    return [Native(1000 + i, 10 * i) for i in range(3)]


@pytest.fixture
def everyone(rows: dict[str, Rows], natives: list[Native]) -> Agents:
    return Agents([*rows.values(), natives], random.Random(7))


def test_a_row_reads_every_column(rows: dict[str, Rows]) -> None:
    for part in rows.values():
        columns = part.population.columns
        for name, values in columns.items():
            found = getattr(part[3], name)
            assert np.array_equal(found, values[..., 3]), name
            assert not isinstance(found, np.generic | np.ndarray), name
        assert part[3].unique_id == int(columns["ids"][3])


def test_a_row_writes_through(rows: dict[str, Rows]) -> None:
    speculator = rows["speculators"][5]
    speculator.usd, speculator.tokens = 12, (34,)  # type: ignore[attr-defined]
    assert rows["speculators"].population.columns["usd"][5] == 12
    assert rows["speculators"].population.columns["tokens"][:, 5].tolist() == [34]
    with pytest.raises(AttributeError):
        speculator.ids = 3  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        speculator.wealth = 3  # type: ignore[attr-defined]


def test_rows_are_equal_when_they_are_the_same_agent(rows: dict[str, Rows]) -> None:
    users, nodes = rows["users"], rows["compute_nodes"]
    assert users[2] == users[2] != users[3]
    assert users[2] != nodes[2]
    assert len({users[2], users[2], users[3], nodes[2]}) == 3
    assert users[2] in users
    assert users[2] not in nodes


def test_rows_know_their_place(rows: dict[str, Rows]) -> None:
    node = rows["compute_nodes"][0]
    assert repr(node) == f"<ComputeNodes {node.unique_id}>"
    assert isinstance(node, Row)
    assert node.pos is None
    assert node.random is Model.random
    assert node.rng is Model.rng
    assert "Cash it wants to keep. Unit: micro-USD." in str(type(node).cash_target.__doc__)


def test_a_population_is_a_sequence(rows: dict[str, Rows]) -> None:
    users = rows["users"]
    assert users[-1] == users[len(users) - 1] == list(users)[-1]
    assert users[10:14:2] == [users[10], users[12]]
    with pytest.raises(IndexError):
        users[len(users)]


def test_a_set_chains_its_parts(everyone: Agents, rows: dict[str, Rows], natives: list[Native]) -> None:
    assert len(everyone) == 117
    assert everyone[0] == rows["data_providers"][0]
    assert everyone[20] == rows["compute_nodes"][0]
    assert everyone[-1] is natives[-1]
    assert everyone[-2:] == natives[-2:]
    assert list(everyone) == everyone.to_list() == [everyone[i] for i in range(117)]
    assert rows["users"][3] in everyone
    assert natives[0] in everyone
    assert object() not in everyone
    assert repr(everyone) == "<Agents: 117>"
    with pytest.raises(IndexError):
        everyone[117]


def test_get_takes_whole_columns(rows: dict[str, Rows], natives: list[Native]) -> None:
    some = Agents([rows["compute_nodes"], rows["model_builders"], natives], random.Random(1))
    usd = some.get("usd")
    assert usd.tolist() == [agent.usd for agent in some]
    usd[:] = -1
    assert some[0].usd >= 0, "what `get` returns is a copy"
    ids, network = some.get(["unique_id", "network"], "default", -1)
    assert ids.tolist() == [agent.unique_id for agent in some]
    assert network[-3:].tolist() == [-1, -1, -1]
    assert Agents([rows["speculators"]], random.Random(1)).get("tokens").shape == (30, 1)
    assert len(Agents([], random.Random(1)).get("usd")) == 0


@pytest.mark.parametrize(
    ("arguments", "error", "expected"),
    [
        (("cash",), AttributeError, "'data_providers' has no column 'cash'; it has ids, network"),
        (("tokens", "default"), ValueError, "one number per agent in some populations and one per network in others"),
        (("usd", "ignore"), ValueError, "'ignore' is not known; allowed: 'error', 'default'"),
    ],
)
def test_get_explains_what_cannot_be_had(
    everyone: Agents, arguments: tuple[Any, ...], error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        everyone.get(*arguments)


def test_set_writes_whole_columns(rows: dict[str, Rows], natives: list[Native]) -> None:
    some = Agents([rows["compute_nodes"], natives], random.Random(1))
    assert some.set("usd", 77) is some
    assert set(some.get("usd").tolist()) == {77}
    with pytest.raises(AttributeError, match="has no column 'wealth'"):
        some.set("wealth", 1)
    for name in ("ids", "unique_id"):
        with pytest.raises(AttributeError, match="cannot be changed"):
            some.set(name, 1)


def test_agg_reduces_a_column(everyone: Agents, natives: list[Native]) -> None:
    holders = everyone.select(lambda agent: hasattr(agent, "usd"))
    values = [agent.usd for agent in holders]
    assert holders.agg("usd", sum) == sum(values)
    assert holders.agg("usd", [min, max, np.median]) == [min(values), max(values), np.median(values)]


def test_select_filters_limits_and_sorts_by_type(everyone: Agents, rows: dict[str, Rows]) -> None:
    nodes = everyone.select(agent_type=rows["compute_nodes"].kind)
    assert list(nodes) == list(rows["compute_nodes"])
    assert len(everyone.select(agent_type=Native)) == 3
    assert len(everyone.select(agent_type=Row)) == 114
    assert len(everyone.select(at_most=0.1)) == 11
    assert everyone.select(at_most=5).to_list() == everyone[:5]
    odd = everyone.select(lambda agent: agent.unique_id % 2 == 1, at_most=4)
    assert [agent.unique_id for agent in odd] == [1, 3, 5, 7]
    assert len(everyone) == 117
    assert everyone.select(lambda agent: isinstance(agent, Native), inplace=True) is everyone
    assert len(everyone) == 3


def test_do_calls_single_agents_and_advises_about_populations(everyone: Agents, rows: dict[str, Rows]) -> None:
    for method in (everyone.do, everyone.shuffle_do):
        with pytest.raises(TypeError, match=r"'data_providers' is a population of arrays.*model\.native\.do"):
            method("act")
    natives = everyone.select(agent_type=Native)
    assert natives.do("act", 2).shuffle_do("act", times=3) is natives
    assert natives.map("act") == [6, 6, 6]
    seen: list[int] = []
    few = Agents([rows["users"][:4]], random.Random(1)).do(lambda user: seen.append(user.unique_id))
    assert seen == [user.unique_id for user in few]
    assert few.map(lambda user, by: user.unique_id * by, by=2) == [2 * one for one in seen]


def test_shuffle_and_sort_keep_the_members(everyone: Agents) -> None:
    mixed = everyone.shuffle()
    assert list(mixed) != list(everyone)
    assert sorted(agent.unique_id for agent in mixed) == sorted(agent.unique_id for agent in everyone)
    assert [agent.unique_id for agent in mixed.sort("unique_id", ascending=True)] == sorted(everyone.get("unique_id"))
    assert mixed.sort(lambda agent: agent.unique_id)[0] == everyone[-1]
