"""Phase 6: inference is priced, sold and paid for."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Floats, Ints
from catallaxy.sim.engine.access import note_access
from catallaxy.sim.engine.charges import collect_tolls, tolls_on
from catallaxy.sim.engine.credits import pay_in_credits
from catallaxy.sim.engine.rivals import spent_at_incumbents
from catallaxy.sim.engine.royalties import share_revenue
from catallaxy.sim.engine.surplus import note_surplus
from catallaxy.sim.engine.venture import finance_builders, note_open_models
from catallaxy.sim.state.economy import Economy

__all__ = ["run", "spending_wanted"]


def run(economy: Economy) -> None:
    """Serve users, collect fees, and restate each network's mean price and quality.

    Parameters
    ----------
    economy : Economy
    """
    builders, quoted = economy.builders, economy.quoted
    wanted = spending_wanted(economy)
    kept = np.maximum(1.0 - economy.policy["take_rate"] - economy.burn_share, 0.0)
    before = builders.usd.copy()
    toll = tolls_on(economy, "inference")
    unit_cost = quoted.unit_cost if toll is None else quoted.unit_cost + toll
    tally = economy.scenario.services.inference.clear(builders, wanted, unit_cost, kept)
    gross, net = tally[:, 0], tally[:, 1]
    revenue = builders.usd - before
    in_credits = pay_in_credits(economy, revenue, net)
    economy.accounts.new_spending[:] = gross
    economy.accounts.fee_escrow += gross - net
    economy.post_usd("service spending", "outside world", builders.name, int(net.sum() - in_credits))
    economy.post_usd("protocol fees", "outside world", "fee escrow", int((gross - net).sum()))
    tolls = 0 if toll is None else _collect_tolls(economy, revenue, kept)
    units = tally[:, 2] / 1e6
    sells = (gross > 0) & (tally[:, 2] > 0)
    quoted.service_price[sells] = gross[sells] / MICRO / units[sells]
    quoted.service_quality[sells] = tally[sells, 3] / gross[sells]
    note_access(economy, gross, tally[:, 4])
    economy.note("service_spend", gross / MICRO)
    economy.note("service_units", units)
    economy.note("service_price", quoted.service_price)
    economy.note("model_quality", quoted.service_quality)
    served = np.where(tally[:, 4] > 0, gross / np.maximum(tally[:, 4], 1), 1.0)
    economy.note("served_share", served)
    economy.note("market_share", gross / max(_all_spending(economy, wanted), 1.0))
    economy.note("income_builders", (net - tolls) / MICRO)
    note_surplus(economy, gross / MICRO, served)
    note_open_models(economy, revenue)
    share_revenue(economy, revenue)
    finance_builders(economy, wanted, net - tolls)


def _collect_tolls(economy: Economy, revenue: Ints, kept: Floats) -> Ints:
    """Collect tolls on the units for which builders got so much; return what was paid, int64[K], micro-USD."""
    builders = economy.builders
    per_unit = np.maximum(kept[builders.network], 1e-12) * builders.price * MICRO
    used, before = (revenue / per_unit * 1000.0).astype(np.int64), builders.income.copy()
    paid = collect_tolls(economy, "inference", builders, used)
    builders.forgo(before - builders.income)
    return paid


def spending_wanted(economy: Economy) -> Ints:
    """Return what the users of each network want to spend at its present price, int64[K], micro-USD.

    Quantity has a constant elasticity to the price, so spending varies with the price to the power of one minus the
    elasticity; it is what users say at the reference price.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    int64[K]
    """
    factor = np.array([economy.users.spec.spending_at(float(price)) for price in economy.quoted.service_price])
    demand: Floats = economy.users.tally[:-1, 1] * economy.drivers["service_demand"] * factor
    return demand.astype(np.int64)


def _all_spending(economy: Economy, wanted: Ints) -> float:
    return spent_at_incumbents(economy) + float(wanted.sum())
