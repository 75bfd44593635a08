"""Phase 10: staking, and everyone's token orders."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats, Quotes
from catallaxy.agents.speculators import Beliefs
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.subnet_moves import move_stakes
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.stakes import View

__all__ = ["run"]

#: Largest log weight of a token in the cash that speculators earmark.
_MOST = 5.0


def run(economy: Economy) -> None:
    """Adjust stakes and collect the step's orders.

    Parameters
    ----------
    economy : Economy
    """
    gaps = economy.log_fundamental - economy.log_price()
    for k in range(economy.k):
        _adjust_stakes(economy, k, gaps[k])
    move_stakes(economy)
    restaked = economy.nodes.restake()
    for k in range(economy.k):
        economy.post(k, "stake", economy.nodes.name, "staked", restaked[k])
    orders = economy.orders = economy.no_orders()
    _account_orders(economy)
    quotes = Quotes(economy.quoted.token_price, economy.price_micro())
    bets = economy.speculators.bet(economy.key(Stream.SPECULATOR_NOISE), _beliefs(economy, gaps))
    for population in economy.populations.values():
        bid, offered = bets if population is economy.speculators else population.orders(quotes)
        orders.parts.append((population, list(bid), list(offered)))
        orders.bid += np.array(bid, np.int64)
        orders.offered += np.array(offered, np.int64)
    _note_sentiment(economy)


def _adjust_stakes(economy: Economy, k: int, gap: float) -> None:
    quoted, name = economy.quoted, economy.speculators.name
    view = View(quoted.staking_yield[k], gap, quoted.trend_short[k], quoted.trend_long[k])
    bonded, queued = economy.staking[k].adjust(economy.step, view)
    economy.post(k, "stake", name, "staked", bonded)
    economy.post(k, "unstake", "staked", "unbonding", queued)
    fees = economy.staking[k].leaving_fees()
    economy.accounts.treasury_tokens[k] += fees
    economy.post(k, "exit fees", "unbonding", "treasury", fees)
    for metric, value in economy.staking[k].notes().items():
        economy.metrics[metric][k] = value


def _account_orders(economy: Economy) -> None:
    accounts, orders, dt = economy.accounts, economy.orders, economy.dt_days
    for k, spec in enumerate(economy.specs):
        orders.escrow_bid[k] = accounts.fee_escrow[k]
        orders.treasury_offer[k] = int(accounts.treasury_tokens[k] * spec.treasury.sales.probability(dt))
        orders.insider_offer[k] = int(accounts.insider_tokens[k] * spec.treasury.insider_sales.probability(dt))
    orders.bid += orders.escrow_bid
    orders.offered += orders.treasury_offer + orders.insider_offer


def _beliefs(economy: Economy, gaps: Floats) -> Beliefs:
    quoted = economy.quoted
    return Beliefs(
        gaps,
        quoted.trend_short,
        quoted.trend_long,
        _common_shocks(economy),
        _cash_shares(economy),
        economy.price_micro(),
    )


def _common_shocks(economy: Economy) -> Floats:
    spec, quoted = economy.speculators.spec, economy.quoted
    draws = np.empty(3 * economy.k + 3)
    nk.random.fill_normal(economy.key(Stream.COMMON_NOISE), np.arange(len(draws)), draws)
    own, shared = draws[:-3].reshape(economy.k, 3), draws[-3:]
    common = np.sqrt(1.0 - spec.shared_shocks) * own + np.sqrt(spec.shared_shocks) * shared
    sd = np.array([spec.shock_fundamentalist, spec.shock_chartist, spec.shock_noise]) * np.sqrt(economy.dt_days)
    stirred = 1.0 - spec.attention_strength + spec.attention_strength * quoted.attention
    news = spec.news_response * quoted.surprise + stirred * spec.reserve_response * quoted.reserve_news
    shocks: Floats = common * sd * stirred[:, None] + news[:, None]
    return shocks


def _cash_shares(economy: Economy) -> Floats:
    exp, tilt = nk.elementary.exp_scalar, economy.speculators.spec.trend_tilt
    appeal = np.array([exp(max(-_MOST, min(_MOST, tilt * trend))) for trend in economy.quoted.trend_long])
    return appeal / float(sum(appeal))


def _note_sentiment(economy: Economy) -> None:
    speculators = economy.speculators
    wealth = max(speculators.usd_total(), 1)
    _, bid, offered = next(part for part in economy.orders.parts if part[0] is speculators)
    price = economy.price_micro()
    economy.note("sentiment", [(b - q * p) / wealth for b, q, p in zip(bid, offered, price, strict=True)])
