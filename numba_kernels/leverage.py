"""Margin accounts: what their owners aim at, loans, interest, who is below maintenance margin, what defaults cost.

An account on network k holds c dollars net of what it owes and q tokens net of what it owes; at a price p its equity
is E = c + q p and its margin ratio E / (|q| p). It is liquidated below the maintenance margin m, that is where the
price passes its liquidation price: down through -c / (q (1 - m)) for a long, up through c / (|q| (1 + m)) for a short.
To bring the ratio back to the initial margin M, when a share f of what is traded goes to the insurance fund, one trades

    x = (M |q| p - E) / (p (M - f)) tokens, and all of them where that is more than |q| or E is not positive.

Every round of liquidations looks at all accounts. Lists of accounts by liquidation price would visit only those that
the price has crossed, but interest and trades move every liquidation price in every step, and lists repay their making
only after four or five rounds (`benchmarks/run.py liquidation`), while most steps need one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Floats, IntMatrix, Ints, Matrix, helper, kernel
from catallaxy.numba_kernels.random import agent_bits, normal

__all__ = [
    "LIMB",
    "SMALLEST",
    "Accounts",
    "Terms",
    "Traits",
    "Views",
    "accrue",
    "aim",
    "borrow",
    "equity",
    "find_breaches",
    "move_capital",
    "net",
    "repay",
    "settle_lot",
    "sum_up",
]

_LARGEST = 2.0**62
#: What is worth less, micro-USD, is too small to trade: books trade whole lots.
SMALLEST = 100_000.0
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


class Terms(NamedTuple):
    """When an account is liquidated, and how far."""

    maintenance: float
    initial: float
    penalty: float
    is_partial: bool


@helper
def equity(usd: int, tokens: int, price: float) -> float:
    """Return what an account is worth, micro-USD, from what it holds net of its debts."""
    return float64(usd) + float64(tokens) * price


@helper
def _ceil(amount: float) -> int:
    """Round an amount up; what is too large to count is cut off."""
    return int64(math.ceil(min(amount, _LARGEST)))


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
        usd = _ceil(float64(accounts.usd_debt[i]) * rates[k, 0])
        tokens = _ceil(float64(accounts.token_debt[i]) * rates[k, 1])
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
        spent = int64(min(max(change, 0.0), _LARGEST))
        sold = int64(min(max(-change, 0.0) / price, _LARGEST))
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
def find_breaches(accounts: Accounts, price: Floats, terms: Terms, rows: Ints, amounts: Ints, urgency: Floats) -> int:
    """List the accounts below maintenance margin, and what each must trade.

    Accounts must have repaid what they can; what is too small to trade is left alone. Whoever sorts the list by urgency
    and then by identifier has it in an order that does not depend on rows: the longs whose liquidation price was passed
    first, then the shorts likewise.

    Parameters
    ----------
    accounts : Accounts
    price : float64[K], micro-USD per base unit
    terms : Terms
    rows : int64[n], out
    amounts : int64[n], out
        Base units: bought back if positive, sold if not.
    urgency : float64[n], out
        Liquidation price of a short, minus that of a long; minus infinity for debts without a position.

    Returns
    -------
    int64
        Accounts listed.
    """
    found = 0
    for i in range(accounts.network.size):
        p = price[accounts.network[i]]
        cash = accounts.usd[i] - accounts.usd_debt[i]
        position = accounts.tokens[i] - accounts.token_debt[i]
        size = float64(abs(position))
        worth = equity(cash, position, p)
        is_small = position != 0 and size * p < SMALLEST and worth > -SMALLEST
        if is_small or worth >= terms.maintenance * size * p:
            continue
        rows[found] = i
        urgency[found] = -np.inf
        if position > 0:
            urgency[found] = float64(cash) / (size * (1.0 - terms.maintenance))
        elif position < 0:
            urgency[found] = float64(cash) / (size * (1.0 + terms.maintenance))
        amount = abs(position)
        if terms.is_partial and worth > 0.0:
            short_of = (terms.initial * size * p - worth) / (p * (terms.initial - terms.penalty))
            amount = min(_ceil(short_of), amount)
        amounts[found] = amount if position < 0 else -amount
        found += 1
    return found


@kernel
def settle_lot(
    accounts: Accounts, rows: Ints, given: Ints, received: int, is_sale: bool, price: float, penalty: float
) -> tuple[int, int, int, int, int, int, int]:
    """Book a trade that liquidates some accounts at one price; take penalties; let them repay; write off what is left.

    What was received is shared in proportion to what each account gave, and the last gets what rounding leaves. A
    penalty never makes a debt bad: it ends where the account's equity at `price` does. Who owes more than it holds, and
    holds nothing that can be traded, hands that over as it is, and its debts are written off.

    Parameters
    ----------
    accounts : Accounts, in/out
    rows : int64[m]
    given : int64[m]
        Base units sold, or micro-USD spent.
    received : int64
        Micro-USD, or base units.
    is_sale : bool
    price : float64, micro-USD per base unit
    penalty : float64
        Share of the dollars traded.

    Returns
    -------
    tuple of int64
        Micro-USD of penalties; micro-USD and base units repaid; handed over; and that nobody will repay.
    """
    left = 0
    for j in range(rows.size):
        left += given[j]
    penalties, usd_repaid, tokens_repaid, usd_left, tokens_left, usd_lost, tokens_lost = 0, 0, 0, 0, 0, 0, 0
    for j in range(rows.size):
        i = rows[j]
        got = received
        if given[j] < left:
            got = min(int64(float64(received) * (float64(given[j]) / float64(left))), received)
        received -= got
        left -= given[j]
        accounts.usd[i] += got if is_sale else -given[j]
        accounts.tokens[i] += -given[j] if is_sale else got
        worth = equity(accounts.usd[i] - accounts.usd_debt[i], accounts.tokens[i] - accounts.token_debt[i], price)
        fine = _ceil(float64(got if is_sale else given[j]) * penalty)
        fine = min(fine, accounts.usd[i], int64(min(max(worth, 0.0), _LARGEST)))
        accounts.usd[i] -= fine
        penalties += fine
        usd, tokens = net(accounts, i)
        usd_repaid += usd
        tokens_repaid += tokens
        if worth < 0.0 and equity(accounts.usd[i], accounts.tokens[i], price) < SMALLEST:
            usd_left += accounts.usd[i]
            tokens_left += accounts.tokens[i]
            usd_lost += accounts.usd_debt[i]
            tokens_lost += accounts.token_debt[i]
            accounts.usd[i], accounts.tokens[i] = 0, 0
            accounts.usd_debt[i], accounts.token_debt[i] = 0, 0
    return penalties, usd_repaid, tokens_repaid, usd_left, tokens_left, usd_lost, tokens_lost


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
