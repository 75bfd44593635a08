"""Designs: which settings of the parameters a sweep tries.

Every design names its parameters; nothing is positional. A design yields rows, each with a setting per parameter, in
an order that only its declaration decides.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag, field_validator

from catallaxy.agents.complaints import complaint, did_you_mean
from catallaxy.agents.declaration import quantity
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.sweeps.design.design_forms import DesignForm, Grid, Row, Rows, Zip
from catallaxy.sim.sweeps.design.drawn_designs import Lhs, Random, Sobol
from catallaxy.sim.sweeps.design.two_level_designs import Factorial

__all__ = ["FORMS", "Design", "Product"]


class Product(DesignForm):
    """Every combination of the rows of several designs; the first design changes slowest."""

    product: tuple[Design, ...] = quantity(unit="-", doc="The designs.")

    @field_validator("product")
    @classmethod
    def _several(cls, value: tuple[Design, ...]) -> tuple[Design, ...]:
        if len(value) < 2:
            raise complaint("product", f"a product combines two designs or more, not {len(value)}")
        return value

    @property
    def size(self) -> int:
        """Product of the sizes."""
        return math.prod(part.size for part in self.product)

    def names(self) -> list[tuple[str, YamlPath]]:
        """Return the parameters of all parts, each part naming its own once."""
        return [(path, ("product", i, *at)) for i, part in enumerate(self.product) for path, at in _once(part.names())]

    def rows(self, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows; every part has chance of its own."""
        parts = [part.rows((*at, "product", i), (*seed, i + 1)) for i, part in enumerate(self.product)]
        for rows in itertools.product(*parts):
            yield tuple(itertools.chain.from_iterable(rows))

    def notes(self) -> tuple[str, ...]:
        """Return the notes of all parts."""
        return tuple(note for part in self.product for note in part.notes())


def _once(names: Iterable[tuple[str, YamlPath]]) -> list[tuple[str, YamlPath]]:
    found: dict[str, YamlPath] = {}
    for path, at in names:
        found.setdefault(path, at)
    return list(found.items())


FORMS: dict[str, type[DesignForm]] = {
    "grid": Grid,
    "zip": Zip,
    "list": Rows,
    "lhs": Lhs,
    "sobol": Sobol,
    "random": Random,
    "factorial": Factorial,
    "product": Product,
}
"""Every design by the key that declares it."""


def _one_form(value: Any) -> Any:
    if isinstance(value, DesignForm):
        return value
    known = ", ".join(FORMS)
    if not isinstance(value, Mapping) or not value:
        raise complaint("no_design", f"a design is a mapping with one of {known}")
    found = [key for key in value if key in FORMS]
    if not found:
        key = str(next(iter(value)))
        raise complaint("unknown_design", f"unknown design {key!r}; known: {known}{did_you_mean(key, FORMS)}")
    if len(found) > 1:
        raise complaint(
            "several_designs",
            f"{' and '.join(found)} stand side by side; say how they combine: product: [{{...}}, {{...}}]",
        )
    return value


def _form_of(value: Any) -> str | None:
    keys = value if isinstance(value, Mapping) else type(value).model_fields if isinstance(value, DesignForm) else ()
    return next((f":{key}" for key in keys if key in FORMS), None)


Design: TypeAlias = Annotated[
    Annotated[Grid, Tag(":grid")]
    | Annotated[Zip, Tag(":zip")]
    | Annotated[Rows, Tag(":list")]
    | Annotated[Lhs, Tag(":lhs")]
    | Annotated[Sobol, Tag(":sobol")]
    | Annotated[Random, Tag(":random")]
    | Annotated[Factorial, Tag(":factorial")]
    | Annotated[Product, Tag(":product")],
    Discriminator(_form_of),
    BeforeValidator(_one_form),
]
"""Any design, by its key."""

Product.model_rebuild()
