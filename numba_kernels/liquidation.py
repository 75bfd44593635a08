"""Liquidations: who is below maintenance margin, how much each must trade, and what a default costs.

An account with c dollars and q tokens net of what it owes has the equity E = c + q p and the margin ratio E / (|q| p).
It is liquidated below the maintenance margin m, that is where the price passes its liquidation price: down through
-c / (q (1 - m)) for a long, up through c / (|q| (1 + m)) for a short. To bring the ratio back to the initial margin M,
when a share f of what is traded goes to the insurance fund, one trades

    x = (M |q| p - E) / (p (M - f)) tokens, and all of them where that is more than |q| or E is not positive.

Every round of liquidations looks at all accounts. Lists of accounts by liquidation price would visit only those that
the price has crossed, but interest and trades move every liquidation price in every step, and lists repay their making
only after four or five rounds (`benchmarks/run.py liquidation`), while most steps need one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, Ints, kernel
from catallaxy.numba_kernels.leverage import LARGEST, Accounts, equity, net, rounded_up

__all__ = ["SMALLEST", "Terms", "find_breaches", "settle_lot"]

#: What is worth less, micro-USD, is too small to trade: books trade whole lots.
SMALLEST = 100_000.0


class Terms(NamedTuple):
    """When an account is liquidated, and how far."""

    maintenance: float
    initial: float
    penalty: float
    is_partial: bool


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
            amount = min(rounded_up(short_of), amount)
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
        fine = rounded_up(float64(got if is_sale else given[j]) * penalty)
        fine = min(fine, accounts.usd[i], int64(min(max(worth, 0.0), LARGEST)))
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
