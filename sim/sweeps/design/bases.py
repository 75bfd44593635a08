"""The scenarios that a plan starts from: each resolved once, whatever the number of points on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.allowed import shown
from catallaxy.sim.scenario.compose import compose
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.scenario.library import beside
from catallaxy.sim.scenario.loading import checked, hash_of, section_texts
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.sweeps.design.design_forms import Setting
from catallaxy.sim.sweeps.design.reading import Sweep
from catallaxy.sim.sweeps.design.sweep_file import RESERVED
from catallaxy.sim.sweeps.design.templates import Resolved, Template, is_number

__all__ = ["MAX_BASES", "Bases", "Origin", "Templates", "origin_of"]

MAX_BASES = 1_000
"""Most different base scenarios: all of them travel to every worker."""
_MAX_TEMPLATES = 256


class Origin(NamedTuple):
    """Which scenario a point starts from: a file, one of its variants, and overrides by name."""

    file: Path
    variant: str | None
    overrides: tuple[str, ...]


def origin_of(sweep: Sweep, settings: Sequence[Setting]) -> Origin:
    """Return the scenario that the reserved parameters of a point choose.

    Parameters
    ----------
    sweep : Sweep
    settings : sequence of Setting
        Of the point; others than `RESERVED` are passed over.

    Returns
    -------
    Origin

    Raises
    ------
    ScenarioError
        When there is no such scenario, variant or override; placed in the sweep file.
    """
    chosen = {setting.path: setting for setting in settings if setting.path in RESERVED}
    given: dict[str, tuple[Any, YamlPath]] = {key: (getattr(sweep.spec, key), (key,)) for key in RESERVED}
    given.update({key: (setting.value, setting.place) for key, setting in chosen.items()})
    file = _file(sweep, *given["scenario"])
    variant, place = given["variant"]
    if variant is not None and not isinstance(variant, str):
        raise sweep.problem(place, f"{shown(variant)} is not the name of one of the file's `scenarios`")
    overrides = _overrides(sweep, *given["overrides"])
    if "overrides" in chosen:
        overrides = (*sweep.spec.overrides, *overrides)
    origin = Origin(file, variant, overrides)
    _check_names(sweep, origin, {key: at for key, (_, at) in given.items()})
    return origin


def _file(sweep: Sweep, reference: Any, place: YamlPath) -> Path:
    if not isinstance(reference, str):
        raise sweep.problem(place, f"{shown(reference)} is not the name of a scenario or of a scenario file")
    try:
        return beside(reference, sweep.document.folder)
    except ValueError as error:
        raise sweep.problem(place, str(error)) from None


def _overrides(sweep: Sweep, value: Any, place: YamlPath) -> tuple[str, ...]:
    names = () if value is None else (value,) if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise sweep.problem(place, f"{shown(value)} is not a name, or a list of names, of the file's `overrides`")
    return tuple(names)


def _check_names(sweep: Sweep, origin: Origin, places: Mapping[str, YamlPath]) -> None:
    """Compose what the names choose; a name that is not known has no line in the scenario, but one in the sweep."""
    tries: list[tuple[str, dict[str, Any]]] = [
        ("scenario", {}),
        ("variant", {"scenario": origin.variant}),
        ("overrides", {"overrides": origin.overrides}),
    ]
    for key, names in tries:
        try:
            compose(origin.file, Scenario, **names)
        except ScenarioError as error:
            if any(problem.line for problem in error.problems):
                raise
            raise sweep.problem(places[key], error.problems[0].message) from None


class Bases:
    """Resolved scenarios by number.

    Parameters
    ----------
    sweep : Sweep

    Attributes
    ----------
    trees : list of dict
        What `Context.bases` holds: complete, with the seed of the sweep and one replicate.
    scenarios : list of Scenario
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.trees: list[dict[str, Any]] = []
        self.scenarios: list[Scenario] = []
        self._by_settings: dict[tuple[Any, ...], int | ScenarioError] = {}
        self._by_hash: dict[str, int] = {}

    def number(self, origin: Origin, settings: Sequence[Setting]) -> int:
        """Return the number of the base that an origin gives with some settings.

        Raises
        ------
        ScenarioError
            When it is not valid: with the places that `load` gives it.
        """
        key = (origin, *((setting.path, json.dumps(setting.value)) for setting in settings))
        if key not in self._by_settings:
            try:
                self._by_settings[key] = self._add(origin, settings)
            except ScenarioError as error:
                self._by_settings[key] = error
        found = self._by_settings[key]
        if isinstance(found, ScenarioError):
            raise found
        return found

    def _add(self, origin: Origin, settings: Sequence[Setting]) -> int:
        sets = {setting.path: setting.value for setting in settings}
        document = compose(origin.file, Scenario, scenario=origin.variant, overrides=origin.overrides, sets=sets)
        own_seed = {} if self.sweep.spec.seed is None else {"seed": self.sweep.spec.seed}
        scenario = checked(document).model_copy(update={"replicates": 1, **own_seed})
        digest = hash_of(section_texts(scenario))
        if digest not in self._by_hash:
            self._by_hash[digest] = len(self.trees)
            self.trees.append(scenario.model_dump(mode="json"))
            self.scenarios.append(scenario)
        return self._by_hash[digest]


class Templates:
    """Resolves points on the bases, fast where only numbers differ.

    Parameters
    ----------
    trees : sequence of Mapping
        Resolved scenarios; more may be added later.
    """

    def __init__(self, trees: Sequence[Mapping[str, Any]]) -> None:
        self._trees = trees
        self._known: dict[tuple[Any, ...], Template] = {}

    def resolve(self, base: int, sets: Mapping[str, Any]) -> Resolved:
        """Return the scenario that a base gives with some scalars: that of `load(tree, sets=sets)`.

        Parameters
        ----------
        base : int
        sets : Mapping
            Scalars by dotted path.

        Returns
        -------
        Resolved

        Raises
        ------
        ScenarioError
            As `load`.
        """
        key = (base, *((path, None if is_number(value) else (type(value), value)) for path, value in sets.items()))
        template = self._known.get(key)
        found = template.resolve(sets) if template else None
        if found is not None:
            return found
        first = Template(self._trees[base], sets)
        if template is None:
            if len(self._known) >= _MAX_TEMPLATES:
                self._known.clear()
            self._known[key] = first
        return first.first
