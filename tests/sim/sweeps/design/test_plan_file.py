from __future__ import annotations

import base64
import json
import time
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.design import plan_file
from catallaxy.sim.sweeps.design.plan_file import read_plan, write_plan
from catallaxy.sim.sweeps.design.planning import make_plan
from catallaxy.sim.sweeps.design.reading import load_sweep
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording

SCALAR = st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAME = st.text("abc.", min_size=1, max_size=5)


def made_up(points: list[Point], replicates: int = 1, **more: Any) -> Plan:
    context = Context(({"name": "base", "x": 0.1},), Recording(("price",)), ("alpha",), "1+abc", ("plug",))
    runs = range(len(points) * replicates)
    ids, seeds = tuple(f"{row:024x}" for row in runs), tuple(2**64 - 1 - row for row in runs)
    return Plan("made-up", replicates, context, tuple(points), ids, seeds, **more)


@pytest.fixture
def plan() -> Plan:
    rule = {"named": {"a": {"kind": "fixed-supply"}, "b": {"kind": "fixed-rate", "tokens": {"per_year": 5e5}}}}
    design = {"grid": {"networks.alpha.token.emission": rule, "populations.users.count": [100, 200]}}
    record = {"series": ["price"], "agents": ["users"]}
    goals = [{"kpi": "price_ratio", "above": 1}]
    sweep = {"name": "s", "scenario": "minimal", "design": design, "replicates": 3, "record": record, "goals": goals}
    return make_plan(load_sweep(sweep))


def test_what_is_written_is_read(plan: Plan, tmp_path: Path) -> None:
    file = tmp_path / "plan.parquet"
    write_plan(plan, file)
    assert read_plan(file) == plan
    assert read_plan(str(file)).hash == plan.hash
    assert list(tmp_path.iterdir()) == [file]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.dictionaries(NAME, SCALAR), st.dictionaries(NAME, SCALAR | st.none())), min_size=1),
    st.integers(1, 3),
    st.text(),
)
def test_any_plan_survives(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[dict[str, Any], Any]], n: int, question: str
) -> None:
    plan = made_up([Point(0, sets, params) for sets, params in pairs], n, question=question, goals=({"kpi": "x"},))
    file = tmp_path_factory.mktemp("plan") / "plan.parquet"
    write_plan(plan, file)
    found = read_plan(file)
    assert found == plan
    assert [list(point.sets) for point in found.points] == [list(point.sets) for point in plan.points]


def test_equal_plans_give_equal_bytes(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path / "a.parquet")
    write_plan(replace(plan), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_the_runs_are_a_table_for_any_tool(plan: Plan, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    write_plan(plan, tmp_path / "plan.parquet")
    table = pq.read_table(tmp_path / "plan.parquet")
    assert table.column_names[:4] == ["run_id", "point", "replicate", "seed"]
    assert table["param.populations.users.count"].to_pylist() == [100] * 3 + [200] * 3 + [100] * 3 + [200] * 3
    assert set(table["param.networks.alpha.token.emission"].to_pylist()) == {"a", "b"}
    assert table["run_id"].to_pylist() == list(plan.run_ids)
    assert table["seed"].to_pylist() == list(plan.seeds)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="is not there; plan the sweep first"):
        read_plan(tmp_path / "plan.parquet")


def test_a_damaged_file_is_never_taken_for_a_plan(plan: Plan, tmp_path: Path) -> None:
    file = tmp_path / "plan.parquet"
    write_plan(plan, file)
    whole = file.read_bytes()
    for length in (0, 3, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(ResultsError, match="is damaged"):
            read_plan(file)
    for position in range(4, len(whole), len(whole) // 150):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 0x41]) + whole[position + 1 :])
        with suppress(ResultsError):
            assert read_plan(file) == plan


def test_another_parquet_file_is_no_plan(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"run_id": ["a"]}), tmp_path / "plan.parquet")
    with pytest.raises(ResultsError, match="not one of a plan"):
        read_plan(tmp_path / "plan.parquet")


@pytest.mark.parametrize(
    "changes",
    [
        {"replicates": 2},
        {"replicates": 0},
        {"run_ids": ()},
        {"points": ()},
        {"points": (Point(1, {}, {}), Point(0, {}, {}))},
        {"points": (Point(-1, {}, {}), Point(0, {}, {}))},
    ],
    ids=str,
)
def test_a_plan_that_contradicts_itself_is_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    plan = made_up([Point(0, {}, {}), Point(0, {}, {})], 3)
    broken = replace(plan, **changes)
    with suppress(ArithmeticError, IndexError):
        write_plan(broken, tmp_path / "plan.parquet")
    if not (tmp_path / "plan.parquet").exists():
        _with_header(plan, tmp_path / "plan.parquet", plan_file._header(broken))
    with pytest.raises(ResultsError, match="is damaged"):
        read_plan(tmp_path / "plan.parquet")


@pytest.mark.parametrize("section", ["points", "context"])
@pytest.mark.parametrize("bomb", ["[" * 200_000, "0" * 50_000_000], ids=["deep", "large"])
def test_a_plan_that_explodes_when_it_is_unpacked_is_refused(
    section: str, bomb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_file, "MAX_UNPACKED", 10_000_000)
    plan = made_up([Point(0, {}, {})])
    packed = base64.b64encode(zlib.compress(bomb.encode())).decode()
    _with_header(plan, tmp_path / "plan.parquet", {**plan_file._header(plan), section: packed})
    with pytest.raises(ResultsError, match="is damaged"):
        read_plan(tmp_path / "plan.parquet")


def _with_header(plan: Plan, path: Path, header: dict[str, Any]) -> None:
    """Write the file of a plan as somebody might who means harm."""
    import pyarrow.parquet as pq

    write_plan(plan, path)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({plan_file._KEY: json.dumps(header)}), path)


def test_a_newer_format_is_refused(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_file, "FORMAT", 2)
    write_plan(plan, tmp_path / "plan.parquet")
    monkeypatch.undo()
    with pytest.raises(ResultsError, match="has format 2 and this version of catallaxy reads up to 1"):
        read_plan(tmp_path / "plan.parquet")


def test_a_folder_that_cannot_be_made(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError):
        write_plan(plan, tmp_path / "file" / "plan.parquet")


@pytest.mark.timing
def test_a_hundred_thousand_runs_are_read_in_seconds(tmp_path: Path) -> None:
    sets = [{"a.b.c": i / 7, "d.e": i, "f.g": f"name{i % 3}", "h": i % 2 == 0} for i in range(100_000)]
    plan = made_up([Point(0, each, each) for each in sets])
    before = time.process_time()
    write_plan(plan, tmp_path / "plan.parquet")
    written = time.process_time()
    assert read_plan(tmp_path / "plan.parquet") == plan
    assert written - before < 10.0
    assert time.process_time() - written < 3.0
    assert (tmp_path / "plan.parquet").stat().st_size < 30e6
    assert len(json.dumps(sets)) > 5e6
