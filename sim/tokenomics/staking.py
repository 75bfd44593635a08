"""Staking rules: who can bond, for how long, and how rewards are shared.

>>> from catallaxy.sim.tokenomics.staking import STAKING
>>> STAKING.build({"unbonding_days": 28, "requests": 10}).describe()
'Bonded stake; 10 unbonding requests of 28 days at a time; rewards pro rata.'
"""

from __future__ import annotations

from typing import ClassVar, Literal

from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.tokenomics.delegated_stakes import DelegatedStakes
from catallaxy.sim.tokenomics.liquid_stakes import LiquidStakes
from catallaxy.sim.tokenomics.locked_stakes import EscrowedStakes, MultipliedStakes
from catallaxy.sim.tokenomics.stakes import Place, Stakes

__all__ = [
    "STAKING",
    "BondedStaking",
    "DelegatedStaking",
    "LiquidStaking",
    "LockMultiplier",
    "StakingRule",
    "VoteEscrow",
    "check_staking",
]

#: Weights are integers like amounts, of which four times the largest supply fits.
_LARGEST_MULTIPLIER = 4.0


class StakingRule(Plugin):
    """Base of every staking rule: bonding and unbonding of token holders' stake."""

    summary: ClassVar[str] = "Stake that is bonded, and released some time after the request."
    label: ClassVar[str] = "Bonded stake"
    counts_alike: ClassVar[bool] = True
    """Whether every base unit is paid the same."""
    records: ClassVar[tuple[str, ...]] = ()
    """Groups of metrics that are recorded only under this rule."""
    fixed: ClassVar[frozenset[str]] = frozenset({"start_share", "requests"})
    """Parameters that a vote cannot change in the middle of a run, as stakes were opened with them."""

    kind: str = quantity("bonded", unit="-", doc="Registered name, or package.module:Class of a trusted package.")
    unbonding_days: float = quantity(14.0, unit="day", doc="Time between the request and the release.", ge=0, le=3650)
    half_yield: Rate = rate({"per_year": 0.12}, doc="Reward at which half of the willing stake is bonded.", ge=1e-6)
    speed: Rate = rate({"per_day": 0.02}, doc="Share of the gap to the target that holders close.", ge=0)
    smoothing: float = quantity(
        0.1, unit="1/step", doc="Weight of the last step in the reward that holders expect.", gt=0, le=1
    )
    start_share: float = quantity(
        0.3, unit="1", doc="Share of speculators' genesis tokens staked at the start.", ge=0, le=1
    )
    requests: int = quantity(
        1, unit="1", doc="Unbonding requests of a holder that may wait at the same time.", ge=1, le=1000
    )
    minimum: float = quantity(
        0.0, unit="token", doc="Smallest stake; a holder bonds this much or nothing.", ge=0, le=1e15
    )
    cap: float | None = quantity(
        None, unit="token", doc="Largest stake of a holder; what is above it earns nothing.", gt=0, le=1e15
    )
    paid: Literal["pro-rata", "random-staker"] = quantity(
        "pro-rata", unit="-", doc="Whether everybody gets a part, or one staker per block, drawn by stake, gets all."
    )
    blocks: Rate = rate({"per_day": 24.0}, doc="Blocks that pay a random staker.", unit="block/time", ge=0, le=1e8)
    compounding: float = quantity(0.0, unit="1", doc="Share of staking rewards that is bonded at once.", ge=0, le=1)
    appreciation: float = quantity(
        0.0, unit="1", doc="Weight of the price rise that a holder expects, beside the reward.", ge=0, le=10
    )

    @property
    def plain(self) -> bool:
        """Whether the shorter path will do, which knows one request at a time and pays every base unit alike."""
        bounded = self.minimum > 0.0 or self.cap is not None
        paid = self.paid != "pro-rata" or self.compounding > 0.0
        return self.counts_alike and not (bounded or paid or self.requests > 1 or self.appreciation > 0.0)

    def open(self, place: Place) -> Stakes:
        """Return the stakes of a run under this rule.

        Parameters
        ----------
        place : Place

        Returns
        -------
        Stakes
        """
        return Stakes(self, place)

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong between the parameters: (parameter, message)."""
        if self.cap is not None and self.cap < self.minimum:
            return [("cap", f"a cap of {self.cap:g} tokens is below the minimum stake of {self.minimum:g}")]
        return []

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        requests = "one unbonding request" if self.requests == 1 else f"{self.requests} unbonding requests"
        rewards = "pro rata" if self.paid == "pro-rata" else "to one staker per block, drawn by stake"
        return f"{self.label}; {requests} of {self.unbonding_days:g} days at a time; rewards {rewards}."


STAKING: Registry[StakingRule] = Registry("staking rule", StakingRule)
"""Staking rules by name."""


@STAKING.register("bonded")
class BondedStaking(StakingRule):
    """Every bonded token counts alike."""


@STAKING.register("lock-multiplier")
class LockMultiplier(StakingRule):
    """A stake counts for more the longer its holder chose to wait for its release."""

    summary: ClassVar[str] = "Stake that counts for more, the longer its unbonding takes."
    label: ClassVar[str] = "Stake times 1 + lock / unit"
    counts_alike: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = StakingRule.fixed | {"lock_days", "days_per_unit", "unbonding_days"}

    lock_days: Attribute = column(
        {"dist": "uniform", "low": 14, "high": 365},
        unit="day",
        doc="Unbonding time that a holder chose, in place of unbonding_days.",
        ge=0,
        le=3650,
        source="Nosana: 14 to 365 days; nosana-programs, staking/state.rs.",
    )
    days_per_unit: float = quantity(
        121.66666666666667,
        unit="day",
        doc="Lock that adds one to the multiplier.",
        gt=0,
        le=36500,
        source="Nosana: a third of 365 days; nosana-programs, staking/state.rs.",
    )

    def open(self, place: Place) -> Stakes:
        """Return the stakes of a run; see `StakingRule.open`."""
        return MultipliedStakes(self, place)

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong between the parameters; see `StakingRule.problems`."""
        largest = 1.0 + self.lock_days.support()[1] / self.days_per_unit
        if largest > _LARGEST_MULTIPLIER * (1.0 + 1e-12):
            message = f"locks reach a multiplier of {largest:g}; at most {_LARGEST_MULTIPLIER:g} is possible"
            return [*super().problems(), ("lock_days", message)]
        return super().problems()


@STAKING.register("vote-escrow")
class VoteEscrow(StakingRule):
    """A stake is locked, and counts in proportion to the time that is left of its lock."""

    summary: ClassVar[str] = "Locked stake that counts in proportion to the rest of its lock."
    label: ClassVar[str] = "Stake locked in vote escrow"
    counts_alike: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = StakingRule.fixed | {"lock_days", "longest_days"}

    lock_days: Attribute = column(
        {"dist": "uniform", "low": 30, "high": 1461}, unit="day", doc="Length of a holder's lock.", gt=0, le=3650
    )
    longest_days: float = quantity(
        1461.0,
        unit="day",
        doc="Lock at which a token counts in full.",
        gt=0,
        le=3650,
        source="veOCEAN: up to four years, as in Curve's VotingEscrow.",
    )
    renewal: Rate = rate({"per_year": 2.0}, doc="How often holders who stay bonded renew their lock.", ge=0)

    def open(self, place: Place) -> Stakes:
        """Return the stakes of a run; see `StakingRule.open`."""
        return EscrowedStakes(self, place)

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong between the parameters; see `StakingRule.problems`."""
        longest = self.lock_days.support()[1]
        if longest > self.longest_days:
            message = f"locks of up to {longest:g} days are longer than longest_days, {self.longest_days:g}"
            return [*super().problems(), ("lock_days", message)]
        return super().problems()


@STAKING.register("liquid")
class LiquidStaking(StakingRule):
    """Holders choose between a bond, for whose release they wait, and receipts, which cost a fee and can be sold."""

    summary: ClassVar[str] = "Bonded stake, or receipts for it that can be sold at once at a discount."
    label: ClassVar[str] = "Bonded stake or liquid receipts"
    counts_alike: ClassVar[bool] = False
    records: ClassVar[tuple[str, ...]] = ("liquid staking",)
    fixed: ClassVar[frozenset[str]] = StakingRule.fixed | {"impatience"}

    fee: float = quantity(
        0.1,
        unit="1",
        doc="Share of the rewards of receipts that goes to the treasury.",
        ge=0,
        le=1,
        source="Lido: 10 % of staking rewards.",
    )
    impatience: Attribute = column(
        {"dist": "lognormal", "median": 0.3, "sigma": 1.0},
        unit="1/year",
        doc="What a year of waiting for its tokens costs a holder, as a share of them.",
        ge=0,
    )
    turnover: Rate = rate({"per_year": 2.0}, doc="How often a holder expects to want its tokens back.", ge=0)
    pool: float = quantity(
        0.05,
        unit="1",
        doc="Receipts that the exit pool buys within an unbonding time, over all receipts.",
        ge=0,
        le=1,
        source="Assumption: stETH had pools of 2 to 5 % of its supply in 2023.",
    )
    required_return: Rate = rate(
        {"per_year": 0.1}, doc="Return at which the exit pool waits for what it has bought.", ge=0, le=10
    )
    reconsider: Rate = rate({"per_month": 0.5}, doc="How often a holder compares the two ways.", ge=0)

    def open(self, place: Place) -> Stakes:
        """Return the stakes of a run; see `StakingRule.open`."""
        return LiquidStakes(self, place)

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong between the parameters; see `StakingRule.problems`."""
        if self.paid != "pro-rata":
            message = "receipts share in all rewards, so that they cannot be paid to one staker per block; use pro-rata"
            return [*super().problems(), ("paid", message)]
        return super().problems()


@STAKING.register("delegated")
class DelegatedStaking(StakingRule):
    """Holders delegate their stake to compute nodes, of which those with the most stake validate for a commission."""

    summary: ClassVar[str] = "Stake delegated to validators that take a commission and share their slashing."
    label: ClassVar[str] = "Stake delegated to validators"
    counts_alike: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = StakingRule.fixed | {"commission"}

    active_set: int = quantity(
        100,
        unit="validator",
        doc="Validators that are paid: those with the most stake, own and delegated.",
        ge=1,
        le=1_000_000,
        source="Livepeer: 100 orchestrators; livepeer/protocol.",
    )
    commission: Attribute = column(
        {"dist": "uniform", "low": 0.0, "high": 0.36},
        unit="1",
        doc="Share of its delegators' rewards that a validator keeps.",
        ge=0,
        le=1,
        source="Mean as Bittensor's default take of 18 %; opentensor/subtensor.",
    )
    saturation: float = quantity(
        1.0, unit="1", doc="Share of all stake above which a validator's stake earns nothing more.", gt=0, le=1
    )
    delegation_ratio: float | None = quantity(
        None,
        unit="1",
        doc="Delegated stake over a validator's own, above which it earns nothing; no limit when absent.",
        ge=0,
        le=1e6,
        source="The Graph: 16; graphprotocol/contracts.",
    )
    reconsider: Rate = rate({"per_month": 0.5}, doc="How often a holder compares validators.", ge=0)
    intensity: float = quantity(
        100.0, unit="year", doc="How strongly a difference in yield tells in the choice.", ge=0, le=1e5
    )
    switching_cost: float = quantity(
        0.01, unit="1/year", doc="Yield that another validator must offer to make up for switching.", ge=0, le=10
    )

    def open(self, place: Place) -> Stakes:
        """Return the stakes of a run; see `StakingRule.open`."""
        return DelegatedStakes(self, place)


def check_staking(rule: StakingRule, dt_days: float) -> list[tuple[tuple[str, ...], str]]:
    """Find what is wrong with a rule.

    Parameters
    ----------
    rule : StakingRule
    dt_days : float
        Length of a step.

    Returns
    -------
    list of (tuple, str)
        `(path below the token, message)`; empty when all is well.
    """
    found: list[tuple[tuple[str, ...], str]] = [(("staking", name), message) for name, message in rule.problems()]
    if rule.paid == "random-staker" and rule.blocks.flow(dt_days) < 1.0:
        message = f"{rule.blocks.flow(dt_days):g} blocks in a step pay nobody in some; there must be at least one"
        found.append((("staking", "blocks"), message))
    return found
