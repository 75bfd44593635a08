"""The combinations of drivers that a thesis is tested on: the ends, the ablation, and the factorial design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catallaxy.sim.errors import CatallaxyError, ScenarioError
from catallaxy.sim.scenario.loading import load, scenario_hash
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.statics.changing import NotApplicable, changed
from catallaxy.sim.statics.statics_file import Change
from catallaxy.sim.thesis.thesis_file import ThesisSpec

__all__ = ["ALL", "NONE", "STAGES", "Combination", "Stage", "check_drivers", "named", "stages", "without"]

ALL, NONE = "all drivers", "no driver"
STAGES = ("ends", "ablation", "design")

Combination = tuple[bool, ...]
"""Which drivers are on, in the order of the thesis."""


@dataclass(frozen=True)
class Stage:
    """Combinations that are run with equally many worlds.

    Attributes
    ----------
    name : {"ends", "ablation", "design"}
    worlds : int
        Replicates of each; replicate r has the same chance everywhere.
    combinations : tuple of Combination
    """

    name: str
    worlds: int
    combinations: tuple[Combination, ...]


def stages(spec: ThesisSpec) -> tuple[Stage, ...]:
    """Return what is run.

    Parameters
    ----------
    spec : ThesisSpec

    Returns
    -------
    tuple of Stage
        Both ends; all drivers but one and one driver only, in the order of the thesis; the factorial design.
    """
    n = len(spec.drivers)
    alone = [tuple(i == j for j in range(n)) for i in range(n)]
    but_one = [tuple(not on for on in combination) for combination in alone]
    design = tuple(tuple(row) for row in spec.fraction.signs())
    return (
        Stage("ends", spec.worlds.ends, ((True,) * n, (False,) * n)),
        Stage("ablation", spec.worlds.ablation, (*but_one, *alone)),
        Stage("design", spec.worlds.design, design),
    )


def named(combination: Combination, spec: ThesisSpec) -> str:
    """Return what a combination is called in tables.

    Parameters
    ----------
    combination : Combination
    spec : ThesisSpec

    Returns
    -------
    str
    """
    on = [name for name, is_on in zip(spec.drivers, combination, strict=True) if is_on]
    if len(on) == len(spec.drivers):
        return ALL
    return " + ".join(on) or NONE


def without(spec: ThesisSpec, base: Scenario, combination: Combination) -> Scenario:
    """Return the scenario in which only the drivers of a combination are left.

    Parameters
    ----------
    spec : ThesisSpec
    base : Scenario
        With all drivers.
    combination : Combination

    Returns
    -------
    Scenario

    Raises
    ------
    CatallaxyError
        When a driver cannot be taken away from this scenario; the message says which and why.
    """
    tree = base.model_dump(mode="json")
    for name, is_on in zip(spec.drivers, combination, strict=True):
        if not is_on:
            tree = _taken(tree, name, spec.drivers[name].off)
    return load(tree)


def check_drivers(spec: ThesisSpec, base: Scenario) -> None:
    """Take every driver away alone, and complain of all that cannot be.

    Parameters
    ----------
    spec : ThesisSpec
    base : Scenario

    Raises
    ------
    CatallaxyError
        With one line per driver.
    """
    tree, problems = base.model_dump(mode="json"), []
    for name, driver in spec.drivers.items():
        try:
            left = load(_taken(tree, name, driver.off))
            if scenario_hash(left) == scenario_hash(base):
                problems.append(f"{name}: taking it away leaves {base.name} as it is; the scenario does not have it")
        except ScenarioError as error:
            problems += [f"{name}: {problem.path}: {problem.message}" for problem in error.problems]
        except CatallaxyError as error:
            problems.append(str(error))
    if problems:
        lines = "\n".join(f"  drivers.{line}" for line in problems)
        raise CatallaxyError(f"the thesis {spec.name} cannot be tested on {base.name}:\n{lines}")


def _taken(tree: Mapping[str, object], name: str, off: Mapping[str, Change]) -> dict[str, object]:
    try:
        return changed(tree, off)
    except NotApplicable as error:
        raise CatallaxyError(f"{name}: {error}") from error
