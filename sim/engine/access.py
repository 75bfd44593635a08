"""What a cut means for those who wanted to be served."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Ints
from catallaxy.sim.state.economy import Economy

__all__ = ["note_access"]


def note_access(economy: Economy, served: Ints, asked: Ints) -> None:
    """Note how much of the demand is met, on the networks and by the incumbents, and what is cut off.

    Parameters
    ----------
    economy : Economy
    served, asked : int64[K], micro-USD
        What users paid for services, and what those who could reach their network wanted to pay.
    """
    if not economy.access.watched:
        return
    users, nodes, access = economy.users, economy.nodes, economy.access
    relative = np.array([users.spec.spending_at(float(price)) for price in economy.quoted.service_price])
    cut_off = users.suspended * economy.drivers["service_demand"] * relative
    wanted = asked + cut_off
    economy.note("shock", float(access.anything_cut))
    economy.note("demand_met", np.where(wanted >= 1.0, served / np.maximum(wanted, 1.0), 1.0))
    economy.note("incumbent_demand_met", access.incumbents)
    economy.note("demand_cut_off", cut_off / MICRO)
    capacity = nodes.by_network(nodes.capacity)
    left = capacity if nodes.reachable is None else nodes.by_network(nodes.capacity * nodes.reachable)
    economy.note("capacity_cut_off", 1.0 - left / np.maximum(capacity, 1))
