"""Phase 13: the books are checked and the step's metrics completed."""

from __future__ import annotations

from catallaxy.agents.population import MICRO
from catallaxy.sim.engine.credits import note_credits
from catallaxy.sim.engine.subnet_series import note_subnets
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Audit every sector of every instrument, and note the stocks.

    Parameters
    ----------
    economy : Economy
    """
    stocks, ledger = economy.stocks(), economy.ledger
    economy.dilution.close_step(economy, stocks)
    ledger.audit(economy.step, stocks)
    economy.provision.audit()
    economy.provision.note()
    accounts = economy.accounts
    supply = economy.supply()
    circulating = economy.tokens(economy.circulating(supply))
    economy.note("supply", economy.tokens(supply))
    economy.note("circulating", circulating)
    economy.note("minted_cum", economy.tokens(accounts.minted + accounts.reminted))
    economy.note("burned_cum", economy.tokens(accounts.burned))
    if "recycled_cum" in economy.metrics:
        economy.note("recycled_cum", economy.tokens(accounts.recycled))
    if "curve_issued" in economy.metrics:
        economy.note("curve_issued", economy.tokens(accounts.curve_issued))
    if "converted" in economy.metrics:
        economy.note("converted", economy.tokens(accounts.converted))
    if "trade_tax" in economy.metrics:
        economy.note("trade_tax", accounts.trade_taxes / MICRO)
    note_credits(economy)
    note_subnets(economy)
    economy.note("unvested", economy.tokens(accounts.vesting))
    economy.note("staked", economy.tokens(stocks[1:, ledger.sectors.index("staked")]))
    economy.note("collateral", economy.tokens(economy.nodes.staked_totals()))
    economy.note("unbonding", economy.tokens(stocks[1:, ledger.sectors.index("unbonding")]))
    economy.note("market_cap", circulating * economy.quoted.token_price)
    economy.note("treasury_usd", accounts.treasury_usd / MICRO)
    economy.note("treasury_tokens", economy.tokens(accounts.treasury_tokens))
