"""The command that tests signs: statics."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catallaxy.sim.cli.options import AsJson, NamedScenario, Overrides, PluginPackages, ScenarioSource, Sets, composed
from catallaxy.sim.cli.sweep_options import Jobs, Out, Quiet

if TYPE_CHECKING:
    from catallaxy.sim.statics.statics import Statics
    from catallaxy.sim.statics.verdicts import Verdict

__all__ = ["commands"]

commands = typer.Typer()

_FAILED = 1


@commands.command()
def statics(
    scenario: ScenarioSource,
    rows: Annotated[
        str, typer.Option(metavar="FILE", help="What is changed and expected: a file, or the name of a shipped one.")
    ] = "real-economy",
    pairs: Annotated[int, typer.Option(min=2, max=100_000, help="Pairs of runs of each comparison.")] = 64,
    level: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Confidence of each interval.")] = 0.95,
    named: NamedScenario = None,
    overrides: Overrides = None,
    sets: Sets = None,
    jobs: Jobs = None,
    out: Out = Path("results"),
    quiet: Quiet = False,
    plugins: PluginPackages = None,
    as_json: AsJson = False,
) -> None:
    """Change one thing at a time, on paired runs with the same chance; exit code 1 when a sign is not as expected."""
    document = composed(scenario, scenario=named, overrides=overrides, sets=sets, plugins=plugins)
    from catallaxy.sim.scenario.loading import checked
    from catallaxy.sim.statics.statics import statics as run
    from catallaxy.sim.statics.statics_file import load_statics
    from catallaxy.sim.sweeps.options import SweepOptions
    from catallaxy.sim.sweeps.progress import shown_progress

    spec, base = load_statics(rows), checked(document)
    with shown_progress(quiet=quiet or as_json) as listener:
        options = SweepOptions(jobs, argv=tuple(sys.argv))
        found = run(
            spec, base, replicates=pairs, level=level, out=out, options=options, listener=listener, argv=tuple(sys.argv)
        )
    _show(found, as_json)
    if not found.passed:
        raise typer.Exit(_FAILED)


def _show(found: Statics, as_json: bool) -> None:
    from catallaxy.sim.cli.sweep_tables import json_text
    from catallaxy.sim.cli.tables import print_table
    from catallaxy.sim.statics.statics import table_rows
    from catallaxy.sim.statics.verdicts import NONE, PASSES

    if as_json:
        typer.echo(json_text(table_rows(found.verdicts)))
        return
    tested = [verdict for verdict in found.verdicts if verdict.verdict != NONE]
    right = ("Without", "Effect", "Interval", "%")
    print_table(("Change", "Key figure", "Expected", *right, "Verdict"), map(_cells, tested), right)
    reasons = {verdict.row: verdict.reason for verdict in found.verdicts if verdict.verdict == NONE}
    for row, reason in reasons.items():
        typer.echo(f"not applicable: {row}: {reason}")
    passed = sum(verdict.verdict == PASSES for verdict in tested)
    intervals = {f"{100 * v.effect.level:g} %, n = {v.effect.n}" for v in tested if v.effect is not None}
    typer.echo(f"{passed} of {len(tested)} signs as expected (Student's t on pairs, {'; '.join(sorted(intervals))})")
    if found.failed_runs:
        typer.echo(f"{found.failed_runs:,} runs did not complete; their pairs are left out", err=True)
    typer.echo(f"Results: {found.folder}")


def _cells(verdict: Verdict) -> tuple[str, ...]:
    effect = verdict.effect
    assert effect is not None
    relative = "" if verdict.relative != verdict.relative else f"{100 * verdict.relative:+.3g}"
    numbers = f"{verdict.before:.4g}", f"{effect.estimate:+.3g}", f"[{effect.low:+.3g}, {effect.high:+.3g}]", relative
    return verdict.row, verdict.kpi, verdict.expected, *numbers, verdict.verdict
