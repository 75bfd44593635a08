"""Rounds, fixed costs, dividends, bankruptcy and entry of model builders, after each model market."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO, Flags, Ints
from catallaxy.agents.venture import Prospect, Venture
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.state.economy import Economy

__all__ = ["finance_builders", "note_open_models"]

_YEAR = 365.25


def finance_builders(economy: Economy, wanted: Ints, sold: Ints) -> None:
    """Let firms raise money, pay overhead and dividends, fail and enter, where builders are financed like that.

    Parameters
    ----------
    economy : Economy
    wanted : int64[K], micro-USD
        What users of each network want to spend.
    sold : int64[K], micro-USD
        Revenue of builders in this step.
    """
    builders, venture = economy.builders, economy.builders.venture
    if venture is None:
        return
    name, appetite = builders.name, economy.drivers["risk_appetite"]
    venture.keep_books(builders.costs, builders.income)
    raised = venture.raise_money(builders.usd, builders.revenue, appetite)
    overhead, failed = venture.pay_overhead(builders.usd)
    builders.costs += overhead
    dividends = venture.pay_dividends(builders.usd)
    left = _wind_up(economy, venture, failed)
    founded = _enter(economy, venture, _prospect(economy, venture, wanted, sold))
    economy.post_usd("owners' capital", "outside world", name, int(raised.sum() + founded.sum()))
    economy.post_usd("overhead", name, "outside world", int(overhead.sum()))
    economy.post_usd("dividends", name, "outside world", int(dividends.sum()))
    economy.post_usd("bankruptcies", name, "outside world", int(left.sum()))
    builders.weight[:] = np.where(venture.alive == 1, np.maximum(builders.weight, 1), 0)
    economy.note("bankruptcies", builders.by_network(failed.astype(np.int64)))
    economy.note("builders_entered", builders.by_network((founded > 0).astype(np.int64)))
    economy.note("venture_capital", builders.by_network(raised) / MICRO)
    economy.note("founders_capital", builders.by_network(founded) / MICRO)
    economy.note("builder_overhead", builders.by_network(overhead) / MICRO)
    economy.note("dividends", builders.by_network(dividends) / MICRO)
    economy.note("risk_appetite", appetite)
    _note_stocks(economy, venture)


def note_open_models(economy: Economy, revenue: Ints) -> None:
    """Note what is public, and how much is spent on open models, where there are some.

    Parameters
    ----------
    economy : Economy
    revenue : int64[n], micro-USD
        Of this step, by builder.
    """
    builders, commons = economy.builders, economy.builders.commons
    if commons is None:
        return
    total, on_open = builders.by_network(revenue), builders.by_network(revenue * commons.publishes)
    economy.note("open_model_share", np.where(total > 0, on_open / np.maximum(total, 1), np.nan))
    economy.note("open_model_compute", commons.compute)


def _wind_up(economy: Economy, venture: Venture, failed: Flags) -> Ints:
    """Leave money to creditors, and withdraw or publish the models of those that failed."""
    builders, gone = economy.builders, failed == 1
    if builders.commons is not None:
        builders.commons.release(builders.compute, builders.data, gone, venture.spec.salvage)
    for column in (builders.compute, builders.data, builders.revenue, builders.units):
        column[gone] = 0.0
    return venture.estates(builders.usd)


def _prospect(economy: Economy, venture: Venture, wanted: Ints, sold: Ints) -> Prospect:
    """Return what one more firm on each network expects, with an equal share in spending and in rewards."""
    builders, spec, quoted = economy.builders, economy.builders.spec, economy.quoted
    entrants = venture.firms(builders.network) + 1
    kept = np.maximum(1.0 - economy.policy["take_rate"] - economy.burn_share, 0.0)
    rewards = venture.rewards(builders.by_network(builders.income), sold) / MICRO / entrants
    revenue = kept * wanted / MICRO / entrants
    shared = 0.0 if spec.revenue_share is None else spec.revenue_share.data + spec.revenue_share.compute
    cost = np.minimum(quoted.unit_cost / np.maximum(quoted.service_price, 1e-12), 1.0) * wanted / MICRO / entrants
    profit = revenue * (1.0 - spec.data_share - spec.training_share - shared) + rewards - cost
    return Prospect(profit * _YEAR / economy.dt_days, revenue)


def _enter(economy: Economy, venture: Venture, prospect: Prospect) -> Ints:
    """Let firms enter; return the capital that each brings, int64[n], micro-USD."""
    builders, u = economy.builders, np.empty(economy.k)
    nk.random.fill_uniform(economy.key(Stream.BUILDER_ENTRY), np.arange(economy.k), u)
    rows = venture.entrants(builders.network, prospect.profit, economy.drivers["risk_appetite"], u)
    founded = venture.found(rows, builders.usd, builders.markup)
    if builders.commons is not None:
        builders.commons.limit_markups(builders.markup)
    where = builders.network[rows]
    builders.price[rows] = economy.quoted.unit_cost[where] * (1.0 + builders.markup[rows])
    builders.revenue[rows] = prospect.revenue[where]
    builders.units[rows] = prospect.revenue[where] / builders.price[rows]
    return founded


def _note_stocks(economy: Economy, venture: Venture) -> None:
    builders, firms = economy.builders, venture.firms(economy.builders.network)
    shares = np.bincount(builders.network, venture.founders_share * venture.alive, economy.k).astype(np.float64)
    economy.note("builders_alive", firms)
    economy.note("builders_cash", builders.by_network(builders.usd) / MICRO)
    economy.note("founders_share", np.where(firms > 0, shares / np.maximum(firms, 1), np.nan))
