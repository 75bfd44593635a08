"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from catallaxy.sim.scenario.document import Document

__all__ = [
    "AsJson",
    "NamedScenario",
    "Overrides",
    "PluginPackages",
    "ScenarioSource",
    "Sets",
    "composed",
    "trust",
]

ScenarioSource: TypeAlias = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A YAML file, or the name of a shipped scenario (see `list`).")
]
Sets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Set one parameter: networks.deai.openness=0.5. Repeatable."),
]
NamedScenario: TypeAlias = Annotated[
    str | None, typer.Option("--scenario", metavar="NAME", help="Apply one of the file's `scenarios`.")
]
Overrides: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--override", metavar="NAME", help="Apply one of the file's `overrides`. Repeatable."),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
PluginPackages: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--plugins",
        metavar="PACKAGE",
        help="Trust this Python package: scenarios may name its classes as package.module:Class. Repeatable.",
    ),
]


def trust(packages: list[str] | None) -> None:
    """Trust plug-in packages, those in the current folder included.

    Parameters
    ----------
    packages : list of str, optional
        Top-level package names, from `--plugins`.
    """
    if not packages:
        return
    import sys
    from pathlib import Path

    from catallaxy.agents.plugins import trust_plugins

    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    trust_plugins(*packages)


def composed(
    source: str,
    *,
    scenario: str | None = None,
    overrides: list[str] | None = None,
    sets: list[str] | None = None,
    plugins: list[str] | None = None,
) -> Document:
    """Read a scenario and apply the shared options to it.

    Parameters
    ----------
    source : str
        File or shipped name.
    scenario, overrides, sets, plugins
        As given on the command line.

    Returns
    -------
    Document
        Composed but not yet checked; `loading.checked` turns it into a `Scenario`.

    Raises
    ------
    ScenarioError
        When a file cannot be read or a name is not known.
    """
    trust(plugins)
    from catallaxy.sim.scenario.compose import compose
    from catallaxy.sim.scenario.schema import Scenario

    return compose(source, Scenario, scenario=scenario, overrides=overrides or (), sets=sets or ())
