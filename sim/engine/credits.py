"""Credits in a run: users pay with them, what providers hold is settled in new tokens, and users buy new ones."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Ints
from catallaxy.agents.sellers import NEVER_TOO_MUCH
from catallaxy.sim.state.credits import CreditBook
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.sinks import BurnAndMint
from catallaxy.sim.tokenomics.units import exact, microseconds

__all__ = ["buy_credits", "issue_credits", "note_credits", "pay_in_credits", "settle_credits"]


def pay_in_credits(economy: Economy, earned: Ints, net: Ints) -> int:
    """Turn a part of what builders were just paid in dollars into credits of users.

    Parameters
    ----------
    economy : Economy
    earned : int64[b], micro-USD
        What each builder was paid.
    net : int64[K], micro-USD
        The same by network.

    Returns
    -------
    int
        Micro-dollars that users did not pay.
    """
    book, builders = economy.credits, economy.builders
    if book is None:
        return 0
    book.revenue[:] = net
    shares = np.array([0.0 if rule is None else rule.share for rule in book.rules])
    covered = np.minimum((net * shares).astype(np.int64), book.held)
    rate = np.where(net > 0, covered / np.maximum(net, 1) * NEVER_TOO_MUCH, 0.0)
    part = (earned * rate[builders.network]).astype(np.int64)
    builders.usd -= part
    book.earned += part
    used = builders.by_network(part)
    book.held -= used
    _lapse(book, covered - used)
    economy.note("credits_used", used / MICRO)
    return int(used.sum())


def _lapse(book: CreditBook, rest: Ints) -> None:
    """Let what rounding leaves of users' last credits lapse, so that none stay outstanding for ever."""
    gone = np.where(book.held == rest, rest, 0)
    book.held -= gone
    book.redeemed += gone


def settle_credits(economy: Economy) -> None:
    """Mint tokens for the credits that builders hold, where it is time.

    Parameters
    ----------
    economy : Economy
    """
    book = economy.credits
    if book is None:
        return
    now = microseconds(days=economy.dt_days) * (economy.step + 1)
    economy.note("reminted", 0.0)
    economy.note("collateral_ratio", np.nan)
    for k, rule in enumerate(book.rules):
        if rule is None:
            continue
        ratio = book.ratio(k, economy.quoted.token_price[k], int(economy.base[k]))
        if ratio is not None:
            economy.metrics["collateral_ratio"][k] = float(ratio)
        if now - book.settled_us[k] >= rule.epoch_us(ratio):
            book.settled_us[k] = now
            _settle(economy, book, k, rule)


def _settle(economy: Economy, book: CreditBook, k: int, rule: BurnAndMint) -> None:
    builders, accounts, base = economy.builders, economy.accounts, int(economy.base[k])
    claims = np.where(builders.network == k, book.earned, 0)
    used = int(claims.sum())
    minted, paid = rule.settle(used, economy.quoted.token_price[k], base)
    tokens = (claims * (paid / max(used, 1) * NEVER_TOO_MUCH)).astype(np.int64)
    builders.tokens += tokens
    handed = int(tokens.sum())
    book.earned -= claims
    book.redeemed[k] += used
    book.vault[k] = max(int(book.vault[k]) - minted, 0)
    accounts.reminted[k] += minted
    accounts.treasury_tokens[k] += minted - handed
    economy.post(k, "credit settlement", "minting", builders.name, handed)
    economy.post(k, "credit settlement", "minting", "treasury", minted - handed)
    economy.metrics["reminted"][k] = minted / base
    economy.metrics["minted"][k] += minted / base


def buy_credits(economy: Economy) -> None:
    """Let users pay in for the credits that they will need, unless the breaker has stopped sales.

    Parameters
    ----------
    economy : Economy
    """
    book, accounts = economy.credits, economy.accounts
    if book is None:
        return
    for k, rule in enumerate(book.rules):
        if rule is None:
            continue
        ratio = book.ratio(k, economy.quoted.token_price[k], int(economy.base[k]))
        halted = rule.status(ratio) == "halted"
        economy.guard(f"{economy.names[k]}: sale of credits halted", halted)
        daily = exact(rule.share) * int(book.revenue[k]) / exact(economy.dt_days)
        wanted = int(daily * exact(rule.float_days)) - int(book.held[k] + accounts.escrow_credits[k])
        usd = 0 if halted else max(wanted, 0)
        accounts.fee_escrow[k] += usd
        accounts.escrow_credits[k] += usd
        economy.post_usd("credit purchases", "outside world", "fee escrow", usd)


def issue_credits(economy: Economy, k: int, tokens: int) -> None:
    """Give users credits for tokens that were bought and burned for them, at the price before the purchase.

    Parameters
    ----------
    economy : Economy
    k : int
    tokens : int
        Base units.
    """
    book = economy.credits
    rule = None if book is None else book.rules[k]
    if book is None or rule is None:
        return
    credited = rule.credited(tokens, economy.quoted.token_price[k], int(economy.base[k]))
    book.held[k] += credited
    book.issued[k] += credited
    book.vault[k] += tokens


def note_credits(economy: Economy) -> None:
    """Check that no credit is lost, and note how many there are.

    Parameters
    ----------
    economy : Economy
    """
    book = economy.credits
    if book is None:
        return
    book.audit(economy.step, economy.names)
    face = np.array([1.0 if rule is None else rule.credit_usd for rule in book.rules])
    economy.note("credits", book.outstanding() / MICRO / face)
