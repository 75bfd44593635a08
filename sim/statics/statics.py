"""Comparative statics from end to end: rows on a scenario, paired runs, verdicts, a table and a figure."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catallaxy.agents.plugins import trusted_packages
from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.results.files import written_whole
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.statics.cases import plan_of, the_cases
from catallaxy.sim.statics.statics_file import StaticsSpec
from catallaxy.sim.statics.verdicts import FAILS, UNDECIDED, Verdict, verdicts

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.options import Listener, SweepOptions

__all__ = ["PAIRS", "Statics", "statics", "table_rows"]

PAIRS = 64
"""Pairs of runs by default."""


@dataclass(frozen=True)
class Statics:
    """What came out.

    Attributes
    ----------
    verdicts : tuple of Verdict
    folder : Path
        The sweep that was run, with `statics.csv` and `statics.png`.
    failed_runs : int
        Runs that did not complete; their pairs are left out.
    """

    verdicts: tuple[Verdict, ...]
    folder: Path
    failed_runs: int

    @property
    def passed(self) -> bool:
        """Whether every sign of every row that applies is as expected."""
        return not any(verdict.verdict in (FAILS, UNDECIDED) for verdict in self.verdicts)


def statics(
    spec: StaticsSpec,
    scenario: Scenario,
    *,
    replicates: int = PAIRS,
    level: float = 0.95,
    out: str | Path = "results",
    options: SweepOptions | None = None,
    listener: Listener | None = None,
    argv: tuple[str, ...] = (),
) -> Statics:
    """Run every comparison on paired chance and judge the signs; runs that were done before are not done again.

    Parameters
    ----------
    spec : StaticsSpec
    scenario : Scenario
    replicates : int, optional
        Pairs of runs of each comparison.
    level : float, optional
        Confidence of each interval.
    out : str or Path, optional
        Folder of results folders.
    options : SweepOptions, optional
        How the runs are done.
    listener : Listener, optional
        Who is told how far it is.
    argv : tuple of str, optional
        Command line, for the manifest.

    Returns
    -------
    Statics

    Raises
    ------
    CatallaxyError
        When no row applies to the scenario; with the reason of each.
    RunInterrupted
        When it was stopped; the same call goes on from there.
    """
    from catallaxy.sim.sweeps.answers.sweep_result import open_sweep
    from catallaxy.sim.sweeps.sweep import keep_plan, run_sweep

    found = the_cases(spec, scenario)
    if not found.listed.scenarios:
        reasons = "\n".join(f"  {case.row.name}: {case.reason}" for case in found.cases)
        raise CatallaxyError(f"no row of {spec.name} applies to {scenario.name}:\n{reasons}")
    plan = plan_of(found, f"{scenario.name}-{spec.name}", replicates, trusted_packages())
    folder = keep_plan(plan, out, argv)
    run_sweep(folder, options, listener)
    result = open_sweep(folder)
    judged = tuple(verdicts(result.values, found.cases, level))
    _write(judged, folder, scenario.name)
    complete = sum(status == "complete" for status in result.table("runs")["status"].to_pylist())
    return Statics(judged, folder, len(plan) - complete)


def table_rows(judged: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return verdicts as rows of a table.

    Parameters
    ----------
    judged : sequence of Verdict

    Returns
    -------
    list of dict
    """
    rows = []
    for verdict in judged:
        effect = verdict.effect
        numbers = (math.nan,) * 3 if effect is None else (effect.estimate, effect.low, effect.high)
        rows.append(
            {
                **{"row": verdict.row, "kpi": verdict.kpi, "unit": verdict.unit, "expected": verdict.expected},
                **{"before": verdict.before, "effect": numbers[0], "low": numbers[1], "high": numbers[2]},
                **{"relative": verdict.relative, "level": math.nan if effect is None else effect.level},
                **{"n": 0 if effect is None else effect.n, "verdict": verdict.verdict, "reason": verdict.reason},
            }
        )
    return rows


def _write(judged: Sequence[Verdict], folder: Path, name: str) -> None:
    from catallaxy.sim.report.canvas import png
    from catallaxy.sim.statics.statics_figure import statics_figure

    rows = table_rows(judged)
    with written_whole(folder / "statics.csv") as path, path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with written_whole(folder / "statics.png") as path:
        path.write_bytes(png(statics_figure(judged, name)))
