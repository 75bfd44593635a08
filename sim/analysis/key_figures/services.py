"""Key figures of what users get: adoption, services and their price, continuity, trust."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from catallaxy.sim.analysis.key_figures.declaration import Kpi
from catallaxy.sim.analysis.key_figures.paths import (
    final,
    longest,
    path,
    paths,
    per_year,
    ratio,
    run_mean,
    total,
    year_mean,
    year_ratio,
)
from catallaxy.sim.recording.record import RunRecord

__all__ = ["SERVICE_KPIS"]

#: Share of the demand that must be served for a step to count as one without an outage.
_CONTINUOUS = 0.95


def _continuity(record: RunRecord, network: int) -> float:
    served = path(record, "served_share", network)
    served = served[np.isfinite(served)]
    return float(np.mean(served >= _CONTINUOUS)) if len(served) else math.nan


def _longest_outage(record: RunRecord, network: int) -> float:
    served = path(record, "served_share", network)
    return longest(served < _CONTINUOUS) * record.dt_days if np.isfinite(served).any() else math.nan


def _caught(record: RunRecord, network: int) -> float:
    found = paths(record, network, "fraud_caught", "cheating_share", "nodes_online")
    if found is None:
        return math.nan
    caught, share, nodes = found
    return ratio(total(caught), total(share * nodes) * record.dt_days)


_service = partial(Kpi, theme="services")
_trust = partial(Kpi, theme="continuity and trust")

SERVICE_KPIS: tuple[Kpi, ...] = (
    _service("adoption_final", "1", "up", "Users over potential users at the end.", partial(final, "adoption")),
    _service(
        "market_share",
        "1",
        "up",
        "Share of all AI spending of the modelled users, mean of last year.",
        partial(year_mean, "market_share"),
    ),
    _service(
        "service_spend",
        "USD/year",
        "up",
        "What users paid for AI services, last year.",
        partial(per_year, "service_spend"),
    ),
    _service(
        "service_units",
        "unit/year",
        "up",
        "AI service units delivered, last year; a unit is one million output tokens.",
        partial(per_year, "service_units"),
    ),
    _service(
        "service_price",
        "USD/unit",
        "down",
        "What users paid per service unit, last year.",
        partial(year_ratio, "service_spend", "service_units"),
    ),
    _service(
        "service_price_ratio",
        "1",
        "down",
        "Mean service price over the incumbents', mean of last year.",
        partial(year_ratio, "service_price", "incumbent_price"),
    ),
    _service(
        "model_quality",
        "1",
        "up",
        "Quality of the network's models over the incumbents' frontier, mean of last year.",
        partial(year_mean, "model_quality"),
    ),
    _service(
        "builders_final",
        "builder",
        "neutral",
        "Model builders in business at the end; nothing where none can fail.",
        partial(final, "builders_alive"),
    ),
    _service(
        "builder_failures",
        "builder/year",
        "down",
        "Model builders that failed, last year; nothing where none can fail.",
        partial(per_year, "bankruptcies"),
    ),
    _service(
        "served_share",
        "1",
        "up",
        "Service demand that was delivered, mean of the run.",
        partial(run_mean, "served_share"),
    ),
    _trust("continuity", "1", "up", "Steps in which at least 95 % of service demand was delivered.", _continuity),
    _trust(
        "longest_outage",
        "day",
        "down",
        "Longest time in which less than 95 % of service demand was delivered.",
        _longest_outage,
    ),
    _trust(
        "cheating_share", "1", "down", "Online nodes that cheat, mean of the run.", partial(run_mean, "cheating_share")
    ),
    _trust(
        "fake_data",
        "1",
        "down",
        "Share of the data on offer that is not what it is sold as, mean of the run; nothing where all are honest.",
        partial(run_mean, "fake_data"),
    ),
    _trust("caught_rate", "1/day", "up", "Cheaters caught per cheating node and day, over the run.", _caught),
)
