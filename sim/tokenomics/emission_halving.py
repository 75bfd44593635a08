"""Halving emission: by what has been issued, and by time (families (a) of the catalogue)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, Self

from pydantic import model_validator

from catallaxy.agents.declaration import quantity
from catallaxy.sim.tokenomics.emission_context import EmissionContext
from catallaxy.sim.tokenomics.emission_flows import Span, TokenFlow, exactly_one
from catallaxy.sim.tokenomics.emission_rule import EMISSIONS, EmissionRule, ScheduledRule
from catallaxy.sim.tokenomics.units import microseconds, to_base

__all__ = ["HalvingByIssuance", "HalvingByTime"]


@EMISSIONS.register("halving-by-issuance")
class HalvingByIssuance(EmissionRule):
    """Bittensor: the block reward halves each time that half of what was left has been issued.

    With total issuance I = genesis + issued - recycled and maximum C, a block mints
    `reward >> k`, k = floor(log2(C / (C - I))), and nothing once I >= C. Thresholds for C = 21,000,000 are
    10.5M, 15.75M, 18.375M, 19.6875M, 20.34375M... Recycling tokens lowers I and so delays halvings; burning does not.
    k is the largest whole number with (C - I) * 2**k <= C: exact integers, block by block.

    Source: opentensor/subtensor, pallets/subtensor/src/coinbase/block_emission.rs (commit 14bc6f9f964b).
    """

    summary: ClassVar[str] = "Block reward halves each time half of what was left has been issued (Bittensor)."

    maximum: float = quantity(unit="token", doc="Issuance at which emission ends.", gt=0.0)
    reward: float = quantity(unit="token/block", doc="Reward of a block before the first halving.", ge=0.0)
    block_seconds: float = quantity(unit="s", doc="Time between blocks.", ge=1e-3)
    starts: date | None = quantity(
        None, unit="date", doc="Date of the first block; the first day of the run when absent."
    )

    def block_reward(self, issuance: int, base: int) -> int:
        """Return the reward of the next block, base units, when `issuance` base units have been issued."""
        maximum = to_base(self.maximum, base)
        if issuance >= maximum:
            return 0
        return min(to_base(self.reward, base) >> _halvings(maximum, issuance), maximum - issuance)

    def scheduled(self, now: EmissionContext) -> int:
        """Return the rewards of the blocks that end in the stretch of `now`, base units."""
        blocks = self._blocks(now)
        maximum = to_base(self.maximum, now.base)
        opening = issuance = now.genesis + now.issued - now.recycled
        while blocks > 0 and (reward := self.block_reward(issuance, now.base)) > 0:
            threshold = maximum - (maximum >> (_halvings(maximum, issuance) + 1))
            mined = min(blocks, max(1, -(-(threshold - issuance) // reward)))
            issuance += mined * reward
            blocks -= mined
        return issuance - opening

    def horizon_total(self, first: EmissionContext, n_steps: int) -> int:
        """Return what is minted over `n_steps` steps with nothing recycled, in one evaluation, base units."""
        return self.scheduled(first.stretch(n_steps))

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Each block of {self.block_seconds:g} s mints {self.reward:,.12g} tokens, halved whenever half of what "
            f"was left to a maximum of {self.maximum:,.12g} has been issued."
        )

    def _blocks(self, now: EmissionContext) -> int:
        offset = now.microseconds_since_start(self.starts or now.origin or now.start)
        length = microseconds(seconds=self.block_seconds)
        return max(0, now.end_us - offset) // length - max(0, now.begin_us - offset) // length


@EMISSIONS.register("halving-by-time")
class HalvingByTime(ScheduledRule):
    """A constant flow that halves, in steps, after every interval; or a pool that pays half of its rest in each.

    With `initial`: flow / 2**n in interval n (Helium: 60M tokens a year, halved every 2 years from 2019-08-01;
    Bitcoin: 50 a block, halved every 210,000 blocks, rounded down per block).
    With `pool` V and interval h: paid(t) = V - p + p * (t mod h) / (2 h), p = V >> floor(t / h) (Ocean's
    VestingWalletHalving: piecewise linear, not the smooth half-life curve).

    Sources: helium/HIP 0020; oceanprotocol/contracts, VestingWalletHalving.sol.
    """

    summary: ClassVar[str] = "A constant flow that halves in steps after every interval (Helium, Bitcoin, Ocean)."

    initial: TokenFlow | None = quantity(None, unit="token/time", doc="Flow before the first halving.")
    pool: float | None = quantity(None, unit="token", doc="All that will ever be paid; half in interval one.", ge=0.0)
    every: Span = quantity(unit="time", doc="Time between halvings.")

    @model_validator(mode="after")
    def _flow_or_pool(self) -> Self:
        exactly_one(self, ("initial", "pool"))
        return self

    def cumulative(self, elapsed_us: int, first: date, base: int) -> int:
        """Return what has been minted `elapsed_us` microseconds after `first`, base units."""
        whole, part, length = self.every.elapsed(first, elapsed_us)
        if self.pool is not None:
            rest = to_base(self.pool, base) >> whole
            return to_base(self.pool, base) - rest + rest * part // (2 * length)
        assert self.initial is not None
        completed = _completed(self.initial, self.every, min(whole, _NEGLIGIBLE), first, base)
        begun = self.initial.paid(elapsed_us - part, first, base, whole)
        return completed + self.initial.paid(elapsed_us, first, base, whole) - begun

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        if self.initial is None:
            return f"A pool of {self.pool:,.12g} tokens pays half of what is left in every {self.every.sentence()}."
        return f"{self.initial.sentence()}, halved every {self.every.sentence()}."


_NEGLIGIBLE = 128
"""Halvings after which a flow that fits 64 bits pays nothing."""


@lru_cache(maxsize=4096)
def _completed(flow: TokenFlow, every: Span, intervals: int, first: date, base: int) -> int:
    bounds = [every.boundary(first, number) for number in range(intervals + 1)]
    return sum(
        flow.paid(end, first, base, halvings) - flow.paid(begin, first, base, halvings)
        for halvings, (begin, end) in enumerate(pairwise(bounds))
    )


def _halvings(maximum: int, issuance: int) -> int:
    return (maximum // (maximum - issuance)).bit_length() - 1
