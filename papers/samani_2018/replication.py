"""Burn-and-mint month by month: users hold some months of spending, burn for credits, and a constant flow is minted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

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

_FEW, _MANY, _FACTOM = "few tokens at the start", "many tokens at the start", "Factom"
_BASE, _MICRO = 10**9, 10**6
_START = date(2018, 1, 1)
#: Months over which the half-life is taken.
_HALVING = 60


class Parameters(Spec):
    """What is spent, minted and held, and from which supplies."""

    spending: float = quantity(unit="USD/month", doc="Spent on services.", gt=0, le=1e12)
    minted: float = quantity(unit="token/month", doc="Minted for those who provide them.", gt=0, le=1e9)
    held_months: float = quantity(unit="month", doc="Spending for which tokens are held.", gt=1, le=1e4)
    supplies: tuple[float, float] = quantity(unit="token", doc="Supply at the start: few, many.")
    months: int = quantity(unit="month", doc="Length of a run.", ge=2 * _HALVING, le=6000)
    doubled_after: int = quantity(unit="month", doc="Month after which spending is twice as high.", ge=_HALVING)
    entries: float = quantity(unit="1/month", doc="Entries that Factom's users make.", gt=0)
    entry_usd: float = quantity(unit="USD", doc="Price of an entry.", gt=0)
    factom_supply: float = quantity(unit="token", doc="Factom's supply at the start.", gt=0, le=1e9)
    factom_months: int = quantity(unit="month", doc="Length of Factom's run.", ge=1, le=6000)


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the two economies of the model, and Factom's."""
    return (_FEW, _MANY, _FACTOM)


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Burn and mint month by month; return supply (token), price (USD), and what is burned and minted (token)."""
    p = parameters
    if part == _FACTOM:
        return _run(p, p.factom_supply, np.full(p.factom_months, p.entries * p.entry_usd))
    spending = np.where(np.arange(p.months) < p.doubled_after, p.spending, 2.0 * p.spending)
    return _run(p, p.supplies[0] if part == _FEW else p.supplies[1], spending)


def _run(p: Parameters, first: float, spending: Floats) -> Arrays:
    """Let users burn at the price at which they hold all tokens, then mint."""
    credit = BurnAndMint(kind="burn-and-mint", settled=0.0)
    rule = EMISSIONS.build({"kind": "fixed-rate", "tokens": {"per_month": p.minted}})
    now = EmissionContext(step=0, dt_days=1.0, start=_START, base=_BASE)
    begins = [now.microseconds_since_start(_month(number)) for number in range(len(spending) + 1)]
    supply, series = round(first * _BASE), np.zeros((4, len(spending)))
    for month, usd in enumerate(spending.tolist()):
        price = p.held_months * usd * _BASE / supply
        burned = credit.tokens_for(round(usd * _MICRO), price, _BASE)
        minted = rule.amount(now.part(begins[month], begins[month + 1]))
        series[:, month] = supply / _BASE, price, burned / _BASE, minted / _BASE
        supply += minted - burned
    return dict(zip(("supply", "price", "burned", "minted"), series, strict=True))


def _month(number: int) -> date:
    return date(_START.year + number // 12, number % 12 + 1, 1)


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return where prices and supplies come to rest, how fast, and what a doubling of spending does."""
    p, few = parameters, found[_FEW]
    last = p.doubled_after - 1
    burned = few["burned"] / few["supply"]
    quantities = {
        "price of Factom in the end": found[_FACTOM]["price"][-1],
        **{f"price, {part}": found[part]["price"][last] for part in (_FEW, _MANY)},
        **{f"supply, {part}": found[part]["supply"][last] for part in (_FEW, _MANY)},
        **{f"half-life, {part}": _half_life(p, found[part]["supply"]) for part in (_FEW, _MANY)},
        **{f"burned over minted, {part}": _ratio(found[part], last) for part in (_FEW, _MANY)},
        "price over that of the month before": few["price"][last + 1] / few["price"][last],
        "share of supply burned before": burned[last],
        "share of supply burned after": burned[last + 1],
        "price in the end": few["price"][-1],
    }
    return {name: exactly(float(value)) for name, value in quantities.items()}


def _half_life(p: Parameters, supply: Floats) -> float:
    gap = supply - p.held_months * p.minted
    return _HALVING * math.log(2.0) / math.log(gap[0] / gap[_HALVING])


def _ratio(run: Arrays, month: int) -> float:
    return float(run["burned"][month] / run["minted"][month])


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw supplies, prices, and what Factom would burn."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    p, months = parameters, np.arange(parameters.months) / 12.0
    for number, part in enumerate((_FEW, _MANY)):
        left.plot(months, found[part]["supply"] / 1e6, color=COLOURS[number], label=part)
        middle.plot(months, found[part]["price"], color=COLOURS[number], label=part)
    left.axhline(p.held_months * p.minted / 1e6, color="black", linestyle="--", label="k M")
    _label(left, "Supply", "Million tokens")
    middle.axhline(p.spending / p.minted, color="black", linestyle="--", label="D / M, before and after")
    middle.axhline(2.0 * p.spending / p.minted, color="black", linestyle="--")
    _label(middle, "Price; spending doubles half-way", "USD")
    middle.set_ylim(top=1.4 * max(found[part]["price"].max() for part in (_FEW, _MANY)))
    factom = found[_FACTOM]
    shown = np.arange(len(factom["burned"])) < p.doubled_after
    years = np.flatnonzero(shown) / 12.0
    right.plot(years, factom["burned"][shown] / 1e3, color=COLOURS[0], label="burned")
    right.plot(years, factom["minted"][shown] / 1e3, color="black", linestyle="--", label="minted")
    _label(right, "Factom, tokens a month", "Thousand FCT")
    return figure


def _label(ax: Axes, title: str, unit: str) -> None:
    ax.set_title(title)
    ax.set_xlabel("Years")
    ax.set_ylabel(unit)
    ax.legend(loc="upper right")
