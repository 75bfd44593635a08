"""What `catallaxy sweep plan` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from catallaxy.sim.cli.sweep_tables import aligned, shown, size
from catallaxy.sim.sweeps.progress import counted, duration, rate_text

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.design.reading import Sweep
    from catallaxy.sim.sweeps.plan import Plan
    from catallaxy.sim.sweeps.probe import Estimate, Probe

__all__ = ["plan_facts", "plan_lines", "probe_lines"]

_LEVELS_SHOWN = 6
_WIDTH = 14
_CHANCE = {
    "common": "common: replicate r has the same chance at every point",
    "independent": "independent: every point has chance of its own",
}


def plan_facts(plan: Plan, sweep: Sweep) -> dict[str, Any]:
    """Return what a plan consists of, for people and programs.

    Parameters
    ----------
    plan : Plan
    sweep : Sweep
        The sweep file that it was made from.

    Returns
    -------
    dict
        In JSON's own types.
    """
    recording = vars(plan.context.recording).items()
    return {
        "name": plan.name,
        "question": plan.question,
        "runs": len(plan),
        "points": len(plan.points),
        "equal_points_dropped": sweep.points - len(plan.points),
        "replicates": plan.replicates,
        "seeding": plan.seeding,
        "parameters": [_levels(plan, name) for name in plan.params],
        "notes": list(sweep.notes),
        "recorded": {name: list(value) if isinstance(value, tuple) else value for name, value in recording},
    }


def plan_lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what `plan_facts` found, as lines of text.

    Parameters
    ----------
    facts : mapping

    Yields
    ------
    str
    """
    points, replicates = counted(facts["points"], "point"), counted(facts["replicates"], "replicate")
    yield f"{facts['name']}: {counted(facts['runs'])} = {points} x {replicates}"
    if facts["question"]:
        yield facts["question"]
    yield ""
    yield from aligned([(row["name"], _levels_text(row)) for row in facts["parameters"]])
    if facts["parameters"]:
        yield ""
    rows = [("chance", _CHANCE[facts["seeding"]]), ("kept of a run", _recorded(facts["recorded"]))]
    if facts["equal_points_dropped"]:
        rows.append(("dropped", f"{counted(facts['equal_points_dropped'], 'point')} equal to an earlier one"))
    for note in facts["notes"]:
        rows += zip(("design", *[""] * note.count("; ")), note.split("; "), strict=True)
    yield from aligned(rows, _WIDTH)


def probe_lines(found: Probe, cost: Estimate) -> Iterator[str]:
    """Yield what a probe measured and what the sweep will cost.

    Parameters
    ----------
    found : Probe
    cost : Estimate

    Yields
    ------
    str
    """
    each = f"{duration(found.seconds_per_run)} on one worker ({counted(found.runs)} measured)"
    workers = "1 worker" if cost.workers == 1 else f"{cost.workers:,} workers with a core each"
    spent = f"{duration(cost.start_s)} until they are ready, then {rate_text(cost.runs_per_s)}"
    rows = [
        ("a run takes", each),
        ("a worker holds", size(found.peak_mb * 1e6)),
        ("all runs take", f"{duration(cost.seconds)} on {workers}: {spent}"),
        ("disk", f"{size(cost.bytes)} before compression ({size(found.bytes_per_run)} per run)"),
    ]
    yield from aligned(rows, _WIDTH)
    for error in found.errors:
        yield f"warning: a measured run failed: {error}"


def _levels(plan: Plan, name: str) -> dict[str, Any]:
    values = list(dict.fromkeys(point.params[name] for point in plan.points if name in point.params))
    everywhere = all(name in point.params for point in plan.points)
    row: dict[str, Any] = {"name": name, "levels": len(values), "everywhere": everywhere}
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        values.sort()
        row |= {"low": values[0], "high": values[-1]}
    return row | ({"values": values} if len(values) <= _LEVELS_SHOWN else {})


def _levels_text(row: Mapping[str, Any]) -> str:
    if "values" in row:
        text = ", ".join(map(shown, row["values"]))
    elif "low" in row:
        text = f"{row['levels']:,} levels from {shown(row['low'])} to {shown(row['high'])}"
    else:
        text = f"{row['levels']:,} levels"
    return text if row["everywhere"] else f"{text}; at some points as in the scenario"


def _recorded(recorded: Mapping[str, Any]) -> str:
    parts = ["key figures"]
    if recorded["series"]:
        often = "every step" if recorded["every"] == 1 else f"every {recorded['every']} steps"
        parts.append(f"{', '.join(recorded['series'])} {often}")
    if recorded["agents"]:
        steps = ", ".join("the last step" if step == -1 else f"step {step}" for step in recorded["agent_steps"])
        parts.append(f"agents of {', '.join(recorded['agents'])} after {steps}")
    return "; ".join(parts)
