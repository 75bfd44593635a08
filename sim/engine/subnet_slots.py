"""Subnets are opened by stakers who expect more than it costs, and the weakest makes room for them."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.numba_kernels import subnet_columns as columns
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.subnets import blocks_until, lock_cost_of
from catallaxy.sim.recording.sectors import SUBNETS
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.state.subnets import Subnets
from catallaxy.sim.tokenomics.subnets import SubnetsSpec, redeemed, to_prune
from catallaxy.sim.tokenomics.units import to_base

__all__ = ["close", "make_room"]

_DAY = 86_400.0
#: Uses of the chance of a step.
_COMES, _WHO = 2, 3


def make_room(economy: Economy, k: int, book: Subnets, spec: SubnetsSpec) -> None:
    """Let at most one candidate open a subnet.

    It does so where it has the lock cost on root, and what an owner earns in the time it allows, at the price at which
    the pool opens times its optimism, is worth more than that. The pool gets the cost; its price is the median of the
    other subnets' (source: opentensor/subtensor, `do_register_network`).

    Parameters
    ----------
    economy : Economy
    k : int
    book : Subnets
    spec : SubnetsSpec
    """
    chance = np.empty(1)
    nk.random.fill_uniform(_key(economy, k, _COMES), np.array([0], np.int64), chance)
    if chance[0] >= spec.entry.candidates.probability(economy.dt_days):
        return
    now = blocks_until(economy, spec, economy.step)
    cost = lock_cost_of(economy, book, spec, economy.step)
    row = _candidate(economy, book, cost)
    live = np.flatnonzero(book.slots.live)
    price = float(np.median(book.price()[live])) if len(live) else spec.average.ceiling
    if row is None or not _is_worth_it(economy, book, spec, price, cost):
        return
    slot = _slot(economy, book, spec)
    if slot is None:
        return
    book.stakers.root[k, row] -= cost
    economy.post(k, "registrations", "staked", SUBNETS, cost)
    book.found(slot, cost, price, int(book.stakers.ids[row]), spec)
    book.lock, book.locked_at = cost, now
    economy.metrics["subnet_registrations"][k] = 1.0


def _key(economy: Economy, k: int, use: int) -> np.uint64:
    return np.uint64(nk.random.step_key(economy.key(Stream.SUBNETS), k, use))


def _candidate(economy: Economy, book: Subnets, cost: int) -> int | None:
    """Return the row of a staker who has so much on root, drawn at random; None where nobody has."""
    able = np.flatnonzero(book.stakers.root[book.k] >= cost)
    lots = np.empty(len(able))
    nk.random.fill_uniform(_key(economy, book.k, _WHO), book.stakers.ids[able], lots)
    return int(able[np.argmin(lots)]) if len(able) else None


def _is_worth_it(economy: Economy, book: Subnets, spec: SubnetsSpec, price: float, cost: int) -> bool:
    daily = to_base(spec.alpha.per_block, book.base) * spec.alpha.owner_share * _DAY / spec.alpha.block_seconds
    optimism = float(book.draw(spec.entry.optimism, 9, np.array([economy.step], np.int64))[0])
    return daily * spec.entry.payback_days * price * optimism > cost


def _slot(economy: Economy, book: Subnets, spec: SubnetsSpec) -> int | None:
    """Return a free slot, or else that of the weakest subnet, which is closed; None where all are immune."""
    free = np.flatnonzero(book.slots.live[: spec.entry.limit] == 0)
    if len(free):
        return int(free[0])
    slots = book.slots
    weakest = to_prune(slots.live, slots.average, slots.age, spec.entry.immunity_blocks)
    if weakest is not None:
        close(economy, book, weakest)
    return weakest


def close(economy: Economy, book: Subnets, j: int) -> None:
    """Divide a pool's tokens among those who hold its alpha; what rounding leaves goes to the owner.

    Parameters
    ----------
    economy : Economy
    book : Subnets
    j : int
        Slot.
    """
    k, stakers, pot = book.k, book.stakers, int(book.tao[j])
    held = [int(amount) for amount in book.held[j]]
    there = np.flatnonzero(stakers.place[k] == j)
    parts = np.array([redeemed(pot, int(alpha), sum(held)) for alpha in stakers.alpha[k][there]], np.int64)
    earners = redeemed(pot, held[columns.MINERS] + held[columns.VALIDATORS], sum(held))
    stakers.root[k][there] += parts
    stakers.alpha[k][there] = 0
    stakers.place[k][there] = columns.ROOT
    to_owner = pot - int(parts.sum()) - earners
    stakers.root[k][stakers.rows_of(book.owner[j : j + 1])] += to_owner
    economy.accounts.reward_pool[k] += earners
    economy.post(k, "alpha redemption", SUBNETS, "staked", pot - earners)
    economy.post(k, "alpha redemption", SUBNETS, "reward pool", earners)
    economy.metrics["subnet_closings"][k] = 1.0
    book.close(j)
