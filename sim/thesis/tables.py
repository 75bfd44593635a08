"""The tables of a thesis: rows of numbers for files and for the terminal."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.cycles.summary import probabilities
from catallaxy.sim.results.files import written_whole
from catallaxy.sim.thesis.combinations import ALL, NONE, named
from catallaxy.sim.thesis.effects import Effect
from catallaxy.sim.thesis.outcomes import OUTCOMES
from catallaxy.sim.thesis.study import Study

__all__ = ["Row", "ablation_rows", "effect_rows", "kind_rows", "rule_rows", "world_rows", "write_tables"]

Row = dict[str, Any]


def ablation_rows(found: Study) -> list[Row]:
    """Return one row per combination of the ends and the ablation, and outcome.

    Parameters
    ----------
    found : Study

    Returns
    -------
    list of dict
        `effect` is the paired difference from all drivers (rows without one) or from none (rows with one only).
    """
    rows = []
    for line in found.lines:
        for outcome in OUTCOMES:
            level, effect = line.levels[outcome.name], line.differences.get(outcome.name)
            row: Row = {
                "combination": line.combination,
                "outcome": outcome.name,
                "unit": outcome.unit,
                **_numbers(level),
            }
            rows.append({**row, "worlds": level.n, **_numbers(effect, "effect")})
    return rows


def effect_rows(found: Study) -> list[Row]:
    """Return one row per effect of the factorial design, shuffled labels included.

    Parameters
    ----------
    found : Study

    Returns
    -------
    list of dict
    """
    rows = []
    for outcome in OUTCOMES:
        measured = found.effects[outcome.name]
        for kind, effects in (
            ("main", measured.main),
            ("interaction", measured.interactions),
            ("shuffled", measured.shuffled),
        ):
            rows += [_effect_row(outcome.name, outcome.unit, kind, effect) for effect in effects]
    return rows


def kind_rows(found: Study) -> list[Row]:
    """Return the share of worlds of each verdict, with all drivers and with none.

    Parameters
    ----------
    found : Study

    Returns
    -------
    list of dict
    """
    _, worlds = found.stages[0]
    rows = []
    for name, verdicts in zip((ALL, NONE), worlds.verdicts, strict=True):
        known = [verdict for verdict in verdicts if verdict is not None]
        for kind, share in probabilities(known, found.level).items():
            rows.append({"combination": name, "verdict": kind, **_numbers(share), "worlds": share.n})
    return rows


def rule_rows(found: Study) -> list[Row]:
    """Return how many worlds with all drivers, and with none, pass each rule of a supercycle.

    Parameters
    ----------
    found : Study

    Returns
    -------
    list of dict
        `asked` counts the worlds with a rise in which the rule was looked at: the test for explosive episodes comes
        last, where nothing else has decided.
    """
    _, worlds = found.stages[0]
    rows = []
    for name, verdicts in zip((ALL, NONE), worlds.verdicts, strict=True):
        rises = [verdict.rise for verdict in verdicts if verdict is not None and verdict.rise is not None]
        for rule in ("amplitude", "over_previous_peak", "duration", "breadth", "rotation", "explosive"):
            looked = [rise.passed[rule] for rise in rises if rule in rise.passed]
            row = {"combination": name, "rule": rule, "passed": sum(looked), "asked": len(looked)}
            rows.append({**row, "worlds": len(verdicts)})
    return rows


def world_rows(found: Study) -> list[Row]:
    """Return one row per world.

    Parameters
    ----------
    found : Study

    Returns
    -------
    list of dict
    """
    rows = []
    for stage, worlds in found.stages:
        for i, combination in enumerate(stage.combinations):
            for replicate, verdict in enumerate(worlds.verdicts[i]):
                row: Row = {"stage": stage.name, "combination": named(combination, found.spec), "replicate": replicate}
                row["verdict"] = "" if verdict is None else verdict.kind
                rows.append(row | {name: values[i, replicate] for name, values in worlds.values.items()})
    return rows


def write_tables(found: Study) -> list[Path]:
    """Write every table as CSV into the folder of the study.

    Parameters
    ----------
    found : Study

    Returns
    -------
    list of Path
    """
    tables: Mapping[str, Sequence[Row]] = {
        "ablation": ablation_rows(found),
        "effects": effect_rows(found),
        "verdicts": kind_rows(found),
        "rules": rule_rows(found),
        "worlds": world_rows(found),
    }
    paths = []
    for name, rows in tables.items():
        with (
            written_whole(found.folder / f"{name}.csv") as path,
            path.open("w", encoding="utf-8", newline="") as stream,
        ):
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        paths.append(found.folder / f"{name}.csv")
    return paths


def _effect_row(outcome: str, unit: str, kind: str, effect: Effect) -> Row:
    row = {"outcome": outcome, "unit": unit, "kind": kind, "drivers": " x ".join(effect.drivers)}
    return row | _numbers(effect.interval) | {"worlds": effect.interval.n, "p": effect.p}


def _numbers(found: Interval | None, name: str = "estimate") -> Row:
    """Return an estimate with its ends; NaN where there is none."""
    ends = (float("nan"),) * 3 if found is None else (found.estimate, found.low, found.high)
    prefix = "" if name == "estimate" else f"{name}_"
    return {name: ends[0], f"{prefix}low": ends[1], f"{prefix}high": ends[2]}
