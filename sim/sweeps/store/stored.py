"""All that is stored of a sweep in any form, read while writers add to it and a collector moves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.design.plan_file import read_plan
from catallaxy.sim.sweeps.manifest import PLAN_FILE
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store.ends import Winners
from catallaxy.sim.sweeps.store.frames import Scan
from catallaxy.sim.sweeps.store.parts import collected_source, stored_sources
from catallaxy.sim.sweeps.store.sources import CollectedSource, JournalMoved, Source

__all__ = ["Stored", "read_stored", "steadily", "winners_of"]

_TRIES = 5
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Stored:
    """All that is stored of a sweep.

    Attributes
    ----------
    plan : Plan
    collected : CollectedSource or None
        The final tables, if there are any.
    written : sequence of Source
        Journals and parts of the writers.
    scans : mapping of str to Scan
        What was found in the journal of each writer.
    """

    plan: Plan
    collected: CollectedSource | None
    written: Sequence[Source]
    scans: Mapping[str, Scan]

    @property
    def sources(self) -> list[Source]:
        """Everything, the final tables first."""
        return [*([self.collected] if self.collected else []), *self.written]


def read_stored(folder: Path) -> Stored:
    """Find all that is stored of a sweep.

    Parameters
    ----------
    folder : Path
        Folder of the sweep; it is only read.

    Returns
    -------
    Stored

    Raises
    ------
    ResultsError
        When there is no plan, or a file is damaged.
    """
    plan = read_plan(folder / PLAN_FILE)
    written, scans = stored_sources(folder, verify=False)
    return Stored(plan, collected_source(folder, plan), written, scans)


def winners_of(plan: Plan, sources: Sequence[Source]) -> Winners:
    """Return which of the stored attempts at each run counts."""
    winners = Winners(len(plan))
    for source in sources:
        winners.offer(source.ends)
    return winners


def steadily(read: Callable[[], _Read]) -> _Read:
    """Read again when a writer or a collector moved what was being read."""
    for _ in range(_TRIES):
        try:
            return read()
        except (FileNotFoundError, JournalMoved):
            continue
        except ResultsError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
    return read()
