"""Levels of a parameter: listed, stepped or named values, and what a sampling design draws them from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic.functional_validators import AfterValidator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.distributions import Attribute
from catallaxy.agents.families import LARGEST, SMALLEST, Distribution
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.scenario.writing import inline_text

__all__ = [
    "MAX_LEVELS",
    "Choices",
    "Interval",
    "Level",
    "Levels",
    "Named",
    "Spread",
    "Steps",
    "count_of",
    "draw",
    "levels_of",
]

MAX_LEVELS = 1_000_000
"""Most levels of one parameter."""

Floats: TypeAlias = npt.NDArray[np.float64]
Number: TypeAlias = int | float
_Scale = Literal["linear", "log"]
_SCALE_DOC = "Even steps of the value (linear) or of its logarithm (log)."


@dataclass(frozen=True, slots=True)
class Level:
    """One value of one parameter.

    Attributes
    ----------
    value : Any
        Scalar, mapping or list, as it goes into the scenario.
    shown : Any
        What the results show for it: the value itself, a label, or a mapping or list on one line.
    place : YamlPath
        Where the sweep file says it.
    """

    value: Any
    shown: Any
    place: YamlPath

    @classmethod
    def of(cls, value: Any, place: YamlPath) -> Level:
        """Return the level of a value without a label."""
        return cls(value, inline_text(value) if isinstance(value, (dict, list)) else value, place)


class Steps(Spec):
    """Evenly spaced levels between two numbers, both included."""

    from_: Annotated[Number, Field(alias="from")] = quantity(unit="unit of the parameter", doc="First level.")
    to: Number = quantity(unit="unit of the parameter", doc="Last level.")
    count: int = quantity(unit="level", doc="How many levels.", ge=2, le=MAX_LEVELS)
    scale: _Scale = quantity("linear", unit="-", doc=_SCALE_DOC)

    @model_validator(mode="after")
    def _can_be_spaced(self) -> Steps:
        _check_ends(self.from_, self.to, self.scale)
        return self

    def values(self) -> list[Number]:
        """Return the levels; whole numbers when both ends are written as such and all levels are whole."""
        inner = np.arange(1, self.count - 1) / (self.count - 1)
        between = [_rounded(value) for value in _placed(self.from_, self.to, self.scale, inner)]
        levels = [self.from_, *between, self.to]
        whole = isinstance(self.from_, int) and isinstance(self.to, int) and all(x == int(x) for x in levels)
        return [int(x) for x in levels] if whole else [float(x) for x in levels]


class Named(Spec):
    """Levels with labels, which the results show: for whole rules, populations and lists."""

    named: dict[str, Any] = quantity(unit="-", doc="Level by label.")

    @field_validator("named")
    @classmethod
    def _some(cls, value: dict[str, Any]) -> dict[str, Any]:
        _not_empty(value)
        return value


def _levels_form(value: Any) -> str:
    if isinstance(value, Mapping):
        return ":named" if "named" in value else ":steps"
    return ":named" if isinstance(value, Named) else ":steps" if isinstance(value, Steps) else ":list"


def _not_empty(value: Any) -> Any:
    if not value:
        raise complaint("no_levels", "there is no level; give at least one")
    return value


_Listed = Annotated[tuple[Any, ...], AfterValidator(_not_empty)]
Levels: TypeAlias = Annotated[
    Annotated[_Listed, Tag(":list")] | Annotated[Steps, Tag(":steps")] | Annotated[Named, Tag(":named")],
    Discriminator(_levels_form),
]
"""A list of levels, `{from, to, count, scale}`, or `{named: {label: level}}`."""


def count_of(levels: Levels) -> int:
    """Return how many levels there are, without making them."""
    if isinstance(levels, Steps):
        return levels.count
    return len(levels.named) if isinstance(levels, Named) else len(levels)


def levels_of(levels: Levels, at: YamlPath) -> list[Level]:
    """Return the levels in order.

    Parameters
    ----------
    levels : Levels
        As the sweep file declares them.
    at : YamlPath
        Where it does.

    Returns
    -------
    list of Level
    """
    if isinstance(levels, Steps):
        return [Level(value, value, at) for value in levels.values()]
    if isinstance(levels, Named):
        return [Level(value, label, (*at, "named", label)) for label, value in levels.named.items()]
    return [Level.of(value, (*at, index)) for index, value in enumerate(levels)]


class Interval(Spec):
    """A range from which a sampling design draws evenly."""

    low: Number = quantity(unit="unit of the parameter", doc="Smallest value.")
    high: Number = quantity(unit="unit of the parameter", doc="Largest value.")
    scale: _Scale = quantity("linear", unit="-", doc=_SCALE_DOC)
    integer: bool = quantity(False, unit="-", doc="Whether to draw whole numbers, both ends included.")

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Interval:
        if self.low > self.high:
            raise complaint("order", f"low ({self.low:g}) is above high ({self.high:g}); exchange them")
        _check_ends(self.low, self.high, self.scale)
        if self.integer and not (float(self.low).is_integer() and float(self.high).is_integer()):
            raise complaint("whole", f"integer: true needs whole ends, not {self.low:g} and {self.high:g}")
        return self

    def draw(self, u: Floats, at: YamlPath) -> list[Level]:
        """Return the levels at some positions u, float64[n] from 0 to 1, of the range."""
        low, high = self.low, self.high
        drawn = _placed(low, high + self.integer, self.scale, u)
        if self.integer:
            whole = (min(max(math.floor(_rounded(x)), int(low)), int(high)) for x in drawn)
            return [Level(x, x, at) for x in whole]
        values = (min(max(_rounded(x), float(low)), float(high)) for x in drawn)
        return [Level(x, x, at) for x in values]


class Choices(Spec):
    """Levels among which a sampling design chooses evenly."""

    choices: Levels = quantity(unit="-", doc="The levels.")

    def draw(self, u: Floats, at: YamlPath) -> list[Level]:
        """Return the levels at some positions u, float64[n] from 0 to 1, of the list."""
        levels = levels_of(self.choices, (*at, "choices"))
        last = len(levels) - 1
        return [levels[min(int(x * len(levels)), last)] for x in u]


def _spread_form(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return next((form for form in (":choices", ":dist") if form[1:] in value), ":interval")
    if isinstance(value, (Choices, Interval)):
        return ":choices" if isinstance(value, Choices) else ":interval"
    return ":dist" if isinstance(value, Distribution) else None


Spread: TypeAlias = Annotated[
    Annotated[Interval, Tag(":interval")] | Annotated[Choices, Tag(":choices")] | Annotated[Attribute, Tag(":dist")],
    Discriminator(
        _spread_form,
        custom_error_type="no_spread",
        custom_error_message="give a range {low: 0, high: 1}, {choices: [...]} or a distribution {dist: ...}",
    ),
]
"""What a sampling design draws a parameter from: a range, choices, or a distribution of `agents.distributions`."""


def draw(spread: Spread, u: Floats, at: YamlPath) -> list[Level]:
    """Return the levels at some positions of a spread.

    Parameters
    ----------
    spread : Spread
    u : float64[n]
        Probabilities from 0 to 1.
    at : YamlPath
        Where the sweep file declares the spread.

    Returns
    -------
    list of Level
        n of them.
    """
    if isinstance(spread, (Interval, Choices)):
        return spread.draw(u, at)
    values = (_rounded(x) for x in spread.quantile(np.clip(u, SMALLEST, LARGEST)))
    return [Level(x, x, at) for x in values]


def _check_ends(one: Number, other: Number, scale: _Scale) -> None:
    if one == other:
        raise complaint("one_level", f"both ends are {one:g}; a parameter that does not vary belongs under `set`")
    if scale == "log" and min(one, other) <= 0:
        raise complaint("log_scale", f"scale: log needs ends above 0, not {min(one, other):g}")


def _placed(one: Number, other: Number, scale: _Scale, u: Floats) -> Floats:
    placed: Floats = one * (other / one) ** u if scale == "log" else one + (other - one) * u
    return placed


def _rounded(value: float) -> float:
    """Return a number to 12 significant digits: the last bits of a power differ between C libraries."""
    return float(f"{value:.12g}")
