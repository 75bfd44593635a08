"""What a file of a thesis says: its drivers, how each is taken away, and how many worlds are looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.library import find, shipped_theses, shown_name
from catallaxy.sim.scenario.yaml_loader import read_file
from catallaxy.sim.statics.statics_file import Changes
from catallaxy.sim.sweeps.design.factorials import Fraction, smallest_fraction

__all__ = ["ThesisDriver", "ThesisSpec", "ThesisWorlds", "load_thesis"]

_MOST_DRIVERS = 12


class ThesisDriver(Spec):
    """One driver: the scenario has it, and this takes it away."""

    why: str = quantity("", unit="-", doc="How it is supposed to work.")
    source: str = quantity("", unit="-", doc="Where what is left without it comes from.")
    off: Changes = quantity(unit="-", doc="What is changed in the scenario to take it away, as in a row of statics.")

    @field_validator("off")
    @classmethod
    def _something(cls, value: Changes) -> Changes:
        if not value:
            raise complaint("nothing_off", "`off` is empty; say what is changed without the driver")
        return value


class ThesisWorlds(Spec):
    """How many worlds, with chance of their own each, are run of every combination."""

    ends: int = quantity(80, unit="world", doc="With all drivers, and with none.", ge=2, le=100_000)
    ablation: int = quantity(32, unit="world", doc="With all but one, and with one only.", ge=2, le=100_000)
    design: int = quantity(8, unit="world", doc="Of each combination of the factorial design.", ge=2, le=100_000)


class ThesisSpec(Spec):
    """A file of a thesis."""

    schema_version: Literal[1] = quantity(1, unit="-", doc="Version of this language.")
    name: str = quantity(unit="-", doc="Name of the file; names its results folders.")
    question: str = quantity("", unit="-", doc="The question that the thesis answers with yes.")
    resolution: int = quantity(
        5,
        unit="-",
        doc="Resolution of the factorial design: from 5 on, interactions of two drivers are told apart.",
        ge=3,
        le=_MOST_DRIVERS + 1,
    )
    worlds: ThesisWorlds = quantity(default_factory=ThesisWorlds, unit="-", doc="How many worlds are run.")
    drivers: dict[str, ThesisDriver] = Field(
        min_length=2,
        max_length=_MOST_DRIVERS,
        description="The drivers by name.",
        json_schema_extra={"unit": "-"},
    )

    @property
    def fraction(self) -> Fraction:
        """The combinations of drivers that are run."""
        return smallest_fraction(len(self.drivers), self.resolution)


def load_thesis(source: str | Path) -> ThesisSpec:
    """Read and check a file of a thesis.

    Parameters
    ----------
    source : str or Path
        The name of a shipped one ("supercycle"), or a YAML file.

    Returns
    -------
    ThesisSpec

    Raises
    ------
    ScenarioError
        With every problem found in the file.
    """
    path = find(source, shipped_theses(), "file of a thesis")
    document = replace(read_file(path, shown_name(path)), folder=path.resolve().parent)
    if not isinstance(document.data, dict):
        raise ScenarioError([document.problem((), "a file of a thesis is a mapping (`key: value` lines)")])
    return check(document, ThesisSpec)
