"""What a Mesa user sees of one compiled population: an agent per row, made when it is asked for.

A row reads and writes the population's arrays; making one costs about a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from catallaxy.agents.population import Population

if TYPE_CHECKING:
    from catallaxy.sim.mesa.model import TokenEconomy

__all__ = ["Row", "Rows"]


class Row:
    """One agent of a compiled population; every column of the population is an attribute.

    A column with one row per network reads as a tuple. Balances may be written, but money that appears without an
    entry in the ledger stops the run at the next audit.

    Parameters
    ----------
    model : TokenEconomy
    population : Population
    row : int

    Attributes
    ----------
    model : TokenEconomy
    pos : None
        A row has no position in space.
    """

    __slots__ = ("_population", "_row", "model")

    pos = None

    def __init__(self, model: TokenEconomy, population: Population, row: int) -> None:
        self.model = model
        self._population = population
        self._row = row

    @property
    def unique_id(self) -> int:
        """Identifier, unique in the model and the same in every run of the scenario."""
        return int(self._population.ids[self._row])

    @property
    def random(self) -> Random:
        """The model's random number generator of the standard library."""
        generator: Random = self.model.random
        return generator

    @property
    def rng(self) -> np.random.Generator:
        """The model's NumPy random number generator."""
        generator: np.random.Generator = self.model.rng
        return generator

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and other._population is self._population and other._row == self._row

    def __hash__(self) -> int:
        return hash((id(self._population), self._row))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.unique_id}>"


def _attribute(name: str, doc: str) -> property:
    def read(row: Row) -> Any:
        values = row._population.columns[name]
        return values[row._row].item() if values.ndim == 1 else tuple(values[:, row._row].tolist())

    def write(row: Row, value: Any) -> None:
        row._population.columns[name][..., row._row] = value

    return property(read, None if name == "ids" else write, doc=doc)


def _row_type(population: Population) -> type[Row]:
    sentences = {column.name: f"{column.doc} Unit: {column.unit}." for column in population.COLUMNS}
    columns = {name: _attribute(name, sentences.get(name, name)) for name in population.columns}
    name = "".join(word.capitalize() for word in population.name.replace("-", "_").split("_"))
    doc = f"An agent of the population {population.name!r}."
    return type(name, (Row,), {"__slots__": (), "__doc__": doc, "__module__": __name__, **columns})


class Rows(Sequence[Row]):
    """All agents of one compiled population.

    Parameters
    ----------
    model : TokenEconomy
    population : Population

    Attributes
    ----------
    kind : type
        Class of the rows, made for this population.
    """

    def __init__(self, model: TokenEconomy, population: Population) -> None:
        self.model = model
        self.population = population
        self.kind = _row_type(population)

    def __len__(self) -> int:
        return len(self.population)

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        """Return a row, or a list of rows."""
        if isinstance(index, slice):
            return [self.kind(self.model, self.population, row) for row in range(*index.indices(len(self)))]
        return self.kind(self.model, self.population, range(len(self))[index])

    def __iter__(self) -> Iterator[Row]:
        return (self.kind(self.model, self.population, row) for row in range(len(self)))

    def __contains__(self, agent: object) -> bool:
        return isinstance(agent, Row) and agent._population is self.population

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a column as it stands in memory, one row per agent.

        Parameters
        ----------
        name : str

        Returns
        -------
        array[n] or array[n, K]

        Raises
        ------
        AttributeError
            When the population has no such column.
        """
        columns = self.population.columns
        if name == "unique_id":
            name = "ids"
        if name not in columns:
            raise AttributeError(
                f"population {self.population.name!r} has no column {name!r}; it has {', '.join(columns)}"
            )
        return columns[name].T

    def has(self, name: str) -> bool:
        """Return whether the population has a column."""
        return name in self.population.columns or name == "unique_id"

    def assign(self, name: str, value: Any) -> None:
        """Write one value, or an array with one row per agent, to a column.

        Parameters
        ----------
        name : str
        value : Any

        Raises
        ------
        AttributeError
            When the population has no such column, or it holds the identifiers.
        """
        target = self.column(name)
        if target is self.population.ids or target.base is self.population.ids:
            raise AttributeError("identifiers key every random draw and cannot be changed")
        target[...] = value
