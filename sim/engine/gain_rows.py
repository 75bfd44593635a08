"""Who has gained what at the end of a run: populations in fifths, users by segment."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from catallaxy.agents.gains import Gains
from catallaxy.agents.population import Floats, Ints, Population
from catallaxy.sim.recording.record import GainRow
from catallaxy.sim.state.economy import Economy

__all__ = ["FIFTHS", "gain_rows"]

FIFTHS = ("lowest fifth", "second fifth", "third fifth", "fourth fifth", "highest fifth")
_DAYS_PER_YEAR = 365.25
#: Group, or network, of those who are not told apart.
_ALL = "all"


def gain_rows(economy: Economy) -> list[GainRow]:
    """Tell who has gained what.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    list of GainRow
        Of every population that says, on each network (or on all): all members, then fifths where there are five.
    """
    years = economy.step * economy.dt_days / _DAYS_PER_YEAR
    rows = list(_of_users(economy))
    for population in economy.populations.values():
        gains = population.gains(economy.price_micro(), economy.step)
        if gains is not None:
            rows += _of_population(population, gains, economy.names, years)
    return rows


def _of_users(economy: Economy) -> Iterator[GainRow]:
    users = economy.users
    for k, network in enumerate(economy.names):
        every = (_ALL, *users.spec.segments)
        members = [int(users.by_segment[:, k, 0].sum()), *users.by_segment[:, k, 0].tolist()]
        paid, gained = ([math.fsum(column), *column.tolist()] for column in (users.paid[:, k], users.surplus[:, k]))
        for row in zip(every, members, np.add(paid, gained).tolist(), paid, gained, strict=True):
            yield GainRow(users.name, network, *row)


def _of_population(population: Population, gains: Gains, names: tuple[str, ...], years: float) -> Iterator[GainRow]:
    homes = [(-1, _ALL)] if len(gains.network) and gains.network.max() < 0 else list(enumerate(names))
    for k, network in homes:
        members = np.flatnonzero(gains.network == k)
        for group, rows in _groups(population.ids, gains.rank, members):
            income, costs, surplus = (_sum(column[rows]) for column in (gains.income, gains.costs, gains.surplus))
            profit, capital = _sum(gains.profit[rows]), _sum(gains.capital[rows])
            annual = profit / capital / years if capital > 0.0 and years > 0.0 else math.nan
            yield GainRow(population.name, network, group, len(rows), income, costs, surplus, capital, annual)


def _groups(ids: Ints, rank: Ints | Floats, members: Ints) -> Iterator[tuple[str, Ints]]:
    """Yield names and rows of groups: everyone, then fifths by rank; equals are told apart by their identifiers."""
    if not len(members):
        return
    yield _ALL, members
    if len(members) >= len(FIFTHS):
        order = members[np.lexsort((ids[members], rank[members]))]
        yield from zip(FIFTHS, np.array_split(order, len(FIFTHS)), strict=True)


def _sum(values: Floats) -> float:
    return math.fsum(values.tolist())
