"""The subnets of a network in a run: pools, alpha and who holds it, averages and expectations.

Tokens in pools are a sector of the ledger. Alpha is not an instrument of it: there are as many kinds as slots, and
books for a hundred instruments more would cost more than everything else that subnets do. Instead the identity

    issued = in the pool + owner's + miners' + validators' + every staker's

is checked of every subnet in every step, in whole base units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import of_kind
from catallaxy.agents.subnet_stakers import SubnetStakers
from catallaxy.numba_kernels import subnet_columns as columns
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.errors import AuditError
from catallaxy.sim.tokenomics.units import to_base

if TYPE_CHECKING:
    from catallaxy.agents.distributions import Attribute
    from catallaxy.agents.population import Floats, Ints
    from catallaxy.sim.scenario.schema_network import NetworkSpec
    from catallaxy.sim.state.economy import Economy
    from catallaxy.sim.tokenomics.subnets import SubnetsSpec

__all__ = ["Subnets", "open_subnets"]

#: Most of all alpha that a pool and its holders begin with.
_FULL = 0.5


class Subnets:
    """The subnets of one network, one row per slot.

    Parameters
    ----------
    economy : Economy
    k : int
    spec : SubnetsSpec
    stakers : SubnetStakers

    Attributes
    ----------
    slots : nk.subnet_emission.Slots
        Pools, alpha issued, age, average price.
    held : int64[N, 4], base units
        Alpha of owner, miners, validators and stakers.
    serial : int64[N]
        Number of each subnet, from 0; a slot that is used again gets a new one.
    owner : int64[N]
        Identifier of the staker who owns it.
    inflow, cost : float64[N], base units per block
        Moving averages of what stakers and earners paid in net, and of what the chain put in net.
    paid_in, put_in : int64[N], base units
        The same in this step.
    tally : int64[N, TALLY], base units
        What the emission of this step did.
    sales : int64[N], base units
        Tokens that owners, miners and validators got for alpha in this step.
    trend : float64[N], 1/year
        Moving average of the rise of the log price.
    last_price : float64[N], token per alpha
    appeal, first_appeal : float64[N], 1/year
    root_due : int, base units
        Root's dividends for holders who are not subnet stakers, in the reward pool.
    root_yield : float, 1/year
        Moving average of root's dividends over root's stake.
    lock, locked_at : int
        Cost of the last registration, base units, and its block.
    opened : int
        Subnets that there have ever been.
    """

    def __init__(self, economy: Economy, k: int, spec: SubnetsSpec, stakers: SubnetStakers) -> None:
        n = max(spec.entry.limit, spec.opening.count)
        self.k, self.n, self.stakers, self.base = k, n, stakers, int(economy.base[k])
        self._key = np.uint64(nk.random.step_key(economy.seed, int(Stream.SUBNETS), -1 - k))
        ints, floats = np.zeros((6, n), np.int64), np.zeros((8, n))
        self.slots = nk.subnet_emission.Slots(
            np.zeros((n, 3), np.int64), np.zeros(n, np.int8), ints[0], ints[1], floats[0], floats[1]
        )
        self.serial, self.owner, self.paid_in, self.put_in = ints[2:6]
        self.sales = np.zeros(n, np.int64)
        self.held = np.zeros((n, 4), np.int64)
        self.tally = np.zeros((n, columns.TALLY), np.int64)
        self.inflow, self.cost, self.trend, self.last_price, self.appeal, self.first_appeal = floats[2:]
        self.root_due, self.root_yield = 0, 0.0
        self.lock, self.locked_at, self.opened = to_base(spec.entry.lock_start, self.base), 0, 0

    @property
    def tao(self) -> Ints:
        """Tokens in the pools, int64[N], base units."""
        pools: Ints = self.slots.pools[:, columns.TAO]
        return pools

    @property
    def alpha(self) -> Ints:
        """Alpha in the pools, int64[N], base units."""
        pools: Ints = self.slots.pools[:, columns.ALPHA]
        return pools

    def price(self) -> Floats:
        """Return the price of every alpha, float64[N], token per alpha; 0 where there is no subnet."""
        price: Floats = np.where(self.alpha > 0, self.tao / np.maximum(self.alpha, 1), 0.0)
        return price

    def key(self, use: int) -> np.uint64:
        """Return a key of chance that is the same in every step."""
        return np.uint64(nk.random.step_key(self._key, use, 0))

    def draw(self, attribute: Attribute, use: int, serials: Ints) -> Floats:
        """Draw an attribute of subnets by their numbers, float64[m]."""
        return attribute.draw(self.key(use), serials)

    def found(self, j: int, tao: int, price: float, owner: int, spec: SubnetsSpec) -> None:
        """Open a subnet in a free slot.

        Parameters
        ----------
        j : int
        tao : int
            Tokens for its pool, base units.
        price : float
            First price of alpha, token per alpha.
        owner : int
            Identifier of the staker who owns it.
        spec : SubnetsSpec
        """
        most = to_base(spec.alpha.maximum, self.base) // 2
        alpha = max(1, int(min(tao / price, most)))
        slots, serial = self.slots, np.array([self.opened], np.int64)
        slots.pools[j] = 0
        slots.pools[j, columns.TAO], slots.pools[j, columns.ALPHA] = tao, alpha
        slots.live[j], slots.issued[j], slots.age[j], slots.average[j] = 1, alpha, 0, 0.0
        slots.burned[j] = self.draw(spec.earners.withheld, 1, serial)[0]
        self.held[j] = 0
        self.serial[j], self.owner[j] = self.opened, owner
        self.inflow[j] = self.cost[j] = self.trend[j] = 0.0
        self.last_price[j] = tao / alpha
        self.appeal[j] = self.first_appeal[j] = self.draw(spec.earners.appeal, 2, serial)[0]
        self.opened += 1

    def close(self, j: int) -> None:
        """Clear the slot of a subnet whose pool and alpha are gone."""
        slots = self.slots
        slots.pools[j], slots.live[j], slots.issued[j], slots.average[j] = 0, 0, 0, 0.0
        self.held[j] = 0
        self.inflow[j] = self.cost[j] = self.trend[j] = self.appeal[j] = self.last_price[j] = 0.0

    def audit(self, step: int, symbol: str) -> None:
        """Check the alpha of every subnet to the last unit.

        Parameters
        ----------
        step : int
        symbol : str
            Of the network's token.

        Raises
        ------
        AuditError
            Where alpha was created or lost, or somebody holds less than none.
        """
        missing = self.alpha + self.held.sum(axis=1) - self.slots.issued
        unowned = self.held[:, columns.STAKERS] - self.stakers.in_subnets(self.k, self.n)
        negative = np.minimum(np.minimum(self.held.min(axis=1), self.alpha), self.tao)
        for name, wrong in (("pool and holders", missing), ("stakers", unowned), ("pool", np.minimum(negative, 0))):
            for j in np.flatnonzero(wrong):
                raise AuditError(step, name, f"alpha {int(self.serial[j])} of {symbol}", int(wrong[j]))


def open_subnets(economy: Economy, k: int, spec: NetworkSpec, tao: int) -> Subnets | None:
    """Return the subnets of a network as they are at the start; None where it has none.

    Parameters
    ----------
    economy : Economy
        With its populations endowed.
    k : int
    spec : NetworkSpec
    tao : int
        Genesis tokens for the pools, base units.

    Returns
    -------
    Subnets or None
    """
    stakers = of_kind(economy.populations.values(), SubnetStakers)
    if spec.subnets is None or stakers is None:
        return None
    book = Subnets(economy, k, spec.subnets, stakers)
    opening = spec.subnets.opening
    serials = np.arange(opening.count, dtype=np.int64)
    running = np.cumsum(book.draw(opening.size, 3, serials))
    bounds = np.rint(running / running[-1] * (tao - opening.count)).astype(np.int64)
    pots, prices = 1 + np.diff(bounds, prepend=0), book.draw(opening.price, 4, serials)
    most = to_base(spec.subnets.alpha.maximum, book.base) / (1.0 + opening.outstanding)
    u = np.empty(opening.count)
    nk.random.fill_uniform(book.key(6), serials, u)
    owners = stakers.site.first_id + (u * stakers.n).astype(np.int64)
    for j in range(opening.count):
        price = max(float(prices[j]), float(pots[j]) / (_FULL * most))
        book.found(j, int(pots[j]), price, int(owners[j]), spec.subnets)
    age = book.draw(opening.age_days, 5, serials) * (86_400.0 / spec.subnets.alpha.block_seconds)
    book.slots.age[: opening.count] = age.astype(np.int64)
    book.slots.average[:] = np.minimum(book.price(), spec.subnets.average.ceiling)
    stakers.settle_in(k, book.key(7), running)
    _hand_out(book, spec.subnets)
    stakers.alpha_prices[k] = book.price()
    return book


def _hand_out(book: Subnets, spec: SubnetsSpec) -> None:
    """Give the alpha that is outside pools at the start to owners, by their share of emission, and to stakers."""
    outside = (book.alpha * spec.opening.outstanding).astype(np.int64)
    owners = (outside * spec.alpha.owner_share).astype(np.int64)
    stakers = book.stakers.settle_with(book.k, outside - owners)
    book.held[:, columns.OWNER] = outside - stakers
    book.held[:, columns.STAKERS] = stakers
    book.slots.issued[:] += outside
