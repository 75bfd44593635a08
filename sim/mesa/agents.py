"""Sets of agents of a `TokenEconomy`: rows of compiled populations and Mesa agents in one `AgentSet`-like sequence.

`get`, `set` and `agg` work on whole columns; `select` with a filter, `map` and iteration go row by row.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from catallaxy.sim.mesa.rows import Rows

__all__ = ["Agents"]

_ADVICE = (
    "{name!r} is a population of arrays: the phases of a step move it, so its agents cannot be called one by one. Use "
    "model.native.do(...) for agents of your own; .select(...).do(...) or .map(...) for some of its rows; "
    "model.engine.economy.populations[{name!r}].columns for whole arrays; or a population of your own with a method "
    "on_<phase> (docs/extending.md)"
)


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
            filled = handle_missing == "default" and not part.has(name)
            return np.full(len(part), default) if filled else part.column(name)
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
                part.assign(attr_name, value)
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
            chosen = (
                filter(filter_func, itertools.chain.from_iterable(parts))
                if filter_func
                else iter(Agents(parts, self.random))
            )
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
        """Call a method or a function on every agent and return the set; see `map`.

        Parameters
        ----------
        method : str or callable
        *args, **kwargs
            Passed on.

        Returns
        -------
        Agents

        Raises
        ------
        TypeError
            When there is a whole compiled population among the agents: the phases of a step move it.
        """
        self._refuse_populations()
        self.map(method, *args, **kwargs)
        return self

    def shuffle_do(self, method: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Agents:
        """Do as `do`, in random order."""
        self._refuse_populations()
        self.shuffle().map(method, *args, **kwargs)
        return self

    def _refuse_populations(self) -> None:
        for part in self._parts:
            if isinstance(part, Rows):
                raise TypeError(_ADVICE.format(name=part.population.name))

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
