"""Moments of daily returns, and how often all lie in the intervals of the stock market's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.numba_kernels.strategy_choice import Leanings
from catallaxy.papers.franke_westerhoff_2012.kernels import Market, trade
from catallaxy.sim.analysis.intervals import Interval, mean, share
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MOMENTS", "Parameters", "draw", "estimates", "measure", "moments", "parts"]

Floats = npt.NDArray[np.float64]

_SHARES, _TRADERS, _PERCENT = "shares", "traders", "log prices in percent"
_LAGS = (5, 10, 25, 50, 100)
#: Part of all days whose absolute returns are in the tail.
_TAIL = 0.05

MOMENTS = (
    "autocorrelation of returns",
    "inverse Hill index",
    "mean absolute return, %",
    "autocorrelation of absolute returns, lag 1",
    *(f"autocorrelation of absolute returns, lag {lag}" for lag in _LAGS),
    "excess kurtosis",
)
"""Columns of `moments`; the paper's estimation uses all but the last."""


class Parameters(Spec):
    """Table 1 of the paper, the intervals of its Table A1, and how much is simulated."""

    impact: float = quantity(unit="1", doc="Price impact (mu).", gt=0, le=1)
    intensity: float = quantity(unit="1", doc="Intensity of choice (beta).", gt=0, le=100)
    value_pull: float = quantity(unit="1", doc="Pull of the gap to value (phi).", ge=0, le=10)
    trend_pull: float = quantity(unit="1", doc="Pull of the trend (chi).", ge=0, le=10)
    predisposition: float = quantity(unit="1", doc="Leaning to fundamentalism (alpha_0).", ge=-10, le=10)
    herding: float = quantity(unit="1", doc="Pull of the majority (alpha_n).", ge=0, le=10)
    misalignment: float = quantity(unit="1", doc="Weight of the squared log gap (alpha_p).", ge=0, le=1000)
    shock_fundamentalist: float = quantity(unit="1", doc="Standard deviation of the shock.", ge=0, le=10)
    shock_chartist: float = quantity(unit="1", doc="Standard deviation of the shock.", ge=0, le=10)
    intervals: dict[str, tuple[float, float]] = quantity(unit="-", doc="95 % intervals of the stock market's moments.")
    days: int = quantity(unit="day", doc="Days of a run.", ge=200)
    burn: int = quantity(unit="day", doc="Days before them.", ge=0)
    runs: int = quantity(unit="1", doc="Independent runs with shares.", ge=2)
    traders: int = quantity(unit="agent", doc="Traders of a run.", ge=1)
    trader_runs: int = quantity(unit="1", doc="Independent runs with traders.", ge=2)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return shares, single traders, and shares that see log prices in percent."""
    return _SHARES, _TRADERS, _PERCENT


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Trade; return moments of each run, its mean share of chartists, and the returns of the first run, percent."""
    p = parameters
    market = Market(
        p.impact,
        p.intensity,
        p.value_pull,
        p.trend_pull,
        p.shock_fundamentalist,
        p.shock_chartist,
        100.0 if part == _PERCENT else 1.0,
    )
    leanings = Leanings(p.predisposition, p.herding, p.misalignment)
    n, runs = (p.traders, p.trader_runs) if part == _TRADERS else (0, p.runs)
    returns, chartists = np.zeros((runs, p.days)), np.zeros(runs)
    trade(key, market, leanings, n, p.burn, returns, chartists)
    found = np.array([moments(100.0 * run) for run in returns])
    return {"moments": found, "chartists": chartists, "returns": 100.0 * returns[0]}


def moments(returns: Floats) -> Floats:
    """Return the moments of one series of returns in percent, in the order of `MOMENTS`.

    Autocorrelations of absolute returns are means over three neighbouring lags, that of lag 1 over lags 1 and 2; the
    inverse Hill index is that of the largest 5 % of absolute returns.
    """
    moves, apart = np.abs(returns), returns - returns.mean()
    ordered = np.sort(moves)[::-1]
    tail = int(_TAIL * len(moves))
    hill = np.log(ordered[:tail]).mean() - np.log(ordered[tail])
    short = (_autocorrelation(moves, 1) + _autocorrelation(moves, 2)) / 2.0
    long = [np.mean([_autocorrelation(moves, near) for near in (lag - 1, lag, lag + 1)]) for lag in _LAGS]
    kurtosis = (apart**4).mean() / (apart**2).mean() ** 2 - 3.0
    return np.array([_autocorrelation(returns, 1), hill, moves.mean(), short, *long, kurtosis])


def _autocorrelation(values: Floats, lag: int) -> float:
    apart = values - values.mean()
    return float((apart[:-lag] * apart[lag:]).sum() / (apart * apart).sum())


def _inside(parameters: Parameters, found: Floats) -> npt.NDArray[np.bool_]:
    """Return for each run and moment whether it lies in its interval, bool[runs, 9]."""
    low, high = np.array([parameters.intervals[name] for name in MOMENTS[:-1]]).T
    inside: npt.NDArray[np.bool_] = (found[:, :-1] >= low) & (found[:, :-1] <= high)
    return inside


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return means of moments over runs, the share of chartists, and the share of runs with all moments inside."""
    quantities: dict[str, Interval] = {}
    for part in parts(parameters):
        here = found[part]
        together = np.all(_inside(parameters, here["moments"]), axis=1)
        quantities[f"all moments inside, {part}"] = share(int(np.sum(together)), np.size(together))
        quantities[f"share of chartists, {part}"] = mean(here["chartists"])
        if part != _PERCENT:
            quantities |= {f"{name}, {part}": mean(here["moments"][:, i]) for i, name in enumerate(MOMENTS)}
    return quantities


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw the returns of one run, the memory of absolute returns, and how many runs have each moment inside."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    left.plot(found[_SHARES]["returns"], color=COLOURS[0], linewidth=0.4)
    left.set_title("One run")
    left.set_xlabel("Days")
    left.set_ylabel("Return, %")
    _draw_memory(middle, parameters, found)
    _draw_coverage(right, parameters, found)
    return figure


def _draw_memory(ax: Axes, parameters: Parameters, found: Found) -> None:
    lags, names = (1, *_LAGS), MOMENTS[3:-1]
    low, high = np.array([parameters.intervals[name] for name in names]).T
    ax.fill_between(lags, low, high, color=GREY, alpha=0.3, label="stock market, 95 %")
    for part, style in ((_SHARES, "-"), (_TRADERS, "--")):
        ax.plot(lags, found[part]["moments"][:, 3:-1].mean(axis=0), style, color=COLOURS[0], label=part)
    ax.set_xscale("log")
    ax.set_xticks(lags, [str(lag) for lag in lags])
    ax.minorticks_off()
    ax.set_title("Memory of volatility")
    ax.set_xlabel("Lag, days")
    ax.set_ylabel("Autocorrelation of |return|")
    ax.set_ylim(0.0, 0.35)
    ax.legend(loc="upper right")


def _draw_coverage(ax: Axes, parameters: Parameters, found: Found) -> None:
    names = ("returns, lag 1", "1/Hill", "mean |return|", *(f"|return|, lag {lag}" for lag in (1, *_LAGS)))
    for number, part in enumerate((_SHARES, _TRADERS)):
        inside = _inside(parameters, found[part]["moments"])
        values = 100.0 * np.array([*inside.mean(axis=0), inside.all(axis=1).mean()])
        ax.barh(np.arange(len(values)) + 0.2 - 0.4 * number, values, 0.4, color=COLOURS[number], label=part)
    ax.set_yticks(range(len(names) + 1), [*names, "all"])
    ax.invert_yaxis()
    ax.set_title("Moments inside their intervals")
    ax.set_xlabel("% of runs")
    ax.set_xlim(0.0, 160.0)
    ax.set_xticks([0, 50, 100])
    ax.legend(loc="lower right")
