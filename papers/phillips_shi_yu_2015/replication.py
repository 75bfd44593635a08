"""Critical values, size and power of the SADF and GSADF tests, with the statistics that `catallaxy analyze` uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.numba_kernels.random import step_key
from catallaxy.sim.analysis.intervals import Interval, quantile, share
from catallaxy.sim.analysis.market.bubbles import LEVELS, min_rows, null_changes, recursive
from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import COLOURS, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts", "with_bubble"]

_WALKS, _FRESH, _BUBBLE = "random walks, n = ", "fresh random walks", "one bubble"
_TESTS = ("SADF", "GSADF")


class Parameters(Spec):
    """Samples, and the process with one bubble."""

    lengths: tuple[int, ...] = quantity(
        unit="1", doc="Observations of a series; size and power are of the first length."
    )
    paths: int = quantity(unit="1", doc="Random walks of each length.", ge=100)
    bubble_paths: int = quantity(unit="1", doc="Series for size and for power.", ge=100)
    level: float = quantity(unit="1", doc="Level at the start, where there is a bubble.", gt=0)
    shock_sd: float = quantity(unit="1", doc="Standard deviation of shocks, where there is a bubble.", gt=0)
    exponent: float = quantity(unit="1", doc="In the bubble the root is 1 + n ** -exponent.", gt=0)
    bubble: tuple[int, int] = quantity(unit="1", doc="First and last observation of the bubble, from 1.")


def parts(parameters: Parameters) -> Sequence[str]:
    """Return a sample of random walks of each length, fresh ones for the size, and series with a bubble."""
    return [*(f"{_WALKS}{n}" for n in parameters.lengths), _FRESH, _BUBBLE]


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Compute SADF and GSADF of every series of a part, float64[paths] each, and keep the first series."""
    n, paths = parameters.lengths[0], parameters.bubble_paths
    if part.startswith(_WALKS):
        n, paths = int(part.removeprefix(_WALKS)), parameters.paths
    draws = null_changes(n - 1, paths, step_key(key, 0, 0))
    if part == _BUBBLE:
        levels = with_bubble(parameters, draws)
    else:
        levels = np.zeros((paths, n))
        np.cumsum(1.0 / n + draws, axis=1, out=levels[:, 1:])
    backward, forward = recursive(levels, min_rows(n))
    found = {"SADF": np.nanmax(forward, axis=1), "GSADF": np.nanmax(backward, axis=1)}
    return {**found, "level": levels[0], "BSADF": backward[0]}


def with_bubble(parameters: Parameters, draws: Floats) -> Floats:
    """Return series that are explosive for a while, and then fall back to where the bubble began.

    Parameters
    ----------
    parameters : Parameters
    draws : float64[paths, n - 1]
        Standard normal numbers.

    Returns
    -------
    float64[paths, n]
    """
    paths, changes = draws.shape
    n, (first, last) = changes + 1, parameters.bubble
    levels = np.full((paths, n), parameters.level)
    for t in range(2, n + 1):
        shock = parameters.shock_sd * draws[:, t - 2]
        if t == last + 1:
            levels[:, t - 1] = levels[:, first - 1]
        elif first <= t <= last:
            levels[:, t - 1] = (1.0 + n**-parameters.exponent) * levels[:, t - 2] + shock
        else:
            levels[:, t - 1] = levels[:, t - 2] + shock
    return levels


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return critical values by test, length and level, and how often GSADF exceeds that of 95 %."""
    critical = np.quantile(found[f"{_WALKS}{parameters.lengths[0]}"]["GSADF"], LEVELS[1])
    above = {part: found[part]["GSADF"] > critical for part in (_FRESH, _BUBBLE)}
    shares = {part: share(int(hits.sum()), len(hits)) for part, hits in above.items()}
    return {
        **dict(_critical_values(parameters, found)),
        "size of GSADF": shares[_FRESH],
        "power of GSADF": shares[_BUBBLE],
    }


def _critical_values(parameters: Parameters, found: Found) -> Iterator[tuple[str, Interval]]:
    for test in _TESTS:
        for n in parameters.lengths:
            for level in LEVELS:
                yield f"{test}, n = {n}, {100 * level:.0f} %", quantile(found[f"{_WALKS}{n}"][test], level)


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw critical values beside the published ones, the statistics with and without a bubble, and one series."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    _draw_critical(left, parameters, rows)
    _draw_statistics(middle, found)
    _draw_series(right, parameters, found)
    return figure


def _draw_critical(ax: Axes, parameters: Parameters, rows: Sequence[Row]) -> None:
    for number, test in enumerate(_TESTS):
        own = [row for row in rows if row.quantity.startswith(f"{test}, ")]
        published, ours = [row.published for row in own], [row.ours.estimate for row in own]
        ax.plot(published, ours, "o", color=COLOURS[number], label=test)
    ax.axline((1.0, 1.0), slope=1.0, color="black", linestyle="--", label="equal")
    ax.set_title("Critical values")
    ax.set_xlabel("Published")
    ax.set_ylabel(f"Ours, {parameters.paths:,} paths")
    ax.legend(loc="upper left")


def _draw_statistics(ax: Axes, found: Found) -> None:
    bins = np.linspace(-1.0, 12.0, 66).tolist()
    for number, (part, label) in enumerate(((_FRESH, "random walk"), (_BUBBLE, "one bubble"))):
        ax.hist(np.clip(found[part]["GSADF"], -1.0, 12.0), bins=bins, color=COLOURS[number], alpha=0.5, label=label)
    ax.set_title("GSADF statistics")
    ax.set_xlabel("Statistic (12 and more in the last bar)")
    ax.set_ylabel("Series")
    ax.legend(loc="upper right")


def _draw_series(ax: Axes, parameters: Parameters, found: Found) -> None:
    series = found[_BUBBLE]
    t = np.arange(1, len(series["level"]) + 1)
    ax.plot(t, series["level"] / parameters.level, color=COLOURS[0], label="level over its start")
    ax.plot(t, series["BSADF"], color=COLOURS[1], label="BSADF")
    ax.axvspan(*parameters.bubble, color="#E5E7EB", label="bubble")
    ax.set_title("A series with a bubble")
    ax.set_xlabel("Observation")
    ax.legend(loc="upper left")
