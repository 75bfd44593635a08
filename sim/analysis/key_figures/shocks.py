"""Key figures of shocks that cut somebody off: continuity against the incumbents', recovery, prices.

They are undefined in scenarios without such events, as the series are not recorded there.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from catallaxy.sim.analysis.key_figures.declaration import Kpi
from catallaxy.sim.analysis.key_figures.paths import Floats, mean, paths, ratio
from catallaxy.sim.analysis.shocks import onset, recovery_steps
from catallaxy.sim.recording.record import RunRecord

__all__ = ["SHOCK_KPIS"]

#: Days before a shock that say what was normal, and after its start that say how hard it hit.
_MONTH_DAYS = 30.0


def _during(name: str, record: RunRecord, network: int) -> float:
    """Return the mean of a series over the steps in which something is cut off."""
    found = paths(record, network, name, "shock")
    return math.nan if found is None else mean(found[0][found[1] > 0.0])


def _advantage(record: RunRecord, network: int) -> float:
    found = paths(record, network, "demand_met", "incumbent_demand_met")
    return math.nan if found is None else mean(found[0]) - mean(found[1])


def _around(name: str, record: RunRecord, network: int) -> tuple[Floats, Floats, int] | None:
    """Return a series in the month before the first shock, the whole of it, and the first step of the shock."""
    found = paths(record, network, name, "shock")
    start = None if found is None else onset(found[1])
    if found is None or start is None:
        return None
    month = max(1, round(_MONTH_DAYS / record.dt_days))
    return found[0][max(0, start - month) : start], found[0], start


def _recovery(record: RunRecord, network: int) -> float:
    around = _around("demand_met", record, network)
    if around is None:
        return math.nan
    before, path, start = around
    week = max(1, round(7.0 / record.dt_days))
    return recovery_steps(path, mean(before), start, week) * record.dt_days


def _shocked(name: str, worst: str, record: RunRecord, network: int) -> float:
    """Return the extreme of a series in the first month of a shock over its mean in the month before, less one."""
    around, found = _around(name, record, network), paths(record, network, name, "shock")
    if around is None or found is None:
        return math.nan
    before, path, start = around
    month = max(1, round(_MONTH_DAYS / record.dt_days))
    after = np.flatnonzero(found[1][start : start + month] == 0.0)
    hit = path[start : start + (int(after[0]) if len(after) else month)]
    extreme = float(np.min(hit) if worst == "lowest" else np.max(hit))
    return ratio(extreme, mean(before)) - 1.0


_shock = partial(Kpi, theme="shocks")

SHOCK_KPIS: tuple[Kpi, ...] = (
    _shock(
        "shock_continuity",
        "1",
        "up",
        "Service demand met while something was cut off, that of users who were cut off included.",
        partial(_during, "demand_met"),
    ),
    _shock(
        "shock_continuity_incumbents",
        "1",
        "neutral",
        "Demand for the incumbents' services that they could serve in the same steps.",
        partial(_during, "incumbent_demand_met"),
    ),
    _shock(
        "continuity_advantage",
        "1",
        "up",
        "Service demand met less what the incumbents met of theirs, over the run.",
        _advantage,
    ),
    _shock(
        "recovery_days",
        "day",
        "down",
        "From the first shock until demand met is back at 95 % of its level before, for a week.",
        _recovery,
    ),
    _shock(
        "shock_compute_price",
        "1",
        "down",
        "Highest price of compute in the first month of a shock over that of the month before, less one.",
        partial(_shocked, "compute_price", "highest"),
    ),
    _shock(
        "shock_token_price",
        "1",
        "up",
        "Lowest token price in the first month of a shock over that of the month before, less one.",
        partial(_shocked, "price", "lowest"),
    ),
)
