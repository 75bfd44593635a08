"""Commands that look at a sweep and its runs: status, failures, show, replay, list."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catallaxy.sim.cli.options import AsJson
from catallaxy.sim.cli.sweep_options import Out, RunName, SweepFolder
from catallaxy.sim.errors import ResultsError

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.plan import Plan, PlannedRun

__all__ = ["commands", "failures", "find_run", "status"]

commands = typer.Typer()

_FAILED = 1
_INTERRUPTED = 130
_MATCHES_SHOWN = 5


@commands.command()
def status(
    folder: SweepFolder,
    watch: Annotated[
        float | None, typer.Option(min=0.1, metavar="S", help="Look again every S seconds, until all is done.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how far a sweep is: done, failed, left, rate, time left; from any shell, at any time."""
    from rich.console import Console

    from catallaxy.sim.cli.sweep_tables import json_text, status_lines
    from catallaxy.sim.sweeps.manifest import sweep_folder
    from catallaxy.sim.sweeps.store.status import read_status

    path = sweep_folder(folder)
    console = Console()
    while True:
        found = read_status(path)
        if watch is not None and console.is_terminal:
            console.clear()
        _say([json_text(asdict(found))] if as_json else status_lines(found))
        if watch is None or not found.left:
            return
        time.sleep(watch)


@commands.command()
def failures(
    folder: SweepFolder,
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where in the code each failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the runs that failed: settings, seed, error, and how to do them again."""
    from catallaxy.sim.cli.sweep_tables import SHORT_ID, failure_lines, json_text
    from catallaxy.sim.sweeps.store.failures import read_failures

    plan = _plan(folder)
    found = read_failures(folder)
    if as_json:
        rows = [{**vars(row), "sets": dict(row.sets), "params": dict(plan.points[row.point].params)} for row in found]
        typer.echo(json_text(rows))
        return
    _say(failure_lines(found, plan, traceback=traceback) if found else ["no run has failed"])
    if found:
        name = found[0].run_id[:SHORT_ID]
        typer.echo(f"\nto do one again here, with its full record:  catallaxy sweep replay {folder} {name}", err=True)
        typer.echo(f"to do all of them again:                     catallaxy retry {folder}", err=True)


@commands.command()
def show(folder: SweepFolder, run: RunName) -> None:
    """Print the complete scenario of one run, which `catallaxy run` can run on its own."""
    from catallaxy.sim.scenario.loading import resolved_yaml
    from catallaxy.sim.sweeps.workers.agreement import scenario_of, trust as trust_those_of

    plan = _plan(folder)
    planned = find_run(plan, run)
    trust_those_of(plan.context)
    typer.echo(f"# {_which(plan, planned)}")
    typer.echo(resolved_yaml(scenario_of(plan.context, planned)), nl=False)


@commands.command()
def replay(folder: SweepFolder, run: RunName, out: Out = Path("results")) -> None:
    """Do one run again, here, with its full record, into a results folder with a report."""
    from rich.console import Console

    from catallaxy.sim.experiments.running import Request, run_scenario
    from catallaxy.sim.report.terminal import print_summary
    from catallaxy.sim.sweeps.workers.agreement import scenario_of, trust as trust_those_of

    plan = _plan(folder)
    planned = find_run(plan, run)
    _refuse_others(plan)
    trust_those_of(plan.context)
    typer.echo(_which(plan, planned), err=True)
    scenario = scenario_of(plan.context, planned)
    result = run_scenario(scenario, Request(out=out, first=planned.replicate, force=True, argv=tuple(sys.argv)))
    print_summary(result, Console(stderr=True))
    for problem in result.manifest["problems"]:
        typer.echo(problem.get("traceback") or problem["error"], err=True)
    if result.manifest["steps"]["done"]:
        typer.echo(f"Report: {result.report()}", err=True)
    typer.echo(result.path)
    if result.status != "complete":
        raise typer.Exit(_INTERRUPTED if result.status == "interrupted" else _FAILED)


def _which(plan: Plan, planned: PlannedRun) -> str:
    return f"run {planned.run_id} of {plan.name}: point {planned.point}, replicate {planned.replicate}"


def _refuse_others(plan: Plan) -> None:
    """Refuse to replay what the engine does not do, and warn of another version of the code."""
    from catallaxy.sim.results.identity import code_version
    from catallaxy.sim.sweeps.plan import SIMULATE

    if plan.context.code != code_version():
        versions = f"planned by catallaxy {plan.context.code}, replayed by {code_version()}"
        typer.echo(f"warning: {versions}; the numbers may differ", err=True)
    if plan.context.simulate != SIMULATE:
        raise ResultsError(
            f"the runs of {plan.name!r} are done by {plan.context.simulate} and not by the engine, so there is no full "
            "record of one; call that function from Python"
        )


@commands.command(name="list")
def list_sweeps(as_json: AsJson = False) -> None:
    """List the shipped sweeps."""
    from catallaxy.sim.cli.tables import print_table
    from catallaxy.sim.scenario.library import shipped_sweeps
    from catallaxy.sim.sweeps.design.reading import load_sweep

    rows = []
    for name in shipped_sweeps():
        spec = load_sweep(name).spec
        counts = {"points": spec.points, "replicates": spec.replicates, "runs": spec.points * spec.replicates}
        rows.append({"name": name, "question": spec.question, **counts})
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    columns = ("name", "question", "points", "replicates", "runs")
    print_table(columns, ([_cell(row[column]) for column in columns] for row in rows), right=columns[2:])


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def find_run(plan: Plan, text: str) -> PlannedRun:
    """Return the run that a user means.

    Parameters
    ----------
    plan : Plan
    text : str
        Run id, its first digits, or the row of the plan.

    Returns
    -------
    PlannedRun

    Raises
    ------
    ResultsError
        When there is none or more than one; the message names the nearest.
    """
    if text.isdecimal() and (text == "0" or text[0] != "0") and int(text) < len(plan):
        return plan.run(int(text))
    rows = [row for row, run_id in enumerate(plan.run_ids) if text and run_id.startswith(text.lower())]
    if len(rows) == 1:
        return plan.run(rows[0])
    if rows:
        some = ", ".join(plan.run_ids[row][: len(text) + 4] for row in rows[:_MATCHES_SHOWN])
        raise ResultsError(f"{text!r} is the beginning of {len(rows):,} run ids ({some}, ...); give more digits")
    raise ResultsError(_unknown(plan, text))


def _unknown(plan: Plan, text: str) -> str:
    if text.isdecimal() and len(text) < len(str(len(plan))) + 2:
        return f"there is no row {text} in the plan: its {len(plan):,} runs are rows 0 to {len(plan) - 1:,}"
    from catallaxy.sim.scenario.allowed import did_you_mean

    known = {run_id[: max(4, len(text))] for run_id in plan.run_ids}
    return f"no run of this sweep has an id that begins with {text!r}{did_you_mean(text.lower(), known)}"


def _plan(folder: Path) -> Plan:
    from catallaxy.sim.sweeps.design.plan_file import read_plan
    from catallaxy.sim.sweeps.manifest import PLAN_FILE, sweep_folder

    return read_plan(sweep_folder(folder) / PLAN_FILE)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
