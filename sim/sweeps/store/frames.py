"""Frames of a journal: what is appended whole, and found again when the process that wrote them is gone.

A frame is a prefix (magic, lengths of header and payload, checksum of both and of the header), a header in JSON, and a
payload. The first frame says who writes; one frame follows for each batch, with its tables as compressed Arrow streams,
each with a checksum of its own; the last one says that the writer ended in good order.
"""

from __future__ import annotations

import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.store.ends import Ends

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "CLOSED",
    "OUTCOMES",
    "WRITER",
    "Blob",
    "Owner",
    "Scan",
    "blob_of",
    "frame_bytes",
    "part_of",
    "read_blob",
    "scan",
]

WRITER, OUTCOMES, CLOSED = "writer", "outcomes", "closed"
_MAGIC = b"CXJ1"
_PREFIX = struct.Struct("<4sIQI")
_CHECKED = struct.Struct("<4sIQ")
_TABLE = re.compile(r"runs|log|series|agents/[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Blob:
    """One table of one batch in a journal.

    Attributes
    ----------
    start, stored : int
        Position and length in the file.
    raw : int
        Length of the Arrow stream.
    checksum : int
        CRC-32 of the stored bytes.
    schema : int
        CRC-32 of the table's schema.
    """

    start: int
    stored: int
    raw: int
    checksum: int
    schema: int


@dataclass(frozen=True)
class Owner:
    """Who writes a journal.

    Attributes
    ----------
    host : str
    pid : int
    started : float
        Seconds since 1970.
    plan : str
        `Plan.hash`.
    part : int
        Number of the part that the journal will become.
    """

    host: str
    pid: int
    started: float
    plan: str
    part: int


@dataclass(frozen=True)
class Scan:
    """What a journal holds.

    Attributes
    ----------
    owner : Owner or None
        Who wrote last; None when nothing in the file can be read.
    closed : bool
        Whether that writer ended in good order.
    last : float
        When the last batch was added, seconds since 1970; 0 when there is none.
    end : int
        Where the last whole frame ends; what follows is a torn tail.
    ends : Ends
        Of all batches.
    frames : int64[n]
        Which batch each of `ends` is from.
    batches : tuple of dict of str to Blob
        Tables of each batch.
    """

    owner: Owner | None
    closed: bool
    last: float
    end: int
    ends: Ends
    frames: npt.NDArray[np.int64]
    batches: tuple[Mapping[str, Blob], ...]


def frame_bytes(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """Return a frame.

    Parameters
    ----------
    header : mapping
        Its "kind", and what belongs to it.
    payload : bytes, optional

    Returns
    -------
    bytes
    """
    text = json.dumps(header, separators=(",", ":")).encode()
    checked = _CHECKED.pack(_MAGIC, len(text), len(payload))
    return checked + struct.pack("<I", zlib.crc32(text, zlib.crc32(checked))) + text + payload


def blob_of(stream: bytes, start: int) -> tuple[Blob, bytes]:
    """Compress a table.

    Parameters
    ----------
    stream : bytes
        Arrow IPC stream.
    start : int
        Where in the payload it will stand.

    Returns
    -------
    (Blob, bytes)
    """
    import pyarrow as pa

    stored = pa.compress(stream, codec="zstd", asbytes=True)
    with pa.ipc.open_stream(stream) as reader:
        schema = zlib.crc32(reader.schema.serialize())
    return Blob(start, len(stored), len(stream), zlib.crc32(stored), schema), stored


def read_blob(file: BinaryIO, blob: Blob) -> pa.Table:
    """Read a table.

    Parameters
    ----------
    file : binary file
        A journal.
    blob : Blob
        Where it stands.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    ResultsError
        When it is damaged.
    """
    import pyarrow as pa

    stored = _stored(file, blob)
    if zlib.crc32(stored) != blob.checksum:
        raise ResultsError(f"{file.name} is damaged at byte {blob.start}")
    with pa.ipc.open_stream(pa.decompress(stored, decompressed_size=blob.raw, codec="zstd")) as reader:
        return reader.read_all()


def scan(path: Path, *, verify: bool) -> Scan:
    """Read what a journal holds, but for its tables.

    Parameters
    ----------
    path : Path
    verify : bool
        Check the tables too, and leave out batches of which one is damaged.

    Returns
    -------
    Scan
        Up to the first frame that is torn.

    Raises
    ------
    ResultsError
        When it names a table that no sweep has: tables become files, and somebody else may have written the journal.
    """
    owner, closed, last, end = None, False, 0.0, 0
    headers: list[dict[str, Any]] = []
    batches: list[dict[str, Blob]] = []
    with path.open("rb") as file:
        for header, payload, stop in _frames(file):
            end = stop
            kind = header.pop("kind")
            closed = kind == CLOSED
            if kind == WRITER:
                owner = Owner(**header)
            elif kind == OUTCOMES:
                blobs = _blobs(path, header.pop("tables"), payload)
                if not verify or all(zlib.crc32(_stored(file, blob)) == blob.checksum for blob in blobs.values()):
                    last = header["time"]
                    headers.append(header)
                    batches.append(blobs)
    frames = np.repeat(np.arange(len(headers)), [len(header["rows"]) for header in headers])
    return Scan(owner, closed, last, end, _ends(headers), frames, tuple(batches))


def part_of(file: BinaryIO) -> int | None:
    """Return the number of the part that an open journal will become; None when it cannot be read."""
    header, _, _ = next(_frames(file), ({}, 0, 0))
    part: int | None = header.get("part")
    return part


def _frames(file: BinaryIO) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Yield header, position of the payload and end of every whole frame from the start on."""
    size, end = os.fstat(file.fileno()).st_size, 0
    while end + _PREFIX.size <= size:
        file.seek(end)
        prefix = file.read(_PREFIX.size)
        magic, length, payload, checksum = _PREFIX.unpack(prefix)
        start = end + _PREFIX.size + length
        if magic != _MAGIC or start + payload > size:
            return
        text = file.read(length)
        if zlib.crc32(text, zlib.crc32(prefix[: _CHECKED.size])) != checksum:
            return
        end = start + payload
        yield json.loads(text), start, end


def _blobs(path: Path, tables: Mapping[str, list[int]], payload: int) -> dict[str, Blob]:
    for name in tables:
        if not _TABLE.fullmatch(name):
            raise ResultsError(f"{path} names a table {name!r}, which no sweep has; it was not written by catallaxy")
    return {name: Blob(payload + start, *others) for name, (start, *others) in tables.items()}


def _stored(file: BinaryIO, blob: Blob) -> bytes:
    file.seek(blob.start)
    return file.read(blob.stored)


def _ends(headers: list[dict[str, Any]]) -> Ends:
    names = ("rows", "statuses", "attempts", "finished")
    return Ends.of(*([value for header in headers for value in header[name]] for name in names))
