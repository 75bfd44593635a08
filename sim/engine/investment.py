"""Investment of compute nodes, at the end of the compute market: flows and series."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Ints
from catallaxy.sim.state.economy import Economy

__all__ = ["invest"]


def invest(economy: Economy, offered: Ints) -> None:
    """Let hardware break and owners buy and sell it, and book what they pay and bring.

    Parameters
    ----------
    economy : Economy
    offered : int64[K], milli-GPU-hours
        Capacity online.
    """
    nodes, drivers = economy.nodes, economy.drivers
    if nodes.hardware is None:
        return
    bidding = economy.scenario.services.compute.bidding
    outlook = nodes.outlook(
        economy.quoted.compute_reward, drivers["electricity_price"], drivers["cloud_gpu_price"], *bidding
    )
    tally = nodes.hardware.invest(
        nodes.fleet, (outlook, offered, drivers["hardware_price"], economy.step), nodes.funds, nodes.reachable
    )
    nodes.hardware.scale(nodes.required, nodes.cash_target)
    paid, brought, received = (int(total) for total in tally[:, 4:7].sum(axis=0))
    economy.post_usd("owners' capital", "outside world", nodes.name, brought)
    economy.post_usd("hardware", nodes.name, "outside world", paid)
    economy.post_usd("used hardware", "outside world", nodes.name, received)
    gpus = nodes.hardware.gpus(tally[:, :4])
    for place, series in enumerate(("gpus_bought", "gpus_sold", "gpus_broken", "gpus_owned")):
        economy.note(series, gpus[:, place])
    economy.note("hardware_spending", tally[:, 4] / MICRO)
    economy.note("owners_capital", tally[:, 5] / MICRO)
    economy.note("hardware_value", np.where(tally[:, 3] > 0, tally[:, 7] / np.maximum(tally[:, 3], 1), np.nan))
