"""Slow twin of `staking`: one holder at a time."""

from __future__ import annotations

from typing import NamedTuple


class Holder(NamedTuple):
    """One holder's tokens, base units, and the step that ends its unbonding."""

    tokens: int
    staked: int
    unbonding: int
    release: int


def adjust_stake_reference(
    holder: Holder, willingness: float, attraction: float, speed: float, release_step: int
) -> Holder:
    """Return the holder after it moved towards its target."""
    target = willingness * attraction * float(holder.tokens + holder.staked)
    gap = (target - float(holder.staked)) * speed
    if gap >= 0.0:
        amount = min(int(gap), holder.tokens)
        return holder._replace(tokens=holder.tokens - amount, staked=holder.staked + amount)
    amount = min(int(-gap), holder.staked)
    if holder.unbonding > 0 or amount == 0:
        return holder
    return holder._replace(staked=holder.staked - amount, unbonding=amount, release=release_step)


def release_tokens_reference(holder: Holder, step: int) -> Holder:
    """Return the holder after its request was paid out, if it was due."""
    if holder.release > step:
        return holder
    return holder._replace(tokens=holder.tokens + holder.unbonding, unbonding=0)


def reward_stake_reference(staked: int, rate: float) -> int:
    """Return the reward of one stake."""
    return int(float(staked) * rate)


def wanted_share_reference(
    camp: int,
    horizon: int,
    bias: float,
    willingness: float,
    multiple: float,
    *,
    reward: float,
    half: float,
    weight: float,
    gap: float,
    trend_short: float,
    trend_long: float,
) -> float:
    """Return the share of its tokens that a holder wants bonded, given what it expects in a year."""
    expected = {0: gap + bias, 1: trend_long if horizon else trend_short, 2: 0.0}[camp]
    net = multiple * reward + weight * max(-1.0, min(1.0, expected))
    return willingness * (net / (net + half)) if net > 0.0 else 0.0
