"""The stock-flow ledger: every mint, burn, transfer, fee, reward, slash and dollar goes through it.

A flow moves an integer amount of one instrument from one sector to another, so each instrument's flows sum to zero by
construction. The audit compares, for every instrument and sector, the stock that the arrays of the economy hold with
the opening stock plus the flows booked since; a difference means that something was created or lost outside the books.
The outside world and the minting authority are sectors like any other, with negative stocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catallaxy.agents.population import Ints
from catallaxy.sim.errors import AuditError
from catallaxy.sim.recording.record import FlowRow
from catallaxy.sim.recording.sectors import FIXED_SECTORS

__all__ = ["FLOWS", "USD", "Ledger"]

#: Instrument number of the dollar; token k is instrument k + 1.
USD = 0

#: Its dollars are counted as what nobody else holds, so it mirrors every loss; the audit names the loser first.
_RESIDUAL = FIXED_SECTORS.index("outside world")

FLOWS: tuple[str, ...] = (
    "emission",
    "unlock",
    "burn",
    "stake",
    "unstake",
    "release",
    "slash",
    "rewards",
    "staking rewards",
    "service spending",
    "protocol fees",
    "licence fees",
    "compute fees",
    "cloud fees",
    "running costs",
    "consensus costs",
    "transaction costs",
    "grants",
    "token purchases",
    "token sales",
    "order reserves",
    "new capital",
    "withdrawals",
    "liquidity provision",
    "liquidity withdrawal",
    "rounding",
    "loans",
    "repayments",
    "interest",
    "liquidation penalties",
    "insurance",
    "recycling",
    "buybacks",
    "tolls",
    "registrations",
    "credit purchases",
    "credit settlement",
    "bonding curves",
    "conversion",
    "trading fees",
    "claims",
    "trade taxes",
    "verification",
    "settlements",
    "exit fees",
    "alpha purchases",
    "alpha sales",
    "alpha redemption",
    "root dividends",
    "hardware",
    "used hardware",
    "owners' capital",
    "overhead",
    "dividends",
    "bankruptcies",
    "revenue shares",
)


class Ledger:
    """Books of all instruments.

    Parameters
    ----------
    instruments : sequence of str
        "USD", then one symbol per network.
    sectors : sequence of str
        Fixed sectors and populations.

    Attributes
    ----------
    rows : list of FlowRow
        Stock-flow matrix of the periods closed so far.
    steps_checked : int
    discrepancy : int
        Base units that the failed audit could not explain; 0 while every audit has passed.
    """

    def __init__(self, instruments: Sequence[str], sectors: Sequence[str]) -> None:
        self.instruments = tuple(instruments)
        self.sectors = tuple(sectors)
        self._sector = {name: i for i, name in enumerate(self.sectors)}
        self._flow = {name: i for i, name in enumerate(FLOWS)}
        shape = (len(self.instruments), len(self.sectors))
        self._opening = np.zeros(shape, np.int64)
        self._step = np.zeros((len(self.instruments), len(FLOWS), len(self.sectors)), np.int64)
        self._period = np.zeros_like(self._step)
        self.rows: list[FlowRow] = []
        self.steps_checked = 0
        self.discrepancy = 0

    def post(self, instrument: int, flow: str, payer: str, receiver: str, amount: int) -> None:
        """Book one flow.

        Parameters
        ----------
        instrument : int
            0 for USD, k + 1 for the token of network k.
        flow : str
            One of `FLOWS`.
        payer, receiver : str
            Sectors.
        amount : int
            Micro-dollars or base units, not negative.

        Raises
        ------
        ValueError
            When the amount is negative: book the reverse flow instead.
        KeyError
            When the flow or a sector does not exist; nothing is booked.
        """
        if amount < 0:
            raise ValueError(f"a flow cannot be negative: {flow} from {payer} to {receiver}: {amount}")
        row, giver, taker = self._flow[flow], self._sector[payer], self._sector[receiver]
        if amount:
            line = self._step[instrument, row]
            line[giver] -= amount
            line[taker] += amount

    def open(self, stocks: Ints) -> None:
        """Start the books from these stocks, int64[instruments, sectors]."""
        self._opening[...] = stocks

    def add_sector(self, name: str) -> None:
        """Open the books of a sector that joins later and holds nothing yet."""
        self._sector[name] = len(self.sectors)
        self.sectors = (*self.sectors, name)
        self._opening = np.pad(self._opening, ((0, 0), (0, 1)))
        self._step = np.pad(self._step, ((0, 0), (0, 0), (0, 1)))
        self._period = np.pad(self._period, ((0, 0), (0, 0), (0, 1)))

    def balance(self, instrument: int, sector: str) -> int:
        """Return the stock that the books say a sector holds."""
        s = self._sector[sector]
        return int(self._opening[instrument, s] + self._step[instrument, :, s].sum())

    def received(self, flows: Sequence[str]) -> Ints:
        """Return what every sector has received in this step through some flows, less what it paid.

        Parameters
        ----------
        flows : sequence of str
            Some of `FLOWS`.

        Returns
        -------
        int64[instruments, sectors]
        """
        balance: Ints = self._step[:, [self._flow[name] for name in flows]].sum(axis=1)
        return balance

    def audit(self, step: int, stocks: Ints) -> None:
        """Check every sector against the books, then close the step.

        Parameters
        ----------
        step : int
        stocks : int64[instruments, sectors]
            What the arrays of the economy hold now.

        Raises
        ------
        AuditError
            Naming the step, the sector, the instrument and the amount.
        """
        expected = self._opening + self._step.sum(axis=1)
        difference = stocks - expected
        if difference.any():
            i, s = max(np.argwhere(difference), key=lambda place: place[1] != _RESIDUAL)
            self.discrepancy = int(difference[i, s])
            raise AuditError(step, self.sectors[s], self.instruments[i], self.discrepancy)
        self._opening[...] = stocks
        self._period += self._step
        self._step[...] = 0
        self.steps_checked += 1

    def close_period(self, step: int) -> None:
        """Turn the flows booked since the last call into rows of the stock-flow matrix."""
        for i, f, s in np.argwhere(self._period):
            amount = int(self._period[i, f, s])
            self.rows.append(FlowRow(step, self.instruments[i], FLOWS[f], self.sectors[s], amount))
        self._period[...] = 0

    def summary(self) -> dict[str, Any]:
        """Return what the manifest says of the audit."""
        return {
            "passed": self.discrepancy == 0,
            "steps_checked": self.steps_checked,
            "identities_per_step": len(self.instruments) * len(self.sectors),
            "largest_discrepancy": abs(self.discrepancy),
        }
