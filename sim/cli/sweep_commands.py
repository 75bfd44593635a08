"""Commands that do the runs of a sweep: plan, run, retry, collect, submit."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catallaxy.sim.cli import sweep_answer_commands, sweep_view_commands
from catallaxy.sim.cli.options import AsJson, PluginPackages, trust
from catallaxy.sim.cli.sweep_options import (
    Executor,
    Grace,
    Jobs,
    Memory,
    Out,
    Quiet,
    RetryFailed,
    Scheduler,
    Shard,
    SweepFolder,
    SweepSource,
    Timeout,
    check_scheduler,
    read_shard,
    stoppable,
)

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.options import Listener, SweepOptions
    from catallaxy.sim.sweeps.plan import Plan
    from catallaxy.sim.sweeps.probe import Probe

__all__ = ["commands", "shortcuts"]

commands = typer.Typer(no_args_is_help=True, help="Run many scenarios that differ in chosen parameters.")
shortcuts = typer.Typer()
"""Commands that stand beside `sweep` too."""

_PARTIAL = 3


@commands.command()
def plan(
    source: SweepSource,
    out: Out = Path("results"),
    probe: Annotated[bool, typer.Option(help="Measure a few runs, to tell time, disk and memory.")] = True,
    jobs: Jobs = None,
    plugins: PluginPackages = None,
    as_json: AsJson = False,
) -> None:
    """Freeze a sweep into its folder, and say how many runs it has and what they will cost."""
    trust(plugins)
    from catallaxy.sim.cli.sweep_plan_lines import plan_facts, plan_lines, probe_lines
    from catallaxy.sim.cli.sweep_tables import json_text
    from catallaxy.sim.sweeps.design.reading import load_sweep
    from catallaxy.sim.sweeps.manifest import SWEEP_FILE

    folder = _planned(source, out)
    planned = _plan_in(folder)
    facts = plan_facts(planned, load_sweep(folder / SWEEP_FILE))
    _say([] if as_json else plan_lines(facts))
    if probe:
        from catallaxy.sim.sweeps.dispatch.pools import usable_cores
        from catallaxy.sim.sweeps.probe import estimate

        found = _probed(planned, folder)
        cost = estimate(found, len(planned), jobs or usable_cores())
        _say([] if as_json else probe_lines(found, cost))
        facts |= {"probe": vars(found), "estimate": vars(cost)}
    typer.echo(json_text({**facts, "folder": str(folder)}) if as_json else folder)


@commands.command()
def run(
    source: SweepSource,
    out: Out = Path("results"),
    jobs: Jobs = None,
    executor: Executor = "loky",
    scheduler: Scheduler = None,
    shard: Shard = None,
    timeout: Timeout = None,
    memory: Memory = None,
    grace: Grace = 20.0,
    collect: Annotated[bool, typer.Option(help="Write the final tables at the end.")] = True,
    retry_failed: RetryFailed = False,
    quiet: Quiet = False,
    plugins: PluginPackages = None,
) -> None:
    """Do every run of a sweep that is not done yet; exit code 3 when some failed."""
    trust(plugins)
    check_scheduler(executor, scheduler)
    from catallaxy.sim.sweeps.options import SweepOptions

    options = SweepOptions(
        jobs, executor, scheduler, read_shard(shard), timeout, memory, grace, retry_failed, collect, tuple(sys.argv)
    )
    _execute(_planned(source, out), options, quiet)


@commands.command()
def retry(
    folder: SweepFolder,
    jobs: Jobs = None,
    executor: Executor = "loky",
    scheduler: Scheduler = None,
    timeout: Timeout = None,
    memory: Memory = None,
    grace: Grace = 20.0,
    quiet: Quiet = False,
    plugins: PluginPackages = None,
) -> None:
    """Do the failed runs of a sweep again, and those that are missing."""
    trust(plugins)
    check_scheduler(executor, scheduler)
    from catallaxy.sim.sweeps.manifest import sweep_folder
    from catallaxy.sim.sweeps.options import SweepOptions

    options = SweepOptions(jobs, executor, scheduler, (0, 1), timeout, memory, grace, True, argv=tuple(sys.argv))
    _execute(sweep_folder(folder), options, quiet)


@commands.command()
def collect(folder: SweepFolder) -> None:
    """Write the final tables of what has been done so far."""
    from catallaxy.sim.cli.sweep_tables import settings
    from catallaxy.sim.sweeps.sweep import collect_sweep

    counts = collect_sweep(folder)
    typer.echo(f"collected: {settings(counts) or 'nothing, no run is done yet'}", err=True)
    typer.echo(folder)


@commands.command()
def submit(
    source: SweepSource,
    slurm: Annotated[
        bool, typer.Option("--slurm", help="Submit to SLURM, the one batch system that is known.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the scripts; submit and write nothing.")] = False,
    out: Out = Path("results"),
    tasks: Annotated[
        int | None,
        typer.Option(min=1, help="Tasks of the array.", show_default="so many that each has two minutes' work"),
    ] = None,
    runs_per_task: Annotated[int | None, typer.Option(min=1, help="Runs of a task, instead of --tasks.")] = None,
    time_limit: Annotated[int, typer.Option("--time", min=1, metavar="MIN", help="Minutes that a task may take.")] = 60,
    mem: Annotated[int | None, typer.Option(min=1, metavar="MIB", help="Memory of a task.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Cores of a task, each with a worker.")] = 1,
    max_parallel: Annotated[int | None, typer.Option(min=1, help="Tasks that may run at the same time.")] = None,
    partition: Annotated[str | None, typer.Option(help="As the site names it.")] = None,
    account: Annotated[str | None, typer.Option(help="As the site names it.")] = None,
    qos: Annotated[str | None, typer.Option(help="As the site names it.")] = None,
    extra: Annotated[
        list[str] | None, typer.Option(metavar="OPTION", help="More for sbatch: --extra=--constraint=avx2. Repeatable.")
    ] = None,
    setup: Annotated[
        list[str] | None, typer.Option(metavar="LINE", help="Shell line to go first: 'module load gcc'. Repeatable.")
    ] = None,
    timeout: Timeout = None,
    memory: Memory = None,
    retry_failed: RetryFailed = False,
    probe: Annotated[bool, typer.Option(help="Measure a few runs, to tell how many tasks are worth it.")] = True,
    plugins: PluginPackages = None,
) -> None:
    """Hand the missing runs of a sweep to SLURM: an array of shards, and a job after it that collects the tables."""
    trust(plugins)
    if not slurm:
        raise typer.BadParameter("say where to: add --slurm; other batch systems run `sweep run --shard K/N`")
    from catallaxy.agents.plugins import trusted_packages
    from catallaxy.sim.cli.sweep_tables import submitted_lines
    from catallaxy.sim.sweeps.slurm.submission import SlurmOptions, submit as hand_in

    folder = _planned(source, out)
    planned = _plan_in(folder)
    measure = probe and tasks is None and runs_per_task is None and _lacks_runs(folder, retry_failed)
    submitted = hand_in(
        folder,
        planned,
        SlurmOptions(
            tasks=tasks,
            runs_per_task=runs_per_task,
            minutes=time_limit,
            task_memory_mb=mem,
            jobs=jobs,
            max_parallel=max_parallel,
            partition=partition,
            account=account,
            qos=qos,
            extra=tuple(extra or ()),
            setup=tuple(setup or ()),
            plugins=trusted_packages(),
            timeout_s=timeout,
            memory_mb=memory,
            seconds_per_run=_probed(planned, folder).seconds_per_run if measure else None,
            retry=retry_failed,
        ),
        dry_run=dry_run,
    )
    _say(submitted.notes, err=True)
    _say(submitted_lines(submitted))
    if not dry_run:
        typer.echo(folder)


def _plan_in(folder: Path) -> Plan:
    from catallaxy.sim.sweeps.design.plan_file import read_plan
    from catallaxy.sim.sweeps.manifest import PLAN_FILE

    return read_plan(folder / PLAN_FILE)


def _lacks_runs(folder: Path, retry_failed: bool) -> bool:
    from catallaxy.sim.sweeps.store.status import read_status

    found = read_status(folder)
    return found.left > 0 or (retry_failed and found.counts.get("complete", 0) < found.planned)


def _probed(planned: Plan, folder: Path) -> Probe:
    from catallaxy.sim.sweeps.probe import probe

    typer.echo("measuring a few runs ...", err=True)
    with stoppable(f"stopped while measuring; the sweep is planned in {folder}"):
        return probe(planned)


def _planned(source: str, out: Path) -> Path:
    """Return the folder of a sweep, planning it when it is not planned yet."""
    from catallaxy.agents.plugins import trusted_packages
    from catallaxy.sim.sweeps.manifest import sweep_folder
    from catallaxy.sim.sweeps.sweep import plan_sweep

    if Path(source).is_dir():
        return sweep_folder(source)
    with stoppable("stopped while planning; nothing has been written"):
        return plan_sweep(source, out=out, plugins=trusted_packages(), argv=tuple(sys.argv))


class _Tally:
    """Counts the runs of this call, and passes on what it hears."""

    def __init__(self, shown: Listener | None) -> None:
        self._shown = shown
        self.total = self.done = self.failed = 0

    def started(self, total: int, done: int, failed: int) -> None:
        self.total, self.done, self.failed = total, done, failed
        if self._shown is not None:
            self._shown.started(total, done, failed)

    def advanced(self, statuses: Mapping[int, str]) -> None:
        self.done += len(statuses)
        self.failed += sum(status != "complete" for status in statuses.values())
        if self._shown is not None:
            self._shown.advanced(statuses)

    def noted(self, text: str) -> None:
        if self._shown is not None:
            self._shown.noted(text)


def _execute(folder: Path, options: SweepOptions, quiet: bool) -> None:
    from catallaxy.sim.cli.sweep_tables import closing_lines
    from catallaxy.sim.sweeps.progress import shown_progress
    from catallaxy.sim.sweeps.store.failures import read_failures
    from catallaxy.sim.sweeps.sweep import run_sweep

    started = time.monotonic()
    with shown_progress(quiet=quiet) as shown:
        tally = _Tally(shown)
        status = run_sweep(folder, options, tally)
    failures = read_failures(folder) if tally.failed else []
    if not quiet or tally.failed:
        _say(closing_lines(folder, status, failures, time.monotonic() - started), err=True)
    typer.echo(folder)
    if tally.failed or tally.done < tally.total:
        raise typer.Exit(_PARTIAL)


def _say(lines: Iterable[str], *, err: bool = False) -> None:
    for line in lines:
        typer.echo(line, err=err)


commands.add_typer(sweep_view_commands.commands)
commands.add_typer(sweep_answer_commands.commands)
for shortcut in (sweep_view_commands.status, collect, sweep_view_commands.failures, retry):
    shortcuts.command()(shortcut)
