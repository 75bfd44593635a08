"""The verdict on one world: what its tokens' prices did, by rules that were fixed before.

The index is the exponential of the summed mean log return of the tokens that have a price on both days. Its rises are
those of a zig-zag; the largest one decides. A verdict needs no run: real prices get one in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from catallaxy.sim.analysis.market.bubbles import Null, bubbles
from catallaxy.sim.analysis.market.phases import Phase, zig_zag
from catallaxy.sim.analysis.market.prices import Floats, Prices, checked
from catallaxy.sim.cycles.rules import VerdictRules

__all__ = ["KINDS", "Kind", "Rise", "Verdict", "index_of", "judge"]

Kind: TypeAlias = Literal["supercycle", "cycle", "stall", "death spiral", "no cycle"]

KINDS: tuple[Kind, ...] = ("supercycle", "cycle", "stall", "death spiral", "no cycle")
"""What a world can be."""

_FEWEST_FOR_ROTATION = 4
_PATHS = 199


@dataclass(frozen=True)
class Rise:
    """The largest rise of an index, held against the rules of a supercycle.

    Attributes
    ----------
    phase : Phase
    over_previous_peak : float
        Peak over the highest price before the rise, that at its start included.
    breadth : float
        Share of tokens that rose by a cycle's factor, among those with a price at both ends.
    rotation : float
        How much more small tokens gained than large ones late in the rise than early; NaN where it cannot be told.
    p : float
        Of the test for explosive episodes; NaN where another rule had decided before.
    passed : dict of str to bool
        By rule; rules that do not apply, or were not reached, are absent.
    """

    phase: Phase
    over_previous_peak: float
    breadth: float
    rotation: float
    p: float
    passed: Mapping[str, bool]


@dataclass(frozen=True)
class Verdict:
    """What one world did.

    Attributes
    ----------
    kind : {"supercycle", "cycle", "stall", "death spiral", "no cycle"}
    index : Prices
    rise : Rise or None
        The largest, None where there is none.
    rises : tuple of Phase
        All rises of a cycle's factor and length.
    """

    kind: Kind
    index: Prices
    rise: Rise | None
    rises: tuple[Phase, ...]


def index_of(tokens: Mapping[str, Prices]) -> Prices:
    """Return an equally weighted index of tokens, 1 at the start.

    Parameters
    ----------
    tokens : mapping of str to Prices

    Returns
    -------
    Prices
        On every date that any token has.
    """
    if len(tokens) == 1:
        [only] = tokens.values()
        return Prices("index", only.dates, only.close / only.close[0])
    dates = np.unique(np.concatenate([prices.dates for prices in tokens.values()]))
    total, count = np.zeros(len(dates) - 1), np.zeros(len(dates) - 1)
    for prices in tokens.values():
        rows = np.searchsorted(dates, prices.dates)
        next_to = np.diff(rows) == 1
        total[rows[1:][next_to] - 1] += prices.log_returns[next_to]
        count[rows[1:][next_to] - 1] += 1.0
    steps = np.divide(total, count, out=np.zeros(len(total)), where=count > 0.0)
    return Prices("index", dates, np.exp(np.concatenate(([0.0], np.cumsum(steps)))))


def judge(
    tokens: Mapping[str, Prices], rules: VerdictRules, sizes: Mapping[str, Floats] | None = None, seed: int = 1
) -> Verdict:
    """Classify the prices of a world.

    Parameters
    ----------
    tokens : mapping of str to Prices
    rules : VerdictRules
    sizes : mapping of str to float64[n], optional
        Market value of each token at each of its dates, in which small and large tokens are told apart.
    seed : int, optional
        Chance of the wild bootstrap.

    Returns
    -------
    Verdict

    Raises
    ------
    PricesError
        When the series are too short or never change.
    """
    index = checked(index_of(tokens))
    rises = tuple(
        phase
        for phase in zig_zag(index, rules.cycle.factor)
        if phase.kind == "bull" and phase.factor >= rules.cycle.factor and phase.days >= rules.cycle.least_days
    )
    largest = max(rises, key=lambda phase: phase.factor, default=None)
    rise = None if largest is None else _held_against(largest, index, tokens, sizes or {}, rules, seed)
    return Verdict(_kind(index, rise, rises, rules), index, rise, rises)


def _kind(index: Prices, rise: Rise | None, rises: tuple[Phase, ...], rules: VerdictRules) -> Kind:
    if _lost(index, rules):
        return "death spiral"
    if rise is not None and all(rise.passed.values()) and "explosive" in rise.passed:
        return "supercycle"
    if rise is None:
        return "no cycle"
    tail = _last(index, rules.stall.days)
    if len(tail) < len(index) and tail.max() <= rules.stall.factor * tail.min():
        return "stall"
    return "cycle" if any(phase.complete for phase in rises) else "no cycle"


def _lost(index: Prices, rules: VerdictRules) -> bool:
    tail = _last(index, rules.death_spiral.days)
    return len(tail) < len(index) and bool(tail.max() <= rules.death_spiral.share_of_peak * index.close.max())


def _last(index: Prices, days: int) -> Floats:
    tail: Floats = index.close[index.dates > index.dates[-1] - np.timedelta64(days, "D")]
    return tail


def _held_against(
    phase: Phase,
    index: Prices,
    tokens: Mapping[str, Prices],
    sizes: Mapping[str, Floats],
    rules: VerdictRules,
    seed: int,
) -> Rise:
    asked = rules.supercycle
    start, end = np.searchsorted(index.dates, [phase.start, phase.end])
    over = float(index.close[end] / index.close[: start + 1].max())
    gains = [gain for prices in tokens.values() if math.isfinite(gain := _gain(prices, phase.start, phase.end))]
    breadth = float(np.mean(np.array(gains) >= math.log(rules.cycle.factor))) if gains else math.nan
    rotation = _rotation(phase, tokens, sizes)
    passed = {
        "amplitude": phase.factor >= asked.amplitude,
        "over_previous_peak": over >= asked.over_previous_peak,
        "duration": phase.days >= asked.least_days,
        "breadth": breadth >= asked.breadth,
    }
    if math.isfinite(rotation):
        passed["rotation"] = rotation >= asked.rotation
    p = math.nan
    if all(passed.values()):
        p = bubbles(index, Null("wild", _PATHS, asked.level, seed)).gsadf_p
        passed["explosive"] = p <= 1.0 - asked.level
    return Rise(phase, over, breadth, rotation, p, passed)


def _gain(prices: Prices, start: np.datetime64, end: np.datetime64) -> float:
    """Return the log return between two dates; NaN where the token has no price at one of them."""
    rows = np.searchsorted(prices.dates, [start, end])
    if rows[1] >= len(prices) or (prices.dates[rows] != np.array([start, end], "M8[D]")).any():
        return math.nan
    return float(np.log(prices.close[rows[1]] / prices.close[rows[0]]))


def _rotation(phase: Phase, tokens: Mapping[str, Prices], sizes: Mapping[str, Floats]) -> float:
    middle = phase.start + (phase.end - phase.start) // 2
    rows = []
    for name, prices in tokens.items():
        first, second = _gain(prices, phase.start, middle), _gain(prices, middle, phase.end)
        if name in sizes and math.isfinite(first + second):
            rows.append((float(sizes[name][np.searchsorted(prices.dates, phase.start)]), first, second))
    if len(rows) < _FEWEST_FOR_ROTATION:
        return math.nan
    table = np.array(sorted(rows))
    half = len(table) // 2
    small, large = table[:half, 1:].mean(axis=0), table[-half:, 1:].mean(axis=0)
    ahead = small - large
    return float(ahead[1] - ahead[0])
