"""The journal of one writer: batches appended to one file, kept by the operating system once they are added."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, astuple
from io import FileIO
from pathlib import Path

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.outcome import FINAL, Batch
from catallaxy.sim.sweeps.store.disk import explained, replacing
from catallaxy.sim.sweeps.store.ends import END_COLUMNS, Ends
from catallaxy.sim.sweeps.store.frames import CLOSED, OUTCOMES, WRITER, Owner, blob_of, frame_bytes, scan

__all__ = ["Journal"]

_SYNC_S = 3.0


class Journal:
    """The journal of a writer, opened to be appended to; the caller holds the writer's lock.

    A tail that was torn when an earlier writer was killed is cut off.

    Parameters
    ----------
    path : Path
        Made when it does not exist.
    plan : str
        `Plan.hash`.
    parts : collection of int
        Numbers of the parts of this writer. A journal that became one of them is begun anew.

    Raises
    ------
    ResultsError
        When the journal belongs to another plan, or cannot be written.

    Attributes
    ----------
    part : int
        Number of the part that the journal will become.
    runs : int
        Outcomes in it.
    bytes : int
        Its size.
    """

    def __init__(self, path: Path, plan: str, parts: Collection[int] = ()) -> None:
        self.path, self._plan = path, plan
        found = scan(path, verify=True) if path.is_file() else None
        if found is None or found.owner is None or found.owner.part in parts:
            self._file = self._begun(max(parts, default=0) + 1)
            return
        if found.owner.plan != plan:
            raise ResultsError(f"{path} belongs to another plan ({found.owner.plan[:8]}, not {plan[:8]}); move it away")
        self.part, self.runs, self.bytes = found.owner.part, len(found.ends.rows), found.end
        self._file, self._torn = self._opened(), True
        try:
            self._append(self._introduction(self.part))
        except BaseException:
            self._file.close()
            raise

    def add(self, batch: Batch) -> Ends:
        """Append a batch; when this returns, the end of the process does not lose it any more.

        Parameters
        ----------
        batch : Batch

        Returns
        -------
        Ends
            Of the attempts that it holds.

        Raises
        ------
        ResultsError
            When the disk is full; what was added before is untouched.
        """
        ends = _ends_of(batch)
        tables: dict[str, list[int]] = {}
        stored: list[bytes] = []
        for name, stream in sorted(batch.tables.items()):
            blob, content = blob_of(stream, sum(map(len, stored)))
            tables[name] = list(astuple(blob))
            stored.append(content)
        header = {
            "kind": OUTCOMES,
            "time": time.time(),
            "rows": ends.rows.tolist(),
            "statuses": [FINAL[code] for code in ends.codes],
            "attempts": ends.attempts.tolist(),
            "finished": ends.finished.tolist(),
            "tables": tables,
        }
        self._append(frame_bytes(header, b"".join(stored)))
        self.runs += len(ends.rows)
        if time.monotonic() - self._synced > _SYNC_S:
            self.sync()
        return ends

    def sync(self) -> None:
        """Force everything to the disk, so that the end of the machine does not lose it either."""
        with explained(self.path):
            os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def restart(self, part: int) -> None:
        """Begin anew, in one rename, after the outcomes have been written elsewhere.

        Parameters
        ----------
        part : int
            Number of the part that the journal will become.
        """
        old = self._file
        self._file = self._begun(part)
        old.close()

    def close(self) -> None:
        """Note that the writer ends in good order, force everything to the disk, and close the file."""
        if self._file.closed:
            return
        try:
            if not self._torn:
                self._append(frame_bytes({"kind": CLOSED}))
            self.sync()
        finally:
            self._file.close()

    def _begun(self, part: int) -> FileIO:
        introduction = self._introduction(part)
        with replacing(self.path) as temporary:
            temporary.write_bytes(introduction)
        self.part, self.runs, self.bytes, self._torn = part, 0, len(introduction), False
        return self._opened()

    def _opened(self) -> FileIO:
        self._synced = time.monotonic()
        with explained(self.path):
            return self.path.open("r+b", buffering=0)

    def _introduction(self, part: int) -> bytes:
        owner = Owner(platform.node(), os.getpid(), time.time(), self._plan, part)
        return frame_bytes({"kind": WRITER, **asdict(owner)})

    def _append(self, frame: bytes) -> None:
        """Write a frame at the end of the last whole one; what a failed attempt left there is cut off first."""
        with explained(self.path):
            if self._torn:
                self._file.truncate(self.bytes)
            self._torn = True
            self._file.seek(self.bytes)
            left = memoryview(frame)
            while left:
                left = left[self._file.write(left) :]
        self.bytes += len(frame)
        self._torn = False


def _ends_of(batch: Batch) -> Ends:
    """Return how the attempts of a batch ended; raise when its log and its statuses differ."""
    ends = Ends.of_log(batch.table("log").select(END_COLUMNS))
    logged: Mapping[int, str] = {row: FINAL[code] for row, code in zip(ends.rows.tolist(), ends.codes, strict=True)}
    if logged != dict(batch.statuses):
        raise ValueError("the log of a batch does not list the runs whose statuses it carries")
    return ends
