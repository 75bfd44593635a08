"""Speculators' decisions, one network at a time: orders, settlement, strategy switching, new money.

The order of agent i is a share of half its wealth W_i (cash earmarked for the token plus the value of what it holds),
bounded by its aggressiveness g_i and by what is in the wallet:

    s_i = r_i * v_i + c_strategy + n_i * z_i,      d_i = g_i * s_i / (1 + |s_i|) * W_i / 2

where v_i is phi * (ln F + b_i - ln p) for a fundamentalist, chi * trend for a chartist and 0 for a noise trader; c is
the shock common to everyone who follows one strategy (without it, noise would vanish as the population grows), z_i a
standard normal. d_i > 0 buys for that amount, d_i < 0 sells for it; scaling by wealth instead of by cash or tokens
keeps buying and selling symmetric whatever the wallet's composition.
Structure after Franke & Westerhoff (2012), JEDC 36:1193-1211.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels.compile import BLOCK, U64, Flags, Floats, Ints, kernel
from catallaxy.numba_kernels.random import agent_bits, normal, uniform

__all__ = [
    "CHARTIST",
    "FUNDAMENTALIST",
    "NOISE",
    "Signals",
    "Traits",
    "form_orders",
    "move_capital",
    "settle",
    "switch",
]

FUNDAMENTALIST, CHARTIST, NOISE = 0, 1, 2


class Traits(NamedTuple):
    """What a speculator is like: columns of the population, in row order."""

    ids: Ints
    value_bias: Floats
    reaction: Floats
    noise: Floats
    aggressiveness: Floats
    horizon: Flags


class Signals(NamedTuple):
    """What everyone sees about one token in one step."""

    value_pull: float
    gap: float
    trend_pull: float
    trend_short: float
    trend_long: float
    shock_fundamentalist: float
    shock_chartist: float
    shock_noise: float
    cash_share: float
    price: float


@kernel
def form_orders(
    rows: tuple[int, int],
    key: U64,
    traits: Traits,
    strategy: Flags,
    signals: Signals,
    wallet: tuple[Ints, Ints],
    order: Ints,
) -> tuple[int, int]:
    """Write each agent's order for one token and return the totals.

    Parameters
    ----------
    rows : (int64, int64)
        First row and one past the last; a multiple of the chunk size apart.
    key : uint64
        Step key of the noise stream.
    traits : Traits
    strategy : int8[n]
        FUNDAMENTALIST, CHARTIST or NOISE.
    signals : Signals
    wallet : (int64[n], int64[n])
        Cash (micro-USD) and tokens (base units); read only.
    order : int64[n], out
        Positive: micro-USD to spend. Negative: token base units to sell.

    Returns
    -------
    (int64, int64)
        Total micro-USD bid and total base units offered.
    """
    usd, tokens = wallet
    price = signals.price
    per_price = 1.0 / price
    buf = np.empty(BLOCK)
    bid = 0
    offered = 0
    for lo in range(rows[0], rows[1], BLOCK):
        hi = min(lo + BLOCK, rows[1])
        h = hi - lo
        ids = traits.ids[lo:hi]
        noise = traits.noise[lo:hi]
        for j in range(h):
            buf[j] = noise[j] * normal(agent_bits(key, ids[j]))
        bias = traits.value_bias[lo:hi]
        reaction = traits.reaction[lo:hi]
        kind = strategy[lo:hi]
        horizon = traits.horizon[lo:hi]
        for j in range(h):
            trend = signals.trend_short if horizon[j] == 0 else signals.trend_long
            pull = signals.value_pull * (signals.gap + bias[j]) if kind[j] == 0 else signals.trend_pull * trend
            shock = signals.shock_fundamentalist if kind[j] == 0 else signals.shock_chartist
            pull = 0.0 if kind[j] == 2 else reaction[j] * pull
            shock = signals.shock_noise if kind[j] == 2 else shock
            s = pull + shock + buf[j]
            buf[j] = s / (1.0 + abs(s))
        aggressiveness = traits.aggressiveness[lo:hi]
        cash = usd[lo:hi]
        held = tokens[lo:hi]
        out = order[lo:hi]
        for j in range(h):
            budget = signals.cash_share * float64(cash[j])
            position = float64(held[j])
            wanted = 0.5 * buf[j] * aggressiveness[j] * (budget + position * price)
            buy = min(int64(min(max(wanted, 0.0), budget)), cash[j])
            sell = min(int64(min(max(-wanted, 0.0) * per_price, position)), held[j])
            out[j] = buy - sell
            bid += buy
            offered += sell
    return bid, offered


@kernel
def settle(
    rows: tuple[int, int], order: Ints, usd: Ints, tokens: Ints, tokens_per_usd: float, usd_per_token: float
) -> tuple[int, int]:
    """Fill every order at one price, receivers rounded down.

    Parameters
    ----------
    rows : (int64, int64)
    order : int64[n]
        As written by `form_orders`.
    usd, tokens : int64[n], in/out
    tokens_per_usd : float64
        Base units received per micro-USD spent.
    usd_per_token : float64
        Micro-USD received per base unit sold.

    Returns
    -------
    (int64, int64)
        Base units and micro-USD handed out.
    """
    got_tokens = 0
    got_usd = 0
    for lo in range(rows[0], rows[1], BLOCK):
        hi = min(lo + BLOCK, rows[1])
        q = order[lo:hi]
        cash = usd[lo:hi]
        held = tokens[lo:hi]
        for j in range(hi - lo):
            buy = max(q[j], 0)
            sell = max(-q[j], 0)
            plus_tokens = int64(float64(buy) * tokens_per_usd)
            plus_usd = int64(float64(sell) * usd_per_token)
            cash[j] += plus_usd - buy
            held[j] += plus_tokens - sell
            got_tokens += plus_tokens
            got_usd += plus_usd
    return got_tokens, got_usd


@kernel
def switch(
    rows: tuple[int, int], key: U64, ids: Ints, strategy: Flags, to_chartist: float, to_fundamentalist: float
) -> tuple[int, int]:
    """Let fundamentalists and chartists change camp; noise traders stay.

    Parameters
    ----------
    rows : (int64, int64)
    key : uint64
    ids : int64[n]
    strategy : int8[n], in/out
    to_chartist, to_fundamentalist : float64
        Probabilities of leaving each camp in this step.

    Returns
    -------
    (int64, int64)
        Fundamentalists and chartists afterwards.
    """
    fundamentalists = 0
    chartists = 0
    for lo in range(rows[0], rows[1], BLOCK):
        hi = min(lo + BLOCK, rows[1])
        who = ids[lo:hi]
        kind = strategy[lo:hi]
        for j in range(hi - lo):
            u = uniform(agent_bits(key, who[j]))
            leave = to_chartist if kind[j] == 0 else to_fundamentalist
            flipped = 1 - kind[j]
            kind[j] = flipped if (kind[j] < 2 and u < leave) else kind[j]
            fundamentalists += 1 if kind[j] == 0 else 0
            chartists += 1 if kind[j] == 1 else 0
    return fundamentalists, chartists


@kernel
def move_capital(
    rows: tuple[int, int], usd: Ints, invested: Ints, income: Ints, inflow: float, withdrawal: float
) -> tuple[int, int]:
    """Bring new money in, in proportion to each agent's outside income, and take profits out.

    Parameters
    ----------
    rows : (int64, int64)
    usd : int64[n], in/out
    invested : int64[n], micro-USD, in/out
        Money brought in less money taken out, since the start.
    income : int64[n]
        Micro-USD per step that the agent can add when attention is normal.
    inflow : float64
        Multiplier of `income` in this step.
    withdrawal : float64
        Share of cash taken out.

    Returns
    -------
    (int64, int64)
        Micro-USD brought in and taken out.
    """
    brought = 0
    taken = 0
    for lo in range(rows[0], rows[1], BLOCK):
        hi = min(lo + BLOCK, rows[1])
        cash = usd[lo:hi]
        net = invested[lo:hi]
        salary = income[lo:hi]
        for j in range(hi - lo):
            plus = int64(float64(salary[j]) * inflow)
            minus = min(int64(float64(cash[j]) * withdrawal), cash[j])
            cash[j] += plus - minus
            net[j] += plus - minus
            brought += plus
            taken += minus
    return brought, taken
