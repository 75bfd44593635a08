"""Bull and bear phases of a price, dated by two rules.

**Zig-zag**: a bull ends at a peak from which the price fell by a factor, a bear at a trough from which it rose by it.

**Bry and Boschan**, as Pagan and Sossounov apply it to stock prices: turns are extremes of a window on both sides;
they alternate, are not near the ends nor less extreme than prices there, and phases and full cycles have a least
length, unless a phase moves the price by much.

References
----------
G. Bry and C. Boschan, *Cyclical Analysis of Time Series*, NBER 1971; A. R. Pagan and K. A. Sossounov, "A Simple
Framework for Analysing Bull and Bear Markets", *Journal of Applied Econometrics* 18 (2003), 23.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from catallaxy.sim.analysis.market.prices import Floats, Prices
from catallaxy.sim.errors import PricesError

__all__ = ["PAGAN_SOSSOUNOV", "Phase", "TurnRules", "bry_boschan", "zig_zag"]

_MONTH = 365.25 / 12.0
Kind = Literal["bull", "bear"]


@dataclass(frozen=True)
class Phase:
    """A rise from a trough to a peak, or a fall from a peak to a trough.

    Attributes
    ----------
    kind : {"bull", "bear"}
    start, end : datetime64[D]
    days : int
    factor : float
        Price at the end over price at the start.
    complete : bool
        Whether both ends are turns; the first and the last phase of a series are cut off by its ends.
    """

    kind: Kind
    start: np.datetime64
    end: np.datetime64
    days: int
    factor: float
    complete: bool


@dataclass(frozen=True)
class TurnRules:
    """What a turn is for Bry and Boschan, in days; the defaults are those of Pagan and Sossounov, who count in months.

    Attributes
    ----------
    window : float
        A turn is the extreme of as many days before and after: 8 months.
    edge : float
        No turn is nearer to the ends of the series: 6 months.
    phase, cycle : float
        Least length of a phase, 4 months, and of two in a row, 16 months.
    large : float
        A phase that moves the price by more than this share may be shorter.
    """

    window: float = 8 * _MONTH
    edge: float = 6 * _MONTH
    phase: float = 4 * _MONTH
    cycle: float = 16 * _MONTH
    large: float = 0.2


PAGAN_SOSSOUNOV = TurnRules()
"""The published rules, for stock prices."""


def zig_zag(prices: Prices, factor: float = 2.5) -> tuple[Phase, ...]:
    """Return the phases between turns of at least a factor.

    Parameters
    ----------
    prices : Prices
    factor : float, optional
        Above 1: the price has to fall to 1/factor of a peak, or rise to factor times a trough.

    Returns
    -------
    tuple of Phase
        From the first turn on; the last one is not complete. Empty when the price never moves by the factor.
    """
    if not factor > 1.0:
        raise PricesError(f"the factor of a zig-zag lies above 1, as 2.5; {factor:g} does not")
    close = prices.close
    turns, rising = _first_turn(close, factor)
    if not turns:
        return ()
    extreme = turns[0]
    for t in range(turns[0], len(close)):
        if (close[t] > close[extreme]) == rising and close[t] != close[extreme]:
            extreme = t
        elif (close[extreme] / close[t] if rising else close[t] / close[extreme]) >= factor:
            turns.append(extreme)
            extreme, rising = t, not rising
    return _phases(prices, [*turns, extreme], open_start=False)


def _first_turn(close: Floats, factor: float) -> tuple[list[int], bool]:
    """Return the first extreme from which the price moves by the factor, and whether it rises from there."""
    low = high = 0
    for t in range(1, len(close)):
        low, high = (t if close[t] < close[low] else low), (t if close[t] > close[high] else high)
        if close[t] >= factor * close[low]:
            return [low], True
        if factor * close[t] <= close[high]:
            return [high], False
    return [], True


def bry_boschan(prices: Prices, rules: TurnRules = PAGAN_SOSSOUNOV) -> tuple[Phase, ...]:
    """Return the phases between turns that Bry and Boschan's rules leave.

    Parameters
    ----------
    prices : Prices
    rules : TurnRules, optional

    Returns
    -------
    tuple of Phase
        They cover the series: the first and the last are not complete. Empty without a turn.
    """
    log, step = np.log(prices.close), prices.step_days
    reach, edge = (max(1, round(days / step)) for days in (rules.window, rules.edge))
    turns = _alternating([t for t in _extremes(log, reach) if edge <= t[0] < len(log) - edge], log)
    turns = _without_short_cycles(turns, log, rules.cycle / step)
    turns = _without_false_ends(_without_short_phases(turns, log, rules, step), log)
    if not turns:
        return ()
    return _phases(prices, [0, *(t for t, _ in turns), len(log) - 1], open_start=True)


Turn = tuple[int, bool]
"""Number of an observation, and whether it is a peak."""


def _extremes(log: Floats, reach: int) -> list[Turn]:
    """Return where the price is the highest or lowest of as many steps on both sides."""
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    size = 2 * reach + 1
    peaks = log == maximum_filter1d(log, size, mode="nearest")
    troughs = log == minimum_filter1d(log, size, mode="nearest")
    return sorted([(int(t), True) for t in np.flatnonzero(peaks)] + [(int(t), False) for t in np.flatnonzero(troughs)])


def _alternating(turns: Sequence[Turn], log: Floats) -> list[Turn]:
    """Keep the highest of peaks in a row, and the lowest of troughs."""
    kept = []
    for peak, group in itertools.groupby(turns, lambda turn: turn[1]):
        best = max(group, key=lambda turn: log[turn[0]] if peak else -log[turn[0]])
        kept.append(best)
    return kept


def _without_short_cycles(turns: list[Turn], log: Floats, least: float) -> list[Turn]:
    """Drop the lower of two peaks, or the higher of two troughs, that are too near to each other."""
    number = 0
    while number + 2 < len(turns):
        first, second = turns[number], turns[number + 2]
        if second[0] - first[0] >= least:
            number += 1
            continue
        higher = log[second[0]] > log[first[0]]
        turns = _alternating([turn for turn in turns if turn != (first if higher == first[1] else second)], log)
        number = 0
    return turns


def _without_short_phases(turns: list[Turn], log: Floats, rules: TurnRules, step: int) -> list[Turn]:
    """Drop both ends of a phase that is too short and does not move the price by much."""
    number = 0
    while number + 1 < len(turns):
        (start, _), (end, _) = turns[number], turns[number + 1]
        moved = abs(float(np.expm1(log[end] - log[start])))
        if (end - start) * step >= rules.phase or moved > rules.large:
            number += 1
        else:
            turns, number = _alternating(turns[:number] + turns[number + 2 :], log), 0
    return turns


def _without_false_ends(turns: list[Turn], log: Floats) -> list[Turn]:
    """Drop the first turns and the last ones that are less extreme than prices nearer to the end of the series."""

    def beaten(turn: Turn, outside: Floats) -> bool:
        return bool((outside > log[turn[0]]).any() if turn[1] else (outside < log[turn[0]]).any())

    while turns and beaten(turns[0], log[: turns[0][0]]):
        turns = turns[1:]
    while turns and beaten(turns[-1], log[turns[-1][0] + 1 :]):
        turns = turns[:-1]
    return turns


def _phases(prices: Prices, ends: Sequence[int], *, open_start: bool) -> tuple[Phase, ...]:
    """Return the phases between observations; those without a length are none."""
    close, dates, last = prices.close, prices.dates, len(ends) - 2
    found = []
    for number, (start, end) in enumerate(itertools.pairwise(ends)):
        if end > start:
            complete = number < last and not (open_start and number == 0)
            days, factor = int((dates[end] - dates[start]).astype(np.int64)), float(close[end] / close[start])
            kind: Kind = "bull" if factor > 1.0 else "bear"
            found.append(Phase(kind, dates[start], dates[end], days, factor, complete))
    return tuple(found)
