"""Collecting: the same bytes whatever happened on the way, and nothing lost however often it is interrupted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store import collecting, parts as parts_module, store as store_module
from catallaxy.sim.sweeps.store.collecting import collect
from catallaxy.sim.sweeps.store.disk import PARTS
from catallaxy.sim.sweeps.store.sources import JournalMoved
from catallaxy.sim.sweeps.store.store import Store
from oracles.axe import killed_after
from oracles.sweeps import AGENTS, STEPS, toy_batch, toy_plan

PLAN = toy_plan(10, 2, networks=("deai", "rival"))
HERE = Path()
TABLES = ("runs", "series", "agents/nodes")


def store(rows: Sequence[int], writer: str = "0-of-1", attempt: int = 1, failed: Sequence[int] = ()) -> None:
    """Add rows in batches of at most three."""
    with Store(HERE, PLAN, writer) as opened:
        for start in range(0, len(rows), 3):
            some = rows[start : start + 3]
            ends = {row: "failed" for row in some if row in failed}
            opened.add(toy_batch(PLAN, some, ends, attempt=attempt, finished=float(attempt)))


def tables(folder: Path = HERE) -> dict[str, bytes]:
    return {name: (folder / f"{name}.parquet").read_bytes() for name in TABLES}


def files(folder: Path = HERE) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Tables of a sweep that was done in order and in one go, its odd rows failed."""
    folder = tmp_path_factory.mktemp("whole")
    with Store(folder, PLAN, "0-of-1") as opened:
        opened.add(toy_batch(PLAN, range(20), dict.fromkeys(range(1, 20, 2), "failed")))
    collect(folder, PLAN)
    return tables(folder)


@pytest.mark.parametrize("name", ["agents/../../escaped", "../escaped", "plan", "agents/a/b", "agents/"])
def test_a_journal_of_somebody_else_writes_nothing_but_the_tables_of_a_sweep(name: str) -> None:
    folder = HERE / "sweep"
    batch = toy_batch(PLAN, [0])
    with Store(folder, PLAN, "0-of-1") as opened:
        opened.add(replace(batch, tables={**batch.tables, name: batch.tables["agents/nodes"]}))
    before = files()
    for read in (lambda: collect(folder, PLAN), lambda: Store(folder, PLAN, "0-of-1")):
        with pytest.raises(ResultsError, match="which no sweep has"):
            read()
    assert files() <= before | {"sweep/parts/gate.lock"}


def test_the_final_tables_hold_identity_parameters_and_outcomes(whole: dict[str, bytes]) -> None:
    store(range(20), failed=range(1, 20, 2))
    assert collect(HERE, PLAN) == Counter({"complete": 10, "failed": 10})
    assert files() == {"runs.parquet", "series.parquet", "agents/nodes.parquet", "log.parquet"}
    assert tables() == whole
    identity = ["run_id", "point", "replicate", "seed"]
    params = ["param.share", "param.count", "param.label", "param.on"]
    runs = pq.read_table("runs.parquet")
    assert runs.column_names[:11] == [*identity, *params, "status", "error", "steps"]
    assert runs["run_id"].to_pylist() == list(PLAN.run_ids)
    assert runs["seed"].to_pylist() == list(PLAN.seeds)
    assert runs["param.label"].to_pylist() == [PLAN.points[row // 2].params["label"] for row in range(20)]
    assert runs.field("kpi.price_final.deai").metadata[b"unit"] == b"USD/token"
    assert runs["kpi.price_final.deai"].to_pylist()[:3] == [0.0, None, 2.0]
    series = pq.read_table("series.parquet")
    assert series.column_names == [*identity[:3], *params, "step", "date", "network", "ts.price", "ts.users"]
    assert series.num_rows == 10 * STEPS * 2
    assert series["ts.price"].to_pylist()[:4] == [0.0, 0.0, 1.0, 1.0]
    assert series["network"].to_pylist()[:3] == ["deai", "rival", "deai"]
    agents = pq.read_table("agents/nodes.parquet")
    assert agents.column_names == [*identity[:3], *params, "step", "agent", "network", "balance", "kind"]
    assert agents.num_rows == 10 * AGENTS
    log = pq.read_table("log.parquet")
    assert log.column_names[:8] == [*identity, *params]
    assert log["traceback"].to_pylist()[1] == "Traceback of 1"


@settings(max_examples=8)
@given(data=st.data())
def test_bytes_do_not_depend_on_order_batches_writers_attempts_parts_or_earlier_collects(
    data: st.DataObject, whole: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = data.draw(st.permutations(range(20)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(store_module, "_PART_RUNS", data.draw(st.integers(2, 12)))
        patch.setattr(parts_module, "_BLOCK_BYTES", data.draw(st.sampled_from([100_000, 32_000_000])))
        cut, odd = data.draw(st.integers(0, 20)), [row for row in range(20) if row % 2]
        store(rows[:cut], "a", failed=[*odd, *data.draw(st.lists(st.sampled_from(rows), max_size=4))])
        if data.draw(st.booleans()):
            collect(folder, PLAN)
        overlap = data.draw(st.integers(0, cut))
        store(rows[overlap:], "b", attempt=2, failed=odd)
        if data.draw(st.booleans()):
            collect(folder, PLAN)
        store([row for row in range(20) if row % 2 == 0], "a", attempt=3)
        assert collect(folder, PLAN) == Counter({"complete": 10, "failed": 10})
        assert tables() == whole
        assert not (folder / PARTS).exists()


def test_row_groups_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "group_rows", lambda name, schema, budget: 8)
    found = []
    for block in (32_000_000, 1):
        monkeypatch.setattr(parts_module, "_BLOCK_BYTES", block)
        store(range(19))
        collect(HERE, PLAN)
        found.append(tables())
    assert found[0] == found[1]
    counts = [pq.ParquetFile("series.parquet").metadata.row_group(i).num_rows for i in range(19)]
    assert set(counts) == {8}
    labels = pq.ParquetFile("series.parquet").read_row_group(1)["param.label"].chunk(0).dictionary
    assert labels.to_pylist() == ["low"]


def test_until_all_is_done_parts_stay_and_the_tables_hold_what_there_is() -> None:
    store([4, 1, 7])
    assert collect(HERE, PLAN) == Counter({"complete": 3})
    assert pq.read_table("runs.parquet")["run_id"].to_pylist() == [PLAN.run_ids[row] for row in (1, 4, 7)]
    assert (HERE / PARTS / "0-of-1.journal").exists()
    store([0])
    assert collect(HERE, PLAN) == Counter({"complete": 4})
    assert pq.read_table("series.parquet").num_rows == 4 * STEPS * 2


def test_a_plan_without_outcomes_gives_empty_tables() -> None:
    assert collect(HERE, PLAN) == Counter()
    assert files() == {"runs.parquet", "series.parquet", "log.parquet"}
    assert pq.read_table("runs.parquet").num_rows == 0
    assert not (HERE / PARTS).exists()
    store(range(20))
    assert collect(HERE, PLAN) == Counter({"complete": 20})


def test_a_retry_after_all_was_collected_is_merged(whole: dict[str, bytes]) -> None:
    store(range(20), failed=range(20))
    assert collect(HERE, PLAN) == Counter({"failed": 20})
    with Store(HERE, PLAN, "0-of-1") as opened:
        assert set(opened.statuses.values()) == {"failed"}
    store([row for row in range(20) if row % 2 == 0], attempt=2)
    assert collect(HERE, PLAN) == Counter({"complete": 10, "failed": 10})
    assert tables() == whole
    log = pq.read_table("log.parquet")
    assert log.num_rows == 30
    assert log["attempt"].to_pylist()[:4] == [1, 2, 1, 1]


def test_collecting_again_changes_nothing(whole: dict[str, bytes]) -> None:
    store(range(20), failed=range(1, 20, 2))
    collect(HERE, PLAN)
    before = {name: Path(name).stat().st_mtime_ns for name in files()}
    Store(HERE, PLAN, "0-of-1").close()
    assert collect(HERE, PLAN) == Counter({"complete": 10, "failed": 10})
    assert {name: Path(name).stat().st_mtime_ns for name in files()} == before


@pytest.mark.slow
def test_a_collect_killed_at_any_write_loses_nothing_and_leaves_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: dict[str, bytes]
) -> None:
    blows, fell = 0, True
    while fell:
        folder = tmp_path / f"killed-{blows}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        store([19, 3, 4, 5], failed=[3, 4, 5, 19])
        collect(HERE, PLAN)
        store([4, *range(6, 20), *range(4)], "b", attempt=2, failed=range(1, 20, 2))
        with killed_after(blows) as axe:
            collect(HERE, PLAN)
        fell = axe.fell
        if blows % 3 == 0:
            Store(HERE, PLAN, "0-of-1").close()
        assert collect(HERE, PLAN) == Counter({"complete": 10, "failed": 10}), blows
        assert tables() == whole, blows
        assert files() == {"runs.parquet", "series.parquet", "agents/nodes.parquet", "log.parquet"}, blows
        assert not list(folder.rglob(".*")), blows
        assert pq.read_table("log.parquet").num_rows == 23, blows
        blows += 1
    assert blows > 15


def test_parts_stay_while_a_writer_is_at_work() -> None:
    with Store(HERE, PLAN, "a") as opened:
        opened.add(toy_batch(PLAN, range(20)))
        assert collect(HERE, PLAN) == Counter({"complete": 20})
        assert (HERE / PARTS / "a.journal").exists()
        opened.add(toy_batch(PLAN, [3], attempt=2))
    collect(HERE, PLAN)
    assert not (HERE / PARTS).exists()
    assert pq.read_table("log.parquet").num_rows == 21


def test_a_writer_that_comes_while_tables_are_collected_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    store(range(20))
    opened: list[set[int]] = []
    written = collecting._written

    def come() -> None:
        with Store(HERE, PLAN, "late") as late:
            opened.append(set(late.statuses))
            late.add(toy_batch(PLAN, [5], attempt=2))

    thread = threading.Thread(target=come)

    def meanwhile(folder: Path, plan: Plan) -> tuple[object, bool]:
        thread.start()
        thread.join(0.3)
        assert not opened
        return written(folder, plan)

    monkeypatch.setattr(collecting, "_written", meanwhile)
    collect(HERE, PLAN)
    thread.join(30)
    assert opened == [set(range(20))]
    assert (HERE / PARTS / "late.journal").exists()


def test_a_journal_that_becomes_a_part_meanwhile_is_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_PART_RUNS", 4)
    with Store(HERE, PLAN, "a") as opened:
        opened.add(toy_batch(PLAN, [0, 1]))
        stored = collecting.stored_sources

        def then_rolled(folder: Path, *, verify: bool) -> object:
            found = stored(folder, verify=verify)
            if len(opened.statuses) < 4:
                opened.add(toy_batch(PLAN, [2, 3]))
            return found

        monkeypatch.setattr(collecting, "stored_sources", then_rolled)
        assert collect(HERE, PLAN) == Counter({"complete": 4})
    monkeypatch.setattr(collecting, "_written", _always_moved)
    with pytest.raises(ResultsError, match="too fast"):
        collect(HERE, PLAN)


def _always_moved(folder: Path, plan: Plan) -> None:
    raise JournalMoved


def test_tables_that_are_not_recorded_are_not_written() -> None:
    plan = toy_plan(2, 1, series=False, agents=False)
    with Store(HERE, plan, "a") as opened:
        opened.add(toy_batch(plan, [0, 1]))
    collect(HERE, plan)
    assert files() == {"runs.parquet", "log.parquet"}


def test_a_disk_that_is_full_leaves_the_old_tables_and_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    store([0, 1])
    collect(HERE, PLAN)
    before = tables()
    store([2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pq.ParquetWriter, "write_table", _no_space)
        with pytest.raises(ResultsError, match=r"cannot write agents/nodes\.parquet: the disk is full"):
            collect(HERE, PLAN)
    assert tables() == before
    assert not [name for name in files() if ".tmp-" in name]
    assert collect(HERE, PLAN) == Counter({"complete": 3})


def _no_space(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_others_temporary_files_are_left_alone() -> None:
    for name in (".manifest.json.tmp-1-x", ".runs.parquet.tmp-1-x", "agents/.nodes.parquet.tmp-1-x"):
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).touch()
    (HERE / ".parts.tmp-x").mkdir()
    store([0])
    collect(HERE, PLAN)
    assert {name for name in files() if ".tmp-" in name} == {".manifest.json.tmp-1-x"}
    assert not (HERE / ".parts.tmp-x").exists()


def test_the_tables_are_ordinary_parquet() -> None:
    store(range(20))
    collect(HERE, PLAN)
    frame = pq.read_table("runs.parquet").to_pandas()
    assert frame.groupby("param.label", observed=True)["kpi.price_final.deai"].mean().shape == (3,)
    assert pq.read_table("series.parquet").schema.field("run_id").type == pa.dictionary(pa.int32(), pa.string())
