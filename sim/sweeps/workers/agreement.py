"""Whether a worker may do the runs of a plan: same code, same scenarios, same plug-ins."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from catallaxy.agents.plugins import trust_plugins, trusted_packages
from catallaxy.sim.engine.genesis import replicate_seed
from catallaxy.sim.errors import CatallaxyError, ResultsError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.identity import code_version, run_id
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.sweeps.design.bases import Templates
from catallaxy.sim.sweeps.design.templates import Resolved
from catallaxy.sim.sweeps.plan import SIMULATE, Context, PlannedRun
from catallaxy.sim.sweeps.workers.crash_logs import worker_name

__all__ = [
    "Disagreement",
    "Scenarios",
    "check_code",
    "check_id",
    "check_trusted",
    "imported",
    "scenario_of",
    "trust",
]

_KEPT_POINTS = 8


class Disagreement(CatallaxyError):
    """The plan says one thing and the code of this worker another."""


def scenario_of(context: Context, run: PlannedRun) -> Scenario:
    """Return the scenario of a run: the base of its point, with the point's settings laid over it.

    Parameters
    ----------
    context : Context
    run : PlannedRun

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        When it is not valid here, for instance because a plug-in is another one.
    """
    return load(context.bases[run.base], sets=run.sets)


class Scenarios:
    """The scenarios of a plan's points, each resolved and checked when its first run is done; the last few are kept.

    Parameters
    ----------
    context : Context
    """

    def __init__(self, context: Context) -> None:
        self._templates = Templates(context.bases)
        self._kept: dict[object, Scenario] = {}

    def of(self, run: PlannedRun) -> Scenario:
        """Return the scenario of a run, as `scenario_of` does, but faster where points differ in numbers only.

        Parameters
        ----------
        run : PlannedRun

        Returns
        -------
        Scenario

        Raises
        ------
        ScenarioError
            As `scenario_of`.
        Disagreement
            When it is not the scenario of which the plan speaks.
        """
        point = (run.base, tuple((path, type(value), value) for path, value in run.sets.items()))
        if point not in self._kept:
            resolved = self._templates.resolve(run.base, run.sets)
            check_id(resolved, run)
            self._kept[point] = resolved.scenario
            if len(self._kept) > _KEPT_POINTS:
                del self._kept[next(iter(self._kept))]
        return self._kept[point]


def check_code(context: Context) -> None:
    """Refuse to work for a planner that has another code; `Disagreement` names both."""
    if context.code != code_version():
        raise Disagreement(
            f"the sweep was planned by catallaxy {context.code}, and the worker {worker_name()} "
            f"runs catallaxy {code_version()}: results of two versions must not be mixed. "
            "Give all machines the same version, or plan the sweep again"
        )


def check_id(resolved: Resolved, run: PlannedRun) -> None:
    """Refuse a run that is not what the plan calls by its name; a run without a name is not checked."""
    if not run.run_id:
        return
    seed = int(replicate_seed(resolved.scenario.seed, run.replicate))
    found = run_id(resolved.hash, seed, run.replicate)
    if found != run.run_id:
        raise Disagreement(
            f"the plan and the code disagree on run {run.row}: it is {run.run_id} in the plan and {found} here. "
            "A plug-in or a library differs between the planner and this worker, or the plan was edited; "
            "give all machines the same ones, or plan the sweep again"
        )


def check_trusted(context: Context) -> None:
    """Refuse a sweep that runs code of packages that the user has not trusted: it may come from somebody else.

    Parameters
    ----------
    context : Context

    Raises
    ------
    ResultsError
        With the packages, and how to trust them.
    """
    named = (context.simulate, *context.recording.kpis)
    called = {reference.partition(":")[0].partition(".")[0] for reference in named}
    foreign = sorted({*context.plugins, *called}.difference(trusted_packages(), {"catallaxy"}))
    if foreign:
        options = " ".join(f"--plugins {name}" for name in foreign)
        raise ResultsError(
            f"the sweep runs code of {', '.join(foreign)}, which you have not trusted; if you know that code, say "
            f"{options} on the command line, or call catallaxy.trust_plugins"
        )


def trust(context: Context, *, by_driver: bool = False) -> None:
    """Make the plug-in packages of a sweep importable; those of the user may be in the current folder.

    Parameters
    ----------
    context : Context
    by_driver : bool, optional
        Whether this is a worker, for which the driver has asked `check_trusted`.

    Raises
    ------
    ResultsError
        As `check_trusted`, which is asked here unless the driver has.
    """
    if not by_driver:
        check_trusted(context)
    here = str(Path.cwd())
    if (context.plugins or context.recording.kpis or context.simulate != SIMULATE) and here not in sys.path:
        sys.path.append(here)
    trust_plugins(*context.plugins)


def imported(reference: str) -> Callable[..., RunRecord]:
    """Import the function that does the runs, `module:name`; `CatallaxyError` says why it cannot be had."""
    module, _, name = reference.partition(":")
    try:
        function: Callable[..., RunRecord] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise CatallaxyError(f"the worker cannot import {reference!r}, which is to do the runs: {error}") from error
    return function
