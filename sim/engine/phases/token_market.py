"""Phase 11: orders are matched, fills are booked, what the fee escrow bought is burned, and some trade once more."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO, Fills, Ints
from catallaxy.sim.engine.purse import Purse
from catallaxy.sim.engine.single_orders import distribute, match_singly
from catallaxy.sim.engine.trade_taxes import tax_purchases, tax_sales
from catallaxy.sim.markets.venues import Clearing, OrderVenue, Pool, Trade, Venue
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Clear every network's venues and settle all orders.

    Parameters
    ----------
    economy : Economy
    """
    purse = Purse(economy)
    traded_singly = match_singly(economy)
    economy.traded_at_once[:] = 0
    for population in economy.populations.values():
        population.trade_before_batch(economy)
    orders, kept = economy.orders, tax_purchases(economy)
    cleared = [_clear(economy, k) for k in range(economy.k)]
    fills = Fills(
        np.array([rates[0] for rates, _ in cleared]) * kept,
        np.array([rates[1] for rates, _ in cleared]) * kept,
    )
    paid_tokens, paid_usd = np.zeros(economy.k, np.int64), np.zeros(economy.k, np.int64)
    for population, bid, offered in orders.parts:
        got_tokens, got_usd = population.settle(fills)
        for k in range(economy.k):
            _book(economy, k, population.name, (bid[k], offered[k]), (got_tokens[k], got_usd[k]))
        paid_tokens += np.array(got_tokens, np.int64)
        paid_usd += np.array(got_usd, np.int64)
    for k in range(economy.k):
        (for_escrow, per_token), clearings = cleared[k]
        tokens, usd = _settle_accounts(economy, k, for_escrow, fills.usd_per_token[k])
        paid_tokens[k] += tokens
        paid_usd[k] += usd
        levied = tax_sales(economy, k, int(int(orders.offered[k]) * per_token), int(paid_usd[k]))
        _fill_pools(economy, k, clearings, int(paid_tokens[k]), int(paid_usd[k]) + levied)
    for population in economy.populations.values():
        population.trade_at_once(economy)
    distribute(economy)
    if "curve_issued" in economy.metrics:
        for k in range(economy.k):
            _account_for_curves(economy, k)
    purse.account_for(economy)
    _note(economy, economy.orders.bid + paid_usd + traded_singly + economy.traded_at_once)


def _clear(economy: Economy, k: int) -> tuple[tuple[float, float], list[Clearing]]:
    bid, offered = int(economy.orders.bid[k]), int(economy.orders.offered[k])
    clearings = []
    tokens_per_usd = usd_per_token = 0.0
    for venue, pool, share in _batch_venues(economy, k):
        clearing = venue.clear(pool, int(bid * share), int(offered * share))
        tokens_per_usd += share * clearing.tokens_per_usd
        usd_per_token += share * clearing.usd_per_token
        clearings.append(clearing)
    bound = any(clearing.bound for clearing in clearings)
    economy.guard(f"{economy.names[k]}: price move limited at a venue", bound)
    return (tokens_per_usd, usd_per_token), clearings


def _batch_venues(economy: Economy, k: int) -> list[tuple[Venue, Pool, float]]:
    """Return the venues that clear batches, with their shares of what is left for them."""
    venues, pools = economy.specs[k].venues, economy.pools[k]
    batch = [(venue, pool) for venue, pool in zip(venues, pools, strict=True) if not isinstance(venue, OrderVenue)]
    whole = 1.0 if len(batch) == len(venues) else sum(venue.share for venue, _ in batch)
    return [(venue, pool, venue.share / whole) for venue, pool in batch]


def _book(economy: Economy, k: int, sector: str, gave: tuple[int, int], got: tuple[int, int]) -> None:
    economy.post_usd("token purchases", sector, "liquidity", gave[0])
    economy.post(k, "token sales", sector, "liquidity", gave[1])
    economy.post(k, "token purchases", "liquidity", sector, got[0])
    economy.post_usd("token sales", "liquidity", sector, got[1])


def _settle_accounts(economy: Economy, k: int, tokens_per_usd: float, usd_per_token: float) -> tuple[int, int]:
    accounts, orders = economy.accounts, economy.orders
    escrow, treasury, insiders = (
        int(orders.escrow_bid[k]),
        int(orders.treasury_offer[k]),
        int(orders.insider_offer[k]),
    )
    bought = int(escrow * tokens_per_usd)
    treasury_usd = int(treasury * usd_per_token)
    insider_usd = int(insiders * usd_per_token)
    accounts.fee_escrow[k] -= escrow
    accounts.treasury_tokens[k] -= treasury
    accounts.treasury_usd[k] += treasury_usd
    accounts.insider_tokens[k] -= insiders
    accounts.insider_usd[k] += insider_usd
    accounts.burned[k] += bought
    economy.post_usd("token purchases", "fee escrow", "liquidity", escrow)
    economy.post(k, "burn", "liquidity", "burned", bought)
    _book(economy, k, "treasury", (0, treasury), (0, treasury_usd))
    _book(economy, k, "insiders", (0, insiders), (0, insider_usd))
    economy.metrics["burned"][k] += bought / economy.base[k]
    return bought, treasury_usd + insider_usd


def _fill_pools(economy: Economy, k: int, clearings: list[Clearing], tokens_out: int, usd_out: int) -> None:
    bid, offered = int(economy.orders.bid[k]), int(economy.orders.offered[k])
    venues = _batch_venues(economy, k)
    if not venues:
        return
    rest = Trade(bid, offered, usd_out, tokens_out)
    for (venue, pool, share), clearing in list(zip(venues, clearings, strict=True))[1:]:
        b, q = int(bid * share), int(offered * share)
        trade = Trade(b, q, int(q * clearing.usd_per_token), int(b * clearing.tokens_per_usd))
        venue.settle(pool, clearing, trade)
        rest = rest.without(trade)
    first, pool, _ = venues[0]
    first.settle(pool, clearings[0], rest)


def _account_for_curves(economy: Economy, k: int) -> None:
    """Book what the network's curves have minted, or burned, in the step, and hand their fees to the treasury."""
    accounts, issued, fees = economy.accounts, 0, 0
    for venue, pool in zip(economy.specs[k].venues, economy.pools[k], strict=True):
        issued += venue.issued(pool)
        fees += venue.pay_fees(pool)
    accounts.treasury_usd[k] += fees
    economy.post_usd("trading fees", "liquidity", "treasury", fees)
    economy.metrics["curve_fees"][k] = fees / MICRO
    minted = issued - int(accounts.curve_issued[k])
    accounts.curve_issued[k] += minted
    economy.post(k, "bonding curves", "minting", "liquidity", max(minted, 0))
    economy.post(k, "bonding curves", "liquidity", "minting", max(-minted, 0))
    if minted > 0:
        economy.ensure_countable(k, "the bonding curve", "raise the genesis, or lower the price or the reserve ratio")


def _note(economy: Economy, volume: Ints) -> None:
    before = economy.log_price()
    for k in range(economy.k):
        economy.quoted.token_price[k] = economy.trading.mark(k) * economy.base[k] / MICRO
    economy.note("price", economy.quoted.token_price)
    economy.note("log_return", economy.log_price() - before)
    economy.note("volume_usd", volume / MICRO)
    economy.note("venue_spread", [_spread(pools) for pools in economy.pools])
    economy.note("depth_usd", [_depth(economy, k) / MICRO for k in range(economy.k)])


def _spread(pools: tuple[Pool, ...]) -> float:
    prices = [pool.price for pool in pools]
    return nk.elementary.log_scalar(max(prices) / min(prices)) if len(prices) > 1 else 0.0


def _depth(economy: Economy, k: int) -> int:
    return sum(venue.depth_usd(pool) for venue, pool in zip(economy.specs[k].venues, economy.pools[k], strict=True))
