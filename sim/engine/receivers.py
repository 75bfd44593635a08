"""Whom sinks pay: parts of fees and of slashed stake reach the groups that a split names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.insiders import INSIDERS, Insiders
from catallaxy.agents.lending import LENDERS
from catallaxy.agents.margin_traders import MarginTraders
from catallaxy.agents.population import MICRO, Ints, of_kind
from catallaxy.agents.sellers import NEVER_TOO_MUCH, Sellers
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.sinks import PaidTo

__all__ = ["pay_stakers_usd", "pay_tokens", "pay_usd", "recycle"]


def pay_usd(economy: Economy, k: int, parts: Mapping[PaidTo, int]) -> int:
    """Pay parts of the fee escrow of network `k` out, or set them aside to buy tokens; return what left the free part.

    Parameters
    ----------
    economy : Economy
    k : int
    parts : dict of str to int
        Micro-dollars by receiver, stakers and treasury excepted.

    Returns
    -------
    int
        At most the sum of the parts: what reaches nobody stays in the escrow.
    """
    accounts, left = economy.accounts, 0
    for receiver, amount in parts.items():
        if receiver in ("burn", "recycle"):
            purpose = accounts.escrow_burn if receiver == "burn" else accounts.escrow_recycle
            purpose[k] += amount
            left += amount
            continue
        sector, paid = _hand_usd(economy, k, receiver, amount)
        accounts.fee_escrow[k] -= paid
        economy.post_usd("protocol fees", "fee escrow", sector, paid)
        left += paid
    return left


def pay_stakers_usd(economy: Economy, k: int, amount: int, staked: int) -> int:
    """Pay dollars of the fee escrow to speculators by what they have bonded.

    Parameters
    ----------
    economy : Economy
    k : int
    amount : int
        Micro-dollars.
    staked : int
        Base units that they have bonded.

    Returns
    -------
    int
        Micro-dollars paid.
    """
    if staked <= 0 or amount <= 0:
        return 0
    speculators, rate = economy.speculators, amount / staked * NEVER_TOO_MUCH
    paid: int = economy.lanes(nk.staking.reward, speculators.n, speculators.staked[k], speculators.usd, rate)
    economy.accounts.fee_escrow[k] -= paid
    economy.post_usd("staking rewards", "fee escrow", speculators.name, paid)
    return paid


def _hand_usd(economy: Economy, k: int, receiver: PaidTo, amount: int) -> tuple[str, int]:
    insiders = of_kind(economy.populations.values(), Insiders)
    if receiver == INSIDERS and insiders is not None:
        return insiders.name, insiders.pay(k, amount)
    if receiver == INSIDERS:
        economy.accounts.insider_usd[k] += amount
        return INSIDERS, amount
    if receiver == "lenders":
        return _lend(economy, k, amount, 0)
    population, weight = _group(economy, receiver)
    paid = int(population.earn(weight, _only(economy, k, amount))[k])
    economy.metrics[f"income_{receiver}"][k] += paid / MICRO
    return population.name, paid


def pay_tokens(economy: Economy, k: int, flow: str, payer: str, parts: Mapping[PaidTo, int]) -> int:
    """Pay parts of tokens that a sector has given up; return what was paid.

    Parameters
    ----------
    economy : Economy
    k : int
    flow, payer : str
    parts : dict of str to int
        Base units by receiver.

    Returns
    -------
    int
        At most the sum of the parts: what reaches nobody is for the caller to place.
    """
    total = 0
    for receiver, amount in parts.items():
        if receiver == "recycle":
            recycle(economy, k, amount, payer)
            total += amount
        elif receiver != "burn":
            sector, paid = _hand_tokens(economy, k, receiver, amount)
            economy.post(k, flow, payer, sector, paid)
            total += paid
    return total


def _hand_tokens(economy: Economy, k: int, receiver: PaidTo, amount: int) -> tuple[str, int]:
    accounts = economy.accounts
    if receiver == "treasury":
        accounts.treasury_tokens[k] += amount
        return "treasury", amount
    insiders = of_kind(economy.populations.values(), Insiders)
    if receiver == INSIDERS and insiders is not None:
        return insiders.name, insiders.endow(k, amount)
    if receiver == INSIDERS:
        accounts.insider_tokens[k] += amount
        return INSIDERS, amount
    if receiver == "lenders":
        return _lend(economy, k, 0, amount)
    if receiver == "stakers":
        return economy.speculators.name, _to_stakers(economy, k, amount)
    population, weight = _group(economy, receiver)
    paid = int(population.reward(weight, _only(economy, k, amount), economy.price_micro())[k])
    economy.metrics[f"income_{receiver}"][k] += paid * economy.price_micro()[k] / MICRO
    return population.name, paid


def _group(economy: Economy, receiver: PaidTo) -> tuple[Sellers, Ints]:
    if receiver == "compute":
        return economy.nodes, economy.nodes.reward_weight()
    if receiver == "data":
        return economy.providers, economy.providers.weight
    return economy.builders, economy.builders.weight


def _only(economy: Economy, k: int, amount: int) -> Ints:
    amounts = np.zeros(economy.k, np.int64)
    amounts[k] = amount
    return amounts


def _to_stakers(economy: Economy, k: int, amount: int) -> int:
    speculators = economy.speculators
    staked = int(speculators.staked_totals()[k])
    if not staked:
        return 0
    rate = amount / staked * NEVER_TOO_MUCH
    paid: int = economy.lanes(nk.staking.reward, speculators.n, speculators.staked[k], speculators.tokens[k], rate)
    return paid


def _lend(economy: Economy, k: int, usd: int, tokens: int) -> tuple[str, int]:
    traders = of_kind(economy.populations.values(), MarginTraders)
    if traders is None:
        return "treasury", 0
    traders.facility.idle[k] += (usd, tokens)
    return LENDERS, usd + tokens


def recycle(economy: Economy, k: int, amount: int, sector: str) -> None:
    """Count tokens that a sector has given up as recycled, and book them."""
    economy.accounts.recycled[k] += amount
    economy.post(k, "recycling", sector, "minting", amount)
