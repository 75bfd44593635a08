"""What goes to a worker and what comes back: tasks of several runs, and batches of their outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from catallaxy.sim.sweeps.plan import PlannedRun

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FINAL", "Batch", "Limits", "Task"]

FINAL = ("complete", "failed", "timeout", "memory", "crashed")
"""How a run can end. Interrupted runs leave nothing and are done again."""


@dataclass(frozen=True)
class Limits:
    """What one run may use.

    Attributes
    ----------
    timeout_s : float or None
        Wall-clock seconds; a run that takes longer ends as "timeout".
    memory_mb : float or None
        Megabytes (10^6 bytes) of memory that the worker process may hold; a run that needs more ends as "memory".
    log_folder : str or None
        Folder for the traceback of a worker that dies; nothing is written when absent.
    """

    timeout_s: float | None = None
    memory_mb: float | None = None
    log_folder: str | None = None


@dataclass(frozen=True)
class Task:
    """A few runs for one worker.

    Attributes
    ----------
    context : bytes
        `Context.packed()`.
    runs : tuple of PlannedRun
    limits : Limits
    attempt : int
        1 the first time; what a retry of failed runs counts.
    """

    context: bytes
    runs: tuple[PlannedRun, ...]
    limits: Limits = field(default_factory=Limits)
    attempt: int = 1


@dataclass(frozen=True)
class Batch:
    """Outcomes of a few runs, ready to be stored.

    Attributes
    ----------
    statuses : mapping of int to str
        How each row of the plan ended, one of `FINAL`.
    tables : mapping of str to bytes
        Arrow IPC streams by name: "runs" and "log" always, "series" and "agents/<population>" when recorded, with
        the schemas of `columns`.
    """

    statuses: Mapping[int, str]
    tables: Mapping[str, bytes]

    @classmethod
    def of(cls, statuses: Mapping[int, str], tables: Mapping[str, pa.Table]) -> Self:
        """Pack tables."""
        return cls(statuses, {name: _packed(table) for name, table in tables.items()})

    def table(self, name: str) -> pa.Table:
        """Return one of the tables."""
        import pyarrow as pa

        with pa.ipc.open_stream(self.tables[name]) as reader:
            return reader.read_all()


def _packed(table: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content
