"""The ends and the ablation: worlds with all drivers, with none, with all but one, and with one only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from catallaxy.sim.analysis.intervals import Interval, mean, paired_difference, share
from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.thesis.combinations import ALL, NONE, Stage, named
from catallaxy.sim.thesis.outcomes import OUTCOMES, SUPERCYCLE, Worlds
from catallaxy.sim.thesis.thesis_file import ThesisSpec

__all__ = ["Line", "ablation_lines"]


@dataclass(frozen=True)
class Line:
    """One line of the ablation table.

    Attributes
    ----------
    combination : str
        "all drivers", "no driver", "without <driver>" or "only <driver>".
    levels : dict of str to Interval
        By outcome: Wilson's interval of a probability, Student's of a mean.
    differences : dict of str to Interval
        By outcome: paired difference from all drivers (a line without one) or from none (a line with one only).
        Empty at the ends.
    """

    combination: str
    levels: Mapping[str, Interval]
    differences: Mapping[str, Interval]


def ablation_lines(
    spec: ThesisSpec, ends: tuple[Stage, Worlds], ablation: tuple[Stage, Worlds], level: float = 0.95
) -> list[Line]:
    """Compare worlds that lack one driver with those that lack none, and worlds with one with those without any.

    Parameters
    ----------
    spec : ThesisSpec
    ends, ablation : (Stage, Worlds)
    level : float, optional

    Returns
    -------
    list of Line
        Both ends, without each, only each.
    """
    full, empty = (_row(ends[1], i) for i in range(2))
    lines = [Line(ALL, _levels(full, level), {}), Line(NONE, _levels(empty, level), {})]
    for i, combination in enumerate(ablation[0].combinations):
        row = _row(ablation[1], i)
        one_only = sum(combination) == 1
        name = named(combination, spec) if one_only else _missing(combination, spec)
        against = empty if one_only else full
        lines.append(
            Line(f"{'only' if one_only else 'without'} {name}", _levels(row, level), _paired(row, against, level))
        )
    return lines


def _row(worlds: Worlds, i: int) -> dict[str, Floats]:
    return {name: values[i] for name, values in worlds.values.items()}


def _missing(combination: tuple[bool, ...], spec: ThesisSpec) -> str:
    [name] = [name for name, on in zip(spec.drivers, combination, strict=True) if not on]
    return name


def _levels(row: Mapping[str, Floats], level: float) -> dict[str, Interval]:
    return {outcome.name: _level(outcome.name, row[outcome.name], level) for outcome in OUTCOMES}


def _level(name: str, values: Floats, level: float) -> Interval:
    known = values[np.isfinite(values)]
    return share(int(known.sum()), len(known), level) if name == SUPERCYCLE else mean(known, level)


def _paired(row: Mapping[str, Floats], against: Mapping[str, Floats], level: float) -> dict[str, Interval]:
    found = {}
    for outcome in OUTCOMES:
        one, other = row[outcome.name], against[outcome.name]
        n = min(len(one), len(other))
        found[outcome.name] = paired_difference(one[:n], other[:n], level)
    return found
