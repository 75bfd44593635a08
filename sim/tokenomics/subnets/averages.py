"""Moving averages that a chain keeps of its subnets: of the price of alpha, and of the tokens that flow in and out."""

from __future__ import annotations

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Floats, Ints

__all__ = ["FlowAverage", "PriceAverage"]


class PriceAverage(Spec):
    """The moving average of a subnet's price, slow at first.

    b blocks after registration a block's price has the weight s b / (b + h) in the average. Source:
    opentensor/subtensor, `update_moving_price`.
    """

    smoothing: float = quantity(
        3e-6,
        unit="1/block",
        doc="Weight of a block's price in the average, long after registration.",
        gt=0,
        le=1,
        source="opentensor/subtensor @14bc6f9f964b: SubnetMovingAlpha.",
    )
    halving_blocks: int = quantity(
        201_600,
        unit="block",
        doc="Age at which the weight is half of that.",
        ge=1,
        le=10**9,
        source="opentensor/subtensor @14bc6f9f964b: EMAPriceHalvingBlocks, 28 days.",
    )
    ceiling: float = quantity(
        1.0,
        unit="token/alpha",
        doc="Price above which the average does not follow.",
        gt=0,
        le=1e6,
        source="opentensor/subtensor @14bc6f9f964b.",
    )

    def clock(self, blocks: int, tempo: int) -> nk.subnet_emission.Clock:
        """Return a stretch of blocks, cut into tempos, for the kernels."""
        return nk.subnet_emission.Clock(blocks, tempo, self.smoothing, float(self.halving_blocks), self.ceiling)

    def after(self, average: float, price: float, age: int, blocks: int = 1, tempo: int = 360) -> float:
        """Return the average after a stretch at a constant price.

        Parameters
        ----------
        average, price : float
            Token per alpha.
        age : int
            Age of the subnet at the beginning of the stretch, blocks.
        blocks, tempo : int
            Length of the stretch, and of the parts in which it is computed.

        Returns
        -------
        float
            Token per alpha.
        """
        return float(nk.subnet_emission.average_price(average, price, age, self.clock(blocks, tempo)))


class FlowAverage(Spec):
    """The moving average of what flows into a subnet's pool, net of what flows out."""

    half_life_blocks: int = quantity(
        216_000,
        unit="block",
        doc="Time in which half of what the average remembers has faded.",
        ge=1,
        le=10**9,
        source="opentensor/subtensor @14bc6f9f964b: FlowEmaSmoothingFactor, 30 days.",
    )

    @property
    def smoothing(self) -> float:
        """Weight of a block's flow in the average: 1 - 2**(-1 / half-life)."""
        return -float(nk.elementary.expm1_scalar(-self._fading()))

    def after(self, average: Floats, flow: Ints, blocks: int) -> Floats:
        """Return the averages after a stretch over which a flow is spread evenly.

        Parameters
        ----------
        average : float64[N], base units per block
        flow : int64[N], base units
            Of the whole stretch.
        blocks : int
            Length of the stretch.

        Returns
        -------
        float64[N], base units per block
        """
        if blocks == 0:
            return average
        kept = float(nk.elementary.exp_scalar(-self._fading() * blocks))
        even = flow / blocks
        return even + (average - even) * kept

    def _fading(self) -> float:
        return float(nk.elementary.log_scalar(2.0)) / self.half_life_blocks
