"""Markets for GPU-hours."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.markets.services.base import COMPUTE_MARKETS, ComputeClearing, ComputeMarket

__all__ = ["MeritOrder"]


@COMPUTE_MARKETS.register("merit-order")
class MeritOrder(ComputeMarket):
    """Uniform-price procurement auction: cheapest offers first, all paid the same; the cloud serves the rest.

    The price tends to the marginal offer while supply lasts, and to the ceiling when demand exceeds all offers below
    it: there buyers are indifferent between the network and the cloud, and scarce hardware earns a rent. The rent comes
    and goes gradually, because most capacity is contracted for longer than a step.
    """

    summary: ClassVar[str] = "Uniform-price auction by merit order, with the cloud as outside supply."

    discount: float = quantity(
        0.1, unit="1", doc="What buyers must save against the cloud to use the network.", ge=0, lt=1
    )
    rent_pace: float = quantity(
        0.05, unit="1/step", doc="Share of the way to scarcity or marginal price that the price goes.", gt=0, le=1
    )

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours; see `ComputeMarket.clear`."""
        n = len(demand)
        top = np.full(n, nk.merit_order.tick_at(ceiling * (1.0 - self.discount)) - 1, np.int64)
        marginal, rationed = np.zeros(n, np.int64), np.zeros(n, np.int64)
        nk.merit_order.clear(supply, demand, top, marginal, rationed)
        at_margin = supply[np.arange(n), np.maximum(marginal, 0)]
        filled = np.where(marginal >= 0, rationed / np.maximum(at_margin, 1), 0.0)
        short = supply[:, : top[0] + 1].sum(axis=1) < demand
        price = np.array(
            [
                self._price(int(t), int(top[0]), last, short=bool(scarce)) if t >= 0 else last
                for t, last, scarce in zip(marginal, last_price, short, strict=True)
            ]
        )
        return ComputeClearing(marginal, filled, price)

    def _price(self, marginal: int, top: int, last: float, *, short: bool) -> float:
        offer, ceiling = nk.merit_order.price_of_tick(marginal), nk.merit_order.price_of_tick(top)
        moved = last + self.rent_pace * ((ceiling if short else offer) - last)
        return min(max(moved, offer), ceiling)
