"""The launch curve: a token is sold along a product of virtual reserves until it graduates to a pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.issuing_curve import LARGEST_PAYOUT, IssuingCurve, IssuingPool
from catallaxy.sim.markets.venues.venue import VENUES, Clearing, Pool, Trade

__all__ = ["LaunchCurve", "LaunchPool"]


@dataclass
class LaunchPool(IssuingPool):
    """A launch curve, or the pool to which it has graduated.

    Attributes
    ----------
    virtual_usd : int
        Micro-dollars that the curve counts with and does not hold; 0 after graduation.
    graduates_at : int
        Base units left at which it graduates; 0 afterwards.
    """

    virtual_usd: int = 0
    graduates_at: int = 0

    @property
    def counted_usd(self) -> int:
        """Micro-dollars that the curve counts with."""
        return self.own_usd + self.virtual_usd


@VENUES.register("launch-curve")
class LaunchCurve(IssuingCurve):
    """Constant product with virtual dollars that graduates to a pool, cleared as a batch at one price.

    With X tokens left, Y dollars paid in and V virtual ones, X (Y + V) = k and the price is (Y + V) / X. Once no more
    than the share `graduation` of the tokens is left, the dollars paid in and tokens become a pool with X Y = k. At the
    price of the curve that takes Y X / (Y + V) tokens; the others are burned, or they go into the pool as well and its
    price opens at Y / X. The batch that graduates it is filled on the curve as a whole. Nobody owns the liquidity of
    that pool: it stays where it is.
    """

    summary: ClassVar[str] = "Launch on virtual reserves, graduating to a pool; the batch clears at one price."

    paid_in: float = quantity(
        0.01,
        unit="1",
        doc="Share of the opening dollars that the curve really holds; the others are virtual (assumption).",
        gt=0,
        le=1,
    )
    graduation: float = quantity(
        0.2, unit="1", doc="Share of its tokens left at which the curve graduates (assumption).", gt=0, lt=1
    )
    leftover: Literal["burned", "pooled"] = quantity(
        "burned",
        unit="-",
        doc="What becomes of tokens that the pool does not need at the price of the curve: burned, so that the price "
        "stays, or put into the pool, so that it falls (as on Virtuals).",
    )

    def opening_usd(self, tokens: int, price: float) -> int:
        """Return the dollars that are not virtual; see `Venue.opening_usd`."""
        return int(tokens * price * self.paid_in)

    def opening_problem(self, usd: int, tokens: int) -> tuple[str, str] | None:
        """Return why a curve cannot open, or could never graduate; see `Venue.opening_problem`."""
        if super().opening_problem(int(usd / self.paid_in), tokens) is None:
            if super().opening_problem(usd, tokens) is not None:
                return "paid_in", f"{self.paid_in:g} of its dollars is {usd:,} micro-dollars, too few for a price"
            if int(tokens * self.graduation) < 1:
                return "graduation", f"{self.graduation:g} of {tokens:,} base units is none: it would never graduate"
        return super().opening_problem(usd, tokens)

    def open(self, usd: int, tokens: int) -> LaunchPool:
        """Return a curve before its first trade; see `Venue.open`."""
        virtual = int(usd * ((1.0 - self.paid_in) / self.paid_in))
        price, graduates_at = (usd + virtual) / tokens, int(tokens * self.graduation)
        return LaunchPool(usd, tokens, price, virtual_usd=virtual, graduates_at=graduates_at)

    def bought(self, pool: Pool, usd: float) -> float:
        """Return what dollars buy; see `BatchCurve.bought`."""
        counted = float(_launch(pool).counted_usd)
        return float(nk.constant_product.amount_out(counted, float(pool.tokens), usd, self.fee, nk.pool_state.FEE_IN))

    def sold(self, pool: Pool, tokens: float) -> float:
        """Return what tokens fetch; see `BatchCurve.sold`."""
        counted, taken = float(_launch(pool).counted_usd), min(tokens, self.redeemable(pool))
        return float(
            nk.constant_product.amount_out(float(pool.tokens), counted, taken, self.fee, nk.pool_state.FEE_OUT)
        )

    def redeemable(self, pool: Pool) -> float:
        """Return the tokens that fetch all but a 64th of the dollars; see `BatchCurve.redeemable`."""
        launch = _launch(pool)
        counted, most = float(launch.counted_usd), LARGEST_PAYOUT * launch.own_usd
        return float(nk.constant_product.amount_in(float(pool.tokens), counted, most, 0.0, nk.pool_state.FEE_IN))

    def spot(self, pool: Pool) -> float:
        """Return the marginal price; see `BatchCurve.spot`."""
        return _launch(pool).counted_usd / pool.tokens

    def price_after(self, pool: Pool, usd: float, tokens: float) -> float:
        """Return the price on the curve after a trade, before it graduates; see `BatchCurve.price_after`."""
        moved = usd if self.fee_to == "curve" else self.along(usd)
        return (_launch(pool).counted_usd + moved) / (pool.tokens + tokens)

    def settle(self, pool: Pool, clearing: Clearing, trade: Trade) -> None:
        """Move the reserves, and graduate when few tokens are left; see `Venue.settle`."""
        launch = _launch(pool)
        super().settle(launch, clearing, trade)
        self.keep_fee(launch, trade.usd - trade.usd_out)
        if launch.tokens <= launch.graduates_at:
            self._graduate(launch)

    def _graduate(self, launch: LaunchPool) -> None:
        if self.leftover == "burned":
            kept = -(-launch.tokens * launch.own_usd // launch.counted_usd)
            launch.issued -= launch.tokens - kept
            launch.tokens = kept
        launch.virtual_usd = launch.graduates_at = 0
        launch.price = self.spot(launch)

    def depth_usd(self, pool: Pool) -> int:
        """Count the dollars that are not the treasury's; see `Venue.depth_usd`."""
        return _launch(pool).own_usd


def _launch(pool: Pool) -> LaunchPool:
    if not isinstance(pool, LaunchPool):
        raise TypeError(f"a launch curve needs a pool of its own, not {type(pool).__name__}")
    return pool
