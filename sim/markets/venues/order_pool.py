"""The state of a venue that matches orders singly: the house's inventory, accounts, and the orders of a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.markets.venues.venue import Pool, Trade

__all__ = [
    "AT_ONCE",
    "FEE_UNIT",
    "FIRST_AGENT",
    "HOUSE",
    "NETWORK_ACCOUNTS",
    "Market",
    "OrderPool",
    "Rows",
    "fees_on",
]

#: Accounts: the house, the network's own, whoever trades at once; the agent with identifier i has FIRST_AGENT + i.
HOUSE = 0
NETWORK_ACCOUNTS = (1, 2, 3)
AT_ONCE = 4
FIRST_AGENT = 5

#: Fees are counted in millionths.
FEE_UNIT = 1_000_000

_COLUMNS, _REPORT_COLUMNS = 8, 4
_FIRST_ROOM = 64


def fees_on(value: Ints, fee: int) -> Ints:
    """Return fees (in millionths) on values, rounded up; `numba_kernels.settlement.fee_on` for arrays."""
    whole, rest = np.divmod(value, FEE_UNIT)
    fees: Ints = whole * fee + (rest * fee + FEE_UNIT - 1) // FEE_UNIT
    return fees


def _larger(size: int, wanted: int) -> int:
    return max(wanted, 2 * size)


@dataclass
class Rows:
    """One number per row of a population, used again for every population.

    Attributes
    ----------
    part : int64[n]
        What agents hand over, as `Population.route` writes it.
    limit : float64[n], ticks
    usd, tokens : int64[n]
        What they get back.
    """

    part: Ints = field(default_factory=lambda: np.zeros(_FIRST_ROOM, np.int64))
    limit: Floats = field(default_factory=lambda: np.zeros(_FIRST_ROOM))
    usd: Ints = field(default_factory=lambda: np.zeros(_FIRST_ROOM, np.int64))
    tokens: Ints = field(default_factory=lambda: np.zeros(_FIRST_ROOM, np.int64))

    def reserve(self, n: int) -> None:
        """Make room for `n` rows; their contents are lost when that needs more memory."""
        if n > len(self.part):
            size = _larger(len(self.part), n)
            self.part, self.usd, self.tokens = (np.zeros(size, np.int64) for _ in range(3))
            self.limit = np.zeros(size)


@dataclass
class Market:
    """Orders of one step, accounts, and what the kernels work with; arrays grow by doubling and are used again.

    Attributes
    ----------
    cash, tokens : int64[A]
        Accounts, as `numba_kernels.order_accounts` describes them.
    bounds, tally : int64[S], int64[S, 4]
        First account of every sector, and what each has traded in this step.
    staged, keys : int64[s, 8], uint64[s]
        Messages in the order of rows, and when they arrive.
    messages : int64[m, 8]
        Messages in the order of arrival, after those of the house.
    reports, trades, removed : int64[m, 4], int64[t, 8], int64[r, 8]
    n_staged, n_messages : int
        Rows that count.
    undistributed : bool
        Whether accounts hold anything.
    listening : (int, int)
        First and last but one account of those who want to know what came of each order.
    fills_heard : list of int64[f, 5]
        What they are told of trades: account, reference of the message or 0, number of the order or 0, change of
        micro-USD and of base units.
    removed_heard : list of int64[r, 3]
        And of orders that left unfilled: account, number, reason.
    made : Trade
        What resting orders of agents have traded at once.
    """

    cash: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    tokens: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    bounds: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    tally: Ints = field(default_factory=lambda: np.zeros((1, 4), np.int64))
    staged: Ints = field(default_factory=lambda: np.zeros((_FIRST_ROOM, _COLUMNS), np.int64))
    keys: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(_FIRST_ROOM, np.uint64))
    starts: Ints = field(default_factory=lambda: np.zeros(_FIRST_ROOM + 1, np.int64))
    order: Ints = field(default_factory=lambda: np.zeros(_FIRST_ROOM, np.int64))
    messages: Ints = field(default_factory=lambda: np.zeros((_FIRST_ROOM, _COLUMNS), np.int64))
    reports: Ints = field(default_factory=lambda: np.zeros((_FIRST_ROOM, _REPORT_COLUMNS), np.int64))
    trades: Ints = field(default_factory=lambda: np.zeros((_FIRST_ROOM, _COLUMNS), np.int64))
    removed: Ints = field(default_factory=lambda: np.zeros((_FIRST_ROOM, _COLUMNS), np.int64))
    rows: Rows = field(default_factory=Rows)
    n_staged: int = 0
    n_messages: int = 0
    undistributed: bool = False
    listening: tuple[int, int] = (0, 0)
    fills_heard: list[Ints] = field(default_factory=list)
    removed_heard: list[Ints] = field(default_factory=list)
    made: Trade = field(default_factory=Trade)

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return len(self.cash)

    @property
    def desk(self) -> Any:
        """The accounts as kernels take them."""
        return nk.order_accounts.Desk(self.cash, self.tokens, self.bounds, self.tally)

    def begin(self, bounds: Ints, accounts: int) -> None:
        """Begin a step with these sectors and at least so many accounts.

        Parameters
        ----------
        bounds : int64[S]
        accounts : int
        """
        if accounts > self.accounts:
            more = _larger(self.accounts, accounts) if self.accounts else accounts
            self.cash, self.tokens = (np.pad(held, (0, more - len(held))) for held in (self.cash, self.tokens))
        if len(bounds) != len(self.bounds):
            self.bounds, self.tally = bounds.copy(), np.zeros((len(bounds), 4), np.int64)
        self.bounds[:] = bounds
        self.tally[:] = 0
        self.n_staged = self.n_messages = 0

    def hears(self, accounts: Ints) -> npt.NDArray[np.bool_]:
        """Return which of these accounts want to know what came of their orders."""
        listening: npt.NDArray[np.bool_] = (accounts >= self.listening[0]) & (accounts < self.listening[1])
        return listening

    def take_heard(self) -> tuple[Ints, Ints]:
        """Return what there is to tell, fills and removals, and forget it."""
        fills = np.concatenate([np.zeros((0, 5), np.int64), *self.fills_heard])
        removed = np.concatenate([np.zeros((0, 3), np.int64), *self.removed_heard])
        self.fills_heard.clear()
        self.removed_heard.clear()
        return fills, removed

    def reserve_staged(self, more: int) -> None:
        """Make room for `more` messages behind those that are staged."""
        wanted = self.n_staged + more
        if wanted > len(self.staged):
            size = _larger(len(self.staged), wanted)
            self.staged = np.pad(self.staged, ((0, size - len(self.staged)), (0, 0)))
            self.keys = np.pad(self.keys, (0, size - len(self.keys)))
            self.starts, self.order = np.zeros(size + 1, np.int64), np.zeros(size, np.int64)

    def reserve_messages(self, wanted: int) -> None:
        """Make room for `wanted` messages in the order of arrival, and for their reports."""
        if wanted > len(self.messages):
            size = _larger(len(self.messages), wanted)
            self.messages = np.pad(self.messages, ((0, size - len(self.messages)), (0, 0)))
            self.reports = np.zeros((size, _REPORT_COLUMNS), np.int64)

    def arrange(self) -> None:
        """Put what is staged behind the messages, in the order of arrival."""
        self.reserve_messages(self.n_messages + self.n_staged)
        scratch = (self.starts, self.order)
        nk.order_flow.arrange(self.staged, self.keys, self.n_staged, *scratch, self.messages, self.n_messages)
        self.n_messages += self.n_staged

    def larger_buffers(self) -> None:
        """Double the buffers of trades and of orders that leave, which were full."""
        self.trades = np.zeros((2 * len(self.trades), _COLUMNS), np.int64)
        self.removed = np.zeros((2 * len(self.removed), _COLUMNS), np.int64)


@dataclass
class OrderPool(Pool):
    """Inventory of the house, and the market that it makes.

    Attributes
    ----------
    lot_size : int
        Base units in a lot.
    tick_value : int
        Micro-USD per lot that one tick is worth.
    fair : float
        The house's estimate of value, micro-USD per base unit.
    shift : float
        Log distance of its reservation price from that, when it quoted last.
    engine : Any
        Order book, or scratch arrays of the auction.
    market : Market
    """

    lot_size: int = 1
    tick_value: int = 1
    fair: float = 0.0
    shift: float = 0.0
    engine: Any = None
    market: Market = field(default_factory=Market, compare=False, repr=False)

    def ticks(self, price: float) -> float:
        """Convert micro-USD per base unit to ticks."""
        return price * self.lot_size / self.tick_value

    def per_unit(self, ticks: float) -> float:
        """Convert ticks to micro-USD per base unit."""
        return ticks * self.tick_value / self.lot_size
