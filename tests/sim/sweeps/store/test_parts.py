"""Journals become parts, and everything stored is found again, once, in the order of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.outcome import FINAL, Batch
from catallaxy.sim.sweeps.store import parts as parts_module
from catallaxy.sim.sweeps.store.arrow import agents_schema, sorted_by_row
from catallaxy.sim.sweeps.store.disk import PARTS
from catallaxy.sim.sweeps.store.ends import Ends, Winners
from catallaxy.sim.sweeps.store.journal import Journal
from catallaxy.sim.sweeps.store.parts import PartName, committed_parts, merged, stored_sources, table_schema, write_part
from catallaxy.sim.sweeps.store.sources import JournalMoved
from oracles.sweeps import LABELS, log_of, toy_batch, toy_plan

PLAN = toy_plan(10, 2, networks=("deai", "rival"))
HERE = Path()
TABLES = ("runs", "log", "series", "agents/nodes")


def journal(writer: str, *groups: Sequence[int], attempt: int = 1, failed: Sequence[int] = ()) -> Journal:
    """Return a journal with one batch for each group of rows."""
    (HERE / PARTS).mkdir(exist_ok=True)
    opened = Journal(HERE / PARTS / f"{writer}.journal", PLAN.hash)
    for rows in groups:
        ends = {row: "failed" for row in rows if row in failed}
        opened.add(toy_batch(PLAN, rows, ends, attempt=attempt, finished=float(attempt)))
    return opened


def everything(name: str) -> pa.Table:
    """Return a table of all that is stored, in the order of the plan."""
    sources, _ = stored_sources(HERE, verify=True)
    winners = Winners(len(PLAN))
    for number, source in enumerate(sources):
        winners.offer(source.ends, number)
    schema = table_schema(PLAN.context, sources, name)
    return pa.concat_tables(merged(sources, winners, name, schema))


def rows_of(name: str) -> list[int]:
    rows: list[int] = everything(name)["row"].to_pylist()
    return rows


@pytest.mark.parametrize("name", TABLES)
def test_a_part_holds_what_the_journal_held_in_the_order_of_the_plan(name: str) -> None:
    journal("a", [7, 3], [5, 1], [0]).close()
    before = everything(name)
    write_part(HERE, PLAN, "a", 1)
    part = pq.read_table(PartName("a", 1, name).path(HERE))
    assert part["row"].to_pylist() == sorted(part["row"].to_pylist())
    assert everything(name).equals(before)
    (HERE / PARTS / "a.journal").unlink()
    assert everything(name).equals(before)


def test_a_journal_and_the_part_that_it_became_count_once() -> None:
    journal("a", [2, 1]).close()
    write_part(HERE, PLAN, "a", 1)
    sources, scans = stored_sources(HERE, verify=True)
    assert len(sources) == 1
    assert list(scans) == ["a"]
    assert rows_of("log") == [1, 2]


def test_the_beginning_of_a_part_is_none() -> None:
    journal("a", [2, 1]).close()
    write_part(HERE, PLAN, "a", 1)
    PartName("a", 1, "runs").path(HERE).unlink()
    assert committed_parts(HERE) == {}
    assert rows_of("runs") == [1, 2]


def test_the_last_attempt_counts_and_a_complete_one_beats_all() -> None:
    journal("a", [0, 1, 2, 3], failed=[0, 1, 3]).close()
    journal("b", [0, 1, 2], failed=[1, 2], attempt=3).close()
    journal("c", [1], failed=[1], attempt=2).close()
    assert everything("runs")["status"].to_pylist() == ["complete", "failed", "complete", "failed"]
    log = everything("log")
    assert list(zip(log["row"].to_pylist(), log["attempt"].to_pylist(), strict=True)) == [
        (0, 1), (0, 3), (1, 1), (1, 2), (1, 3), (2, 1), (2, 3), (3, 1)
    ]  # fmt: skip
    assert set(rows_of("series")) == {0, 2}


def test_attempts_in_one_journal_compete_too() -> None:
    opened = journal("a", [0, 1], failed=[1])
    opened.add(toy_batch(PLAN, [1, 0], {0: "crashed"}, attempt=2))
    opened.close()
    assert everything("runs")["status"].to_pylist() == ["complete", "complete"]
    before = everything("series")
    write_part(HERE, PLAN, "a", 1)
    assert everything("series").equals(before)
    assert pq.read_table(PartName("a", 1, "runs").path(HERE))["row"].to_pylist() == [0, 1]
    assert rows_of("log") == [0, 0, 1, 1]


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    journal("a", [7, 3], [5, 1], [0]).close()
    journal("b", [2, 9], [19, 4]).close()
    whole = {name: everything(name) for name in TABLES}
    monkeypatch.setattr(parts_module, "_BLOCK_BYTES", 1)
    for name in TABLES:
        assert everything(name).equals(whole[name]), name


def test_only_the_row_groups_that_can_matter_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    journal("a", range(20)).close()
    monkeypatch.setattr(parts_module, "rows_within", lambda schema, budget: 4)
    write_part(HERE, PLAN, "a", 1)
    (source,), _ = stored_sources(HERE, verify=True)
    asked: list[list[int]] = []
    read = pq.ParquetFile.read_row_groups
    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", lambda s, groups: asked.append(groups) or read(s, groups))
    found = source.read("runs", 6, 9)
    assert found is not None
    assert found["row"].to_pylist() == [6, 7, 8]
    assert asked == [[1, 2]]
    assert source.read("runs", 20, 30) is None
    assert source.read("agents/none", 0, 30) is None
    assert source.size("agents/none") == 0


def test_a_journal_that_moved_while_it_was_read_is_noticed() -> None:
    opened = journal("a", [0, 1])
    (source,), _ = stored_sources(HERE, verify=True)
    opened.restart(2)
    with pytest.raises(JournalMoved):
        source.read("runs", 0, 2)
    opened.close()
    (HERE / PARTS / "a.journal").unlink()
    with pytest.raises(JournalMoved):
        source.read("runs", 0, 2)


def test_a_damaged_part_is_named() -> None:
    journal("a", [0, 1]).close()
    write_part(HERE, PLAN, "a", 1)
    path = PartName("a", 1, "series").path(HERE)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ResultsError, match=r"a-0001\.series\.parquet cannot be read"):
        everything("series")


@pytest.mark.parametrize("writer", ["0-of-1", "12-of-40", "a_b"])
@pytest.mark.parametrize("table", [*TABLES, "agents/compute-nodes_2"])
def test_names_of_parts_can_be_read_back(writer: str, table: str) -> None:
    name = PartName(writer, 12, table)
    assert PartName.of(name.path(HERE)) == name


@pytest.mark.parametrize("file", ["0-of-1.journal", "runs.parquet", "a-1.runs.parquet.tmp-3", ".a-1.runs.parquet"])
def test_other_names_are_none_of_parts(file: str) -> None:
    assert PartName.of(Path(file)) is None


def agents(row: int, **columns: pa.Array) -> pa.Table:
    n = len(next(iter(columns.values())))
    return pa.table({"row": pa.array([row] * n, pa.int32()), "agent": pa.array(range(n), pa.int64()), **columns})


def test_agents_of_different_scenarios_share_a_table_whatever_came_first() -> None:
    kinds = [
        agents(0, zeal=pa.array([1, 2]), kind=pa.array(["x", "y"]).dictionary_encode()),
        agents(1, alpha=pa.array([0.5]), zeal=pa.array([3])),
    ]
    opened = journal("a")
    for row, table in enumerate(kinds):
        batch = toy_batch(PLAN, [row])
        others = {name: batch.table(name) for name in ("runs", "log")}
        opened.add(Batch.of(batch.statuses, {**others, "agents/nodes": table}))
    opened.close()
    table = everything("agents/nodes")
    assert table.column_names == ["row", "agent", "alpha", "kind", "zeal"]
    assert table["zeal"].to_pylist() == [1, 2, 3]
    assert table["alpha"].to_pylist() == [None, None, 0.5]
    schemas = [kind.schema for kind in kinds]
    assert agents_schema(schemas) == agents_schema(schemas[::-1])
    write_part(HERE, PLAN, "a", 1)
    assert everything("agents/nodes").equals(table)


def test_rows_of_a_run_keep_their_order() -> None:
    table = pa.table({"row": pa.array([2, 1, 2, 1], pa.int32()), "step": [0, 0, 1, 1]})
    assert sorted_by_row(table).to_pydict() == {"row": [1, 1, 2, 2], "step": [0, 1, 0, 1]}


ATTEMPT = st.tuples(st.integers(0, 5), st.sampled_from(FINAL), st.integers(1, 4), st.integers(0, 3))


@given(attempts=st.lists(ATTEMPT, max_size=12), cut=st.integers(0, 12))
def test_which_attempt_counts_does_not_depend_on_how_they_are_offered(
    attempts: list[tuple[int, str, int, int]], cut: int
) -> None:
    def ends(some: list[tuple[int, str, int, int]]) -> Ends:
        columns = list(zip(*some, strict=True)) or [(), (), (), ()]
        return Ends.of(*columns)

    winners = Winners(6)
    winners.offer(ends(attempts[:cut]))
    winners.offer(ends(attempts[cut:]))
    expected = {
        row: max(((status == "complete", attempt, when, status) for r, status, attempt, when in attempts if r == row))
        for row in {attempt[0] for attempt in attempts}
    }
    found = winners.statuses()
    assert set(found) == set(expected)
    everything = ends(attempts)
    best = everything.best
    assert everything.rows[best].tolist() == sorted(expected)
    assert everything.ranks[best].tolist() == winners.ranks[winners.rows].tolist()
    for row, (complete, attempt, when, _) in expected.items():
        allowed = {s for r, s, a, w in attempts if (r, s == "complete", a, w) == (row, complete, attempt, when)}
        assert found[row] in allowed
    assert sum(winners.counts().values()) == len(expected) == len(winners.rows)


def test_a_run_that_the_plan_does_not_have_is_refused() -> None:
    with pytest.raises(ResultsError, match="run 6 is stored, but the plan has 6 runs"):
        Winners(6).offer(Ends.of([6], ["complete"], [1], [0]))


def test_ends_are_read_from_the_log() -> None:
    ends = Ends.of_log(log_of({4: "timeout", 2: "complete"}, 3, 1.5))
    assert (ends.rows.tolist(), [FINAL[code] for code in ends.codes]) == ([4, 2], ["timeout", "complete"])
    assert (ends.attempts.tolist(), ends.finished.tolist()) == ([3, 3], [1500, 1500])
    assert ends.ranks.dtype == np.int64


def test_a_schema_that_many_batches_share_is_read_once() -> None:
    journal("a", [0, 1], [2]).close()
    (source,), _ = stored_sources(HERE, verify=True)
    assert len(source.schemas("agents/nodes")) == 1
    assert set(everything("agents/nodes")["kind"].to_pylist()) == set(LABELS)
