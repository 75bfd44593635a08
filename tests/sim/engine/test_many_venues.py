"""One token at four kinds of venue: arbitrageurs keep its prices inside the no-arbitrage band.

**Venues at which one can trade at once** (two pools, the order book). Buying tokens for d dollars at venue i and
selling them at venue j leaves no arbitrageur its margin m after two transactions c and, between chains, a transfer b,
when

    ln p_j - ln p_i  <=  h_i(d) + h_j(d) + ln(1 + m) - ln(1 - (c + b) / d)

where h(d) is the log distance from a venue's price to what a trade of d dollars is filled at, its fee f included:

    constant product, with Y dollars:           h = -ln(1 - f) + ln(1 + (1 - f) d / Y)
    concentrated, with liquidity L:             the same with Y = L sqrt(p), its dollars at constant liquidity
    order book, with an average fill a (b) :    h = |ln(a / p)| -+ ln(1 +- f): its own quoted half-spread, and the fee

It holds after every step, for every d; the test takes one thousand dollars. Every arbitrageur makes at most one deal a
step, so m is that of the one with the largest margin as long as not all of them trade.

**The call auction** clears before the others, at limits that arbitrageurs set on what the pools quote after the step
before. With D the dollars that they trade in it, and the stock of one more of them, its price is inside

    |ln p_auction - ln p|  <=  h(D) + ln(1 + m) -+ ln(1 +- f) - ln(1 - (c + b) / q)

of the constant-product pool's price p of then, with q the smallest stock. In the step it may move away from the other
venues by the change of their prices.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from catallaxy import numba_kernels as nk
from catallaxy.agents.arbitrageurs import Arbitrageurs
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.whole

STEPS = 100
SIZE = 1_000 * 10**6
POOL, AUCTION = 0, 3
CONTINUOUS = (POOL, 1, 2)
#: First-order formulas against trades of a tenth of a per cent of a pool.
ROUNDING = 1e-4


def walked(pool: Any, side: int, size: float) -> float:
    """Return the average tick at which a book fills a trade of this value, before fees; NaN beyond what it holds."""
    levels = np.zeros((2000, 2), np.int64)
    count = nk.order_book_upkeep.depth(pool.engine, side, levels)
    value, lots, left = 0.0, 0.0, size
    for tick, there in levels[:count].tolist():
        each = tick * pool.tick_value
        taken = min(float(there), left / each)
        value, lots, left = value + taken * each, lots + taken, left - taken * each
    return value / lots / pool.lot_size if left < 1.0 else math.nan


def distance(rule: Any, pool: Any, size: float, side: int) -> float:
    """Return h(d) of the docstring, for buying or selling tokens; infinite where the venue cannot fill it."""
    if rule.kind == "order-book":
        other = nk.order_columns.SELL if side > 0 else nk.order_columns.BUY
        average = walked(pool, other, size)
        found = side * math.log(average / pool.price * (1.0 + side * rule.fee))
        return found if math.isfinite(found) else math.inf
    return pool_distance(rule.fee, size, virtual_dollars(rule, pool))


def virtual_dollars(rule: Any, pool: Any) -> float:
    """Return L sqrt(p), micro-USD: the dollars of a constant-product pool."""
    return float(4.0 * rule.exposure(pool) * pool.value)


def pool_distance(fee: float, size: float, dollars: float) -> float:
    """Return h(d) of a pool."""
    return -math.log(1.0 - fee) + math.log(1.0 + (1.0 - fee) * size / dollars)


def by_costs(costs: float, size: float) -> float:
    """Return the log distance that a fixed cost makes on a trade of this value."""
    return -math.log(1.0 - costs / size)


class Watched:
    """A run, and how far prices are outside the band after every step; negative inside."""

    def __init__(self, replicate: int, **sets: Any) -> None:
        self.engine = Engine(load("many-venues", sets={"steps": STEPS, **sets}), replicate=replicate)
        self.rules, self.pools = self.engine.economy.specs[0].venues, self.engine.economy.pools[0]
        population = self.engine.economy.populations["arbitrageurs"]
        assert isinstance(population, Arbitrageurs)
        self.arbitrageurs = population
        self.traded = 0
        self.count_auction_trades()
        self.outside: list[float] = []
        self.auction_outside: list[float] = []
        self.widest: list[float] = []
        self.auction_width: list[float] = []
        self.reach: list[float] = []
        while not self.engine.finished:
            before = self.logs()
            self.traded = 0
            self.band = self.auction_band()
            self.engine.step()
            self.look_at_auction(before)
            self.look()

    def count_auction_trades(self) -> None:
        fill = self.arbitrageurs.fill

        def counted(k: int, usd: Any, tokens: Any) -> None:
            self.traded += int(np.abs(tokens).sum())
            fill(k, usd, tokens)

        self.arbitrageurs.fill = counted  # type: ignore[method-assign]

    def logs(self) -> list[float]:
        return [math.log(pool.price) for pool in self.pools]

    def costs(self, i: int, j: int) -> float:
        drivers = self.engine.economy.drivers
        bridge = 0.0 if self.rules[i].chain == self.rules[j].chain else drivers["bridge_cost"]
        return 1e6 * (2.0 * drivers["transaction_cost"] + bridge)

    def look(self) -> None:
        """Note what the continuous venues exceed the band by, and how wide it is at its widest."""
        margin = math.log1p(float(self.arbitrageurs.margin.max()))
        outside, widths = [], []
        for i, j in itertools.permutations(CONTINUOUS, 2):
            bought, sold = (distance(self.rules[v], self.pools[v], SIZE, side) for v, side in ((i, 1), (j, -1)))
            widths.append(bought + sold + margin + by_costs(self.costs(i, j), SIZE))
            outside.append(math.log(self.pools[j].price / self.pools[i].price) - widths[-1])
        self.outside.append(max(outside))
        self.widest.append(max(widths))

    def auction_band(self) -> Any:
        """Return the ends of the auction's band, as log prices, as a function of the tokens traded in it."""
        population, fee = self.arbitrageurs, self.rules[AUCTION].fee
        away = math.log1p(float(population.margin.max())) - math.log(1.0 - fee)
        now = [(rule, math.log(pool.price), virtual_dollars(rule, pool)) for rule, pool in self.pools_now()]
        stocks = population.stock[0] * self.pools[POOL].price
        if stocks.min() > 0.0:
            away += by_costs(max(self.costs(venue, AUCTION) for venue in (POOL, 1)), float(stocks.min()))

        def ends(tokens: int) -> tuple[float, float]:
            size = tokens * math.exp(now[0][1]) + float(stocks.max())
            reach = [(price, pool_distance(rule.fee, size, dollars) + away) for rule, price, dollars in now]
            return max(price - width for price, width in reach), min(price + width for price, width in reach)

        return ends

    def pools_now(self) -> Any:
        return zip(self.rules[:2], self.pools[:2], strict=True)

    def look_at_auction(self, before: list[float]) -> None:
        low, high = self.band(self.traded)
        self.auction_width.append(0.5 * (high - low))
        *others, auction = self.logs()
        self.auction_outside.append(max(low - auction, auction - high))
        ends = (low, high, *before[:AUCTION])
        moves = max(abs(now - then) for now, then in zip(others, before, strict=False))
        self.reach.append(max(ends) - min(ends) + moves)


@pytest.mark.slow
@pytest.mark.jit
@pytest.mark.parametrize("replicate", range(3))
def test_prices_stay_inside_the_no_arbitrage_band(replicate: int) -> None:
    run = Watched(replicate)
    record = run.engine.record()
    assert record.status == "complete", record.error
    spread = record.series["venue_spread"][1:, 0]
    assert np.all(spread <= np.maximum(run.widest[1:], run.reach[1:]) + ROUNDING)
    assert max(run.outside) <= ROUNDING
    assert max(run.auction_outside[1:]) <= ROUNDING
    assert np.median(run.widest) < 0.06
    assert np.median(run.auction_width) < 0.025


@pytest.mark.slow
@pytest.mark.jit
def test_without_arbitrage_prices_leave_the_band() -> None:
    run = Watched(0, **{"populations.arbitrageurs.cash": 0.0})
    assert max(run.outside) > 0.05
    assert max(run.auction_outside[1:]) > 0.05


@pytest.mark.slow
@pytest.mark.jit
def test_orders_are_what_ties_the_auction() -> None:
    spreads = {}
    for stock in (0.0, 0.1):
        record = simulate(load("many-venues", sets={"steps": STEPS, "populations.arbitrageurs.stock": stock}))
        spreads[stock] = float(record.series["venue_spread"].mean())
    assert spreads[0.0] > 2.0 * spreads[0.1]


@pytest.mark.slow
@pytest.mark.jit
def test_the_order_of_arbitrageurs_does_not_matter() -> None:
    engines = [Engine(load("many-venues", sets={"steps": 30})) for _ in range(2)]
    engines[1].economy.populations["arbitrageurs"].permute(np.arange(20)[::-1])
    for engine in engines:
        engine.run()
    first, second = (engine.record().series for engine in engines)
    assert [name for name in first if first[name].tobytes() != second[name].tobytes()] == []
