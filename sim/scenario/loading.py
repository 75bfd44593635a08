"""Loading a scenario, and its two complete forms: resolved YAML and a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.compose import Source, compose
from catallaxy.sim.scenario.crosschecks import cross_check
from catallaxy.sim.scenario.document import Document, Place, YamlPath
from catallaxy.sim.scenario.parameters import TAGS
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.writing import yaml_text

__all__ = [
    "annotated_yaml",
    "checked",
    "hash_of",
    "load",
    "provenance",
    "resolved_yaml",
    "scenario_hash",
    "section_texts",
]


def load(
    source: Source,
    *,
    scenario: str | None = None,
    overrides: Iterable[str] = (),
    sets: Iterable[str] | Mapping[str, Any] = (),
) -> Scenario:
    """Read, compose and check a scenario.

    Parameters
    ----------
    source : str, Path or Mapping
        A YAML file, the name of a shipped scenario ("deai-2026"), or the scenario itself as a mapping.
    scenario : str, optional
        One of the file's `scenarios`: a named list of overrides.
    overrides : iterable of str, optional
        Names of the file's `overrides`, applied in this order after those of `scenario`.
    sets : iterable of str, or Mapping, optional
        `path.to.parameter=value` texts, or a mapping of dotted paths to values; applied last.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem found, each with file, line, path, what is allowed and the nearest valid name.
    """
    return checked(compose(source, Scenario, scenario=scenario, overrides=overrides, sets=sets))


def checked(document: Document) -> Scenario:
    """Validate a composed document, as `load` does.

    Parameters
    ----------
    document : Document

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        As `load`.
    """
    return check(document, Scenario, cross_check)


def _tree(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json")


def resolved_yaml(scenario: Scenario) -> str:
    """Return the scenario with every parameter written out.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    str
        YAML that loads on its own into an equal scenario; the same bytes on every machine.
    """
    return yaml_text(_tree(scenario))


def scenario_hash(scenario: Scenario) -> str:
    """Return the SHA-256 of the scenario's canonical JSON, as 64 hexadecimal digits.

    Sections stand in declared order; networks, populations and lists in the order of the scenario, because that
    order numbers the agents and is part of the result.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    str
    """
    return hash_of(section_texts(scenario))


def section_texts(scenario: Scenario, names: Iterable[str] | None = None) -> dict[str, str]:
    """Return the canonical JSON of top-level sections, for `hash_of`.

    Parameters
    ----------
    scenario : Scenario
    names : iterable of str, optional
        Which sections; all of them when absent.

    Returns
    -------
    dict of str to str
        In declared order.
    """
    tree = scenario.model_dump(mode="json", include=None if names is None else set(names))
    return {name: json.dumps(value, separators=(",", ":"), allow_nan=False) for name, value in tree.items()}


def hash_of(sections: Mapping[str, str]) -> str:
    """Return the hash of a scenario whose sections, all of them in declared order, are given as canonical JSON.

    Parameters
    ----------
    sections : mapping of str to str
        What `section_texts` returns.

    Returns
    -------
    str
        `scenario_hash` of the scenario.
    """
    text = ",".join(f'"{name}":{value}' for name, value in sections.items())
    return hashlib.sha256(f"{{{text}}}".encode()).hexdigest()


def provenance(document: Document, path: YamlPath) -> str:
    """Return where a value of the resolved scenario came from: `file:line`, `--set ...` or "default".

    Parameters
    ----------
    document : Document
        The composed document.
    path : YamlPath
        Path in the resolved scenario.

    Returns
    -------
    str
    """
    found: Place | None = document.places.get(path)
    if found is None and path and path[-1] in TAGS and not isinstance(document.at(path[:-1]), dict):
        found = document.places.get(path[:-1])
    return str(found) if found else "default"


def annotated_yaml(scenario: Scenario, document: Document) -> str:
    """Return `resolved_yaml` with a comment beside every value that says where it came from.

    Parameters
    ----------
    scenario : Scenario
    document : Document
        What it was made from.

    Returns
    -------
    str
    """
    return yaml_text(_tree(scenario), beside=lambda path: provenance(document, path))
