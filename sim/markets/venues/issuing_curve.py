"""Curves that mint or burn tokens, and whose fee can go to the protocol."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.batch_curve import BatchCurve
from catallaxy.sim.markets.venues.venue import Pool

__all__ = ["LARGEST_PAYOUT", "IssuingCurve", "IssuingPool"]

#: Share of the dollars behind it that a curve pays out at most at once.
LARGEST_PAYOUT = 1.0 - 2.0**-6


@dataclass
class IssuingPool(Pool):
    """A curve that mints or burns.

    Attributes
    ----------
    issued : int
        Base units minted less burned since the start.
    due : int
        Micro-dollars of fees that it holds for the treasury.
    """

    issued: int = 0
    due: int = 0

    @property
    def own_usd(self) -> int:
        """Micro-dollars that are not the treasury's."""
        return self.usd - self.due


class IssuingCurve(BatchCurve):
    """Base of curves that mint or burn; they take their fee in dollars, from buyers and from sellers."""

    issues: ClassVar[bool] = True

    fee: float = quantity(
        0.01,
        unit="1",
        doc="Fee on the dollars of a trade, paid by buyers and by sellers.",
        ge=0,
        lt=1,
        source="Tax of 1 % on what buyers of Virtuals' launches pay and on what sellers get; there it goes to a vault "
        "(Virtual-Protocol/protocol-contracts, FRouter.sol).",
    )
    fee_to: Literal["curve", "treasury"] = quantity(
        "curve",
        unit="-",
        doc="Who gets the fee: it stays with the curve for good, or goes to the network's treasury, as taxes and "
        "creators' fees of launch platforms do.",
    )

    def along(self, usd: float) -> float:
        """Return the dollars that move along the curve when so many are paid in, or out where negative."""
        return usd * (1.0 - self.fee) if usd > 0.0 else usd / (1.0 - self.fee)

    def keep_fee(self, pool: IssuingPool, usd: int) -> int:
        """Set the fee on dollars that have come in, or gone out where negative, aside if it is due; return the rest.

        Parameters
        ----------
        pool : IssuingPool
            Changed in place.
        usd : int
            Micro-dollars.

        Returns
        -------
        int
            Micro-dollars that moved along the curve; rounding is in its favour.
        """
        moved = min(math.ceil(self.along(usd)), usd)
        if self.fee_to == "treasury":
            pool.due += usd - moved
        return moved

    def pay_fees(self, pool: Pool) -> int:
        """Hand the fees over that are due; see `Venue.pay_fees`."""
        assert isinstance(pool, IssuingPool)
        due, pool.due = pool.due, 0
        pool.usd -= due
        return due

    def issued(self, pool: Pool) -> int:
        """Count what has been minted less burned; see `Venue.issued`."""
        assert isinstance(pool, IssuingPool)
        return pool.issued
