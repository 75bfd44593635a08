"""What a replication declares: the paper, its parameters, and the numbers that it is held to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.scenario.document import YamlPath

__all__ = ["ExpectedSpec", "PaperSpec", "TableSpec", "Tag", "expected_problems"]

Tag = Literal["READ", "READ-2nd", "DERIVED", "RUN", "MEMORY"]
"""How a number is known: seen in a public source; quoted by someone else; it follows from the model's equations;
reproduced by an independent program; remembered and not confirmed."""

_Line = Annotated[str, Field(pattern=r"^\S[^\n]*$")]


class PaperSpec(Spec):
    """`paper.yaml`: what is replicated, and with which numbers."""

    schema_version: Literal[1] = quantity(1, unit="-", doc="Version of the format.")
    title: _Line = quantity(unit="-", doc="What the replication is about, in a few words.")
    reference: _Line = quantity(unit="-", doc="The paper: authors, year, title, journal.")
    doi: str = quantity("", unit="-", doc="Its DOI, or its number in an archive.")
    replicates: _Line = quantity(unit="-", doc="Which table, figure or result, in one sentence.")
    seed: int = quantity(1, unit="-", doc="Root seed.", ge=0, le=2**63 - 1)
    parameters: dict[str, Any] = quantity(unit="-", doc="What the replication's own `Parameters` declare.")
    quick: dict[str, Any] = quantity(
        default_factory=dict, unit="-", doc="Parameters that take other values with --quick: smaller samples."
    )


class TableSpec(Spec):
    """Numbers of one source, one unit and one tolerance."""

    title: _Line = quantity(unit="-", doc="What the numbers are.")
    unit: str = quantity("1", unit="-", doc="Unit of all of them.")
    tag: Tag = quantity(unit="-", doc="How they are known.")
    source: _Line = quantity(unit="-", doc="Where they stand: page, table, equation.")
    tolerance: float | None = quantity(
        None, unit="-", doc="Largest difference that passes, in the unit; none for numbers that are shown only.", ge=0
    )
    rel_tolerance: float | None = quantity(
        None, unit="1", doc="Largest difference that passes, as a share of the published number.", gt=0, lt=1
    )
    values: dict[_Line, float] = quantity(unit="-", doc="Published numbers by quantity.")

    def reach(self, published: float) -> float | None:
        """Return the largest difference that passes, in the unit; None when the number is shown only."""
        return self.tolerance if self.rel_tolerance is None else self.rel_tolerance * abs(published)


class ExpectedSpec(Spec):
    """`expected.yaml`: published numbers."""

    schema_version: Literal[1] = quantity(1, unit="-", doc="Version of the format.")
    tables: tuple[TableSpec, ...] = quantity(unit="-", doc="Numbers, by source.")


def expected_problems(expected: ExpectedSpec) -> list[tuple[YamlPath, str]]:
    """Return everything that is wrong between the fields of `expected.yaml`.

    Parameters
    ----------
    expected : ExpectedSpec
        Already valid field by field.

    Returns
    -------
    list of (path, message)
    """
    tables = enumerate(expected.tables)
    found = [(("tables", number, *path), message) for number, table in tables for path, message in _table(table)]
    if not any(table.tolerance is not None or table.rel_tolerance is not None for table in expected.tables):
        found.append((("tables",), "no number has a tolerance, so nothing can fail; give one to what must come out"))
    return [*found]


def _table(table: TableSpec) -> Iterator[tuple[YamlPath, str]]:
    given = [name for name in ("tolerance", "rel_tolerance") if getattr(table, name) is not None]
    if not table.values:
        yield ("values",), "there is no number; write `quantity: number` lines"
    if len(given) > 1:
        yield (given[1],), "give a tolerance in the unit or as a share, not both"
    if table.tag == "MEMORY" and given:
        yield (given[0],), "a number that nobody could confirm (MEMORY) is shown but never tested; drop its tolerance"
