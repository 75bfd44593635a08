"""Taxes on trades of a batch, and whom they are paid to; trades at once are taxed where they are made."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.engine.receivers import pay_stakers_usd, pay_usd
from catallaxy.sim.state.economy import Economy

__all__ = ["distribute_trade_taxes", "tax_purchases", "tax_sales"]


def tax_purchases(economy: Economy) -> Floats:
    """Take the tax out of what is bid in this step's batch, but for the fee escrow's bids.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    float64[K]
        What is left of every dollar that is paid or received; 1 where trades are not taxed.
    """
    kept, orders = np.ones(economy.k), economy.orders
    for k, spec in enumerate(economy.specs):
        if spec.fees.trade_tax is not None:
            rate = spec.fees.trade_tax.rate
            kept[k] = 1.0 - rate
            due = int(int(orders.bid[k] - orders.escrow_bid[k]) * rate)
            orders.bid[k] -= due
            economy.trading.levy(k, due)
    return kept


def tax_sales(economy: Economy, k: int, gross: int, paid: int) -> int:
    """Take the tax out of what a batch brought its sellers.

    Parameters
    ----------
    economy : Economy
    k : int
    gross, paid : int
        Micro-dollars that the venues gave for their tokens, and that sellers got after the tax.

    Returns
    -------
    int
        Micro-dollars.
    """
    tax = economy.specs[k].fees.trade_tax
    if tax is None:
        return 0
    due = max(min(int(gross * tax.rate), gross - paid), 0)
    economy.trading.levy(k, due)
    return due


def distribute_trade_taxes(economy: Economy, staked: Ints) -> Ints:
    """Pay out what was levied since the last step; what reaches nobody is left to the treasury, with the rest of fees.

    Parameters
    ----------
    economy : Economy
    staked : int64[K], base units
        What speculators have bonded.

    Returns
    -------
    int64[K], micro-USD
        Of it, to those who stake.
    """
    accounts, to_stakers = economy.accounts, np.zeros(economy.k, np.int64)
    for k, spec in enumerate(economy.specs):
        if spec.fees.trade_tax is not None:
            parts = spec.fees.trade_tax.to.parts(int(accounts.trade_taxes[k]))
            accounts.fee_escrow[k] += accounts.trade_taxes[k]
            accounts.trade_taxes[k] = 0
            to_stakers[k] = pay_stakers_usd(economy, k, parts.pop("stakers", 0), int(staked[k]))
            parts.pop("treasury", 0)
            pay_usd(economy, k, parts)
    return to_stakers
