"""The liquidation queue: accounts below maintenance margin trade at the venues, at once, in rounds.

Each round marks every account to the price that the round before it made, so that one liquidation can cause the next.
Within a round, the accounts whose liquidation price was passed first trade first, in a few lots per token; among equals
the identifier decides, never the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.lending import Facility, Shortfall
from catallaxy.agents.population import Floats, Ints

__all__ = ["Liquidations", "Liquidator"]

#: Trades that one round makes on each side of each token, at most; accounts that share one have its average price.
LOTS = 32
#: Times that the dollars needed to buy tokens back are corrected for the price that they would move.
_CORRECTIONS = 3


@dataclass
class Liquidations:
    """What one step's liquidations did, per network.

    Attributes
    ----------
    n : int
        Number of networks.
    traded : int64[K], micro-USD
        Dollars for which positions were closed.
    rounds : int64[K]
    shortfall : float64[K], micro-USD
        Worth of debts that nobody will repay; tokens at a price that may be any, so that no integer need hold it.
    lender_loss : float64[K], micro-USD
        What the insurance fund could not pay of it.
    unfinished : bool[K]
        Whether accounts were left below maintenance margin: the rounds were used up, or no venue took the positions.
    """

    n: int
    traded: Ints = field(init=False)
    rounds: Ints = field(init=False)
    shortfall: Floats = field(init=False)
    lender_loss: Floats = field(init=False)
    unfinished: np.ndarray[tuple[int], np.dtype[np.bool_]] = field(init=False)

    def __post_init__(self) -> None:
        self.traded, self.rounds = np.zeros((2, self.n), np.int64)
        self.shortfall, self.lender_loss = np.zeros((2, self.n))
        self.unfinished = np.zeros(self.n, np.bool_)


@dataclass(frozen=True)
class _Lot:
    """Accounts that trade together: their rows, and the base units to sell or to buy back."""

    k: int
    is_sale: bool
    rows: Ints
    amounts: Ints


class Liquidator:
    """Closes positions for want of margin.

    Parameters
    ----------
    name : str
        Sector of the traders.
    ids : int64[n]
    accounts : numba_kernels.leverage.Accounts
    terms : numba_kernels.liquidation.Terms
    facility : Facility
    """

    def __init__(
        self, name: str, ids: Ints, accounts: nk.leverage.Accounts, terms: nk.liquidation.Terms, facility: Facility
    ) -> None:
        self._name, self._ids, self._accounts = name, ids, accounts
        self._terms, self._facility = terms, facility

    def run(self, economy: Any, limit: int) -> Liquidations:
        """Liquidate round after round until nobody is below maintenance margin.

        Parameters
        ----------
        economy : Economy
        limit : int
            Most rounds.

        Returns
        -------
        Liquidations
        """
        done, stuck = Liquidations(economy.k), set[int]()
        for _ in range(limit):
            marks = self._marks(economy)
            lots = [lot for lot in self._lots(marks) if lot.k not in stuck]
            if not lots:
                break
            moved = {lot.k for lot in lots if self._trade(economy, lot, float(marks[lot.k]), done)}
            done.rounds[sorted(moved)] += 1
            stuck |= {lot.k for lot in lots} - moved
        else:
            stuck |= {lot.k for lot in self._lots(self._marks(economy))}
        done.unfinished[sorted(stuck)] = True
        return done

    @staticmethod
    def _marks(economy: Any) -> Floats:
        return np.array([economy.trading.mark(k) for k in range(economy.k)])

    def _lots(self, marks: Floats) -> Iterator[_Lot]:
        n = len(self._ids)
        rows, amounts, urgency = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
        found = nk.liquidation.find_breaches(self._accounts, marks, self._terms, rows, amounts, urgency)
        if not found:
            return
        rows, amounts, urgency = rows[:found], amounts[:found], urgency[:found]
        network, buys = self._accounts.network[rows], amounts > 0
        queue = np.lexsort((self._ids[rows], urgency, buys, network))
        side = 2 * network[queue] + buys[queue]
        for part in np.split(queue, np.flatnonzero(np.diff(side)) + 1):
            k, is_sale = int(network[part[0]]), not buys[part[0]]
            for lot in np.array_split(part, min(LOTS, len(part))):
                yield _Lot(k, is_sale, rows[lot], np.abs(amounts[lot]))

    def _trade(self, economy: Any, lot: _Lot, mark: float, done: Liquidations) -> bool:
        """Close the positions of a lot as far as a venue takes them; return whether that changed anything.

        Where a venue takes less than it is offered, those who come first in the queue trade first.
        """
        given = lot.amounts if lot.is_sale else self._spending(economy, lot, mark)
        total, received = int(given.sum()), 0
        if total:
            order = {"tokens" if lot.is_sale else "usd": total}
            venue = economy.trading.best_venue(lot.k, **order)
            trade = economy.trading.trade(lot.k, venue, self._name, **order)
            received = trade.usd_out + trade.tokens_out
            given = np.diff(np.minimum(np.cumsum(given), trade.usd + trade.tokens), prepend=0)
            done.traded[lot.k] += trade.usd + trade.usd_out
        price = economy.trading.mark(lot.k)
        booked = nk.liquidation.settle_lot(
            self._accounts, lot.rows, given, received, lot.is_sale, price, self._terms.penalty
        )
        lost = self._book(economy, lot.k, price, booked, done)
        return bool(given.any()) or lost > 0

    def _book(self, economy: Any, k: int, price: float, booked: tuple[int, ...], done: Liquidations) -> int:
        """Book what came of a lot; return the worth of the debts written off (micro-dollars)."""
        penalties, usd, tokens, usd_left, tokens_left, usd_lost, tokens_lost = booked
        repaid = np.zeros_like(self._facility.owed)
        repaid[k] = usd, tokens
        self._facility.fine(economy, k, penalties)
        self._facility.take_back(economy, repaid)
        self._facility.keep(economy, k, usd_left, tokens_left)
        lost = Shortfall(usd_lost, tokens_lost, usd_lost + int(np.ceil(tokens_lost * price)))
        paid = self._facility.absorb(economy, k, lost)
        done.shortfall[k] += lost.worth
        done.lender_loss[k] += lost.worth - paid
        return lost.worth

    def _spending(self, economy: Any, lot: _Lot, price: float) -> Ints:
        """Return the micro-dollars that each account spends to buy its tokens back, as far as its cash goes."""
        held = self._accounts.usd[lot.rows]
        spent = _at_most(held, lot.amounts, price)
        for _ in range(_CORRECTIONS):
            total = int(spent.sum())
            venue = economy.trading.best_venue(lot.k, usd=total)
            quote = economy.trading.quote(lot.k, venue, usd=total)
            if not quote.tokens_out:
                break
            spent = _at_most(held, lot.amounts, quote.usd / quote.tokens_out)
        return spent


def _at_most(held: Ints, amounts: Ints, price: float) -> Ints:
    """Return what amounts cost, rounded up, as far as what is held goes; a cost may be more than an integer can be."""
    cost = np.minimum(np.ceil(amounts * price), held.astype(np.float64))
    spent: Ints = np.minimum(cost.astype(np.int64), held)
    return spent
