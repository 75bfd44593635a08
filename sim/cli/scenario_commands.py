"""Commands about scenarios: list, new, validate, show, describe, schema."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catallaxy.sim.cli.options import (
    AsJson,
    NamedScenario,
    Overrides,
    PluginPackages,
    ScenarioSource,
    Sets,
    composed,
    trust,
)
from catallaxy.sim.cli.tables import print_table
from catallaxy.sim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from catallaxy.sim.scenario.describe import Row

__all__ = ["commands"]

commands = typer.Typer()


@commands.command()
def validate(
    files: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="YAML files or names of shipped scenarios.")
    ],
    sets: Sets = None,
    scenario: NamedScenario = None,
    overrides: Overrides = None,
    plugins: PluginPackages = None,
    as_json: AsJson = False,
) -> None:
    """Find every mistake in scenarios; exit code 2 when there is one.

    Without --scenario and --override, all named scenarios and overrides of a file are checked too.
    """
    trust(plugins)
    reports = [(name, _problems(name, sets or [], scenario, overrides)) for name in files]
    if as_json:
        listed = [{"file": n, "valid": not ps, "problems": [asdict(p) for p in ps]} for n, ps in reports]
        typer.echo(json.dumps(listed, indent=2))
    for name, problems in reports:
        for problem in problems:
            typer.echo(str(problem), err=True)
        if not as_json and not problems:
            typer.echo(f"{name}: valid")
    if any(problems for _, problems in reports):
        raise typer.Exit(ScenarioError.exit_code)


def _problems(source: str, sets: list[str], scenario: str | None, overrides: list[str] | None) -> list[Problem]:
    from catallaxy.sim.scenario.compose import read_layers, variants
    from catallaxy.sim.scenario.loading import load

    found: dict[Problem, None] = {}
    try:
        chosen = [{"scenario": scenario, "overrides": overrides or []}]
        for variant in chosen if scenario or overrides else variants(read_layers(source)):
            try:
                load(source, sets=sets, **variant)
            except ScenarioError as error:
                found.update(dict.fromkeys(error.problems))
    except ScenarioError as error:
        found.update(dict.fromkeys(error.problems))
    return list(found)


@commands.command()
def show(
    source: ScenarioSource,
    sets: Sets = None,
    scenario: NamedScenario = None,
    overrides: Overrides = None,
    plugins: PluginPackages = None,
    as_json: AsJson = False,
) -> None:
    """Print the scenario with every parameter written out, and beside each value where it came from."""
    document = composed(source, scenario=scenario, overrides=overrides, sets=sets, plugins=plugins)
    from catallaxy.sim.scenario.loading import annotated_yaml, checked, provenance
    from catallaxy.sim.scenario.writing import leaves

    resolved = checked(document)
    if not as_json:
        typer.echo(annotated_yaml(resolved, document), nl=False)
        return
    values = leaves(resolved.model_dump(mode="json"))
    rows = [{"path": list(path), "value": value, "source": provenance(document, path)} for path, value in values]
    typer.echo(json.dumps(rows, indent=2))


@commands.command(name="list")
def list_scenarios(as_json: AsJson = False) -> None:
    """List the shipped scenarios, and the presets of real protocols."""
    from catallaxy.sim.scenario.library import shipped, shipped_protocols
    from catallaxy.sim.scenario.loading import load

    protocols = shipped_protocols()
    rows = []
    for name in shipped():
        scenario = load(name)
        row = {"name": name, "question": scenario.question, "steps": scenario.steps, "agents": scenario.agents}
        rows.append({**row, "protocol": name in protocols})
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for title, of_protocols in (("", False), ("Protocols", True)):
        if title:
            typer.echo(f"\n{title}")
        columns = ("name", "question", "steps", "agents")
        print_table(columns, ([f"{row[key]}" for key in columns] for row in rows if row["protocol"] == of_protocols))


@commands.command()
def new(
    path: Annotated[Path, typer.Argument(help="File to write; .yaml is added when it has no suffix.")],
    template: Annotated[str, typer.Option(help="Shipped scenario (or file) to start from.")] = "minimal",
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented scenario file to start from."""
    from catallaxy.sim.scenario.compose import COMPOSITION_KEYS
    from catallaxy.sim.scenario.loading import checked
    from catallaxy.sim.scenario.schema import Scenario
    from catallaxy.sim.scenario.starter import starter
    from catallaxy.sim.scenario.yaml_loader import read_text

    target = path if path.suffix else path.with_suffix(".yaml")
    if target.exists() and not force:
        raise ScenarioError([Problem(str(target), 0, 0, "", "exists already; choose another name or add --force")])
    text = starter(Scenario, target, template)
    checked(read_text(text, str(target)).without(COMPOSITION_KEYS))
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ScenarioError([Problem(str(target), 0, 0, "", f"cannot be written: {error.strerror}")]) from error
    typer.echo(f"Next: catallaxy validate {target}", err=True)
    typer.echo(str(target))


@commands.command()
def describe(
    path: Annotated[str, typer.Argument(help="A section, a parameter (networks.deai.token) or a kind.")] = "",
    plugins: PluginPackages = None,
    as_json: AsJson = False,
) -> None:
    """Explain parameters: type, unit, default, range, meaning, source."""
    trust(plugins)
    from catallaxy.sim.scenario.describe import describe as rows_of
    from catallaxy.sim.scenario.schema import Scenario

    rows = rows_of(Scenario, path)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        print_table(("parameter", "type", "unit", "default", "allowed", "meaning"), map(_cells, rows))


def _cells(row: Row) -> list[str]:
    meaning = f"{row.description} (source: {row.source})" if row.source else row.description
    return [row.path, row.type, row.unit, row.default, row.allowed, meaning]


@commands.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from catallaxy.sim.scenario.json_schema import editor_schema
    from catallaxy.sim.scenario.schema import Scenario

    typer.echo(json.dumps(editor_schema(Scenario), indent=2))
