"""Phase 4: data is offered and licensed."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Ints
from catallaxy.sim.engine.charges import collect_tolls, tolls_on
from catallaxy.sim.engine.data_inspection import inspect_data
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Let builders plan their spending, providers offer, and licences trade.

    Parameters
    ----------
    economy : Economy
    """
    drivers, providers, builders = economy.drivers, economy.providers, economy.builders
    fee = drivers["transaction_cost"]
    builders.plan(np.full(economy.k, drivers["cloud_gpu_price"]))
    toll = tolls_on(economy, "data")
    providers.toll = None if toll is None else toll * economy.dt_days
    providers.offer(economy.quoted.data_income, fee)
    on_offer = providers.stock.sum(axis=1) / 1000.0
    providers.costs -= providers.spent()
    paid, tally = economy.scenario.services.data.clear(providers, builders, fee)
    builders.costs += builders.paid
    economy.post_usd("licence fees", builders.name, providers.till, int(tally[:, 2].sum()))
    economy.post_usd("transaction costs", providers.name, "outside world", int(tally[:, 3].sum()))
    economy.post_usd("rounding", builders.name, "rounding", int((paid - tally[:, 2]).sum()))
    economy.accounts.rounding_usd += paid - tally[:, 2]
    tolls = 0 if toll is None else _collect_tolls(economy)
    licensed = builders.data_licensed()
    economy.note("providers_active", tally[:, 0])
    economy.note("licences_sold", tally[:, 1])
    economy.note("licence_fees", tally[:, 2] / MICRO)
    economy.note("data_units", on_offer)
    economy.note("data_price", np.where(licensed > 0, paid / MICRO / np.maximum(licensed, 1e-9), 0.0))
    economy.note("income_data", (tally[:, 2] - tolls) / MICRO)
    _note_privacy(economy)
    inspect_data(economy)
    _settle(economy, fee)
    providers.costs += providers.spent()
    providers.bear()


def _collect_tolls(economy: Economy) -> Ints:
    """Collect tolls on every unit that was licensed, for the days of the step; return int64[K], micro-USD."""
    unit_days = (economy.providers.licensed() * economy.dt_days).astype(np.int64)
    return collect_tolls(economy, "data", economy.providers, unit_days)


def _note_privacy(economy: Economy) -> None:
    providers = economy.providers
    if providers.exposure is None:
        return
    economy.note("data_known", providers.exposure.known())
    economy.note("data_fresh", providers.exposure.fresh())
    economy.note(
        "providers_protected", providers.by_network((providers.active & providers.exposure.hidden).astype(np.int64))
    )


def _settle(economy: Economy, transaction_cost: float) -> None:
    """Pay out what has become worth a transaction, where earnings are batched."""
    providers = economy.providers
    tally = providers.settle_payments(transaction_cost)
    if tally is None:
        return
    economy.post_usd("settlements", providers.till, providers.name, int(tally[:, 2].sum()))
    economy.post_usd("transaction costs", providers.name, "outside world", int(tally[:, 3].sum()))
    economy.note("payments", tally[:, 0])
    economy.note("payments_layer1", tally[:, 1])
    economy.note("payments_owed", providers.owed() / MICRO)
    economy.note("payment_costs", tally[:, 3] / MICRO)
