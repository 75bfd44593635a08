"""Shares of stake under random rewards: martingale, Dirichlet limit, and what a growing reward does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.papers.rosu_saleh_2021.kernels import grow
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

_TWO, _FOUR, _GROWING = "two stakers", "four stakers", "two stakers, growing reward"
#: Base units per reward of a block: shares are as good as real numbers.
_UNIT = 10**6
_MARKS = 20


class Parameters(Spec):
    """Stakes at the start, and how long they compound."""

    stake: float = quantity(unit="reward", doc="All stake at the start, in rewards of a block.", gt=0, le=1e6)
    first_share: float = quantity(unit="1", doc="Share of the first of two stakers at the start.", gt=0, lt=1)
    shares: tuple[float, ...] = quantity(unit="1", doc="Shares at the start where there are more stakers.")
    blocks: int = quantity(unit="block", doc="Blocks of a run.", ge=_MARKS)
    growth: float = quantity(unit="1", doc="Reward of a block over all stake, where the reward grows.", gt=0, lt=1)
    growth_blocks: int = quantity(unit="block", doc="Blocks of a run where the reward grows.", ge=_MARKS, le=1000)
    runs: int = quantity(unit="1", doc="Independent runs.", ge=2)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the three economies."""
    return _TWO, _FOUR, _GROWING


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Let stakes compound; return the blocks at which shares are noted, and the shares, float64[runs, marks, m]."""
    grows = part == _GROWING
    first = np.array(parameters.shares if part == _FOUR else (parameters.first_share, 1.0 - parameters.first_share))
    stakes = np.rint(first * parameters.stake * _UNIT).astype(np.int64)
    n_blocks = parameters.growth_blocks if grows else parameters.blocks
    marks = n_blocks * np.arange(1, _MARKS + 1) // _MARKS
    shares = np.zeros((parameters.runs, _MARKS * len(first)))
    grow(key, stakes, 0 if grows else _UNIT, parameters.growth if grows else 0.0, n_blocks, marks, shares)
    return {"marks": marks, "shares": shares.reshape(parameters.runs, _MARKS, len(first))}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return means and variances of shares at the end, the distance from the limit, and how concentration moves."""
    two, four, growing = (found[part]["shares"][:, -1] for part in parts(parameters))
    trend = found[_TWO]["shares"][:, :, 0]
    return {
        "mean share, two stakers": mean(two[:, 0]),
        "variance of the share, two stakers": _variance(two[:, 0]),
        "distance from the limit, two stakers": _distance(parameters, two[:, 0]),
        "change of the Gini coefficient, two stakers": _change(np.abs(0.5 - trend), found[_TWO]["marks"]),
        "variance of the largest share, four stakers": _variance(four[:, 0]),
        "covariance of the two largest shares, four stakers": mean(_products(four[:, 0], four[:, 1])),
        "mean share, growing reward": mean(growing[:, 0]),
        "variance of the share, growing reward": _variance(growing[:, 0]),
    }


def _products(one: Floats, other: Floats) -> Floats:
    """Return products of deviations, whose mean is the unbiased covariance."""
    n = len(one)
    products: Floats = (one - one.mean()) * (other - other.mean()) * (n / (n - 1))
    return products


def _variance(values: Floats) -> Interval:
    return mean(_products(values, values))


def _distance(parameters: Parameters, values: Floats) -> Interval:
    """Return the largest distance (Kolmogorov-Smirnov) from the Beta limit, with the band of Massart (1990)."""
    from scipy.special import betainc

    n, pseudo = (
        len(values),
        (parameters.first_share * parameters.stake, (1.0 - parameters.first_share) * parameters.stake),
    )
    limit = betainc(*pseudo, np.sort(values))
    ranks = np.arange(n + 1) / n
    largest = float(max(np.max(ranks[1:] - limit), np.max(limit - ranks[:-1])))
    half = math.sqrt(math.log(2.0 / 0.05) / (2.0 * n))
    return Interval(largest, max(largest - half, 0.0), largest + half, 0.95, n, "massart")


def _change(values: Floats, marks: npt.NDArray[np.int64]) -> Interval:
    """Return by how much values rise from the first mark to the last, by least squares in every run."""
    x = marks - marks.mean()
    return mean((values @ x) / float(x @ x) * float(marks[-1] - marks[0]))


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw shares over time, their distribution at the end, and the variance under both kinds of reward."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    _draw_paths(left, parameters, found[_TWO])
    _draw_limit(middle, parameters, found[_TWO]["shares"][:, -1, 0])
    _draw_variance(right, parameters, found)
    return figure


def _draw_paths(ax: Axes, parameters: Parameters, two: Arrays) -> None:
    low, middle, high = np.quantile(two["shares"][:, :, 0], (0.05, 0.5, 0.95), axis=0)
    ax.fill_between(two["marks"], low, high, color=COLOURS[0], alpha=0.2, linewidth=0, label="5-95 %")
    ax.plot(two["marks"], middle, color=COLOURS[0], label="median")
    for run in range(4):
        ax.plot(two["marks"], two["shares"][run, :, 0], color=GREY, linewidth=0.8)
    ax.axhline(parameters.first_share, color="black", linestyle="--", label="share at the start")
    ax.set_title("Share of the first of two stakers")
    ax.set_xlabel("Blocks")
    ax.set_ylabel("Share of all stake")
    ax.set_ylim(0.2, 0.5)
    ax.legend(loc="upper right")


def _draw_limit(ax: Axes, parameters: Parameters, values: Floats) -> None:
    from scipy.stats import beta

    a, b = parameters.first_share * parameters.stake, (1.0 - parameters.first_share) * parameters.stake
    ax.hist(values, bins=40, density=True, color=COLOURS[0], alpha=0.5, label="simulated")
    grid = np.linspace(values.min(), values.max(), 200)
    ax.plot(grid, beta.pdf(grid, a, b), color="black", linestyle="--", label=f"Beta({a:g}, {b:g})")
    ax.set_title("Share at the end")
    ax.set_xlabel("Share of all stake")
    ax.set_ylabel("Density")
    ax.set_ylim(top=1.25 * ax.get_ylim()[1])
    ax.legend(loc="upper right")


def _draw_variance(ax: Axes, parameters: Parameters, found: Found) -> None:
    apart = parameters.first_share * (1.0 - parameters.first_share)
    for number, (part, label) in enumerate(((_TWO, "constant reward"), (_GROWING, "reward grows with stake"))):
        marks, variance = found[part]["marks"], found[part]["shares"][:, :, 0].var(axis=0, ddof=1)
        ax.plot(marks, variance / apart, color=COLOURS[number], marker="o", linestyle="none", label=label)
    blocks = np.linspace(0.0, parameters.blocks, 200)
    ax.plot(blocks, blocks / (blocks + parameters.stake) / (parameters.stake + 1.0), color=COLOURS[0])
    blocks = np.linspace(0.0, parameters.growth_blocks, 200)
    step = (parameters.growth / (1.0 + parameters.growth)) ** 2
    ax.plot(blocks, 1.0 - (1.0 - step) ** blocks, color=COLOURS[1])
    ax.set_title("Variance of the share")
    ax.set_xlabel("Blocks")
    ax.set_ylabel("Variance over s(1 - s); lines: equations")
    ax.legend(loc="upper right")
