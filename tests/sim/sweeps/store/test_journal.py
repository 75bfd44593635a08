"""The journal: a killed writer loses nothing that it added, and a torn tail is cut."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.outcome import Batch
from catallaxy.sim.sweeps.store.frames import blob_of, frame_bytes, part_of, read_blob, scan
from catallaxy.sim.sweeps.store.journal import Journal
from oracles.sweeps import toy_batch, toy_plan

PLAN = toy_plan()
PATH = Path("a.journal")


def filled(path: Path = PATH) -> Journal:
    """Return a journal with two batches of three and two runs."""
    journal = Journal(path, PLAN.hash)
    journal.add(toy_batch(PLAN, [0, 1, 2], {1: "failed"}, finished=100.0))
    journal.add(toy_batch(PLAN, [5, 4], attempt=2, finished=200.0))
    return journal


def rows(path: Path = PATH, *, verify: bool = True) -> list[int]:
    return scan(path, verify=verify).ends.rows.tolist()


def test_what_was_added_can_be_read_while_the_writer_is_at_work() -> None:
    journal = filled()
    found = scan(PATH, verify=True)
    assert found.ends.rows.tolist() == [0, 1, 2, 5, 4]
    assert found.ends.attempts.tolist() == [1, 1, 1, 2, 2]
    assert found.ends.finished.tolist() == [100_000] * 3 + [200_000] * 2
    assert found.frames.tolist() == [0, 0, 0, 1, 1]
    assert found.end == PATH.stat().st_size == journal.bytes
    assert found.owner is not None
    assert (found.owner.pid, found.owner.plan, found.owner.part) == (os.getpid(), PLAN.hash, 1)
    assert not found.closed
    with PATH.open("rb") as file:
        assert part_of(file) == 1
        assert read_blob(file, found.batches[1]["runs"])["row"].to_pylist() == [5, 4]
    journal.close()
    assert scan(PATH, verify=True).closed


def test_a_journal_that_is_opened_again_goes_on_where_it_stopped() -> None:
    filled().close()
    again = Journal(PATH, PLAN.hash)
    assert (again.part, again.runs) == (1, 5)
    again.add(toy_batch(PLAN, [9]))
    assert not scan(PATH, verify=True).closed
    again.close()
    again.close()
    assert rows() == [0, 1, 2, 5, 4, 9]


def test_a_tail_torn_anywhere_is_ignored_by_readers_and_cut_by_the_next_writer() -> None:
    journal = filled()
    first = scan(PATH, verify=True).batches[1]["agents/nodes"].start
    whole = PATH.read_bytes()
    journal.close()
    for cut in (*range(len(whole) - 40, len(whole)), *range(first, len(whole), 997)):
        PATH.write_bytes(whole[:cut])
        assert rows() == rows(verify=False) == [0, 1, 2], cut
        again = Journal(PATH, PLAN.hash)
        again.add(toy_batch(PLAN, [7]))
        again.close()
        assert rows() == [0, 1, 2, 7], cut


@given(junk=st.binary(min_size=1, max_size=200))
def test_junk_at_the_end_is_no_frame(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.mktemp("junk") / "a.journal"
    filled(path).close()
    with path.open("ab") as file:
        file.write(junk)
    assert rows(path) == [0, 1, 2, 5, 4]
    Journal(path, PLAN.hash).close()
    assert rows(path) == [0, 1, 2, 5, 4]
    assert junk not in path.read_bytes() or len(junk) < 8


def test_a_damaged_table_costs_its_batch_only() -> None:
    journal = filled()
    blob = scan(PATH, verify=True).batches[0]["runs"]
    journal.close()
    content = bytearray(PATH.read_bytes())
    content[blob.start + 5] ^= 0xFF
    PATH.write_bytes(content)
    assert rows() == [5, 4]
    assert rows(verify=False) == [0, 1, 2, 5, 4]
    with PATH.open("rb") as file, pytest.raises(ResultsError, match="damaged"):
        read_blob(file, blob)


def test_a_damaged_header_ends_what_can_be_read() -> None:
    header = frame_bytes({"kind": "writer", "host": "h", "pid": 1, "started": 0.0, "plan": PLAN.hash, "part": 3})
    for byte in range(len(header)):
        broken = bytearray(header)
        broken[byte] ^= 0x10
        PATH.write_bytes(broken)
        assert scan(PATH, verify=True).owner is None, byte
    PATH.write_bytes(header)
    assert scan(PATH, verify=True).owner is not None


def test_an_empty_file_is_a_new_journal() -> None:
    PATH.touch()
    journal = Journal(PATH, PLAN.hash, [1, 3])
    assert (journal.part, journal.runs) == (4, 0)
    journal.close()
    assert scan(PATH, verify=True).closed


def test_a_restarted_journal_is_empty_and_of_the_next_part() -> None:
    journal = filled()
    journal.restart(2)
    assert (journal.part, journal.runs) == (2, 0)
    assert rows() == []
    journal.add(toy_batch(PLAN, [3]))
    journal.close()
    assert rows() == [3]
    found = scan(PATH, verify=True)
    assert found.owner is not None
    assert found.owner.part == 2
    assert list(Path().iterdir()) == [PATH]


def test_a_journal_that_became_a_part_before_is_begun_anew() -> None:
    filled().close()
    journal = Journal(PATH, PLAN.hash, [1])
    assert (journal.part, journal.runs, rows()) == (2, 0, [])
    journal.close()


def test_the_journal_of_another_plan_is_refused() -> None:
    filled().close()
    with pytest.raises(ResultsError, match="another plan"):
        Journal(PATH, toy_plan(7).hash)


def test_a_batch_whose_log_misses_a_run_is_refused() -> None:
    journal = filled()
    batch = toy_batch(PLAN, [6, 7])
    with pytest.raises(ValueError, match="log"):
        journal.add(Batch({6: "complete"}, batch.tables))
    journal.close()
    assert rows() == [0, 1, 2, 5, 4]


def test_a_blob_is_smaller_than_the_stream_and_knows_its_schema() -> None:
    streams = [toy_batch(PLAN, rows).tables["runs"] for rows in ([0], [1, 2])]
    blobs = [blob_of(stream, 10)[0] for stream in streams]
    assert blobs[0].schema == blobs[1].schema
    assert blobs[0].stored < blobs[0].raw == len(streams[0])
    blob, stored = blob_of(streams[0], 10)
    assert (blob.start, blob.checksum) == (10, zlib.crc32(stored))
