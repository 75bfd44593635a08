"""The store: what is added stays, whoever dies when, and one writer at a time has a name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store import store as store_module
from catallaxy.sim.sweeps.store.collecting import collect
from catallaxy.sim.sweeps.store.disk import PARTS
from catallaxy.sim.sweeps.store.store import Store
from oracles.axe import killed_after
from oracles.sweeps import toy_batch, toy_plan

PLAN = toy_plan(20, 2)
HERE = Path()
TABLES = ("runs.parquet", "series.parquet", "agents/nodes.parquet")
WAIT_S = 60.0
TESTS = Path(__file__).parents[3]


def run_script(script: str, **options: int) -> subprocess.Popen[str]:
    """Start a Python process that can import the toy sweep."""
    text = "import sys\nsys.path.insert(0, sys.argv[1])\nfrom oracles.sweeps import *\n" + textwrap.dedent(script)
    return subprocess.Popen(
        [sys.executable, "-c", text, str(TESTS), *map(str, options.values())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def reference(folder: Path, plan: Plan = PLAN) -> dict[str, bytes]:
    """Return the final tables of a sweep that was done in one go."""
    with Store(folder, plan, "0-of-1") as store:
        store.add(toy_batch(plan, range(len(plan)), finished=5.0))
    collect(folder, plan)
    return {name: (folder / name).read_bytes() for name in (*TABLES, "log.parquet") if (folder / name).exists()}


def parts() -> list[str]:
    return sorted(path.name for path in (HERE / PARTS).glob("*.parquet"))


def test_statuses_are_those_of_all_writers_parts_and_collected_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(HERE, PLAN, "0-of-2") as store:
        assert store.statuses == {}
        store.add(toy_batch(PLAN, [0, 2], {2: "failed"}))
        assert store.statuses == {0: "complete", 2: "failed"}
    collect(HERE, PLAN)
    monkeypatch.setattr(store_module, "_PART_RUNS", 2)
    with Store(HERE, PLAN, "1-of-2") as store:
        store.add(toy_batch(PLAN, [1, 3, 5], {5: "timeout"}))
    assert len(parts()) == 4
    expected = {0: "complete", 2: "failed", 1: "complete", 3: "complete", 5: "timeout"}
    with Store(HERE, PLAN, "0-of-2") as store:
        assert store.statuses == expected
        store.add(toy_batch(PLAN, [5, 2, 1], {2: "crashed", 1: "failed"}, attempt=2))
        expected |= {5: "complete", 2: "crashed"}
        assert store.statuses == expected
    with Store(HERE, PLAN, "other") as store:
        assert store.statuses == expected


def test_statuses_come_from_collected_tables_when_nothing_else_is_left() -> None:
    reference(HERE)
    assert not (HERE / PARTS).exists()
    with Store(HERE, PLAN, "0-of-1") as store:
        assert store.statuses == dict.fromkeys(range(40), "complete")


@pytest.mark.parametrize("writer", ["", "../x", "a b", "a.b", "-a", "ä", "x" * 65])
def test_a_writer_must_be_safe_as_a_file_name(writer: str) -> None:
    with pytest.raises(ResultsError, match="cannot name a writer"):
        Store(HERE, PLAN, writer)


def test_one_process_at_a_time_writes_under_a_name() -> None:
    with Store(HERE, PLAN, "a") as store:
        with pytest.raises(ResultsError, match=rf"another process \(host .*, pid {os.getpid()}\) is writing part a of"):
            Store(HERE, PLAN, "a")
        with Store(HERE, PLAN, "b") as other:
            other.add(toy_batch(PLAN, [1]))
        store.add(toy_batch(PLAN, [0]))
    with Store(HERE, PLAN, "a") as store:
        assert store.statuses == {0: "complete", 1: "complete"}


def test_results_of_another_plan_are_not_added_to() -> None:
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, [0]))
    with pytest.raises(ResultsError, match="another plan"):
        Store(HERE, toy_plan(21, 2), "a")
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, range(1, 40)))
    collect(HERE, PLAN)
    with pytest.raises(ResultsError, match=r"runs\.parquet belongs to another plan"):
        Store(HERE, toy_plan(21, 2), "a")


ADDING = """
    from pathlib import Path
    from catallaxy.sim.sweeps.store import store
    store._PART_RUNS = 10
    plan = toy_plan(20, 2)
    with store.Store(Path(), plan, "a") as opened:
        for row in sorted(set(range(40)) - set(opened.statuses)):
            opened.add(toy_batch(plan, [row]))
            print(row, flush=True)
        print("all", flush=True)
        time.sleep(60)
"""


@pytest.mark.slow
def test_a_writer_killed_with_minus_9_loses_nothing_and_its_lock_does_not_stay(tmp_path: Path) -> None:
    seen: list[int] = []
    for kills, enough in enumerate((7, 19, 40), start=1):
        process = run_script(ADDING)
        assert process.stdout is not None
        while len(seen) < enough and (line := process.stdout.readline().strip()) != "all":
            seen.append(int(line))
        with pytest.raises(ResultsError, match=rf"pid {process.pid}\)"):
            Store(HERE, PLAN, "a")
        process.send_signal(signal.SIGKILL)
        more, _ = process.communicate(timeout=WAIT_S)
        seen += [int(line) for line in more.split() if line != "all"]
        with Store(HERE, PLAN, "a") as store:
            assert set(store.statuses) >= set(seen)
            assert len(store.statuses) <= len(seen) + kills, "at most one run is kept and not told, each time"
    expected = reference(tmp_path / "reference")
    collect(HERE, PLAN)
    assert {name: (HERE / name).read_bytes() for name in TABLES} == {name: expected[name] for name in TABLES}


@pytest.mark.slow
def test_a_full_disk_is_told_and_everything_added_before_is_kept() -> None:
    script = """
        import resource, signal
        from pathlib import Path
        from catallaxy.sim.errors import ResultsError
        from catallaxy.sim.sweeps.store import store
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = int(sys.argv[2])
        free = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, free[1]))
        store._PART_RUNS = int(sys.argv[3])
        plan, row = toy_plan(20, 2), 0
        try:
            with store.Store(Path(), plan, "a") as opened:
                row = len(opened.statuses)
                while row < 40:
                    opened.add(toy_batch(plan, [row]))
                    row += 1
        except ResultsError as error:
            print(error)
        print(row)
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
    """
    for size, part_runs in ((100_000, 1000), (10_000, 2)):
        process = run_script(script, size=size, part_runs=part_runs)
        out, errors = process.communicate(timeout=WAIT_S)
        assert not errors
        message, rows = out.splitlines()
        assert "cannot write" in message
        assert "the file would exceed the size limit" in message
        assert "every run stored before is kept" in message
        assert 0 < int(rows) < 40
        with Store(HERE, PLAN, "a") as store:
            assert set(range(int(rows))) <= set(store.statuses)
            store.add(toy_batch(PLAN, [39]))
        for path in (HERE / PARTS).iterdir():
            path.unlink()


def test_after_a_write_that_failed_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, [0]))
        before = store._journal.path.stat().st_size
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store._journal, "_file", _Full(store._journal._file))
            with pytest.raises(ResultsError, match="the disk is full"):
                store.add(toy_batch(PLAN, [1]))
        assert store._journal.path.stat().st_size > before
        assert store.statuses == {0: "complete"}
        store.add(toy_batch(PLAN, [2]))
    with Store(HERE, PLAN, "a") as store:
        assert store.statuses == {0: "complete", 2: "complete"}


class _Full:
    """A file on a disk with room for ten more bytes."""

    def __init__(self, file: object) -> None:
        self.file, self.room = file, 10

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)

    def write(self, content: memoryview) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        self.room = 0
        return int(self.file.write(content[:10]))  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_writer_killed_at_any_write_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_PART_RUNS", 3)
    monkeypatch.setattr(store_module, "_GROWTH", 1000)
    plan = toy_plan(3, 2, agents=False)
    expected = reference(tmp_path / "reference", plan)
    blows, fell = 0, True
    while fell:
        folder = tmp_path / f"killed-{blows}"
        added: set[int] = set()
        with killed_after(blows) as axe:
            store = None
            store = Store(folder, plan, "a")
            for rows in ([5, 1], [0], [3]):
                store.add(toy_batch(plan, rows, finished=5.0))
                added |= set(rows)
        fell = axe.fell
        if store is not None:
            store._journal._file.close()
            store._lock.release()
        with Store(folder, plan, "a") as again:
            missing = set(range(6)) - set(again.statuses)
            assert added <= set(again.statuses), blows
            for row in sorted(missing):
                again.add(toy_batch(plan, [row], finished=5.0))
        assert not [path for path in (folder / PARTS).iterdir() if ".tmp-" in path.name], blows
        collect(folder, plan)
        assert {name: (folder / name).read_bytes() for name in expected} == expected, blows
        blows += 1
    assert blows > 20


def test_a_journal_that_could_not_begin_anew_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_PART_RUNS", 2)
    with Store(HERE, PLAN, "a") as store:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store._journal, "restart", _refuse)
            for rows in ([0, 1], [2]):
                with pytest.raises(ResultsError, match="no room"):
                    store.add(toy_batch(PLAN, rows))
        store.add(toy_batch(PLAN, [3]))
    with Store(HERE, PLAN, "a") as store:
        assert set(store.statuses) == {0, 1, 3}


def _refuse(part: int) -> None:
    raise ResultsError(f"no room for the journal of part {part}")


def test_a_lost_journal_does_not_take_a_part_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_PART_RUNS", 2)
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, [0, 1]))
    (HERE / PARTS / "a.journal").unlink()
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, [2, 3]))
        assert set(store.statuses) == {0, 1, 2, 3}
    assert {name.split(".")[0] for name in parts()} == {"a-0001", "a-0002"}


def test_parts_grow_with_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_PART_RUNS", 4)
    plan = toy_plan(200, 2, series=False, agents=False)
    with Store(HERE, plan, "a") as store:
        for row in range(0, 400, 2):
            store.add(toy_batch(plan, [row, row + 1]))
    sizes = [name for name in parts() if ".runs." in name]
    assert 10 < len(sizes) < 25


def test_a_part_is_rolled_when_the_journal_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_PART_BYTES", 1000)
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, [0]))
        assert len(parts()) == 4


def test_leftovers_of_others_are_left_alone() -> None:
    with Store(HERE, PLAN, "a"):
        mine = [".a.journal.tmp-1-x", ".a-0001.runs.parquet.tmp-1-x", "a-0003.log.parquet"]
        others = [".a-b.journal.tmp-1-x", ".a-b-0001.runs.parquet.tmp-1-x", "a-b-0003.log.parquet", "notes.txt"]
        for name in (*mine, *others):
            (HERE / PARTS / name).touch()
    Store(HERE, PLAN, "a").close()
    names = {path.name for path in (HERE / PARTS).iterdir()}
    assert set(others) <= names
    assert not names & set(mine)
