"""What counts as a cycle, a supercycle, a stall or a death spiral: thresholds, read from a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.recording.metrics import METRICS
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.scenario.library import find, shipped_verdicts, shown_name
from catallaxy.sim.scenario.yaml_loader import read_file

__all__ = ["CycleSpec", "DeathSpiralSpec", "StallSpec", "SupercycleSpec", "VerdictRules", "load_rules"]

_SOURCE = "Eight deAI tokens, 2021-06-15 to 2025-06-12, zig-zag of factor 2.5 (docs/calibration.md)."


class CycleSpec(Spec):
    """An ordinary cycle: a rise and a fall by a factor."""

    factor: float = quantity(
        2.5, unit="1", doc="Rise from a trough, and fall from the peak, of the index.", gt=1, le=1000, source=_SOURCE
    )
    least_days: int = quantity(30, unit="day", doc="Shortest rise.", ge=1, le=36500)


class SupercycleSpec(Spec):
    """A rise that is more than a cycle: it has to pass all of these."""

    amplitude: float = quantity(
        10.0, unit="1", doc="Rise of the index from trough to peak.", gt=1, le=1e6, source=_SOURCE + " Median 5.7."
    )
    over_previous_peak: float = quantity(
        1.5, unit="1", doc="Peak over the highest price before the rise (assumption).", gt=0, le=1e6
    )
    least_days: int = quantity(
        246, unit="day", doc="Shortest rise: twice the median of bull phases.", ge=1, le=36500, source=_SOURCE
    )
    breadth: float = quantity(
        0.6, unit="1", doc="Share of tokens that rise by a cycle's factor in that time (assumption).", ge=0, le=1
    )
    rotation: float = quantity(
        0.0,
        unit="1",
        doc="Log return of the smaller half of tokens over the larger half's in the second half of the rise, less that "
        "in the first; not asked of fewer than four tokens or where sizes are not known (assumption).",
        ge=-100,
        le=100,
    )
    level: float = quantity(
        0.95, unit="1", doc="Confidence at which the index must be explosive (GSADF, wild bootstrap).", ge=0.5, lt=1
    )


class StallSpec(Spec):
    """A price that has had a rise and moves no more."""

    days: int = quantity(365, unit="day", doc="Length of the time at the end that is looked at.", ge=1, le=36500)
    factor: float = quantity(1.5, unit="1", doc="Highest over lowest price in that time, at most.", gt=1, le=1000)


class DeathSpiralSpec(Spec):
    """A fall from which there was no return."""

    share_of_peak: float = quantity(0.01, unit="1", doc="Index over its highest price, at most.", gt=0, lt=1)
    days: int = quantity(180, unit="day", doc="How long it has been so low, up to the end.", ge=1, le=36500)


class VerdictRules(Spec):
    """A file of thresholds."""

    schema_version: Literal[1] = quantity(1, unit="-", doc="Version of this language.")
    name: str = quantity(unit="-", doc="Name of the file.")
    question: str = quantity("", unit="-", doc="The question that the verdict answers.")
    cycle: CycleSpec = quantity(default_factory=CycleSpec, unit="-", doc="What a cycle is.")
    supercycle: SupercycleSpec = quantity(default_factory=SupercycleSpec, unit="-", doc="What makes it more.")
    stall: StallSpec = quantity(default_factory=StallSpec, unit="-", doc="What a stall is.")
    death_spiral: DeathSpiralSpec = quantity(default_factory=DeathSpiralSpec, unit="-", doc="What a death spiral is.")
    endings: dict[str, Literal["up", "down"]] = quantity(
        default_factory=dict, unit="-", doc="Series that may have ended a rise, and which way they then went."
    )


def load_rules(source: str | Path) -> VerdictRules:
    """Read and check a file of thresholds.

    Parameters
    ----------
    source : str or Path
        The name of a shipped one ("supercycle"), or a YAML file.

    Returns
    -------
    VerdictRules

    Raises
    ------
    ScenarioError
        With every problem found in the file.
    """
    path = find(source, shipped_verdicts(), "file of verdict rules")
    document = replace(read_file(path, shown_name(path)), folder=path.resolve().parent)
    if not isinstance(document.data, dict):
        raise ScenarioError([document.problem((), "a file of verdict rules is a mapping (`key: value` lines)")])
    return check(document, VerdictRules, lambda rules: list(_problems(rules)))


def _problems(rules: VerdictRules) -> Iterator[tuple[YamlPath, str]]:
    if rules.supercycle.amplitude < rules.cycle.factor:
        yield ("supercycle", "amplitude"), f"a supercycle rises by at least as much as a cycle ({rules.cycle.factor:g})"
    known = {metric.name for metric in METRICS}
    for name in rules.endings:
        if name not in known:
            yield ("endings", name), f"no series is called {name!r}; docs/key-figures.md lists them"
