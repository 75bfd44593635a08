"""Dated events: a driver or a policy parameter is set, added to or multiplied, for good or for a time."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import model_validator

from catallaxy.agents.complaints import complaint, did_you_mean
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.environment.access import is_share
from catallaxy.sim.environment.drivers import DRIVERS
from catallaxy.sim.environment.offers import offer_range
from catallaxy.sim.environment.paths import DriverPaths, Horizon, guard

__all__ = [
    "EventSpec",
    "PolicyEvent",
    "apply_to_drivers",
    "impossible_values",
    "outside_horizon",
    "policy_events",
    "unknown_targets",
]

Operation: TypeAlias = Literal["set", "add", "multiply"]
_DRIVERS = "drivers."
_OPERATIONS: tuple[Operation, ...] = ("set", "add", "multiply")


class EventSpec(Spec):
    """One dated event."""

    date: datetime.date = quantity(unit="-", doc="First day on which the event is felt (YYYY-MM-DD).")
    target: str = quantity(
        unit="-",
        doc="What changes: `drivers.<name>`, `networks.<name>.<policy>`, `incumbents.<name>.<offer>` (price, quality, "
        "openness) or `regions.<number>.<who>`: what is left of its nodes, builders, users or incumbents.",
    )
    set: float | None = quantity(None, unit="unit of the target", doc="The target takes this value.")
    add: float | None = quantity(None, unit="unit of the target", doc="This much is added to the target.")
    multiply: float | None = quantity(None, unit="1", doc="The target is multiplied by this.")
    for_days: float | None = quantity(
        None,
        unit="day",
        doc="How long it lasts; afterwards the target is as it would have been. For good if left out.",
        gt=0,
    )
    note: str = quantity("", unit="-", doc="What happened, for the report.")
    source: str = quantity("", unit="-", doc="Where the date and the size come from.")

    @model_validator(mode="after")
    def _one_operation(self) -> EventSpec:
        given = [name for name in _OPERATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise complaint("event_operation", f"give exactly one of set, add, multiply; found {found}")
        return self

    @property
    def operation(self) -> Operation:
        """Which of `set`, `add` and `multiply` the event does."""
        return next(name for name in _OPERATIONS if getattr(self, name) is not None)

    @property
    def value(self) -> float:
        """The number that belongs to `operation`."""
        return float(getattr(self, self.operation))

    def steps(self, horizon: Horizon) -> tuple[int, int]:
        """Return the first step in which the event is felt, and the first one after it, within the horizon."""
        first = horizon.step_of(self.date)
        if self.for_days is None:
            return first, horizon.n_steps
        days = (self.date - horizon.start).days + self.for_days
        return first, min(max(math.ceil(days / horizon.dt_days), first + 1), horizon.n_steps)


@dataclass(frozen=True)
class PolicyEvent:
    """One event on a policy parameter, in steps.

    Attributes
    ----------
    step_from, step_to : int
        First step in which it is felt, and first one after it.
    target : str
        Dotted path of the parameter.
    operation : {"set", "add", "multiply"}
    value : float
    """

    step_from: int
    step_to: int
    target: str
    operation: Operation
    value: float


def apply_to_drivers(
    paths: DriverPaths, events: Sequence[EventSpec], start: datetime.date, dt_days: float
) -> DriverPaths:
    """Return the paths with every event on a driver worked in, in the order of their dates.

    Parameters
    ----------
    paths : DriverPaths
        Left as it is.
    events : sequence of EventSpec
        Events on other targets are passed over.
    start : date
        First day of step 0.
    dt_days : float
        Length of a step, days.

    Returns
    -------
    DriverPaths
        Held inside the range of each driver; steps on which that changes an event's outcome are counted.
    """
    values, held = paths.values.copy(), paths.held.copy()
    horizon = Horizon(start, values.shape[1], dt_days)
    ranges = {driver.name: (driver.ge, driver.le) for driver in DRIVERS}
    for event in _by_date(events):
        if not event.target.startswith(_DRIVERS):
            continue
        name = event.target.removeprefix(_DRIVERS)
        first, last = event.steps(horizon)
        row = paths.row(name)
        window = values[row, first:last]
        if event.operation == "set":
            window[:] = event.value
        elif event.operation == "add":
            window += event.value
        else:
            window *= event.value
        held[row, first:last] |= guard(window, *ranges[name])
    return DriverPaths(paths.names, values, held)


def policy_events(events: Sequence[EventSpec], start: datetime.date, n_steps: int, dt_days: float) -> list[PolicyEvent]:
    """Return the events on anything but drivers, in the order of their dates.

    Parameters
    ----------
    events : sequence of EventSpec
    start : date
        First day of step 0.
    n_steps : int
    dt_days : float
        Length of a step, days.

    Returns
    -------
    list of PolicyEvent
    """
    horizon = Horizon(start, n_steps, dt_days)
    return [
        PolicyEvent(*event.steps(horizon), event.target, event.operation, event.value)
        for event in _by_date(events)
        if not event.target.startswith(_DRIVERS)
    ]


def unknown_targets(events: Sequence[EventSpec], known_targets: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return what is wrong with the targets of events.

    Parameters
    ----------
    events : sequence of EventSpec
    known_targets : iterable of str
        Dotted paths of the policy parameters that events may change; the drivers are always known.

    Returns
    -------
    list of (path, message)
        Path relative to the events ("2.target").
    """
    known = [*(_DRIVERS + driver.name for driver in DRIVERS), *known_targets]
    return [
        (f"{i}.target", f"there is no {event.target!r} that an event can change{did_you_mean(event.target, known)}")
        for i, event in enumerate(events)
        if event.target not in known
    ]


def outside_horizon(
    events: Sequence[EventSpec], start: datetime.date, n_steps: int, dt_days: float
) -> list[tuple[str, str]]:
    """Return the events whose date lies outside the run.

    Parameters
    ----------
    events : sequence of EventSpec
    start : date
        First day of step 0.
    n_steps : int
    dt_days : float
        Length of a step, days.

    Returns
    -------
    list of (path, message)
        Path relative to the events ("2.date").
    """
    horizon = Horizon(start, n_steps, dt_days)
    return [
        (f"{i}.date", f"{event.date} lies outside the run, which goes from {start} to before {horizon.end}")
        for i, event in enumerate(events)
        if not 0 <= horizon.step_of(event.date) < n_steps
    ]


def impossible_values(events: Sequence[EventSpec]) -> list[tuple[str, str]]:
    """Return the events that set a driver, a share that can take part, or an offer to a value outside its range.

    Parameters
    ----------
    events : sequence of EventSpec

    Returns
    -------
    list of (path, message)
        Path relative to the events ("2.set").
    """
    ranges = {_DRIVERS + driver.name: (driver.ge, driver.le) for driver in DRIVERS}
    ranges |= {event.target: (0.0, 1.0) for event in events if is_share(event.target)}
    ranges |= {event.target: offer for event in events if (offer := offer_range(event.target)) is not None}
    return [
        (f"{i}.set", f"{event.target} cannot be {event.set:g}; allowed: {low:g} to {high:g}")
        for i, event in enumerate(events)
        if event.set is not None
        for low, high in [ranges.get(event.target, (event.set, event.set))]
        if not low <= event.set <= high
    ]


def _by_date(events: Sequence[EventSpec]) -> list[EventSpec]:
    return sorted(events, key=lambda event: event.date)
