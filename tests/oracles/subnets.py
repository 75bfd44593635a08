"""Slow twin of `subnet_emission`: one subnet, exact fractions, and an average that moves block by block."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor


@dataclass
class Subnet:
    """One subnet: what its pool holds, what was issued, and what it has given to whom."""

    tao: int
    alpha: int
    issued: int
    age: int = 0
    average: Fraction = Fraction(0)
    burned: Fraction = Fraction(0)
    given: dict[str, int] = field(default_factory=dict)

    def give(self, name: str, amount: int) -> None:
        self.given[name] = self.given.get(name, 0) + amount


@dataclass(frozen=True)
class Rules:
    """Rules of emission; numbers as exact fractions."""

    maximum: int
    reward: int
    owner: Fraction
    miners: Fraction
    take: Fraction
    root: int
    root_caps: bool
    buys: bool
    sells: bool
    fee: Fraction


def alpha_reward_reference(maximum: int, reward: int, issued: int) -> int:
    """Return the emission of a block: halved for every time that half of what was left has been issued."""
    if issued >= maximum:
        return 0
    halvings = 0
    while issued >= maximum - Fraction(maximum, 2 ** (halvings + 1)):
        halvings += 1
    return reward // 2**halvings


def average_price_reference(
    average: Fraction, price: Fraction, age: int, blocks: int, smoothing: Fraction, halving: int
) -> Fraction:
    """Return the average after so many blocks at a price of at most 1."""
    target = min(price, Fraction(1))
    for block in range(age + 1, age + blocks + 1):
        weight = smoothing * Fraction(block, block + halving)
        average += weight * (target - average)
        average = Fraction(floor(average * 2**80), 2**80)
    return average


def swap_reference(reserve_in: int, reserve_out: int, given: int, fee: Fraction) -> int:
    """Return what x y = k pays for an amount after the fee, rounded down."""
    if min(reserve_in, reserve_out, given) < 1:
        return 0
    kept = given * (1 - fee)
    return floor(reserve_out * kept / (reserve_in + kept))


def pass_tempo_reference(subnet: Subnet, tao: int, blocks: int, rules: Rules) -> None:
    """Let one tempo pass."""
    alpha = blocks * alpha_reward_reference(rules.maximum, rules.reward, subnet.issued)
    alpha = min(alpha, max(rules.maximum - subnet.issued, 0) // 2)
    root = Fraction(rules.root, rules.root + subnet.issued) if rules.root else Fraction(0)
    cap = floor(alpha * root) if rules.root_caps else alpha
    if subnet.tao and subnet.alpha:
        paired = min(tao * subnet.alpha // subnet.tao, cap)
        injected = tao if paired < cap else min(tao, cap * subnet.tao // subnet.alpha)
    else:
        paired, injected = cap, tao
    subnet.tao += injected
    subnet.alpha += paired
    subnet.issued += paired
    subnet.give("paired", paired)
    rest = tao - injected
    if rules.buys:
        bought = swap_reference(subnet.tao, subnet.alpha, rest, rules.fee)
        subnet.alpha -= bought
        subnet.issued -= bought
        subnet.give("bought", bought)
    subnet.tao += rest
    _share_out(subnet, alpha, root, rules)


def _share_out(subnet: Subnet, alpha: int, root: Fraction, rules: Rules) -> None:
    owner = floor(alpha * rules.owner)
    miners = floor((alpha - owner) * rules.miners)
    validators = alpha - owner - miners
    paid = miners - floor(miners * subnet.burned)
    take = floor(validators * rules.take)
    for_root = floor((validators - take) * root)
    for name, amount in (("owner", owner), ("miners", paid), ("validators", take)):
        subnet.give(name, amount)
        subnet.issued += amount
    subnet.give("stakers", validators - take - for_root)
    subnet.issued += validators - take - for_root
    if rules.sells:
        fetched = swap_reference(subnet.alpha, subnet.tao, for_root, rules.fee)
        subnet.alpha += for_root
        subnet.tao -= fetched
        subnet.issued += for_root
        subnet.give("sold", for_root)
        subnet.give("fetched", fetched)
