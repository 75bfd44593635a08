"""Slow twin of `tied_capital`: what one node forgoes, ties up and wears out in a step."""

from __future__ import annotations

from typing import NamedTuple


class Node(NamedTuple):
    """One node; capacity in milli-GPU-hours, stake in base units."""

    online: bool
    capacity: int
    outside: float
    stake: int


def tie_up_reference(
    node: Node, prices: tuple[float, float, float], value: float, so_far: tuple[int, float, float]
) -> tuple[int, float, float]:
    """Return the costs (micro-USD), capital and depreciation less what is forgone of one node after one more step."""
    costs, capital, worn = so_far
    cloud, hardware, fall = prices
    capital += node.stake * value
    if not node.online:
        return costs, capital, worn
    forgone = node.capacity * node.outside * cloud
    return costs + int(forgone * 1e6), capital + node.capacity * hardware, worn + (node.capacity * fall - forgone)
