"""What data of correlated people tell, by simulated draws, and what the data market pays them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.data_providers import DataProviders, DataProvidersSpec
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.families import Constant
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders, ModelBuildersSpec
from catallaxy.agents.population import MICRO, Site
from catallaxy.sim.analysis.intervals import Interval, mean, share
from catallaxy.sim.markets.services.data import Bargaining
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

_PAIR = 2
#: Whose data are seen, by how tables and arrays call them.
_SEEN = {"own": "own", "the other": "other", "both": "both"}
#: Streams of the draws.
_TYPES, _NOISE, _CROWD = 0, 2, 4


class Parameters(Spec):
    """Who knows what about whom, what it is worth, and to whom."""

    correlations: tuple[float, ...] = quantity(unit="1", doc="Correlations of types.")
    groups: tuple[int, ...] = quantity(unit="person", doc="Numbers of people who are correlated; 2 is the paper's.")
    noise: float = quantity(unit="1", doc="Variance of the noise in data over that of types.", gt=0)
    loss: float = quantity(unit="USD", doc="What it is worth to keep a type secret, per variance of it.", gt=0)
    worth: float = quantity(unit="USD", doc="What a person's data are worth to the platform.", gt=0)
    steps: int = quantity(unit="step", doc="Steps of the market.", ge=3)
    draws: int = quantity(unit="1", doc="Pairs of people who are drawn.", ge=1000)
    crowd: int = quantity(unit="person", doc="People of the crowd, whose losses differ.", ge=100)
    crowd_loss: Attribute = column(unit="USD", doc="As `loss`, of people of the crowd.", gt=0)

    @property
    def alone(self) -> float:
        """Share of the variance of a type that its own data tell."""
        return 1.0 / (1.0 + self.noise)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the correlations."""
    return [_name(correlation) for correlation in parameters.correlations]


def _name(correlation: float) -> str:
    return f"correlation {correlation:g}"


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Draw pairs, and let groups and the crowd sell their data to a platform that makes them offers."""
    correlation = {_name(value): value for value in parameters.correlations}[part]
    found = dict(_drawn(parameters, correlation, key))
    loss = Constant(value=parameters.loss)
    for n in parameters.groups:
        market = _market(parameters, correlation, n, loss, key)
        found[f"prices among {n}"] = np.array([paid.mean() for paid in market["paid"]])
    crowd = _market(parameters, correlation, parameters.crowd, parameters.crowd_loss, key)
    paid, losses = crowd["paid"][-1], crowd["cost"] / parameters.alone
    sells = paid > 0.0
    n = int(sells.sum())
    told = np.where(sells, sum(_told(parameters, correlation, n - 1)), _told(parameters, correlation, n)[0])
    return {**found, "crowd paid": crowd["paid"], "crowd loss": losses * told - paid}


def _drawn(parameters: Parameters, correlation: float, key: np.uint64) -> Arrays:
    """Return how far the squared error about the first of two types is below 1, by whose data are seen."""
    people = np.arange(parameters.draws)
    normals = np.empty((4, parameters.draws))
    for stream, row in enumerate(normals):
        nk.random.fill_normal(nk.random.step_key(key, stream, 0), people, row)
    types = np.array([normals[_TYPES], correlation * normals[0] + np.sqrt(1.0 - correlation**2) * normals[1]])
    data = types + np.sqrt(parameters.noise) * normals[_NOISE:]
    covariance = np.array([[1.0, correlation], [correlation, 1.0]])
    falls = {}
    for name, seen in {"own": [0], "other": [1], "both": [0, 1]}.items():
        weights = np.linalg.solve(
            covariance[np.ix_(seen, seen)] + parameters.noise * np.eye(len(seen)), covariance[0, seen]
        )
        falls[name] = 1.0 - (types[0] - weights @ data[seen]) ** 2
    return falls


def _told(parameters: Parameters, correlation: float, others: int) -> tuple[float, float]:
    """Return what the data of so many others tell about a type, and what its own tell beyond that."""
    signals = nk.privacy.Signals(correlation, parameters.noise)
    return nk.privacy.told_by_others(others, signals), nk.privacy.told_by_own(others, signals)


def _market(parameters: Parameters, correlation: float, n: int, loss: Any, key: np.uint64) -> dict[str, Floats]:
    """Let n people of one domain sell to one platform; return what each is paid in every step, and its cost alone."""
    site = Site(nk.random.step_key(key, _CROWD, n), 0, 1, np.array([10**9]), np.array([1.0]), 1.0, Lanes())
    providers = _people(parameters, correlation, n, loss, site)
    platform: ModelBuilders = ModelBuildersSpec.model_validate({"kind": "model_builders", "count": 1}).build(
        "platform", site
    )
    market, worth = Bargaining(kind="bargaining", provider_power=0.0), np.array([parameters.worth])
    paid = np.zeros((parameters.steps, n))
    for step in range(parameters.steps):
        before = providers.income.copy()
        providers.offer(worth, 0.0)
        platform.budget[:] = int(parameters.worth * providers.active.sum() * MICRO) + 1
        market.clear(providers, platform, 0.0)
        paid[step] = (providers.income - before) / MICRO
    return {"paid": paid, "cost": providers.columns["privacy"]}


def _people(parameters: Parameters, correlation: float, n: int, loss: Any, site: Site) -> DataProviders:
    """Return people whose data cost them what these alone would tell, times their loss."""
    spec = DataProvidersSpec.model_validate(
        {
            "kind": "data_providers",
            "count": n,
            "size": 1.0,
            "quality": 1.0,
            "privacy_cost": loss,
            "upkeep": 0.0,
            "hysteresis": 0.0,
            "correlation": correlation,
            "signals": {"noise": parameters.noise},
        }
    )
    providers = spec.build("people", site)
    providers.columns["privacy"] *= parameters.alone
    return providers


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return what data tell, prices, and how the crowd fares."""
    quantities: dict[str, Interval] = {}
    for correlation in parameters.correlations:
        name = _name(correlation)
        part = found[name]
        quantities |= {f"told by {who}, {name}": mean(part[label]) for who, label in _SEEN.items()}
        prices = {n: float(part[f"prices among {n}"][-1]) for n in parameters.groups}
        quantities |= {f"price among {n}, {name}": exactly(price) for n, price in prices.items()}
        told = sum(_told(parameters, correlation, 1))
        quantities[f"compensated among 2, {name}"] = exactly(prices[_PAIR] / (parameters.loss * told))
        sold = part["crowd paid"][-1] > 0.0
        quantities[f"sellers of the crowd, {name}"] = share(int(sold.sum()), sold.size)
        quantities[f"loss of the crowd, {name}"] = mean(part["crowd loss"])
    return quantities


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw prices by correlation, prices step by step, and who of the crowd sells and loses."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    _draw_prices(left, parameters, found)
    _draw_steps(middle, parameters, found)
    _draw_crowd(right, parameters, found)
    return figure


def _draw_prices(ax: Axes, parameters: Parameters, found: Found) -> None:
    grid = np.linspace(0.0, 0.99, 100)
    for number, n in enumerate(parameters.groups):
        line = [parameters.loss * _told(parameters, correlation, n - 1)[1] for correlation in grid]
        points = [found[_name(correlation)][f"prices among {n}"][-1] for correlation in parameters.correlations]
        ax.plot(grid, line, color=COLOURS[number])
        ax.plot(parameters.correlations, points, "o", color=COLOURS[number], label=f"{n} people")
    both = [parameters.loss * sum(_told(parameters, correlation, 1)) for correlation in grid]
    ax.plot(grid, both, color=GREY, linestyle="--", label="loss of each of 2")
    ax.set_title("Price of one's data")
    ax.set_xlabel("Correlation; lines: equations")
    ax.set_ylabel("USD")
    ax.set_ylim(0.0, 0.95)
    ax.legend(loc="upper left", ncols=2)


def _draw_steps(ax: Axes, parameters: Parameters, found: Found) -> None:
    steps = np.arange(1, parameters.steps + 1)
    for number, correlation in enumerate(parameters.correlations):
        for n, style in zip(parameters.groups, ("-", "--", ":"), strict=False):
            prices = found[_name(correlation)][f"prices among {n}"]
            label = f"correlation {correlation:g}" if n == _PAIR else None
            ax.plot(steps, prices, style, color=COLOURS[number], marker=".", label=label)
    ax.set_title("Price once others share")
    ax.set_xlabel("Step; dashed: 10 people, dotted: 100")
    ax.set_ylabel("USD")
    ax.set_ylim(0.0, 0.75)
    ax.legend(loc="upper right")


def _draw_crowd(ax: Axes, parameters: Parameters, found: Found) -> None:
    steps = np.arange(1, parameters.steps + 1)
    for number, correlation in enumerate(parameters.correlations):
        part = found[_name(correlation)]
        loss = max(part["crowd loss"].mean(), 0.0)
        label = f"correlation {correlation:g}: {loss:.2f} USD lost"
        ax.plot(steps, 100.0 * (part["crowd paid"] > 0.0).mean(axis=1), color=COLOURS[number], marker=".", label=label)
    ax.set_title("People who sell, of a crowd")
    ax.set_xlabel("Step")
    ax.set_ylabel("%")
    ax.set_ylim(0.0, 150.0)
    ax.legend(loc="upper right", title="Loss beyond pay, per person")
