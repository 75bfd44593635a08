"""Emission to subnets: it is divided among them, feeds their pools, and those who earn alpha sell some of it there.

What is sold together in a step clears as one batch: stakers' part of their alpha rewards, and what owners, miners and
validators sell. Owners are subnet stakers; what miners and validators get for alpha goes to the reward pool, which the
network's `rewards` divide among those who work for it.
"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Ints
from catallaxy.agents.rates import DAYS
from catallaxy.agents.sellers import NEVER_TOO_MUCH
from catallaxy.numba_kernels import subnet_columns as columns
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.recording.sectors import SUBNETS
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.state.subnets import Subnets
from catallaxy.sim.tokenomics.subnets import SubnetsSpec, SubnetTerms, SubnetView, divide, terms_on
from catallaxy.sim.tokenomics.units import microseconds

__all__ = [
    "blocks_until",
    "feed_subnets",
    "learn_of_subnets",
    "lock_cost_of",
    "pay_root",
    "root_stake",
    "sections",
    "sell_earned",
]

_EARNERS = 3


def sections(economy: Economy) -> list[tuple[int, Subnets, SubnetsSpec]]:
    """Return number, state and rules of every network that has subnets."""
    found = zip(range(economy.k), economy.subnets, (spec.subnets for spec in economy.specs), strict=True)
    return [(k, book, spec) for k, book, spec in found if book is not None and spec is not None]


def blocks_until(economy: Economy, spec: SubnetsSpec, step: int) -> int:
    """Return the blocks from the start of the run to the beginning of a step."""
    return spec.alpha.blocks(0, microseconds(days=economy.dt_days) * step)


def lock_cost_of(economy: Economy, book: Subnets, spec: SubnetsSpec, step: int) -> int:
    """Return what opening a subnet costs as a step begins, base units.

    Parameters
    ----------
    economy : Economy
    book : Subnets
    spec : SubnetsSpec
    step : int

    Returns
    -------
    int
    """
    now = blocks_until(economy, spec, step)
    blocks = now - blocks_until(economy, spec, step - 1)
    per_block = float(economy.metrics["minted"][book.k]) / max(blocks, 1)
    return spec.entry.cost(book.lock, now - book.locked_at, book.base, per_block)


def feed_subnets(economy: Economy, k: int, amount: int) -> tuple[int, int]:
    """Let a step's blocks pass in the subnets of a network.

    Parameters
    ----------
    economy : Economy
    k : int
    amount : int
        Tokens to be minted, base units.

    Returns
    -------
    (int, int)
        What of it is minted, and what of that went into pools, base units: all, or nothing where the rule in force
        finds no subnet to give it to; without subnets, and before their first terms, nothing goes into pools.
    """
    book, spec = economy.subnets[k], economy.specs[k].subnets
    if book is None or spec is None:
        return amount, 0
    book.tally[:], book.paid_in[:], book.put_in[:] = 0, 0, 0
    terms = terms_on(spec.terms, economy.scenario.start + dt.timedelta(days=int(economy.step * economy.dt_days)))
    if terms is None:
        return amount, 0
    parts = divide(amount, terms.shares.shares(_view(book, root_stake(economy, k, book))))
    _emit(economy, book, spec, terms, parts)
    fed = int(parts.sum())
    return fed, fed


def root_stake(economy: Economy, k: int, book: Subnets) -> int:
    """Count the tokens on root: what speculators have bonded and what subnet stakers have there, base units."""
    return int(economy.speculators.staked[k].sum()) + int(book.stakers.root[k].sum())


def _view(book: Subnets, root: int) -> SubnetView:
    """Return what the share rule sees; root's stake votes for subnets by the logit of their appeal."""
    liking = (book.appeal - book.appeal.max()) / book.stakers.spec.taste
    weight = np.array([nk.elementary.exp_scalar(float(x)) for x in liking]) * book.slots.live
    votes = weight * np.float64(root / book.base / max(float(np.cumsum(weight)[-1]), 1.0))
    slots, base = book.slots, book.base
    return SubnetView(slots.live, votes, slots.average, book.inflow / base, book.cost / base, slots.burned)


def _emit(economy: Economy, book: Subnets, spec: SubnetsSpec, terms: SubnetTerms, parts: Ints) -> None:
    root, blocks = root_stake(economy, book.k, book), blocks_until(economy, spec, economy.step + 1)
    blocks -= blocks_until(economy, spec, economy.step)
    rules = spec.alpha.rules(terms, book.base, root, float(np.cumsum(book.slots.average)[-1]))
    nk.subnet_emission.emit(book.slots, parts, rules, spec.average.clock(blocks, spec.alpha.tempo_blocks), book.tally)
    tally = book.tally
    book.put_in += tally[:, columns.INJECTED] + tally[:, columns.SPENT] - tally[:, columns.FETCHED]
    book.held[:, :_EARNERS] += tally[:, :_EARNERS]


def pay_root(economy: Economy, k: int) -> None:
    """Pay root what its alpha fetched: subnet stakers at once, those who have bonded tokens with the step's rewards."""
    book = economy.subnets[k]
    if book is None:
        return
    fetched, root = int(book.tally[:, columns.FETCHED].sum()), root_stake(economy, k, book)
    stakers = book.stakers
    part = fetched * int(stakers.root[k].sum()) // max(root, 1)
    sold, kept = stakers.earn_on_root(k, part)
    book.root_due = fetched - sold - kept
    economy.accounts.reward_pool[k] += book.root_due
    for receiver, amount in ((stakers.name, sold), ("staked", kept), ("reward pool", book.root_due)):
        economy.post(k, "root dividends", SUBNETS, receiver, amount)
    annual = fetched / max(root, 1) * (DAYS["per_year"] / economy.dt_days)
    book.root_yield += stakers.trend_gain * (annual - book.root_yield)


def sell_earned(economy: Economy, k: int) -> None:
    """Let stakers keep or sell what their alpha earned, and owners, miners and validators sell some of theirs."""
    book, spec = economy.subnets[k], economy.specs[k].subnets
    if book is None or spec is None:
        return
    offered = np.column_stack([_offers(book, spec, economy.dt_days), _kept(book)])
    total, got = offered.sum(axis=1), np.zeros(book.n, np.int64)
    nk.subnet_stakes.swap(book.slots.pools, (columns.ALPHA, columns.TAO), total, spec.alpha.fee, got)
    book.held[:, :_EARNERS] -= offered[:, :_EARNERS]
    book.paid_in -= got
    rate = got / np.maximum(total, 1) * NEVER_TOO_MUCH
    owners, stakers = ((offered[:, i] * rate).astype(np.int64) for i in (columns.OWNER, columns.STAKERS))
    to_stakers = int(book.stakers.share_out(k, stakers, book.stakers.tokens[k]).sum())
    sold, kept = book.stakers.earn_as_owners(k, book.owner, owners)
    rest = int(got.sum()) - to_stakers - sold - kept
    economy.accounts.reward_pool[k] += rest
    for receiver, amount in ((book.stakers.name, to_stakers + sold), ("staked", kept), ("reward pool", rest)):
        economy.post(k, "alpha sales", SUBNETS, receiver, amount)
    book.sales = got - stakers


def _offers(book: Subnets, spec: SubnetsSpec, dt_days: float) -> Ints:
    """Return what owners, miners and validators sell, int64[N, 3], base units."""
    rates = (spec.earners.owner_sales, spec.earners.miner_sales, spec.earners.validator_sales)
    offers: Ints = (book.held[:, :_EARNERS] * np.array([rate.probability(dt_days) for rate in rates])).astype(np.int64)
    return offers


def _kept(book: Subnets) -> Ints:
    """Pay stakers in alpha what they keep of what they earned; return what they sell, int64[N], base units."""
    earned, stakers = book.tally[:, columns.STAKERS], book.stakers
    sold: Ints = (earned * (stakers.spec.sold * (book.held[:, columns.STAKERS] > 0))).astype(np.int64)
    paid = stakers.share_out(book.k, earned - sold, stakers.alpha[book.k])
    book.held[:, columns.STAKERS] += paid
    book.held[:, columns.VALIDATORS] += earned - sold - paid
    return sold


def learn_of_subnets(economy: Economy) -> None:
    """Move the averages of flows and of the rise of prices, and the appeal of every subnet.

    Parameters
    ----------
    economy : Economy
    """
    for k, book, spec in sections(economy):
        blocks = blocks_until(economy, spec, economy.step + 1) - blocks_until(economy, spec, economy.step)
        book.inflow[:] = spec.flows.after(book.inflow, book.paid_in, blocks)
        book.cost[:] = spec.flows.after(book.cost, book.put_in, blocks)
        price, years = book.price(), economy.dt_days / DAYS["per_year"]
        risen = np.zeros(book.n)
        for j in np.flatnonzero(book.slots.live):
            risen[j] = nk.elementary.log_scalar(float(price[j] / book.last_price[j])) / years
        book.trend += book.stakers.trend_gain * (risen - book.trend)
        book.last_price[:] = price
        news = np.zeros(book.n)
        key = np.uint64(nk.random.step_key(economy.key(Stream.SUBNETS), k, 0))
        nk.random.fill_normal(key, book.serial, news)
        fading = spec.earners.appeal_returns.probability(economy.dt_days)
        moved = (
            fading * (book.first_appeal - book.appeal) + spec.earners.appeal_news * math.sqrt(economy.dt_days) * news
        )
        book.appeal += moved * book.slots.live
