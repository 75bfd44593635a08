"""`--set path.to.parameter=value`: one value, checked against the schema rather than against the file."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from catallaxy.agents.rates import DAYS
from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.allowed import nearest, shown
from catallaxy.sim.scenario.document import Document, Place, YamlPath, dotted, walk
from catallaxy.sim.scenario.known_paths import elsewhere
from catallaxy.sim.scenario.parameters import TAGS, Slot, default_tree
from catallaxy.sim.scenario.yaml_loader import read_text

__all__ = ["Assignment", "assign"]


@dataclass(frozen=True)
class Assignment:
    """One parameter and its new value.

    Attributes
    ----------
    path : str
        Dotted path; numbers index lists.
    value : Any
        Dicts, lists and scalars.
    text : str
        As the user wrote it.
    """

    path: str
    value: Any
    text: str

    @classmethod
    def parse(cls, text: str) -> Assignment:
        """Read `path=value`, the value as YAML: `seed=7`, `networks.deai.supply=1e9`, `fee={kind: burn, share: 1}`.

        Parameters
        ----------
        text : str
            As on the command line.

        Returns
        -------
        Assignment

        Raises
        ------
        ScenarioError
            When there is no `=`, no value, or the value is not YAML.
        """
        path, equals, value = text.partition("=")
        unread = cls(path.strip(), None, text)
        if not equals or not path.strip():
            unread.refuse("write --set path.to.parameter=value")
        if not value.strip():
            unread.refuse("there is no value after the =; write null for none")
        try:
            return replace(unread, value=read_text(value.strip(), text).data)
        except ScenarioError as error:
            unread.refuse(error.problems[0].message)

    @property
    def label(self) -> str:
        """How messages and `show` call it."""
        return f"--set {self.text}"

    def refuse(self, message: str) -> NoReturn:
        """Raise a `ScenarioError` about this assignment."""
        raise ScenarioError([Problem(self.label, 0, 0, "", message)])


def assign(document: Document, root: Slot, assignment: Assignment) -> Document:
    """Set one parameter.

    The parts of the path that the file leaves to defaults are filled in with those defaults. Setting the `kind` of
    a mapping to another one drops the parameters of the old kind.

    Parameters
    ----------
    document : Document
        A composed scenario.
    root : Slot
        The schema.
    assignment : Assignment
        Path and value.

    Returns
    -------
    Document

    Raises
    ------
    ScenarioError
        When the schema, or the lists and named sections of this scenario, have no such place.
    """
    data = dict(document.data)
    walker = _Walker(document, root, assignment)
    path = walker.set_in(data)
    places = {
        where: place for where, place in document.places.items() if where[: len(path)] != path and _stands(data, where)
    }
    set_here = [*walker.made, *(where for where, _ in walk(assignment.value, path))]
    new = {where: Place(assignment.label) for where in set_here}
    return replace(document, data=data, places=places | new)


def _stands(data: Any, where: YamlPath) -> bool:
    """Tell whether a tree has a value at a path."""
    for key in where:
        if not (key in data if isinstance(data, dict) else isinstance(data, list) and int(key) < len(data)):
            return False
        data = data[key]
    return True


class _Walker:
    """Follows the path through the schema and the values at once; copies the mappings and lists that it enters."""

    def __init__(self, document: Document, root: Slot, assignment: Assignment) -> None:
        self.document, self.root, self.assignment = document, root, assignment
        self.made: list[YamlPath] = []

    def set_in(self, data: Any) -> YamlPath:
        """Put the value in its place in `data`, whose own items may be shared; return the path."""
        *names, last = self.assignment.path.split(".")
        slot, value = self.root, data
        path: YamlPath = ()
        for name in names:
            path = (*path, _key(value, name))
            child = self._child(slot, value, path)
            value = self._entered(slot, child, value, path)
            slot = child
        path = (*path, _key(value, last))
        self._child(slot, value, path)
        if self._replaces(value, path[-1]):
            value.clear()
            self.made.append(path[:-1])
        value[path[-1]] = copy.deepcopy(self.assignment.value)
        return path

    def _replaces(self, value: Any, key: str | int) -> bool:
        if key in DAYS:
            return bool(value.keys() <= DAYS.keys())
        return key in TAGS and value.get(key) != self.assignment.value

    def _child(self, slot: Slot, value: Any, path: YamlPath) -> Slot:
        key = path[-1]
        found = slot.child(key, value) if isinstance(value, (dict, list)) else None
        if found is None or (isinstance(value, list) and not (isinstance(key, int) and key < len(value))):
            self._unknown(slot, value, path)
        return found

    def _entered(self, parent: Slot, slot: Slot, value: Any, path: YamlPath) -> Any:
        key = path[-1]
        held = Document("", value).at((key,))
        if held is None:
            if key not in parent.members(value):
                self._unknown(parent, value, path)
            held = default_tree(slot.default())
            self.made.append(path)
        if isinstance(held, str) and any(option.variants for option in slot.alternatives()):
            held = {"kind": held}
        value[key] = {} if held is None else copy.copy(held)
        return value[key]

    def _unknown(self, slot: Slot, value: Any, path: YamlPath) -> NoReturn:
        around, key = dotted(path[:-1]), str(path[-1])
        hint = ""
        if isinstance(value, list):
            hint = f"; {around!r} has {len(value)} {'entry' if len(value) == 1 else 'entries'}, counted from 0"
        elif isinstance(value, dict):
            names = {**slot.members(value), **(value if slot.item_at("") else {})}
            near = nearest(key, names)
            rest = self.assignment.path.split(".")[len(path) :]
            hint = f"; did you mean {dotted((*path[:-1], near, *rest))!r}?" if near else ""
        else:
            hint = f"; {around!r} is {shown(value)} here and has no parts"
        wanted = tuple(self.assignment.path.split("."))
        hint = hint or elsewhere(wanted, self.root, self.document)
        self.assignment.refuse(f"no such parameter {self.assignment.path!r}{hint}")


def _key(value: Any, name: str) -> str | int:
    return int(name) if isinstance(value, list) and name.isascii() and name.isdigit() else name
