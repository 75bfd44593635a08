"""Credits: services are paid in units of a fixed dollar value that come from burning tokens (burn-and-mint).

Users burn tokens for credits ahead of use, at the oracle price. What providers earn in credits is settled in tokens,
minted at the oracle price of that day: P tokens burned at p and M minted at m differ by S (1/p - 1/m) for S dollars.
Everything is computed in exact integers; the protocol is rounded up, users and providers down.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import ClassVar, Literal, NamedTuple

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.sim.tokenomics.units import exact, microseconds

__all__ = ["CREDITS", "BurnAndMint", "Credits", "NoCredits", "Settlement", "Status"]

Status = Literal["healthy", "warning", "halted"]

_BPS = 10_000
_MICRO = 1_000_000
#: Each so many basis points of the collateral ratio below the warning are one step of the back-off.
_STEP_BPS = 10


class Settlement(NamedTuple):
    """What is minted for credits, base units, and what of it reaches the providers; the rest is the spread."""

    minted: int
    paid: int


class Credits(Plugin):
    """Base of the ways in which users can pay with credits."""

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        raise NotImplementedError(f"credits {self.kind!r} do not describe themselves")


CREDITS: Registry[Credits] = Registry("credit rule", Credits)
"""Credit rules by name."""


@CREDITS.register("none")
class NoCredits(Credits):
    """Users pay in dollars."""

    summary: ClassVar[str] = "Users pay in dollars."

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return "Users pay in dollars."


@CREDITS.register("burn-and-mint")
class BurnAndMint(Credits):
    """Users burn tokens for credits; providers' credits are settled in freshly minted tokens.

    Akash since 2026-03 (AEP-76): ACT of $1, non-transferable; `settled` 1. Helium: data credits of $0.00001, burned on
    use without minting, while providers live on emission; `settled` 0 (HIP 20). The breaker compares the value of the
    tokens burned for credits and not minted again with the credits outstanding: below `warn` settlement becomes rarer,
    below `halt` no credits are sold and users pay in dollars.
    """

    summary: ClassVar[str] = "Users burn tokens for credits of a fixed dollar value; use mints tokens to providers."

    share: float = quantity(1.0, unit="1", doc="Share of providers' revenue that users pay in credits.", ge=0, le=1)
    credit_usd: float = quantity(
        1.0,
        unit="USD",
        doc="What a credit pays for; purchases are in whole millionths of it.",
        gt=0,
        le=1e6,
        source="Akash ACT: $1 (AEP-76); Helium data credit: $0.00001 (HIP 20).",
    )
    float_days: float = quantity(2.0, unit="day", doc="Use that users hold credits for, in advance.", ge=0, le=3650)
    settled: float = quantity(1.0, unit="1", doc="Share of used credits for which tokens are minted.", ge=0, le=1)
    purchase_spread_bps: int = quantity(
        0, unit="1e-4", doc="Spread taken off the credits that a burn brings.", ge=0, le=10_000
    )
    settlement_spread_bps: int = quantity(
        0, unit="1e-4", doc="Part of the tokens minted at settlement that goes to the treasury.", ge=0, le=10_000
    )
    warn: float = quantity(
        0.95, unit="1", doc="Collateral ratio below which settlement slows down.", ge=0, le=10, source="AEP-76."
    )
    halt: float = quantity(
        0.9, unit="1", doc="Collateral ratio below which no credits are sold.", ge=0, le=10, source="AEP-76."
    )
    epoch_blocks: int = quantity(10, unit="block", doc="Time between settlements.", ge=1, le=10**7, source="AEP-76.")
    backoff: float = quantity(
        0.1, unit="1", doc="Growth of that time per 0.1 % below the warning.", ge=0, le=1, source="AEP-76."
    )
    block_seconds: float = quantity(6.0, unit="s", doc="Time between blocks.", gt=0, le=86_400)

    def tokens_for(self, usd: int, price: float, base: int) -> int:
        """Return the base units that buying credits for micro-dollars burns at a price (USD/token), rounded up."""
        return -(-usd * base // (exact(price) * _MICRO))

    def credited(self, tokens: int, price: float, base: int) -> int:
        """Return the micro-dollars of credits that burned base units bring at a price (USD/token), rounded down."""
        worth = int(tokens * exact(price) * _MICRO / base)
        after = worth - -(-worth * self.purchase_spread_bps // _BPS)
        unit = exact(self.credit_usd)
        return int(int(after / unit) * unit)

    def settle(self, used: int, price: float, base: int) -> Settlement:
        """Return what the micro-dollars of credits used mint at a price (USD/token).

        Parameters
        ----------
        used : int
            Micro-dollars.
        price : float
            USD/token.
        base : int
            Base units per token.

        Returns
        -------
        Settlement
            Minting and spread are rounded down.
        """
        minted = int(exact(self.settled) * used * base / (exact(price) * _MICRO))
        return Settlement(minted, minted - minted * self.settlement_spread_bps // _BPS)

    def status(self, ratio: Fraction | None) -> Status:
        """Return what the breaker says of a collateral ratio; None stands for no credits outstanding."""
        if ratio is None or ratio >= exact(self.warn):
            return "healthy"
        return "warning" if ratio >= exact(self.halt) else "halted"

    def epoch(self, ratio: Fraction | None) -> int:
        """Return the blocks between settlements at a collateral ratio.

        Parameters
        ----------
        ratio : Fraction or None
            None stands for no credits outstanding.

        Returns
        -------
        int
            floor(epoch_blocks * (1 + backoff)^n), n = (warning - ratio in whole basis points) // 10; a ratio below the
            halt counts as the halt, so that settlement never stops for good.
        """
        warn = exact(self.warn)
        counted = warn if ratio is None else min(warn, max(ratio, exact(self.halt)))
        steps = (int(warn * _BPS) - int(counted * _BPS)) // _STEP_BPS
        return int(self.epoch_blocks * math.prod([1 + exact(self.backoff)] * steps))

    def epoch_us(self, ratio: Fraction | None) -> int:
        """Return the time between settlements at a collateral ratio, microseconds."""
        return self.epoch(ratio) * microseconds(seconds=self.block_seconds)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Credits of ${self.credit_usd:g} pay {self.share:.6g} of providers' revenue; "
            f"tokens are minted for {self.settled:.6g} of those used."
        )
