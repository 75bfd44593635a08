"""The sink plug-in point: a part of rewards, spending, fees or slashed stake, and whom it is paid to."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from typing import ClassVar, Literal

from catallaxy.agents.plugins import Plugin, Registry

__all__ = ["RECEIVERS", "SINKS", "PaidTo", "Sink", "TakenFrom"]

TakenFrom = Literal["rewards", "spending", "fees", "slashes"]
"""Token rewards before they are paid out; gross USD spending on services; the protocol's USD fee; slashed stake."""

PaidTo = Literal["burn", "recycle", "stakers", "compute", "data", "builders", "lenders", "insiders", "treasury"]

RECEIVERS: dict[PaidTo, str] = {
    "burn": "Destroyed; dollars buy tokens on the market first.",
    "recycle": "Taken out of circulation and issuable again; dollars buy tokens on the market first.",
    "stakers": "Holders who stake, by stake.",
    "compute": "Compute nodes, by capacity online and standing.",
    "data": "Data providers, by data on offer.",
    "builders": "Model builders, by usage.",
    "lenders": "Those who lend to margin traders.",
    "insiders": "Team and investors.",
    "treasury": "The treasury.",
}
"""Whom sinks can pay, in the order in which they are served should a user's sinks take more than there is."""


class Sink(Plugin):
    """A use of rewards, spending, fees or slashed stake.

    Attributes
    ----------
    taken_from : str
        The amount that the sink takes a part of (see `TakenFrom`).
    paid_to : str
        Where the part goes, unless `parts` says otherwise.
    """

    taken_from: ClassVar[TakenFrom]
    paid_to: ClassVar[PaidTo]

    @abstractmethod
    def take(self, amount: int) -> int:
        """Return the part of `amount` that the sink takes.

        Parameters
        ----------
        amount : int
            Base units (rewards, slashes) or micro-dollars (spending, fees), not negative.

        Returns
        -------
        int
            Amount in the same unit, between 0 and `amount`.
        """

    def parts(self, amount: int, stake: int = 0) -> dict[PaidTo, int]:
        """Return what each receiver gets of `amount`; the parts sum to `take(amount)`.

        Parameters
        ----------
        amount : int
            As in `take`.
        stake : int, optional
            Worth of the collateral of the network's compute nodes, in the unit of the amount; told for fees.

        Returns
        -------
        dict of str to int
        """
        return {self.paid_to: self.take(amount)}

    def receivers(self) -> tuple[PaidTo, ...]:
        """Return all who can get a part, for checks at load."""
        return (self.paid_to,)

    @abstractmethod
    def largest_share(self) -> Fraction:
        """Return the largest share of an amount that the sink can take, for checks at load."""

    @abstractmethod
    def describe(self) -> str:
        """Return one sentence that says what the sink does with its parameters."""


SINKS: Registry[Sink] = Registry("sink", Sink)  # type: ignore[type-abstract]  # it never makes one of its base class
"""Sinks by name."""
