"""What networks charge compute nodes, as nodes reckon with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from catallaxy.agents.population import MICRO, Flags, Floats, Ints

if TYPE_CHECKING:
    from catallaxy.numba_kernels.compute_market import Fleet

__all__ = ["Charges"]

_MILLI = 1000.0


class Charges(NamedTuple):
    """What networks take of nodes.

    Attributes
    ----------
    toll : float64[K], USD/GPU-hour
        Of the price of what is sold.
    entry : int64[K], micro-USD
        For coming online.
    stay : float64[K], step
        Time over which nodes spread the cost of entry when they weigh it.
    """

    toll: Floats
    entry: Ints
    stay: Floats

    def reckoned(self, fleet: Fleet, online: Flags, usd: Ints, outside_price: float) -> tuple[Fleet, Ints]:
        """Return the fleet with tolls as a cost and entry as a hurdle, and the cash that would be left after entry.

        Parameters
        ----------
        fleet : Fleet
        online : int8[n]
        usd : int64[n], micro-USD
        outside_price : float
            What `fleet.outside` is a share of when a node decides to enter, USD/GPU-hour.

        Returns
        -------
        (Fleet, int64[n])
        """
        entry: Ints = np.where(online == 0, self.entry[fleet.network], 0)
        hurdle = entry / MICRO / (self.stay[fleet.network] * fleet.capacity / _MILLI)
        outside = fleet.outside + hurdle / outside_price
        return fleet._replace(upkeep=fleet.upkeep + self.toll[fleet.network], outside=outside), usd - entry
