"""The speculator and pool block: orders of one network, batch clearing, settlement, trends.

`CompiledBlock` is made of the engine's own parts (`Speculators.bet` and `settle`, `ConstantProduct.clear`); `mesa_twin`
starts the plain Mesa model of `tests/oracles` from the same balances, traits and draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.population import MICRO, Fills, Floats, Ints, Site
from catallaxy.agents.speculators import Beliefs, Speculators, SpeculatorsSpec
from catallaxy.numba_kernels.streams import Stream, step_key
from catallaxy.sim.markets.venues import ConstantProduct
from oracles.mesa_twin import MesaMarket, Psychology, Reserves

__all__ = ["CompiledBlock", "mesa_twin"]

#: Base units per token; with as many micro-USD per USD, a price is the same number in both pairs of units.
BASE = MICRO
TOKENS_PER_AGENT = 5_000
POOL_SHARE = 0.2
LOG_VALUE = 0.3


class CompiledBlock:
    """Speculators and one constant-product pool, run by the engine's kernels.

    Parameters
    ----------
    n : int
        Speculators.
    seed : int
    """

    def __init__(self, n: int, seed: int = 7) -> None:
        self.seed, self.day = seed, 0
        self.spec = SpeculatorsSpec(kind="speculators", count=n)
        site = Site(np.uint64(seed), 0, 1, np.array([BASE]), np.ones(1), 1.0, Lanes())
        self.people: Speculators = self.spec.build("speculators", site)
        supply = n * TOKENS_PER_AGENT * BASE
        self.people.endow(0, supply)
        self.venue = ConstantProduct(kind="constant-product")
        self.pool = self.venue.open(int(supply * POOL_SHARE), int(supply * POOL_SHARE))
        self.trend_short, self.trend_long = np.zeros(1), np.zeros(1)
        self.weights = (1.0 / self.spec.short_trend_days, 1.0 / self.spec.long_trend_days)

    def shocks(self, day: int) -> Floats:
        """Draw the common shock of each strategy on one day, float64[1, 3]."""
        draws = np.empty(3)
        nk.random.fill_normal(step_key(self.seed, Stream.COMMON_NOISE, day), np.arange(3), draws)
        sizes = (self.spec.shock_fundamentalist, self.spec.shock_chartist, self.spec.shock_noise)
        shocks: Floats = (draws * np.array(sizes)).reshape(1, 3)
        return shocks

    def noise_key(self, day: int) -> np.uint64:
        """Return the key of the day's personal noise, before it is split over networks."""
        return step_key(self.seed, Stream.SPECULATOR_NOISE, day)

    def step(self) -> None:
        """Play one day."""
        pool, log = self.pool, nk.elementary.log_scalar
        log_price = log(pool.price)
        gap = np.array([LOG_VALUE - log_price])
        price = np.array([pool.price])
        beliefs = Beliefs(gap, self.trend_short, self.trend_long, self.shocks(self.day), np.ones(1), price)
        bid, offered = self.people.bet(self.noise_key(self.day), beliefs)
        clearing = self.venue.clear(pool, bid[0], offered[0])
        fills = Fills(np.array([clearing.tokens_per_usd]), np.array([clearing.usd_per_token]))
        tokens_out, usd_out = self.people.settle(fills)
        pool.usd += bid[0] - usd_out[0]
        pool.tokens += offered[0] - tokens_out[0]
        pool.price = clearing.price
        change = log(pool.price) - log_price
        for trend, weight in zip((self.trend_short, self.trend_long), self.weights, strict=True):
            trend += weight * (change - trend)
        self.day += 1

    def holdings(self) -> tuple[Ints, Ints]:
        """Return cash (micro-USD) and tokens (base units) of every agent, int64[n] each."""
        return self.people.usd, self.people.tokens[0]

    def rows(self) -> list[dict[str, Any]]:
        """Return every agent's balances and traits as a dictionary of Python numbers."""
        people = self.people
        columns = {
            name: people.columns[name].tolist()
            for name in ("strategy", "horizon", "value_bias", "reaction", "noise", "aggressiveness", "usd")
        }
        columns |= {"number": list(range(people.n)), "tokens": people.tokens[0].tolist()}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def mesa_twin(block: CompiledBlock) -> MesaMarket:
    """Return the plain Mesa model that starts where `block` stands and meets the same chance.

    Parameters
    ----------
    block : CompiledBlock
        Not stepped yet.

    Returns
    -------
    MesaMarket
    """
    draws = np.empty(block.people.n)

    def chance(day: int) -> tuple[list[float], list[float]]:
        nk.random.fill_normal(step_key(block.noise_key(day), 0, 0), block.people.ids, draws)
        return draws.tolist(), block.shocks(day)[0].tolist()

    mind = Psychology(block.spec.value_pull, block.spec.trend_pull, *block.weights)
    reserves = Reserves(block.pool.usd, block.pool.tokens, block.venue.fee, block.pool.price)
    return MesaMarket(block.rows(), mind, reserves, LOG_VALUE, chance, nk.elementary.log_scalar)
