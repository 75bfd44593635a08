"""Slow twin of `leverage` and `liquidation`: one account at a time, and exact fractions where the kernel may round."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from oracles import randomness

#: Ten cents: what is worth less cannot be traded.
SMALLEST = 100_000


@dataclass(frozen=True)
class Account:
    """One margin account; amounts in micro-USD and base units."""

    usd: int = 0
    tokens: int = 0
    usd_debt: int = 0
    token_debt: int = 0

    @property
    def cash(self) -> int:
        """Dollars net of what is owed."""
        return self.usd - self.usd_debt

    @property
    def position(self) -> int:
        """Tokens net of what is owed."""
        return self.tokens - self.token_debt

    def equity(self, price: float) -> Fraction:
        """Worth at a price, exactly."""
        return self.cash + self.position * Fraction(price)

    def margin_ratio(self, price: float) -> Fraction:
        """Equity over exposure; there must be a position."""
        return self.equity(price) / (abs(self.position) * Fraction(price))


@dataclass(frozen=True)
class Trader:
    """What one margin trader is like; the fields of `leverage.Traits` in the same order."""

    id: int
    leverage: float
    conviction: float
    trend_weight: float
    noise: float
    adjustment: float


@dataclass(frozen=True)
class Terms:
    """The fields of `liquidation.Terms` in the same order."""

    maintenance: float
    initial: float
    penalty: float
    is_partial: bool


def accrue_reference(account: Account, usd_rate: float, token_rate: float) -> Account:
    """Return an account that owes a step's interest."""
    return replace(
        account,
        usd_debt=account.usd_debt + math.ceil(float(account.usd_debt) * usd_rate),
        token_debt=account.token_debt + math.ceil(float(account.token_debt) * token_rate),
    )


def aim_reference(
    key: int,
    trader: Trader,
    account: Account,
    view: tuple[float, float, float, float],
    maintenance: float,
) -> int:
    """Return one trader's order, at most 2**62 units of anything."""
    value, trend, news, price = view
    z = float(randomness.normals(key, [trader.id])[0])
    worth = float(account.cash) + float(account.position) * price
    exposure = float(account.position) * price
    if worth <= 0.0 or worth < maintenance * abs(exposure):
        spent, sold = min(int(max(-exposure, 0.0)), account.usd), min(int(max(exposure, 0.0) / price), account.tokens)
        return spent - sold
    pull = trader.trend_weight * trend + (1.0 - trader.trend_weight) * value
    signal = trader.conviction * pull + news + trader.noise * z
    target = trader.leverage * (signal / (1.0 + abs(signal))) * worth
    change = trader.adjustment * (target - exposure)
    return min(int(change), 2**62) if change >= 0.0 else -min(int(-change / price), 2**62)


def borrow_reference(account: Account, order: int, usd_granted: float, token_granted: float) -> tuple[Account, int]:
    """Return an account after it has borrowed, and what is left of its order."""
    if order >= 0:
        missing = max(order - account.usd, 0)
        loan = missing if usd_granted == 1.0 else int(float(missing) * usd_granted)
        after = replace(account, usd=account.usd + loan, usd_debt=account.usd_debt + loan)
        return after, order - (missing - loan)
    missing = max(-order - account.tokens, 0)
    loan = missing if token_granted == 1.0 else int(float(missing) * token_granted)
    after = replace(account, tokens=account.tokens + loan, token_debt=account.token_debt + loan)
    return after, order + (missing - loan)


def repay_reference(account: Account) -> Account:
    """Return an account that has repaid what it can."""
    usd, tokens = min(account.usd, account.usd_debt), min(account.tokens, account.token_debt)
    return Account(account.usd - usd, account.tokens - tokens, account.usd_debt - usd, account.token_debt - tokens)


def liquidation_price_reference(account: Account, maintenance: float) -> Fraction:
    """Return the price at which the margin ratio of an account with a position is the maintenance margin."""
    m = Fraction(maintenance)
    if account.position > 0:
        return -account.cash / (account.position * (1 - m))
    return account.cash / (-account.position * (1 + m))


def amount_reference(account: Account, price: float, terms: Terms) -> Fraction:
    """Return how many tokens a liquidation trades, before rounding: bought back if positive, sold if not."""
    size, p = abs(account.position), Fraction(price)
    amount = Fraction(size)
    if terms.is_partial and account.equity(price) > 0:
        missing = Fraction(terms.initial) * size * p - account.equity(price)
        amount = min(missing / (p * (Fraction(terms.initial) - Fraction(terms.penalty))), amount)
    return amount if account.position < 0 else -amount


def queue_reference(accounts: list[tuple[int, Account]], price: float, terms: Terms) -> list[int]:
    """Return the identifiers of the accounts to liquidate, in order: longs, then shorts, the first passed first.

    Positions worth less than ten cents are left alone, unless much more is owed.
    """

    def place(item: tuple[int, Account]) -> tuple[bool, Fraction | float, int]:
        identifier, account = item
        if account.position == 0:
            return False, -math.inf, identifier
        trigger = liquidation_price_reference(account, terms.maintenance)
        return account.position < 0, trigger if account.position < 0 else -trigger, identifier

    below = [
        (identifier, account)
        for identifier, account in accounts
        if account.equity(price) < Fraction(terms.maintenance) * abs(account.position) * Fraction(price)
        and (
            account.position == 0
            or abs(account.position) * Fraction(price) >= SMALLEST
            or account.equity(price) <= -SMALLEST
        )
    ]
    return [identifier for identifier, _ in sorted(below, key=place)]


@dataclass(frozen=True)
class Settled:
    """What came of a lot; the fields in the order in which `liquidation.settle_lot` returns them."""

    penalties: int
    usd_repaid: int
    tokens_repaid: int
    usd_left: int = 0
    tokens_left: int = 0
    usd_lost: int = 0
    tokens_lost: int = 0


def settle_lot_reference(
    accounts: list[Account], given: list[int], received: int, is_sale: bool, price: float, penalty: float
) -> tuple[list[Account], Settled]:
    """Return the accounts of a lot after its trade, and what others get."""
    after, sums, left = [], [0] * 7, sum(given)
    for account, gave in zip(accounts, given, strict=True):
        got = received if gave == left else min(int(float(received) * (float(gave) / float(left))), received)
        received, left = received - got, left - gave
        usd, tokens = (got, -gave) if is_sale else (-gave, got)
        traded = replace(account, usd=account.usd + usd, tokens=account.tokens + tokens)
        worth = float(traded.cash) + float(traded.position) * price
        fine = min(math.ceil(float(abs(usd)) * penalty), traded.usd, int(max(worth, 0.0)))
        fined = replace(traded, usd=traded.usd - fine)
        done = repay_reference(fined)
        repaid = fined.usd_debt - done.usd_debt, fined.token_debt - done.token_debt
        handed_over = lost = 0, 0
        if worth < 0.0 and float(done.usd) + float(done.tokens) * price < SMALLEST:
            handed_over, lost = (done.usd, done.tokens), (done.usd_debt, done.token_debt)
            done = Account()
        after.append(done)
        sums = [a + b for a, b in zip(sums, (fine, *repaid, *handed_over, *lost), strict=True)]
    return after, Settled(*sums)
