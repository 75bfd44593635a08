"""Phase 9: the treasury makes grants to model builders and buys tokens back; holders vote."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO
from catallaxy.sim.engine.governance import take_votes
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Grant a share of each treasury's dollars to the builders of its network, by usage, and take the votes of the day.

    Parameters
    ----------
    economy : Economy
    """
    accounts, builders = economy.accounts, economy.builders
    share = np.array([spec.treasury.grants.probability(economy.dt_days) for spec in economy.specs])
    amounts = (accounts.treasury_usd * share).astype(np.int64)
    paid = builders.grant(builders.weight, amounts)
    accounts.treasury_usd -= paid
    economy.post_usd("grants", "treasury", builders.name, int(paid.sum()))
    economy.note("grants", paid / MICRO)
    _buy_back(economy)
    take_votes(economy)


def _buy_back(economy: Economy) -> None:
    accounts = economy.accounts
    shares = [spec.treasury.buybacks.probability(economy.dt_days) for spec in economy.specs]
    if not any(shares):
        return
    amounts = (accounts.treasury_usd * np.array(shares)).astype(np.int64)
    accounts.treasury_usd -= amounts
    accounts.fee_escrow += amounts
    accounts.escrow_burn += amounts
    economy.post_usd("buybacks", "treasury", "fee escrow", int(amounts.sum()))
