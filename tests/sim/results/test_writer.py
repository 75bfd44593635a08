"""What a results folder holds."""

from __future__ import annotations

import dataclasses
import hashlib
import resource
import signal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from catallaxy.sim.analysis.key_figures import KPIS
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.folder import read_manifest
from catallaxy.sim.results.provenance import environment, git_state
from catallaxy.sim.results.tables import TABLES, series_table
from catallaxy.sim.results.writer import write_results
from synthetic import YAML, make_origin, make_record, make_records

STEPS = 40
DATA = ("series.parquet", "flows.parquet", "income.parquet")


def write(folder: Path, records: list[RunRecord], **changes: object) -> dict[str, object]:
    origin = dataclasses.replace(make_origin(len(records), STEPS), **changes)  # type: ignore[arg-type]
    return read_manifest(write_results(folder, origin, records))


def test_the_layout(tmp_path: Path) -> None:
    manifest = write(tmp_path / "run", make_records(2, STEPS, 3))
    names = sorted(p.name for p in (tmp_path / "run").iterdir())
    assert names == sorted(["manifest.json", "scenario.resolved.yaml", *(f"{name}.parquet" for name in TABLES)])
    assert (tmp_path / "run" / "scenario.resolved.yaml").read_text(encoding="utf-8") == YAML
    for entry in manifest["files"]:  # type: ignore[attr-defined]
        content = (tmp_path / "run" / entry["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"])
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_the_manifest_says_what_was_done(tmp_path: Path) -> None:
    m = write(tmp_path / "run", make_records(2, STEPS, 3))
    assert (m["status"], m["seed"], m["seeds"]) == ("complete", 7, [7, 7])
    assert m["steps"] == {"requested": STEPS, "done": [STEPS, STEPS]}
    assert (m["start"], m["end"]) == ("2024-01-01", "2024-02-09")
    assert m["audit"] == {
        "passed": True,
        "steps_checked": 2 * STEPS,
        "identities_per_step": 14,
        "largest_discrepancy": 0,
    }
    assert m["guards"]["pool_drain"] == {"steps": 2, "share": 2 / 80, "worst_share": 1 / 40}  # type: ignore[index]
    assert set(m["libraries"]) == {"numpy", "numba", "mesa", "pyarrow"}  # type: ignore[call-overload]
    assert m["base_units"] == {"USD": 1e-6, "AGO": 1e-9, "BAZ": 1e-9, "CAT": 1e-9}
    assert m["phase_seconds"]["issuance"] == 0.8  # type: ignore[index]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("complete", "complete"), "complete"),
        (("complete", "interrupted"), "interrupted"),
        (("interrupted", "failed"), "failed"),
    ],
)
def test_the_worst_replicate_decides_the_status(tmp_path: Path, statuses: tuple[str, str], expected: str) -> None:
    records = make_records(2, STEPS)
    for record, status in zip(records, statuses, strict=True):
        record.status = status
    assert write(tmp_path / "run", records)["status"] == expected


def test_a_replicate_that_never_started_makes_the_run_interrupted(tmp_path: Path) -> None:
    assert write(tmp_path / "run", make_records(1, STEPS), replicates=2)["status"] == "interrupted"


def test_a_run_that_failed_at_once_is_written(tmp_path: Path) -> None:
    m = write(tmp_path / "run", [], replicates=1)
    assert (m["status"], m["networks"]) == ("failed", [])
    assert pq.read_table(tmp_path / "run" / "series.parquet").num_rows == 0


def test_a_failed_replicate_keeps_its_steps_and_its_error(tmp_path: Path) -> None:
    records = [make_record(STEPS), make_record(25, replicate=1)]
    records[1].status, records[1].error = "failed", "audit failed at step 25"
    m = write(tmp_path / "run", records)
    (problem,) = m["problems"]
    assert problem == {
        "replicate": 1,
        "status": "failed",
        "steps": 25,
        "error": "audit failed at step 25",
        "traceback": "",
    }
    assert pq.read_table(tmp_path / "run" / "series.parquet").num_rows == STEPS + 25


def test_a_failed_audit_is_never_called_passed(tmp_path: Path) -> None:
    record = make_record(STEPS)
    record.audit["largest_discrepancy"] = np.int64(-3)
    assert write(tmp_path / "run", [record])["audit"]["passed"] is False  # type: ignore[index]
    record.audit = {"passed": False, "steps_checked": 0, "largest_discrepancy": 0}
    assert write(tmp_path / "run", [record])["audit"]["passed"] is False  # type: ignore[index]
    record.audit = {}
    assert write(tmp_path / "run", [record])["audit"]["passed"] is None  # type: ignore[index]


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a", make_records(2, STEPS, 3))
    others = make_records(2, STEPS, 3)
    for record in others:
        record.wall_s, record.phase_seconds = 99.0, {"issuance": 77.0}
    write(tmp_path / "b", others[::-1], started=make_origin().started.replace(year=2027), wall_s=3.0, argv=("x",))
    for name in DATA:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_another_value_gives_other_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a", make_records(1, STEPS))
    other = make_records(1, STEPS)
    other[0].series["price"][7, 0] = np.nextafter(other[0].series["price"][7, 0], np.inf)
    write(tmp_path / "b", other)
    assert (tmp_path / "a" / DATA[0]).read_bytes() != (tmp_path / "b" / DATA[0]).read_bytes()


def test_floats_are_split_by_byte_and_text_is_a_dictionary(tmp_path: Path) -> None:
    write(tmp_path / "run", make_records(1, STEPS))
    group = pq.ParquetFile(tmp_path / "run" / "series.parquet").metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert columns["ts.price"].compression == "ZSTD"
    assert "BYTE_STREAM_SPLIT" in columns["ts.price"].encodings
    assert not columns["ts.price"].has_dictionary_page
    assert columns["network"].has_dictionary_page


def test_series_rows_are_replicate_then_step_then_network() -> None:
    records = make_records(2, 3, 2)
    rows = series_table(["a", "b"], records).to_pylist()
    assert [(r["run_id"], r["step"], r["network"]) for r in rows[:3]] == [
        ("a", 0, "Agora"),
        ("a", 0, "Bazaar & Co <b>"),
        ("a", 1, "Agora"),
    ]
    assert rows[7]["ts.price"] == records[1].series["price"][0, 1]
    assert [str(r["date"]) for r in rows[::2]][:3] == ["2024-01-01", "2024-01-02", "2024-01-03"]


def test_a_metric_that_one_run_lacks_is_nan_there() -> None:
    records = make_records(2, 3)
    del records[1].series["price"]
    values = series_table(["a", "b"], records)["ts.price"].to_numpy()
    assert np.isnan(values).tolist() == [False] * 3 + [True] * 3


def test_steps_shorter_than_a_day_share_a_date() -> None:
    record = make_record(4)
    record.dt_days = 0.5
    dates = series_table(["a"], [record])["date"].to_pylist()
    assert [str(d) for d in dates] == ["2024-01-01", "2024-01-01", "2024-01-02", "2024-01-02"]


def test_columns_carry_their_units(tmp_path: Path) -> None:
    write(tmp_path / "run", make_records(1, STEPS))
    schema = pq.read_schema(tmp_path / "run" / "series.parquet")
    assert schema.field("ts.price").metadata[b"unit"] == b"USD/token"


def test_runs_hold_one_column_per_key_figure_and_network(tmp_path: Path) -> None:
    write(tmp_path / "run", make_records(2, STEPS, 3))
    table = pq.read_table(tmp_path / "run" / "runs.parquet")
    assert table.num_rows == 2
    assert sum(name.startswith("kpi.") for name in table.column_names) == 3 * len(KPIS)
    assert "kpi.price_final.Bazaar & Co <b>" in table.column_names


def test_key_figures_of_the_record_come_first(tmp_path: Path) -> None:
    record = make_record(STEPS)
    record.kpis = {"own": {"Agora": 3.0}}
    write(tmp_path / "run", [record])
    table = pq.read_table(tmp_path / "run" / "runs.parquet")
    assert [n for n in table.column_names if n.startswith("kpi.")] == ["kpi.own.Agora"]


def test_a_disk_that_fills_up_leaves_nothing_half_written(tmp_path: Path) -> None:
    records = make_records(4, 400, 3)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(ResultsError, match=r"cannot write results to .*size limit"):
            write(tmp_path / "run", records)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_git_has_no_commit(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None
    assert git_state(None) is None
    assert environment()["platform"]["cpu"]
