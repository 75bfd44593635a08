"""What a sweep file can say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.recording.metrics import METRICS
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.sweeps.answers.goals import Goal
from catallaxy.sim.sweeps.design.designs import Design
from catallaxy.sim.sweeps.plan import MAX_RUNS

__all__ = ["MAX_POINTS", "MAX_SETTINGS", "RESERVED", "RecordSpec", "SweepSpec", "sweep_problems"]

MAX_POINTS = 1_000_000
"""Most points of a sweep."""
MAX_SETTINGS = 10_000_000
"""Most points times parameters of a sweep."""
RESERVED = ("scenario", "variant", "overrides")
"""Parameters of a design that are no paths in a scenario but choose one."""

_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class RecordSpec(Spec):
    """What is kept of every run besides its key figures."""

    series: tuple[str, ...] = quantity((), unit="-", doc="Metrics whose path is kept.")
    every: int = quantity(1, unit="step", doc="Steps between two kept values; the last one is always kept.", ge=1)
    agents: tuple[str, ...] = quantity((), unit="-", doc="Populations whose agents are kept, a row each.")
    agent_steps: tuple[Annotated[int, Field(ge=-1)], ...] = quantity(
        (-1,), unit="step", doc="After which steps agents are kept, from 0; -1 is the last one."
    )


class SweepSpec(Spec):
    """A sweep: a design over the parameters of a scenario, with replicates."""

    schema_version: Literal[1] = quantity(1, unit="-", doc="Version of the sweep language.")
    name: _Name = quantity(unit="-", doc="Name of the sweep; names its results folders.")
    question: str = quantity("", unit="-", doc="The question that the sweep asks.")
    description: str = quantity("", unit="-", doc="What it varies and why, in a few sentences.")
    scenario: str | None = quantity(
        None, unit="-", doc="A shipped scenario, or a scenario file in the folder of the sweep file."
    )
    variant: str | None = quantity(None, unit="-", doc="One of the scenario file's `scenarios`.")
    overrides: tuple[str, ...] = quantity((), unit="-", doc="The scenario file's `overrides` that all runs share.")
    set: dict[str, Any] = quantity(default_factory=dict, unit="-", doc="Values by dotted path that all runs share.")
    seed: int | None = quantity(
        None, unit="-", doc="Root seed of all runs; the scenario's when absent.", ge=0, le=2**63 - 1
    )
    replicates: int = quantity(1, unit="run", doc="Runs of each point, with independent chance.", ge=1, le=100_000)
    seeding: Literal["common", "independent"] = quantity(
        "common", unit="-", doc="Whether replicate r has the same chance at every point (common random numbers)."
    )
    design: Design | None = quantity(None, unit="-", doc="Which settings to try; one point, as it is, when absent.")
    record: RecordSpec = quantity(default_factory=RecordSpec, unit="-", doc="What is kept besides key figures.")
    kpis: tuple[str, ...] = quantity((), unit="-", doc="Key figures of one's own, as package.module:name.")
    goals: tuple[Goal, ...] = quantity((), unit="-", doc="What a run should reach.")

    @property
    def points(self) -> int:
        """Number of points, equal ones counted each."""
        return 1 if self.design is None else self.design.size


def sweep_problems(sweep: SweepSpec) -> list[tuple[YamlPath, str]]:
    """Return everything that is wrong between the fields of a sweep.

    Parameters
    ----------
    sweep : SweepSpec
        Already valid field by field.

    Returns
    -------
    list of (path, message)
    """
    return [*_sizes(sweep), *_unknown_metrics(sweep), *_scenario_problems(sweep), *_parameter_problems(sweep)]


def _sizes(sweep: SweepSpec) -> Iterator[tuple[YamlPath, str]]:
    if sweep.design is None and "design" in sweep.model_fields_set:
        yield ("design",), "the design is empty; leave the key out to run the scenario as it is"
    if sweep.points > MAX_POINTS:
        yield ("design",), f"the design has {sweep.points:,} points; at most {MAX_POINTS:,} are possible"
    elif sweep.points * len(dict(_names(sweep))) > MAX_SETTINGS:
        yield (
            ("design",),
            f"{sweep.points:,} points of {len(dict(_names(sweep))):,} parameters; points times parameters may be "
            f"{MAX_SETTINGS:,} at most",
        )
    elif sweep.points * sweep.replicates > MAX_RUNS:
        runs = sweep.points * sweep.replicates
        yield (
            ("replicates",),
            f"{sweep.points:,} points of {sweep.replicates:,} runs are {runs:,} runs; at most {MAX_RUNS:,} can be",
        )


def _unknown_metrics(sweep: SweepSpec) -> Iterator[tuple[YamlPath, str]]:
    known = [metric.name for metric in METRICS]
    for index, name in enumerate(sweep.record.series):
        if name not in known:
            hint = did_you_mean(name, known) or "; `catallaxy describe` lists them"
            yield ("record", "series", index), f"there is no metric {name!r}{hint}"


def _scenario_problems(sweep: SweepSpec) -> Iterator[tuple[YamlPath, str]]:
    varied = dict(_names(sweep))
    if sweep.scenario is None and "scenario" not in varied:
        yield ("scenario",), "no scenario is named; write `scenario:` and the name of a shipped one or a file"
    for key in ("scenario", "variant", "seed"):
        if getattr(sweep, key) is not None and key in varied:
            yield varied[key], f"{key!r} is given for all runs and varied too; keep one of them"
    if sweep.seeding == "independent" and "seed" in varied:
        yield varied["seed"], "independent seeding gives every point a seed of its own; seed cannot be varied too"


def _parameter_problems(sweep: SweepSpec) -> Iterator[tuple[YamlPath, str]]:
    for path, place in [*_names(sweep), *((path, ("set", path)) for path in sweep.set)]:
        if path == "replicates":
            yield place, "say how many runs each point has with `replicates:` of the sweep"
        elif path in RESERVED and place[0] == "set":
            yield place, f"{path!r} of all runs stands beside `set`, not in it"
        elif path == "seed" and place[0] == "set":
            yield place, "the seed of all runs is `seed:` of the sweep"


def _names(sweep: SweepSpec) -> list[tuple[str, YamlPath]]:
    return [(path, ("design", *at)) for path, at in sweep.design.names()] if sweep.design else []
