"""What an emission rule is told: a stretch of time, the token's counts, and what the rule remembered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from catallaxy.sim.tokenomics.units import US_PER_DAY

__all__ = ["EmissionContext", "Issue", "Memory"]

Memory: TypeAlias = "tuple[int | Memory, ...]"
"""What a rule remembers from stretch to stretch: whole numbers, nested where a rule is made of rules."""


class Issue(NamedTuple):
    """What a rule mints in a stretch, base units, and what it remembers of it."""

    amount: int
    memory: Memory


@dataclass(frozen=True, slots=True)
class EmissionContext:
    """What an emission rule sees: a stretch of time and the token's counts at the start of the step.

    Attributes
    ----------
    step : int
        Step number, from 0.
    dt_days : float
        Length of a step, days.
    start : datetime.date
        Calendar date of the start of step 0.
    base : int
        Base units per token; every amount below is in base units.
    genesis : int
        Created at genesis.
    issued : int
        Minted by emission so far, counted from genesis.
    burned : int
        Destroyed so far. Burned tokens stay issued.
    recycled : int
        Returned to the un-issued pool so far (Bittensor: registration fees). Recycled tokens can be issued again.
    supply : int
        In existence now.
    staked : int
        Staked now (feedback rules use it).
    circulating : int
        Outside vesting and the undistributed reward pool now.
    capacity : float
        Compute capacity that the network offered in the last step, GPU-hours a day.
    price : float
        Price of the token now, USD.
    drivers : mapping of str to float
        Value of every driver in this step.
    cap : int or None
        Most that emission may ever mint; None when there is no cap.
    window : tuple of int or None
        Microseconds since the start of the run, [from, to), when only a part of the step counts; None for all of it.
    origin : datetime.date or None
        Date at which a schedule without its own starting date begins; None for the first day of the run.
    memory : Memory
        What the rule remembered of the stretches before; empty before its first.
    """

    step: int
    dt_days: float
    start: dt.date
    base: int
    genesis: int = 0
    issued: int = 0
    burned: int = 0
    recycled: int = 0
    supply: int = 0
    staked: int = 0
    circulating: int = 0
    capacity: float = 0.0
    price: float = 0.0
    drivers: Mapping[str, float] = field(default_factory=dict)
    cap: int | None = None
    window: tuple[int, int] | None = None
    origin: dt.date | None = None
    memory: Memory = ()

    @property
    def begin_us(self) -> int:
        """First microsecond of the stretch, counted from the start of the run."""
        return self.window[0] if self.window else self._boundary(self.step)

    @property
    def end_us(self) -> int:
        """Microsecond at which the stretch ends (excluded)."""
        return self.window[1] if self.window else self._boundary(self.step + 1)

    @property
    def day(self) -> float:
        """Days since the start of the run."""
        return self.begin_us / US_PER_DAY

    @property
    def date(self) -> dt.date:
        """Calendar date."""
        return self.start + dt.timedelta(days=self.begin_us // US_PER_DAY)

    @property
    def room(self) -> int | None:
        """What the cap still allows, never below 0; None when there is no cap."""
        return None if self.cap is None else max(0, self.cap - self.issued + self.recycled)

    def part(self, begin_us: int, end_us: int, origin: dt.date | None = None) -> EmissionContext:
        """Return the same token over another stretch of time, with another origin if one is given."""
        return replace(self, window=(begin_us, end_us), origin=origin or self.origin)

    def after(self, minted: int) -> EmissionContext:
        """Return the same stretch once `minted` base units more have been issued."""
        return replace(self, issued=self.issued + minted, supply=self.supply + minted)

    def remembering(self, memory: Memory) -> EmissionContext:
        """Return the same stretch with another memory."""
        return replace(self, memory=memory)

    def microseconds_since_start(self, day: dt.date) -> int:
        """Return the distance of a calendar date from the start of the run, microseconds (negative before it)."""
        return (day - self.start).days * US_PER_DAY

    def steps(self, n_steps: int) -> Iterator[EmissionContext]:
        """Yield the contexts of `n_steps` steps from this one on, with unchanged counts."""
        for step in range(self.step, self.step + n_steps):
            yield replace(self, step=step, window=None)

    def stretch(self, n_steps: int) -> EmissionContext:
        """Return `n_steps` steps from this one on as one stretch, with unchanged counts."""
        return replace(self, window=(self._boundary(self.step), self._boundary(self.step + n_steps)))

    def _boundary(self, step: int) -> int:
        return round(step * self.dt_days * US_PER_DAY)
