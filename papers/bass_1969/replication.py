"""Bass (1969) with the simulator's users: as many agents, as one representative agent, and in closed form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.population import Site
from catallaxy.agents.users import Offers, UsersSpec
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.analysis.ratios import quotient
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "Parameters",
    "Product",
    "closed_form",
    "draw",
    "estimates",
    "measure",
    "parts",
    "peak_time",
    "variance_of_gap",
]

Floats = npt.NDArray[np.float64]

_AVERAGE = "average product"
_YEAR = 365.25
_YEARS_SHOWN = (2, 5, 10, 15)
#: A network so much better than the outside that whoever compares them joins: the logit choice is 1 to the last bit.
_CERTAIN = 20.0
#: Sales around the peak are smoothed by a polynomial of this degree, between these shares of adopters.
_DEGREE, _AROUND_PEAK = 5, (0.1, 0.85)


class Product(Spec):
    """What Bass estimated of one product."""

    innovation: float = quantity(unit="1/year", doc="Coefficient p.", gt=0, le=1)
    imitation: float = quantity(unit="1/year", doc="Coefficient q.", gt=0, le=10)
    buyers: float = quantity(unit="thousand", doc="All who will ever buy, m.", gt=0)


class Parameters(Spec):
    """Coefficients, and how many agents diffuse how finely."""

    innovation: float = quantity(unit="1/year", doc="Coefficient p of the average product.", gt=0, le=1)
    imitation: float = quantity(unit="1/year", doc="Coefficient q of the average product.", gt=0, le=10)
    products: dict[str, Product] = quantity(unit="-", doc="Products by name.")
    years: int = quantity(unit="year", doc="Years of a run.", ge=max(_YEARS_SHOWN) + 1, le=60)
    steps_per_year: int = quantity(unit="1/year", doc="Steps in a year.", ge=10, le=1000)
    agents: int = quantity(unit="agent", doc="Agents of a run.", ge=1000)
    runs: int = quantity(unit="1", doc="Independent runs with them.", ge=2)
    crowds: tuple[int, ...] = quantity(unit="agent", doc="Numbers of agents whose gap is measured.")
    crowd_steps: int = quantity(unit="1/year", doc="Steps in a year where the gap is measured.", ge=10, le=1000)
    crowd_runs: int = quantity(unit="1", doc="Independent runs of each number of agents.", ge=10)

    def product(self, part: str) -> Product:
        """Return the product of a part; the average one for those that measure the gap."""
        average = Product(innovation=self.innovation, imitation=self.imitation, buyers=1.0)
        return self.products.get(part, average)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the average product, the products, and the numbers of agents whose gap is measured."""
    return (_AVERAGE, *parameters.products, *map(_crowd, parameters.crowds))


def _crowd(n: int) -> str:
    return f"{n} agents"


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Let the product spread; return the share of adopters after every step, by `agents` and by `representative`."""
    crowds = {_crowd(n): n for n in parameters.crowds}
    product = parameters.product(part)
    if part not in crowds:
        per_year, n, runs = parameters.steps_per_year, parameters.agents, parameters.runs
        steps = parameters.years * per_year
    else:
        per_year, n, runs = parameters.crowd_steps, crowds[part], parameters.crowd_runs
        steps = round(peak_time(product) * per_year)
    users = {"kind": "users", "count": n, **_as_users(product)}
    agents = np.array([_spread(users, key, run, steps, per_year) for run in range(runs)])
    one = _spread({**users, "fidelity": "representative"}, key, 0, steps, per_year)
    return {"years": np.arange(steps + 1) / per_year, "agents": agents, "representative": one}


def _as_users(product: Product) -> dict[str, Any]:
    """Return what a scenario says of users to whom the product is plainly better than none, and who keep it."""
    return {
        "innovation": {"per_year": product.innovation},
        "imitation": {"per_year": product.imitation},
        "churn": {"per_year": 0.0},
        "start_share": 0.0,
        "segments": {"everyone": {"share": 1.0, "openness": _CERTAIN}},
    }


def _spread(users: Mapping[str, Any], key: np.uint64, run: int, steps: int, per_year: int) -> Floats:
    """Return the share of adopters at the start and after each step, float64[steps + 1]."""
    site = Site(key, 0, 1, np.array([10**9]), np.array([1.0]), _YEAR / per_year, Lanes())
    population = UsersSpec.model_validate(users).build("users", site)
    alike = np.ones(1)
    offers = Offers(alike, alike, 0.0, 1.0, np.array([_CERTAIN]))
    shares = np.zeros(steps + 1)
    for step in range(steps):
        tally = population.adopt(nk.random.step_key(key, run, step), offers)
        shares[step + 1] = tally[0, 0] / len(population)
    return shares


def closed_form(product: Product, years: Floats) -> Floats:
    """Return the share of adopters, F(t), by the solution of dF/dt = (p + q F)(1 - F)."""
    left = np.exp(-(product.innovation + product.imitation) * years)
    shares: Floats = (1.0 - left) / (1.0 + product.imitation / product.innovation * left)
    return shares


def peak_time(product: Product) -> float:
    """Return when sales peak, T* = ln(q / p) / (p + q), years."""
    return math.log(product.imitation / product.innovation) / (product.innovation + product.imitation)


def variance_of_gap(product: Product, share: Floats | float) -> Floats | float:
    """Return the variance of sqrt(N) (F_N - F) where a share has adopted, as the number N of agents grows.

    It solves dV/dt = 2 b'(F) V + b(F) with b(F) = (p + q F)(1 - F) (Kurtz 1971, *J. Applied Probability* 8, 344), so
    that V = b(F)^2 times the integral of 1 / b(x)^2 from 0 to F.
    """
    p, q = product.innovation, product.imitation
    logs = np.log1p(q * share / p) - np.log1p(-share)
    integral = share / (1.0 - share) + 2.0 * q / (p + q) * logs + q / p - q / (p + q * share)
    variance: Floats | float = ((p + q * share) * (1.0 - share) / (p + q)) ** 2 * integral
    return variance


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return shares of adopters, times and heights of peaks, and the gap between agents and representative."""
    average = found[_AVERAGE]
    quantities: dict[str, Interval] = {}
    for year in _YEARS_SHOWN:
        at = year * parameters.steps_per_year
        quantities[f"{year} years, representative"] = exactly(float(average["representative"][at]))
        quantities[f"{year} years, agents"] = mean(average["agents"][:, at])
    for name, product in parameters.products.items():
        times, heights = np.array([_peak(found[name]["years"], shares) for shares in found[name]["agents"]]).T
        quantities[f"peak of {name}"] = mean(times)
        quantities[f"peak of {name}, as printed"] = mean(times)
        quantities[f"sales of {name}"] = mean(heights * product.buyers)
    gaps = {n: _squared_gap(found[_crowd(n)]) for n in parameters.crowds}
    quantities |= {f"N times squared gap, {n} agents": _times(n, gap) for n, gap in gaps.items()}
    return {**quantities, "gap by number of agents": _slope(gaps)}


def _peak(years: Floats, shares: Floats) -> tuple[float, float]:
    """Return when sales peak (year) and how high (share of all buyers a year), by a polynomial around the peak."""
    sales, middle = np.diff(shares) / np.diff(years), 0.5 * (years[1:] + years[:-1])
    near = (shares[1:] > _AROUND_PEAK[0]) & (shares[1:] < _AROUND_PEAK[1])
    fit = np.polynomial.Polynomial.fit(middle[near], sales[near], _DEGREE)
    grid = np.linspace(middle[near][0], middle[near][-1], 4001)
    smooth = fit(grid)
    top = int(np.argmax(smooth))
    return float(grid[top]), float(smooth[top])


def _squared_gap(crowd: Arrays) -> Interval:
    """Return the mean squared difference of agents and representative at the last step, when sales peak."""
    return mean((crowd["agents"][:, -1] - crowd["representative"][-1]) ** 2)


def _times(n: int, gap: Interval) -> Interval:
    return Interval(n * gap.estimate, n * gap.low, n * gap.high, gap.level, gap.n, gap.method)


def _slope(gaps: Mapping[int, Interval]) -> Interval:
    """Return the elasticity of the root mean squared gap to the number of agents, from the smallest to the largest."""
    few, many = min(gaps), max(gaps)
    ratio, per = quotient(gaps[many], gaps[few]), 2.0 * math.log(many / few)
    half = (ratio.high - ratio.low) / 2.0 / ratio.estimate / per
    slope = math.log(ratio.estimate) / per
    return Interval(slope, slope - half, slope + half, ratio.level, ratio.n, ratio.method)


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw adopters over time, the gap by number of agents, and sales of the products."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    _draw_adopters(left, parameters, found)
    _draw_gap(middle, parameters, found)
    _draw_sales(right, parameters, found)
    return figure


def _draw_adopters(ax: Axes, parameters: Parameters, found: Found) -> None:
    few = found[_crowd(min(parameters.crowds))]
    for shares in few["agents"][:12]:
        ax.plot(few["years"], shares, color=GREY, linewidth=0.6, alpha=0.7)
    ax.plot([], [], color=GREY, linewidth=0.6, label=f"{min(parameters.crowds)} agents, to the peak")
    years, one = found[_AVERAGE]["years"], found[_AVERAGE]["representative"]
    ax.plot(years, one, color=COLOURS[0], linewidth=2.5, alpha=0.6, label="representative")
    ax.plot(years, closed_form(parameters.product(_AVERAGE), years), color="black", linestyle="--", label="closed form")
    ax.set_title("Adopters of the average product")
    ax.set_xlabel("Years")
    ax.set_ylabel("Share of all buyers")
    ax.set_ylim(0.0, 1.3)
    ax.legend(loc="upper left")


def _draw_gap(ax: Axes, parameters: Parameters, found: Found) -> None:
    crowds, product = np.array(sorted(parameters.crowds)), parameters.product(_AVERAGE)
    gaps = [_squared_gap(found[_crowd(n)]) for n in crowds]
    middle = np.sqrt([gap.estimate for gap in gaps])
    ends = np.sqrt([[max(gap.low, 0.0) for gap in gaps], [gap.high for gap in gaps]])
    ax.errorbar(crowds, middle, np.abs(ends - middle), fmt="o", color=COLOURS[0], capsize=3, label="simulated, 95 %")
    share = 0.5 - product.innovation / (2.0 * product.imitation)
    line = np.sqrt(variance_of_gap(product, share) / crowds)
    ax.plot(crowds, line, color="black", linestyle="--", label="Kurtz (1971)")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(crowds, [str(n) for n in crowds])
    ax.set_yticks([0.01, 0.02, 0.03, 0.04], ["0.01", "0.02", "0.03", "0.04"])
    ax.minorticks_off()
    ax.set_title("Gap to the representative")
    ax.set_xlabel("Agents")
    ax.set_ylabel("Root mean square at the peak, share")
    ax.legend(loc="upper right")


def _draw_sales(ax: Axes, parameters: Parameters, found: Found) -> None:
    quarter = max(parameters.steps_per_year // 4, 1)
    for number, (name, product) in enumerate(parameters.products.items()):
        years, shares = found[name]["years"][::quarter], found[name]["agents"][0, ::quarter]
        middle = 0.5 * (years[1:] + years[:-1])
        ax.plot(middle, 100.0 * np.diff(shares) / np.diff(years), ".", color=COLOURS[number], markersize=4)
        f = closed_form(product, found[name]["years"])
        rate = (product.innovation + product.imitation * f) * (1.0 - f)
        ax.plot(found[name]["years"], 100.0 * rate, color=COLOURS[number], label=name)
    ax.set_title("Sales")
    ax.set_xlabel("Years")
    ax.set_ylabel("% of all buyers a year; lines: closed form")
    ax.set_ylim(0.0, 29.0)
    ax.legend(loc="upper right")
