"""Composition: `extends` a base, named `overrides`, `scenarios` as lists of overrides, and `--set`.

A scenario file is untrusted input, so `extends` reaches only files in the folder of the file that says it, and the
scenarios shipped with the package.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel

from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.allowed import did_you_mean, shown
from catallaxy.sim.scenario.assign import Assignment, assign
from catallaxy.sim.scenario.document import Document, YamlPath
from catallaxy.sim.scenario.library import beside, find, shown_name
from catallaxy.sim.scenario.merge import merge
from catallaxy.sim.scenario.parameters import root_slot
from catallaxy.sim.scenario.yaml_loader import MAX_DEPTH, read_file

__all__ = ["COMPOSITION_KEYS", "MAX_CHAIN", "Source", "compose", "plain", "read_layers", "variants"]

_PYTHON = "scenario given in Python"

COMPOSITION_KEYS = ("extends", "overrides", "scenarios")
"""Keys of a file that say how it is composed; they are gone from the composed scenario."""
MAX_CHAIN = 8
"""Most files in a chain of `extends`."""

Source = str | Path | Mapping[str, Any]


def compose(
    source: Source,
    model: type[BaseModel],
    *,
    scenario: str | None = None,
    overrides: Iterable[str] = (),
    sets: Iterable[str] | Mapping[str, Any] = (),
) -> Document:
    """Read a scenario and apply everything that changes it.

    Parameters
    ----------
    source : str, Path or Mapping
        A file, the name of a shipped scenario, or the scenario itself as a mapping.
    model : type
        The root `Spec`, against which `sets` are checked.
    scenario : str, optional
        One of the file's `scenarios`: a named list of overrides.
    overrides : iterable of str
        Names of `overrides`, laid over in this order after those of `scenario`.
    sets : iterable of str, or Mapping
        `path=value` texts, or values by dotted path; applied last.

    Returns
    -------
    Document
        Without `extends`, `overrides` and `scenarios`.

    Raises
    ------
    ScenarioError
        When a file cannot be read or a name is not known.
    """
    layers = read_layers(source)
    document = layers.without(COMPOSITION_KEYS)
    chosen = [*_named(layers, scenario), *overrides]
    for name in chosen:
        _known(name, layers.at(("overrides",), {}), "override", layers)
        document = merge(document, layers.below(("overrides", name)))
    root = root_slot(model)
    for assignment in _assignments(sets):
        document = assign(document, root, assignment)
    return document


def variants(layers: Document) -> list[dict[str, Any]]:
    """Return the `compose` arguments of every variant a file declares: its base, its scenarios, its lone overrides."""
    named: Mapping[str, Sequence[str]] = layers.at(("scenarios",), {})
    used = {name for names in named.values() for name in names}
    lone = [name for name in layers.at(("overrides",), {}) if name not in used]
    return [{}, *({"scenario": name} for name in named), *({"overrides": [name]} for name in lone)]


def read_layers(source: Source) -> Document:
    """Read a scenario with the files it extends laid under it, `overrides` and `scenarios` included.

    Parameters
    ----------
    source : str, Path or Mapping
        As for `compose`.

    Returns
    -------
    Document

    Raises
    ------
    ScenarioError
        When a file cannot be read, or `extends`, `overrides` or `scenarios` are not what they should be.
    """
    if isinstance(source, Mapping):
        document, chain = Document(_PYTHON, plain(source, ())), [_PYTHON]
        seen: set[Path] = set()
    else:
        path = find(source)
        document, chain, seen = _read(path), [shown_name(path)], {path.resolve()}
    folder = document.folder
    while "extends" in document.data:
        parent = _extended(document, folder)
        chain.append(shown_name(parent))
        if parent.resolve() in seen:
            _refuse(document, ("extends",), f"extends goes in a circle: {' -> '.join(chain)}")
        if len(chain) > MAX_CHAIN:
            _refuse(document, ("extends",), f"more than {MAX_CHAIN} files extend one another: {' -> '.join(chain)}")
        seen.add(parent.resolve())
        base = _read(parent)
        document, folder = merge(base, document.without(["extends"])), base.folder
    _check_names(document)
    return document


def _refuse(document: Document, path: YamlPath, message: str) -> NoReturn:
    raise ScenarioError([document.problem(path, message)])


def _read(path: Path) -> Document:
    document = read_file(path, shown_name(path))
    if document.data is None:
        _refuse(document, (), "the file is empty")
    if not isinstance(document.data, dict):
        _refuse(document, (), f"a scenario is a mapping (`key: value` lines), not {shown(document.data)}")
    return replace(document, folder=path.resolve().parent)


def _extended(document: Document, folder: Path | None) -> Path:
    reference = document.data["extends"]
    if not isinstance(reference, str):
        _refuse(document, ("extends",), f"{shown(reference)} is not the name of a file or of a shipped scenario")
    try:
        return beside(reference, folder)
    except ValueError as error:
        _refuse(document, ("extends",), str(error))


def _check_names(document: Document) -> None:
    problems: list[Problem] = []
    overrides, scenarios = document.at(("overrides",), {}), document.at(("scenarios",), {})
    for key, value, what in (("overrides", overrides, "partial scenarios"), ("scenarios", scenarios, "lists")):
        if not isinstance(value, dict):
            _refuse(document, (key,), f"{shown(value)}; expected a mapping of names to {what}")
    for name, tree in overrides.items():
        if not isinstance(tree, dict):
            problems.append(document.problem(("overrides", name), f"{shown(tree)}; an override is a partial scenario"))
    for name, names in scenarios.items():
        path: YamlPath = ("scenarios", name)
        if not isinstance(names, list):
            problems.append(document.problem(path, f"{shown(names)}; expected a list of override names"))
            continue
        for index, item in enumerate(names):
            if not isinstance(item, str) or item not in overrides:
                message = _unknown_name(shown(item), str(item), overrides, "override")
                problems.append(document.problem((*path, index), message))
    if problems:
        raise ScenarioError(problems)


def _unknown_name(text: str, name: str, known: Iterable[str], what: str) -> str:
    names = list(known)
    listed = f"known: {', '.join(names)}" if names else f"this scenario declares no {what}s"
    return f"unknown {what} {text}; {listed}{did_you_mean(name, names)}"


def _known(name: str, known: Mapping[str, Any], what: str, layers: Document) -> None:
    if name not in known:
        raise ScenarioError([Problem(layers.name, 0, 0, "", _unknown_name(repr(name), name, known, what))])


def _named(layers: Document, scenario: str | None) -> list[str]:
    if scenario is None:
        return []
    scenarios = layers.at(("scenarios",), {})
    _known(scenario, scenarios, "scenario", layers)
    return list(scenarios[scenario])


def _assignments(sets: Iterable[str] | Mapping[str, Any]) -> Iterator[Assignment]:
    if not isinstance(sets, Mapping):
        yield from map(Assignment.parse, sets)
        return
    for path, value in sets.items():
        tree = plain(value, (path,))
        yield Assignment(path, tree, f"{path}={shown(tree)}")


def plain(value: Any, path: YamlPath = ()) -> Any:
    """Return a value given in Python as dicts, lists and scalars.

    Parameters
    ----------
    value : Any
        Mappings, sequences, scalars, dates, enumerations and NumPy scalars.
    path : YamlPath, optional
        Where it stands, for messages.

    Returns
    -------
    Any

    Raises
    ------
    ScenarioError
        When something in it can stand in no scenario.
    """
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if len(path) <= MAX_DEPTH:
        if isinstance(value, Mapping):
            return {str(key): plain(item, (*path, str(key))) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item, (*path, index)) for index, item in enumerate(value)]
        if hasattr(value, "item"):
            return value.item()
    message = f"a value of type {type(value).__name__} cannot stand in a scenario"
    _refuse(Document(_PYTHON, None), path, message)
