"""What networks charge: tolls on what is sold, and the price that compute nodes pay to come online."""

from __future__ import annotations

import math

import numpy as np

from catallaxy.agents.charges import Charges
from catallaxy.agents.population import MICRO, Flags, Floats, Ints
from catallaxy.agents.sellers import Sellers
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.units import microseconds, share_of

__all__ = ["charges_of", "collect_entries", "collect_tolls", "tolls_on"]

#: Uses are counted in thousandths of a unit.
_MILLI = 1000
#: No entry costs more than this, micro-dollars.
_MOST = 2**52
_SERIES = {"compute": "toll", "data": "data_toll", "inference": "inference_toll"}


def charges_of(economy: Economy) -> Charges | None:
    """Return what nodes have to reckon with in this step; None where networks charge nothing.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    Charges or None
        Entry is free in the first step.
    """
    book = economy.charges
    if economy.metrics.keys().isdisjoint(("toll", "registrations")):
        return None
    tolls = book.tolls["compute"].prices
    if not tolls.any() and not any(book.registrations):
        return None
    price, begin = economy.price_micro(), _microsecond(economy, economy.step)
    costs = book.entry(begin) if economy.step else [0] * economy.k
    entry = [min(math.ceil(cost * p), _MOST) for cost, p in zip(costs, price, strict=True)]
    stay = [1.0 if rule is None else rule.stay_days / economy.dt_days for rule in book.registrations]
    return Charges(tolls / MICRO, np.array(entry, np.int64), np.array(stay))


def collect_entries(economy: Economy, was_online: Flags, entry: Ints) -> None:
    """Let nodes that have come online pay into the fee escrow, and raise the price of the next.

    Parameters
    ----------
    economy : Economy
    was_online : int8[n]
    entry : int64[K], micro-USD
    """
    if "registrations" not in economy.metrics or not economy.step:
        return
    begin, accounts, book, nodes = _microsecond(economy, economy.step), economy.accounts, economy.charges, economy.nodes
    costs = book.entry(begin)
    enters = ((nodes.online == 1) & (was_online == 0)).astype(np.int64)
    due = enters * entry[nodes.network]
    nodes.usd -= due
    paid, entrants = nodes.by_network(due), nodes.by_network(enters)
    accounts.fee_escrow += paid
    economy.post_usd("registrations", nodes.name, "fee escrow", int(paid.sum()))
    for k, rule in enumerate(book.registrations):
        if rule is not None:
            recycled = share_of(rule.recycled, int(paid[k]))
            accounts.escrow_recycle[k] += recycled
            accounts.escrow_burn[k] += int(paid[k]) - recycled
            book.enter(k, costs[k], int(entrants[k]), begin)
    economy.note("registration_price", economy.tokens(np.array(costs, np.int64)))
    economy.note("registrations", np.where([rule is not None for rule in book.registrations], entrants, 0))


def tolls_on(economy: Economy, service: str) -> Floats | None:
    """Return the tolls on a service, float64[K], USD per unit; None where no network has one.

    Parameters
    ----------
    economy : Economy
    service : str
        One of `SERVICES`.

    Returns
    -------
    float64[K] or None
    """
    return economy.charges.tolls[service].prices / MICRO if _SERIES[service] in economy.metrics else None


def collect_tolls(economy: Economy, service: str, sellers: Sellers, used: Ints) -> Ints:
    """Collect tolls on what was sold, and let them move with use.

    Parameters
    ----------
    economy : Economy
    service : str
        One of `SERVICES`.
    sellers : Sellers
        Who sold it, and pays.
    used : int64[n]
        Thousandths of a unit sold, by seller.

    Returns
    -------
    int64[K]
        Micro-dollars paid.
    """
    series = _SERIES[service]
    if series not in economy.metrics:
        return np.zeros(economy.k, np.int64)
    book = economy.charges.tolls[service]
    paid = sellers.pay_toll(-(-used * book.prices[sellers.network] // _MILLI))
    economy.accounts.fee_escrow += paid
    economy.accounts.escrow_burn += paid
    economy.post_usd("tolls", sellers.till, "fee escrow", int(paid.sum()))
    economy.note(series, book.prices / MICRO)
    economy.note(f"{series}s_paid", paid / MICRO)
    sold = sellers.by_network(used)
    book.use(sold, _microsecond(economy, economy.step), _microsecond(economy, economy.step + 1))
    return paid


def _microsecond(economy: Economy, step: int) -> int:
    return microseconds(days=economy.dt_days) * step
