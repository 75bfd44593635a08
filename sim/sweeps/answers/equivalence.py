"""Mechanism equivalence: whether the results of a sweep survive when one of its parameters takes another value.

The factor is a parameter that should not matter: the kind of a venue. Replicates share their chance, so every
comparison is within pairs. Without an effect, the level of a key figure is compared with that under the reference, the
first value of the factor. With an effect (a second parameter), what is compared is the difference that it makes, from
its first value to each other one.

**The verdict.** A key figure has a margin under every value of the factor: a share of the size of its mean, which is
taken as known. Levels survive when every interval of the difference to the reference lies inside the reference's margin
(Schuirmann's two one-sided tests), and do not when one lies outside. An effect survives when every interval lies on the
same side of zero, or all lie inside the margins: there is no effect worth the name anywhere. It does not survive when
two lie on opposite sides of zero, or one outside its margin and another inside. All else is undecided: more replicates
would tell.

**Several comparisons.** All intervals of a report hold together with the stated confidence (Bonferroni): the more key
figures are asked for, the wider they are.

References
----------
D. J. Schuirmann, *Journal of Pharmacokinetics and Biopharmaceutics* 15 (1987), 657;
O. J. Dunn, *Journal of the American Statistical Association* 56 (1961), 52.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catallaxy.sim.analysis.intervals import Interval, mean, paired_difference
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.answers.column_arrays import Floats
from catallaxy.sim.sweeps.answers.run_values import RunValues
from catallaxy.sim.sweeps.answers.summary import Row, row_key

__all__ = ["FAILS", "SURVIVES", "UNDECIDED", "Equivalence", "equivalence_rows"]

SURVIVES, FAILS, UNDECIDED = "survives", "does not survive", "undecided"

Names = Sequence[str] | str | None
Judged = Sequence[tuple[Interval, float]]


@dataclass(frozen=True)
class Equivalence:
    """What is asked.

    Attributes
    ----------
    factor : str
        Parameter that should not matter.
    effect : str or None
        Parameter whose effect is compared; levels are when None.
    margin : float
        Largest difference that does not matter, as a share of the mean.
    level : float
        Confidence of all intervals together.
    """

    factor: str
    effect: str | None = None
    margin: float = 0.1
    level: float = 0.95


@dataclass(frozen=True)
class _Result:
    """A key figure, or an effect on it, in every replicate under every value of the factor; and its margin there."""

    kpi: str
    network: str
    change: str
    samples: tuple[Floats, ...]
    margins: tuple[float, ...]


def equivalence_rows(values: RunValues, asked: Equivalence, *, kpi: Names = None, network: Names = None) -> list[Row]:
    """Say for every key figure, and every value of the factor, what was found and whether the result survives.

    Parameters
    ----------
    values : RunValues
    asked : Equivalence
    kpi, network : str or sequence of str, optional
        Which; all that have a value by default.

    Returns
    -------
    list of dict
        `kpi`, `network`, `unit`; with an effect the `change` that makes it; the value of the factor; `n` replicates,
        and their `mean` with its interval `low`, `high`; the mean `difference` to the reference with `difference_low`,
        `difference_high`; the `margin`; what was `found` there; the `verdict` on the result, the same in all its rows;
        the `level` of each interval.

    Raises
    ------
    ResultsError
        When replicates do not share their chance, a parameter has one value only, nothing is left to compare, or a name
        is unknown.
    """
    if not values.shares_chance:
        raise ResultsError("a report of equivalence compares pairs of runs; this sweep has `seeding: independent`")
    if not (0.0 < asked.level < 1.0 and asked.margin > 0.0):
        raise ResultsError(f"needs 0 < level < 1 and margin > 0, not {asked.level:g} and {asked.margin:g}")
    (factor,) = values.param_names([asked.factor])
    mechanisms = _points_by_value(values, factor)
    figures = [(name, where) for name in values.chosen_kpis(kpi) for where in values.chosen_networks(network)]
    results = [
        result
        for figure in figures
        for result in _results(values, asked, figure, list(mechanisms.values()))
        if all(np.isfinite(sample).sum() > 1 for sample in result.samples)
    ]
    if not results:
        raise ResultsError("nothing to compare: none of these key figures has two values under every mechanism")
    each = _level_of_each(asked, len(results), len(mechanisms))
    return [row for result in results for row in _rows(result, asked, (row_key(factor), [*mechanisms]), values, each)]


def _points_by_value(values: RunValues, param: str) -> dict[Any, frozenset[int]]:
    groups = {group.labels[param]: frozenset(group.points) for group in values.groups(param)}
    if len(groups) < 2:
        raise ResultsError(f"the sweep has one value of {param} only: there is nothing to compare")
    return groups


def _results(
    values: RunValues, asked: Equivalence, figure: tuple[str, str], mechanisms: Sequence[frozenset[int]]
) -> Iterator[_Result]:
    matrix = values.matrix(*figure)
    if asked.effect is None:
        levels = tuple(_by_replicate(matrix, points) for points in mechanisms)
        yield _Result(*figure, "", levels, (_margin(asked, levels[0]),) * len(levels))
        return
    (effect,) = values.param_names([asked.effect])
    (first, before), *others = _points_by_value(values, effect).items()
    start = [_by_replicate(matrix, points & before) for points in mechanisms]
    for value, after in others:
        end = [_by_replicate(matrix, points & after) for points in mechanisms]
        effects = tuple(b - a for a, b in zip(start, end, strict=True))
        yield _Result(*figure, f"{first} -> {value}", effects, tuple(_margin(asked, sample) for sample in start))


def _by_replicate(matrix: Floats, points: frozenset[int]) -> Floats:
    """Return the mean over points in every replicate, float64[replicates]; NaN where a run is missing or undefined."""
    found: Floats = matrix[sorted(points)].mean(axis=0) if points else np.full(matrix.shape[1], np.nan)
    return found


def _margin(asked: Equivalence, sample: Floats) -> float:
    return asked.margin * abs(mean(sample).estimate)


def _level_of_each(asked: Equivalence, results: int, mechanisms: int) -> float:
    """Return the confidence of one interval, such that all those on which verdicts rest hold with `asked.level`."""
    compared = mechanisms if asked.effect else mechanisms - 1
    return 1.0 - (1.0 - asked.level) / (results * compared)


def _rows(
    result: _Result, asked: Equivalence, factor: tuple[str, list[Any]], values: RunValues, each: float
) -> Iterator[Row]:
    own = [mean(sample, each) for sample in result.samples]
    differences = [paired_difference(sample, result.samples[0], each) for sample in result.samples]
    judged = list(zip(own if asked.effect else differences, result.margins, strict=True))
    verdict = _verdict_on_effect(judged) if asked.effect else _verdict_on_levels(judged)
    for i, (interval, margin) in enumerate(judged):
        yield {
            **{"kpi": result.kpi, "network": result.network, "unit": values.unit(result.kpi, result.network)},
            **({"change": result.change} if asked.effect else {}),
            **{factor[0]: factor[1][i], "n": own[i].n},
            **{"mean": own[i].estimate, "low": own[i].low, "high": own[i].high},
            **{"difference": differences[i].estimate},
            **{"difference_low": differences[i].low, "difference_high": differences[i].high},
            **{"margin": margin, "found": _found(interval, margin, signed=asked.effect is not None)},
            **{"verdict": verdict, "level": each, "method": interval.method},
        }


def _found(interval: Interval, margin: float, *, signed: bool) -> str:
    if signed and _sign(interval):
        return "up" if _sign(interval) > 0 else "down"
    if _inside(interval, margin):
        return "no effect" if signed else "the same"
    return "different" if _outside(interval, margin) and not signed else "unclear"


def _verdict_on_levels(judged: Judged) -> str:
    if any(_outside(interval, margin) for interval, margin in judged):
        return FAILS
    return SURVIVES if all(_inside(interval, margin) for interval, margin in judged) else UNDECIDED


def _verdict_on_effect(judged: Judged) -> str:
    signs = {_sign(interval) for interval, _ in judged}
    inside = [_inside(interval, margin) for interval, margin in judged]
    if {-1, 1} <= signs or (any(inside) and any(_outside(interval, margin) for interval, margin in judged)):
        return FAILS
    return SURVIVES if all(inside) or signs in ({1}, {-1}) else UNDECIDED


def _sign(interval: Interval) -> int:
    """Return on which side of zero an interval lies; 0 where it does not, or there is none."""
    return int(interval.low > 0.0) - int(interval.high < 0.0)


def _inside(interval: Interval, margin: float) -> bool:
    return -margin <= interval.low and interval.high <= margin


def _outside(interval: Interval, margin: float) -> bool:
    return interval.low > margin or interval.high < -margin
