"""Brings the orders of a step to the venues that match them singly, and their outcome back, with all of it booked.

The sectors of a market, by number: the house (sector "liquidity"), the fee escrow, the treasury, the insiders, whoever
trades at once, and then the populations.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Ints, Population
from catallaxy.agents.single_orders import Answers
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.markets.venues import OrderPool, OrderVenue
from catallaxy.sim.markets.venues.order_pool import FIRST_AGENT, HOUSE, NETWORK_ACCOUNTS
from catallaxy.sim.state.economy import Economy

__all__ = ["check_routes", "distribute", "match_singly"]

_NETWORK_SECTORS = ("fee escrow", "treasury", "insiders")
_FIRST_POPULATION = 5


def check_routes(economy: Economy) -> None:
    """Refuse a population that trades but cannot hand over single orders where nothing else is accepted.

    Parameters
    ----------
    economy : Economy

    Raises
    ------
    CatallaxyError
        Naming the population, the network and what to do.
    """
    for k, spec in enumerate(economy.specs):
        if not all(isinstance(venue, OrderVenue) for venue in spec.venues):
            continue
        for name, population in economy.populations.items():
            kind = type(population)
            trades = kind.orders is not Population.orders
            if trades and (kind.route is Population.route or kind.fill is Population.fill):
                raise CatallaxyError(
                    f"population {name!r} ({kind.__name__}) cannot trade on network {economy.names[k]!r}, where all "
                    "venues match orders singly: give it the methods `route` and `fill`, or add a venue that clears "
                    "batches, such as constant-product"
                )


def match_singly(economy: Economy) -> Ints:
    """Let every venue that matches orders singly have its share of the orders; return what was traded.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    int64[K], micro-USD
        Paid and received by all but the house.
    """
    volume = np.zeros(economy.k, np.int64)
    for k, spec in enumerate(economy.specs):
        left = 1.0
        last = all(isinstance(venue, OrderVenue) for venue in spec.venues)
        for number, venue, pool in _order_venues(economy, k):
            final = last and number == len(spec.venues) - 1
            share = 1.0 if final else min(venue.share / left, 1.0)
            volume[k] += _Step(economy, k, number, venue, pool).run(share)
            left -= venue.share
        if last:
            _insist_on_nothing_left(economy, k)
    return volume


def distribute(economy: Economy) -> None:
    """Give agents what their resting orders have traded at once since the market.

    Parameters
    ----------
    economy : Economy
    """
    for k in range(economy.k):
        for number, venue, pool in _order_venues(economy, k):
            if pool.market.undistributed:
                step = _Step(economy, k, number, venue, pool)
                step.hand_out()
                step.answer(np.zeros((0, 5), np.int64))


def _order_venues(economy: Economy, k: int) -> Iterator[tuple[int, OrderVenue, OrderPool]]:
    for number, (venue, pool) in enumerate(zip(economy.specs[k].venues, economy.pools[k], strict=True)):
        if isinstance(venue, OrderVenue) and isinstance(pool, OrderPool):
            yield number, venue, pool


def _insist_on_nothing_left(economy: Economy, k: int) -> None:
    for population, bid, offered in economy.orders.parts:
        if bid[k] or offered[k]:
            raise CatallaxyError(
                f"population {population.name!r} has handed over only a part of its orders on network "
                f"{economy.names[k]!r}, where all venues match orders singly; `route` with a share of 1 must hand over "
                "everything"
            )


class _Step:
    """One step of one venue."""

    def __init__(self, economy: Economy, k: int, number: int, venue: OrderVenue, pool: OrderPool) -> None:
        self.economy, self.k, self.number, self.venue, self.pool = economy, k, number, venue, pool
        self.market = pool.market
        key = nk.random.step_key
        self.keys = (
            key(economy.key(Stream.ORDER_LIMITS), k, number),
            key(economy.key(Stream.ORDER_ARRIVAL), k, number),
        )

    def run(self, share: float) -> int:
        """Collect, match, hand out and book; return micro-USD paid and received by all but the house."""
        economy = self.economy
        populations = list(economy.populations.values())
        first_ids = [FIRST_AGENT + population.site.first_id for population in populations]
        bounds = np.array([HOUSE, *NETWORK_ACCOUNTS, FIRST_AGENT - 1, *first_ids], np.int64)
        self._listen(populations)
        last = max(first + len(population.ids) for first, population in zip(first_ids, populations, strict=True))
        self.venue.begin(self.pool, economy.step, bounds, last)
        for part in economy.orders.parts:
            self._collect(*part, share)
        self._collect_network(share)
        self._collect_single(populations)
        self.venue.match(self.pool)
        self._settle_network()
        self.hand_out(self.market.tally)
        self._book(populations)
        self.answer(self._reports())
        tally = self.market.tally
        return int(tally[1:, 0].sum() + tally[1:, 3].sum())

    def _listen(self, populations: list[Population]) -> None:
        ears = [population for population in populations if population.listens]
        accounts = [FIRST_AGENT + population.site.first_id for population in ears]
        self.market.listening = (
            (min(accounts), max(a + len(p) for a, p in zip(accounts, ears, strict=True))) if ears else (0, 0)
        )

    def _collect(self, population: Population, bid: list[int], offered: list[int], share: float) -> None:
        n, rows, k = len(population), self.market.rows, self.k
        rows.reserve(n)
        part, limit = rows.part[:n], rows.limit[:n]
        limit[:] = 0.0
        population.route(k, share, part)
        population.limits(k, limit)
        limit *= self.pool.ticks(1.0)
        first = self.market.n_staged
        taken = self.venue.collect(self.pool, self.economy.step, self.keys, population.ids[:n], part, limit)
        if not population.RESTS:
            self._let_none_stay(first)
        bid[k] -= taken[0]
        offered[k] -= taken[1]
        self.economy.orders.bid[k] -= taken[0]
        self.economy.orders.offered[k] -= taken[1]

    def _collect_network(self, share: float) -> None:
        orders, k, market = self.economy.orders, self.k, self.market
        escrow = int(orders.escrow_bid[k] * share)
        treasury, insiders = int(orders.treasury_offer[k] * share), int(orders.insider_offer[k] * share)
        orders.escrow_bid[k] -= escrow
        orders.treasury_offer[k] -= treasury
        orders.insider_offer[k] -= insiders
        orders.bid[k] -= escrow
        orders.offered[k] -= treasury + insiders
        first = market.n_staged
        ids, part = np.array(NETWORK_ACCOUNTS) - FIRST_AGENT, np.array([escrow, -treasury, -insiders])
        self.venue.collect(self.pool, self.economy.step, self.keys, ids, part, np.zeros(3))
        self._let_none_stay(first)

    def _let_none_stay(self, first: int) -> None:
        """Let nothing stay of what is not filled of the orders collected from `first` on."""
        kind = getattr(nk.order_columns, self.venue.network_kind)
        self.market.staged[first : self.market.n_staged, nk.order_columns.KIND] = kind

    def _collect_single(self, populations: list[Population]) -> None:
        for population in populations:
            orders = population.single_orders(self.k, self.number)
            if orders is not None:
                for row, number in orders.cancelled:
                    self.venue.cancel(self.pool, FIRST_AGENT + int(population.ids[row]), number)
                self.venue.collect_single(self.pool, self.economy.step, self.keys, population.ids, orders)

    def _settle_network(self) -> None:
        accounts, k, market = self.economy.accounts, self.k, self.market
        usd, tokens = market.cash[1:4].tolist(), market.tokens[1:4].tolist()
        market.cash[1:4] = market.tokens[1:4] = 0
        accounts.fee_escrow[k] += usd[0]
        accounts.burned[k] += tokens[0]
        accounts.treasury_usd[k] += usd[1]
        accounts.treasury_tokens[k] += tokens[1]
        accounts.insider_usd[k] += usd[2]
        accounts.insider_tokens[k] += tokens[2]
        self.economy.metrics["burned"][k] += tokens[0] / self.economy.base[k]

    def hand_out(self, trades: Ints | None = None) -> None:
        """Empty all accounts into the purses of their owners.

        Parameters
        ----------
        trades : int64[S, 4], optional
            What of it comes from trades, by sector; the rest moves between purses and open orders.
        """
        market = self.market
        for sector, population in enumerate(self.economy.populations.values(), _FIRST_POPULATION):
            n, first = len(population), FIRST_AGENT + population.site.first_id
            known = max(min(n, market.accounts - first), 0)
            market.rows.reserve(n)
            usd, tokens = market.rows.usd[:n], market.rows.tokens[:n]
            usd[known:] = tokens[known:] = 0
            sums = nk.order_accounts.hand_out(market.desk, population.ids, FIRST_AGENT, usd[:known], tokens[:known])
            if type(population).fill is not Population.fill:
                population.fill(self.k, usd, tokens)
            paid, bought, sold, earned = (0, 0, 0, 0) if trades is None else trades[sector].tolist()
            self._book_reserve(None, population.name, int(sums[0]) + paid - earned)
            self._book_reserve(self.k, population.name, int(sums[1]) + sold - bought)
        market.undistributed = False

    def _book_reserve(self, k: int | None, name: str, released: int) -> None:
        payer, receiver = ("open orders", name) if released > 0 else (name, "open orders")
        if k is None:
            self.economy.post_usd("order reserves", payer, receiver, abs(released))
        else:
            self.economy.post(k, "order reserves", payer, receiver, abs(released))

    def _book(self, populations: list[Population]) -> None:
        """Book all trades through the sector "liquidity"; what the fee escrow bought is burned."""
        economy, k = self.economy, self.k
        names = ["liquidity", *_NETWORK_SECTORS, "liquidity", *(population.name for population in populations)]
        for name, (paid, bought, sold, earned) in zip(names, self.market.tally.tolist(), strict=True):
            burned = name == "fee escrow"
            economy.post_usd("token purchases", name, "liquidity", paid)
            economy.post(k, "burn" if burned else "token purchases", "liquidity", "burned" if burned else name, bought)
            economy.post(k, "token sales", name, "liquidity", sold)
            economy.post_usd("token sales", "liquidity", name, earned)

    def _reports(self) -> Ints:
        """Return account, reference, reason, resting base units and number of every order that has a reference."""
        market, columns = self.market, nk.order_columns
        if market.listening[0] == market.listening[1]:
            return np.zeros((0, 5), np.int64)
        messages, reports = market.messages[: market.n_messages], market.reports[: market.n_messages]
        named = messages[:, columns.REFERENCE] > 0
        chosen = [columns.REASON, columns.RESTING, columns.NUMBER]
        who = messages[named][:, [columns.AGENT, columns.REFERENCE]]
        told = np.concatenate([who, reports[named][:, chosen]], axis=1)
        told[:, 3] *= self.pool.lot_size
        return told

    def answer(self, reports: Ints) -> None:
        """Tell those who listen what came of their orders.

        Parameters
        ----------
        reports : int64[m, 5]
            With the account in front.
        """
        fills, removed = self.market.take_heard()
        for population in self.economy.populations.values():
            if population.listens:
                first = FIRST_AGENT + population.site.first_id
                mine = [_of(rows, first, len(population)) for rows in (reports, fills, removed)]
                population.hear(self.k, self.number, Answers(mine[0][:, 1:], mine[1], mine[2]))


def _of(rows: Ints, first: int, n: int) -> Ints:
    """Return the rows of a population's accounts, with the account as a row of the population.

    Only populations that keep their rows in the order of identifiers listen.
    """
    mine = rows[(rows[:, 0] >= first) & (rows[:, 0] < first + n)]
    mine[:, 0] -= first
    return mine
