"""What a file of comparative statics says: what is changed, and which way key figures should then go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import Field, model_validator

from catallaxy.agents.complaints import complaint, did_you_mean
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.analysis.key_figures import KPIS
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.scenario.library import find, shipped_statics, shown_name
from catallaxy.sim.scenario.yaml_loader import read_file

__all__ = ["Change", "Direction", "StaticsRow", "StaticsSpec", "load_statics"]

Direction: TypeAlias = Literal["up", "down", "same"]
_MAX_ROWS = 200


class Change(Spec):
    """What becomes of one parameter."""

    set: Any = quantity(None, unit="unit of the parameter", doc="The parameter takes this value, or this whole rule.")
    add: float | None = quantity(None, unit="unit of the parameter", doc="This much is added to it.")
    multiply: float | None = quantity(None, unit="1", doc="It is multiplied by this.")
    wrap: Any = quantity(None, unit="-", doc="It takes this value, in which the text @ stands for the one it had.")

    @model_validator(mode="after")
    def _one_operation(self) -> Change:
        if len(self.model_fields_set) != 1:
            found = " and ".join(sorted(self.model_fields_set)) or "none"
            raise complaint("change_operation", f"give exactly one of set, add, multiply, wrap; found {found}")
        return self

    @property
    def operation(self) -> str:
        """Which of `set`, `add`, `multiply` and `wrap` the change does."""
        return next(iter(self.model_fields_set))


Changes: TypeAlias = dict[str, Change]


class StaticsRow(Spec):
    """One comparison: the same worlds without and with a change."""

    name: str = quantity(unit="-", doc="What is changed, in a few words.")
    why: str = quantity("", unit="-", doc="The mechanism that should give the signs.")
    source: str = quantity("", unit="-", doc="Where the mechanism or the size of the change comes from.")
    before: Changes = quantity(
        default_factory=dict, unit="-", doc="What both sides of the comparison differ from the scenario in."
    )
    change: Changes = quantity(unit="-", doc="What one side differs from the other in; `*` stands for every name.")
    expect: dict[str, Direction] = quantity(unit="-", doc="Key figures, and which way each should go.")
    tolerance: float = quantity(
        0.01,
        unit="1",
        doc="Largest effect, over the level without the change, that still counts as `same`.",
        gt=0,
        le=1,
    )

    @model_validator(mode="after")
    def _something_to_see(self) -> StaticsRow:
        for name in ("change", "expect"):
            if not getattr(self, name):
                raise complaint("nothing_to_see", f"`{name}` is empty; a row changes something and expects something")
        return self


class StaticsSpec(Spec):
    """A file of comparative statics."""

    schema_version: Literal[1] = quantity(1, unit="-", doc="Version of this language.")
    name: str = quantity(unit="-", doc="Name of the file; names its results folders.")
    question: str = quantity("", unit="-", doc="The question that the rows ask together.")
    rows: tuple[StaticsRow, ...] = Field(
        min_length=1, max_length=_MAX_ROWS, description="The comparisons.", json_schema_extra={"unit": "-"}
    )


def load_statics(source: str | Path) -> StaticsSpec:
    """Read and check a file of comparative statics.

    Parameters
    ----------
    source : str or Path
        The name of a shipped one ("real-economy"), or a YAML file.

    Returns
    -------
    StaticsSpec

    Raises
    ------
    ScenarioError
        With every problem found in the file.
    """
    path = find(source, shipped_statics(), "file of comparative statics")
    document = replace(read_file(path, shown_name(path)), folder=path.resolve().parent)
    if not isinstance(document.data, dict):
        raise ScenarioError([document.problem((), "a file of comparative statics is a mapping (`key: value` lines)")])
    return check(document, StaticsSpec, lambda spec: [*_unknown_key_figures(spec), *_same_names(spec)])


def _unknown_key_figures(spec: StaticsSpec) -> Iterator[tuple[YamlPath, str]]:
    known = [kpi.name for kpi in KPIS]
    for number, row in enumerate(spec.rows):
        for name in row.expect:
            if name not in known:
                hint = did_you_mean(name, known) or "; docs/key-figures.md lists them"
                yield ("rows", number, "expect", name), f"there is no key figure {name!r}{hint}"


def _same_names(spec: StaticsSpec) -> Iterator[tuple[YamlPath, str]]:
    seen: set[str] = set()
    for number, row in enumerate(spec.rows):
        if row.name in seen:
            yield ("rows", number, "name"), f"two rows are called {row.name!r}; results are told apart by name"
        seen.add(row.name)
