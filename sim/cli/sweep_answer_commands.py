"""Commands that say what a sweep found: summary, goals, equivalence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from catallaxy.sim.cli.options import AsJson
from catallaxy.sim.cli.sweep_options import SweepFolder
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.sweeps.progress import counted

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.answers.sweep_result import SweepResult

__all__ = ["commands"]

commands = typer.Typer()

Kpis: TypeAlias = Annotated[
    list[str] | None, typer.Option("--kpi", metavar="NAME", help="Key figure; all by default. Repeatable.")
]
Networks: TypeAlias = Annotated[
    list[str] | None, typer.Option("--network", metavar="NAME", help="Token network; all by default. Repeatable.")
]
By: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH", help="Parameter whose values are told apart; every point by default. Repeatable."),
]
Together: TypeAlias = Annotated[bool, typer.Option("--together", help="Take all runs together.")]
Level: TypeAlias = Annotated[float, typer.Option(min=0.0, max=1.0, help="Confidence of the intervals.")]


@commands.command()
def summary(
    folder: SweepFolder,
    kpis: Kpis = None,
    networks: Networks = None,
    by: By = None,
    together: Together = False,
    level: Level = 0.95,
    method: Annotated[
        Literal["student", "bootstrap", "percentile"], typer.Option(help="How the intervals are made.")
    ] = "student",
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            metavar="POINT|PATH=VALUE", help="Show differences to this point, or to this setting. Repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sum up key figures by point or parameter: mean, spread, confidence interval."""
    from catallaxy.sim.sweeps.answers.summary import comparison_rows, summary_rows
    from catallaxy.sim.sweeps.answers.sweep_result import open_sweep

    result = open_sweep(folder)
    _warn_of_gaps(result)
    values = result.values
    if baseline:
        rows = comparison_rows(values, _baseline(baseline), kpi=kpis, network=networks, level=level, method=method)
    else:
        groups = () if together else by
        rows = summary_rows(values, kpi=kpis, network=networks, by=groups, level=level, method=method)
    _show_rows(rows, as_json)


@commands.command()
def goals(
    folder: SweepFolder, by: By = None, together: Together = False, level: Level = 0.95, as_json: AsJson = False
) -> None:
    """Say how likely a run is to reach each goal of the sweep, and all of them."""
    from catallaxy.sim.sweeps.answers.summary import goal_rows
    from catallaxy.sim.sweeps.answers.sweep_result import open_sweep

    result = open_sweep(folder)
    _warn_of_gaps(result)
    if not result.declared_goals and not as_json:
        typer.echo("the sweep has no goals; a sweep file declares them under `goals:`", err=True)
    _show_rows(goal_rows(result.values, result.declared_goals, by=() if together else by, level=level), as_json)


@commands.command()
def equivalence(
    folder: SweepFolder,
    factor: Annotated[str, typer.Option(metavar="PATH", help="Parameter that should not matter, as a venue's kind.")],
    effect: Annotated[
        str | None, typer.Option(metavar="PATH", help="Parameter whose effect is compared; by default levels are.")
    ] = None,
    kpis: Kpis = None,
    networks: Networks = None,
    margin: Annotated[float, typer.Option(help="Largest difference that does not matter, a share of the mean.")] = 0.1,
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Say which results survive a change of mechanism; write them to equivalence.csv and .png beside the tables."""
    from catallaxy.sim.sweeps.answers.equivalence import Equivalence, equivalence_rows
    from catallaxy.sim.sweeps.answers.equivalence_figure import write_equivalence
    from catallaxy.sim.sweeps.answers.sweep_result import open_sweep

    result = open_sweep(folder)
    _warn_of_gaps(result)
    asked = Equivalence(factor, effect, margin, level)
    rows = equivalence_rows(result.values, asked, kpi=kpis, network=networks)
    _show_rows(rows, as_json)
    if rows:
        written = ", ".join(map(str, write_equivalence(rows, asked, result.path)))
        typer.echo(f"all intervals together: {100 * level:g} %; written: {written}", err=True)


def _warn_of_gaps(result: SweepResult) -> None:
    """Say that the answer is not that of the whole sweep."""
    planned, kept = len(result.plan), len(result)
    if kept < planned:
        typer.echo(f"{kept:,} of {counted(planned)} have been collected; the rest is left out", err=True)


def _show_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    from catallaxy.sim.cli.sweep_tables import json_text
    from catallaxy.sim.cli.tables import print_table
    from catallaxy.sim.sweeps.answers.summary import text_table

    if as_json:
        typer.echo(json_text(rows))
    elif rows:
        headings, cells = text_table(rows)
        words = {key for key, value in rows[0].items() if isinstance(value, str)}
        print_table(headings, cells, right=[name for name in headings if name not in words])
        if "method" in rows[0]:
            typer.echo(f"intervals: {100 * rows[0]['level']:.4g} %, {rows[0]['method']}", err=True)


def _baseline(given: list[str]) -> int | dict[str, Any]:
    """Read the number of a point, or settings `path=value` with the value as YAML."""
    if len(given) == 1 and given[0].isdecimal():
        return int(given[0])
    return dict(map(_setting, given))


def _setting(text: str) -> tuple[str, Any]:
    from catallaxy.sim.scenario.yaml_loader import read_text

    path, _, value = (part.strip() for part in text.partition("="))
    try:
        if path and value:
            return path, read_text(value, text).data
        message = f"{text!r} is neither the number of a point nor a setting path=value"
    except ScenarioError as error:
        message = str(error)
    raise typer.BadParameter(message, param_hint="--baseline")
