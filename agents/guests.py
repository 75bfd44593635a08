"""Guests: accounts of agents that are written in Python and live beside the compiled populations.

A guest places orders before a step; they join the batch of everyone else, are filled at the same rate in the token
market, and can be read back after the step. The accounts are rows of preallocated arrays, so that a thousand guests
cost the engine one array operation per network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from catallaxy.agents.population import MICRO, Column, Fills, Ints, Population, Quotes, Site, part_of
from catallaxy.agents.single_orders import Answers, SingleOrders
from catallaxy.agents.tickets import Fill, OrderRefused, Ticket, Tickets

__all__ = ["Fill", "Guests", "OrderRefused", "Ticket"]

_FIRST_ROWS = 16
#: An order for "all I have" passes through a float; by so much it may exceed the integer balance, relatively.
_FLOAT_ERROR = 1e-12


class Guests(Population):
    """Accounts that Python agents trade from.

    An order is pending until the token market of the next step, which fills it with the batch; another order of the
    same account on the same network replaces it. An order to a venue that matches orders singly has a ticket, by which
    it can be followed and cancelled; an account may have many of them.

    Parameters
    ----------
    name : str
    site : Site

    Attributes
    ----------
    usd : int64[rows], micro-USD
    tokens : int64[K, rows], base units
    pending : int64[K, rows]
        Micro-USD to spend if positive, base units to sell if negative.
    fill_usd, fill_tokens : int64[K, rows]
        What the last token market has traded for each account. Rows from `n` on are spare.
    tickets : Tickets
        Orders to single venues.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("usd", "int64", "micro-USD", "Cash."),
        Column("tokens", "int64", "base unit", "Free tokens, one row per network."),
        Column("pending", "int64", "micro-USD or base unit", "Next step's order, one row per network."),
        Column("fill_usd", "int64", "micro-USD", "Cash moved in the last token market, one row per network."),
        Column("fill_tokens", "int64", "base unit", "Tokens moved in the last token market, one row per network."),
    )

    usd: Ints
    tokens: Ints
    pending: Ints
    fill_usd: Ints
    fill_tokens: Ints

    def __init__(self, name: str, site: Site) -> None:
        super().__init__(name, site, 0)
        self.tickets = Tickets()
        self._singly = np.zeros((2, site.n_networks, 0), np.int64)
        self._reserve(_FIRST_ROWS)

    def _reserve(self, rows: int) -> None:
        old = self.columns.copy()
        self.ids = self.store("ids", np.arange(self.site.first_id, self.site.first_id + rows, dtype=np.int64))
        self.usd = self.store("usd", np.zeros(rows, np.int64))
        self.tokens = self._wide("tokens", rows)
        self.pending = self._wide("pending", rows)
        self.fill_usd = self._wide("fill_usd", rows)
        self.fill_tokens = self._wide("fill_tokens", rows)
        singly, self._singly = self._singly, np.zeros((2, self.site.n_networks, rows), np.int64)
        self._singly[..., : self.n] = singly[..., : self.n]
        for name, values in old.items():
            self.columns[name][..., : self.n] = values[..., : self.n]

    def _wide(self, name: str, rows: int) -> Ints:
        return self.store(name, np.zeros((self.site.n_networks, rows), np.int64))

    def permute(self, order: npt.NDArray[np.intp]) -> None:
        """Leave the rows where they are: an account is known by its row, and no draw depends on it."""

    def open_account(self, usd: float = 0.0, tokens: Sequence[float] | None = None) -> int:
        """Open an account; the caller books where its money and tokens come from.

        Parameters
        ----------
        usd : float, optional
            Cash, USD.
        tokens : sequence of float, optional
            Tokens of each network; none when absent.

        Returns
        -------
        int
            Number of the account.

        Raises
        ------
        OrderRefused
            When an amount is negative or not finite.
        """
        cash = self._base(usd, MICRO, "usd")
        held = [
            self._base(amount, int(unit), f"tokens[{k}]")
            for k, (amount, unit) in enumerate(zip(tokens or (), self.site.base_units, strict=bool(tokens)))
        ]
        if self.n == len(self.usd):
            self._reserve(2 * self.n)
        account, self.n = self.n, self.n + 1
        self.usd[account] = cash
        self.tokens[: len(held), account] = held
        return account

    def order(self, account: int, network: int, *, usd: float | None = None, tokens: float | None = None) -> None:
        """Place an order for the next token market: spend dollars, or sell tokens.

        Parameters
        ----------
        account : int
        network : int
        usd : float, optional
            Dollars to spend on tokens; 0 withdraws the pending order.
        tokens : float, optional
            Tokens to sell; 0 withdraws the pending order.

        Raises
        ------
        OrderRefused
            When both or neither is given, the amount is negative or not finite, the account does not exist, or it
            does not hold that much.
        """
        self._check(account, network)
        own = int(self.pending[network, account])
        self.pending[network, account] = 0
        try:
            self.pending[network, account] = self._amount(account, network, usd, tokens)
        except OrderRefused:
            self.pending[network, account] = own
            raise

    def order_at(self, ticket: Ticket, *, usd: float | None = None, tokens: float | None = None) -> Ticket:
        """Place an order at one venue; `Ticket` says what it can ask for.

        Parameters
        ----------
        ticket : Ticket
            Account, network, venue, limit, kind and lifetime.
        usd, tokens : float, optional
            One of them; see `order`.

        Returns
        -------
        Ticket
            The same, numbered.

        Raises
        ------
        OrderRefused
            As in `order`.
        """
        self._check(ticket.account, ticket.network)
        ticket.amount = self._amount(ticket.account, ticket.network, usd, tokens)
        return self.tickets.add(ticket)

    def _amount(self, account: int, network: int, usd: float | None, tokens: float | None) -> int:
        if (usd is None) == (tokens is None):
            given = "both" if usd is not None else "neither"
            raise OrderRefused(f"give usd= to buy for dollars or tokens= to sell tokens; {given} was given")
        bid, offered = self.tickets.claimed(account, network)
        if usd is not None:
            free = int(self.usd[account]) - int(np.maximum(self.pending[:, account], 0).sum()) - bid
            return self._covered(self._base(usd, MICRO, "usd"), free, MICRO, "USD")
        unit = int(self.site.base_units[network])
        free = int(self.tokens[network, account]) - max(-int(self.pending[network, account]), 0) - offered
        return -self._covered(self._base(tokens or 0.0, unit, "tokens"), free, unit, "tokens")

    def last_fill(self, account: int, network: int) -> Fill:
        """Return what the last token market traded for an account, on all venues; zeros when that is nothing.

        Parameters
        ----------
        account : int
        network : int

        Returns
        -------
        Fill
        """
        self._check(account, network)
        unit = float(self.site.base_units[network])
        return Fill(float(self.fill_usd[network, account]) / MICRO, float(self.fill_tokens[network, account]) / unit)

    def _check(self, account: int, network: int) -> None:
        if not 0 <= account < self.n:
            raise OrderRefused(f"there is no account {account}; {self.n} are open, numbered from 0")
        if not 0 <= network < self.site.n_networks:
            raise OrderRefused(f"there is no network {network}; {self.site.n_networks} exist, numbered from 0")

    @staticmethod
    def _base(amount: float, unit: int, name: str) -> int:
        if not 0.0 <= amount < 2.0**62 / unit:
            raise OrderRefused(f"{name}={amount!r} is not an amount; allowed: 0 to {2.0**62 / unit:.4g}")
        return int(amount * unit)

    @staticmethod
    def _covered(asked: int, free: int, unit: int, name: str) -> int:
        if asked > free + 1 + int(free * _FLOAT_ERROR):
            raise OrderRefused(
                f"an order over {asked / unit:,.6f} {name} is not covered: the account has {free / unit:,.6f} {name} "
                "that no other order has claimed"
            )
        return min(asked, free)

    def orders(self, quotes: Quotes) -> tuple[Sequence[int], Sequence[int]]:
        """Hand over all pending orders; see `Population.orders`."""
        return np.maximum(self.pending, 0).sum(axis=1).tolist(), np.maximum(-self.pending, 0).sum(axis=1).tolist()

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book fills, receivers rounded down; see `Population.settle`."""
        buy, sell = np.maximum(self.pending, 0), np.maximum(-self.pending, 0)
        got_tokens = (buy * fills.tokens_per_usd[:, None]).astype(np.int64)
        got_usd = (sell * fills.usd_per_token[:, None]).astype(np.int64)
        self.fill_usd[...] = got_usd - buy
        self.fill_tokens[...] = got_tokens - sell
        self.usd += self.fill_usd.sum(axis=0)
        self.tokens += self.fill_tokens
        self.fill_usd += self._singly[0]
        self.fill_tokens += self._singly[1]
        self._singly[...] = 0
        self.pending[...] = 0
        return got_tokens.sum(axis=1).tolist(), got_usd.sum(axis=1).tolist()

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of the pending orders; see `Population.route`."""
        part[:] = part_of(self.pending[k, : self.n], share)
        self.pending[k, : self.n] -= part

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Book what came of single orders; see `Population.fill`."""
        self.usd[: self.n] += usd
        self.tokens[k, : self.n] += tokens

    def single_orders(self, k: int, venue: int) -> SingleOrders | None:
        """Send the tickets that wait for this venue; see `Population.single_orders`."""
        return self.tickets.send(k, venue, MICRO / int(self.site.base_units[k]))

    @property
    def listens(self) -> bool:
        """Whether there is anyone to listen."""
        return self.n > 0

    def hear(self, k: int, venue: int, answers: Answers) -> None:
        """Note what came of tickets and of what was handed over; see `Population.hear`."""
        self.tickets.hear(k, venue, answers)
        np.add.at(self._singly[0, k], answers.fills[:, 0], answers.fills[:, 3])
        np.add.at(self._singly[1, k], answers.fills[:, 0], answers.fills[:, 4])

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def token_totals(self) -> Ints:
        """Count the free base units held; see `Population.token_totals`."""
        totals: Ints = self.tokens.sum(axis=1)
        return totals
