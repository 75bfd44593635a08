"""Burn-and-mint with foresight: the price of today at which tokens neither run out nor remain, by the public rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, axes_grid
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext
from catallaxy.sim.tokenomics.sinks import BurnAndMint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

_SHARE, _NONE, _POOL, _NET = "proportional minting", "no minting", "decaying minting", "net emissions"
_YEAR = 365.25
_BASE, _MICRO = 10**9, 10**6
#: Years from the start over which growth and half-lives are taken.
_SETTLED = 10
#: Halvings of the interval in which the value of today lies.
_HALVINGS = 34


class Parameters(Spec):
    """What holders foresee."""

    discount: float = quantity(unit="1/year", doc="Rate at which holders discount, continuous.", gt=0, le=1)
    growth: float = quantity(unit="1/year", doc="Minted of the supply where minting is proportional.", gt=0, le=1)
    revenue: float = quantity(unit="USD/year", doc="Spent on the network's services, all of it by burning.", gt=0)
    supply: float = quantity(unit="token", doc="Tokens at the start.", gt=0, le=1e9)
    pool: float = quantity(unit="token", doc="All that is minted where minting decays.", gt=0, le=1e9)
    decay: float = quantity(unit="1/year", doc="Rate at which that minting decays; above `discount`.", gt=0, le=10)
    years: int = quantity(unit="year", doc="Years that holders look ahead.", ge=_SETTLED, le=400)
    steps_per_year: int = quantity(unit="1/year", doc="Steps, and rounds of minting again, in a year.", ge=4, le=365)

    def emission(self, part: str) -> dict[str, Any]:
        """Return what a scenario says of the emission of one part."""
        if part == _SHARE:
            return {"kind": "fixed-rate", "share": {"per_year": math.expm1(self.growth)}}
        if part == _POOL:
            return {"kind": "exponential-decay", "pool": self.pool, "decay": {"per_year": self.decay}}
        if part == _NET:
            every = {"days": _YEAR / self.steps_per_year}
            return {"kind": "reissue-burned", "ceiling": self.supply, "smoothing": 1.0, "every": every}
        return {"kind": "fixed-supply"}


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the four kinds of minting."""
    return (_SHARE, _NONE, _POOL, _NET)


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Find the value of today that holders can foresee, and follow supply and value (token, USD) from it.

    A second path begins at the value of a network that mints in proportion to supply, whatever this one mints.
    """
    low, high = 1e-3 * parameters.revenue, 1e3 * parameters.revenue / parameters.discount
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        lasting = not _exhausted(_path(parameters, part, middle)[0])
        low, high = (low, middle) if lasting else (middle, high)
    supply, value, burned = _path(parameters, part, high)
    other = _path(parameters, part, parameters.revenue / (parameters.discount + parameters.growth))
    names = ("value today", "supply", "value", "burned", "supply, any price", "value, any price")
    return dict(zip(names, (np.array([high]), supply, value, burned, other[0], other[1]), strict=True))


def _exhausted(supply: Floats) -> bool:
    return bool(supply[-1] <= 0.0)


def _path(p: Parameters, part: str, value: float) -> tuple[Floats, Floats, Floats]:
    """Burn and mint at a price that grows at the discount rate, so that holding costs nothing, until nothing is left.

    Users burn half of what a step needs before tokens are minted, and half after, each at the price of then.

    Returns
    -------
    tuple of float64[n]
        Supply (token) and value of it (USD) at the start of each step, and what has been burned by then (token).
    """
    credit, rule = BurnAndMint(kind="burn-and-mint", settled=0.0), EMISSIONS.build(p.emission(part))
    usd, first = round(0.5 * p.revenue / p.steps_per_year * _MICRO), round(p.supply * _BASE)
    now = EmissionContext(step=0, dt_days=_YEAR / p.steps_per_year, start=date(2023, 1, 1), base=_BASE, supply=first)
    prices = value / p.supply * np.exp(p.discount / p.steps_per_year * np.arange(p.years * p.steps_per_year + 1))
    needed = [credit.tokens_for(usd, price, _BASE) for price in prices.tolist()]
    supplies, burns = [first], [0]
    for step in range(len(needed) - 1):
        left, burned = supplies[-1] - needed[step], burns[-1] + needed[step]
        issue = rule.issue(replace(now, step=step, supply=max(left, 0), burned=burned))
        now = now.remembering(issue.memory)
        rest = left + issue.amount - needed[step + 1] if left > 0 else 0
        supplies.append(max(rest, 0))
        burns.append(burned + needed[step + 1])
        if rest <= 0:
            break
    supply = np.array(supplies) / _BASE
    return supply, supply * prices[: len(supply)], np.array(burns) / _BASE


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return values of today, and what becomes of supply and value in the first ten years."""
    last, share = _SETTLED * parameters.steps_per_year, found[_SHARE]
    supply = share["supply"][: last + 1]
    burned = np.diff(share["burned"][: last + 1]) / (0.5 * (supply[1:] + supply[:-1]))
    quantities = {
        **{f"value, {part}": found[part]["value today"][0] for part in parts(parameters)},
        "burned of the supply": burned.sum() / _SETTLED,
        "half-life of the supply": _SETTLED * math.log(2.0) / math.log(supply[0] / supply[-1]),
        "growth of the value, proportional minting": math.log(share["value"][last] / share["value"][0]) / _SETTLED,
        "growth of the value, net emissions": _growth(found[_NET]["value, any price"], last),
    }
    return {name: exactly(float(value)) for name, value in quantities.items()}


def _growth(value: Floats, last: int) -> float:
    return math.log(value[last] / value[0]) / _SETTLED


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw supply and value by kind of minting, and what happens at a price that nobody would foresee."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    for number, part in enumerate(parts(parameters)):
        kind, line = ", any price" if part == _NET else "", "--" if part == _NONE else "-"
        _plot(left, parameters, found[part]["supply" + kind], part, COLOURS[number], line)
        _plot(middle, parameters, found[part]["value" + kind], part, COLOURS[number], line)
    _label(left, "Supply", "Million tokens", 190.0)
    _label(middle, "Value of all tokens", "Million USD", 22.0)
    today = float(found[_SHARE]["value today"][0])
    for number, factor in enumerate((1.02, 1.0, 0.98)):
        _, value, _ = _path(parameters, _SHARE, factor * today)
        _plot(right, parameters, value, f"{factor:.2f} of the price", COLOURS[number])
    _label(right, "Value at other prices today", "Million USD", 22.0)
    right.legend(loc="upper left")
    return figure


def _plot(ax: Axes, p: Parameters, values: Floats, label: str, colour: str, line: str = "-") -> None:
    years = np.arange(len(values)) / p.steps_per_year
    shown = years <= 3 * _SETTLED
    ax.plot(years[shown], values[shown] / 1e6, color=colour, linestyle=line, label=label)


def _label(ax: Axes, title: str, unit: str, top: float) -> None:
    ax.set_title(title)
    ax.set_xlabel("Years")
    ax.set_ylabel(unit)
    ax.set_ylim(0.0, top)
    ax.legend(loc="upper right")
