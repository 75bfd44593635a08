"""The command that tests a thesis: thesis."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catallaxy.sim.cli.options import AsJson, NamedScenario, Overrides, PluginPackages, ScenarioSource, Sets, composed
from catallaxy.sim.cli.sweep_options import Jobs, Out, Quiet

if TYPE_CHECKING:
    from catallaxy.sim.thesis.study import Study
    from catallaxy.sim.thesis.thesis_file import ThesisSpec

__all__ = ["commands"]

commands = typer.Typer()


@commands.command()
def thesis(
    scenario: ScenarioSource,
    drivers: Annotated[
        str, typer.Option(metavar="FILE", help="The drivers: a file, or the name of a shipped one.")
    ] = "supercycle",
    rules: Annotated[
        str, typer.Option(metavar="FILE", help="What a supercycle is: a file, or the name of a shipped one.")
    ] = "supercycle",
    ends: Annotated[int | None, typer.Option(min=2, help="Worlds with all drivers, and with none.")] = None,
    ablation: Annotated[int | None, typer.Option(min=2, help="Worlds without each driver, and with it alone.")] = None,
    design: Annotated[int | None, typer.Option(min=2, help="Worlds of each combination of the factorial.")] = None,
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
    """Test whether drivers bring supercycles: factorial, ablation, controls, and a one-page verdict."""
    document = composed(scenario, scenario=named, overrides=overrides, sets=sets, plugins=plugins)
    from catallaxy.sim.cycles.rules import load_rules
    from catallaxy.sim.scenario.loading import checked
    from catallaxy.sim.sweeps.options import SweepOptions
    from catallaxy.sim.sweeps.progress import shown_progress
    from catallaxy.sim.thesis.page import write_page
    from catallaxy.sim.thesis.study import study
    from catallaxy.sim.thesis.tables import write_tables
    from catallaxy.sim.thesis.thesis_file import load_thesis

    spec = _sized(load_thesis(drivers), {"ends": ends, "ablation": ablation, "design": design})
    asked, base, argv = load_rules(rules), checked(document), tuple(sys.argv)
    with shown_progress(quiet=quiet or as_json) as listener:
        options = SweepOptions(jobs, argv=argv)
        found = study(spec, base, asked, level=level, out=out, options=options, listener=listener, argv=argv)
    write_tables(found)
    page = write_page(found)
    _show(found, page, as_json)


def _sized(spec: ThesisSpec, worlds: dict[str, int | None]) -> ThesisSpec:
    changed = {name: n for name, n in worlds.items() if n is not None}
    return spec.model_copy(update={"worlds": spec.worlds.model_copy(update=changed)})


def _show(found: Study, page: Path, as_json: bool) -> None:
    from catallaxy.sim.cli.analyze_commands import print_rows
    from catallaxy.sim.cli.sweep_tables import json_text
    from catallaxy.sim.thesis.tables import ablation_rows, effect_rows, kind_rows, rule_rows

    if as_json:
        criteria = [{"name": one.name, "holds": one.holds, "sentence": one.sentence} for one in found.answer.criteria]
        tables = {
            "verdicts": kind_rows(found),
            "rules": rule_rows(found),
            "ablation": ablation_rows(found),
            "effects": effect_rows(found),
        }
        typer.echo(json_text({"verdict": found.answer.verdict, "criteria": criteria, **tables}))
        return
    main = [row for row in effect_rows(found) if row["kind"] == "main"]
    shown = ("outcome", "drivers", "estimate", "low", "high", "p")
    print_rows("effects of drivers", [{key: row[key] for key in shown} for row in main])
    print_rows("verdicts", kind_rows(found))
    typer.echo(found.answer.headline)
    for one in found.answer.criteria:
        typer.echo(f"{'holds' if one.holds else 'fails'}: {one.sentence}")
    if found.failed_runs:
        typer.echo(f"{found.failed_runs:,} runs did not complete; what they belong to leaves them out", err=True)
    typer.echo(f"Page: {page}")
