"""What a stretch of blocks brings to subnets: liquidity for their pools, alpha for those who work and stake there.

A subnet's pool holds a token (TAO) and the subnet's own alpha, priced at their ratio. A stretch is cut into tempos; in
each, with e alpha emitted in it and tau tokens for the subnet:

    a = min(tau / price, cap) alpha go into the pool with a * price tokens; what is left of tau goes into the pool too,
        or buys alpha there, which is not in existence any more;
    e is shared out among the owner, miners, and validators, who keep their take and pass the rest on to stakers; root's
        part of it is sold to the pool: r / (r + issued), r being the weighted stake on root;
    the average price moves towards the price with weight s b / (b + h) a block, b blocks after registration.

Rules and constants after opentensor/subtensor, pallets/subtensor/src/coinbase (commit 14bc6f9f964b): run_coinbase.rs,
block_emission.rs, and `update_moving_price` of staking/stake_utils.rs. Alpha is issued by halvings of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.constant_product import bought
from catallaxy.numba_kernels.elementary import expm1, log1p
from catallaxy.numba_kernels.subnet_columns import (
    ALPHA,
    BOUGHT,
    FETCHED,
    INJECTED,
    MINERS,
    OWNER,
    PAIRED,
    SOLD,
    SPENT,
    STAKERS,
    TALLY,
    TAO,
    VALIDATORS,
)
from catallaxy.numba_kernels.wide_products import times_over

__all__ = [
    "ALPHA",
    "BOUGHT",
    "FETCHED",
    "INJECTED",
    "MINERS",
    "OWNER",
    "PAIRED",
    "SOLD",
    "SPENT",
    "STAKERS",
    "TALLY",
    "TAO",
    "VALIDATORS",
    "Clock",
    "Slots",
    "Terms",
    "alpha_reward",
    "average_price",
    "emit",
    "injection",
    "paid_out",
]

#: What a pool pays out is rounded down by this factor, more than all rounding errors of its formula.
_DOWN = 1.0 - 2.0**-48


class Slots(NamedTuple):
    """Places for subnets, one row each.

    Attributes
    ----------
    pools : int64[N, 3], base units
        Rows of pool columns.
    live : int8[N]
        1 where there is a subnet.
    issued : int64[N], base units
        Alpha in existence, in the pool and outside.
    age : int64[N], block
        Time since the subnet was registered.
    average : float64[N], token per alpha
        Moving average of the price.
    burned : float64[N]
        Share of the miners' alpha that the owner withholds, so that it is never issued.
    """

    pools: IntMatrix
    live: Flags
    issued: Ints
    age: Ints
    average: Floats
    burned: Floats


class Terms(NamedTuple):
    """Rules of emission.

    Attributes
    ----------
    maximum, reward : int64, base units
        Of one alpha: largest issuance, and emission of a block before the first halving.
    owner, miners, take : float64
        Owner's share of what is emitted, miners' share of the rest, and validators' take of what is left.
    root : float64, base units
        Stake on root, times its weight.
    root_caps : bool
        Whether the alpha put into a pool is at most root's proportion of the emission, instead of all of it.
    buys : bool
        Whether tokens that exceed the cap buy alpha, instead of going into the pool.
    sells : bool
        Whether root's alpha is sold, instead of never being issued.
    fee : float64
        Share of what is paid into a pool that stays there.
    """

    maximum: int
    reward: int
    owner: float
    miners: float
    take: float
    root: float
    root_caps: bool
    buys: bool
    sells: bool
    fee: float


class Clock(NamedTuple):
    """A stretch of so many blocks, the length of a tempo, and how fast the average price follows the price.

    Attributes
    ----------
    blocks, tempo : int64, block
    smoothing : float64
        Weight of a block's price in the average, long after registration.
    halving : float64, block
        Age at which the weight is half of that.
    ceiling : float64, token per alpha
        Price above which the average does not follow.
    """

    blocks: int
    tempo: int
    smoothing: float
    halving: float
    ceiling: float


@kernel
def alpha_reward(maximum: int, reward: int, issued: int) -> int:
    """Return the alpha emitted in a block: reward >> k, k = floor(log2(maximum / (maximum - issued))).

    Parameters
    ----------
    maximum, reward, issued : int64, base units

    Returns
    -------
    int64
        Base units; 0 once everything is issued.
    """
    left = maximum - issued
    if left <= 0:
        return 0
    halvings = 0
    while left <= maximum >> 1:
        left <<= 1
        halvings += 1
    return reward >> min(halvings, 62)


@helper
def _towards(average: float, price: float, age: int, blocks: int, clock: Clock) -> float:
    """Return the average after so many blocks at a price, all with the weight of the one in the middle.

    Over a tempo of 360 blocks that differs from block by block by less than 1e-9 of the price.
    """
    middle = float64(age) + 0.5 * float64(blocks + 1)
    moved = -expm1(float64(blocks) * log1p(-clock.smoothing * middle / (middle + clock.halving)))
    return average + (min(price, clock.ceiling) - average) * moved


@kernel
def average_price(average: float, price: float, age: int, clock: Clock) -> float:
    """Return the average price after a stretch at a constant price, one tempo after the other.

    Parameters
    ----------
    average, price : float64, token per alpha
    age : int64, block
        Age at the beginning of the stretch.
    clock : Clock

    Returns
    -------
    float64
        Token per alpha.
    """
    done = 0
    while done < clock.blocks:
        blocks = min(clock.tempo, clock.blocks - done)
        average = _towards(average, price, age + done, blocks, clock)
        done += blocks
    return average


@kernel
def injection(tao_reserve: int, alpha_reserve: int, tao: int, cap: int) -> tuple[int, int]:
    """Return what goes into a pool at its price: alpha worth the tokens, rounded down, and at most `cap` of it.

    Parameters
    ----------
    tao_reserve, alpha_reserve : int64, base units
        What the pool holds.
    tao : int64, base units
        Tokens for the subnet.
    cap : int64, base units
        Most alpha that may go in.

    Returns
    -------
    (int64, int64)
        Tokens and alpha, base units; an empty pool takes all the tokens and the cap.
    """
    if tao_reserve < 1 or alpha_reserve < 1:
        return tao, cap
    alpha, _ = times_over(tao, alpha_reserve, tao_reserve)
    if alpha <= cap:
        return tao, alpha
    worth, _ = times_over(cap, tao_reserve, alpha_reserve)
    return min(worth, tao), cap


@kernel
def paid_out(reserve_in: int, reserve_out: int, given: int, fee: float) -> int:
    """Return what a pool pays for an amount, rounded down; 0 from an empty pool.

    Parameters
    ----------
    reserve_in, reserve_out, given : int64, base units
    fee : float64

    Returns
    -------
    int64
        Base units, less than `reserve_out`.
    """
    if reserve_in < 1 or reserve_out < 1 or given < 1:
        return 0
    out = bought(float64(reserve_in), float64(reserve_out), float64(given), 1.0 - fee, 1.0)
    return int64(out * _DOWN)


@helper
def _feed(slots: Slots, j: int, tao: int, cap: int, terms: Terms, tally: IntMatrix) -> None:
    """Put tokens and alpha into a pool; what the cap leaves buys alpha, or goes in as well."""
    pools = slots.pools
    injected, paired = injection(pools[j, TAO], pools[j, ALPHA], tao, cap)
    pools[j, TAO] += injected
    pools[j, ALPHA] += paired
    slots.issued[j] += paired
    tally[j, INJECTED] += injected
    tally[j, PAIRED] += paired
    rest = tao - injected
    if terms.buys:
        back = paid_out(pools[j, TAO], pools[j, ALPHA], rest, terms.fee)
        pools[j, ALPHA] -= back
        slots.issued[j] -= back
        tally[j, SPENT] += rest
        tally[j, BOUGHT] += back
    else:
        tally[j, INJECTED] += rest
    pools[j, TAO] += rest


@helper
def _share_out(slots: Slots, j: int, alpha: int, root: float, terms: Terms, tally: IntMatrix) -> None:
    """Share out what a subnet emits; root's part is sold."""
    owner = int64(float64(alpha) * terms.owner)
    miners = int64(float64(alpha - owner) * terms.miners)
    validators = alpha - owner - miners
    paid = miners - int64(float64(miners) * slots.burned[j])
    take = int64(float64(validators) * terms.take)
    for_root = int64(float64(validators - take) * root)
    stakers = validators - take - for_root
    slots.issued[j] += owner + paid + take + stakers
    tally[j, OWNER] += owner
    tally[j, MINERS] += paid
    tally[j, VALIDATORS] += take
    tally[j, STAKERS] += stakers
    if terms.sells:
        fetched = paid_out(slots.pools[j, ALPHA], slots.pools[j, TAO], for_root, terms.fee)
        slots.pools[j, ALPHA] += for_root
        slots.pools[j, TAO] -= fetched
        slots.issued[j] += for_root
        tally[j, SOLD] += for_root
        tally[j, FETCHED] += fetched


@kernel
def emit(slots: Slots, tao: Ints, terms: Terms, clock: Clock, tally: IntMatrix) -> None:
    """Let a stretch of blocks pass.

    Parameters
    ----------
    slots : Slots, in/out
        Pools, issuance, age and average price move.
    tao : int64[N], base units
        Tokens for every subnet in the stretch, spread evenly over its tempos.
    terms : Terms
    clock : Clock
    tally : int64[N, TALLY], base units, out
        What the stretch did.
    """
    tally[:, :] = 0
    tempos = -(-clock.blocks // clock.tempo)
    for j in range(tao.size):
        if slots.live[j] == 0:
            continue
        for number in range(tempos):
            blocks = min(clock.tempo, clock.blocks - number * clock.tempo)
            issued = slots.issued[j]
            alpha = blocks * alpha_reward(terms.maximum, terms.reward, issued)
            alpha = min(alpha, max(terms.maximum - issued, 0) // 2)
            root = terms.root / (terms.root + float64(issued)) if terms.root > 0.0 else 0.0
            cap = int64(float64(alpha) * root) if terms.root_caps else alpha
            part = tao[j] // tempos + (1 if number < tao[j] % tempos else 0)
            _feed(slots, j, part, cap, terms, tally)
            _share_out(slots, j, alpha, root, terms, tally)
            if slots.pools[j, ALPHA] > 0:
                price = float64(slots.pools[j, TAO]) / float64(slots.pools[j, ALPHA])
                slots.average[j] = _towards(slots.average[j], price, slots.age[j], blocks, clock)
            slots.age[j] += blocks
