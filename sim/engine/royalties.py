"""Revenue passed on to the data and the compute that made the models, after each model market."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Floats, Ints
from catallaxy.agents.sellers import Sellers
from catallaxy.sim.state.economy import Economy

__all__ = ["share_revenue"]


def share_revenue(economy: Economy, revenue: Ints) -> None:
    """Pass shares of revenue on to the data and the compute of each network, where builders do that.

    Parameters
    ----------
    economy : Economy
    revenue : int64[n], micro-USD
        Of this step, by builder.
    """
    builders, spec = economy.builders, economy.builders.spec.revenue_share
    if spec is None or economy.contributions is None:
        return
    to_data, to_compute = economy.contributions
    hours = economy.nodes.sold * _learning(economy)[economy.nodes.network]
    data, compute = to_data.add(economy.providers.licensed()), to_compute.add(hours)
    before = builders.usd.copy()
    for receivers, weight, share, name in (
        (economy.providers, data, spec.data, "data"),
        (economy.nodes, compute, spec.compute, "compute"),
    ):
        paid = _pass_on(economy, receivers, weight, (share * revenue).astype(np.float64))
        economy.metrics[f"income_{name}"] += paid / MICRO
        economy.note(f"shared_with_{name}", paid / MICRO)
    builders.costs += before - builders.usd
    builders.forgo(before - builders.usd)


def _learning(economy: Economy) -> Floats:
    """Return the share of the compute bought that trains models, float64[K]."""
    builders = economy.builders
    training, serving = builders.by_network(builders.training), builders.by_network(builders.inference)
    share: Floats = training / np.maximum(training + serving, 1)
    return share


def _pass_on(economy: Economy, receivers: Sellers, weight: Ints, wanted: Floats) -> Ints:
    """Pay what builders want to pass on as far as anybody has contributed; return what was paid, int64[K]."""
    builders = economy.builders
    reached = receivers.by_network(weight) > 0
    due = np.where(reached[builders.network], np.clip(wanted, 0.0, builders.usd), 0.0).astype(np.int64)
    builders.usd -= due
    amounts = builders.by_network(due)
    paid = receivers.earn_at_till(weight, amounts)
    economy.accounts.rounding_usd += amounts - paid
    economy.post_usd("revenue shares", builders.name, receivers.till, int(paid.sum()))
    economy.post_usd("rounding", builders.name, "rounding", int((amounts - paid).sum()))
    return paid
