"""Key figures of who gains: users over the incumbents, data owners out of revenue, and holders through inflation."""

from __future__ import annotations

import math
from functools import partial

from catallaxy.sim.analysis.key_figures.declaration import Kpi
from catallaxy.sim.analysis.key_figures.paths import DAYS_PER_YEAR, per_year, ratio, year_ratio
from catallaxy.sim.recording.record import GainRow, RunRecord

__all__ = ["DISTRIBUTION_KPIS"]

#: Sectors whose tokens belong to team and investors.
_INSIDERS = ("insiders", "vesting")
#: Name of the group of all members, and of the network of those on no network in particular.
_ALL = "all"


def _inflation(holders: tuple[str, ...], record: RunRecord, network: int) -> float:
    """Return what some holders gained through inflation, over all that was handed out."""
    here = [row for row in record.dilution if row.network == record.networks[network]]
    return ratio(
        math.fsum(row.net_usd for row in here if row.holder in holders), math.fsum(row.received_usd for row in here)
    )


def _per_year(population: str, record: RunRecord, network: int) -> float:
    """Return the surplus of a population, a year."""
    row = _gains(population, record, network)
    return math.nan if row is None else ratio(row.surplus_usd * DAYS_PER_YEAR, record.n_steps * record.dt_days)


def _return(population: str, record: RunRecord, network: int) -> float:
    row = _gains(population, record, network)
    return math.nan if row is None else row.return_per_year


def _gains(population: str, record: RunRecord, network: int) -> GainRow | None:
    """Return what a whole population has gained on a network, or on all networks together."""
    where = (record.networks[network], _ALL)
    rows = (row for row in record.gains if row.population == population and row.group == _ALL and row.network in where)
    return next(rows, None)


_distribution = partial(Kpi, theme="distribution")


def _net(name: str, who: str, *holders: str) -> Kpi:
    doc = f"New tokens received by {who} less their part in the dilution, over all that was handed out."
    return _distribution(name, "1", "neutral", doc, partial(_inflation, holders))


DISTRIBUTION_KPIS: tuple[Kpi, ...] = (
    _distribution(
        "price_surplus",
        "USD/year",
        "up",
        "What users gain by the network's price instead of the incumbents', last year.",
        partial(per_year, "price_surplus"),
    ),
    _distribution(
        "user_surplus",
        "USD/year",
        "up",
        "What users gain by their free choice over the incumbents, last year.",
        partial(per_year, "user_surplus"),
    ),
    _distribution(
        "user_surplus_ratio",
        "1",
        "up",
        "What users gain by their free choice over what they pay, last year.",
        partial(year_ratio, "user_surplus", "service_spend"),
    ),
    _distribution(
        "data_revenue_share",
        "1",
        "up",
        "Share of what users pay for services that reaches data owners as licence fees, last year.",
        partial(year_ratio, "licence_fees", "service_spend"),
    ),
    _distribution(
        "data_surplus",
        "USD/year",
        "up",
        "Income of data providers less privacy, upkeep and transactions, over the run.",
        partial(_per_year, "data_providers"),
    ),
    _distribution(
        "compute_surplus",
        "USD/year",
        "up",
        "Income of compute nodes less running costs and what they forgo elsewhere, over the run.",
        partial(_per_year, "compute_nodes"),
    ),
    _distribution(
        "builder_surplus",
        "USD/year",
        "up",
        "Income of model builders less data and compute bought, over the run.",
        partial(_per_year, "model_builders"),
    ),
    _distribution(
        "speculator_return",
        "1/year",
        "neutral",
        "Rise of speculators' wealth net of new money, on what they had and half of the new money, over the run.",
        partial(_return, "speculators"),
    ),
    _net("inflation_to_compute", "compute nodes", "compute_nodes"),
    _net("inflation_to_data", "data providers", "data_providers"),
    _net("inflation_to_builders", "model builders", "model_builders"),
    _net("inflation_to_speculators", "speculators (stakers among them)", "speculators"),
    _net("inflation_to_insiders", "team and investors (what is not vested included)", *_INSIDERS),
)
