"""Who stakes where: stakers of a token choose between root and subnets, and trade what they move in subnets' pools.

A staker with tokens worth x sees, for one of N subnets whose pool holds T tokens at the price p and which pays d alpha
a year to the a alpha that is staked there,

    u = ln(1 + d / (a + x/p)) + w * trend + appeal + taste * (g - ln N) - cost / horizon,

and ln(1 + reward of root) + taste * g for root, less the cost of getting there. The part m of x that is moved costs
(m/x) (fee + m/T) in every pool that it passes. g is a standard Gumbel draw of the staker's own for each subnet, so that
stakers who were all alike would spread over subnets by a logit (McFadden 1974); with ln N the number of subnets as such
does not draw stake away from root. The largest u is chosen.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Flags, Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import log, log1p
from catallaxy.numba_kernels.random import agent_bits, mix, uniform
from catallaxy.numba_kernels.subnet_columns import KEEP, ROOT
from catallaxy.numba_kernels.subnet_emission import paid_out

__all__ = ["Places", "Positions", "choose", "swap"]

#: Largest trend that is believed in, a year: a rise or fall by a factor of e.
_MOST = 1.0


class Positions(NamedTuple):
    """Stakers, one row each.

    Attributes
    ----------
    ids : int64[n]
    place : int64[n]
        Slot of the subnet whose alpha is held, or `ROOT`.
    alpha : int64[n], base units
    root : int64[n], base units
        Tokens staked on root.
    trend_weight : float64[n]
        Weight w of the trend of prices.
    """

    ids: Ints
    place: Ints
    alpha: Ints
    root: Ints
    trend_weight: Floats


class Places(NamedTuple):
    """What stakers see.

    Attributes
    ----------
    live : int8[N]
    serial : int64[N]
        Number of each subnet; tastes are for subnets, not slots.
    price : float64[N], token per alpha
    reserve : float64[N], base units
        Tokens in the pool.
    income : float64[N], base units a year
        Alpha paid to those who stake there.
    staked : float64[N], base units
        Alpha that they hold.
    trend, appeal : float64[N], 1/year
    root_yield, taste : float64, 1/year
    fee : float64
    horizon : float64, year
    """

    live: Flags
    serial: Ints
    price: Floats
    reserve: Floats
    income: Floats
    staked: Floats
    trend: Floats
    appeal: Floats
    root_yield: float
    taste: float
    fee: float
    horizon: float


@helper
def _liking(key: U64, agent: int, serial: int) -> float:
    """Draw a standard Gumbel number, always the same for a staker and a subnet; root is number -1."""
    return -log(-log(uniform(mix(agent_bits(key, agent) ^ agent_bits(mix(key), serial + 1)))))


@helper
def _cost(amount: float, worth: float, reserve: float, fee: float) -> float:
    """Return what it costs to pass a part of one's stake through a pool, as a share of the stake."""
    return (fee + amount / max(reserve, 1.0)) * amount / worth


@helper
def _best(key: U64, i: int, stake: tuple[float, float], who: Positions, places: Places, crowding: float) -> int:
    """Return the place that a staker likes best; the stake is its worth, and what of that is alpha."""
    worth, held = stake
    here = who.place[i]
    leaving = _cost(held, worth, places.reserve[here], places.fee) if here != ROOT else 0.0
    most = log1p(places.root_yield) + places.taste * _liking(key, who.ids[i], -1) - leaving / places.horizon
    best = ROOT
    for j in range(places.live.size):
        if places.live[j] == 0:
            continue
        moved = worth - held if j == here else worth
        joined = places.staked[j] + moved / places.price[j]
        cost = _cost(moved, worth, places.reserve[j], places.fee) + (0.0 if j == here else leaving)
        trend = max(-_MOST, min(_MOST, places.trend[j]))
        value = log1p(places.income[j] / max(joined, 1.0)) + who.trend_weight[i] * trend + places.appeal[j]
        value += places.taste * (_liking(key, who.ids[i], places.serial[j]) - crowding) - cost / places.horizon
        if value > most:
            most, best = value, j
    return best


@helper
def _crowding(live: Flags) -> float:
    """Return the log of the number of subnets."""
    count = 0.0
    for j in range(live.size):
        count += float64(live[j])
    return log(max(count, 1.0))


@kernel
def choose(keys: tuple[U64, U64], share: float, who: Positions, places: Places, target: Ints) -> None:
    """Let some stakers think again about where to be.

    Parameters
    ----------
    keys : (uint64, uint64)
        Of this step, which decides who thinks again, and of tastes, which is always the same.
    share : float64
        Probability of thinking again.
    who : Positions
    places : Places
    target : int64[n], out
        Slot or `ROOT`; `KEEP` for who does not think again or has no stake.
    """
    crowding = _crowding(places.live)
    for i in range(target.size):
        target[i] = KEEP
        if uniform(agent_bits(keys[0], who.ids[i])) >= share:
            continue
        held = float64(who.alpha[i]) * places.price[who.place[i]] if who.place[i] != ROOT else 0.0
        worth = held + float64(who.root[i])
        if worth >= 1.0:
            target[i] = _best(keys[1], i, (worth, held), who, places, crowding)


@kernel
def swap(pools: IntMatrix, columns: tuple[int, int], given: Ints, fee: float, got: Ints) -> None:
    """Trade with every pool: what is given goes in, what it fetches goes out, rounded down.

    Parameters
    ----------
    pools : int64[N, 3], base units, in/out
    columns : (int64, int64)
        Column of what is given, and of what is got.
    given : int64[N], base units
    fee : float64
        Share of what is given that stays in the pool without fetching anything.
    got : int64[N], base units, out
    """
    for j in range(given.size):
        got[j] = int64(0)
        if given[j] > 0:
            got[j] = paid_out(pools[j, columns[0]], pools[j, columns[1]], given[j], fee)
            pools[j, columns[0]] += given[j]
            pools[j, columns[1]] -= got[j]
