"""What a Mesa user sees of compiled populations: one agent per row, made when it is asked for.

A row reads and writes the population's arrays. Sets of rows follow `mesa.agent.AgentSet`: `get`, `set` and `agg`
work on whole columns; `select`, `map` and iteration make rows one by one, which costs about a microsecond each.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn, overload

import numpy as np
import numpy.typing as npt

from catallaxy.agents.population import Population

if TYPE_CHECKING:
    from catallaxy.sim.mesa_model import TokenEconomy

__all__ = ["Agents", "Row", "Rows"]


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
        """Return a copy of a column, with one row per agent.

        Parameters
        ----------
        name : str

        Returns
        -------
        array[n] or array[n, K]
        """
        if name == "unique_id":
            name = "ids"
        if name not in self.population.columns:
            known = ", ".join(self.population.columns)
            raise AttributeError(f"population {self.population.name!r} has no column {name!r}; it has {known}")
        return self.population.columns[name].T.copy()


class Agents(Sequence[Any]):
    """Agents of several kinds in a fixed order, like a Mesa `AgentSet`.

    Parameters
    ----------
    parts : sequence
        `Rows` of populations, and sequences or Mesa sets of single agents.
    random : random.Random
        Generator for `shuffle`.
    """

    def __init__(self, parts: Sequence[Any], random: Random) -> None:
        self._parts = parts
        self.random = random

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain.from_iterable(self._parts)

    def __contains__(self, agent: object) -> bool:
        return any(agent in part for part in self._parts)

    def __getitem__(self, index: int | slice) -> Any:
        """Return an agent, or a list of agents."""
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        for part in self._parts:
            if place < len(part):
                return part[place] if isinstance(part, Rows) else list(part)[place]
            place -= len(part)
        raise IndexError(index)

    def __repr__(self) -> str:
        return f"<Agents: {len(self):,}>"

    def get(self, attr_names: str | Sequence[str], handle_missing: str = "error", default_value: Any = None) -> Any:
        """Return an attribute of every agent.

        Parameters
        ----------
        attr_names : str or sequence of str
        handle_missing : {"error", "default"}
            What to do about agents without the attribute.
        default_value : Any, optional
            Their value with "default".

        Returns
        -------
        array[n] or array[n, K], or list of them
            In the order of the agents; a copy.

        Raises
        ------
        AttributeError
            When an agent lacks the attribute.
        ValueError
            When the attribute has one value per agent in one population and one per network in another.
        """
        if not isinstance(attr_names, str):
            return [self.get(name, handle_missing, default_value) for name in attr_names]
        found = [self._values(part, attr_names, handle_missing, default_value) for part in self._parts if len(part)]
        if len({values.ndim for values in found}) > 1:
            raise ValueError(
                f"{attr_names!r} is one number per agent in some populations and one per network in others; "
                "take one kind at a time, from agents_by_type"
            )
        return np.concatenate(found) if found else np.empty(0)

    def _values(self, part: Any, name: str, handle_missing: str, default: Any) -> npt.NDArray[Any]:
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing={handle_missing!r} is not known; allowed: 'error', 'default'")
        if isinstance(part, Rows):
            missing = name not in part.population.columns and name != "unique_id"
            return np.full(len(part), default) if missing and handle_missing == "default" else part.column(name)
        if handle_missing == "default":
            return np.array([getattr(agent, name, default) for agent in part])
        return np.array([getattr(agent, name) for agent in part])

    def set(self, attr_name: str, value: Any) -> Agents:
        """Give an attribute of every agent the same value; return the set.

        Parameters
        ----------
        attr_name : str
        value : Any

        Returns
        -------
        Agents
        """
        for part in self._parts:
            if isinstance(part, Rows):
                part.column(attr_name)
                part.population.columns[attr_name][...] = value
            else:
                for agent in part:
                    setattr(agent, attr_name, value)
        return self

    def agg(self, attribute: str, func: Callable[[Any], Any] | Iterable[Callable[[Any], Any]]) -> Any:
        """Return a function of an attribute of all agents, or a list for several functions.

        Parameters
        ----------
        attribute : str
        func : callable or iterable of callable
            `sum`, `min` and `max` run at the speed of NumPy.

        Returns
        -------
        Any
        """
        values = self.get(attribute)
        quick: dict[Any, Callable[[Any], Any]] = {sum: np.sum, min: np.min, max: np.max}
        if callable(func):
            return quick.get(func, func)(values)
        return [quick.get(one, one)(values) for one in func]

    def select(
        self,
        filter_func: Callable[[Any], bool] | None = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> Agents:
        """Return the agents that meet a condition.

        Parameters
        ----------
        filter_func : callable, optional
            Takes an agent, says whether to keep it.
        at_most : int or float, optional
            The first so many; a float up to 1 is a share of this set.
        inplace : bool, optional
            Change this set instead of making another one.
        agent_type : type, optional
            Only agents of this class.

        Returns
        -------
        Agents
        """
        parts = self._parts if agent_type is None else [_of_type(part, agent_type) for part in self._parts]
        if filter_func is not None or at_most != float("inf"):
            limit = int(at_most * len(self)) if isinstance(at_most, float) and at_most <= 1.0 else at_most
            chosen = filter(filter_func, itertools.chain.from_iterable(parts)) if filter_func else iter(Agents(parts, self.random))
            parts = [list(chosen if limit == float("inf") else itertools.islice(chosen, int(limit)))]
        if inplace:
            self._parts = parts
            return self
        return Agents(parts, self.random)

    def map(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Call a method or a function on every agent and return the results.

        Parameters
        ----------
        method : str or callable
        *args, **kwargs
            Passed on.

        Returns
        -------
        list
        """
        if isinstance(method, str):
            return [getattr(agent, method)(*args, **kwargs) for agent in self]
        return [method(agent, *args, **kwargs) for agent in self]

    def do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Agents:
        """Call a method or a function on every agent, unless there is a whole population among them.

        Parameters
        ----------
        method : str or callable
        *args, **kwargs
            Passed on.

        Returns
        -------
        Agents
            This set.

        Raises
        ------
        TypeError
            When the set holds a compiled population.
        """
        self._refuse_arrays("do")
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Agents:
        """Do as `do` in random order.

        Parameters
        ----------
        method : str or callable
        *args, **kwargs
            Passed on.

        Returns
        -------
        Agents
            This set.

        Raises
        ------
        TypeError
            When the set holds a compiled population.
        """
        self._refuse_arrays("shuffle_do")
        self.shuffle().map(method, *args, **kwargs)
        return self

    def _refuse_arrays(self, method: str) -> None:
        for part in self._parts:
            if isinstance(part, Rows):
                _advise(part.population.name, method)

    def shuffle(self) -> Agents:
        """Return the same agents in random order."""
        mixed = list(self)
        self.random.shuffle(mixed)
        return Agents([mixed], self.random)

    def sort(self, key: str | Callable[[Any], Any], ascending: bool = False) -> Agents:
        """Return the same agents ordered by an attribute or a function, largest first unless `ascending`."""
        by = attrgetter(key) if isinstance(key, str) else key
        return Agents([sorted(self, key=by, reverse=not ascending)], self.random)

    def to_list(self) -> list[Any]:
        """Return a list of the agents."""
        return list(self)


def _of_type(part: Any, kind: type) -> Any:
    if isinstance(part, Rows):
        return part if issubclass(part.kind, kind) else ()
    return [agent for agent in part if isinstance(agent, kind)]


def _advise(population: str, method: str) -> NoReturn:
    raise TypeError(
        f"{population!r} is a population of arrays that the phases of a step move, so {method}() cannot step its "
        f"agents. Use model.native.{method}(...) for agents of your own; .select(...).{method}(...) or .map(...) for "
        f"some rows; model.engine.economy.populations[{population!r}].columns for whole arrays; or a method "
        "on_<phase> in a population of your own (docs/extending.md)."
    )
