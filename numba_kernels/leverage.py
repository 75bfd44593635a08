"""Margin accounts: what their owners aim at, loans, interest and repayment.

An account on network k holds c dollars net of what it owes and q tokens net of what it owes; at a price p its equity
is E = c + q p. `catallaxy.numba_kernels.liquidation` says when it is liquidated.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Floats, IntMatrix, Ints, Matrix, helper, kernel
from catallaxy.numba_kernels.random import agent_bits, normal

__all__ = [
    "LARGEST",
    "LIMB",
    "Accounts",
    "Traits",
    "Views",
    "accrue",
    "aim",
    "borrow",
    "equity",
    "move_capital",
    "net",
    "repay",
    "rounded_up",
    "sum_up",
]

#: Amounts are cut off here, so that they can be counted.
LARGEST = 2.0**62
#: Loans wanted are counted in whole multiples of this and in what is left, since their sum may not fit 64 bits.
LIMB = 2**31


class Accounts(NamedTuple):
    """Margin accounts, in row order: network, micro-USD and base units held, and what is owed of each."""

    network: Ints
    usd: Ints
    tokens: Ints
    usd_debt: Ints
    token_debt: Ints


class Traits(NamedTuple):
    """What a margin trader is like: columns of the population, in row order."""

    ids: Ints
    leverage: Floats
    conviction: Floats
    trend_weight: Floats
    noise: Floats
    adjustment: Floats


class Views(NamedTuple):
    """What everyone sees in one step, per network: pull of value, of the trend, of news; micro-USD per base unit."""

    value: Floats
    trend: Floats
    news: Floats
    price: Floats


@helper
def equity(usd: int, tokens: int, price: float) -> float:
    """Return what an account is worth, micro-USD, from what it holds net of its debts."""
    return float64(usd) + float64(tokens) * price


@helper
def rounded_up(amount: float) -> int:
    """Round an amount up; what is too large to count is cut off."""
    return int64(math.ceil(min(amount, LARGEST)))


@helper
def net(accounts: Accounts, i: int) -> tuple[int, int]:
    """Let an account repay what it can; return the micro-USD and base units repaid."""
    usd = min(accounts.usd[i], accounts.usd_debt[i])
    tokens = min(accounts.tokens[i], accounts.token_debt[i])
    accounts.usd[i] -= usd
    accounts.usd_debt[i] -= usd
    accounts.tokens[i] -= tokens
    accounts.token_debt[i] -= tokens
    return usd, tokens


@kernel
def accrue(accounts: Accounts, rates: Matrix, added: IntMatrix) -> None:
    """Add a step's interest to every debt, rounded up.

    Parameters
    ----------
    accounts : Accounts, in/out
    rates : float64[K, 2], 1/step
        On dollars and on tokens.
    added : int64[K, 2], out
        Micro-USD and base units of interest of each network.
    """
    added[:, :] = 0
    for i in range(accounts.network.size):
        k = accounts.network[i]
        usd = rounded_up(float64(accounts.usd_debt[i]) * rates[k, 0])
        tokens = rounded_up(float64(accounts.token_debt[i]) * rates[k, 1])
        accounts.usd_debt[i] += usd
        accounts.token_debt[i] += tokens
        added[k, 0] += usd
        added[k, 1] += tokens


@kernel
def aim(
    key: U64, traits: Traits, accounts: Accounts, views: Views, maintenance: float, order: Ints, wanted: Ints
) -> None:
    """Form every trader's order, and count the loans that the orders need.

    A trader aims at an exposure of L s / (1 + |s|) times its equity, with L the most leverage it takes and
    s = conviction * (w * trend + (1 - w) * value) + news + noise * z, and trades a part of the way there. Who is below
    maintenance margin, since no venue took the position at once, closes all of it.

    Parameters
    ----------
    key : uint64
        Step key of the noise stream.
    traits : Traits
    accounts : Accounts
        Read only.
    views : Views
    maintenance : float64
        Maintenance margin.
    order : int64[n], out
        Micro-USD to spend if positive, base units to sell if negative.
    wanted : int64[2, K, 2], out
        Micro-USD and base units that the orders need beyond what the accounts hold: multiples of LIMB, and the rest.
    """
    wanted[:, :, :] = 0
    for i in range(order.size):
        k = accounts.network[i]
        price = views.price[k]
        position = accounts.tokens[i] - accounts.token_debt[i]
        exposure = float64(position) * price
        worth = equity(accounts.usd[i] - accounts.usd_debt[i], position, price)
        w = traits.trend_weight[i]
        s = traits.conviction[i] * (w * views.trend[k] + (1.0 - w) * views.value[k]) + views.news[k]
        s += traits.noise[i] * normal(agent_bits(key, traits.ids[i]))
        target = traits.leverage[i] * (s / (1.0 + abs(s))) * worth
        must_close = worth <= 0.0 or worth < maintenance * abs(exposure)
        change = -exposure if must_close else traits.adjustment[i] * (target - exposure)
        spent = int64(min(max(change, 0.0), LARGEST))
        sold = int64(min(max(-change, 0.0) / price, LARGEST))
        if must_close:
            spent, sold = min(spent, accounts.usd[i]), min(sold, accounts.tokens[i])
        order[i] = spent - sold
        usd, tokens = max(spent - accounts.usd[i], 0), max(sold - accounts.tokens[i], 0)
        wanted[0, k, 0] += usd // LIMB
        wanted[1, k, 0] += usd % LIMB
        wanted[0, k, 1] += tokens // LIMB
        wanted[1, k, 1] += tokens % LIMB


@kernel
def borrow(accounts: Accounts, order: Ints, granted: Matrix, lent: IntMatrix) -> None:
    """Lend what the orders need, as far as it goes, and cut the orders to what is then at hand.

    Parameters
    ----------
    accounts : Accounts, in/out
    order : int64[n], in/out
        As written by `aim`.
    granted : float64[K, 2]
        Share of each loan wanted that is granted, of dollars and of tokens: 1, or less and rounded down.
    lent : int64[K, 2], out
        Micro-USD and base units lent.
    """
    lent[:, :] = 0
    for i in range(order.size):
        k = accounts.network[i]
        spent, sold = max(order[i], 0), max(-order[i], 0)
        usd_short, token_short = max(spent - accounts.usd[i], 0), max(sold - accounts.tokens[i], 0)
        usd = usd_short if granted[k, 0] == 1.0 else min(int64(float64(usd_short) * granted[k, 0]), usd_short)
        tokens = token_short if granted[k, 1] == 1.0 else min(int64(float64(token_short) * granted[k, 1]), token_short)
        accounts.usd[i] += usd
        accounts.usd_debt[i] += usd
        accounts.tokens[i] += tokens
        accounts.token_debt[i] += tokens
        order[i] = (spent - usd_short + usd) - (sold - token_short + tokens)
        lent[k, 0] += usd
        lent[k, 1] += tokens


@kernel
def repay(accounts: Accounts, repaid: IntMatrix) -> None:
    """Let every account repay its debts from what it holds.

    Parameters
    ----------
    accounts : Accounts, in/out
    repaid : int64[K, 2], out
        Micro-USD and base units repaid on each network.
    """
    repaid[:, :] = 0
    for i in range(accounts.network.size):
        usd, tokens = net(accounts, i)
        repaid[accounts.network[i], 0] += usd
        repaid[accounts.network[i], 1] += tokens


@kernel
def sum_up(accounts: Accounts, totals: IntMatrix) -> None:
    """Add up positions and debts by network.

    Parameters
    ----------
    accounts : Accounts
    totals : int64[K, 4], out
        Base units held net by longs and owed net by shorts; micro-USD and base units owed.
    """
    totals[:, :] = 0
    for i in range(accounts.network.size):
        k = accounts.network[i]
        position = accounts.tokens[i] - accounts.token_debt[i]
        totals[k, 0] += max(position, 0)
        totals[k, 1] += max(-position, 0)
        totals[k, 2] += accounts.usd_debt[i]
        totals[k, 3] += accounts.token_debt[i]


@kernel
def move_capital(accounts: Accounts, income: Ints, withdrawal: float) -> tuple[int, int]:
    """Pay new money into every account, and take a share of the cash out of those that owe nothing.

    Parameters
    ----------
    accounts : Accounts, in/out
    income : int64[n], micro-USD
        New money of each account.
    withdrawal : float64
        Share of the cash.

    Returns
    -------
    (int64, int64)
        Micro-USD brought in and taken out.
    """
    brought = 0
    taken = 0
    for i in range(income.size):
        out = 0
        if accounts.usd_debt[i] == 0 and accounts.token_debt[i] == 0:
            out = min(int64(float64(accounts.usd[i]) * withdrawal), accounts.usd[i])
        accounts.usd[i] += income[i] - out
        brought += income[i]
        taken += out
    return brought, taken
