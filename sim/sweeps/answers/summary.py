"""Summaries of a sweep, row by row: key figures, differences to a baseline, chances of reaching the goals.

**What counts as independent.** The runs of one point do. With common seeding, replicate r has the same chance at every
point, so a mean over several points rests on one value per replicate, the mean over those points. When there is one
replicate, or seeds are independent, every run counts for itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from catallaxy.sim.analysis.intervals import Interval, difference, mean, paired_difference, share, share_of_groups
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.report.numbers import compact, tick
from catallaxy.sim.scenario.allowed import shown
from catallaxy.sim.sweeps.answers.column_arrays import Flags, Floats
from catallaxy.sim.sweeps.answers.goals import Goal, goal_text, reached
from catallaxy.sim.sweeps.answers.run_values import Group, RunValues

__all__ = ["ALL_GOALS", "Row", "comparison_rows", "goal_rows", "row_key", "summary_rows", "text_table"]

Names = Sequence[str] | str | None
Row = dict[str, Any]

ALL_GOALS = "all goals"
"""Name of the goal to reach every one of them in the same run."""

_MEASURED = frozenset({"mean", "sd", "difference", "margin", "probability"})
_ENDS = {"low": "high", "difference_low": "difference_high"}
_RESERVED = _MEASURED | {"point", "kpi", "network", "unit", "n", "low", "high", "level", "method", "runs", "undefined"}
_RESERVED |= {"baseline", "paired", "goal", "reached", "change", "found", "verdict", *_ENDS, *_ENDS.values()}


def summary_rows(
    values: RunValues,
    *,
    kpi: Names = None,
    network: Names = None,
    by: Names = None,
    level: float = 0.95,
    method: str = "student",
) -> list[Row]:
    """Sum up key figures.

    Parameters
    ----------
    values : RunValues
    kpi, network : str or sequence of str, optional
        Which; all by default.
    by : str or sequence of str, optional
        Parameters whose values are told apart; every point by itself by default, all runs together with ().
    level : float, optional
        Confidence of the intervals.
    method : {"student", "bootstrap", "percentile"}, optional
        As in `intervals.mean`.

    Returns
    -------
    list of dict
        Values of the parameters (`point` too when `by` is absent), `kpi`, `network`, `unit`, `n` independent values,
        `mean`, `sd` of the runs, `low`, `high`, `level`, `method`, finished `runs`, and how many of them are
        `undefined`: failed, or without a value.

    Raises
    ------
    ResultsError
        When there is no such key figure, network, parameter, level or method; the message says which there are.
    """
    rows = []
    groups = values.groups(by)
    for name, where in _figures(values, kpi, network):
        matrix, unit = values.matrix(name, where), values.unit(name, where)
        for group in groups:
            here = matrix[list(group.points)]
            found = _sure(mean, _independent(here, values), level=level, method=method)
            finished = int(values.finished[list(group.points)].sum())
            finite = here[np.isfinite(here)]
            rows.append(
                {
                    **_labels(group),
                    **{"kpi": name, "network": where, "unit": unit, "n": found.n, "mean": found.estimate},
                    "sd": float(finite.std(ddof=1)) if len(finite) > 1 else math.nan,
                    **_ends(found),
                    **{"runs": finished, "undefined": finished - len(finite)},
                }
            )
    return _in_order(rows, groups)


def comparison_rows(
    values: RunValues,
    baseline: int | Mapping[str, Any],
    *,
    kpi: Names = None,
    network: Names = None,
    level: float = 0.95,
    method: str = "student",
) -> list[Row]:
    """Compare every point with a baseline: in pairs of the same replicate when seeds are common.

    Parameters
    ----------
    values : RunValues
    baseline : int or mapping
        The number of a point, or values of some parameters: each point is then compared with the one that has these
        values and agrees with it on all other parameters.
    kpi, network, level, method : optional
        As in `summary_rows`.

    Returns
    -------
    list of dict
        As in `summary_rows`, with the `baseline` point, the mean `difference` (point less baseline) in place of the
        mean, and whether it is `paired`. Points without a baseline are left out.

    Raises
    ------
    ResultsError
        When no point has such a baseline.
    """
    partners = _partners(values, baseline)
    measure = paired_difference if values.shares_chance else difference
    groups = [group for group in values.groups(None) if group.points[0] in partners]
    rows = []
    for name, where in _figures(values, kpi, network):
        matrix, unit = values.matrix(name, where), values.unit(name, where)
        for group in groups:
            (point,) = group.points
            found = _sure(measure, matrix[point], matrix[partners[point]], level=level, method=method)
            rows.append(
                {
                    **_labels(group),
                    **{"baseline": partners[point], "kpi": name, "network": where, "unit": unit},
                    **{"n": found.n, "difference": found.estimate, **_ends(found), "paired": values.shares_chance},
                }
            )
    return _in_order(rows, groups)


def goal_rows(values: RunValues, goals: Sequence[Goal], *, by: Names = None, level: float = 0.95) -> list[Row]:
    """Return how likely each goal is, and all of them together.

    Parameters
    ----------
    values : RunValues
    goals : sequence of Goal
    by, level : optional
        As in `summary_rows`.

    Returns
    -------
    list of dict
        Values of the parameters, `goal`, how many of the `n` finished runs `reached` it, `probability` and its Wilson
        interval `low`, `high`, `level`, `method`. A run that failed, or whose key figure is undefined, did not reach
        it. Over several points with common seeds, the interval counts runs of one replicate together as far as they
        agree (`intervals.share_of_groups`).
    """
    met = {goal_text(goal): values.flags(reached(goal, values.runs)) for goal in goals}
    if len(met) > 1:
        met[ALL_GOALS] = np.logical_and.reduce(list(met.values()))
    groups = values.groups(by)
    return [
        {**_labels(group), "goal": name, **_chance(flags, values, group, level)}
        for group in groups
        for name, flags in met.items()
    ]


def text_table(rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Return rows of a summary as people read them.

    Parameters
    ----------
    rows : sequence of dict
        What the functions of this module return.

    Returns
    -------
    list of str, list of list of str
        Headings, and cells: numbers with three digits, `low` and `high` (of a difference too) as one interval; level
        and method, which are those of all rows, belong in a line above or below the table.
    """
    keys = [key for key in (rows[0] if rows else {}) if key not in {*_ENDS.values(), "level", "method"}]
    headings = ["interval" if key in _ENDS else key for key in keys]
    return headings, [[_cell(row, key) for key in keys] for row in rows]


def row_key(param: str) -> str:
    """Return the key of a parameter in a row: its name, or `param.<name>` where a column of the row has that name."""
    return f"param.{param}" if param in _RESERVED else param


def _figures(values: RunValues, kpi: Names, network: Names) -> list[tuple[str, str]]:
    return [(name, where) for name in values.chosen_kpis(kpi) for where in values.chosen_networks(network)]


def _independent(matrix: Floats, values: RunValues) -> Floats:
    """Return independent values of a group, float64[n], out of float64[points, replicates]."""
    if not _goes_together(len(matrix), values):
        return matrix.ravel()
    there = np.isfinite(matrix)
    counts = there.sum(axis=0)
    sums = np.where(there, matrix, 0.0).sum(axis=0)
    found: Floats = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return found


def _goes_together(points: int, values: RunValues) -> bool:
    """Tell whether runs of the same replicate are not independent, and replicates are what is independent."""
    return points > 1 and values.plan.replicates > 1 and values.shares_chance


def _chance(flags: Flags, values: RunValues, group: Group, level: float) -> Row:
    of_group = list(group.points)
    hits, runs = (found[of_group].sum(axis=0) for found in (flags, values.finished))
    if _goes_together(len(of_group), values):
        found = _sure(share_of_groups, hits, runs, level)
    else:
        found = _sure(share, int(hits.sum()), int(runs.sum()), level)
    return {"n": found.n, "reached": int(hits.sum()), "probability": found.estimate, **_ends(found)}


def _sure(measure: Any, *data: Any, **options: Any) -> Interval:
    """Call a function of `intervals`; what it refuses is an error of the user."""
    try:
        found: Interval = measure(*data, **options)
    except ValueError as error:
        raise ResultsError(str(error)) from error
    return found


def _ends(found: Interval) -> Row:
    return {"low": found.low, "high": found.high, "level": found.level, "method": found.method}


def _labels(group: Group) -> Row:
    number = {} if group.point is None else {"point": group.point}
    return {**number, **{row_key(name): value for name, value in group.labels.items()}}


def _in_order(rows: list[Row], groups: Sequence[Group]) -> list[Row]:
    """Return rows by group first, then by key figure; they were made the other way round."""
    n = len(groups)
    return [row for i in range(n) for row in rows[i::n]]


def _partners(values: RunValues, baseline: int | Mapping[str, Any]) -> dict[int, int]:
    """Return the baseline of every point that has one, and is not one itself."""
    points = values.plan.points
    if isinstance(baseline, int):
        if not 0 <= baseline < len(points):
            raise ResultsError(f"there is no point {baseline}: the sweep has points 0 to {len(points) - 1}")
        return {i: baseline for i in range(len(points)) if i != baseline}
    fixed = dict(zip(values.param_names(list(baseline)), baseline.values(), strict=True))
    number = {_key(point.params): i for i, point in enumerate(points)}
    found = {i: number.get(_key({**point.params, **fixed}), i) for i, point in enumerate(points)}
    partners = {i: other for i, other in found.items() if other != i}
    if not partners:
        raise ResultsError(_no_partner(values, fixed))
    return partners


def _key(params: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
    return frozenset(params.items())


def _no_partner(values: RunValues, fixed: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name} = {shown(value)}" for name, value in fixed.items())
    levels = {name: list(dict.fromkeys(point.params.get(name) for point in values.plan.points)) for name in fixed}
    known = "; ".join(f"{name} has {', '.join(map(shown, some[:6]))}" for name, some in levels.items())
    return f"no two points differ only in having {said} or not ({known}); give the number of a point instead"


def _cell(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if key in _ENDS:
        return f"[{compact(value)}, {compact(row[_ENDS[key]])}]"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return compact(value) if key in _MEASURED else tick(value)
    return str(value)
