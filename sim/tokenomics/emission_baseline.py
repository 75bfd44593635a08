"""Performance-gated emission: a pool that decays in network time, which runs at most as fast as the clock (family (c)).

Network time is held as the capacity realized so far, counted in first-epoch baselines with 128 binary digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, Self

from pydantic import AliasChoices, Field, model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.emission_context import EmissionContext, Issue
from catallaxy.sim.tokenomics.emission_decimals import DECIMAL, decayed, doubling, halving_speed, quotient
from catallaxy.sim.tokenomics.emission_rule import EMISSIONS, RememberingRule
from catallaxy.sim.tokenomics.units import exact, microseconds, to_base

__all__ = ["CapacityRow", "NetworkBaseline", "network_time"]

_ONE = 1 << 128
_Stretch = tuple[int, int, float]


def network_time(epoch: Decimal, baseline: Decimal, realized: Decimal, required: Decimal) -> Decimal:
    """Return effective network time: the time by which the baseline would have required what has been realized.

    Parameters
    ----------
    epoch : Decimal
        End of the epoch in which the running total of the baseline reaches what has been realized.
    baseline : Decimal
        Capacity that this epoch requires.
    realized : Decimal
        Capacity realized so far, each epoch at most its baseline.
    required : Decimal
        Running total of the baseline at the end of the epoch.

    Returns
    -------
    Decimal
        Epochs, linear inside the epoch.
    """
    return DECIMAL.subtract(epoch, DECIMAL.divide(DECIMAL.subtract(required, realized), baseline))


class CapacityRow(Spec):
    """A capacity that holds from a date until the next row."""

    since: date = Field(
        validation_alias=AliasChoices("from", "since"),
        description="Date from which the capacity holds (`from:` in YAML).",
        json_schema_extra={"unit": "date"},
    )
    capacity: float = quantity(unit="unit of the baseline", doc="Capacity of the network.", ge=0.0)


@EMISSIONS.register("network-baseline")
class NetworkBaseline(RememberingRule):
    """A pool that decays in *network time*, which keeps pace with the clock only while capacity meets a baseline.

    Every epoch e adds min(b(e), capacity) to what has been realized, with b(e) = baseline * 2**(e / doubling).
    Effective network time t solves B(t) = realized, B the running total of b, linear inside an epoch. The stretch from
    t0 to t1 pays `pool * (exp(-l t0) - exp(-l t1))`, l = ln 2 / half-life. Capacity is what the network's nodes offered
    in the last step (GPU-hours a day); or a driver; or, for replays, a table. Filecoin: pool 770M, half-life 2190 days,
    epochs of 30 s, baseline 2.88888888 EB of storage (2.5057 EiB), doubling every 365 days.

    Source: filecoin-project/specs-actors, reward actor (commit 985cd0fa0457).
    """

    summary: ClassVar[str] = "A pool that decays only as fast as capacity grows (Filecoin baseline minting)."

    pool: float = quantity(unit="token", doc="All that will ever be paid.", ge=0.0)
    half_life_days: float = quantity(unit="day", doc="Network time in which the flow halves.", gt=0.0, le=1e9)
    baseline: float = quantity(unit="GPU-hour/day", doc="Capacity that keeps network time at pace at first.", gt=0.0)
    doubling_days: float | None = quantity(
        None, unit="day", doc="Time in which the baseline doubles; constant when absent.", ge=1.0
    )
    epoch_seconds: float = quantity(30.0, unit="s", doc="Length of an epoch.", ge=1e-3)
    starts: date | None = quantity(
        None, unit="date", doc="Date of the first epoch; the first day of the run when absent."
    )
    driver: str | None = quantity(None, unit="-", doc="Driver that is the capacity, in place of the nodes'.")
    rows: tuple[CapacityRow, ...] = quantity((), unit="-", doc="Table of capacity by date, in place of the nodes'.")

    @model_validator(mode="after")
    def _one_capacity(self) -> Self:
        if self.driver is not None and self.rows:
            raise complaint("emission_rule", "capacity comes from a driver or from rows, not from both")
        for before, after in pairwise(self.rows):
            if after.since <= before.since:
                raise complaint("emission_rule", f"rows are not in order of time: {after.since} after {before.since}")
        return self

    @property
    def reads(self) -> frozenset[str]:
        """The network's capacity, or a driver; nothing when there is a table."""
        return frozenset() if self.rows else frozenset({self.driver or "capacity"})

    def advance(self, now: EmissionContext) -> Issue:
        """Return what network time that passes in the stretch of `now` pays, and the capacity realized so far."""
        opening = realized = now.memory[0] if now.memory and isinstance(now.memory[0], int) else 0
        for begin, end, capacity in self._epochs(now):
            realized += self._added(begin, end, exact(max(0.0, capacity)) / exact(self.baseline))
        minted = self.paid(self.effective_time(realized), now.base) - self.paid(self.effective_time(opening), now.base)
        return Issue(minted, (realized,))

    def most(self, first: EmissionContext, n_steps: int) -> int | None:
        """Return what is paid when capacity meets the baseline throughout, base units."""
        stretch = first.stretch(n_steps)
        begin, end = (self._epoch(us, stretch) for us in (stretch.begin_us, stretch.end_us))
        return self.paid(Decimal(end - begin), first.base)

    def baseline_at(self, epoch: int) -> float:
        """Return the capacity that an epoch requires, in the unit of `baseline`."""
        if self.doubling_days is None:
            return self.baseline
        return float(quotient(exact(self.baseline)) * doubling(self.doubling_days, self.epoch_seconds).power(epoch))

    def effective_time(self, realized: int) -> Decimal:
        """Return network time, in epochs, once `realized` / 2**128 first-epoch baselines have been realized."""
        if self.doubling_days is None:
            return quotient(Fraction(realized, _ONE))
        return _effective_time(self.doubling_days, self.epoch_seconds, realized)

    def paid(self, effective: Decimal, base: int) -> int:
        """Return what the pool has paid by an effective network time in epochs, base units, rounded down."""
        return _paid(self.pool, self.half_life_days, self.epoch_seconds, base, effective)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        rise = f"doubling every {self.doubling_days:,.6g} days" if self.doubling_days else "constant"
        return (
            f"A pool of {self.pool:,.12g} tokens decays by half every {self.half_life_days:,.6g} days of network time, "
            f"which keeps pace with the clock at a capacity of {self.baseline:,.6g}, {rise}."
        )

    def _epochs(self, now: EmissionContext) -> Iterator[_Stretch]:
        if not self.rows:
            capacity = now.capacity if self.driver is None else now.drivers.get(self.driver, 0.0)
            yield self._epoch(now.begin_us, now), self._epoch(now.end_us, now), capacity
            return
        changes = [now.microseconds_since_start(row.since) for row in self.rows]
        for row, begin, end in zip(self.rows, changes, [*changes[1:], now.end_us], strict=True):
            begin, end = max(begin, now.begin_us), min(end, now.end_us)
            if begin < end:
                yield self._epoch(begin, now), self._epoch(end, now), row.capacity

    def _epoch(self, us: int, now: EmissionContext) -> int:
        offset = now.microseconds_since_start(self.starts or now.origin or now.start)
        return max(0, us - offset) // microseconds(seconds=self.epoch_seconds)

    def _added(self, begin: int, end: int, capacity: Fraction) -> int:
        """Return the sum of min(baseline, capacity) over epochs, in first-epoch baselines."""
        below = begin
        if capacity >= 1:
            below = end if self.doubling_days is None else min(end, max(begin, self._below(quotient(capacity))))
        required = DECIMAL.subtract(self._required(below), self._required(begin))
        rest = (end - below) * _ONE * capacity.numerator // capacity.denominator
        return int(DECIMAL.multiply(required, Decimal(_ONE))) + rest

    def _below(self, capacity: Decimal) -> int:
        """Return how many epochs require a capacity, in first-epoch baselines, or less."""
        assert self.doubling_days is not None
        return doubling(self.doubling_days, self.epoch_seconds).periods(capacity) + 1

    def _required(self, epochs: int) -> Decimal:
        if self.doubling_days is None:
            return Decimal(epochs)
        return doubling(self.doubling_days, self.epoch_seconds).total(epochs)


@lru_cache(maxsize=4096)
def _effective_time(doubling_days: float, epoch_seconds: float, realized: int) -> Decimal:
    clock, total = doubling(doubling_days, epoch_seconds), quotient(Fraction(realized, _ONE))
    epoch = clock.periods_to_total(total)
    return network_time(Decimal(epoch + 1), clock.power(epoch), total, clock.total(epoch + 1))


@lru_cache(maxsize=4096)
def _paid(pool: float, half_life_days: float, epoch_seconds: float, base: int, effective: Decimal) -> int:
    speed = DECIMAL.multiply(halving_speed(half_life_days), quotient(exact(epoch_seconds) * 1_000_000))
    return int(DECIMAL.multiply(Decimal(to_base(pool, base)), decayed(speed, effective)))
