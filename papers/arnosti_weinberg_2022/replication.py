"""A prize divided in proportion to hardware, among miners who count their own effect, on the rule of investment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "equilibrium_shares", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

#: Hardware costs next to nothing beside running costs: it is worth buying as long as it earns more than these.
_NEARLY_FREE = 1e9
_EVERY = 10


class Parameters(Spec):
    """Miners' costs, and how they find their shares."""

    contests: dict[str, tuple[float, ...]] = quantity(unit="USD", doc="Costs of a unit of work, by contest and miner.")
    advantage: float = quantity(unit="1", doc="By how much the costs of one are below those of all others.", gt=0, lt=1)
    rivals: tuple[int, ...] = quantity(unit="1", doc="Numbers of those others.")
    prize: float = quantity(unit="USD/step", doc="What is divided in proportion to work.", gt=0)
    rounds: int = quantity(unit="1", doc="Rounds at every pace.", ge=100)
    paces: tuple[float, ...] = quantity(unit="1", doc="Largest changes of hardware in a round, one after the other.")

    def costs(self, part: str) -> Floats:
        """Return the costs of a contest's miners."""
        if part in self.contests:
            return np.array(self.contests[part])
        n = {_against(n): n for n in self.rivals}[part]
        return np.array([1.0 - self.advantage, *[1.0] * n])


def _against(n: int) -> str:
    return f"against {n}"


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the contests, and one with every number of rivals."""
    return (*parameters.contests, *map(_against, parameters.rivals))


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Let miners buy and sell hardware; return their shares over the rounds, and what they spend of the prize."""
    costs = parameters.costs(part)
    n = len(costs)
    home, zeros, owned = np.zeros(n, np.int64), np.zeros(n), np.full(n, parameters.prize / n)
    fleet = nk.compute_market.Fleet(home, home.copy(), owned.astype(np.int64), zeros.copy(), zeros, costs, zeros)
    rigs = nk.investment.Rigs(owned, np.ones(n), zeros, np.ones(n, np.int8))
    till = nk.investment.Till(np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n))
    busy, tally, shares = np.ones((1, 1)), np.zeros((1, 8), np.int64), []
    for pace in parameters.paces:
        terms = nk.investment.Appraisal(_NEARLY_FREE, 1.0, 1.0, 1.0, 1.0, pace, 0.0, 1.0, 1.0, 1.0, 1.0)
        for number in range(parameters.rounds):
            price = np.full((1, 1), parameters.prize / owned.sum())
            outlook = nk.compute_market.Outlook(price, busy, np.zeros(1), 0.0, 0.0, 0.0, 0.01, 0.0, 1.0)
            nk.investment.invest(fleet, outlook, np.array([fleet.capacity.sum()]), terms, rigs, till, tally)
            if number % _EVERY == 0:
                shares.append(owned / owned.sum())
    return {"shares": np.array([*shares, owned / owned.sum()]), "spent": np.array([owned @ costs / parameters.prize])}


def equilibrium_shares(costs: Floats) -> Floats:
    """Return the equilibrium: 1 - c / c* where that is positive, with c* such that shares sum to one."""
    ordered = np.sort(costs)
    n = np.arange(1, len(costs) + 1)
    active = int((ordered * np.maximum(n - 1, 0) < np.cumsum(ordered)).sum())
    marginal = ordered[:active].sum() / (active - 1)
    shares: Floats = np.maximum(1.0 - costs / marginal, 0.0)
    return shares


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return the shares of the last round, and what was spent."""
    quantities: dict[str, float] = {}
    for name, costs in parameters.contests.items():
        for cost, share in zip(costs, found[name]["shares"][-1], strict=True):
            quantities[f"share at cost {cost:g}, {name}"] = float(share)
        quantities[f"spent, {name}"] = float(found[name]["spent"][0])
    for n in parameters.rivals:
        quantities[f"share {_against(n)}"] = float(found[_against(n)]["shares"][-1, 0])
    return {name: exactly(number) for name, number in quantities.items()}


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw how shares settle, and the share of a cheaper miner by its number of rivals."""
    figure, axes = axes_grid(len(parameters.contests) + 1, columns=3, height=3.4, dated=False)
    for ax, (name, costs) in zip(axes, parameters.contests.items(), strict=False):
        _draw_contest(ax, name, np.array(costs), found[name]["shares"], parameters.rounds)
    _draw_rivals(axes[-1], parameters, found)
    return figure


def _draw_contest(ax: Axes, name: str, costs: Floats, shares: Floats, rounds: int) -> None:
    first = shares[: rounds // _EVERY // 2]
    for number, cost in enumerate(costs):
        ax.plot(_EVERY * np.arange(len(first)), first[:, number], color=COLOURS[number], label=f"cost {cost:g}")
        ax.axhline(equilibrium_shares(costs)[number], color=COLOURS[number], linestyle="--", linewidth=0.8)
    ax.set_ylim(-0.02, 0.62)
    ax.set_title(f"Shares, {name}")
    ax.set_xlabel("Round; dashed: equilibrium")
    ax.set_ylabel("Share of all hardware")
    ax.legend(loc="upper right", ncols=2)


def _draw_rivals(ax: Axes, parameters: Parameters, found: Found) -> None:
    grid, low = np.geomspace(1.0, 150.0, 100), 1.0 - parameters.advantage
    ax.plot(grid, 1.0 - low * grid / (grid + low), color="black", linestyle="--", label="equation")
    shares = [found[_against(n)]["shares"][-1, 0] for n in parameters.rivals]
    ax.plot(parameters.rivals, shares, "o", color=COLOURS[0], label="simulated")
    ax.axhline(parameters.advantage, color=GREY, linestyle=":", label="lower bound")
    ax.set_xscale("log")
    ax.set_ylim(0.0, 0.7)
    ax.set_title(f"Share of a miner {100 * parameters.advantage:.0f} % cheaper")
    ax.set_xlabel("Rivals")
    ax.set_ylabel("Share of all hardware")
    ax.legend(loc="upper right")
