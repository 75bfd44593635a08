"""A lending facility for margin traders: what lenders placed there, what they are owed, and who bears a shortfall.

One facility serves all networks, with dollars and tokens of its own for each. Its rates follow utilisation along two
straight lines that meet at a kink, as on Aave and Compound. Lenders are owed what their borrowers owe, to the last
unit: interest adds to both, and what nobody will repay is taken from both, after the insurance fund has paid for it
what it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import MICRO, Floats, Holdings, Ints
from catallaxy.agents.rates import Rate, rate

__all__ = ["INSURANCE", "LENDERS", "ClaimsError", "Facility", "LendingSpec", "Shortfall"]

LENDERS = "lenders"
"""Sector of the ledger that holds what is not lent out."""
INSURANCE = "insurance fund"
"""Sector of the ledger that receives penalties and pays for shortfalls."""

_AAVE = "Aave v2, USDT after November 2022: base 0, kink at 0.8, slopes 4 % and 75 % (governance.aave.com, ARC 10884)."
#: By this factor granted loans are rounded down, so that they never exceed what there is.
_WITHIN = 1.0 - 2.0**-40


def _share(wanted: int, there: int) -> float:
    return 1.0 if wanted <= there else there / wanted * _WITHIN


class ClaimsError(ArithmeticError):
    """Lenders are owed something else than their borrowers owe."""


class LendingSpec(Spec):
    """What lenders place in the facility, and what they ask for it."""

    usd: float = quantity(0.0, unit="USD", doc="Dollars that lenders place for each network.", ge=0, le=1e12)
    insurance_usd: float = quantity(
        0.0, unit="USD", doc="Dollars of each network's insurance fund at the start.", ge=0, le=1e12
    )
    base: Rate = rate({"per_year": 0.0}, doc="Interest while nothing is lent.", ge=0, le=100, source=_AAVE)
    to_kink: Rate = rate(
        {"per_year": 0.04}, doc="Further interest at the kink, reached in proportion.", ge=0, le=100, source=_AAVE
    )
    above_kink: Rate = rate(
        {"per_year": 0.75}, doc="Further interest when everything is lent.", ge=0, le=100, source=_AAVE
    )
    kink: float = quantity(
        0.8, unit="1", doc="Utilisation above which interest rises steeply.", gt=0, lt=1, source=_AAVE
    )

    def interest(self, utilisation: Floats, dt_days: float) -> Floats:
        """Return the interest of a period at some utilisation.

        Parameters
        ----------
        utilisation : float64[...]
            What is lent over what was placed.
        dt_days : float
            Length of the period, days.

        Returns
        -------
        float64[...]
        """
        below = np.minimum(utilisation / self.kink, 1.0)
        above = np.maximum(utilisation - self.kink, 0.0) / (1.0 - self.kink)
        charged: Floats = (
            self.base.flow(dt_days) + self.to_kink.flow(dt_days) * below + self.above_kink.flow(dt_days) * above
        )
        return charged


@dataclass(frozen=True)
class Shortfall:
    """Debts that nobody will repay, on one network.

    Attributes
    ----------
    usd : int
        Micro-dollars owed.
    tokens : int
        Base units owed.
    worth : int
        All of it, micro-dollars, tokens at the price of the day.
    """

    usd: int
    tokens: int
    worth: int


class Facility:
    """Lenders and insurance fund of all networks.

    Parameters
    ----------
    spec : LendingSpec
    traders : str
        Sector that borrows.
    n_networks : int

    Attributes
    ----------
    idle : int64[K, 2]
        Micro-dollars and base units that can be lent.
    owed : int64[K, 2]
        Micro-dollars and base units that borrowers owe, interest included.
    interest : int64[K, 2]
        The part of `owed` that is interest; it is repaid first.
    insurance : int64[K]
        Micro-dollars of the insurance fund.
    """

    def __init__(self, spec: LendingSpec, traders: str, n_networks: int) -> None:
        self.spec = spec
        self._traders = traders
        self.idle: Ints = np.zeros((n_networks, 2), np.int64)
        self.idle[:, 0] = int(spec.usd * MICRO)
        self.owed: Ints = np.zeros_like(self.idle)
        self.interest: Ints = np.zeros_like(self.idle)
        self.insurance: Ints = np.full(n_networks, int(spec.insurance_usd * MICRO), np.int64)

    def holdings(self) -> dict[str, Holdings]:
        """Return what lenders and the insurance fund hold, by sector."""
        nothing = np.zeros(len(self.insurance), np.int64)
        return {
            LENDERS: Holdings(int(self.idle[:, 0].sum()), self.idle[:, 1].copy()),
            INSURANCE: Holdings(int(self.insurance.sum()), nothing),
        }

    def rates(self, dt_days: float) -> Floats:
        """Return the interest of a period on dollars and on tokens, float64[K, 2]."""
        placed = np.maximum(self.idle + self.owed, 1)
        return self.spec.interest(self.owed / placed, dt_days)

    def charge(self, added: Ints) -> None:
        """Add interest, int64[K, 2], to what is owed."""
        self.owed += added
        self.interest += added

    def granted(self, wanted: Sequence[Sequence[int]]) -> Floats:
        """Return the share of the loans wanted that can be granted.

        Parameters
        ----------
        wanted : sequence of (int, int)
            Micro-dollars and base units wanted on each network, of any size.

        Returns
        -------
        float64[K, 2]
        """
        pairs = zip(wanted, self.idle.tolist(), strict=True)
        return np.array([[_share(asked, there) for asked, there in zip(*pair, strict=True)] for pair in pairs])

    def lend(self, economy: Any, lent: Ints) -> None:
        """Hand out loans, int64[K, 2], and book them."""
        self.idle -= lent
        self.owed += lent
        for k, (usd, tokens) in enumerate(lent.tolist()):
            economy.post_usd("loans", LENDERS, self._traders, usd)
            economy.post(k, "loans", LENDERS, self._traders, tokens)

    def take_back(self, economy: Any, repaid: Ints) -> None:
        """Take repayments, int64[K, 2], and book them: interest first."""
        self.idle += repaid
        self.owed -= repaid
        interest = np.minimum(repaid, self.interest)
        self.interest -= interest
        for flow, paid in (("interest", interest), ("repayments", repaid - interest)):
            for k, (usd, tokens) in enumerate(paid.tolist()):
                economy.post_usd(flow, self._traders, LENDERS, usd)
                economy.post(k, flow, self._traders, LENDERS, tokens)

    def keep(self, economy: Any, k: int, usd: int, tokens: int) -> None:
        """Take what is too small to trade from accounts on network `k` that are written off, and book it."""
        self.idle[k] += (usd, tokens)
        economy.post_usd("repayments", self._traders, LENDERS, usd)
        economy.post(k, "repayments", self._traders, LENDERS, tokens)

    def fine(self, economy: Any, k: int, penalties: int) -> None:
        """Pay penalties on network `k` into the insurance fund, and book them."""
        self.insurance[k] += penalties
        economy.post_usd("liquidation penalties", self._traders, INSURANCE, penalties)

    def absorb(self, economy: Any, k: int, lost: Shortfall) -> int:
        """Write off debts on network `k`; return what the insurance fund paid for them (micro-dollars).

        Parameters
        ----------
        economy : Economy
        k : int
        lost : Shortfall

        Returns
        -------
        int
            The rest of their worth is the lenders' loss.
        """
        self.owed[k] -= (lost.usd, lost.tokens)
        self.interest[k] = np.minimum(self.interest[k], self.owed[k])
        paid = min(lost.worth, int(self.insurance[k]))
        self.insurance[k] -= paid
        self.idle[k, 0] += paid
        economy.post_usd("insurance", INSURANCE, LENDERS, paid)
        return paid

    def check(self, economy: Any, debts: Ints) -> None:
        """Compare what lenders are owed with what borrowers owe, to the last unit.

        Parameters
        ----------
        economy : Economy
        debts : int64[K, 2]
            Micro-dollars and base units owed by all accounts.

        Raises
        ------
        ClaimsError
            Naming the step, the network, the instrument and the amount.
        """
        for k, instrument in np.argwhere(self.owed != debts):
            amount = int(debts[k, instrument] - self.owed[k, instrument])
            raise ClaimsError(
                f"step {economy.step}: {self._traders!r} owe their lenders on {economy.names[k]!r} {amount:+d} base "
                f"units of {('USD', economy.symbols[k])[instrument]!r} that the lenders do not know of"
            )
