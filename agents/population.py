"""A population: a table with one row per agent and one contiguous array per column.

Kinds of agent are plug-ins: a `PopulationSpec` declares how many there are and how their attributes are drawn, and
builds a `Population`, which owns the arrays and answers the engine's questions in each phase. The engine never loops
over agents in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.numba_kernels.streams import Stream

if TYPE_CHECKING:
    from catallaxy.agents.gains import Gains
    from catallaxy.agents.lanes import Lanes
    from catallaxy.agents.single_orders import Answers, SingleOrders
    from catallaxy.agents.voters import Voters

__all__ = [
    "AGENT_KINDS",
    "MICRO",
    "Column",
    "Fills",
    "Flags",
    "Floats",
    "Holdings",
    "Ints",
    "Population",
    "PopulationSpec",
    "Quotes",
    "Site",
    "of_kind",
    "part_of",
    "spread_over_networks",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.int8]

#: Micro-dollars per dollar.
MICRO = 1_000_000
_GOLDEN_RATIO = 0.6180339887498949


@dataclass(frozen=True)
class Column:
    """One per-agent array.

    Attributes
    ----------
    name : str
    dtype : str
        NumPy dtype name.
    unit : str
    doc : str
    """

    name: str
    dtype: str
    unit: str
    doc: str


@dataclass(frozen=True)
class Site:
    """What a population needs to know to come into being.

    Attributes
    ----------
    seed : uint64
    first_id : int
        Identifier of the population's first agent; identifiers are unique in a run and key all draws.
    n_networks : int
    base_units : int64[K]
        Base units per token of each network.
    prices : float64[K], USD/token
        Starting prices.
    dt_days : float
    lanes : Lanes
        Runs kernels over rows, on as many threads as the run owns.
    """

    seed: np.uint64
    first_id: int
    n_networks: int
    base_units: Ints
    prices: Floats
    dt_days: float
    lanes: Lanes


@dataclass(frozen=True)
class Quotes:
    """What a trader sees in the portfolio phase, per network.

    Attributes
    ----------
    price : float64[K], USD/token
    price_micro : float64[K], micro-USD per base unit
    """

    price: Floats
    price_micro: Floats


@dataclass(frozen=True)
class Fills:
    """The rates at which the token market fills orders, per network.

    Attributes
    ----------
    tokens_per_usd : float64[K], base units per micro-USD spent
    usd_per_token : float64[K], micro-USD per base unit sold
    """

    tokens_per_usd: Floats
    usd_per_token: Floats


@dataclass(frozen=True)
class Holdings:
    """What one sector of the ledger holds.

    Attributes
    ----------
    usd : int
        Micro-dollars.
    tokens : int64[K], base units
    """

    usd: int
    tokens: Ints


class Population:
    """Base of every population.

    A subclass answers what the engine asks (balances, orders, fills). It may also act in any phase: a method
    `on_<phase>(economy)`, with spaces as underscores (`on_data_market`), runs right after that phase.

    Parameters
    ----------
    name : str
        Name in the scenario; also the population's sector in the ledger.
    site : Site
    count : int

    Attributes
    ----------
    ids : int64[n]
    columns : dict of str to array
        Every per-agent array by name, in declaration order.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    RECORDS: ClassVar[tuple[str, ...]] = ()
    """Groups of metrics that are recorded only where there is such a population."""
    RESTS: ClassVar[bool] = True
    """Whether what a book does not fill of its orders may stay there."""

    def __init__(self, name: str, site: Site, count: int) -> None:
        self.name = name
        self.site = site
        self.n = count
        self.columns: dict[str, npt.NDArray[Any]] = {}
        self.ids = self.store("ids", np.arange(site.first_id, site.first_id + count, dtype=np.int64))

    def __len__(self) -> int:
        return self.n

    def store(self, name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Add a column and return it.

        Parameters
        ----------
        name : str
        values : array[n] or array[K, n]

        Returns
        -------
        array
            Contiguous; what the kernels work on.
        """
        self.columns[name] = np.ascontiguousarray(values)
        return self.columns[name]

    def zeros(self, name: str) -> Ints:
        """Add an int64 column of zeros, one per agent, and return it."""
        return self.store(name, np.zeros(self.n, np.int64))

    def token_rows(self, name: str) -> Ints:
        """Add an int64 column with one row of zeros per network, and return it."""
        return self.store(name, np.zeros((self.site.n_networks, self.n), np.int64))

    def permute(self, order: npt.NDArray[np.intp]) -> None:
        """Reorder the rows in place; nothing that a run records may change.

        Parameters
        ----------
        order : intp[n]
            Row that comes to each place.
        """
        for values in self.columns.values():
            values[...] = values[..., order]

    @property
    def bytes_per_agent(self) -> float:
        """Memory held per agent, bytes."""
        return sum(values.nbytes for values in self.columns.values()) / max(self.n, 1)

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return 0

    def token_totals(self) -> Ints:
        """Count the free base units held, int64[K]."""
        return np.zeros(self.site.n_networks, np.int64)

    def staked_totals(self) -> Ints:
        """Count the base units bonded, int64[K]."""
        return np.zeros(self.site.n_networks, np.int64)

    def stakes(self, k: int) -> Ints:
        """Return what each member has bonded on network `k`, int64[m], base units; they add up to `staked_totals`."""
        return np.zeros(0, np.int64)

    def voters(self, k: int) -> Voters | None:
        """Return who may vote on network `k`, and with what; the default has no voters."""
        return None

    def unbonding_totals(self) -> Ints:
        """Count the base units that wait to be released, int64[K]."""
        return np.zeros(self.site.n_networks, np.int64)

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that are recorded because of this population."""
        return self.RECORDS

    def institutions(self) -> dict[str, Holdings]:
        """Return what the institutions that come with the population hold, by sector; always the same sectors."""
        return {}

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Form this step's token orders; return micro-USD bid and base units offered per network."""
        zero = [0] * self.site.n_networks
        return zero, zero

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book the fills of this step's orders; return base units and micro-USD received per network."""
        zero = [0] * self.site.n_networks
        return zero, zero

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of this step's orders on a network, one row per agent, to venues that match orders singly.

        What is handed over is no longer part of the batch that `settle` books. The default hands over nothing.

        Parameters
        ----------
        k : int
        share : float
        part : int64[n], out
            Micro-USD to spend if positive, base units to sell if negative.
        """
        part[:] = 0

    def limits(self, k: int, limit: Floats) -> None:
        """Name the worst price that every agent accepts for what `route` hands over; the default leaves it to venues.

        Parameters
        ----------
        k : int
        limit : float64[n], micro-USD per base unit, out
            Zeros, for limits that the venue draws.
        """

    def single_orders(self, k: int, venue: int) -> SingleOrders | None:
        """Return orders for one venue that say more than an amount; the default sends none.

        Parameters
        ----------
        k, venue : int

        Returns
        -------
        SingleOrders or None
        """
        return None

    @property
    def listens(self) -> bool:
        """Whether the population wants to be told, by `hear`, what came of its single orders one by one."""
        return False

    def hear(self, k: int, venue: int, answers: Answers) -> None:
        """Be told what came of single orders; `fill` has moved the balances.

        Parameters
        ----------
        k, venue : int
        answers : Answers
        """

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Add to every agent's balances what came of its single orders; must be there wherever `route` is.

        Parameters
        ----------
        k : int
        usd : int64[n], micro-USD
            Negative for a purchase.
        tokens : int64[n], base units
            Negative for a sale.
        """
        raise NotImplementedError(f"{type(self).__name__} has handed over orders and does not take their fills")

    def pool_shares(self, k: int, venue: int) -> int:
        """Count the shares that members have of the liquidity of a venue of network `k`; the default has none."""
        return 0

    def trade_before_batch(self, economy: Any) -> None:
        """Trade once single orders are matched, before the batch clears (`economy.trading`); the default does not."""

    def trade_at_once(self, economy: Any) -> None:
        """Trade after the batch, at the venues' own prices (`economy.trading`); the default does not."""

    def incomes_usd(self) -> dict[str, tuple[Ints, Ints]]:
        """Return what each agent earned: label -> (network of each agent or -1, micro-USD)."""
        return {}

    def gains(self, price_micro: Floats, steps: int) -> Gains | None:
        """Return what each agent has gained after some steps, at present token prices; the default does not say."""
        return None


P = TypeVar("P", bound=Population)


class PopulationSpec(Plugin):
    """Base of the declared parameters of a kind of agent."""

    count: int = quantity(unit="agent", doc="Number of agents.", ge=1, le=50_000_000)

    def build(self, name: str, site: Site) -> Population:
        """Make the population.

        Parameters
        ----------
        name : str
        site : Site

        Returns
        -------
        Population
        """
        raise NotImplementedError(f"agent kind {self.kind!r} does not build a population")

    def draw(self, field: str, site: Site, ids: Ints) -> Floats:
        """Draw one attribute for every agent.

        Parameters
        ----------
        field : str
            Name of an attribute of this spec.
        site : Site
        ids : int64[n]

        Returns
        -------
        float64[n]
        """
        from catallaxy import numba_kernels as nk

        position = list(type(self).model_fields).index(field)
        key = nk.random.step_key(site.seed, int(Stream.ATTRIBUTES), position)
        values: Floats = getattr(self, field).draw(key, ids)
        return values


def spread_over_networks(ids: Ints, n_networks: int) -> Ints:
    """Assign agents to networks evenly, by a golden-ratio sequence on their identifiers.

    Parameters
    ----------
    ids : int64[n]
    n_networks : int

    Returns
    -------
    int64[n]
    """
    fraction = (ids * _GOLDEN_RATIO) % 1.0
    return np.minimum((fraction * n_networks).astype(np.int64), n_networks - 1)


def of_kind(populations: Iterable[Population], kind: type[P]) -> P | None:
    """Return the first population of a class; None where there is none."""
    return next((population for population in populations if isinstance(population, kind)), None)


def part_of(orders: Ints, share: float) -> Ints:
    """Return a share of every order, rounded towards zero and never more than the order.

    Parameters
    ----------
    orders : int64[n]
    share : float
        0 to 1.

    Returns
    -------
    int64[n]
    """
    if share >= 1.0:
        return orders.copy()
    size = np.abs(orders)
    part: Ints = np.sign(orders) * np.minimum((size * share).astype(np.int64), size)
    return part


AGENT_KINDS: Registry[PopulationSpec] = Registry("agent kind", PopulationSpec)
