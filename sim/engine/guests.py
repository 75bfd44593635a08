"""Admits agents written in Python to a running economy, and books what they bring."""

from __future__ import annotations

from collections.abc import Mapping

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.guests import Guests, OrderRefused
from catallaxy.agents.population import Site
from catallaxy.agents.tickets import KINDS, Ticket
from catallaxy.sim.markets.venues import CallAuction, OrderVenue
from catallaxy.sim.state.economy import Economy

__all__ = ["GUESTS", "guests_of", "network_number", "open_account", "place_order", "venue_number"]

#: Name of the population of guests, and of its sector in the ledger.
GUESTS = "guests"


def guests_of(economy: Economy) -> Guests:
    """Return the guests of an economy; they join it when they are first asked for.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    Guests

    Raises
    ------
    ValueError
        When the scenario has given their name to a population of its own.
    """
    found = economy.populations.get(GUESTS)
    if isinstance(found, Guests):
        return found
    first_id = sum(len(population) for population in economy.populations.values())
    price = economy.quoted.token_price.copy()
    site = Site(economy.seed, first_id, economy.k, economy.base, price, economy.dt_days, economy.lanes)
    guests = Guests(GUESTS, site)
    economy.join(guests)
    return guests


def open_account(economy: Economy, usd: float = 0.0, tokens: Mapping[str, float] | None = None) -> int:
    """Open a guest's account: dollars come from the outside world, tokens from the treasury of their network.

    Parameters
    ----------
    economy : Economy
    usd : float, optional
        Cash, USD.
    tokens : Mapping of str to float, optional
        Tokens by name of the network.

    Returns
    -------
    int
        Number of the account.

    Raises
    ------
    OrderRefused
        When an amount is negative, a network does not exist, or a treasury does not hold that many tokens.
    """
    amounts = [0.0] * economy.k
    for name, amount in (tokens or {}).items():
        k = network_number(economy, name)
        held, unit = int(economy.accounts.treasury_tokens[k]), int(economy.base[k])
        if not amount * unit <= held:
            raise OrderRefused(
                f"the treasury of {name!r} holds {held / unit:,.6f} tokens and cannot give {amount:,.6f}"
            )
        amounts[k] = amount
    guests = guests_of(economy)
    account = guests.open_account(usd, amounts)
    economy.post_usd("new capital", "outside world", guests.name, int(guests.usd[account]))
    for k in range(economy.k):
        given = int(guests.tokens[k, account])
        economy.accounts.treasury_tokens[k] -= given
        economy.post(k, "grants", "treasury", guests.name, given)
    return account


def network_number(economy: Economy, name: str | None) -> int:
    """Return the number of a network; None means the only one.

    Parameters
    ----------
    economy : Economy
    name : str or None

    Returns
    -------
    int

    Raises
    ------
    OrderRefused
        When there is no such network, or the name is left out where there are several.
    """
    known = ", ".join(economy.names)
    if name is None and economy.k > 1:
        raise OrderRefused(f"this economy has several networks; name one of {known}")
    if name is not None and name not in economy.names:
        raise OrderRefused(f"there is no network {name!r}; known: {known}{did_you_mean(name, economy.names)}")
    return 0 if name is None else economy.names.index(name)


def venue_number(economy: Economy, k: int, venue: str | int | None) -> int:
    """Return the number of a venue that matches orders singly; None means the first of them.

    Parameters
    ----------
    economy : Economy
    k : int
    venue : str, int or None
        Its kind, or its number among the venues of the network.

    Returns
    -------
    int

    Raises
    ------
    OrderRefused
        When there is no such venue, or it clears batches.
    """
    venues, name = economy.specs[k].venues, economy.names[k]
    singly = [number for number, rule in enumerate(venues) if isinstance(rule, OrderVenue)]
    if not singly:
        raise OrderRefused(
            f"no venue of {name!r} takes single orders, with a limit or a lifetime; add one of kind order-book or "
            "call-auction, or place an order without them"
        )
    if venue is None:
        return singly[0]
    kinds = [rule.kind for rule in venues]
    number = kinds.index(venue) if venue in kinds else venue
    if not isinstance(number, int) or number not in range(len(venues)):
        hint = did_you_mean(venue, kinds) if isinstance(venue, str) else ""
        raise OrderRefused(f"{name!r} has no venue {venue!r}; its venues, from 0: {', '.join(kinds)}{hint}")
    if number not in singly:
        raise OrderRefused(f"venue {number} of {name!r}, {kinds[number]}, clears batches and takes no single orders")
    return number


def place_order(economy: Economy, ticket: Ticket, *, usd: float | None = None, tokens: float | None = None) -> Ticket:
    """Place an order of a guest at one venue.

    Parameters
    ----------
    economy : Economy
    ticket : Ticket
        Account, network, venue, limit, kind and lifetime.
    usd, tokens : float, optional
        Dollars to spend, or tokens to sell.

    Returns
    -------
    Ticket
        The same; it tells later what came of it.

    Raises
    ------
    OrderRefused
        When it cannot be placed as given.
    """
    rule = economy.specs[ticket.network].venues[ticket.venue]
    allowed = ["limit"] if isinstance(rule, CallAuction) else list(KINDS)
    if ticket.kind not in allowed:
        raise OrderRefused(
            f"kind={ticket.kind!r} is not known at a venue of kind {rule.kind}; allowed: {', '.join(allowed)}"
            f"{did_you_mean(ticket.kind, allowed)}"
        )
    if not 0.0 <= ticket.limit < float("inf"):
        raise OrderRefused(f"limit={ticket.limit!r} is not a price in USD/token")
    if ticket.lifetime < 0:
        raise OrderRefused(f"lifetime={ticket.lifetime!r} is not a number of steps")
    return guests_of(economy).order_at(ticket, usd=usd, tokens=tokens)
