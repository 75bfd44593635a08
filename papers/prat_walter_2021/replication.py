"""Irreversible entry: the barrier, and what those who enter at it earn, on the simulator's rule of investment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.investment import multiples
from catallaxy.papers.prat_walter_2021.kernels import Market, mine
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MarketSpec", "Parameters", "draw", "estimates", "measure", "parts", "value"]

#: Runs of which the path is kept, and every how many steps.
_KEPT, _EVERY = 3, 50


class MarketSpec(Spec):
    """Revenue that miners share, and the price of what they need for it."""

    discount: float = quantity(unit="1/year", doc="Discount rate.", gt=0)
    drift: float = quantity(unit="1/year", doc="Growth of all revenue; below the discount rate.")
    price_fall: float = quantity(unit="1/year", doc="Rate at which the price of hardware falls.", ge=0)
    volatility: float = quantity(unit="1/sqrt(year)", doc="Volatility of all revenue.", gt=0)

    @property
    def multiple(self) -> float:
        """Value over price at which miners enter."""
        return multiples(self.discount, self.drift, self.price_fall, self.volatility)[0]

    @property
    def barrier(self) -> float:
        """Yearly revenue over price at which miners enter."""
        return (self.discount - self.drift) * self.multiple


class Parameters(Spec):
    """Markets, and how finely they are run."""

    markets: dict[str, MarketSpec] = quantity(unit="-", doc="Markets by name.")
    starts: tuple[float, ...] = quantity(unit="1", doc="Revenues at the start, over the barrier.")
    runs: int = quantity(unit="1", doc="Independent runs of each.", ge=10)
    fineness: float = quantity(unit="1", doc="Standard deviation of log revenue in a step.", gt=0, le=0.1)
    lifetimes: float = quantity(
        unit="1", doc="Length of a run, in times in which what is left to earn falls e-fold.", gt=1
    )


def parts(parameters: Parameters) -> Sequence[str]:
    """Return markets and starts."""
    return [f"{market} from {start:g}" for market in parameters.markets for start in parameters.starts]


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Run one market from one start."""
    name, _, start = part.rpartition(" from ")
    spec = parameters.markets[name]
    dt = (parameters.fineness / spec.volatility) ** 2
    steps = int(parameters.lifetimes / (spec.discount + spec.price_fall) / dt)
    market = Market(spec.discount, spec.drift, spec.price_fall, spec.volatility, spec.barrier)
    earned, highest, paths = np.zeros(parameters.runs), np.zeros(parameters.runs), np.zeros((_KEPT, steps))
    mine(key, market, float(start), dt, earned, highest, paths)
    years = dt * np.arange(steps)
    return {"earned": earned, "highest": highest, "years": years[::_EVERY], "paths": paths[:, ::_EVERY]}


def value(spec: MarketSpec, start: float) -> float:
    """Return what a machine earns over its price when revenue is `start` times the barrier, in closed form."""
    b = spec.multiple / (spec.multiple - 1.0)
    return float(spec.multiple * (start - start**b / b))


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return barriers, how high revenue comes, and what machines earn."""
    quantities: dict[str, Interval] = {}
    for name, spec in parameters.markets.items():
        runs = {start: found[f"{name} from {start:g}"] for start in parameters.starts}
        quantities[f"barrier, {name}"] = exactly(spec.barrier)
        quantities[f"highest, {name}"] = exactly(max(float(run["highest"].max()) for run in runs.values()))
        quantities |= {f"earned from {start:g}, {name}": mean(run["earned"]) for start, run in runs.items()}
    return quantities


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw revenue under the barrier, and what machines earn by the revenue at which they are bought."""
    figure, (left, right) = axes_grid(2, columns=2, height=3.4, dated=False)
    _draw_paths(left, parameters, found)
    _draw_value(right, parameters, found)
    return figure


def _draw_paths(ax: Axes, parameters: Parameters, found: Found) -> None:
    name = next(iter(parameters.markets))
    runs = found[f"{name} from {parameters.starts[-1]:g}"]
    for number, path in enumerate(runs["paths"]):
        ax.plot(runs["years"], path, color=COLOURS[number], linewidth=0.8)
    ax.axhline(1.0, color=GREY, linestyle="--", label="barrier")
    ax.set_ylim(0.0, 1.25)
    ax.set_title(f"Revenue of a machine, {name}: three runs")
    ax.set_xlabel("Years")
    ax.set_ylabel("Over the price of a new one; barrier = 1")
    ax.legend(loc="upper right")


def _draw_value(ax: Axes, parameters: Parameters, found: Found) -> None:
    grid = np.linspace(0.01, 1.0, 100)
    for number, (name, spec) in enumerate(parameters.markets.items()):
        means = [mean(found[f"{name} from {start:g}"]["earned"]) for start in parameters.starts]
        ax.plot(grid, [value(spec, start) for start in grid], color=COLOURS[number], label=name)
        error = [one.high - one.estimate for one in means]
        points = [one.estimate for one in means]
        ax.errorbar(parameters.starts, points, error, fmt="o", color=COLOURS[number], capsize=3, markersize=4)
    ax.axhline(1.0, color=GREY, linestyle="--", linewidth=0.9)
    ax.set_ylim(0.0, 1.3)
    ax.set_title("Present value of what a machine earns, over its price")
    ax.set_xlabel("Revenue when it is bought, over the barrier")
    ax.set_ylabel("Value over price")
    ax.legend(loc="lower right")
