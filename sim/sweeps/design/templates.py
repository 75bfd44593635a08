"""Many scenarios that differ in numbers only, resolved fast.

Loading a scenario composes it, walks it for mistyped values and validates all of it. Where many settings give the same
paths other numbers, a template does this once: it keeps the validated parts of the first scenario and validates only
what lies around the numbers. What it returns is exactly what `load(base, sets=...)` would; where it cannot promise
that, or the result is not valid, it returns nothing and the caller loads.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from catallaxy.sim.scenario.allowed import mismatch
from catallaxy.sim.scenario.compose import compose
from catallaxy.sim.scenario.crosschecks import cross_check
from catallaxy.sim.scenario.document import Document, YamlPath
from catallaxy.sim.scenario.loading import checked, hash_of, section_texts
from catallaxy.sim.scenario.parameters import inside, root_slot
from catallaxy.sim.scenario.schema import Scenario

__all__ = ["Resolved", "Template", "is_number"]


class Resolved(NamedTuple):
    """A valid scenario and its canonical JSON, section by section.

    Attributes
    ----------
    scenario : Scenario
    texts : mapping of str to str
        As `loading.section_texts`.
    """

    scenario: Scenario
    texts: Mapping[str, str]

    @property
    def hash(self) -> str:
        """`loading.scenario_hash` of the scenario."""
        return hash_of(self.texts)

    def seeded(self, seed: int) -> Resolved:
        """Return the same scenario with another seed."""
        return Resolved(self.scenario.model_copy(update={"seed": seed}), {**self.texts, "seed": str(seed)})


def is_number(value: Any) -> bool:
    """Return whether a value is a number, which a template may exchange."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Template:
    """The scenarios that one base and one set of paths give, whatever the numbers.

    Parameters
    ----------
    base : Mapping
        A resolved scenario.
    sets : Mapping
        Values by dotted path, as `load` takes them; the numbers among them are what later calls may exchange.

    Attributes
    ----------
    first : Resolved
        The scenario that these very values give.

    Raises
    ------
    ScenarioError
        As `load(base, sets=sets)`.
    """

    def __init__(self, base: Mapping[str, Any], sets: Mapping[str, Any]) -> None:
        document = compose(base, Scenario, sets=sets)
        scenario = checked(document)
        self.first = Resolved(scenario, section_texts(scenario))
        numbers = {path: _steps(document, path) for path, value in sets.items() if is_number(value)}
        self._touched = {str(steps[0]) for steps in numbers.values() if steps}
        self._places: list[tuple[str, Any, str | int, frozenset[type]]] | None = []
        self._skeleton = _skeleton(document.data, scenario, [steps for steps in numbers.values() if steps])
        for path, steps in numbers.items():
            self._add_place(document, path, steps, sets[path])
        if self._places is not None and not self._gives_the_first(sets):
            self._places = None

    def _add_place(self, document: Document, path: str, steps: YamlPath | None, value: Any) -> None:
        if self._places is None or steps is None or document.at(steps) != value:
            self._places = None
            return
        slot = root_slot(Scenario).find(steps, document.data)
        fitting = frozenset(kind for kind in (int, float) if slot is None or mismatch(slot, kind(0)) is None)
        around = Document("", self._skeleton).at(steps[:-1])
        self._places.append((path, around, steps[-1], fitting))

    def _gives_the_first(self, sets: Mapping[str, Any]) -> bool:
        again = self.resolve(sets)
        return again is not None and again.hash == self.first.hash

    def resolve(self, sets: Mapping[str, Any]) -> Resolved | None:
        """Return the scenario for other numbers on the same paths.

        Parameters
        ----------
        sets : Mapping
            With the paths, and all values that are no numbers, of the template's own.

        Returns
        -------
        Resolved or None
            None when it is not valid, or when only `load` can tell.
        """
        if self._places is None:
            return None
        for path, around, key, fitting in self._places:
            value = sets[path]
            if type(value) not in fitting:
                return None
            around[key] = value
        try:
            scenario = Scenario.model_validate(self._skeleton, context={"folder": None})
        except ValidationError:
            return None
        if cross_check(scenario):
            return None
        return Resolved(scenario, {**self.first.texts, **section_texts(scenario, self._touched)})


def _steps(document: Document, path: str) -> YamlPath | None:
    """Return the keys and indices of a dotted path, None when the document does not have it."""
    value, found = document.data, list[str | int]()
    for name in path.split("."):
        key = int(name) if isinstance(value, list) else name
        value = inside(value, key)
        if value is None:
            return None
        found.append(key)
    return tuple(found)


def _skeleton(tree: Any, valid: Any, paths: Sequence[YamlPath]) -> Any:
    """Return a tree in which all that lies beside the paths is already validated."""
    if not paths or () in paths or not isinstance(tree, (dict, list)):
        return copy.deepcopy(tree)
    keys = tree if isinstance(tree, dict) else range(len(tree))
    parts = {key: _part(tree[key], valid, key, [path[1:] for path in paths if path[0] == key]) for key in keys}
    return parts if isinstance(tree, dict) else list(parts.values())


def _part(tree: Any, valid: Any, key: Any, paths: Sequence[YamlPath]) -> Any:
    missing = object()
    if isinstance(valid, BaseModel):
        inner = getattr(valid, key) if key in type(valid).model_fields else missing
    else:
        held = isinstance(valid, (list, tuple)) or (isinstance(valid, Mapping) and key in valid)
        inner = valid[key] if held else missing
    if paths:
        return _skeleton(tree, inner, paths)
    return copy.deepcopy(tree) if inner is missing else inner
