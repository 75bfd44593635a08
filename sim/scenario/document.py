"""A read scenario: plain values, and for each of them the file, line and column that supplied it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catallaxy.sim.errors import Problem

__all__ = ["Document", "Place", "YamlPath", "dotted", "walk"]

YamlPath = tuple[str | int, ...]
"""Keys and list indices from the root of a document to a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written.

    Attributes
    ----------
    file : str
        File as the user named it, or `--set path=value`, or a name for values given in Python.
    line, column : int
        Position of the value, from 1; 0 when it has none.
    key_line, key_column : int
        Position of its key; equal to the value's for list items and for the root.
    """

    file: str
    line: int = 0
    column: int = 0
    key_line: int = 0
    key_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Document:
    """Plain values and their places.

    Attributes
    ----------
    name : str
        File, or a name for text and mappings.
    data : Any
        Dicts, lists and scalars; a scenario's root is a dict.
    places : Mapping[YamlPath, Place]
        Place of every value, the root `()` included.
    folder : Path or None
        Folder of the file, where the files that a scenario names are looked for.
    """

    name: str
    data: Any
    places: Mapping[YamlPath, Place] = field(default_factory=dict)
    folder: Path | None = None

    def place(self, path: YamlPath) -> Place:
        """Return the place of a value, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return Place(self.name)

    def at(self, path: YamlPath, default: Any = None) -> Any:
        """Return the value at a path, or `default` when the document has none."""
        value = self.data
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return default
        return value

    def below(self, path: YamlPath) -> Document:
        """Return the part of the document at a path, as a document."""
        depth = len(path)
        places = {where[depth:]: place for where, place in self.places.items() if where[:depth] == path}
        return Document(self.name, self.at(path), places, self.folder)

    def without(self, keys: Iterable[str]) -> Document:
        """Return the document without some top-level keys."""
        dropped = set(keys)
        data = {key: value for key, value in self.data.items() if key not in dropped}
        places = {path: place for path, place in self.places.items() if not (path and path[0] in dropped)}
        return replace(self, data=data, places=places)

    def problem(self, path: YamlPath, message: str, *, key: bool = False) -> Problem:
        """Return a problem located at a value, or at its key."""
        place = self.place(path)
        line, column = (place.key_line, place.key_column) if key else (place.line, place.column)
        return Problem(place.file, line, column, dotted(path), message)


def dotted(path: YamlPath) -> str:
    """Return a path as users write it: `networks.deai.supply`."""
    return ".".join(str(step) for step in path)


def walk(value: Any, path: YamlPath = ()) -> Iterator[tuple[YamlPath, Any]]:
    """Yield every value of a tree with its path, parents first."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, index))
