"""Goals: what a run must reach, and which runs reach it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import model_validator

from catallaxy.agents.complaints import complaint, did_you_mean
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.scenario.allowed import number
from catallaxy.sim.sweeps.answers.column_arrays import Flags, Floats, floats, is_null, is_value

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Goal", "check_goals", "goal_text", "reached"]


class Goal(Spec):
    """A threshold on a key figure; with both ends, a band."""

    kpi: str = quantity(unit="-", doc="Name of a key figure: a built-in one, or one of the sweep's own.")
    network: str | None = quantity(None, unit="-", doc="Network that must reach it; every network when absent.")
    above: float | None = quantity(None, unit="unit of the key figure", doc="It must be greater than this.")
    below: float | None = quantity(None, unit="unit of the key figure", doc="It must be less than this.")

    @model_validator(mode="after")
    def _some_threshold(self) -> Goal:
        if self.above is None and self.below is None:
            raise complaint("goal_without_threshold", "a goal needs `above:`, `below:` or both")
        if self.above is not None and self.below is not None and self.above >= self.below:
            band = f"above {number(self.above)} and below {number(self.below)}"
            raise complaint("empty_band", f"no value is {band}; `above` must be less than `below`")
        return self


def check_goals(goals: Sequence[Goal], kpis: Iterable[str], networks: Iterable[str]) -> list[tuple[str, str]]:
    """Say which goals name a key figure or a network that does not exist.

    Parameters
    ----------
    goals : sequence of Goal
    kpis : iterable of str
        Names of the key figures that every run computes: those of `all_kpis`.
    networks : iterable of str
        Networks of all scenarios of the sweep.

    Returns
    -------
    list of (str, str)
        Path below the list of goals ("0.kpi"), and what is wrong there; empty when nothing is.
    """
    known = {"kpi": ("key figure", tuple(kpis)), "network": ("network", tuple(networks))}
    faults = []
    for position, goal in enumerate(goals):
        for field, (what, names) in known.items():
            given = getattr(goal, field)
            if given is not None and given not in names:
                hint = did_you_mean(given, names)
                faults.append((f"{position}.{field}", f"unknown {what} {given!r}{hint or _listed(names)}"))
    return faults


def goal_text(goal: Goal) -> str:
    """Return a goal in one line: "price_ratio > 1 on alpha"."""
    low = "" if goal.above is None or goal.below is None else f"{number(goal.above)} < "
    ends = [] if low or goal.above is None else [f"> {number(goal.above)}"]
    ends += [] if goal.below is None else [f"< {number(goal.below)}"]
    return " ".join([f"{low}{goal.kpi}", *ends, *([f"on {goal.network}"] if goal.network else [])])


def reached(goal: Goal, runs: pa.Table) -> Flags:
    """Tell which runs reach a goal.

    Parameters
    ----------
    goal : Goal
    runs : pyarrow.Table
        Table "runs" of a sweep: `status` and `kpi.<name>.<network>`.

    Returns
    -------
    bool[n_runs]
        False for a run that did not complete, and where the key figure is undefined (NaN) on a network that counts.
        A network that the scenario of a run does not have (null) does not count; at least one must.
    """
    columns = [name for name in runs.column_names if name.startswith(f"kpi.{goal.kpi}.")]
    if goal.network is not None:
        columns = [name for name in columns if name == f"kpi.{goal.kpi}.{goal.network}"]
    some, every = np.zeros(len(runs), np.bool_), is_value(runs["status"], "complete")
    for name in columns:
        absent, within = is_null(runs[name]), _within(goal, floats(runs[name]))
        some |= ~absent
        every &= absent | within
    return some & every


def _within(goal: Goal, values: Floats) -> Flags:
    inside = np.isfinite(values)
    if goal.above is not None:
        inside &= values > goal.above
    if goal.below is not None:
        inside &= values < goal.below
    return inside


def _listed(names: Sequence[str]) -> str:
    return f"; known: {', '.join(names)}"
