"""Sinks: where fees, spending and rewards go besides their earner, in exact integers.

A sink is declared by what it is taken from, whom it is paid to, and how much of a given amount it takes. Receivers
are rounded down and the treasury keeps the rest of a fee, so that nothing is created or lost.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.sim.tokenomics.units import exact, share_of

__all__ = [
    "SINKS",
    "FeeRouting",
    "FeeToStakers",
    "FeeToTreasury",
    "PercentageBurn",
    "Sink",
    "TakenFrom",
    "UsdBurn",
    "check_sinks",
    "reward_burn",
    "route_fees",
]

TakenFrom = Literal["rewards", "spending", "fees"]
"""Token rewards before they are paid out; gross USD spending on services; the protocol's USD fee."""

PaidTo = Literal["burn", "stakers", "treasury"]


class Sink(Plugin):
    """A use of rewards, spending or fees.

    Attributes
    ----------
    taken_from : str
        The amount that the sink takes a part of (see `TakenFrom`).
    paid_to : str
        Where the part goes.
    """

    taken_from: ClassVar[TakenFrom]
    paid_to: ClassVar[PaidTo]

    @abstractmethod
    def take(self, amount: int) -> int:
        """Return the part of `amount` that the sink takes.

        Parameters
        ----------
        amount : int
            Base units (rewards) or micro-dollars (spending, fees), not negative.

        Returns
        -------
        int
            Amount in the same unit, between 0 and `amount`.
        """

    @abstractmethod
    def largest_share(self) -> Fraction:
        """Return the largest share of an amount that the sink can take, for checks at load."""

    @abstractmethod
    def describe(self) -> str:
        """Return one sentence that says what the sink does with its parameters."""


SINKS: Registry[Sink] = Registry("sink", Sink)  # type: ignore[type-abstract]  # it never makes one of its base class
"""Sinks by name."""


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


@dataclass(frozen=True, slots=True)
class FeeRouting:
    """Where gross USD spending on services goes; the four parts sum to it.

    Attributes
    ----------
    burn_usd : int
        Buys tokens to burn, micro-dollars.
    stakers_usd : int
        Part of the fee paid to stakers, micro-dollars.
    treasury_usd : int
        Rest of the fee, micro-dollars.
    providers_usd : int
        Left for those who provide the service, micro-dollars.
    """

    burn_usd: int
    stakers_usd: int
    treasury_usd: int
    providers_usd: int


def route_fees(sinks: Sequence[Sink], gross_usd: int, fee_usd: int) -> FeeRouting:
    """Divide gross spending between the burn, stakers, the treasury and the providers of the service.

    The fee comes first, then the burn (at most what the fee leaves). Stakers are rounded down and the treasury keeps
    the rest of the fee: `stakers + treasury = fee` and `burn + fee + providers = gross`, exactly, in any order of the
    sinks.

    Parameters
    ----------
    sinks : sequence of Sink
        The token's sinks.
    gross_usd : int
        Spending on services, fee included, micro-dollars.
    fee_usd : int
        Protocol fee in it, micro-dollars.

    Returns
    -------
    FeeRouting
        The four parts.

    Raises
    ------
    ValueError
        When an amount is negative or the fee is above the spending.
    """
    if not 0 <= fee_usd <= gross_usd:
        raise ValueError(f"a fee is between 0 and gross spending; got a fee of {fee_usd} in spending of {gross_usd}")
    burn = min(_taken(sinks, "spending", "burn", gross_usd), gross_usd - fee_usd)
    stakers = min(_taken(sinks, "fees", "stakers", fee_usd), fee_usd)
    return FeeRouting(burn, stakers, fee_usd - stakers, gross_usd - fee_usd - burn)


def reward_burn(sinks: Sequence[Sink], reward: int) -> int:
    """Return how much of a token reward is burned before the rest is paid out.

    Parameters
    ----------
    sinks : sequence of Sink
        The token's sinks.
    reward : int
        Reward to be paid, base units.

    Returns
    -------
    int
        Amount, base units, between 0 and `reward`.
    """
    return min(_taken(sinks, "rewards", "burn", reward), reward)


def check_sinks(sinks: Sequence[Sink]) -> list[tuple[tuple[str | int, ...], str]]:
    """Find sinks that together take more than there is.

    Parameters
    ----------
    sinks : sequence of Sink
        The token's sinks.

    Returns
    -------
    list of (tuple, str)
        `(path below the token, message)`; empty when all is well.
    """
    found: list[tuple[tuple[str | int, ...], str]] = []
    for source in ("rewards", "spending", "fees"):
        shares = [(sink.kind, sink.largest_share()) for sink in sinks if sink.taken_from == source]
        total = sum((share for _, share in shares), Fraction(0))
        if total > 1:
            terms = " + ".join(f"{float(share):g} ({kind})" for kind, share in shares)
            message = f"shares taken from {source} sum to {terms} = {float(total):g}; at most 1 can be given away"
            found.append((("sinks",), message))
    return found


def _taken(sinks: Sequence[Sink], taken_from: TakenFrom, paid_to: PaidTo, amount: int) -> int:
    return sum(sink.take(amount) for sink in sinks if sink.taken_from == taken_from and sink.paid_to == paid_to)
