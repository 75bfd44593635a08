"""Slow twins of the kernels of data payments: the cheapest spacing by trying them, and one balance at a time."""

from __future__ import annotations

import math

__all__ = ["cheapest_spacing_reference", "cost_per_step_reference", "settle_payment_reference"]


def cost_per_step_reference(cost: float, flow: float, waiting: float, steps: float) -> float:
    """Cost of settling a flow every so many steps, and of the money that waits meanwhile."""
    return cost / steps + waiting * flow * steps / 2.0


def cheapest_spacing_reference(cost: float, flow: float, waiting: float) -> float:
    """Least cost per step over a fine grid of spacings from one step to a million."""
    grid = (math.exp(x * math.log(1e6) / 20_000) for x in range(20_001))
    return min(cost_per_step_reference(cost, flow, waiting, steps) for steps in grid)


def settle_payment_reference(
    owed: int, flow: float, layers: tuple[float, float], exit_share: float, waiting: float
) -> tuple[int, int, bool]:
    """Return what reaches the provider, what is still owed, and whether layer 1 was used; `layers` are costs (2, 1)."""
    costs = []
    for fixed, share in ((layers[0], exit_share), (layers[1], 0.0)):
        steps = max(1.0, math.sqrt(2.0 * fixed / (waiting * flow))) if flow > 0 else 1.0
        costs.append(cost_per_step_reference(fixed, flow, waiting, steps) + share * flow if flow > 0 else 0.0)
    layer1 = costs[1] < costs[0]
    fixed, share = (layers[1], 0.0) if layer1 else (layers[0], exit_share)
    charge = math.ceil(fixed * 1e6 + share * owed)
    steps = max(1.0, math.sqrt(2.0 * fixed / (waiting * flow))) if flow > 0 else 1.0
    if owed > charge and owed >= steps * flow * 1e6:
        return owed - charge, 0, layer1
    return 0, owed, layer1
