"""The scaling law that says what model a builder gets for compute and data."""

from __future__ import annotations

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity

__all__ = ["ScalingLawSpec"]

_REFIT = "Besiroglu et al. (2024), arXiv 2404.10102: refit of the third approach of Hoffmann et al. (2022)."


class ScalingLawSpec(Spec):
    """Loss L(N, D) = floor + size_loss / N^size_exponent + data_loss / D^data_exponent of N parameters and D tokens."""

    floor: float = quantity(1.8172, unit="nat", doc="Loss per token of an ideal model (E).", ge=0, source=_REFIT)
    size_loss: float = quantity(482.01, unit="nat", doc="Loss for want of parameters, of one (A).", gt=0, source=_REFIT)
    data_loss: float = quantity(
        2085.43, unit="nat", doc="Loss for want of data, of one token (B).", gt=0, source=_REFIT
    )
    size_exponent: float = quantity(
        0.3478, unit="1", doc="Elasticity of the first loss to parameters, its sign turned.", gt=0, le=10, source=_REFIT
    )
    data_exponent: float = quantity(
        0.3658, unit="1", doc="Elasticity of the second loss to data, its sign turned.", gt=0, le=10, source=_REFIT
    )

    @property
    def law(self) -> nk.model_market.Law:
        """The coefficients as kernels read them."""
        return nk.model_market.Law(self.floor, self.size_loss, self.data_loss, self.size_exponent, self.data_exponent)
