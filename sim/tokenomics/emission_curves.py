"""Emission without halvings: exponential decay, tables, fixed rates, and none (families (b), (e), (f))."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, Self

from pydantic import AliasChoices, Field, model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import quantity
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.tokenomics.emission_context import EmissionContext
from catallaxy.sim.tokenomics.emission_decimals import (
    DECIMAL,
    LN2,
    compounded,
    decayed,
    halving_speed,
    quotient,
    rate_speed,
)
from catallaxy.sim.tokenomics.emission_flows import TokenFlow, exactly_one
from catallaxy.sim.tokenomics.emission_rule import EMISSIONS, EmissionRule, ScheduledRule
from catallaxy.sim.tokenomics.units import US_PER_DAY, exact, to_base

__all__ = ["EmissionTable", "ExponentialDecay", "FixedRate", "FixedSupply", "TableRow"]


@EMISSIONS.register("exponential-decay")
class ExponentialDecay(ScheduledRule):
    """A pool that decays smoothly: between times a and b it pays `pool * (exp(-l a) - exp(-l b))`.

    The speed l comes from `half_life_days` (l = ln 2 / half-life) or from `decay`. The pool is given, or follows from
    `first_period`, the tokens paid in the first `period_days`: pool = first / (1 - exp(-l period)), since the payments
    of equal periods are a geometric series. Examples: Filecoin's simple minting (pool 330M, half-life 6 * 365 days;
    the chain counts its epoch 0 as the period that ends at time 0), Gonka (285,000 in the first day, decay 0.000475 a
    day), Arweave (pool 11M, half-life 365 days). Evaluated with 60 decimal digits and rounded down.

    Sources: filecoin-project/specs-actors reward actor; Gonka bitcoin_rewards.go; arweave ar_inflation.erl.
    """

    summary: ClassVar[str] = "A pool that decays exponentially (Filecoin simple minting, Arweave, Gonka)."

    pool: float | None = quantity(None, unit="token", doc="All that will ever be paid.", ge=0.0)
    first_period: float | None = quantity(None, unit="token", doc="Tokens paid in the first period.", ge=0.0)
    period_days: float = quantity(1.0, unit="day", doc="Length of the period of first_period.", ge=1e-6)
    half_life_days: float | None = quantity(None, unit="day", doc="Time in which the flow halves.", gt=0.0, le=1e9)
    decay: Rate | None = rate(None, unit="1/time", doc="Continuous decay of the flow.", ge=1e-9)

    @model_validator(mode="after")
    def _one_size_one_speed(self) -> Self:
        exactly_one(self, ("pool", "first_period"))
        exactly_one(self, ("half_life_days", "decay"))
        return self

    def cumulative(self, elapsed_us: int, first: date, base: int) -> int:
        """Return what has been minted `elapsed_us` microseconds after `first`, base units."""
        return _paid(self.pool, self.first_period, self.period_days, self._speed(), base, elapsed_us)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        size = (
            f"A pool of {self.pool:,.12g} tokens decays"
            if self.pool is not None
            else f"{self.first_period:,.12g} tokens in the first {self.period_days:g} day(s), then exponential decay"
        )
        return f"{size}: half as much every {self._half_life():,.6g} days."

    def _speed(self) -> Decimal:
        if self.decay is not None:
            return rate_speed(self.decay.amount, self.decay.base)
        return halving_speed(self.half_life_days or 1.0)

    def _half_life(self) -> float:
        return float(LN2 / (self._speed() * US_PER_DAY))


@lru_cache(maxsize=4096)
def _paid(
    pool: float | None, first_period: float | None, period_days: float, speed: Decimal, base: int, elapsed_us: int
) -> int:
    """Return what a pool, or the pool that follows from its first period, has paid; base units, rounded down."""
    if pool is not None:
        total = Decimal(to_base(pool, base))
    else:
        first = Decimal(to_base(first_period or 0.0, base))
        total = DECIMAL.divide(first, decayed(speed, quotient(exact(period_days) * US_PER_DAY)))
    return int(DECIMAL.multiply(total, decayed(speed, elapsed_us)))


class TableRow(TokenFlow):
    """A flow that holds from a date, or from a day of the schedule, until the next row begins."""

    since: date | None = Field(
        None,
        validation_alias=AliasChoices("from", "since"),
        description="Date from which the flow holds (`from:` in YAML).",
        json_schema_extra={"unit": "date"},
    )
    day: int | None = quantity(None, unit="day", doc="Day of the schedule from which the flow holds.", ge=0)

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if (self.since is None) == (self.day is None):
            raise complaint("emission_rule", "say from when the row holds: give either `from:` (a date) or `day:`")
        return self

    @property
    def begins(self) -> int:
        """Where the row stands in its table: days, counted from anywhere."""
        return self.since.toordinal() if self.since else self.day or 0

    @property
    def beginning(self) -> str:
        """From when the row holds, in words."""
        return str(self.since or f"day {self.day}")


@EMISSIONS.register("table")
class EmissionTable(ScheduledRule):
    """A published table: each row is a constant flow that holds until the next row; a row of 0 ends it.

    Render: 760,567 a month in the first year, then 492,132, 492,132, 380,284 and 335,544 (year totals 9,126,804,
    5,905,584, 5,905,584, 4,563,408, 4,026,528). Source: rendernetwork/RNPs, RNP-006 and RNP-018.
    """

    summary: ClassVar[str] = "A published table of constant flows, each until the next row (Render, OLAS)."

    rows: tuple[TableRow, ...] = Field(
        description="Flows with the date or day from which each holds.", json_schema_extra={"unit": "-", "minItems": 1}
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.rows:
            raise complaint("emission_rule", "a table needs at least one row; for none use kind: fixed-supply")
        dated = [row.since is not None for row in self.rows]
        if any(dated) and not all(dated):
            raise complaint("emission_rule", "rows start either all at a date (`from:`) or all at a `day:`")
        if any(dated) and self.starts is not None:
            raise complaint("emission_rule", "rows with dates say when the schedule begins; leave `starts` out")
        for number, (before, after) in enumerate(pairwise(self.rows), start=1):
            if after.begins <= before.begins:
                raise complaint(
                    "emission_rule",
                    f"rows overlap: row {number + 1} holds from {after.beginning}, which is not after row {number}'s "
                    f"{before.beginning}; list them in order of time",
                )
        return self

    def first_date(self, now: EmissionContext) -> date:
        """Return the date of the first row, or the date from which days are counted."""
        return self.rows[0].since or super().first_date(now)

    def cumulative(self, elapsed_us: int, first: date, base: int) -> int:
        """Return what has been minted `elapsed_us` microseconds after `first`, base units."""
        begins = [row.since or first + timedelta(days=row.day or 0) for row in self.rows]
        offsets = [(begin - first).days * US_PER_DAY for begin in begins]
        ends = [*offsets[1:], elapsed_us]
        return sum(
            row.paid(min(elapsed_us, end) - offset, begin, base)
            for row, begin, offset, end in zip(self.rows, begins, offsets, ends, strict=True)
            if offset < elapsed_us
        )

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        rows = "; ".join(f"{row.sentence()} from {row.beginning}" for row in self.rows)
        return f"A table: {rows}."


@EMISSIONS.register("fixed-rate")
class FixedRate(ScheduledRule):
    """A constant flow of tokens, or a constant growth of the supply.

    `tokens`: the same amount per block, day, month or year (The Graph: 120.73 per 12 s block = 317.278M per 365 days;
    Story: 24,625,000 a year). `share`: supply grows by this share per time base, compounded:
    minted = supply * ((1 + share) ** (time / base) - 1) (The Graph until 2023: 3 % a year), and 1 % a month is
    12.68 % a year.

    Sources: graphprotocol/contracts RewardsManager; piplabs/story x/mint parameters.
    """

    summary: ClassVar[str] = "A constant flow of tokens, or constant growth of the supply (The Graph, Story)."

    tokens: TokenFlow | None = quantity(None, unit="token/time", doc="Tokens minted per unit of time.")
    share: Rate | None = rate(None, unit="share of supply/time", doc="Growth of the supply, compounded.", le=10.0)

    @model_validator(mode="after")
    def _one_rate(self) -> Self:
        exactly_one(self, ("tokens", "share"))
        return self

    def cumulative(self, elapsed_us: int, first: date, base: int) -> int:
        """Return what the flow of tokens has minted `elapsed_us` microseconds after `first`, base units."""
        return self.tokens.paid(elapsed_us, first, base) if self.tokens else 0

    def scheduled(self, now: EmissionContext) -> int:
        """Return what is minted in the stretch of `now`, base units."""
        if self.share is None:
            return super().scheduled(now)
        begin = max(now.begin_us, now.microseconds_since_start(self.first_date(now)))
        grown = compounded(self.share.amount, self.share.base, max(0, now.end_us - begin))
        return int(DECIMAL.multiply(Decimal(now.supply), grown))

    def horizon_total(self, first: EmissionContext, n_steps: int) -> int:
        """Return what is minted over `n_steps` steps if nothing else moves the supply, base units."""
        if self.share is None:
            return super().horizon_total(first, n_steps)
        return EmissionRule.horizon_total(self, first, n_steps)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        if self.tokens is not None:
            return f"{self.tokens.sentence()}, for ever."
        assert self.share is not None
        return f"Supply grows by {self.share.amount:.6g} {self.share.base.replace('_', ' ')}, compounded."


@EMISSIONS.register("fixed-supply")
class FixedSupply(EmissionRule):
    """Nothing is minted after genesis; burning alone moves supply (Numeraire, Golem, FET, Grass, Aethir, Virtuals)."""

    summary: ClassVar[str] = "Nothing is minted after genesis (Numeraire, Grass, Aethir, Virtuals)."

    def scheduled(self, now: EmissionContext) -> int:
        """Return 0."""
        return 0

    def horizon_total(self, first: EmissionContext, n_steps: int) -> int:
        """Return 0."""
        return 0

    def describe(self) -> str:
        """Return one sentence that says what the rule does."""
        return "No token is minted after genesis."
