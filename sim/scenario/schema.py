"""The scenario: everything that one run depends on, besides the code."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, SerializeAsAny, model_validator

import catallaxy.agents.kinds  # noqa: F401  files the built-in agent kinds
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.plugins import Registered
from catallaxy.agents.population import AGENT_KINDS, PopulationSpec
from catallaxy.sim.environment.attention import AttentionSpec
from catallaxy.sim.environment.drivers import DriversSpec
from catallaxy.sim.environment.events import EventSpec
from catallaxy.sim.markets.services import ServicesSpec
from catallaxy.sim.scenario.schema_network import NetworkSpec

__all__ = ["Scenario"]

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
_Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
AnyPopulation: TypeAlias = Annotated[SerializeAsAny[PopulationSpec], Registered(AGENT_KINDS)]


class ProvenanceSpec(Spec):
    """The log of what models are made of."""

    release_days: float = quantity(
        90.0,
        unit="day",
        doc="Time between two versions of a builder's model; the last one is released at the end.",
        gt=0,
    )
    parties: int = quantity(
        1000,
        unit="1",
        doc="Providers, and nodes, that a version names, the best paid first; the others make up one entry.",
        ge=1,
        le=1_000_000,
    )


class Scenario(Spec):
    """A complete, validated scenario."""

    schema_version: Literal[1] = quantity(1, unit="-", doc="Version of the scenario language.")
    name: _Name = quantity(unit="-", doc="Name of the scenario; names its results folders.")
    question: str = quantity("", unit="-", doc="The question that the scenario asks.")
    description: str = quantity("", unit="-", doc="What the scenario assumes, in a few sentences.")
    start: dt.date = quantity(dt.date(2024, 1, 1), unit="date", doc="Calendar date of the first step.")
    steps: int = quantity(365, unit="step", doc="Steps to run.", ge=1, le=200_000)
    dt_days: float = quantity(1.0, unit="day", doc="Length of a step.", gt=0, le=31)
    seed: int = quantity(1, unit="-", doc="Root seed of all chance.", ge=0, le=2**63 - 1)
    replicates: int = quantity(1, unit="run", doc="Runs with independent chance.", ge=1, le=100_000)
    drivers: DriversSpec = quantity(default_factory=DriversSpec, unit="-", doc="What moves the world outside.")
    attention: AttentionSpec = quantity(
        default_factory=AttentionSpec,
        unit="-",
        doc="What the narrative and public attention carry into, and what feeds it.",
    )
    events: tuple[EventSpec, ...] = quantity((), unit="-", doc="Dated events.")
    services: ServicesSpec = quantity(
        default_factory=ServicesSpec, unit="-", doc="Markets for compute, data, inference."
    )
    networks: dict[_Key, NetworkSpec] = quantity(unit="-", doc="Token networks by name.")
    populations: dict[_Key, AnyPopulation] = quantity(
        unit="-", doc="Populations by name; the name is the kind unless `kind` says otherwise."
    )
    provenance: ProvenanceSpec | None = quantity(
        None, unit="-", doc="Log of the data, nodes, payments and checks behind each model; none when it is left out."
    )

    @model_validator(mode="before")
    @classmethod
    def _name_is_kind(cls, value: Any) -> Any:
        populations = value.get("populations") if isinstance(value, dict) else None
        if not isinstance(populations, dict):
            return value
        named = {name: {"kind": name, **spec} if isinstance(spec, dict) else spec for name, spec in populations.items()}
        return {**value, "populations": named}

    @property
    def agents(self) -> int:
        """Number of agents of all populations."""
        return sum(population.count for population in self.populations.values())
