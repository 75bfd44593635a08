"""Key figures of the protocol: fees, emission, treasury, and the money that comes in."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from catallaxy.sim.analysis.key_figures.declaration import Kpi
from catallaxy.sim.analysis.key_figures.paths import Floats, final, path, paths, per_year, ratio, total, year_ratio
from catallaxy.sim.recording.record import RunRecord

__all__ = ["PROTOCOL_KPIS"]

_MONTHS_PER_YEAR = 12.0


def _treasury(record: RunRecord, network: int) -> Floats | None:
    """Return the value of the treasury at every step, dollars and tokens at the day's price, USD."""
    found = paths(record, network, "treasury_usd", "treasury_tokens", "price")
    if found is None:
        return None
    dollars, tokens, price = found
    value: Floats = dollars + tokens * price
    return value


def _treasury_min(record: RunRecord, network: int) -> float:
    value = _treasury(record, network)
    return math.nan if value is None else float(np.min(value))


def _treasury_solvent(record: RunRecord, network: int) -> float:
    value = _treasury(record, network)
    return math.nan if value is None else float(np.mean(value > 0.0))


def _treasury_runway(record: RunRecord, network: int) -> float:
    granted = per_year("grants", record, network) / _MONTHS_PER_YEAR
    return ratio(final("treasury_usd", record, network), granted)


def _inflow_total(record: RunRecord, network: int) -> float:
    return total(path(record, "capital_inflow", network))


_protocol = partial(Kpi, theme="protocol")

PROTOCOL_KPIS: tuple[Kpi, ...] = (
    _protocol("fees", "USD/year", "up", "Protocol fees, last year.", partial(per_year, "fees_usd")),
    _protocol(
        "emission", "USD/year", "neutral", "Value of the tokens minted, last year.", partial(per_year, "emission_usd")
    ),
    _protocol(
        "fees_to_emission",
        "1",
        "up",
        "Protocol fees over value of emission, last year.",
        partial(year_ratio, "fees_usd", "emission_usd"),
    ),
    _protocol(
        "treasury_min",
        "USD",
        "up",
        "Smallest value of the treasury, dollars and tokens at the day's price.",
        _treasury_min,
    ),
    _protocol("treasury_solvent_share", "1", "up", "Steps after which the treasury held anything.", _treasury_solvent),
    _protocol(
        "treasury_runway",
        "month",
        "up",
        "How long the treasury's dollars at the end pay for grants as of last year, if no more come in.",
        _treasury_runway,
    ),
    _protocol(
        "capital_inflow", "USD", "neutral", "New money of speculators over the run, net of withdrawals.", _inflow_total
    ),
)
