"""How often so many of all hold an opinion, against the law that detailed balance gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.papers.kirman_1993.kernels import meet
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import COLOURS, axes_grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts", "stationary"]

Floats = npt.NDArray[np.float64]

#: At most this share, or at least one less it, of all hold the first opinion: nearly everybody agrees.
_AGREED = 0.1


class Parameters(Spec):
    """How many meet, how readily they change, and how long."""

    people: int = quantity(unit="agent", doc="People (N).", ge=2, le=10_000)
    stubbornness: float = quantity(
        unit="1", doc="Probability of keeping one's opinion in a meeting (delta).", ge=0, le=1
    )
    alone: tuple[float, ...] = quantity(unit="1", doc="Probabilities of changing alone (epsilon).")
    burn: int = quantity(unit="meeting", doc="Meetings before those that count.", ge=0)
    meetings: int = quantity(unit="meeting", doc="Meetings of a run that count.", ge=1000)
    runs: int = quantity(unit="1", doc="Independent runs.", ge=2)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return one part for each probability of changing alone."""
    return [f"epsilon {alone:g}" for alone in parameters.alone]


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Let people meet; return how often so many hold the first opinion, float64[runs, N + 1], as shares of time."""
    p, alone = parameters, dict(zip(parts(parameters), parameters.alone, strict=True))[part]
    counts = np.zeros((p.runs, p.people + 1), np.int64)
    meet(key, p.people, alone, 1.0 - p.stubbornness, p.burn, counts, p.meetings)
    return {"shares": counts / p.meetings}


def stationary(n: int, alone: float, recruited: float) -> Floats:
    """Return the stationary law of how many hold the first opinion, float64[n + 1], by detailed balance."""
    k = np.arange(n + 1)
    up = (1.0 - k / n) * (alone + recruited * k / (n - 1))
    down = k / n * (alone + recruited * (n - k) / (n - 1))
    odds = np.concatenate([[1.0], np.cumprod(up[:-1] / down[1:])])
    law: Floats = odds / odds.sum()
    return law


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return the variance of the share, and how much of the time nearly everybody agrees."""
    share = np.arange(parameters.people + 1) / parameters.people
    agreed = (share <= _AGREED) | (share >= 1.0 - _AGREED)
    quantities: dict[str, Interval] = {}
    for part, here in found.items():
        quantities[f"mean, {part}"] = mean(here["shares"] @ share)
        quantities[f"variance, {part}"] = mean(here["shares"] @ (share - 0.5) ** 2)
        quantities[f"time agreed, {part}"] = mean(here["shares"][:, agreed].sum(axis=1))
    return quantities


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw how often so many hold the first opinion, beside the law."""
    figure, axes = axes_grid(len(parameters.alone), columns=3, height=3.4, dated=False)
    k = np.arange(parameters.people + 1)
    for ax, here, alone in zip(axes, found.values(), parameters.alone, strict=True):
        ax.bar(k, 100.0 * here["shares"].mean(axis=0), 1.0, color=COLOURS[0], alpha=0.5, label="simulated")
        law = stationary(parameters.people, alone, 1.0 - parameters.stubbornness)
        ax.plot(k, 100.0 * law, color="black", linewidth=1.0, label="detailed balance")
        ax.set_title(f"Changing alone: {alone:g}")
        ax.set_xlabel("People with the first opinion")
        ax.set_ylabel("% of the time")
        ax.set_ylim(0.0, 1.35 * 100.0 * law.max())
        ax.legend(loc="upper center")
    return figure
