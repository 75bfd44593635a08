"""What customers of the incumbents pay, and to how many of them."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Floats
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.state.incumbents import Incumbents

__all__ = ["note_incumbents", "outside_prices", "price_of_incumbents", "spent_at_incumbents"]


def price_of_incumbents(economy: Economy) -> float:
    """Return what customers of the incumbents pay on average in this step, USD/unit.

    Parameters
    ----------
    economy : Economy
        After the choice of the step.
    """
    alone = economy.incumbents is None
    return economy.drivers["incumbent_price"] if alone else float(economy.metrics["incumbent_paid"][0])


def outside_prices(economy: Economy) -> Floats:
    """Return the mean price at which users of each segment buy from the incumbents, float64[S], USD/unit.

    Parameters
    ----------
    economy : Economy
        After the choice of the step.
    """
    listed, users, rivals = economy.drivers["incumbent_price"], economy.users, economy.incumbents
    if rivals is None or users.choice is None:
        return np.full(len(users.by_segment), listed)
    mean: Floats = listed * (users.choice.incumbents * rivals.price).sum(axis=1)
    return mean


def spent_at_incumbents(economy: Economy) -> float:
    """Return what users spend with the incumbents in this step, micro-USD, as far as these can serve.

    Parameters
    ----------
    economy : Economy
    """
    users, drivers, rivals = economy.users, economy.drivers, economy.incumbents
    listed, served = drivers["incumbent_price"], economy.access.incumbents
    if rivals is None or users.choice is None:
        at_incumbents = users.spec.spending_at(listed)
        return float(users.tally[-1, 1]) * drivers["service_demand"] * at_incumbents * served
    each = np.array([users.spec.spending_at(listed * float(price)) for price in rivals.price])
    customers = rivals.customers(users.choice, users.by_segment[:, -1, 1])
    all_of_them = float(users.tally[-1, 1]) / max(float(customers.sum()), 1.0)
    return float((customers * each).sum()) * all_of_them * drivers["service_demand"] * served


def note_incumbents(economy: Economy, rivals: Incumbents) -> None:
    """Note what customers of the incumbents pay on average, and how concentrated they are.

    Parameters
    ----------
    economy : Economy
    rivals : Incumbents
    """
    users = economy.users
    if users.choice is None:
        return
    customers = rivals.customers(users.choice, users.by_segment[:, -1, 1] / MICRO)
    total = max(float(customers.sum()), 1.0 / MICRO)
    paid = float((customers * rivals.price).sum()) / total * economy.drivers["incumbent_price"]
    economy.note("incumbent_paid", paid)
    economy.note("incumbent_hhi", float(((customers / total) ** 2).sum()))
