"""Snapshots: the rows of a population after chosen steps, one per agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from catallaxy.agents.population import Column, Population

__all__ = ["NO_SNAPSHOTS", "Snapshot", "Snapshots"]


@dataclass(frozen=True)
class Snapshot:
    """What the agents of one population held after one step.

    Attributes
    ----------
    population : str
        Name in the scenario.
    step : int
        From 0.
    networks : tuple of str
        Networks of the run: the rows of columns that have one row per network.
    agents : int64[n]
        Identifiers.
    columns : tuple of (Column, array[n] or array[K, n])
        Every other declared column with a copy of its values, in declared order. Floats are float32, integers
        exact, truth values int8.
    """

    population: str
    step: int
    networks: tuple[str, ...]
    agents: npt.NDArray[np.int64]
    columns: tuple[tuple[Column, npt.NDArray[Any]], ...]

    def __len__(self) -> int:
        return len(self.agents)


@dataclass(frozen=True)
class Snapshots:
    """Which snapshots a run takes.

    Attributes
    ----------
    populations : tuple of str
        Names; one that a scenario does not have is left out.
    steps : tuple of int
        After which steps, from 0; -1 is the last step of the scenario. A run that stops earlier has no later ones.
    """

    populations: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()

    def due(self, step: int, planned: int) -> bool:
        """Tell whether there is one after a step.

        Parameters
        ----------
        step : int
            The step that has just ended, from 0.
        planned : int
            Steps of the scenario.

        Returns
        -------
        bool
        """
        return step in self.steps or (step == planned - 1 and -1 in self.steps)

    def take(self, step: int, networks: tuple[str, ...], populations: Mapping[str, Population]) -> list[Snapshot]:
        """Copy the rows of the populations.

        Parameters
        ----------
        step : int
            The step that has just ended, from 0.
        networks : tuple of str
        populations : mapping of str to Population
            All of the run.

        Returns
        -------
        list of Snapshot
            One per population, in the order asked for.
        """
        here = (populations[name] for name in self.populations if name in populations)
        return [
            Snapshot(population.name, step, networks, _copied(population, "ids"), _columns(population))
            for population in here
        ]


NO_SNAPSHOTS = Snapshots()
"""What a run takes unless it is told otherwise."""

_STORED = {"f": np.float32, "b": np.int8}


def _columns(population: Population) -> tuple[tuple[Column, npt.NDArray[Any]], ...]:
    declared = (column for column in population.COLUMNS if column.name != "ids")
    return tuple((column, _copied(population, column.name)) for column in declared)


def _copied(population: Population, name: str) -> npt.NDArray[Any]:
    values = population.columns[name][..., : population.n]
    return values.astype(_STORED.get(values.dtype.kind, values.dtype))
