"""The study of a thesis from end to end: its worlds are run and judged, and its drivers measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catallaxy.agents.plugins import trusted_packages
from catallaxy.sim.cycles.rules import VerdictRules
from catallaxy.sim.results.folder import folder_name
from catallaxy.sim.results.identity import content_hash
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.writing import yaml_text
from catallaxy.sim.sweeps.listed import Listed
from catallaxy.sim.sweeps.plan import Plan, Recording
from catallaxy.sim.thesis.ablation import Line, ablation_lines
from catallaxy.sim.thesis.answer import Answer, answer
from catallaxy.sim.thesis.combinations import Stage, check_drivers, named, stages, without
from catallaxy.sim.thesis.effects import Effects, effects
from catallaxy.sim.thesis.outcomes import RECORDED, SUPERCYCLE, Worlds, worlds_of
from catallaxy.sim.thesis.thesis_file import ThesisSpec

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.options import Listener, SweepOptions

__all__ = ["Study", "study"]


@dataclass(frozen=True)
class Study:
    """What came out.

    Attributes
    ----------
    spec : ThesisSpec
    scenario, networks : str, tuple of str
        Name of the scenario, and its networks.
    rules : VerdictRules
    stages : tuple of (Stage, Worlds)
    lines : tuple of Line
        The ends and the ablation.
    effects : dict of str to Effects
        Of the factorial design, by outcome.
    answer : Answer
    folder : Path
        Holds the three sweeps.
    failed_runs : int
        Runs that did not complete; what they belong to leaves them out.
    level : float
    """

    spec: ThesisSpec
    scenario: str
    networks: tuple[str, ...]
    rules: VerdictRules
    stages: tuple[tuple[Stage, Worlds], ...]
    lines: tuple[Line, ...]
    effects: Mapping[str, Effects]
    answer: Answer
    folder: Path
    failed_runs: int
    level: float


def study(
    spec: ThesisSpec,
    scenario: Scenario,
    rules: VerdictRules,
    *,
    level: float = 0.95,
    out: str | Path = "results",
    options: SweepOptions | None = None,
    listener: Listener | None = None,
    argv: tuple[str, ...] = (),
) -> Study:
    """Run every world of a thesis and judge it; runs that were done before are not done again.

    Parameters
    ----------
    spec : ThesisSpec
    scenario : Scenario
        With all drivers.
    rules : VerdictRules
        What a supercycle is.
    level : float, optional
        Confidence of each interval.
    out : str or Path, optional
        Folder of results folders.
    options : SweepOptions, optional
        How the runs are done.
    listener : Listener, optional
        Who is told how far it is.
    argv : tuple of str, optional
        Command line, for the manifests.

    Returns
    -------
    Study

    Raises
    ------
    CatallaxyError
        When a driver cannot be taken away from the scenario, before anything is run.
    RunInterrupted
        When it was stopped; the same call goes on from there.
    """
    from catallaxy.sim.sweeps.answers.sweep_result import open_sweep
    from catallaxy.sim.sweeps.sweep import keep_plan, run_sweep

    base = scenario.model_copy(update={"replicates": 1})
    check_drivers(spec, base)
    planned = [(stage, _plan(spec, base, stage)) for stage in stages(spec)]
    name = f"{scenario.name}-{spec.name}-thesis"
    folder = Path(out) / folder_name(name, content_hash([plan.hash for _, plan in planned]))
    judged, failed = [], 0
    for stage, plan in planned:
        kept = keep_plan(plan, folder, argv)
        run_sweep(kept, options, listener)
        result = open_sweep(kept)
        judged.append((stage, worlds_of(result, rules)))
        failed += len(plan) - sum(status == "complete" for status in result.table("runs")["status"].to_pylist())
    ends, ablation, (design, worlds) = judged
    lines = ablation_lines(spec, ends, ablation, level)
    measured = {
        name: effects(
            list(spec.drivers),
            design.combinations,
            values,
            interactions=spec.fraction.resolution >= 5,
            level=level,
        )
        for name, values in worlds.values.items()
    }
    found = answer(lines[0].levels[SUPERCYCLE], lines[1].levels[SUPERCYCLE], measured, level)
    networks = tuple(scenario.networks)
    return Study(
        spec, scenario.name, networks, rules, tuple(judged), tuple(lines), measured, found, folder, failed, level
    )


def _plan(spec: ThesisSpec, base: Scenario, stage: Stage) -> Plan:
    listed = Listed()
    for combination in stage.combinations:
        listed.point(without(spec, base, combination), named(combination, spec))
    return listed.plan(
        stage.name,
        base.seed,
        stage.worlds,
        question=spec.question,
        source=yaml_text(spec.model_dump(mode="json", exclude_defaults=True)),
        recording=Recording(series=RECORDED),
        plugins=trusted_packages(),
    )
