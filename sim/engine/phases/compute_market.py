"""Phase 5: compute is quoted, cleared, delivered and paid; builders train; nodes invest."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Floats, Ints
from catallaxy.sim.engine.charges import charges_of, collect_entries, collect_tolls
from catallaxy.sim.engine.checks import set_terms
from catallaxy.sim.engine.investment import invest
from catallaxy.sim.markets.services import ComputeClearing
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]

#: Micro-dollars that a milli-GPU-hour costs at one dollar per GPU-hour.
_MILLI_HOUR = 1000.0


def run(economy: Economy) -> None:
    """Clear GPU-hours; what the network does not serve, the cloud does.

    Parameters
    ----------
    economy : Economy
    """
    drivers, nodes, builders, quoted = economy.drivers, economy.nodes, economy.builders, economy.quoted
    cloud, power = drivers["cloud_gpu_price"], drivers["electricity_price"]
    market, demand = economy.scenario.services.compute, builders.demand
    charges = charges_of(economy)
    set_terms(economy)
    nodes.standing_cost[:] = [
        spec.consensus_load * drivers["consensus_cost"] * economy.dt_days for spec in economy.specs
    ]
    nodes.costs -= nodes.income - nodes.usd
    builders.costs += builders.usd
    was_online = nodes.online if charges is None else nodes.online.copy()
    offered = nodes.quote(quoted.compute_reward, power, cloud, *market.bidding, charges=charges)
    if charges is not None:
        collect_entries(economy, was_online, charges.entry)
    clearing = market.clear(nodes.supply, demand, cloud, nodes.last_price)
    by_region = nodes.deliver(clearing.sold, clearing.paid, power)
    _maintain_consensus(economy)
    online, tally = offered.sum(axis=1), by_region.sum(axis=1)
    sold = tally[:, 0]
    price = _price_paid(economy, clearing, tally)
    served, paid = _buy(economy, (sold, online[:, 1]), price, cloud)
    builders.costs -= builders.usd
    _book(economy, paid, tally)
    _expect(economy, clearing, _share(by_region[:, :, 0], offered[:, :, 1]), cloud)
    quoted.unit_cost[:] = _unit_cost(economy, served, price, cloud)
    builders.train(economy.step, quoted.genuine, economy.providers.teaching())
    economy.note("compute_price", price)
    economy.note("nodes_online", online[:, 0])
    economy.note("gpu_hours_supplied", online[:, 1] / 1000.0)
    economy.note("gpu_hours_demanded", demand / 1000.0)
    economy.note("gpu_hours_sold", sold / 1000.0)
    economy.note("utilisation", _share(sold, online[:, 1]))
    economy.note("income_compute", (tally[:, 1] - collect_tolls(economy, "compute", nodes, nodes.sold)) / MICRO)
    nodes.costs += nodes.income - nodes.usd
    nodes.tie_up(cloud, drivers["hardware_price"], economy.price_micro())
    economy.note("running_costs", tally[:, 2] / MICRO)
    invest(economy, online[:, 1])


def _buy(economy: Economy, hours: tuple[Ints, Ints], price: Floats, cloud: float) -> tuple[Floats, Ints]:
    """Let builders pay for what they get; return the network's share in what serves users, and what was paid."""
    builders, (sold, offered) = economy.builders, hours
    if builders.queue is None:
        wanted = builders.demand
        served = np.where(wanted > 0, sold / np.maximum(wanted, 1), 0.0)
        if economy.access.cloud < 1.0:
            served = builders.curtail(served, economy.access.cloud)
        return served, builders.buy_compute(served, price, cloud)
    queue = builders.queue
    done = queue.serve((builders.inference, builders.training), sold, offered, economy.access.cloud)
    for metric, values in queue.series().items():
        economy.note(metric, values)
    return queue.served, builders.pay_compute(done, price, cloud)


def _maintain_consensus(economy: Economy) -> None:
    nodes = economy.nodes
    if not nodes.standing_cost.any():
        return
    paid = nodes.bear()
    economy.post_usd("consensus costs", nodes.name, "outside world", int(paid.sum()))
    economy.note("consensus_paid", paid / MICRO)


def _share(sold: Ints, offered: Ints) -> Floats:
    share: Floats = np.where(offered > 0, sold / np.maximum(offered, 1), 0.0)
    return share


def _price_paid(economy: Economy, clearing: ComputeClearing, tally: Ints) -> Floats:
    """Return what buyers pay: the price where a network has one, otherwise the average of what its nodes are paid."""
    if clearing.paid[0].size == 1:
        return clearing.paid[:, 0, 0]
    average = tally[:, 1] / np.maximum(tally[:, 0], 1) / _MILLI_HOUR
    return np.where(tally[:, 0] > 0, average, economy.metrics["compute_price"])


def _expect(economy: Economy, clearing: ComputeClearing, used: Floats, cloud: float) -> None:
    """Let nodes learn price and sales.

    Where nobody offers, an entrant would sell all; alone on the network, it would get the cloud's price.
    """
    builders, nodes = economy.builders, economy.nodes
    nodes.last_price[:] = clearing.reference
    empty = (builders.demand > 0)[:, np.newaxis] & (nodes.supply.sum(axis=2) == 0)
    alone = empty.all(axis=1, keepdims=True)
    nodes.learn(np.where(alone, cloud, clearing.reference), np.where(empty, 1.0, used))


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
