"""The price by its equation, and users who decide one by one at the expected rise that it implies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.papers.cong_li_wang_2021.kernels import join
from catallaxy.papers.cong_li_wang_2021.pricing import Economy, solve
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

_PAPER, _FEW = "platform of the paper", "platform of the agents"
_GRID, _SHARES, _ROUNDS = 4001, (0.1, 0.5, 0.9), 10_000


class Parameters(Spec):
    """The paper's platform, and one whose users a sample can stand for."""

    paper: Economy = quantity(unit="-", doc="The baseline.")
    few: Economy = quantity(unit="-", doc="Less dispersed tastes and a weaker network effect.")
    compared: tuple[float, ...] = quantity(unit="1", doc="Log productivities at which tokens are compared with goods.")
    shown: tuple[float, ...] = quantity(unit="1", doc="Log productivities at which agents decide.")
    agents: int = quantity(unit="agent", doc="Users of a sample.", ge=100)
    runs: int = quantity(unit="1", doc="Independent samples.", ge=2)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return both platforms."""
    return _PAPER, _FEW


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Solve for the price; return it, its slope, the users and the expected rise, and what agents make of it."""
    economy = parameters.paper if part == _PAPER else parameters.few
    solution = solve(economy)
    a = np.linspace(economy.low, economy.high, _GRID)
    p, slope = solution.price(a)
    found = {"a": a, "price": p, "slope": slope, "users": solution.users(a), "rise": economy.rise(p, a)}
    if part == _PAPER:
        return {**found, "goods": np.array([economy.users_without_token(x) for x in a[::20]])}
    at = np.array(parameters.shown)
    rises = economy.rise(solution.price(at)[0], at)
    crowds = [
        [_decided(parameters, x, m, key, run) for x, m in zip(at, rises, strict=True)] for run in range(parameters.runs)
    ]
    return {**found, "crowds": np.array(crowds)}


def _decided(parameters: Parameters, a: float, rise: float, key: np.uint64, run: int) -> tuple[float, float]:
    """Return the share of users and the log price at which a sample holds all tokens."""
    economy, n = parameters.few, parameters.agents
    taste = np.empty(n)
    nk.random.fill_normal(nk.random.step_key(key, run, 0), np.arange(n), taste)
    beta = economy.transaction_share
    earned = math.log((1.0 - beta) / (economy.discount - rise)) / beta
    least = math.log(economy.cost / beta) - a - (1.0 - beta) * earned
    users, demand = join(economy.dispersion * taste, least, economy.network_effect, _ROUNDS)
    per_user = economy.network_effect * math.log(users / n) + math.log(demand / n)
    return users / n, per_user + a + earned - math.log(economy.tokens)


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return slopes, when users come, what tokens add, and users and prices of samples."""
    here = found[_PAPER]
    a, users, growth = here["a"], here["users"], np.gradient(here["users"], here["a"])
    swings = parameters.paper.volatility * here["slope"]
    values = {
        "elasticity of the price, few users": float(here["slope"][0]),
        "elasticity of the price, all users": float(here["slope"][-1]),
        "expected rise, few users": float(here["rise"][0]),
        "expected rise, all users": float(here["rise"][-1]),
        "steps in which the expected rise grows": float((np.diff(here["rise"]) > 1e-9).sum()),
        "volatility of the price, least": float(swings.min()),
        "volatility of the price, most": float(swings.max()),
        "fastest adoption": float(growth.max()),
        "users at the fastest adoption": float(users[growth.argmax()]),
        "places where goods have more users": float((users[::20] < here["goods"] - 1e-9).sum()),
        **{f"log productivity at {share:g} users": float(np.interp(share, users, a)) for share in _SHARES},
    }
    for x in parameters.compared:
        values[f"users with tokens at {x:g}"] = float(np.interp(x, a, users))
        values[f"users with goods at {x:g}"] = float(np.interp(x, a[::20], here["goods"]))
    quantities = {name: exactly(value) for name, value in values.items()}
    few = found[_FEW]
    for number, x in enumerate(parameters.shown):
        share, price = few["crowds"][:, number].T
        quantities[f"users at {x:g}"], quantities[f"log price at {x:g}"] = mean(share), mean(price)
        gap = price - np.interp(x, few["a"], few["price"])
        quantities[f"gap of agents to the equation at {x:g}"] = mean(gap)
    return quantities


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw users with tokens and with goods, what is expected of the price, and agents beside the equation."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    here, few = found[_PAPER], found[_FEW]
    left.plot(here["a"], here["users"], color=COLOURS[0], label="with a token")
    left.plot(here["a"][::20], here["goods"], "--", color=COLOURS[1], label="with goods")
    left.set_xlim(-40.0, 30.0)
    _name(left, "Users", "Share of all")
    middle.plot(here["a"], 100.0 * here["rise"], color=COLOURS[0], label="expected rise, % a year")
    middle.plot(here["a"], 100.0 * (here["slope"] - 1.0), "--", color=COLOURS[1], label="excess volatility, %")
    middle.set_ylim(0.0, 7.5)
    _name(middle, "The token", "%")
    right.plot(few["a"], few["users"], color=COLOURS[0], label="equation")
    shown = np.array(parameters.shown)
    right.plot(shown, few["crowds"][:, :, 0].mean(axis=0), "o", color=COLOURS[1], label="agents")
    right.set_xlim(-12.0, 0.0)
    _name(right, "Users who decide one by one", "Share of all")
    return figure


def _name(ax: Axes, title: str, label: str) -> None:
    ax.set_title(title)
    ax.set_xlabel("Log productivity of the platform")
    ax.set_ylabel(label)
    ax.legend(loc="upper left" if ax.get_xlim()[0] < -20.0 else "lower right")
