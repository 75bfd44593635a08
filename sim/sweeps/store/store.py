"""The store of a sweep: where a writer puts outcomes, and learns what has been done already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.outcome import FINAL, Batch
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store.disk import PARTS, gate, locked
from catallaxy.sim.sweeps.store.ends import Winners
from catallaxy.sim.sweeps.store.frames import scan
from catallaxy.sim.sweeps.store.journal import Journal
from catallaxy.sim.sweeps.store.parts import (
    JOURNAL,
    PartName,
    collected_source,
    committed_parts,
    stored_sources,
    write_part,
)

__all__ = ["LOCK", "Store"]

LOCK = ".lock"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PART_RUNS = 4096
_PART_BYTES = 128_000_000
_GROWTH = 4


class Store:
    """Outcomes of a sweep, stored as they come; a context manager.

    A batch is safe from the end of the process once `add` has returned, and from that of the machine a few seconds
    later. Parts hold at least 4,096 runs or 128 MB, and a quarter of what is stored already, so that even a large
    sweep has few files.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    plan : Plan
    writer : str
        Name of this writer, one process at a time: letters, digits, "_" and "-".

    Raises
    ------
    ResultsError
        When another process holds the name, the folder holds another plan, or it cannot be written.

    Attributes
    ----------
    statuses : dict of int to str
        How each row of the plan that is done ended, whoever did it.
    """

    def __init__(self, folder: Path, plan: Plan, writer: str) -> None:
        if not _NAME.fullmatch(writer):
            raise ResultsError(f'{writer!r} cannot name a writer: use letters, digits, "_" and "-", 64 at most')
        self.folder, self.plan, self.writer = Path(folder), plan, writer
        self._rolling, self._stored_bytes = False, 0
        with gate(self.folder):
            lock = locked(self.folder / PARTS / f"{writer}{LOCK}")
        if lock is None:
            raise ResultsError(self._taken())
        self._lock = lock
        try:
            self._winners = self._found()
            self._journal = self._opened()
        except BaseException:
            lock.release()
            raise
        self.statuses = self._winners.statuses()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, batch: Batch) -> None:
        """Store a batch.

        Parameters
        ----------
        batch : Batch

        Raises
        ------
        ResultsError
            When the disk is full, a quota used up or a file too large; what was added before is kept.
        """
        if self._rolling:
            self._finish_rolling()
        ends = self._journal.add(batch)
        self._winners.offer(ends)
        self.statuses.update({row: FINAL[self._winners.codes[row]] for row in batch.statuses})
        if self._full():
            self._rolling = True
            write_part(self.folder, self.plan, self.writer, self._journal.part)
            self._finish_rolling()

    def close(self) -> None:
        """Force everything to the disk and let others write under this name."""
        try:
            self._journal.close()
        finally:
            self._lock.release()

    def _opened(self) -> Journal:
        """Open the journal; end what an earlier writer of this name was killed in the middle of."""
        parts = self._parts()
        self._stored_bytes = sum(parts.values())
        for path in sorted((self.folder / PARTS).iterdir()):
            if self._abandoned(path.name, parts):
                path.unlink(missing_ok=True)
        return Journal(self.folder / PARTS / f"{self.writer}{JOURNAL}", self.plan.hash, parts)

    def _abandoned(self, file: str, parts: Mapping[int, int]) -> bool:
        """Return whether a file is a temporary one, or the beginning of a part, of this writer."""
        whole, temporary, _ = file.removeprefix(".").partition(".tmp-")
        name = PartName.of(Path(whole))
        if name is None:
            return bool(temporary) and whole == f"{self.writer}{JOURNAL}"
        return name.writer == self.writer and (bool(temporary) or name.part not in parts)

    def _parts(self) -> dict[int, int]:
        """Return the bytes of each part of this writer, by number."""
        parts = committed_parts(self.folder)
        return {
            part: sum(path.stat().st_size for path in files.values())
            for (writer, part), files in parts.items()
            if writer == self.writer
        }

    def _full(self) -> bool:
        """Return whether the journal is to become a part."""
        enough_runs = max(_PART_RUNS, len(self.statuses) // _GROWTH)
        enough_bytes = max(_PART_BYTES, self._stored_bytes // _GROWTH)
        return self._journal.runs >= enough_runs or self._journal.bytes >= enough_bytes

    def _finish_rolling(self) -> None:
        """Begin a new journal if the old one is a part by now; if not, it goes on growing, and the next batch tries."""
        parts = self._parts()
        if self._journal.part in parts:
            self._journal.restart(self._journal.part + 1)
        self._stored_bytes, self._rolling = sum(parts.values()), False

    def _found(self) -> Winners:
        winners = Winners(len(self.plan))
        collected = collected_source(self.folder, self.plan)
        stored, _ = stored_sources(self.folder, verify=True)
        for source in [*([collected] if collected else []), *stored]:
            winners.offer(source.ends)
        return winners

    def _taken(self) -> str:
        path = self.folder / PARTS / f"{self.writer}{JOURNAL}"
        owner = scan(path, verify=False).owner if path.is_file() else None
        who = "another process" if owner is None else f"another process (host {owner.host}, pid {owner.pid})"
        return f"{who} is writing part {self.writer} of {self.folder}; wait until it ends, or stop it"
