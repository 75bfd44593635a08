"""Orders that agents written in Python place at one venue, and how they follow them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Ints
from catallaxy.agents.single_orders import Answers, SingleOrders

__all__ = ["KINDS", "Fill", "OrderRefused", "Ticket", "Tickets"]

#: Kinds of order by name, and their names in `numba_kernels.order_columns`.
KINDS = {"limit": "LIMIT", "post-only": "POST_ONLY", "ioc": "IOC", "fok": "FOK"}


class OrderRefused(ValueError):
    """An order cannot be placed as given; the message says why."""


@dataclass(frozen=True)
class Fill:
    """What came of an order, seen by the agent that placed it.

    Attributes
    ----------
    usd : float
        Change of cash, USD; negative for a purchase.
    tokens : float
        Change of the balance, tokens; negative for a sale.
    """

    usd: float
    tokens: float

    @property
    def price(self) -> float:
        """Price paid or received, fees and price impact included, USD/token; NaN when nothing was traded."""
        return -self.usd / self.tokens if self.tokens else float("nan")


@dataclass(eq=False)
class Ticket:
    """An order at one venue: what was asked for, and what came of it.

    Attributes
    ----------
    account, network, venue : int
    limit : float
        Worst price accepted, USD/token; 0 lets the venue draw it.
    kind : str
        One of `KINDS`: "limit"; "post-only" (never trades at once); "ioc" (what is not filled at once is dropped);
        "fok" (all at once or nothing).
    lifetime : int
        Steps for which it stays; 0 for as long as the venue's orders do.
    amount : int
        Micro-USD to spend if positive, base units to sell if negative.
    state : str
        "pending" until the token market, "sent" in it, "resting" in a book, "done".
    reason : str
        Why it was refused, or the part that was not filled; empty while there is nothing to say.
    number : int
        Of the order in the book; 0 before it is there, and in an auction.
    resting : int
        Base units that are still open in the book.
    usd, tokens : int
        Traded so far: change of micro-USD and base units, fees included.
    """

    account: int
    network: int
    venue: int
    limit: float = 0.0
    kind: str = "limit"
    lifetime: int = 0
    amount: int = 0
    state: str = "pending"
    reason: str = ""
    number: int = 0
    resting: int = 0
    usd: int = 0
    tokens: int = 0


@dataclass
class Tickets:
    """All tickets that are not done.

    Attributes
    ----------
    open : dict of int to Ticket
        By reference, in the order in which they were placed.
    """

    open: dict[int, Ticket] = field(default_factory=dict)
    _references: int = 0
    _resting: dict[tuple[int, int, int], int] = field(default_factory=dict)
    _cancelled: set[int] = field(default_factory=set)
    _waiting: dict[int, list[Ticket]] = field(default_factory=dict)

    def add(self, ticket: Ticket) -> Ticket:
        """File a ticket and return it."""
        self._references += 1
        self.open[self._references] = ticket
        self._waiting.setdefault(ticket.account, []).append(ticket)
        return ticket

    def claimed(self, account: int, network: int) -> tuple[int, int]:
        """Count what the pending tickets of an account claim: micro-USD on all networks, base units of one."""
        waiting = self._waiting.get(account, [])
        offered = sum(max(-ticket.amount, 0) for ticket in waiting if ticket.network == network)
        return sum(max(ticket.amount, 0) for ticket in waiting), offered

    def cancel(self, ticket: Ticket) -> None:
        """Withdraw a ticket: at once when it is pending, before the next token market when it rests."""
        references = [reference for reference, other in self.open.items() if other is ticket]
        if not references:
            raise OrderRefused(f"the order is done ({ticket.reason or 'filled'}) and cannot be cancelled")
        if ticket.state == "pending":
            self._waiting[ticket.account].remove(ticket)
            self._close(references[0], "cancelled by its agent")
        else:
            self._cancelled.add(references[0])

    def send(self, network: int, venue: int, micro_per_unit: float) -> SingleOrders | None:
        """Return the pending tickets of a venue and the cancellations; None when there are none.

        Parameters
        ----------
        network, venue : int
        micro_per_unit : float
            Micro-USD per base unit at one USD per token.

        Returns
        -------
        SingleOrders or None
        """
        here = {r: t for r, t in self.open.items() if (t.network, t.venue) == (network, venue)}
        cancelled = tuple((here[r].account, here[r].number) for r in here if r in self._cancelled)
        self._cancelled.difference_update(here)
        sent = {reference: ticket for reference, ticket in here.items() if ticket.state == "pending"}
        if not sent and not cancelled:
            return None
        kinds = {kind: getattr(nk.order_columns, name) for kind, name in KINDS.items()}
        for ticket in sent.values():
            ticket.state = "sent"
        return SingleOrders(
            _integers(ticket.account for ticket in sent.values()),
            _integers(ticket.amount for ticket in sent.values()),
            np.array([ticket.limit * micro_per_unit for ticket in sent.values()], np.float64),
            _integers(kinds[ticket.kind] for ticket in sent.values()),
            _integers(ticket.lifetime for ticket in sent.values()),
            _integers(sent),
            cancelled,
        )

    def hear(self, network: int, venue: int, answers: Answers) -> None:
        """Note what a venue says.

        Parameters
        ----------
        network, venue : int
        answers : Answers
        """
        reports = {reference: rest for reference, *rest in answers.reports.tolist()}
        asked = [r for r, t in self.open.items() if (t.network, t.venue, t.state) == (network, venue, "sent")]
        for reference in asked:
            self._waiting[self.open[reference].account].remove(self.open[reference])
            reason, resting, number = reports.get(reference, (nk.order_columns.BAD_SIZE, 0, 0))
            ticket = self.open[reference]
            ticket.number, ticket.resting = number, resting
            ticket.reason = "" if reason == nk.order_columns.ACCEPTED else nk.order_columns.REASONS[reason]
            if resting:
                ticket.state = "resting"
                self._resting[network, venue, number] = reference
        for _, reference, number, usd, tokens in answers.fills.tolist():
            self._fill(reference or self._resting.get((network, venue, number), 0), reference == 0, usd, tokens)
        for _, number, reason in answers.removed.tolist():
            left = self._resting.get((network, venue, number), 0)
            if left:
                self._close(left, nk.order_columns.REASONS[reason])
        for reference in asked:
            if reference in self.open and not self.open[reference].resting:
                self._close(reference, self.open[reference].reason)

    def _fill(self, reference: int, rested: bool, usd: int, tokens: int) -> None:
        ticket = self.open.get(reference)
        if ticket is None:
            return
        ticket.usd += usd
        ticket.tokens += tokens
        ticket.resting -= abs(tokens) if rested else 0
        if rested and ticket.resting == 0:
            self._close(reference, "")

    def _close(self, reference: int, reason: str) -> None:
        ticket = self.open.pop(reference)
        ticket.state, ticket.reason, ticket.resting = "done", reason, 0
        self._resting.pop((ticket.network, ticket.venue, ticket.number), None)
        self._cancelled.discard(reference)


def _integers(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int64)
