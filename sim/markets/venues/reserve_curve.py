"""Pools whose curve is a product of powers of their reserves: X**w Y**(1 - w) = k, with w the weight of tokens."""

from __future__ import annotations

import math
from typing import Literal

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.curve import Curve, CurvePool
from catallaxy.sim.markets.venues.venue import Clearing, Pool, Trade

__all__ = ["ReserveCurve"]


class ReserveCurve(Curve):
    """Base of pools that are described by their two reserves."""

    fee_on: Literal["input", "output"] = quantity(
        "input", unit="-", doc="Whether the fee is a part of what enters the pool or of what it pays out."
    )

    @property
    def token_weight(self) -> float:
        """Share of tokens in the value of the pool."""
        return 0.5

    @property
    def fee_side(self) -> int:
        """Where the fee is taken, as kernels know it."""
        return int(nk.pool_state.FEE_IN if self.fee_on == "input" else nk.pool_state.FEE_OUT)

    def opening_usd(self, tokens: int, price: float) -> int:
        """Return the dollars that go with tokens; see `Venue.opening_usd`."""
        return int(tokens * price * ((1.0 - self.token_weight) / self.token_weight))

    def open(self, usd: int, tokens: int) -> CurvePool:
        """Return a pool with these reserves, all of them the house's."""
        shares = max(math.isqrt(usd * tokens), 1)
        return CurvePool(usd, tokens, self._price(usd, tokens), shares, shares)

    def spot(self, pool: Pool) -> float:
        """Return the marginal price; see `BatchCurve.spot`."""
        return self._price(pool.usd, pool.tokens)

    def _price(self, usd: float, tokens: float) -> float:
        return usd / tokens * (self.token_weight / (1.0 - self.token_weight))

    def price_after(self, pool: Pool, usd: float, tokens: float) -> float:
        """Return the price at the reserves that a trade leaves; see `BatchCurve.price_after`."""
        return self._price(pool.usd + usd, pool.tokens + tokens)

    def exposure(self, pool: CurvePool) -> float:
        """Return w (1 - w) / 2, one eighth in a constant-product pool; see `Curve.exposure`."""
        return 0.5 * self.token_weight * (1.0 - self.token_weight)

    def settle(self, pool: Pool, clearing: Clearing, trade: Trade) -> None:
        """Move the reserves, and note how much they have grown along the curve; see `Venue.settle`."""
        usd, tokens = pool.usd, pool.tokens
        super().settle(pool, clearing, trade)
        if isinstance(pool, CurvePool) and min(usd, tokens, pool.usd, pool.tokens) > 0:
            log, weight = nk.elementary.log_scalar, self.token_weight
            pool.earned += weight * log(pool.tokens / tokens) + (1.0 - weight) * log(pool.usd / usd)
