"""From sinks to amounts: what of a fee, a reward or slashed stake goes where, in exact integers.

Receivers are rounded down and the treasury keeps the rest of a fee, so that nothing is created or lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import get_args

from catallaxy.sim.tokenomics.sinks.sink import RECEIVERS, PaidTo, Sink, TakenFrom

__all__ = ["FeeRouting", "check_sinks", "divide", "reward_burn", "route_fees"]

#: Whom these can be paid to; the other sources can be paid to anybody.
_ONLY: dict[TakenFrom, tuple[PaidTo, ...]] = {"rewards": ("burn", "recycle"), "spending": ("burn",)}


@dataclass(frozen=True, slots=True)
class FeeRouting:
    """Where gross USD spending on services goes; the parts sum to it.

    Attributes
    ----------
    burn_usd : int
        Of spending, buys tokens to burn, micro-dollars.
    stakers_usd : int
        Part of the fee paid to stakers, micro-dollars.
    treasury_usd : int
        Rest of the fee, micro-dollars.
    providers_usd : int
        Left for those who provide the service, micro-dollars.
    others : dict of str to int
        Parts of the fee paid to other receivers, micro-dollars.
    """

    burn_usd: int
    stakers_usd: int
    treasury_usd: int
    providers_usd: int
    others: Mapping[PaidTo, int] = field(default_factory=dict)


def divide(sinks: Sequence[Sink], source: TakenFrom, amount: int, stake: int = 0) -> dict[PaidTo, int]:
    """Return what each receiver gets of an amount, in any order of the sinks.

    Parameters
    ----------
    sinks : sequence of Sink
        The token's sinks.
    source : str
        What the amount is.
    amount : int
        Base units or micro-dollars, not negative.
    stake : int, optional
        As in `Sink.parts`.

    Returns
    -------
    dict of str to int
        Positive parts, together at most `amount`.
    """
    wanted: dict[PaidTo, int] = {}
    for sink in sinks:
        if sink.taken_from == source:
            for name, part in sink.parts(amount, stake).items():
                wanted[name] = wanted.get(name, 0) + part
    found: dict[PaidTo, int] = {}
    left = amount
    for name in RECEIVERS if len(wanted) > 1 else wanted:
        part = min(wanted.get(name, 0), left)
        if part > 0:
            found[name] = part
            left -= part
    return found


def route_fees(sinks: Sequence[Sink], gross_usd: int, fee_usd: int, stake_usd: int = 0) -> FeeRouting:
    """Divide gross spending between the burn, the receivers of the fee and the providers of the service.

    The fee comes first, then the burn (at most what the fee leaves). Receivers are rounded down and the treasury
    keeps the rest of the fee: `stakers + treasury + others = fee` and `burn + fee + providers = gross`, exactly, in any
    order of the sinks.

    Parameters
    ----------
    sinks : sequence of Sink
        The token's sinks.
    gross_usd : int
        Spending on services, fee included, micro-dollars.
    fee_usd : int
        Protocol fee in it, micro-dollars.
    stake_usd : int, optional
        Worth of the collateral of compute nodes, micro-dollars.

    Returns
    -------
    FeeRouting

    Raises
    ------
    ValueError
        When an amount is negative or the fee is above the spending.
    """
    if not 0 <= fee_usd <= gross_usd:
        raise ValueError(f"a fee is between 0 and gross spending; got a fee of {fee_usd} in spending of {gross_usd}")
    burn = min(divide(sinks, "spending", gross_usd).get("burn", 0), gross_usd - fee_usd)
    parts = divide(sinks, "fees", fee_usd, stake_usd)
    stakers = parts.pop("stakers", 0)
    parts.pop("treasury", 0)
    return FeeRouting(burn, stakers, fee_usd - stakers - sum(parts.values()), gross_usd - fee_usd - burn, parts)


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
    return divide(sinks, "rewards", reward).get("burn", 0)


def check_sinks(sinks: Sequence[Sink]) -> list[tuple[tuple[str | int, ...], str]]:
    """Find sinks that together take more than there is, and receivers that cannot be paid.

    Parameters
    ----------
    sinks : sequence of Sink
        The token's sinks.

    Returns
    -------
    list of (tuple, str)
        `(path below the fees, message)`; empty when all is well.
    """
    found: list[tuple[tuple[str | int, ...], str]] = []
    for source in get_args(TakenFrom):
        shares = [(sink.kind, sink.largest_share()) for sink in sinks if sink.taken_from == source]
        total = sum((share for _, share in shares), Fraction(0))
        if total > 1:
            terms = " + ".join(f"{float(share):g} ({kind})" for kind, share in shares)
            message = f"shares taken from {source} sum to {terms} = {float(total):g}; at most 1 can be given away"
            found.append((("sinks",), message))
    for number, sink in enumerate(sinks):
        allowed = _ONLY.get(sink.taken_from, tuple(RECEIVERS))
        for name in sink.receivers():
            if name not in allowed:
                message = (
                    f"what is taken from {sink.taken_from} cannot be paid to {name!r}; one of {', '.join(allowed)}"
                )
                found.append((("sinks", number), message))
    return found
