r"""Who pays for inflation: every step, holders give up a part of what they own to those who are paid in new tokens.

Tokens that leave the reward pool dilute everyone who holds tokens outside it. With :math:`R_t` tokens handed out in a
step at the price :math:`p_t`, :math:`r_{st}` of them to sector s, and :math:`h_{st}` the sector's share of all tokens
outside the pool before the step,

.. math::
    \text{received}_s = \sum_t p_t r_{st}, \qquad \text{paid}_s = \sum_t p_t R_t h_{st}, \qquad
    \sum_s (\text{received}_s - \text{paid}_s) = 0 .

It is a transfer at a given price, as the inflation tax on money is (M. J. Bailey, "The Welfare Cost of Inflationary
Finance", *Journal of Political Economy* 64 (1956), 93): what the tokens would be worth had none been handed out is
another question, which two runs answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.recording.record import DilutionRow
from catallaxy.sim.recording.sectors import SUBNETS

if TYPE_CHECKING:
    from catallaxy.sim.state.economy import Economy

__all__ = ["HANDED_OUT", "DilutionBook"]

#: Flows by which tokens leave the reward pool for someone.
HANDED_OUT = ("rewards", "staking rewards")
#: Flows by which tokens in subnets' pools come to the reward pool, to be handed out once more.
_FROM_POOLS = ("alpha sales", "alpha redemption", "root dividends")
#: Sectors that are no holders: what is not yet handed out, or no longer exists.
_NOBODY = ("minting", "burned", "reward pool", "outside world")


class DilutionBook:
    """What every sector has received and paid through inflation.

    Parameters
    ----------
    n_networks : int

    Attributes
    ----------
    received, paid : float64[K, sectors], USD
        Since the start, at the prices at which rewards were booked as income.
    """

    def __init__(self, n_networks: int) -> None:
        self.received: Floats = np.zeros((n_networks, 0))
        self.paid: Floats = np.zeros((n_networks, 0))
        self._held = self._at_start = np.zeros((n_networks, 0), np.int64)
        self._price: Floats = np.zeros(n_networks)

    def open(self, economy: Economy, stocks: Ints) -> None:
        """Note who holds what at genesis.

        Parameters
        ----------
        economy : Economy
        stocks : int64[instruments, sectors]
            What every sector holds.
        """
        self._held = self._at_start = _holdings(economy, stocks)
        self._price = economy.quoted.token_price.copy()
        self.received, self.paid = np.zeros((2, *self._held.shape))

    def close_step(self, economy: Economy, stocks: Ints) -> None:
        """Add the step that ends, before the ledger closes it.

        Parameters
        ----------
        economy : Economy
        stocks : int64[instruments, sectors]
            What every sector holds at the end of the step.
        """
        if stocks.shape[1] > self._held.shape[1]:
            self._make_room(stocks.shape[1])
        flows = economy.ledger.received(HANDED_OUT)[1:]
        pool = economy.ledger.sectors.index("reward pool")
        flows[:, pool] = 0
        if SUBNETS in economy.ledger.sectors:
            pools = economy.ledger.sectors.index(SUBNETS)
            flows[:, pools] += economy.ledger.received(("emission",))[1:, pools]
            flows[:, pools] -= economy.ledger.received(_FROM_POOLS)[1:, pool]
        handed_out, outside = flows.sum(axis=1), self._held.sum(axis=1)
        self.received += flows * (self._price / economy.base)[:, np.newaxis]
        each = handed_out * self._price / economy.base / np.maximum(outside, 1)
        self.paid += self._held * each[:, np.newaxis]
        self._held = _holdings(economy, stocks)
        self._price = economy.quoted.token_price.copy()

    def _make_room(self, n_sectors: int) -> None:
        missing = ((0, 0), (0, n_sectors - self._held.shape[1]))
        self.received, self.paid = np.pad(self.received, missing), np.pad(self.paid, missing)
        self._held, self._at_start = np.pad(self._held, missing), np.pad(self._at_start, missing)

    def rows(self, economy: Economy) -> list[DilutionRow]:
        """Tell for every network who has held tokens or received some; sectors without either are left out."""
        first, last = (held / np.maximum(held.sum(axis=1, keepdims=True), 1) for held in (self._at_start, self._held))
        return [
            DilutionRow(
                network,
                sector,
                *(float(values[k, s]) for values in (first, last, self.received, self.paid)),
            )
            for k, network in enumerate(economy.names)
            for s, sector in enumerate(economy.ledger.sectors[: first.shape[1]])
            if first[k, s] or last[k, s] or self.received[k, s] or self.paid[k, s]
        ]


def _holdings(economy: Economy, stocks: Ints) -> Ints:
    """Count the tokens outside the reward pool by who owns them, int64[K, sectors]: stakes belong to their owners."""
    sectors, held = economy.ledger.sectors, stocks[1:].copy()
    for name in (*_NOBODY, "staked", "unbonding"):
        held[:, sectors.index(name)] = 0
    for name, population in economy.populations.items():
        held[:, sectors.index(name)] += population.staked_totals() + population.unbonding_totals()
    return held
