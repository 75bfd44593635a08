"""Key figures of leverage: how far liquidations went, and who paid for defaults."""

from __future__ import annotations

import math
from functools import partial

from catallaxy.sim.analysis.key_figures.declaration import Kpi
from catallaxy.sim.analysis.key_figures.paths import path, total
from catallaxy.sim.recording.record import RunRecord

__all__ = ["LEVERAGE_KPIS"]


def _largest(name: str, record: RunRecord, network: int) -> float:
    values = path(record, name, network)
    return float(values.max()) if len(values) else math.nan


def _sum(name: str, record: RunRecord, network: int) -> float:
    return total(path(record, name, network))


_leverage = partial(Kpi, theme="leverage")

LEVERAGE_KPIS: tuple[Kpi, ...] = (
    _leverage(
        "largest_liquidation",
        "USD",
        "down",
        "Most value of positions closed for want of margin in one step.",
        partial(_largest, "liquidated"),
    ),
    _leverage(
        "longest_cascade",
        "round",
        "down",
        "Most rounds of liquidation in one step, each at the price that the one before made.",
        partial(_largest, "liquidation_rounds"),
    ),
    _leverage(
        "liquidated",
        "USD",
        "down",
        "Value of positions closed for want of margin, over the run.",
        partial(_sum, "liquidated"),
    ),
    _leverage(
        "shortfall",
        "USD",
        "down",
        "Debts of margin traders that nobody repaid, over the run.",
        partial(_sum, "shortfall"),
    ),
    _leverage(
        "lender_loss",
        "USD",
        "down",
        "Shortfall that the insurance fund could not pay, over the run.",
        partial(_sum, "lender_loss"),
    ),
)
