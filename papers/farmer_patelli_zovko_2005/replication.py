"""The spread of a book into which orders fall at random, for several rates of orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.numba_kernels.unit_orders import open_desk
from catallaxy.papers.farmer_patelli_zovko_2005.kernels import SPREAD_TIME, TIME, fill, spread_over_time
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.ratios import quotient, ratio_of_sums
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

_BEFORE = "before the change"
#: Changes of the rates: factors on deposits, and on market orders and cancellations.
_CHANGES = {"twice the deposits": (2.0, 1.0), "half the market orders and cancellations": (1.0, 0.5)}
#: Lives of an order, on average, that go by before the spread is measured.
_LIVES = 10.0
#: Width of the price band, and orders that find room over those expected, in windows and stationary books.
_BAND, _ROOM = 8, 4


class Parameters(Spec):
    """Rates of orders, and how long the book is watched; prices are in units of mu / alpha, times of 1 / mu."""

    depths: tuple[float, ...] = quantity(unit="1", doc="Cancellations of an order over market orders, delta / mu.")
    tick: float = quantity(unit="mu/alpha", doc="Price tick of the table.", gt=0)
    window: float = quantity(unit="mu/alpha", doc="How far from the opposite best price orders are deposited.", gt=0)
    batches: int = quantity(unit="1", doc="Parts into which each run is cut for its interval.", ge=10)
    events: int = quantity(unit="1", doc="Orders and cancellations in a batch of the table.", ge=1)
    scaling_depth: float = quantity(unit="1", doc="Delta / mu of the test of scaling.", gt=0)
    scaling_tick: float = quantity(unit="mu/alpha", doc="Its tick; small, because the law is about no ticks.", gt=0)
    scaling_window: float = quantity(unit="mu/alpha", doc="Its window, at the rates before they change.", gt=0)
    scaling_events: int = quantity(unit="1", doc="Orders and cancellations in a batch of it.", ge=1)


class Process(NamedTuple):
    """One run: rates of deposits, market orders and cancellations, tick, window, and events in a batch."""

    alpha: float
    mu: float
    delta: float
    tick: float
    window: float
    events: int


def processes(parameters: Parameters) -> dict[str, Process]:
    """Return all runs by the names of their parts."""
    p = parameters
    runs = {_spread_at(depth): Process(1.0, 1.0, depth, p.tick, p.window, p.events) for depth in p.depths}
    for name, (deposits, others) in {_BEFORE: (1.0, 1.0), **_CHANGES}.items():
        delta = others * p.scaling_depth
        runs[name] = Process(deposits, others, delta, p.scaling_tick, p.scaling_window, p.scaling_events)
    return runs


def _spread_at(depth: float) -> str:
    return f"spread at {depth:g}"


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the runs."""
    return list(processes(parameters))


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Watch one book; return spread times time, and time, of each batch after the book has settled."""
    run = processes(parameters)[part]
    window, standing = round(run.window / run.tick), run.alpha * run.window / run.delta
    desk = open_desk(_BAND * window, int(_ROOM * 2.0 * standing) + 64, 1)
    fill(desk, window, max(1, round(run.delta / (run.alpha * run.tick))))
    events_per_life = (4.0 * run.alpha * run.window + run.mu) / run.delta
    settling = 1 + int(_LIVES * events_per_life / run.events)
    batches = np.zeros((settling + parameters.batches, 2))
    rates = np.array([run.alpha * run.tick, run.mu, run.delta])
    spread_over_time(desk, rates, window, key, run.events, batches)
    kept = batches[settling:]
    return {"spread_time": kept[:, SPREAD_TIME] * run.tick, "time": kept[:, TIME]}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return spreads in units of mu / alpha, and spreads over the spread before the change."""
    spreads = {part: ratio_of_sums(arrays["spread_time"], arrays["time"]) for part, arrays in found.items()}
    table = {_spread_at(depth): spreads[_spread_at(depth)] for depth in parameters.depths}
    return {**table, **{change: quotient(spreads[change], spreads[_BEFORE]) for change in _CHANGES}}


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw spreads against delta / mu beside the other program and the approximation, and the test of scaling."""
    figure, (left, right) = axes_grid(2, columns=2, height=3.8, dated=False)
    at = {_spread_at(depth): depth for depth in parameters.depths}
    _draw_spreads(left, [(at[row.quantity], row) for row in rows if row.quantity in at])
    scaling = [row for row in rows if row.quantity in _CHANGES]
    for number, row in enumerate(scaling):
        _draw_ratio(right, number, row)
    right.set_xticks(range(len(scaling)), [row.quantity.replace(" and ", "\nand ") for row in scaling])
    right.set_xlim(-0.6, len(scaling) - 0.4)
    right.set_title("Spread over the spread before the change")
    right.set_ylabel("Ratio; bars: 95 % interval, band: ± 1 %")
    return figure


def _draw_spreads(ax: Axes, rows: Sequence[tuple[float, Row]]) -> None:
    tested, shown = ([(x, row) for x, row in rows if (row.passed is None) == untested] for untested in (False, True))
    approximation = sorted((x, row.published) for x, row in shown)
    ax.plot(*zip(*approximation, strict=True), color=GREY, linestyle="--", label="mean-field approximation")
    published = sorted((x, row.published) for x, row in tested)
    ax.plot(*zip(*published, strict=True), color=COLOURS[0], marker="s", markersize=6.0, fillstyle="none",
            linestyle="none", label="independent program")  # fmt: skip
    ours = sorted((x, row.ours.estimate, (row.ours.high - row.ours.low) / 2.0) for x, row in tested)
    depth, spread, half = zip(*ours, strict=True)
    ax.errorbar(depth, spread, yerr=half, color=COLOURS[1], marker="o", markersize=3.0, label="order book")
    ax.set_xscale("log")
    ax.set_xticks(depth, [f"{x:g}" for x in depth], minor=False)
    ax.set_xticks([], minor=True)
    ax.set_ylim(bottom=0.0)
    ax.set_title("Spread")
    ax.set_xlabel("Cancellation rate of an order over rate of market orders, δ/μ")
    ax.set_ylabel("Spread (μ/α)")
    ax.legend(loc="upper left")


def _draw_ratio(ax: Axes, number: int, row: Row) -> None:
    tolerance, half = row.tolerance or 0.0, (row.ours.high - row.ours.low) / 2.0
    ax.fill_between([number - 0.3, number + 0.3], row.published - tolerance, row.published + tolerance,
                    color=GREY, alpha=0.2, linewidth=0)  # fmt: skip
    ax.hlines(row.published, number - 0.3, number + 0.3, color=GREY, linestyle="--")
    ax.errorbar([number], [row.ours.estimate], yerr=half, color=COLOURS[1], marker="o", capsize=3.0)
