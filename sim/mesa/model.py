"""`TokenEconomy`: a run of a scenario as a Mesa model.

Compiled populations are moved by the phases of a step; agents that a user writes as `mesa.Agent` live in the same
model, act first in each step, and trade on the same venues through accounts. The parts of Mesa that work with one
agent object per agent (`agents`, `DataCollector`, `batch_run`) see both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

import mesa
import numpy as np

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.guests import Fill, OrderRefused, Ticket
from catallaxy.agents.population import MICRO
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.genesis import replicate_seed
from catallaxy.sim.engine.guests import guests_of, network_number, open_account, place_order, venue_number
from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.experiments.about import about
from catallaxy.sim.mesa.agents import Agents
from catallaxy.sim.mesa.rows import Rows
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.origin import RunOrigin
from catallaxy.sim.results.result import Result
from catallaxy.sim.scenario.compose import Source
from catallaxy.sim.scenario.loading import load, resolved_yaml, scenario_hash
from catallaxy.sim.scenario.schema import Scenario

__all__ = ["TokenEconomy"]

SeedLike = int | np.integer[Any] | Sequence[int] | np.random.SeedSequence | np.random.Generator


class TokenEconomy(mesa.Model):
    """A token economy as a Mesa model.

    Without agents of your own it gives the same series, bit for bit, as `catallaxy.run`.

    Parameters
    ----------
    scenario : str, Path, Mapping or Scenario
        Name of a shipped scenario, a YAML file, a mapping, or a loaded scenario.
    rng : int or other NumPy seed, optional
        Root seed of all chance, in place of the scenario's.
    replicate : int
        Which independent replicate; `batch_run` can vary it.
    threads : int
        Threads for row kernels; results do not depend on it.
    sets : Mapping, optional
        Values by dotted path of the scenario.
    collect : sequence of str
        Metrics that the data collector records each step, as `name` or, with several networks, `name.network`.
    **parameters : Any
        Values by path of the scenario with `__` for the dots: `networks__alpha__fees__take_rate=0.1`.

    Attributes
    ----------
    engine : Engine
        The underlying run: `engine.economy` holds the whole state.
    datacollector : mesa.DataCollector
        Collects at the end of each step; replace it with one of your own before the first step.
    running : bool
        False once all steps of the scenario are done.
    """

    def __init__(
        self,
        scenario: Source | Scenario = "minimal",
        *,
        rng: SeedLike | None = None,
        replicate: int = 0,
        threads: int = 1,
        sets: Mapping[str, Any] | None = None,
        collect: Sequence[str] = ("price",),
        **parameters: Any,
    ) -> None:
        changes = {**(sets or {}), **{path.replace("__", "."): value for path, value in parameters.items()}}
        if rng is not None:
            if "seed" in changes:
                raise ValueError("give rng= or seed=, not both: either is the root seed of the scenario")
            changes["seed"] = _root_seed(rng)
        chosen = _scenario(scenario, changes)
        super().__init__(rng=int(replicate_seed(chosen.seed, replicate)))
        self.engine = Engine(chosen, replicate, threads)
        self._rows = {name: Rows(self, population) for name, population in self.engine.economy.populations.items()}
        self._first_id = chosen.agents
        self._accounts: dict[int, int] = {}
        self._started = datetime.now(UTC)
        self.datacollector = mesa.DataCollector(model_reporters=self._reporters(collect))

    def _reporters(self, names: Sequence[str]) -> dict[str, Any]:
        economy = self.engine.economy
        for name in names:
            if name not in economy.metrics:
                raise ValueError(f"there is no metric {name!r} to collect{did_you_mean(name, economy.metrics)}")
        labels = [""] if economy.k == 1 else [f".{network}" for network in economy.names]
        return {name + label: partial(_recorded, name, k) for name in names for k, label in enumerate(labels)}

    def activate(self) -> None:
        """Let the agents written in Python act, before the phases of the step; override it for another order."""
        self.native.shuffle_do("step")

    def step(self) -> None:
        """Take one step: agents written in Python act, then the phases of the economy run, then data is collected.

        Raises
        ------
        CatallaxyError
            When all steps of the scenario are done.
        """
        engine = self.engine
        if engine.finished:
            done, name = engine.scenario.steps, engine.scenario.name
            raise CatallaxyError(
                f"all {done} steps of {name!r} are done; make the model with steps={2 * done} to go on"
            )
        self.activate()
        engine.step()
        self.running = not engine.finished
        self.datacollector.collect(self)

    def register_agent(self, agent: Any) -> None:
        """Admit an agent; Mesa calls it. Its identifier follows those of the compiled populations."""
        super().register_agent(agent)
        agent.unique_id += self._first_id

    @property
    def native(self) -> Any:
        """Mesa's own set of the agents written in Python."""
        return super().agents

    @property
    def agents(self) -> Agents:
        """All agents: those of the compiled populations in scenario order, then those written in Python."""
        return Agents([*self._rows.values(), self.native], self.random)

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """Set of agents by class; each compiled population has a class of its own, named after it."""
        compiled = {rows.kind: Agents([rows], self.random) for rows in self._rows.values()}
        return {**compiled, **super().agents_by_type}

    @property
    def agent_types(self) -> list[type]:
        """Classes of agents."""
        return list(self.agents_by_type)

    def population(self, name: str) -> Agents:
        """Return the agents of one compiled population.

        Parameters
        ----------
        name : str
            Its name in the scenario ("speculators").

        Returns
        -------
        Agents
        """
        return Agents([self._rows[name]], self.random)

    def open_account(self, agent: Any, usd: float = 0.0, tokens: Mapping[str, float] | None = None) -> None:
        """Give an agent an account to trade from.

        Parameters
        ----------
        agent : mesa.Agent
        usd : float, optional
            Cash that it brings from outside, USD.
        tokens : Mapping of str to float, optional
            Tokens that the treasury of each network gives it.

        Raises
        ------
        OrderRefused
            When it has one already, or the account cannot be opened with these amounts.
        """
        if agent.unique_id in self._accounts:
            raise OrderRefused(f"agent {agent.unique_id} has an account already")
        self._accounts[agent.unique_id] = open_account(self.engine.economy, usd, tokens)

    def order(
        self,
        agent: Any,
        network: str | None = None,
        *,
        usd: float | None = None,
        tokens: float | None = None,
        **single: Any,
    ) -> Ticket | None:
        """Place an order for the token market of the step: spend dollars, or sell tokens.

        Another such order of the same agent on the same network, before it is filled, replaces it. With `venue`,
        `limit`, `kind` or `lifetime` it is a single order at one venue, of which an agent may have many.

        Parameters
        ----------
        agent : mesa.Agent
            Has an account.
        network : str, optional
            May be left out when there is only one.
        usd : float, optional
            Dollars to spend on tokens.
        tokens : float, optional
            Tokens to sell.
        **single : Any
            `venue`: kind or number of a venue that matches orders singly; the first one when left out. `limit`: worst
            price accepted, USD/token; drawn by the venue when left out. `kind`: "limit", "post-only", "ioc" or "fok".
            `lifetime`: steps for which it stays.

        Returns
        -------
        Ticket or None
            Tells what came of a single order.

        Raises
        ------
        OrderRefused
            When it cannot be placed as given; the message says why.
        """
        economy = self.engine.economy
        number, account = network_number(economy, network), self._account(agent)
        if not single:
            guests_of(economy).order(account, number, usd=usd, tokens=tokens)
            return None
        ticket = Ticket(account, number, venue_number(economy, number, single.pop("venue", None)), **single)
        return place_order(economy, ticket, usd=usd, tokens=tokens)

    def cancel(self, ticket: Ticket) -> None:
        """Withdraw a single order; one that rests leaves before the next token market.

        Parameters
        ----------
        ticket : Ticket

        Raises
        ------
        OrderRefused
            When it is done already.
        """
        guests_of(self.engine.economy).tickets.cancel(ticket)

    def last_fill(self, agent: Any, network: str | None = None) -> Fill:
        """Return what the last token market did for an agent.

        Parameters
        ----------
        agent : mesa.Agent
        network : str, optional

        Returns
        -------
        Fill
        """
        number = network_number(self.engine.economy, network)
        return guests_of(self.engine.economy).last_fill(self._account(agent), number)

    def cash(self, agent: Any) -> float:
        """Return the dollars in an agent's account."""
        return int(guests_of(self.engine.economy).usd[self._account(agent)]) / MICRO

    def tokens(self, agent: Any, network: str | None = None) -> float:
        """Return the tokens of a network in an agent's account."""
        economy = self.engine.economy
        k = network_number(economy, network)
        return int(guests_of(economy).tokens[k, self._account(agent)]) / int(economy.base[k])

    def price(self, network: str | None = None) -> float:
        """Return the price of a network's token, USD/token."""
        economy = self.engine.economy
        return float(economy.quoted.token_price[network_number(economy, network)])

    def _account(self, agent: Any) -> int:
        if agent.unique_id not in self._accounts:
            raise OrderRefused(
                f"agent {agent.unique_id} has no account; open one with model.open_account(agent, usd=...)"
            )
        return self._accounts[agent.unique_id]

    def record(self) -> RunRecord:
        """Return everything recorded so far."""
        return self.engine.record("complete" if self.engine.finished else "interrupted")

    def result(self) -> Result:
        """Return everything recorded so far, with tables, figures and a report."""
        scenario = self.engine.scenario
        origin = RunOrigin(
            name=scenario.name,
            scenario_yaml=resolved_yaml(scenario),
            scenario_hash=scenario_hash(scenario),
            seed=scenario.seed,
            steps=scenario.steps,
            started=self._started,
            first=self.engine.replicate,
            about=about(scenario),
        )
        return Result.from_records(origin, [self.record()])

    def close(self) -> None:
        """Release threads, and let Mesa 3.3 forget the model, which it otherwise keeps in memory for ever."""
        self.engine.close()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _scenario(source: Source | Scenario, changes: Mapping[str, Any]) -> Scenario:
    if isinstance(source, Scenario):
        if not changes:
            return source
        source = source.model_dump(mode="json")
    return load(source, sets=changes)


def _recorded(name: str, k: int, model: TokenEconomy) -> float:
    return float(model.engine.economy.metrics[name][k])


def _root_seed(rng: SeedLike) -> int:
    if isinstance(rng, int | np.integer):
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**63 - 1))
