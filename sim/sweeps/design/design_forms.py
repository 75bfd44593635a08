"""What every design can do, and the designs that are written out: grid, zip, list."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from pydantic import field_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.sweeps.design.levels import Level, Levels, count_of, levels_of

__all__ = ["DesignForm", "Grid", "Row", "Rows", "Setting", "Zip", "columns", "named_parameters"]

_LEVELS = "Levels by dotted path of the parameter."


class Setting(NamedTuple):
    """One parameter at one level.

    Attributes
    ----------
    path : str
        Dotted path in the scenario, or "scenario", "variant" or "overrides".
    value, shown : Any
        As in `Level`.
    place : YamlPath
        Where the sweep file says it.
    """

    path: str
    value: Any
    shown: Any
    place: YamlPath

    @property
    def parameter_place(self) -> YamlPath:
        """Where the sweep file names the parameter."""
        return self.place[: self.place.index(self.path) + 1] if self.path in self.place else self.place

    @classmethod
    def of(cls, path: str, level: Level) -> Setting:
        """Return the setting of a parameter at a level."""
        return cls(path, level.value, level.shown, level.place)


Row: TypeAlias = tuple[Setting, ...]


def columns(levels: Mapping[str, Levels], at: YamlPath) -> list[list[Setting]]:
    """Return the settings of each parameter, at all of its levels."""
    return [[Setting.of(path, level) for level in levels_of(given, (*at, path))] for path, given in levels.items()]


def named_parameters(value: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping of parameters after checking that it has some."""
    if not value:
        raise complaint("no_parameters", "names no parameter; write `path.to.parameter:` and its levels")
    return value


class DesignForm(Spec):
    """What every design can say of itself."""

    @property
    def size(self) -> int:
        """Number of rows, known before any is made."""
        raise NotImplementedError

    def names(self) -> list[tuple[str, YamlPath]]:
        """Return the parameters with the place of each, relative to the design; a list names them once per row."""
        raise NotImplementedError

    def rows(self, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows.

        Parameters
        ----------
        at : YamlPath
            Where the sweep file declares the design.
        seed : tuple of int
            Seed of its own chance, if it has any.
        """
        raise NotImplementedError

    def notes(self) -> tuple[str, ...]:
        """Return what a reader of the results should know about the design."""
        return ()


class Grid(DesignForm):
    """Every combination of the levels; the first parameter changes slowest."""

    grid: dict[str, Levels] = quantity(unit="-", doc=_LEVELS)

    _check = field_validator("grid")(named_parameters)

    @property
    def size(self) -> int:
        """Product of the numbers of levels."""
        return math.prod(count_of(levels) for levels in self.grid.values())

    def names(self) -> list[tuple[str, YamlPath]]:
        """Return the parameters; see `DesignForm.names`."""
        return [(path, ("grid", path)) for path in self.grid]

    def rows(self, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows; see `DesignForm.rows`."""
        return itertools.product(*columns(self.grid, (*at, "grid")))


class Zip(DesignForm):
    """The first level of every parameter, then the second of every parameter, and so on."""

    zip: dict[str, Levels] = quantity(unit="-", doc=_LEVELS)

    _check = field_validator("zip")(named_parameters)

    @field_validator("zip")
    @classmethod
    def _equally_long(cls, value: dict[str, Levels]) -> dict[str, Levels]:
        lengths = {path: count_of(levels) for path, levels in value.items()}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{path} has {length}" for path, length in lengths.items())
            raise complaint(
                "zip_lengths", f"zip takes one level of each parameter at a time, so all need as many; {said}"
            )
        return value

    @property
    def size(self) -> int:
        """Number of levels of each parameter."""
        return min(count_of(levels) for levels in self.zip.values())

    def names(self) -> list[tuple[str, YamlPath]]:
        """Return the parameters; see `DesignForm.names`."""
        return [(path, ("zip", path)) for path in self.zip]

    def rows(self, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows; see `DesignForm.rows`."""
        return zip(*columns(self.zip, (*at, "zip")), strict=True)


class Rows(DesignForm):
    """Rows written out one by one; each may name other parameters, `{}` none at all."""

    list: tuple[dict[str, Any], ...] = quantity(unit="-", doc="Value by dotted path of the parameter, row by row.")

    @field_validator("list")
    @classmethod
    def _some(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        if not value:
            raise complaint("no_rows", "there is no row; write `- path.to.parameter: value`")
        return value

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.list)

    def names(self) -> list[tuple[str, YamlPath]]:  # type: ignore[valid-type]  # `list` is a field of this class
        """Return the parameters; see `DesignForm.names`."""
        return [(path, ("list", i, path)) for i, row in enumerate(self.list) for path in row]

    def rows(self, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows; a value `{named: {label: value}}` is shown by its label."""
        for index, row in enumerate(self.list):
            yield tuple(_labelled(path, value, (*at, "list", index, path)) for path, value in row.items())


def _labelled(path: str, value: Any, at: YamlPath) -> Setting:
    named = value.get("named") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(named, dict) and len(named) == 1:
        label, inner = next(iter(named.items()))
        return Setting(path, inner, label, (*at, "named", label))
    return Setting.of(path, Level.of(value, at))
