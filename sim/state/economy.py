"""The state of one run: networks, populations, venues, drivers and books."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.compute_nodes import ComputeNodes
from catallaxy.agents.data_providers import DataProviders
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.population import MICRO, Floats, Ints, Population
from catallaxy.agents.speculators import Speculators
from catallaxy.agents.users import Users
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.environment.events import PolicyEvent
from catallaxy.sim.environment.paths import DriverPaths
from catallaxy.sim.markets.venues import Pool
from catallaxy.sim.recording.metrics import metrics_of
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.state.access import Access
from catallaxy.sim.state.accounts import Accounts, Quoted
from catallaxy.sim.state.attention import Attention
from catallaxy.sim.state.charges import ChargeBook
from catallaxy.sim.state.checks import CheckBook
from catallaxy.sim.state.contributions import open_contributions
from catallaxy.sim.state.credits import CreditBook, open_credits
from catallaxy.sim.state.dilution import DilutionBook
from catallaxy.sim.state.governance import GovernanceBook, open_governance
from catallaxy.sim.state.incumbents import Incumbents
from catallaxy.sim.state.ledger import USD, Ledger
from catallaxy.sim.state.mergers import Mergers
from catallaxy.sim.state.orders import Orders
from catallaxy.sim.state.provision import Provision
from catallaxy.sim.state.stocks import stocks_of
from catallaxy.sim.state.subnets import Subnets
from catallaxy.sim.state.trading import Trading
from catallaxy.sim.tokenomics.allocation import VestingSchedule
from catallaxy.sim.tokenomics.emission_context import Memory
from catallaxy.sim.tokenomics.stakes import Place
from catallaxy.sim.tokenomics.units import LARGEST_SUPPLY

__all__ = ["Economy", "burn_share_of"]

P = TypeVar("P", bound=Population)


@dataclass
class Economy:
    """Everything that a run changes.

    Attributes
    ----------
    scenario : Scenario
    seed : uint64
        Seed of this replicate.
    names, symbols : tuple of str
        Networks and their tokens, in scenario order.
    specs : tuple of NetworkSpec
    base : int64[K]
        Base units per token.
    caps : tuple of (int or None)
        Most that the emission rule may ever mint, base units; None when there is no cap.
    emission_memory : list of Memory
        What the emission rule of each network remembers.
    populations : dict of str to Population
        Every population by name.
    pools : tuple of tuple of Pool
        Pools of each network, one per venue.
    vesting : tuple of VestingSchedule
    paths : DriverPaths
    policy_events : list of PolicyEvent
        Dated events that move `policy`, in the order of their dates.
    step : int
        Step that is being, or will next be, computed.
    drivers : dict of str to float
        Driver values of the step.
    policy : dict of str to float64[K]
        Parameters that dated events can move.
    metrics : dict of str to float64[K]
        Recorded values of the step.
    guards : dict of str to int
        Steps on which each guard bound.
    trading : Trading
        Trades outside the batch.
    provision : Provision
        Liquidity that agents put into pools and take out.
    mergers : Mergers
        Conversions of tokens into others.
    staking : tuple of Stakes
        Stakes of the holders of each network's token.
    traded_at_once : int64[K], micro-USD
        Their value in this step.
    access : Access
        Who is cut off.
    attention : Attention
        Public attention.
    incumbents : Incumbents or None
        None where there is one, with the price and quality of the drivers.
    dilution : DilutionBook
        Who pays for inflation.
    charges : ChargeBook
        Tolls and prices of registrations.
    checks : CheckBook
        Verification of work.
    credits : CreditBook or None
    governance : GovernanceBook or None
        Votes; None where no network votes.
    subnets : tuple of (Subnets or None)
        By network; None where it has no subnets.
    """

    scenario: Scenario
    seed: np.uint64
    names: tuple[str, ...]
    symbols: tuple[str, ...]
    specs: tuple[NetworkSpec, ...]
    base: Ints
    caps: tuple[int | None, ...]
    lanes: Lanes
    populations: dict[str, Population]
    pools: tuple[tuple[Pool, ...], ...]
    vesting: tuple[VestingSchedule, ...]
    paths: DriverPaths
    policy_events: list[PolicyEvent]
    ledger: Ledger
    accounts: Accounts
    quoted: Quoted
    policy: dict[str, Floats]
    step: int = 0
    drivers: dict[str, float] = field(default_factory=dict)
    guards: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.k = len(self.names)
        self.access = Access(self)
        self.attention = Attention(self.scenario.attention, self.k, self.dt_days)
        rivals = self.scenario.services.incumbents
        self.incumbents: Incumbents | None = Incumbents(rivals, self.dt_days) if rivals else None
        groups = {group for population in self.populations.values() for group in population.records()}
        self.governance: GovernanceBook | None = open_governance(self.scenario)
        others = self.governance.alone if self.governance is not None else tuple([] for _ in self.specs)
        groups |= {"access"} if self.access.watched else set()
        groups |= {"attention"} if self.attention.spec.matters else set()
        groups |= {"layer 2"} if self.scenario.services.layer2 is not None else set()
        groups |= {"incumbents"} if self.incumbents is not None else set()
        groups |= {"provenance"} if self.scenario.provenance is not None else set()
        groups |= {group for spec in (*self.specs, *itertools.chain.from_iterable(others)) for group in spec.records()}
        self.metrics: dict[str, Floats] = {metric.name: np.zeros(self.k) for metric in metrics_of(groups)}
        self.orders = self.no_orders()
        self.trading = Trading(self)
        self.provision = Provision(self)
        self.mergers = Mergers(self)
        self.traded_at_once = np.zeros(self.k, np.int64)
        plain = [all(spec.token.staking.plain for spec in specs) for specs in others]
        places = (Place(self.speculators, self.nodes, k, int(base), plain[k]) for k, base in enumerate(self.base))
        self.staking = tuple(spec.token.staking.open(place) for spec, place in zip(self.specs, places, strict=True))
        self.dilution = DilutionBook(self.k)
        self.charges = ChargeBook([spec.fees for spec in self.specs], self.base)
        self.checks = CheckBook(self.k)
        self.credits: CreditBook | None = open_credits([spec.fees.credits for spec in self.specs], self.builders)
        self.contributions = open_contributions(self.providers, self.nodes, self.builders)
        self.start_price = self.quoted.token_price.copy()
        self.start_circulating = np.ones(self.k)
        self.start_usage = np.ones(self.k)
        self.log_fundamental = self.log_price() + np.array([spec.valuation.start_premium for spec in self.specs])
        self.openness = np.array([spec.openness for spec in self.specs])
        self.burn_share = np.array([burn_share_of(spec) for spec in self.specs])
        self.subnets: tuple[Subnets | None, ...] = tuple(None for _ in self.names)
        self.emission_memory: list[Memory] = [() for _ in self.names]
        self.base_policy = {name: values.copy() for name, values in self.policy.items()}

    @property
    def dt_days(self) -> float:
        """Length of a step, days."""
        return self.scenario.dt_days

    @cached_property
    def providers(self) -> DataProviders:
        """The data providers."""
        return self._named("data_providers", DataProviders)

    @cached_property
    def nodes(self) -> ComputeNodes:
        """The compute nodes."""
        return self._named("compute_nodes", ComputeNodes)

    @cached_property
    def builders(self) -> ModelBuilders:
        """The model builders."""
        return self._named("model_builders", ModelBuilders)

    @cached_property
    def users(self) -> Users:
        """The users."""
        return self._named("users", Users)

    @cached_property
    def speculators(self) -> Speculators:
        """The speculators."""
        return self._named("speculators", Speculators)

    def _named(self, name: str, kind: type[P]) -> P:
        population = self.populations[name]
        if not isinstance(population, kind):
            raise TypeError(f"population {name!r} must be {kind.__name__}, not {type(population).__name__}")
        return population

    def join(self, population: Population) -> None:
        """Admit a population that comes with nothing; it is a sector of the books from now on."""
        if population.name in self.ledger.sectors:
            raise ValueError(f"there is already a sector named {population.name!r}; give the population another name")
        self.populations[population.name] = population
        for sector in (population.name, *population.institutions()):
            self.ledger.add_sector(sector)

    def read_drivers(self) -> None:
        """Read the value of every driver in this step."""
        self.drivers = {name: float(self.paths.values[i, self.step]) for i, name in enumerate(self.paths.names)}

    def key(self, stream: Stream) -> np.uint64:
        """Return the step key of a random stream."""
        return np.uint64(nk.random.step_key(self.seed, int(stream), self.step))

    def no_orders(self) -> Orders:
        """Return an empty order book for one step."""
        return Orders(*np.zeros((5, self.k), np.int64))

    def price_micro(self) -> Floats:
        """Token prices in micro-USD per base unit, float64[K]."""
        return self.quoted.token_price * MICRO / self.base

    def log_price(self) -> Floats:
        """Natural log of the token prices, float64[K]."""
        return np.array([nk.elementary.log_scalar(price) for price in self.quoted.token_price])

    def tokens(self, amount: npt.ArrayLike) -> Floats:
        """Convert base units to tokens, float64[K]."""
        return np.asarray(amount, np.float64) / self.base

    def note(self, name: str, values: npt.ArrayLike) -> None:
        """Set a metric of the step for every network (a scalar applies to all)."""
        self.metrics[name][:] = values

    def guard(self, name: str, bound: bool) -> None:
        """Count a step on which a guard bound."""
        if bound:
            self.guards[name] = self.guards.get(name, 0) + 1

    def supply(self) -> Ints:
        """Count the base units in existence, int64[K]."""
        a = self.accounts
        return a.genesis + a.minted + a.reminted + a.curve_issued + a.converted - a.burned - a.recycled

    def ensure_countable(self, k: int, cause: str, remedy: str) -> None:
        """Stop the run if the supply of network `k` has outgrown the ledger; say what made it grow, and what helps."""
        supply, base = int(self.supply()[k]), int(self.base[k])
        if supply > LARGEST_SUPPLY:
            raise OverflowError(
                f"{cause} has taken the supply of {self.symbols[k]} to {supply / base:.4g} tokens, more than the "
                f"ledger counts ({LARGEST_SUPPLY / base:.4g}); {remedy}"
            )

    def circulating(self, supply: Ints | None = None) -> Ints:
        """Count the base units outside vesting and the undistributed reward pool, int64[K]."""
        return (self.supply() if supply is None else supply) - self.accounts.vesting - self.accounts.reward_pool

    def staked(self) -> Ints:
        """Count the base units bonded by all populations, int64[K]."""
        return sum((population.staked_totals() for population in self.populations.values()), np.zeros(self.k, np.int64))

    def unbonding(self) -> Ints:
        """Count the base units that wait to be released, int64[K]."""
        waiting = (population.unbonding_totals() for population in self.populations.values())
        return sum(waiting, np.zeros(self.k, np.int64))

    def post(self, k: int, flow: str, payer: str, receiver: str, amount: int) -> None:
        """Book a token flow of network `k`."""
        self.ledger.post(k + 1, flow, payer, receiver, int(amount))

    def post_usd(self, flow: str, payer: str, receiver: str, amount: int) -> None:
        """Book a dollar flow."""
        self.ledger.post(USD, flow, payer, receiver, int(amount))

    def stocks(self) -> Ints:
        """Count what every sector holds, int64[instruments, sectors]."""
        return stocks_of(self)


def burn_share_of(spec: NetworkSpec) -> float:
    """Return the share of users' spending that buys tokens to burn."""
    return float(sum(sink.largest_share() for sink in spec.fees.sinks if sink.taken_from == "spending"))
