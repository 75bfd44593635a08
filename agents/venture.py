"""Where the money of model builders comes from, and what happens when it runs out: rounds, bankruptcy, entry."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import MICRO, Flags, Floats, Ints, Population
from catallaxy.agents.rates import Rate, rate
from catallaxy.numba_kernels.streams import Stream

__all__ = ["Prospect", "Venture", "VentureSpec"]

_YEAR = 365.25
#: Averaging time of the costs and income by which a firm judges how long its money will last.
_MEMORY_DAYS = 30.0


class VentureSpec(Spec):
    """Fixed costs of model builders, rounds of venture capital, dividends, bankruptcy and entry."""

    overhead: float = quantity(
        500.0,
        unit="USD/day",
        doc="Cost of a firm that neither data nor compute explain: people, offices.",
        ge=0,
        source="Assumption: what one engineer costs; most pay is in tokens.",
    )
    revenue_multiple: float = quantity(
        20.0,
        unit="1",
        doc="Value over yearly revenue at which investors buy shares when their appetite for risk is 1.",
        ge=0,
        le=1e4,
        source="Assumption: rounds of AI firms in 2024 were priced at 10 to 40 times revenue.",
    )
    largest_stake: float = quantity(
        0.25,
        unit="1",
        doc="Largest share of the firm that is sold in a round.",
        ge=0,
        le=0.99,
        source="Assumption: a fifth to a quarter is usual.",
    )
    round_days: float = quantity(
        540.0,
        unit="day",
        doc="Days of losses that a round is meant to pay for, and for which money is kept.",
        ge=0,
        le=3650,
        source="Assumption: the usual eighteen months.",
    )
    runway_days: float = quantity(
        180.0,
        unit="day",
        doc="Money for fewer days of losses than this makes a firm seek a round; beyond as many days of costs it "
        "pays dividends.",
        ge=0,
        le=3650,
        source="Assumption: the usual half year.",
    )
    pause_days: float = quantity(
        270.0, unit="day", doc="Shortest time between two rounds of a firm.", ge=0, le=3650, source="Assumption."
    )
    payout: Rate = rate(
        {"per_year": 0.5}, doc="Rate at which owners take out money that is not needed.", ge=0, source="Assumption."
    )
    vacant: float = quantity(
        0.25,
        unit="1",
        doc="Share of the builders that are only places at the start, which new firms may take.",
        ge=0,
        le=1,
        source="Assumption.",
    )
    seed_capital: float = quantity(
        1e5,
        unit="USD",
        doc="What founders of a new firm bring and must see a return on: the cost of entry.",
        ge=0,
        source="Assumption: a third of what an established builder starts with.",
    )
    required_return: float = quantity(
        0.5,
        unit="1/year",
        doc="Yearly profit over starting capital for which founders enter when the appetite for risk is 1.",
        gt=0,
        le=1e4,
        source="Assumption: most new firms fail, and the others must pay for them.",
    )
    entry: Rate = rate(
        {"per_year": 4.0},
        doc="Rate at which a network gets a new builder while entry pays.",
        ge=0,
        source="Assumption.",
    )
    salvage: float = quantity(
        0.0,
        unit="1",
        doc="Share of the training and data in a failed firm's model that becomes public; 0 where it is withdrawn.",
        ge=0,
        le=1,
        source="Assumption: what a bankrupt firm has trained is an asset of its creditors.",
    )


class Prospect(NamedTuple):
    """What a firm more on each network would earn and spend.

    Attributes
    ----------
    profit : float64[K], USD/year
        Before overhead.
    revenue : float64[K], USD per step
    """

    profit: Floats
    revenue: Floats


class Venture:
    """Which builders are in business, and what they raise, pay out and lose.

    Parameters
    ----------
    builders : Population
        Gets the columns `alive`, `since_round`, `founders_share`, `loss`, `outlay` and `first_markup`.
    spec : VentureSpec
    usd : int64[n], micro-USD, in/out
        At the start; taken from the places that are vacant.
    markup : float64[n]

    Attributes
    ----------
    spec : VentureSpec
    alive : int8[n]
    founders_share : float64[n]
        Of the firm, after rounds.
    """

    def __init__(self, builders: Population, spec: VentureSpec, usd: Ints, markup: Floats) -> None:
        self._ids = builders.ids
        self.spec, self._site, n, u = spec, builders.site, len(builders), np.empty(len(builders))
        key = nk.random.step_key(builders.site.seed, int(Stream.BUILDER_ENTRY), -1)
        nk.random.fill_uniform(key, builders.ids, u)
        self.alive: Flags = builders.store("alive", (u >= spec.vacant).astype(np.int8))
        self._since_round: Floats = builders.store("since_round", np.full(n, spec.pause_days))
        self.founders_share: Floats = builders.store("founders_share", np.ones(n))
        self._loss: Floats = builders.store("loss", np.zeros(n))
        self._outlay: Floats = builders.store("outlay", np.zeros(n))
        self._books = (builders.zeros("costs_before"), builders.zeros("income_before"))
        self._first_markup: Floats = builders.store("first_markup", markup.copy())
        self._earned = np.zeros(builders.site.n_networks, np.int64)
        usd[self.alive == 0] = 0

    def rewards(self, earned: Ints, sold: Ints) -> Ints:
        """Return what builders got besides sales since the last call, int64[K], micro-USD.

        Parameters
        ----------
        earned : int64[K], micro-USD
            Cumulative income of all builders.
        sold : int64[K], micro-USD
            Revenue of this step.
        """
        rewards: Ints = np.maximum(earned - self._earned - sold, 0)
        self._earned = earned.copy()
        return rewards

    def keep_books(self, costs: Ints, income: Ints) -> None:
        """Note what firms spend and lose, by what both accounts, int64[n], micro-USD, have grown."""
        weight, (costs_before, income_before) = min(1.0, self._site.dt_days / _MEMORY_DAYS), self._books
        spent, earned = (costs - costs_before) / MICRO, (income - income_before) / MICRO
        self._outlay += weight * (spent - self._outlay)
        self._loss += weight * (spent - earned - self._loss)
        costs_before[:], income_before[:] = costs, income

    def raise_money(self, usd: Ints, revenue: Floats, appetite: float) -> Ints:
        """Let firms that need money sell shares; return what each raises, int64[n], micro-USD.

        Parameters
        ----------
        usd : int64[n], micro-USD, in/out
        revenue : float64[n], USD per step
            Expected.
        appetite : float
            Of investors for risk; 1 is normal.
        """
        spec, days = self.spec, self._site.dt_days
        self._since_round += days
        loss = np.maximum(self._loss / days, 0.0)
        value = np.maximum(spec.revenue_multiple * appetite * revenue * _YEAR / days, 0.0)
        need = np.maximum(loss, spec.overhead) * spec.round_days
        short = (usd < loss * spec.runway_days * MICRO) | (usd < self._overhead)
        seeks = (self.alive == 1) & short & (self._since_round >= spec.pause_days)
        most = value * spec.largest_stake / (1.0 - spec.largest_stake)
        raised: Ints = np.where(seeks, np.minimum(need, most) * MICRO, 0.0).astype(np.int64)
        sells = raised > 0
        self.founders_share[sells] *= value[sells] / (value[sells] + raised[sells] / MICRO)
        self._since_round[sells] = 0.0
        usd += raised
        return raised

    @property
    def _overhead(self) -> int:
        return round(self.spec.overhead * self._site.dt_days * MICRO)

    def pay_overhead(self, usd: Ints) -> tuple[Ints, Flags]:
        """Let firms pay their fixed costs; close those that cannot.

        Parameters
        ----------
        usd : int64[n], micro-USD, in/out

        Returns
        -------
        (int64[n], int8[n])
            What each paid (micro-USD), and 1 for those that have failed.
        """
        due = self._overhead
        fails = (self.alive == 1) & (usd < due)
        paid: Ints = np.where((self.alive == 1) & ~fails, due, 0)
        usd -= paid
        self.alive[fails] = 0
        return paid, fails.astype(np.int8)

    def pay_dividends(self, usd: Ints) -> Ints:
        """Pay owners a part of what firms need for neither costs nor losses; return it, int64[n], micro-USD."""
        days = self._site.dt_days
        needed = self._outlay * self.spec.runway_days + np.maximum(self._loss, 0.0) * self.spec.round_days
        kept = (needed / days * MICRO).astype(np.int64)
        idle = np.where(self.alive == 1, np.maximum(usd - kept, 0), 0)
        paid: Ints = (idle * self.spec.payout.probability(days)).astype(np.int64)
        usd -= paid
        return paid

    def estates(self, usd: Ints) -> Ints:
        """Leave what failed firms have to their creditors; return it, int64[n], micro-USD."""
        left: Ints = np.where(self.alive == 0, usd, 0)
        usd -= left
        return left

    def entrants(self, network: Ints, profit: Floats, appetite: float, u: Floats) -> Ints:
        """Return the places in which a new firm starts, int64[m], on each network at most the first that is free.

        Parameters
        ----------
        network : int64[n]
        profit : float64[K], USD/year
            Operating profit that one more firm expects, before overhead.
        appetite : float
        u : float64[K]
            Uniform draws.
        """
        spec = self.spec
        net = profit - spec.overhead * _YEAR
        pays = (net > 0.0) & (net * appetite >= spec.required_return * spec.seed_capital)
        tries = np.flatnonzero(pays & (u < spec.entry.probability(self._site.dt_days)))
        free = (np.flatnonzero((network == k) & (self.alive == 0)) for k in tries)
        return np.array([rows[np.argmin(self._ids[rows])] for rows in free if len(rows)], np.int64)

    def found(self, rows: Ints, usd: Ints, markup: Floats) -> Ints:
        """Start firms in some places with their founders' capital; return it, int64[n], micro-USD."""
        brought = np.zeros(len(usd), np.int64)
        brought[rows] = round(self.spec.seed_capital * MICRO)
        usd += brought
        markup[rows] = self._first_markup[rows]
        self.alive[rows] = 1
        self._since_round[rows] = 0.0
        self.founders_share[rows] = 1.0
        self._loss[rows], self._outlay[rows] = 0.0, 0.0
        return brought

    def firms(self, network: Ints) -> Ints:
        """Count the firms of each network, int64[K]."""
        total = np.zeros(self._site.n_networks, np.int64)
        nk.payouts.total_by_network(network, self.alive.astype(np.int64), total)
        return total
