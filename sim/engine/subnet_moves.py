"""Stakers of subnets move: they sell the alpha of where they were, and buy that of where they want to be."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Flags, Ints
from catallaxy.agents.rates import DAYS
from catallaxy.agents.subnet_stakers import pro_rata
from catallaxy.numba_kernels import subnet_columns as columns
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.subnet_slots import make_room
from catallaxy.sim.engine.subnets import sections
from catallaxy.sim.recording.sectors import SUBNETS
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.state.subnets import Subnets
from catallaxy.sim.tokenomics.subnets import SubnetsSpec

__all__ = ["move_stakes"]

#: Uses of chance that is the same in every step.
_TASTES = 8


def move_stakes(economy: Economy) -> None:
    """Open and close subnets, and let stakers who think again move.

    Parameters
    ----------
    economy : Economy
    """
    for k, book, spec in sections(economy):
        economy.metrics["subnet_registrations"][k] = economy.metrics["subnet_closings"][k] = 0.0
        make_room(economy, k, book, spec)
        key = np.uint64(nk.random.step_key(economy.key(Stream.SUBNETS), k, 1))
        target = book.stakers.choose(k, (key, book.key(_TASTES)), _places(economy, book, spec))
        place = book.stakers.place[k]
        _sell(economy, book, spec, (target != columns.KEEP) & (place >= 0) & (target != place))
        place[target != columns.KEEP] = target[target != columns.KEEP]
        _buy(economy, book, spec, (target >= 0) & (book.stakers.root[k] > 0))


def _places(economy: Economy, book: Subnets, spec: SubnetsSpec) -> nk.subnet_stakes.Places:
    stakers = book.stakers
    income = book.tally[:, columns.STAKERS] * np.float64(DAYS["per_year"] / economy.dt_days)
    return nk.subnet_stakes.Places(
        book.slots.live,
        book.serial,
        book.price(),
        book.tao.astype(np.float64),
        income,
        book.held[:, columns.STAKERS].astype(np.float64),
        book.trend,
        book.appeal,
        book.root_yield,
        stakers.spec.taste,
        spec.alpha.fee,
        stakers.horizon_years,
    )


def _sell(economy: Economy, book: Subnets, spec: SubnetsSpec, leaving: Flags) -> None:
    rows, k, stakers = np.flatnonzero(leaving), book.k, book.stakers
    given = _trade(book, stakers.place[k][rows], stakers.alpha[k][rows], (columns.ALPHA, columns.TAO), spec.alpha.fee)
    np.subtract.at(book.held[:, columns.STAKERS], stakers.place[k][rows], stakers.alpha[k][rows])
    np.subtract.at(book.paid_in, stakers.place[k][rows], given)
    stakers.alpha[k][rows] = 0
    stakers.root[k][rows] += given
    economy.post(k, "alpha sales", SUBNETS, "staked", int(given.sum()))


def _buy(economy: Economy, book: Subnets, spec: SubnetsSpec, entering: Flags) -> None:
    rows, k, stakers = np.flatnonzero(entering), book.k, book.stakers
    paid = stakers.root[k][rows]
    given = _trade(book, stakers.place[k][rows], paid, (columns.TAO, columns.ALPHA), spec.alpha.fee)
    np.add.at(book.held[:, columns.STAKERS], stakers.place[k][rows], given)
    np.add.at(book.paid_in, stakers.place[k][rows], paid)
    stakers.root[k][rows] = 0
    stakers.alpha[k][rows] += given
    economy.post(k, "alpha purchases", "staked", SUBNETS, int(paid.sum()))


def _trade(book: Subnets, place: Ints, amounts: Ints, columns: tuple[int, int], fee: float) -> Ints:
    """Trade all amounts for a place as one; return what each got, int64[m], base units: rounding stays in the pool."""
    total, got = np.zeros((2, book.n), np.int64)
    np.add.at(total, place, amounts)
    nk.subnet_stakes.swap(book.slots.pools, columns, total, fee, got)
    given = pro_rata(place, amounts, got)
    np.subtract.at(got, place, given)
    book.slots.pools[:, columns[1]] += got
    return given
