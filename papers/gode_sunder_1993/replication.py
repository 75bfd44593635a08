"""Traders who quote at random, with and without a budget constraint, on the order book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.numba_kernels import random
from catallaxy.numba_kernels.unit_orders import open_desk
from catallaxy.papers.gode_sunder_1993.kernels import hold_period
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import COLOURS, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CONSTRAINED, _FREE, _RANDOM = (
    "constrained, linear schedules",
    "unconstrained, linear schedules",
    "constrained, random schedules",
)
#: Streams under the key of a part: quotes, and schedules that are drawn.
_QUOTES, _SCHEDULES = range(2)
_LOWEST_PRICE = 1.0


class Parameters(Spec):
    """A market of buyers and sellers, and how often it is held."""

    traders: int = quantity(unit="agent", doc="Buyers, and as many sellers.", ge=1, le=1000)
    units: int = quantity(unit="1", doc="Units that each buyer wants, and each seller has.", ge=1, le=1000)
    first_value: float = quantity(unit="USD", doc="What the unit that is wanted most is worth.", gt=1)
    first_cost: float = quantity(unit="USD", doc="What the cheapest unit costs.", gt=1)
    step: float = quantity(unit="USD", doc="How much less the next unit is worth, and how much more it costs.", gt=0)
    highest_price: float = quantity(
        unit="USD", doc="Highest quote; the lowest is 1.", gt=1, source="the paper, pp. 121-122"
    )
    tick: float = quantity(unit="USD", doc="Price tick; small, because quotes are real numbers.", gt=0)
    quotes: int = quantity(unit="1", doc="Quotes in a period; enough that nobody can trade any more.", ge=1)
    periods: int = quantity(unit="1", doc="Independent periods of each market.", ge=2)

    def ticks(self, prices: Floats) -> Ints:
        """Return prices as ticks above the lowest."""
        return np.rint((prices - _LOWEST_PRICE) / self.tick).astype(np.int64)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the three markets."""
    return _CONSTRAINED, _FREE, _RANDOM


def schedules(parameters: Parameters, part: str, key: np.uint64) -> Ints:
    """Return what units are worth to buyers and cost sellers, in ticks: a row for each trader, the best unit first.

    Linear schedules deal values and costs in turns: the first to the first trader, the second to the second. Random
    ones draw each between the lowest price and the highest.
    """
    shape = 2 * parameters.traders, parameters.units
    if part != _RANDOM:
        order = np.arange(shape[0] // 2)[:, None] + shape[0] // 2 * np.arange(shape[1])
        values, costs = (
            parameters.first_value - parameters.step * order,
            parameters.first_cost + parameters.step * order,
        )
        return parameters.ticks(np.concatenate([values, costs]))
    draws = np.empty(shape[0] * shape[1])
    random.fill_uniform(key, np.arange(draws.size), draws)
    prices = np.sort((_LOWEST_PRICE + (parameters.highest_price - _LOWEST_PRICE) * draws).reshape(shape))
    return parameters.ticks(np.concatenate([prices[: parameters.traders, ::-1], prices[parameters.traders :]]))


def gains_in_equilibrium(limits: Ints) -> tuple[int, int]:
    """Return how many units trade where demand meets supply, and the gains from that."""
    values, costs = (np.sort(side.ravel()) for side in np.split(limits, 2))
    gains = values[::-1] - costs
    return int(np.sum(gains > 0)), int(np.sum(gains[gains > 0]))


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Hold all periods of one market; return efficiency (%), volume over that in equilibrium, and prices (USD)."""
    n_units = parameters.traders * parameters.units
    desk = open_desk(
        1 + int(parameters.ticks(np.array(parameters.highest_price))), parameters.quotes, 2 * parameters.traders
    )
    units, trades = np.zeros(2 * parameters.traders, np.int64), np.zeros((n_units, 3), np.int64)
    efficiency, volume = np.zeros(parameters.periods), np.zeros(parameters.periods)
    prices = np.full((parameters.periods, n_units), np.nan)
    for period in range(parameters.periods):
        limits = schedules(parameters, part, random.step_key(key, _SCHEDULES, period))
        quotes = random.step_key(key, _QUOTES, period)
        n, surplus = hold_period(desk, limits, part != _FREE, parameters.quotes, quotes, units, trades)
        n_best, best = gains_in_equilibrium(limits)
        efficiency[period], volume[period] = 100.0 * surplus / best, n / n_best
        prices[period, :n] = _LOWEST_PRICE + parameters.tick * trades[:n, 0]
    return {"efficiency": efficiency, "volume": volume, "prices": prices}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return mean efficiencies and volumes over the periods."""
    efficiencies = {part: mean(arrays["efficiency"]) for part, arrays in found.items()}
    volumes = {f"volume, {part}": mean(found[part]["volume"]) for part in (_CONSTRAINED, _FREE)}
    return {**efficiencies, **volumes}


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw the schedules, how prices move within a period, and how efficiency varies between periods."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    _draw_schedules(left, parameters)
    for number, part in enumerate((_FREE, _CONSTRAINED)):
        _draw_prices(middle, found[part]["prices"], COLOURS[number], part.partition(",")[0])
    middle.set_title("Prices within a period")
    middle.set_xlabel("Trade of the period")
    middle.set_ylabel("Price (USD): median, 5-95 %")
    middle.set_ylim(0.0, 1.25 * parameters.highest_price)
    middle.legend(loc="upper right")
    _draw_efficiency(
        right, found[_CONSTRAINED]["efficiency"], next(row for row in rows if row.quantity == _CONSTRAINED)
    )
    return figure


def _draw_schedules(ax: Axes, parameters: Parameters) -> None:
    n_units = parameters.traders * parameters.units
    order, places = np.arange(n_units), np.arange(n_units + 1)
    for label, prices, colour in (
        ("demand", parameters.first_value - parameters.step * order, COLOURS[0]),
        ("supply", parameters.first_cost + parameters.step * order, COLOURS[2]),
    ):
        ax.stairs(prices, places, baseline=None, color=colour, label=label, linewidth=1.4)
    ax.set_title("Linear schedules")
    ax.set_xlabel("Units")
    ax.set_ylabel("Value and cost (USD)")
    ax.legend(loc="upper right")


def _draw_efficiency(ax: Axes, efficiency: Floats, row: Row) -> None:
    ax.hist(efficiency, bins=20, color=COLOURS[1], alpha=0.6)
    ax.axvline(row.ours.estimate, color="black", label=f"our mean {row.ours.estimate:.2f} %")
    ax.axvline(row.published, color=COLOURS[0], linestyle="--", label=f"expected mean {row.published:g} %")
    ax.set_title("Efficiency of constrained traders")
    ax.set_xlabel("Gains made over gains possible (%)")
    ax.set_ylabel("Periods")
    ax.legend(loc="upper left")


def _draw_prices(ax: Axes, prices: Floats, colour: str, label: str) -> None:
    often = np.isfinite(prices).sum(axis=0) >= 0.5 * len(prices)
    low, middle, high = np.nanquantile(prices[:, often], (0.05, 0.5, 0.95), axis=0)
    trades = 1 + np.arange(len(middle))
    ax.fill_between(trades, low, high, color=colour, alpha=0.2, linewidth=0)
    ax.plot(trades, middle, color=colour, label=label)
