"""What the figures show, number by number."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.sim.report.canvas import style
from catallaxy.sim.report.charts import Panel, network_lines, versus
from catallaxy.sim.report.data import ReportData, bands
from catallaxy.sim.report.sections import SECTIONS
from catallaxy.sim.report.stocks import income_bars, supply_parts, supply_waterfall
from catallaxy.sim.report.votes import vote_groups
from catallaxy.sim.results.result import Result
from synthetic import make_origin, make_record, make_records


def data(replicates: int = 1, steps: int = 90, networks: int = 1) -> ReportData:
    records = make_records(replicates, steps, networks)
    return ReportData(Result.from_records(make_origin(replicates, steps), records))


def test_bands_are_quantiles() -> None:
    values = np.arange(101.0)[:, None] * np.array([1.0, 2.0])
    b = bands(values)
    assert [b.low[0], b.lower[0], b.median[1], b.upper[1], b.high[1]] == [5.0, 25.0, 100.0, 150.0, 190.0]


def test_bands_leave_out_replicates_that_had_ended() -> None:
    b = bands(np.array([[1.0, 1.0, np.nan], [3.0, np.nan, np.nan]]))
    assert b.median[:2].tolist() == [2.0, 1.0]
    assert np.isnan(b.median[2])


@pytest.mark.parametrize("replicates", [1, 3])
def test_the_parts_of_the_supply_sum_to_it(replicates: int) -> None:
    d = data(replicates, networks=2)
    for k in range(2):
        total = sum(supply_parts(d, k).values())
        np.testing.assert_allclose(total, d.mean("supply", k), rtol=1e-12)


def test_the_waterfall_ends_at_zero_and_begins_with_genesis() -> None:
    d = data()
    bars = supply_waterfall(d).axes[0].patches
    genesis = d.panel("supply")[0, -1, 0] - d.panel("minted_cum")[0, -1, 0] + d.panel("burned_cum")[0, -1, 0]
    assert bars[0].get_height() == pytest.approx(genesis)  # type: ignore[attr-defined]
    assert bars[-1].get_y() == pytest.approx(0.0, abs=1e-6 * genesis)  # type: ignore[attr-defined]
    assert len(bars) == 9


def test_the_waterfall_counts_what_curves_issue_and_what_is_recycled_or_converted() -> None:
    record = make_record(90)
    for name, amount in (("recycled_cum", 30.0), ("curve_issued", -200.0), ("converted", 0.0)):
        record.series[name] = np.full((90, 1), amount)
    d = ReportData(Result.from_records(make_origin(1, 90), [record]))
    ax = supply_waterfall(d).axes[0]
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names[:6] == ["genesis", "minted", "burned", "recycled", "curves", "supply"]
    heights = [bar.get_height() for bar in ax.patches]  # type: ignore[attr-defined]
    assert heights[3:5] == [-30.0, -200.0]
    assert sum(heights[:5]) == pytest.approx(heights[5])
    assert heights[5] == pytest.approx(d.mean("supply", 0)[-1])


def test_smoothing_is_a_trailing_mean() -> None:
    d = data(steps=90)
    fees = d.panel("fees_usd")[0, :, 0]
    smooth = d.smoothed("fees_usd")[0, :, 0]
    assert smooth[0] == pytest.approx(fees[0])
    assert smooth[9] == pytest.approx(fees[:10].mean())
    assert smooth[80] == pytest.approx(fees[51:81].mean())


def test_means_follow_the_replicates_that_still_run() -> None:
    records = [make_record(10), make_record(5, replicate=1)]
    d = ReportData(Result.from_records(make_origin(2, 10), records))
    assert d.mean("price", 0)[9] == pytest.approx(records[0].series["price"][9, 0])
    both = (records[0].series["price"][4, 0] + records[1].series["price"][4, 0]) / 2
    assert d.mean("price", 0)[4] == pytest.approx(both)


def test_dates_of_short_steps() -> None:
    record = make_record(3)
    record.dt_days = 0.25
    d = ReportData(Result.from_records(make_origin(1, 3), [record]))
    assert [str(x) for x in d.dates] == ["2024-01-01T00:00", "2024-01-01T06:00", "2024-01-01T12:00"]


def test_a_panel_without_data_is_left_out() -> None:
    d = data()
    figure = network_lines(d, (Panel("adoption", "A", "a"), Panel("no_such_series", "Q", "q")))
    assert [ax.get_title(loc="left") for ax in figure.axes if ax.get_title(loc="left")] in (["A"], [])
    assert len(figure.axes) == 1


def test_venues_are_shown_where_there_are_several() -> None:
    record = make_record(10)
    for name in ("venue_spread", "provided_usd"):
        record.series[name] = np.zeros((10, 1))
    alone = ReportData(Result.from_records(make_origin(1, 10), [record]))
    assert not alone.has("spread_if_any")
    assert not alone.has("provided_if_any")
    record.series["venue_spread"][3, 0] = 0.02
    several = ReportData(Result.from_records(make_origin(1, 10), [record]))
    assert several.has("spread_if_any")
    assert several.panel("spread_if_any")[0, 3, 0] == 0.02


def test_whose_votes_they_were_is_shown_where_there_were_votes() -> None:
    records = make_records(2, 90, 2)
    for record in records:
        for name, values in record.series.items():
            if name.startswith("vote"):
                values[:, 1] = np.nan
    d = ReportData(Result.from_records(make_origin(2, 90), records))
    [ax] = vote_groups(d).axes
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(9.0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("networks", [1, 3])
def test_bands_appear_with_replicates_only(networks: int) -> None:
    series, reference = Panel("price", "price", "price"), Panel("fundamental", "fundamental", "price")
    for replicates, areas in ((1, 0), (3, 2)):
        figure = versus(data(replicates, networks=networks), series, reference, log=True)
        assert len(figure.axes) == networks
        assert all(len(ax.collections) == areas and ax.get_yscale() == "log" for ax in figure.axes)


@pytest.mark.parametrize(("zeros", "scale"), [(5, "log"), (18, "linear")])
def test_a_logarithmic_axis_needs_mostly_positive_values(zeros: int, scale: str) -> None:
    record = make_record(20)
    for name in ("price", "fundamental"):
        record.series[name][:zeros] = 0.0
    d = ReportData(Result.from_records(make_origin(1, 20), [record]))
    figure = versus(d, Panel("price", "p", "p"), Panel("fundamental", "f", "f"), log=True)
    assert figure.axes[0].get_yscale() == scale


def test_a_flat_line_is_not_drawn_on_the_edge() -> None:
    record = make_record(20)
    record.series["adoption"][:] = 1.0
    d = ReportData(Result.from_records(make_origin(1, 20), [record]))
    low, high = network_lines(d, (Panel("adoption", "A", "a"),)).axes[0].get_ylim()
    assert low == 0.0
    assert high > 1.04


def test_income_bars_are_means_over_replicates() -> None:
    d = data(2)
    rows = [row for row in d.result.table("income").to_pylist() if row["population"] == "data_providers"]
    width = income_bars(d).axes[0].patches[0].get_width()  # type: ignore[attr-defined]
    assert width == pytest.approx(sum(row["total_usd"] for row in rows) / 2)


@pytest.mark.parametrize(("networks", "replicates"), [(1, 1), (3, 4)])
def test_no_text_of_a_figure_overlaps_another(networks: int, replicates: int) -> None:
    d = data(replicates, networks=networks)
    charts = [chart for plan in SECTIONS for chart in plan.charts if chart.shows != "income" and d.has(*chart.needs)]
    assert len(charts) > 10
    for chart in charts:
        with style():
            figure = chart.draw(d)
            figure.draw_without_rendering()
            width, height = figure.bbox.width, figure.bbox.height
            boxes = [ax.title.get_window_extent() for ax in figure.axes]
            boxes += [ax._left_title.get_window_extent() for ax in figure.axes]  # type: ignore[attr-defined]
            boxes += [ax.yaxis.get_tightbbox() for ax in figure.axes]
            boxes += [text.get_window_extent() for legend in figure.legends for text in legend.get_texts()]
        boxes = [box for box in boxes if box is not None and box.width > 0]
        assert all(b.x0 >= 0 and b.x1 <= width + 1 and b.y0 >= 0 and b.y1 <= height + 1 for b in boxes), chart.key
        pairs = ((a, b) for i, a in enumerate(boxes) for b in boxes[:i])
        assert not any(a.overlaps(b) for a, b in pairs), chart.key
