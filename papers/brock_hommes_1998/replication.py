"""Where the price leaves its fundamental value, and what it does then."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.papers.brock_hommes_1998.kernels import Forecasts, trade
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Kind", "Market", "Parameters", "draw", "estimates", "measure", "parts", "path", "threshold"]

Floats = npt.NDArray[np.float64]

_TWO, _FOUR, _AGENTS = "two kinds", "four kinds", "two kinds, single traders"
#: Deviation from a steady state at the start where its stability is looked at, and one that is away from it.
_NUDGE, _AWAY = 1e-7, 1e-3
_PRECISION = 1e-7
#: Days after which a price is where it stays, with shares and with single traders, who begin above its value.
_SETTLED, _CROWD_SETTLED = 4000, 500
_START = 0.3
#: Intensities of choice that the figure shows.
_SCANNED = 240
_NO_CHANCE = np.uint64(0)


class Kind(Spec):
    """One way of forecasting the deviation of the price from its fundamental value."""

    trend: float = quantity(unit="1", doc="Weight of the last deviation (g).", ge=-10, le=10)
    bias: float = quantity(0.0, unit="1", doc="Constant (b).", ge=-10, le=10)
    cost: float = quantity(0.0, unit="1", doc="Cost a day (C).", ge=0, le=10)


class Market(Spec):
    """Forecasts to choose from, and the return of the safe asset."""

    growth: float = quantity(unit="1", doc="Gross return of the safe asset (R).", gt=1, le=2)
    kinds: tuple[Kind, ...] = quantity(unit="-", doc="Forecasts.")
    shown: tuple[float, ...] = quantity(unit="1", doc="Intensities of choice whose prices are reported.")


class Parameters(Spec):
    """The paper's two markets."""

    two: Market = quantity(unit="-", doc="Fundamentalists at a cost, and trend followers.")
    four: Market = quantity(unit="-", doc="Fundamentalists, two biased trend followers, and one without a bias.")
    days: int = quantity(unit="day", doc="Days of a path that counts, after 4,000.", ge=100)
    traders: int = quantity(unit="agent", doc="Single traders.", ge=1)
    trader_days: int = quantity(unit="day", doc="Days of a run with them that count, after 500.", ge=100)
    trader_runs: int = quantity(unit="1", doc="Independent runs with them.", ge=2)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return two kinds, four kinds, and single traders of two kinds."""
    return _TWO, _FOUR, _AGENTS


def path(
    market: Market, intensity: float, start: float, days: int, traders: int = 0, key: np.uint64 = _NO_CHANCE
) -> Floats:
    """Return deviations of the price from its fundamental value, float64[days], that begin with `start`."""
    forecasts = Forecasts(*(np.array([getattr(k, name) for k in market.kinds]) for name in ("trend", "bias", "cost")))
    price = np.full(days, start)
    trade(key, forecasts, market.growth, intensity, traders, price)
    return price


def threshold(market: Market, low: float, high: float, *, above: bool = False) -> float:
    """Return the intensity of choice at which a steady state loses its stability, between two that enclose it.

    The steady state is the fundamental value, or the one `above` it.
    """
    while high - low > _PRECISION:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if _leaves(market, middle, above) else (middle, high)
    return 0.5 * (low + high)


def _leaves(market: Market, intensity: float, above: bool) -> bool:
    """Return whether a price that is nudged off a steady state goes away, or is further from it later than earlier."""
    rest = _rest(market, intensity) if above else 0.0
    moves = np.abs(path(market, intensity, rest + _NUDGE, 600) - rest)
    return bool(moves.max() > _AWAY or moves[-100:].max() > moves[200:300].max())


def _rest(market: Market, intensity: float) -> float:
    """Return the steady state above the fundamental value, of fundamentalists at a cost and trend followers.

    Trend followers have the share R / g there, and the logit gives the price from it.
    """
    costly, trend = market.kinds
    followers = market.growth / trend.trend
    odds = math.log(followers / (1.0 - followers)) / intensity
    return math.sqrt(max(costly.cost - odds, 0.0) / ((market.growth - 1.0) * trend.trend))


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Find thresholds and prices; return them, and the prices of the intensities that are shown."""
    market = parameters.four if part == _FOUR else parameters.two
    if part == _AGENTS:
        return {"prices": np.array([_crowd(parameters, market, beta, key) for beta in market.shown])}
    days = _SETTLED + parameters.days
    thresholds = [threshold(market, 1.0, 200.0)]
    if part == _TWO:
        thresholds.append(threshold(market, thresholds[0] + 0.05, 10.0, above=True))
    scan = np.linspace(0.5 * thresholds[0], 1.9 * thresholds[0], _SCANNED)
    return {
        "prices": np.array([path(market, beta, _START, days)[_SETTLED:] for beta in market.shown]),
        "thresholds": np.array(thresholds),
        "scan": scan,
        "orbit": np.array([path(market, beta, _START, _SETTLED)[-60:] for beta in scan]),
    }


def _crowd(parameters: Parameters, market: Market, intensity: float, key: np.uint64) -> Floats:
    """Return prices of independent runs with single traders, float64[runs, days]."""
    runs = range(parameters.trader_runs)
    days = _CROWD_SETTLED + parameters.trader_days
    traded = [path(market, intensity, 1.0, days, parameters.traders, nk.random.step_key(key, run, 0)) for run in runs]
    return np.array(traded)[:, _CROWD_SETTLED:]


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return thresholds, prices where they rest, and how much they move where they do not."""
    two, four, agents = (found[part] for part in parts(parameters))
    first, second = map(float, two["thresholds"])
    quantities = {
        "price leaves its value, two kinds": exactly(first),
        "price begins to cycle, two kinds": exactly(second),
        "price where it begins to cycle, two kinds": exactly(_rest(parameters.two, second)),
        "price leaves its value, four kinds": exactly(float(four["thresholds"][0])),
    }
    for beta, prices, crowd in zip(parameters.two.shown, two["prices"], agents["prices"], strict=True):
        if beta < second:
            quantities[f"price at {beta:g}, two kinds"] = exactly(float(np.abs(prices).mean()))
            quantities[f"price at {beta:g}, single traders"] = mean(np.abs(crowd).mean(axis=1))
        quantities[f"range of prices at {beta:g}, two kinds"] = exactly(float(np.ptp(prices)))
    for beta, prices in zip(parameters.four.shown, four["prices"], strict=True):
        quantities[f"standard deviation at {beta:g}, four kinds"] = exactly(float(prices.std()))
    return quantities


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw where prices end by intensity of choice, in both markets, and one path."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    for ax, part in ((left, _TWO), (middle, _FOUR)):
        _draw_orbits(ax, found[part], part)
    prices = found[_FOUR]["prices"][-1]
    right.plot(prices[:200], color=COLOURS[0], linewidth=0.8)
    right.set_title(f"Four kinds, intensity {parameters.four.shown[-1]:g}")
    right.set_xlabel("Days")
    right.set_ylabel("Price less fundamental value")
    return figure


def _draw_orbits(ax: Axes, here: Arrays, part: str) -> None:
    for sign in (1.0, -1.0):
        xs = np.repeat(here["scan"], here["orbit"].shape[1])
        ax.plot(xs, sign * here["orbit"].ravel(), ",", color=COLOURS[0])
    for at in here["thresholds"][np.isfinite(here["thresholds"])]:
        ax.axvline(at, color=COLOURS[1], linestyle="--", linewidth=1.0)
    ax.set_title(f"Where the price ends, {part}")
    ax.set_xlabel("Intensity of choice (dashed: thresholds)")
    ax.set_ylabel("Price less fundamental value")
