"""What a scenario says about the subnets of a network: their start, rules and number."""

from __future__ import annotations

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.tokenomics.sinks import lock_cost
from catallaxy.sim.tokenomics.subnets.alpha import AlphaSpec
from catallaxy.sim.tokenomics.subnets.averages import FlowAverage, PriceAverage
from catallaxy.sim.tokenomics.subnets.terms import SubnetTerms
from catallaxy.sim.tokenomics.units import exact, to_base

__all__ = ["EarnersSpec", "EntrySpec", "OpeningSpec", "SubnetsSpec"]

_SUBTENSOR = "opentensor/subtensor @14bc6f9f964b"


class OpeningSpec(Spec):
    """The subnets that there are at the start."""

    count: int = quantity(
        64, unit="subnet", doc="Subnets at the start.", ge=1, le=4096, source="Bittensor, early 2025: 64."
    )
    size: Attribute = column(
        {"dist": "lognormal", "median": 1.0, "sigma": 1.0},
        unit="1",
        doc="Weight of a subnet's pool in the genesis tokens for pools (assumption).",
        gt=0,
    )
    price: Attribute = column(
        {"dist": "lognormal", "median": 0.01, "sigma": 0.8},
        unit="token/alpha",
        doc="Price of alpha and its average; higher where a pool would hold too much alpha (assumption).",
        gt=0,
    )
    outstanding: float = quantity(
        1.0, unit="1", doc="Alpha outside the pools over alpha inside (assumption).", ge=0, le=100
    )
    age_days: Attribute = column(
        {"dist": "uniform", "low": 0.0, "high": 400.0}, unit="day", doc="Age (assumption).", ge=0, le=36_500
    )


class EarnersSpec(Spec):
    """What those who earn alpha do with it, and how stakers see subnets."""

    owner_sales: Rate = rate({"per_week": 0.2}, doc="Part of their alpha that owners sell (assumption).", ge=0)
    miner_sales: Rate = rate({"per_day": 0.3}, doc="Part of their alpha that miners sell (assumption).", ge=0)
    validator_sales: Rate = rate({"per_week": 0.2}, doc="Part of it that validators sell (assumption).", ge=0)
    withheld: Attribute = column(
        0.0, unit="1", doc="Share of the miners' alpha that the owner withholds; it is never issued.", ge=0, le=1
    )
    appeal: Attribute = column(
        {"dist": "normal", "mean": 0.0, "sd": 0.2},
        unit="1/year",
        doc="What a subnet offers its stakers beside alpha, as they see it (assumption).",
    )
    appeal_news: float = quantity(
        0.03, unit="1/year/day^0.5", doc="Daily standard deviation of news about appeal (assumption).", ge=0, le=10
    )
    appeal_returns: Rate = rate({"per_year": 2.0}, doc="Pull of appeal back to what it was at first.", ge=0)


class EntrySpec(Spec):
    """Who may open a subnet, and who has to close one for it."""

    limit: int = quantity(
        128, unit="subnet", doc="Most subnets that there can be.", ge=1, le=4096, source=f"{_SUBTENSOR}: 128."
    )
    candidates: Rate = rate({"per_week": 2.0}, doc="How often somebody thinks of opening one (assumption).", ge=0)
    optimism: Attribute = column(
        {"dist": "lognormal", "median": 1.0, "sigma": 1.0},
        unit="1",
        doc="What a candidate expects its alpha to be worth, over what it would be at the median price (assumption).",
        ge=0,
    )
    payback_days: float = quantity(
        120.0, unit="day", doc="Time in which an owner wants its lock cost back (assumption).", gt=0, le=36_500
    )
    lock_start: float = quantity(
        1000.0, unit="token", doc="Lock cost of the last registration, as the run began.", ge=0, le=1e12
    )
    lock_lowest: float = quantity(
        1000.0, unit="token", doc="Lowest lock cost.", gt=0, le=1e12, source=f"{_SUBTENSOR}: 1,000 TAO."
    )
    lock_interval_blocks: int = quantity(
        100_800,
        unit="block",
        doc="Time in which the cost falls back to what the last one paid.",
        ge=1,
        le=10**9,
        source=f"{_SUBTENSOR}: 14 days of 7,200 blocks.",
    )
    lock_block_emission: float | None = quantity(
        None,
        unit="token/block",
        doc="Emission at which the interval is that long; as emission falls it gets shorter in proportion. Without it, "
        "it stays.",
        gt=0,
        le=1e12,
        source=f"{_SUBTENSOR}: 1 TAO.",
    )
    immunity_blocks: int = quantity(
        1_296_000,
        unit="block",
        doc="Time after registration in which a subnet is not closed.",
        ge=0,
        le=10**9,
        source=f"{_SUBTENSOR}: 1,296,000, 180 days.",
    )

    def interval(self, block_emission: float) -> int:
        """Return the blocks in which the cost falls back to the last one, by the tokens that a block emits."""
        if self.lock_block_emission is None:
            return self.lock_interval_blocks
        return max(int(self.lock_interval_blocks * exact(block_emission) / exact(self.lock_block_emission)), 1)

    def cost(self, last: int, blocks: int, base: int, block_emission: float) -> int:
        """Return what a registration costs.

        Parameters
        ----------
        last : int
            Cost of the one before it, base units.
        blocks : int
            Blocks since then.
        base : int
            Base units per token.
        block_emission : float
            Tokens that a block emits now.

        Returns
        -------
        int
            Base units.
        """
        return lock_cost(last, blocks, self.interval(block_emission), to_base(self.lock_lowest, base))


class SubnetsSpec(Spec):
    """Subnets of a network, each with an alpha token of its own and a pool of alpha and the network's token."""

    terms: tuple[SubnetTerms, ...] = quantity(
        ({},), unit="-", doc="How emission is divided and fed to pools, by date; before the first date, not to subnets."
    )
    opening: OpeningSpec = quantity(default_factory=OpeningSpec, unit="-", doc="Subnets at the start.")
    alpha: AlphaSpec = quantity(default_factory=AlphaSpec, unit="-", doc="Supply of alpha, and who gets it.")
    average: PriceAverage = quantity(default_factory=PriceAverage, unit="-", doc="Moving average of prices.")
    flows: FlowAverage = quantity(default_factory=FlowAverage, unit="-", doc="Moving average of flows.")
    earners: EarnersSpec = quantity(default_factory=EarnersSpec, unit="-", doc="Those who earn alpha.")
    entry: EntrySpec = quantity(default_factory=EntrySpec, unit="-", doc="Registration and deregistration.")
