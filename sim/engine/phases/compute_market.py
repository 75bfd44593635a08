"""Phase 5: compute is quoted, cleared, delivered and paid; builders train."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Floats
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Clear GPU-hours; what the network does not serve, the cloud does.

    Parameters
    ----------
    economy : Economy
    """
    drivers, nodes, builders, quoted = economy.drivers, economy.nodes, economy.builders, economy.quoted
    cloud, power = drivers["cloud_gpu_price"], drivers["electricity_price"]
    online = nodes.quote(quoted.compute_price, quoted.busy, quoted.compute_reward, power, cloud).copy()
    demand = builders.demand
    market = economy.scenario.services.compute
    clearing = market.clear(nodes.supply, demand, cloud, economy.metrics["compute_price"].copy())
    tally = nodes.deliver(clearing.marginal, clearing.filled, clearing.price, power)
    sold = tally[:, 0]
    served = np.where(demand > 0, sold / np.maximum(demand, 1), 0.0)
    paid = builders.buy_compute(served, clearing.price, cloud)
    _book(economy, paid, tally)
    used = np.where(online[:, 1] > 0, sold / np.maximum(online[:, 1], 1), 0.0)
    _expect(economy, clearing.price, used, cloud)
    quoted.unit_cost[:] = _unit_cost(economy, served, clearing.price, cloud)
    builders.train(economy.step, quoted.genuine)
    economy.note("compute_price", clearing.price)
    economy.note("nodes_online", online[:, 0])
    economy.note("gpu_hours_supplied", online[:, 1] / 1000.0)
    economy.note("gpu_hours_demanded", demand / 1000.0)
    economy.note("gpu_hours_sold", sold / 1000.0)
    economy.note("utilisation", used)
    economy.note("income_compute", tally[:, 1] / MICRO)
    economy.note("running_costs", tally[:, 2] / MICRO)


def _expect(economy: Economy, price: Floats, used: Floats, cloud: float) -> None:
    """Let nodes learn price and sales; where nobody offers, an entrant would sell all at the cloud's price."""
    quoted, builders, nodes = economy.quoted, economy.builders, economy.nodes
    unserved = (builders.demand > 0) & (nodes.supply.sum(axis=1) == 0)
    seen_price, seen_used = np.where(unserved, cloud, price), np.where(unserved, 1.0, used)
    quoted.compute_price += nodes.spec.smoothing * (seen_price - quoted.compute_price)
    quoted.busy += nodes.spec.smoothing * (seen_used - quoted.busy)


def _book(economy: Economy, paid: np.ndarray, tally: np.ndarray) -> None:
    nodes, builders = economy.nodes.name, economy.builders.name
    leftover = paid[:, 0] - tally[:, 1]
    economy.accounts.rounding_usd += leftover
    economy.post_usd("compute fees", builders, nodes, int(tally[:, 1].sum()))
    economy.post_usd("rounding", builders, "rounding", int(leftover.sum()))
    economy.post_usd("cloud fees", builders, "outside world", int(paid[:, 1].sum()))
    economy.post_usd("running costs", nodes, "outside world", int(tally[:, 2].sum()))


def _unit_cost(economy: Economy, served: Floats, price: Floats, cloud: float) -> Floats:
    spec = economy.builders.spec
    return spec.hours_per_unit * spec.headroom * (served * price + (1.0 - served) * cloud)
