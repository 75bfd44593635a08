"""Where a set of records comes from: the scenario, the seed and the request, as the caller knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catallaxy.sim.results.identity import result_hash

__all__ = ["About", "ParameterRow", "RunOrigin"]


@dataclass(frozen=True)
class ParameterRow:
    """One line of the parameter table.

    Attributes
    ----------
    path : str
        Dotted path in the scenario.
    value : str
        The value as the scenario writes it.
    unit, description, source : str
        From the declaration of the parameter; empty when it has none.
    default : bool, optional
        Whether the value is the declared default; None when the caller does not know.
    """

    path: str
    value: str
    unit: str = ""
    description: str = ""
    source: str = ""
    default: bool | None = None


@dataclass(frozen=True)
class About:
    """What a reader of the report must know about the scenario.

    Attributes
    ----------
    question : str
        The question that the scenario asks.
    description : str
        A paragraph on what is modelled.
    notes : tuple of str
        Assumptions, one sentence each.
    events : tuple of (str, str)
        Dated events: when, and what happens.
    parameters : tuple of ParameterRow
        The resolved scenario as a table.
    base_units : mapping of str to float
        Size of one base unit of an instrument, in whole units ("USD": 1e-6). An instrument that is not named
        counts 1e-6 when it is "USD" and 1e-9 otherwise.
    """

    question: str = ""
    description: str = ""
    notes: tuple[str, ...] = ()
    events: tuple[tuple[str, str], ...] = ()
    parameters: tuple[ParameterRow, ...] = ()
    base_units: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RunOrigin:
    """The request that produced a set of records.

    Attributes
    ----------
    name : str
        Name of the scenario.
    scenario_yaml : str
        The resolved scenario: it can be run again on its own.
    scenario_hash : str
        Hash of the resolved scenario.
    seed : int
        Root seed of the run.
    steps : int
        Steps requested for each replicate.
    started : datetime
        When the first replicate started.
    replicates : int
        Replicates requested.
    first : int
        Number of the first replicate.
    argv : tuple of str
        Command line, or () when run from Python.
    wall_s : float, optional
        Elapsed seconds; the sum over replicates when None.
    about : About
        Text and tables for the report.
    """

    name: str
    scenario_yaml: str
    scenario_hash: str
    seed: int
    steps: int
    started: datetime
    replicates: int = 1
    argv: tuple[str, ...] = ()
    wall_s: float | None = None
    about: About = field(default_factory=About)
    first: int = 0

    @property
    def hash(self) -> str:
        """Hash of scenario, seed, replicates, steps and code version; it names the results folder."""
        return result_hash(self.scenario_hash, self.seed, self.replicates, self.steps, self.first)
