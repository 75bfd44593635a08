"""The scaling law as model builders use it: the best size by search, their losses, and trends of hardware."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders, ModelBuildersSpec
from catallaxy.agents.population import Site
from catallaxy.agents.scaling_law import ScalingLawSpec
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.environment.drivers import DriversSpec, driver_paths
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Fleet", "Model", "Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
#: Parameters between which the best size is looked for, and how closely.
_SIZES, _FINE = (1e5, 1e16), 1e-9
#: More data than any budget can read, and next to nothing given away by open models.
_PLENTY, _NOTHING = 1e20, 1e-30
_SENSITIVITY = 4.0
_MONTHS = 12


class Model(Spec):
    """One model that was trained."""

    size: float = quantity(unit="parameter", doc="Its parameters.", gt=0)
    tokens: float = quantity(unit="token", doc="What it was trained on.", gt=0)


class Fleet(Spec):
    """Cards that were released over the years."""

    doubling: float = quantity(unit="year", doc="Time in which performance per dollar doubles.", gt=0)
    cards: int = quantity(unit="1", doc="Cards of the sample.", ge=3)
    scatter: float = quantity(unit="1", doc="Standard deviation of log price around the trend.", ge=0)


class Parameters(Spec):
    """Laws, budgets, models and fleets."""

    laws: dict[str, ScalingLawSpec] = quantity(unit="-", doc="Coefficients of the law, by who estimated them.")
    budget: float = quantity(
        unit="FLOP", doc="Compute for which the optimum is reported: Chinchilla's and Gopher's.", gt=0
    )
    least_budget: float = quantity(unit="FLOP", doc="Smallest budget.", gt=0)
    largest_budget: float = quantity(unit="FLOP", doc="Largest budget.", gt=0)
    budgets: int = quantity(unit="1", doc="Budgets between these two, at equal ratios.", ge=2)
    models: dict[str, Model] = quantity(unit="-", doc="Models whose loss is reported.")
    fleets: dict[str, Fleet] = quantity(unit="-", doc="Samples of hardware.")
    years: int = quantity(unit="year", doc="Over which cards were released.", ge=2)
    runs: int = quantity(unit="1", doc="Samples of every fleet.", ge=10)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the laws and the fleets."""
    return (*parameters.laws, *parameters.fleets)


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Find the best sizes and builders' losses under a law, or the trends fitted to samples of a fleet."""
    if part in parameters.fleets:
        return _trends(parameters, parameters.fleets[part], key)
    spec = parameters.laws[part]
    grid = np.geomspace(parameters.least_budget, parameters.largest_budget, parameters.budgets)
    budgets = np.append(grid, parameters.budget)
    sizes = np.array([_searched(spec.law, budget) for budget in budgets.tolist()])
    tokens = budgets / (6.0 * sizes)
    models = parameters.models.values()
    return {
        "budgets": budgets,
        "sizes": sizes,
        "tokens": tokens,
        "losses": _losses(spec, budgets, np.full(len(budgets), _PLENTY)),
        "models": np.array([nk.model_market.loss_at_scalar(spec.law, model.size, model.tokens) for model in models]),
    }


def _searched(law: nk.model_market.Law, budget: float) -> float:
    """Return the size at which a builder with a budget finds the smallest loss, by golden sections of its logarithm."""
    low, high = math.log(_SIZES[0]), math.log(_SIZES[1])

    def loss(log_size: float) -> float:
        size = math.exp(log_size)
        return float(nk.model_market.loss_at_scalar(law, size, budget / (6.0 * size)))

    while high - low > _FINE:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return math.exp(0.5 * (low + high))


def _losses(law: ScalingLawSpec, compute: Floats, data: Floats) -> Floats:
    """Return the loss of the simulator's model builders, by their quality, for the compute and data that they have."""
    spec = ModelBuildersSpec.model_validate(
        {
            "kind": "model_builders",
            "count": len(compute),
            "sensitivity": _SENSITIVITY,
            "open_share": _NOTHING,
            "obsolescence": {"per_year": 0},
            "scaling_law": law,
        }
    )
    site = Site(np.uint64(0), 0, 1, np.array([10**9]), np.array([1.0]), 1.0, Lanes())
    builders: ModelBuilders = spec.build("builders", site)
    builders.compute[:], builders.data[:] = compute, data
    builders.train(0, np.ones(1))
    frontier = nk.model_market.loss_scalar(law.law, spec.frontier_compute, spec.frontier_data)
    losses: Floats = frontier - np.log(builders.quality) / _SENSITIVITY
    return losses


def _trends(parameters: Parameters, fleet: Fleet, key: np.uint64) -> Arrays:
    """Return the yearly growth of the log of performance per dollar in every sample, and one sample.

    The trend is a path of the driver `hardware_price`; cards come out at random months, at prices around it.
    """
    price = {"kind": "gbm", "start": 1.0, "drift": {"per_year": -math.log(2.0) / fleet.doubling}, "volatility": 0.0}
    months, step = parameters.years * _MONTHS, 365.25 / _MONTHS
    drivers = DriversSpec.model_validate({"hardware_price": price})
    path = driver_paths(drivers, seed=0, n_steps=months, dt_days=step, start=date(2006, 1, 1))["hardware_price"]
    out, scatter = np.empty((2, parameters.runs * fleet.cards))
    agents = np.arange(len(out))
    nk.random.fill_uniform(nk.random.step_key(key, 0, 0), agents, out)
    nk.random.fill_normal(nk.random.step_key(key, 1, 0), agents, scatter)
    month = (out * months).astype(np.int64)
    shape = (parameters.runs, fleet.cards)
    years, gains = (month / _MONTHS).reshape(shape), (fleet.scatter * scatter - np.log(path[month])).reshape(shape)
    apart = years - years.mean(axis=1, keepdims=True)
    growth = (apart * gains).sum(axis=1) / (apart**2).sum(axis=1)
    return {"growth": growth, "years": years[0], "gains": gains[0]}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return optima for the budget, how they grow with it, losses of models, and doubling times."""
    quantities: dict[str, Interval] = {}
    for law in parameters.laws:
        part = found[law]
        logs = {name: np.log(part[name][:-1]) for name in ("budgets", "sizes", "tokens")}
        size, tokens = float(part["sizes"][-1]), float(part["tokens"][-1])
        values = {
            f"parameters, {law}": size,
            f"tokens, {law}": tokens,
            f"tokens per parameter, {law}": tokens / size,
            f"loss of the optimum, {law}": float(part["losses"][-1]),
            f"exponent of parameters, {law}": _slope(logs["budgets"], logs["sizes"]),
            f"exponent of tokens, {law}": _slope(logs["budgets"], logs["tokens"]),
            **{f"loss of {m}, {law}": float(x) for m, x in zip(parameters.models, part["models"], strict=True)},
        }
        quantities |= {name: exactly(value) for name, value in values.items()}
    estimated = quantities["exponent of parameters, Besiroglu"]
    doublings = {f"doubling, {fleet}": _doubling(found[fleet]["growth"]) for fleet in parameters.fleets}
    return {**quantities, "exponent of parameters, as estimated": estimated, **doublings}


def _slope(x: Floats, y: Floats) -> float:
    apart = x - x.mean()
    return float((apart * y).sum() / (apart * apart).sum())


def _doubling(growth: Floats) -> Interval:
    """Return the doubling time that the mean growth gives; growth is what a fit finds without bias."""
    rate = mean(growth)
    low, high = math.log(2.0) / rate.high, math.log(2.0) / rate.low
    return Interval(math.log(2.0) / rate.estimate, low, high, rate.level, rate.n, rate.method)


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw loss by size for the budget, the optimum by budget, and a sample of every fleet."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    _draw_losses(left, parameters, found)
    _draw_optima(middle, parameters, found)
    _draw_fleet(right, parameters, found)
    return figure


def _draw_losses(ax: Axes, parameters: Parameters, found: Found) -> None:
    sizes = np.geomspace(3e9, 3e12, 200)
    for number, (name, spec) in enumerate(parameters.laws.items()):
        tokens = parameters.budget / (6.0 * sizes)
        loss = [nk.model_market.loss_at_scalar(spec.law, *pair) for pair in zip(sizes, tokens, strict=True)]
        ax.plot(sizes, loss, color=COLOURS[number], label=name)
        ax.plot(found[name]["sizes"][-1], found[name]["losses"][-1], "o", color=COLOURS[number])
    for name, model in parameters.models.items():
        ax.axvline(model.size, color=GREY, linestyle="--", linewidth=0.8)
        ax.text(model.size, 2.19, f" {name}", color=GREY, fontsize=8.0, rotation=90, va="top", ha="right")
    ax.set_xscale("log")
    ax.set_ylim(1.9, 2.2)
    ax.set_title("Loss for 5.76e23 FLOP")
    ax.set_xlabel("Parameters; points: found by search")
    ax.set_ylabel("Nats per token")
    ax.legend(loc="upper left")


def _draw_optima(ax: Axes, parameters: Parameters, found: Found) -> None:
    for number, name in enumerate(parameters.laws):
        part = found[name]
        ax.plot(part["budgets"][:-1], part["sizes"][:-1], color=COLOURS[number], label=f"parameters, {name}")
        ax.plot(part["budgets"][:-1], part["tokens"][:-1], "--", color=COLOURS[number], label=f"tokens, {name}")
    for name, model in parameters.models.items():
        compute = 6.0 * model.size * model.tokens
        marker = "o" if name == "Chinchilla" else "s"
        ax.plot(compute, model.size, marker, color="black", markersize=4, label=name)
        ax.plot(compute, model.tokens, marker, color="black", markersize=4, fillstyle="none")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(top=1e19)
    ax.set_title("Optimum by budget")
    ax.set_xlabel("Compute (FLOP)")
    ax.set_ylabel("Parameters, tokens")
    ax.legend(loc="upper left")


def _draw_fleet(ax: Axes, parameters: Parameters, found: Found) -> None:
    for number, (name, fleet) in enumerate(parameters.fleets.items()):
        sample = found[name]
        ax.plot(2006 + sample["years"], np.exp(sample["gains"]), ".", color=COLOURS[number], markersize=2.5, alpha=0.5)
        line = np.array([0.0, parameters.years])
        ax.plot(2006 + line, 2.0 ** (line / fleet.doubling), color=COLOURS[number], label=name)
    ax.set_yscale("log")
    ax.set_ylim(top=1e6)
    ax.set_title("Performance per dollar")
    ax.set_xlabel("Year of release")
    ax.set_ylabel("2006 = 1; points: one sample each")
    ax.legend(loc="upper left")
