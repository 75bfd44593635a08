"""The race of the queues at the best bid and the best ask, played on the order book."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.numba_kernels.unit_orders import open_desk
from catallaxy.papers.cont_stoikov_talreja_2010.kernels import AGENTS, TICKS, race
from catallaxy.sim.analysis.intervals import Interval, share
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

_SYMMETRY = "P(b, a) + P(a, b), mean over b < a"
#: Orders that find room; queues that long do not occur at these rates.
_ROOM = 256


class Parameters(Spec):
    """Rates of a book of unit orders, and how often the race is run."""

    limit_orders: float = quantity(
        unit="1/s", doc="Limit orders at the best price of one side.", gt=0, source="the paper's estimate of λ(1)"
    )
    market_orders: float = quantity(
        unit="1/s", doc="Market orders against one side.", gt=0, source="the paper's estimate of μ"
    )
    cancellations: float = quantity(
        unit="1/s", doc="Cancellations of each order at the best price.", gt=0, source="the paper's estimate of θ(1)"
    )
    longest: int = quantity(unit="order", doc="Longest queue at the start, on either side.", ge=1, le=50)
    races: int = quantity(unit="1", doc="Races from each pair of lengths.", ge=1)


def cells(parameters: Parameters) -> Iterator[tuple[str, int, int]]:
    """Yield every pair of lengths: its name, bids and asks."""
    for bids in range(1, parameters.longest + 1):
        for asks in range(1, parameters.longest + 1):
            yield f"{bids} bid{'s' * (bids > 1)}, {asks} ask{'s' * (asks > 1)}", bids, asks


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the pairs of lengths."""
    return [name for name, _, _ in cells(parameters)]


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Run all races from one pair of lengths; return how often the price moved up, and of how many."""
    bids, asks = next((bids, asks) for name, bids, asks in cells(parameters) if name == part)
    rates = np.array([parameters.limit_orders, parameters.market_orders, parameters.cancellations])
    moved_up = np.zeros(parameters.races, np.int8)
    race(open_desk(TICKS, _ROOM, AGENTS), bids, asks, rates, key, moved_up)
    return {"up": moved_up.sum(dtype=np.int64, keepdims=True)}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return the share of races after which the price moved up, and whether the two sides are alike."""
    ups = {name: share(int(found[name]["up"][0]), parameters.races) for name, _, _ in cells(parameters)}
    unequal = [ups[name] for name, bids, asks in cells(parameters) if bids != asks]
    n_pairs = len(unequal) / 2.0
    both = sum(up.estimate for up in unequal) / n_pairs
    half = math.hypot(*((up.high - up.low) / 2.0 for up in unequal)) / n_pairs
    n = parameters.races * len(unequal)
    return {**ups, _SYMMETRY: Interval(both, both - half, both + half, unequal[0].level, n, unequal[0].method)}


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw the probabilities against the bids, a line for every number of asks, and their differences."""
    figure, (left, right) = axes_grid(2, columns=2, height=3.8, dated=False)
    row_of = {row.quantity: row for row in rows}
    placed = [(bids, asks, row_of[name]) for name, bids, asks in cells(parameters)]
    for asks in range(1, parameters.longest + 1):
        here = [(bids, row) for bids, other, row in placed if other == asks]
        _draw_probabilities(left, asks, here)
    left.plot([], [], color=GREY, label="equations")
    left.errorbar([], [], yerr=[], color=GREY, marker="o", markersize=3.5, linestyle="none", label="order book")
    left.set_title("Probability that the mid-price goes up")
    left.set_xlabel("Orders at the best bid")
    left.set_ylabel("Probability")
    left.set_xticks(range(1, parameters.longest + 1))
    left.legend(title="Orders at the best ask", loc="lower right", ncols=2)
    tolerance = placed[0][2].tolerance or 0.0
    off = [(row.ours.estimate - row.published, (row.ours.high - row.ours.low) / 2.0) for _, _, row in placed]
    right.axhspan(-tolerance, tolerance, color=GREY, alpha=0.15, linewidth=0, label="tolerance")
    differences, halves = zip(*off, strict=True)
    places = range(1, len(off) + 1)
    right.errorbar(places, differences, yerr=halves, color=COLOURS[0], marker="o", markersize=3.5, linestyle="none")
    right.axhline(0.0, color=GREY, linestyle="--")
    right.set_title("Order book less equations, 95 % intervals")
    right.set_xlabel("Pair of lengths: 1 bid with 1, 2, … asks, then 2 bids, …")
    right.set_ylabel("Difference of probabilities")
    right.legend(loc="upper right")
    return figure


def _draw_probabilities(ax: Axes, asks: int, rows: Sequence[tuple[int, Row]]) -> None:
    bids = [bids for bids, _ in rows]
    ax.plot(bids, [row.published for _, row in rows], color=COLOURS[asks % len(COLOURS) - 1], label=str(asks))
    ax.errorbar(
        bids,
        [row.ours.estimate for _, row in rows],
        yerr=[(row.ours.high - row.ours.low) / 2.0 for _, row in rows],
        color=COLOURS[asks % len(COLOURS) - 1],
        marker="o",
        markersize=3.5,
        linestyle="none",
    )
