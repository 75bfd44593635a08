"""A result in memory and the same result from its folder give the same answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.result import Result, open_result
from catallaxy.sim.results.writer import write_results
from synthetic import YAML, make_origin, make_record, make_records

STEPS = 50


def pair(folder: Path, replicates: int, networks: int) -> tuple[Result, Result]:
    origin, records = make_origin(replicates, STEPS), make_records(replicates, STEPS, networks)
    memory = Result.from_records(origin, records)
    return memory, open_result(write_results(folder / "run", origin, records))


@pytest.mark.parametrize(("replicates", "networks"), [(1, 1), (3, 3)])
def test_memory_and_folder_agree(tmp_path: Path, replicates: int, networks: int) -> None:
    memory, folder = pair(tmp_path, replicates, networks)
    for name in ("series", "summary", "income", "flows", "runs"):
        pd.testing.assert_frame_equal(getattr(memory, name), getattr(folder, name))
    assert {**memory.manifest, "files": []} == {**folder.manifest, "files": []}
    assert memory.scenario == folder.scenario == YAML
    assert memory.parameters == folder.parameters
    assert (memory.path, folder.path) == (None, tmp_path / "run")
    assert memory.networks == folder.networks


def test_series_is_long_and_named_after_the_metrics(tmp_path: Path) -> None:
    _, result = pair(tmp_path, 2, 3)
    assert len(result.series) == 2 * STEPS * 3
    assert list(result.series.columns[:6]) == ["run_id", "replicate", "step", "date", "network", "price"]
    assert result.series["date"].iloc[-1] == pd.Timestamp("2024-02-19")


def test_a_panel_has_one_plane_per_replicate(tmp_path: Path) -> None:
    records = [make_record(STEPS, 3), make_record(20, 3, replicate=1)]
    result = open_result(write_results(tmp_path / "run", make_origin(2, STEPS), records))
    panel = result.panel("price")
    assert panel.shape == (2, STEPS, 3)
    np.testing.assert_array_equal(panel[0], records[0].series["price"])
    np.testing.assert_array_equal(panel[1, :20], records[1].series["price"])
    assert np.isnan(panel[1, 20:]).all()


@pytest.mark.parametrize(("old", "new", "same"), [(1.0, 1.0, True), (np.nan, np.nan, True), (0.0, -0.0, False)])
def test_the_same_bits_are_the_same_result(tmp_path: Path, old: float, new: float, same: bool) -> None:
    records = [make_record(STEPS), make_record(STEPS)]
    for record, value in zip(records, (old, new), strict=True):
        record.series["price"][3, 0] = value
    origin = make_origin(1, STEPS)
    saved = open_result(write_results(tmp_path / "run", origin, records[:1]))
    assert saved.same_bits(Result.from_records(origin, records[1:])) is same


def test_an_unknown_metric_names_the_nearest(tmp_path: Path) -> None:
    result, _ = pair(tmp_path, 1, 1)
    with pytest.raises(ResultsError, match="Did you mean 'price'"):
        result.panel("prise")


def test_the_summary_has_units_and_intervals(tmp_path: Path) -> None:
    _, result = pair(tmp_path, 3, 1)
    row = result.summary.set_index("kpi").loc["price_final"]
    values = [record.series["price"][-1, 0] for record in make_records(3, STEPS)]
    assert (row["unit"], row["direction"], row["n"]) == ("USD/token", "up", 3)
    assert row["mean"] == pytest.approx(np.mean(values))
    assert row["low"] < row["mean"] < row["high"]


def test_it_introduces_itself(tmp_path: Path) -> None:
    _, result = pair(tmp_path, 2, 3)
    assert repr(result).startswith("<Result 'synthetic': complete, 2 x 50 steps, Agora, ")
    html = result._repr_html_()
    assert "price_final" in html
    assert "Bazaar & Co <b>" not in html


def test_a_plot_has_one_panel_per_network_and_shows_itself(tmp_path: Path) -> None:
    _, result = pair(tmp_path, 3, 3)
    figure = result.plot("price")
    assert len(figure.axes) == 3
    assert figure.axes[0].get_yscale() == "log"
    assert result.plot("price", log=False).axes[0].get_yscale() == "linear"
    assert len(figure.axes[0].collections) == 2
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_a_missing_table_is_one_clear_message(tmp_path: Path) -> None:
    _, result = pair(tmp_path, 1, 1)
    (tmp_path / "run" / "series.parquet").write_bytes(b"PAR1 damaged")
    with pytest.raises(ResultsError, match=r"series\.parquet cannot be read"):
        result.panel("price")


def test_opening_nothing(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="is not a folder"):
        open_result(tmp_path / "none")
