"""Slow, readable twins of the tokenomics rules: block by block, day by day, in floats where floats will do."""

from __future__ import annotations

import math
from fractions import Fraction


def bittensor_block_by_block(issuance_rao: int, blocks: int, cap_tao: int = 21_000_000) -> int:
    """Issuance (rao) after mining `blocks` blocks, one at a time, at 1 TAO >> floor(log2(1 / (1 - I / cap)))."""
    cap = cap_tao * 10**9
    for _ in range(blocks):
        if issuance_rao >= cap:
            break
        left = Fraction(cap - issuance_rao, cap)
        halvings = 0
        while left <= Fraction(1, 2 ** (halvings + 1)):
            halvings += 1
        issuance_rao += 10**9 >> halvings
    return issuance_rao


def exponential_total(pool: float, decay_per_day: float, begin_day: float, end_day: float) -> float:
    """Tokens paid between two days by a pool that decays exponentially."""
    return pool * (math.exp(-decay_per_day * begin_day) - math.exp(-decay_per_day * end_day))


def ocean_vested(value: int, elapsed_seconds: int, half_life_seconds: int) -> int:
    """The arithmetic of VestingWalletHalving.sol, integer division included."""
    rest = value >> (elapsed_seconds // half_life_seconds)
    part = elapsed_seconds % half_life_seconds
    return value - rest + rest * part // half_life_seconds // 2


def stepped_halving_total(tokens_per_day: float, interval_days: int, days: int) -> float:
    """Tokens paid in `days` days by a daily payment that halves every `interval_days`, day by day."""
    return math.fsum(tokens_per_day / 2 ** (day // interval_days) for day in range(days))


def vested(
    total: int, day: Fraction, tge: Fraction, cliff: Fraction, end: Fraction, instalments: int | None, from_cliff: bool
) -> Fraction:
    """Tokens free on a day, before rounding, in exact fractions."""
    if day < 0:
        return Fraction(0)
    if day >= end:
        return Fraction(total)
    if day < cliff:
        return tge * total
    begin = cliff if from_cliff else Fraction(0)
    share = (day - begin) / (end - begin)
    if instalments is not None:
        share = Fraction(math.floor(share * instalments), instalments)
    return total * (tge + (1 - tge) * share)


def fee_parts(gross: int, fee: int, burn_shares: list[Fraction], staker_shares: list[Fraction]) -> dict[str, int]:
    """Where gross spending goes, by the words of the rule: fee first, then burn, stakers rounded down, rest kept."""
    burn = 0
    for share in burn_shares:
        burn += math.floor(share * gross)
    burn = min(burn, gross - fee)
    stakers = 0
    for share in staker_shares:
        stakers += math.floor(share * fee)
    stakers = min(stakers, fee)
    return {"burn": burn, "stakers": stakers, "treasury": fee - stakers, "providers": gross - fee - burn}
