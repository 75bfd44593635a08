"""Dated values: steps, lines, the folder that a CSV file must lie in, and every way a file can be wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from catallaxy.sim.environment.drivers import DriversSpec, driver_paths, driver_problems
from catallaxy.sim.environment.paths import Draws, Horizon
from catallaxy.sim.environment.processes import AnyProcess, Process

ANY: TypeAdapter[Process] = TypeAdapter(AnyProcess)
HORIZON = Horizon(date(2024, 1, 1), 8, 1.0)
TOO_MANY = "\n".join(f"{date.fromordinal(700_000 + k)},1" for k in range(20_001))
POINTS = {"2024-01-01": 1.0, "2024-01-03": 2.0, "2024-01-05": 6.0}


def values(process: Process, horizon: Horizon = HORIZON) -> list[float]:
    return process.path(horizon, Draws(1, 0)).tolist()


def read(folder: Path | None, text: str | bytes | None = None, **changes: Any) -> Process:
    if folder is not None and text is not None:
        (folder / "prices.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    yaml = {"kind": "csv", "file": "prices.csv", **changes}
    return ANY.validate_python(yaml, context=None if folder is None else {"folder": folder})


def complaint(folder: Path | None, text: str | bytes | None = None, **changes: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(folder, text, **changes)
    return str(caught.value.errors()[0]["msg"])


def test_a_step_table_holds_each_value_until_the_next() -> None:
    table = ANY.validate_python({"kind": "table", "points": POINTS})
    assert values(table) == [1.0, 1.0, 2.0, 2.0, 6.0, 6.0, 6.0, 6.0]


def test_a_linear_table_joins_the_values_and_holds_the_last() -> None:
    table = ANY.validate_python({"kind": "table", "points": POINTS, "interpolate": "linear"})
    assert values(table) == [1.0, 1.5, 2.0, 4.0, 6.0, 6.0, 6.0, 6.0]
    assert values(table, Horizon(date(2024, 1, 4), 3, 0.5)) == [4.0, 5.0, 6.0]


def test_order_of_points_does_not_matter() -> None:
    backwards = dict(reversed(POINTS.items()))
    assert values(ANY.validate_python({"kind": "table", "points": backwards})) == [1, 1, 2, 2, 6, 6, 6, 6]


def test_one_point_is_a_constant() -> None:
    for interpolate in ("step", "linear"):
        table = {"kind": "table", "points": {"2023-12-01": 4.0}, "interpolate": interpolate}
        assert values(ANY.validate_python(table)) == [4.0] * 8


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ({}, "points is empty"),
        ({"2024-01-01": 1, "2024-03-01": 2}, "no value between 2024-01-01 and 2024-03-01 (60 days)"),
    ],
)
def test_a_table_with_gaps_is_refused(points: dict[str, float], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected.replace("(", r"\(").replace(")", r"\)")):
        ANY.validate_python({"kind": "table", "points": points})
    assert ANY.validate_python({"kind": "table", "points": {**POINTS, "2024-09-01": 2}, "max_gap_days": 300})


@pytest.mark.parametrize(
    "text",
    [
        "date,value\n2024-01-01,1\n2024-01-03,2\n2024-01-05,6\n",
        "\ufeffdate,x,value\r\n2024-01-01,,1\r\n2024-01-03,,2\r\n2024-01-05,,6.0",
    ],
)
def test_a_csv_file_is_read_from_the_scenarios_folder(tmp_path: Path, text: str) -> None:
    assert values(read(tmp_path, text)) == [1.0, 1.0, 2.0, 2.0, 6.0, 6.0, 6.0, 6.0]


def test_columns_can_be_named(tmp_path: Path) -> None:
    named = read(tmp_path, "day,usd\n2024-01-01,3.5\n", date_column="day", value_column="usd")
    assert values(named) == [3.5] * 8


def test_a_resolved_scenario_needs_the_file_no_more(tmp_path: Path) -> None:
    process = read(tmp_path, "date,value\n2024-01-01,1\n2024-01-03,2\n")
    written = ANY.dump_json(process)
    (tmp_path / "prices.csv").unlink()
    again = ANY.validate_json(written)
    assert again == process
    assert values(again) == values(process)


def test_a_driver_gets_its_csv_through_the_whole_specification(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "gpu.csv").write_text("date,value\n2024-01-01,2.5\n2024-01-02,2.75\n")
    spec = DriversSpec.model_validate(
        {"cloud_gpu_price": {"kind": "csv", "file": "sub/gpu.csv"}}, context={"folder": str(tmp_path)}
    )
    paths = driver_paths(spec, seed=1, n_steps=3, dt_days=1.0, start=date(2024, 1, 1))
    assert paths["cloud_gpu_price"].tolist() == [2.5, 2.75, 2.75]
    assert driver_problems(spec, date(2024, 1, 1)) == []
    ((path, message),) = driver_problems(spec, date(2023, 12, 31))
    assert path == "cloud_gpu_price"
    assert message == "its first value is of 2024-01-01, after the run starts on 2023-12-31"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "has no column 'date'; it has none"),
        ("date,value\n", "has a header but no rows"),
        ("Date,value\n2024-01-01,1\n", "did you mean 'Date'?"),
        ("date,valeu\n2024-01-01,1\n", "did you mean 'valeu'?"),
        ("date,value\n2024-01-01,1\n2024-01-02,\n", "prices.csv:3: the value is missing"),
        ("date,value\n2024-01-01\n", "prices.csv:2: the value is missing"),
        ("date,value\n2024-01-01,n/a\n", "prices.csv:2: 'n/a' is not a finite number"),
        ("date,value\n2024-01-01,inf\n", "'inf' is not a finite number"),
        ("date,value\n01/02/2024,1\n", "'01/02/2024' is not a date; write YYYY-MM-DD"),
        ("date,value\n2024-01-02,1\n2024-01-02,2\n", "2024-01-02 does not come after 2024-01-02"),
        ("date,value\n2024-01-02,1\n2024-01-01,2\n", "sort rows"),
        ("date,value\n2024-01-01,1\n2024-06-01,2\n", "no value between 2024-01-01 and 2024-06-01"),
        (b"date,value\n2024-01-01,\xff\n", "cannot be read as CSV text"),
        ("date,value\n2024-01-01,1" + "0" * 5_000_000, "has 5.0 MB; at most 5 MB are read"),
        (f"date,value\n{TOO_MANY}", "more than 20000 rows"),
    ],
)  # fmt: skip
def test_a_wrong_csv_file_is_explained(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert expected in complaint(tmp_path, text)


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    assert "did you mean 'prices.csv'?" in complaint(tmp_path, "date,value\n2024-01-01,1\n", file="price.csv")
    assert "is not a file" in complaint(tmp_path, file=".")


def test_files_outside_the_folder_are_refused(tmp_path: Path) -> None:
    home = tmp_path / "scenario"
    home.mkdir()
    outside = tmp_path / "secret.csv"
    outside.write_text("date,value\n2024-01-01,1\n")
    (home / "link.csv").symlink_to(outside)
    for name in ("../secret.csv", str(outside), "link.csv", "/etc/passwd"):
        assert "inside the scenario's folder" in complaint(home, file=name)


def test_a_scenario_without_a_file_cannot_name_a_csv() -> None:
    assert "looked for beside a scenario file" in complaint(None)


def test_a_csv_process_needs_a_file() -> None:
    with pytest.raises(ValidationError) as caught:
        ANY.validate_python({"kind": "csv"})
    assert ("file",) in {error["loc"][-1:] for error in caught.value.errors()}


def test_values_are_what_the_driver_must_allow(tmp_path: Path) -> None:
    (tmp_path / "gpu.csv").write_text("date,value\n2024-01-01,2.5\n2024-01-02,-1\n")
    with pytest.raises(ValidationError, match="takes the value -1 USD/GPU-hour"):
        DriversSpec.model_validate(
            {"cloud_gpu_price": {"kind": "csv", "file": "gpu.csv"}}, context={"folder": tmp_path}
        )


def test_years_of_daily_data_keep_every_digit() -> None:
    points = {date.fromordinal(date(2020, 1, 1).toordinal() + k).isoformat(): 0.1 * k for k in range(1500)}
    table = ANY.validate_python({"kind": "table", "points": points})
    assert np.array_equal(
        table.path(Horizon(date(2020, 1, 1), 1500, 1.0), Draws(1, 0)), np.array(list(points.values()))
    )
