"""Arguments and options that several commands about sweeps share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeAlias

import typer

from catallaxy.sim.errors import RunInterrupted

__all__ = [
    "Executor",
    "Grace",
    "Jobs",
    "Memory",
    "Out",
    "Quiet",
    "RetryFailed",
    "RunName",
    "Scheduler",
    "Shard",
    "SweepFolder",
    "SweepSource",
    "Timeout",
    "check_scheduler",
    "read_shard",
    "stoppable",
]


def read_shard(text: str | None) -> tuple[int, int]:
    """Read K/N.

    Parameters
    ----------
    text : str or None
        As on the command line; everything when absent.

    Returns
    -------
    (int, int)
        k and n, with 0 <= k < n.

    Raises
    ------
    typer.BadParameter
        When it is something else; the message says which shards there are.
    """
    if text is None:
        return 0, 1
    k, _, n = (part.strip() for part in text.partition("/"))
    if not (k.isdecimal() and n.isdecimal() and int(n)):
        _refuse_shard(f"{text!r} is not K/N: the first of 4 shards is 0/4, the last is 3/4")
    number, of = int(k), int(n)
    if number >= of:
        allowed = ("0/1", "0/2 or 1/2")[of - 1] if of <= 2 else f"0/{of} to {of - 1}/{of}"
        _refuse_shard(f"{text}: shards are counted from 0, so {allowed}")
    return number, of


def _refuse_shard(message: str) -> NoReturn:
    raise typer.BadParameter(message, param_hint="--shard")


def check_scheduler(executor: str, scheduler: str | None) -> None:
    """Refuse the address of a scheduler for an executor that has none.

    Parameters
    ----------
    executor : str
    scheduler : str or None

    Raises
    ------
    typer.BadParameter
        When only Dask could use it and the executor is another one.
    """
    if scheduler is not None and executor != "dask":
        raise typer.BadParameter(
            f"only Dask has a scheduler, and the executor is {executor}; add --executor dask", param_hint="--scheduler"
        )


SweepSource: TypeAlias = Annotated[
    str, typer.Argument(metavar="SWEEP", help="A sweep file, the name of a shipped sweep, or the folder of a sweep.")
]
SweepFolder: TypeAlias = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a sweep.")]
RunName: TypeAlias = Annotated[
    str, typer.Argument(metavar="RUN", help="Run id, its first digits, or its row in the plan, counted from 0.")
]
Out: TypeAlias = Annotated[
    Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder that holds results folders.")
]
Jobs: TypeAlias = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, max=1024, help="Worker processes.", show_default="one per core"),
]
Executor: TypeAlias = Annotated[Literal["loky", "dask", "serial"], typer.Option(help="What the workers run on.")]
RetryFailed: TypeAlias = Annotated[bool, typer.Option("--retry-failed", help="Do failed runs again too.")]
Scheduler: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A running Dask scheduler, tcp://host:8786.")
]
Shard: TypeAlias = Annotated[
    str | None, typer.Option(metavar="K/N", help="Do every N-th run only, from the K-th on, counted from 0.")
]
Timeout: TypeAlias = Annotated[
    float | None, typer.Option(min=0.001, metavar="S", help="Seconds that one run may take.", show_default="no limit")
]
Memory: TypeAlias = Annotated[
    float | None,
    typer.Option(
        min=1.0, metavar="MB", help="Megabytes that one worker may hold.", show_default="its share of the machine"
    ),
]
Grace: TypeAlias = Annotated[
    float, typer.Option(min=0.0, metavar="S", help="Seconds that running runs have to finish after Ctrl-C.")
]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no summary, only the folder of the sweep.")
]


@contextmanager
def stoppable(message: str) -> Iterator[None]:
    """Say what Ctrl-C has left behind, where typer itself would end without a word.

    Parameters
    ----------
    message : str

    Raises
    ------
    RunInterrupted
        In place of KeyboardInterrupt.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise RunInterrupted(message) from None
