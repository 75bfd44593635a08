"""What many worlds say together: probabilities of verdicts, how long rises last, their usual path, what ended them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catallaxy.sim.analysis.intervals import Interval, share
from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.cycles.verdict import KINDS, Verdict
from catallaxy.sim.cycles.worlds import World

__all__ = ["AROUND", "NOTHING", "Ending", "ending", "lasting", "probabilities", "typical_path"]

AROUND = 365
"""Days of the typical path on each side of the peak."""

NOTHING = "nothing recorded"
"""What ended a rise when no series moved more than it often does."""

_WINDOW = 30
_NOTABLE = 2.0


@dataclass(frozen=True)
class Ending:
    """What changed when a rise ended.

    Attributes
    ----------
    series : str
        The series that moved most in the adverse direction, or `NOTHING`.
    change : float
        Mean of the 30 days after the peak less that of the 30 days before, in standard deviations of that difference
        over all dates of the run; NaN where nothing stood out.
    """

    series: str
    change: float


def probabilities(verdicts: Sequence[Verdict], level: float = 0.95) -> dict[str, Interval]:
    """Return the share of worlds of each kind with its Wilson interval.

    Parameters
    ----------
    verdicts : sequence of Verdict
    level : float, optional

    Returns
    -------
    dict of str to Interval
    """
    kinds = [verdict.kind for verdict in verdicts]
    return {kind: share(kinds.count(kind), len(kinds), level) for kind in KINDS}


def lasting(verdicts: Sequence[Verdict], days: Sequence[int], level: float = 0.95) -> dict[int, Interval]:
    """Return the probability that a rise lasts longer than some days (Kaplan and Meier 1958).

    Rises that the end of a run cuts off are censored.

    Parameters
    ----------
    verdicts : sequence of Verdict
    days : sequence of int
    level : float, optional

    Returns
    -------
    dict of int to Interval
        Empty when no rise ended; the intervals are those of the log of minus the log of survival (Greenwood).
    """
    from scipy import stats

    rises = [rise for verdict in verdicts for rise in verdict.rises]
    ended = np.array([rise.days for rise in rises if rise.complete], float)
    cut = np.array([rise.days for rise in rises if not rise.complete], float)
    if not len(ended):
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no interval where nothing, or everything, has ended
        curve = stats.ecdf(stats.CensoredData(ended, right=cut)).sf
        bounds = curve.confidence_interval(level, method="log-log")
    found = {}
    for day in days:
        at = int(np.searchsorted(curve.quantiles, day, side="right")) - 1
        if at < 0:
            found[day] = Interval(1.0, 1.0, 1.0, level, len(rises), "kaplan-meier")
            continue
        low, high = float(bounds.low.probabilities[at]), float(bounds.high.probabilities[at])
        found[day] = Interval(float(curve.probabilities[at]), low, high, level, len(rises), "kaplan-meier")
    return found


def typical_path(verdicts: Sequence[Verdict], around: int = AROUND) -> dict[str, Floats]:
    """Return the index around the peak of each world's largest rise, 1 at the peak.

    Parameters
    ----------
    verdicts : sequence of Verdict
    around : int, optional
        Days on each side.

    Returns
    -------
    dict of str to float64[2 around + 1]
        `day`, `n` (worlds with a price then), `low`, `middle` and `high`: the quartiles. Empty when no world
        had a rise.
    """
    paths = []
    for verdict in verdicts:
        if verdict.rise is None:
            continue
        path = np.full(2 * around + 1, np.nan)
        offsets = (verdict.index.dates - verdict.rise.phase.end).astype(np.int64)
        near = np.abs(offsets) <= around
        at_peak = verdict.index.close[offsets == 0][0]
        path[offsets[near] + around] = verdict.index.close[near] / at_peak
        paths.append(path)
    if not paths:
        return {}
    table = np.array(paths)
    counts = np.isfinite(table).sum(axis=0).astype(np.float64)
    known = counts > 0
    quartiles = np.full((3, 2 * around + 1), np.nan)
    quartiles[:, known] = np.nanquantile(table[:, known], (0.25, 0.5, 0.75), axis=0)
    days = np.arange(-around, around + 1, dtype=np.float64)
    return {"day": days, "n": counts, "low": quartiles[0], "middle": quartiles[1], "high": quartiles[2]}


def ending(verdict: Verdict, world: World, candidates: Mapping[str, str]) -> Ending | None:
    """Return what changed most when the largest rise of a world ended.

    Parameters
    ----------
    verdict : Verdict
    world : World
    candidates : mapping of str to str
        Series, and whether they end a rise by going `up` or `down`.

    Returns
    -------
    Ending or None
        None where there was no rise, or it had not ended.
    """
    if verdict.rise is None or not verdict.rise.phase.complete:
        return None
    peak = int(np.searchsorted(verdict.index.dates, verdict.rise.phase.end))
    found = Ending(NOTHING, math.nan)
    for name, way in candidates.items():
        change = _change(world.series.get(name, np.empty(0)), peak)
        adverse = change if way == "up" else -change
        if adverse >= _NOTABLE and not adverse <= abs(found.change):
            found = Ending(name, change)
    return found


def _change(values: Floats, at: int) -> float:
    """Return by how much a series moved at a step, in standard deviations; 0 where that cannot be told."""
    if not _WINDOW <= at < len(values) - _WINDOW:
        return 0.0
    total = np.concatenate(([0.0], np.cumsum(values)))
    means = (total[_WINDOW:] - total[:-_WINDOW]) / _WINDOW
    differences = means[_WINDOW:] - means[:-_WINDOW]
    spread = float(differences.std())
    return float(differences[at - _WINDOW]) / spread if spread > 0.0 else 0.0
