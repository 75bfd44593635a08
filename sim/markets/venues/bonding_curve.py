"""The power bonding curve: a venue that mints what it sells and burns what it buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.issuing_curve import IssuingCurve, IssuingPool
from catallaxy.sim.markets.venues.venue import VENUES, Clearing, Pool, Trade

__all__ = ["BondedPool", "BondingCurve"]


@dataclass
class BondedPool(IssuingPool):
    """A power bonding curve.

    Attributes
    ----------
    reserve : int
        Micro-dollars behind the tokens outstanding; what the pool has beside them is fees.
    outstanding : int
        Base units that the curve counts with: those it was opened with, and what it has minted less burned since.
    """

    reserve: int = 0
    outstanding: int = 0


@VENUES.register("bonding-curve")
class BondingCurve(IssuingCurve):
    """Power bonding curve (Hertzog, Benartzi & Benartzi 2017, Bancor), cleared as a batch at one price.

    With reserve R, S tokens outstanding and reserve ratio w the price is R / (w S): dollars d mint S ((1 + d/R)**w - 1)
    tokens, tokens q redeem R (1 - (1 - q/S)**(1/w)) dollars and are burned. The curve opens with the tokens that are
    placed in it outstanding, and they stay there. Holders of other tokens can redeem theirs as well, until a
    64th of the reserve is left. The fee is taken in dollars; it stays beside the reserve, or goes to the treasury.
    """

    summary: ClassVar[str] = "Bonding curve with a reserve ratio, which mints and burns; the batch clears at one price."
    mints: ClassVar[bool] = True

    reserve_ratio: float = quantity(
        0.5,
        unit="1",
        doc="Reserve over the value of the tokens outstanding; 1 keeps the price where it is.",
        ge=0.05,
        le=1,
        source="Curation of The Graph on L1, 50 % (graphprotocol/contracts).",
    )

    def opening_usd(self, tokens: int, price: float) -> int:
        """Return the reserve that stands behind tokens; see `Venue.opening_usd`."""
        return int(tokens * price * self.reserve_ratio)

    def open(self, usd: int, tokens: int) -> BondedPool:
        """Return a curve on which so many tokens are outstanding; see `Venue.open`."""
        return BondedPool(usd, tokens, usd / tokens / self.reserve_ratio, reserve=usd, outstanding=tokens)

    def bought(self, pool: Pool, usd: float) -> float:
        """Return what dollars mint; see `BatchCurve.bought`."""
        bonded = _bonded(pool)
        kept = usd * (1.0 - self.fee)
        return float(nk.bonding.minted(float(bonded.reserve), float(bonded.outstanding), kept, self.reserve_ratio))

    def sold(self, pool: Pool, tokens: float) -> float:
        """Return what tokens redeem; see `BatchCurve.sold`."""
        bonded = _bonded(pool)
        gross = nk.bonding.redeemed(float(bonded.reserve), float(bonded.outstanding), tokens, self.reserve_ratio)
        return float(gross) * (1.0 - self.fee)

    def redeemable(self, pool: Pool) -> float:
        """Return the tokens that redeem all but a 64th of the reserve; see `BatchCurve.redeemable`."""
        return float(nk.bonding.largest_redemption(float(_bonded(pool).outstanding), self.reserve_ratio))

    def spot(self, pool: Pool) -> float:
        """Return the marginal price; see `BatchCurve.spot`."""
        bonded = _bonded(pool)
        return bonded.reserve / bonded.outstanding / self.reserve_ratio

    def price_after(self, pool: Pool, usd: float, tokens: float) -> float:
        """Return the price at the reserve and the supply that a trade leaves; see `BatchCurve.price_after`."""
        bonded = _bonded(pool)
        left = bonded.outstanding - min(tokens, self.redeemable(pool))
        return (bonded.reserve + self.along(usd)) / left / self.reserve_ratio

    def settle(self, pool: Pool, clearing: Clearing, trade: Trade) -> None:
        """Mint what is missing, burn what has come in, and move the reserve; see `Venue.settle`."""
        bonded = _bonded(pool)
        usd, minted = trade.usd - trade.usd_out, trade.tokens_out - trade.tokens
        gone = min(-minted, int(self.redeemable(bonded)))
        bonded.outstanding -= gone
        bonded.issued += minted
        bonded.usd += usd
        bonded.reserve += self.keep_fee(bonded, usd)
        bonded.price = self.spot(bonded)

    def depth_usd(self, pool: Pool) -> int:
        """Count the reserve; see `Venue.depth_usd`."""
        return _bonded(pool).reserve


def _bonded(pool: Pool) -> BondedPool:
    if not isinstance(pool, BondedPool):
        raise TypeError(f"a bonding curve needs a pool of its own, not {type(pool).__name__}")
    return pool
