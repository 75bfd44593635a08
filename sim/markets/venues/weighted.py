"""The weighted pool, in which one asset is the larger part of the value."""

from __future__ import annotations

from typing import ClassVar

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.reserve_curve import ReserveCurve
from catallaxy.sim.markets.venues.venue import VENUES, Pool

__all__ = ["Weighted"]


@VENUES.register("weighted")
class Weighted(ReserveCurve):
    """Weighted pool X**w Y**(1-w) = k (Martinelli & Mushegian 2019), cleared as a batch at one price.

    The more of its value is in tokens, the fewer dollars it needs, and the further a purchase moves its price. The
    dollars that open it are (1-w)/w of the value of its tokens.
    """

    summary: ClassVar[str] = "Automated market maker with unequal weights; the batch clears at one price."

    weight: float = quantity(
        0.8,
        unit="1",
        doc="Share of tokens in the value of the pool.",
        ge=0.01,
        le=0.99,
        source="80/20 pools, the usual form of project-token liquidity on Balancer.",
    )

    @property
    def token_weight(self) -> float:
        """Share of tokens in the value of the pool."""
        return self.weight

    def bought(self, pool: Pool, usd: float) -> float:
        """Return what dollars buy; see `BatchCurve.bought`."""
        ratio = (1.0 - self.weight) / self.weight
        reserves = float(pool.usd), float(pool.tokens)
        return float(nk.weighted_pool.amount_out(*reserves, usd, ratio, self.fee, self.fee_side))

    def sold(self, pool: Pool, tokens: float) -> float:
        """Return what tokens fetch; see `BatchCurve.sold`."""
        ratio = self.weight / (1.0 - self.weight)
        reserves = float(pool.tokens), float(pool.usd)
        return float(nk.weighted_pool.amount_out(*reserves, tokens, ratio, self.fee, self.fee_side))
