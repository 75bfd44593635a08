"""What owners of hardware forgo and tie up while they serve a network: one pass over the nodes, after each step.

Opportunity cost and capital are what they are while a node is online; collateral is tied up in any case. Hardware
counts at what it would cost to replace, and loses what its price falls by (H. Hotelling, "A General Mathematical Theory
of Depreciation", *Journal of the American Statistical Association* 20 (1925), 340).
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, Floats, Ints, kernel

__all__ = ["Prices", "Tied", "tie_up"]

_MICRO = 1e6


class Prices(NamedTuple):
    """What counts for a step: USD per milli-GPU-hour elsewhere; of the hardware that makes one, and its fall."""

    cloud: float
    hardware: float
    fall: float


class Tied(NamedTuple):
    """Sums over steps: all costs but depreciation (micro-USD), capital and depreciation less what is forgone (USD)."""

    costs: Ints
    capital: Floats
    worn: Floats


@kernel
def tie_up(
    online: Flags, capacity: Ints, outside: Floats, collateral: tuple[Ints, Ints, Floats], prices: Prices, tied: Tied
) -> None:
    """Add one step to what every node has forgone, tied up and worn out.

    Parameters
    ----------
    online : int8[n]
    capacity : int64[n], milli-GPU-hours per step
    outside : float64[n]
        Share of the cloud price that the hardware nets elsewhere.
    collateral : (int64[n], int64[n], float64[K])
        Network of each node, base units posted, USD per base unit.
    prices : Prices
    tied : Tied, in/out
        int64[n], float64[n], float64[n].
    """
    network, stake, value = collateral
    for i in range(capacity.size):
        tied.capital[i] += float64(stake[i]) * value[network[i]]
        if online[i] == 1:
            hours = float64(capacity[i])
            forgone = hours * outside[i] * prices.cloud
            tied.costs[i] += int64(forgone * _MICRO)
            tied.capital[i] += hours * prices.hardware
            tied.worn[i] += hours * prices.fall - forgone
