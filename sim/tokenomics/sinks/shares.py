"""Sinks that take a fixed share of an amount, for one receiver or for several."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.sim.tokenomics.sinks.sink import SINKS, PaidTo, Sink, TakenFrom
from catallaxy.sim.tokenomics.sinks.split import Split
from catallaxy.sim.tokenomics.units import exact, share_of

__all__ = [
    "BuybackAndBurn",
    "FeeSplit",
    "FeeToStakers",
    "FeeToTreasury",
    "PercentageBurn",
    "RewardRecycling",
    "ShareSink",
    "SlashSplit",
    "SplitSink",
    "UsdBurn",
]


class ShareSink(Sink):
    """A sink that takes a fixed share, rounded down; `use` says what of and what for."""

    use: ClassVar[str]

    share: float = quantity(unit="1", doc="Share taken.", ge=0.0, le=1.0)

    def take(self, amount: int) -> int:
        """Return `share` of the amount, rounded down."""
        return share_of(self.share, amount)

    def largest_share(self) -> Fraction:
        """Return the share."""
        return exact(self.share)

    def describe(self) -> str:
        """Return one sentence that says what the sink does with its parameters."""
        return f"{self.share:.6g} of {self.use}."


@SINKS.register("percentage-burn")
class PercentageBurn(ShareSink):
    """Burns a share of the token rewards before they are paid out, as protocols tax stakes and rewards.

    The Graph burns 1 % of curation signal and 0.5 % of delegation. Source: graphprotocol/contracts.
    """

    summary: ClassVar[str] = "A share of reward payouts is burned."
    taken_from: ClassVar[TakenFrom] = "rewards"
    paid_to: ClassVar[PaidTo] = "burn"
    use: ClassVar[str] = "token rewards is burned"


@SINKS.register("reward-recycling")
class RewardRecycling(ShareSink):
    """Takes back a share of the token rewards before they are paid out, to be issued again later.

    Bittensor recycles (`recycle_tao` lowers the total issuance, on which its halvings depend) as well as burns.
    Source: opentensor/subtensor.
    """

    summary: ClassVar[str] = "A share of reward payouts is recycled: it lowers what counts as issued."
    taken_from: ClassVar[TakenFrom] = "rewards"
    paid_to: ClassVar[PaidTo] = "recycle"
    use: ClassVar[str] = "token rewards is recycled"


@SINKS.register("usd-burn")
class UsdBurn(ShareSink):
    """Spends a share of gross USD service spending on tokens at the market price and burns them.

    The demand side of burn-and-mint: the number of tokens burned is USD divided by the price, so that the burn falls
    in tokens when the price rises. Render burns 95 % of a job's price and keeps 5 % as fee; Helium burns HNT for data
    credits of $0.00001. Sources: rendernetwork/RNPs RNP-001; helium/HIP 0020.
    """

    summary: ClassVar[str] = "A share of USD service spending buys tokens on the market and burns them."
    taken_from: ClassVar[TakenFrom] = "spending"
    paid_to: ClassVar[PaidTo] = "burn"
    use: ClassVar[str] = "spending on services buys tokens that are burned"


@SINKS.register("buyback-and-burn")
class BuybackAndBurn(ShareSink):
    """Spends a share of the protocol's fee on tokens at the market price and burns them."""

    summary: ClassVar[str] = "A share of protocol fees buys tokens on the market and burns them."
    taken_from: ClassVar[TakenFrom] = "fees"
    paid_to: ClassVar[PaidTo] = "burn"
    use: ClassVar[str] = "protocol fees buys tokens that are burned"


@SINKS.register("fee-to-stakers")
class FeeToStakers(ShareSink):
    """Pays a share of the protocol's fee to stakers."""

    summary: ClassVar[str] = "A share of protocol fees is paid to stakers."
    taken_from: ClassVar[TakenFrom] = "fees"
    paid_to: ClassVar[PaidTo] = "stakers"
    use: ClassVar[str] = "protocol fees is paid to stakers"


@SINKS.register("fee-to-treasury")
class FeeToTreasury(ShareSink):
    """Pays a share of the protocol's fee to the treasury, which also keeps what no other sink takes."""

    summary: ClassVar[str] = "A share of protocol fees is paid to the treasury, which keeps what is left as well."
    taken_from: ClassVar[TakenFrom] = "fees"
    paid_to: ClassVar[PaidTo] = "treasury"
    use: ClassVar[str] = "protocol fees is paid to the treasury"


class SplitSink(Sink):
    """A sink that divides what it takes among several receivers; `use` says what that is a share of."""

    use: ClassVar[str]

    share: float = quantity(1.0, unit="1", doc="Share that is divided.", ge=0.0, le=1.0)
    to: Split = quantity(unit="-", doc="Who gets how much of it.")

    def take(self, amount: int) -> int:
        """Return `share` of the amount, rounded down."""
        return share_of(self.share, amount)

    def parts(self, amount: int, stake: int = 0) -> dict[PaidTo, int]:
        """Divide what is taken; see `Split.parts`."""
        return self.to.parts(self.take(amount))

    def receivers(self) -> tuple[PaidTo, ...]:
        """Return all who have a share."""
        return tuple(self.to.shares())

    def largest_share(self) -> Fraction:
        """Return the share."""
        return exact(self.share)

    def describe(self) -> str:
        """Return one sentence that says what the sink does with its parameters."""
        terms = ", ".join(f"{share:.6g} to {name}" for name, share in self.to.shares().items())
        return f"{self.share:.6g} of {self.use} is divided: {terms}."


@SINKS.register("fee-split")
class FeeSplit(SplitSink):
    """Divides the protocol's fee among any receivers; what cannot be paid out goes to the treasury."""

    summary: ClassVar[str] = "Protocol fees are divided among any receivers."
    taken_from: ClassVar[TakenFrom] = "fees"
    use: ClassVar[str] = "protocol fees"


@SINKS.register("slash-split")
class SlashSplit(SplitSink):
    """Divides slashed stake, before the verification regime decides on what is left; nobody to pay means burned.

    The Graph slashes 2.5 % of an indexer's stake, gives half of that to the fisherman who found the fault and burns the
    rest. Those who find faults here are the nodes that are online (`compute`). Source: graphprotocol/contracts.
    """

    summary: ClassVar[str] = "Slashed stake is divided, for instance between the finder and the burn."
    taken_from: ClassVar[TakenFrom] = "slashes"
    use: ClassVar[str] = "slashed stake"
