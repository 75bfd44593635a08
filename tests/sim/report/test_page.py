"""The HTML report: complete, closed, safe, and the same every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.recording.record import FlowRow, RunRecord
from catallaxy.sim.report.page import render_report, write_report
from catallaxy.sim.report.sections import SECTIONS
from catallaxy.sim.results.origin import ParameterRow
from catallaxy.sim.results.result import Result
from synthetic import make_origin, make_record, make_records

VOID = {"meta", "br", "img", "path", "use", "rect", "link", "hr", "input", "stop", "image"}


class Balance(HTMLParser):
    """Checks that every element that opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "href" and value and value.startswith("#")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def result(records: list[RunRecord], steps: int = 40) -> Result:
    return Result.from_records(make_origin(len(records), steps), records)


def slim(records: list[RunRecord]) -> list[RunRecord]:
    """Keep the series of one figure, so that a page takes no time to draw."""
    for record in records:
        record.series = {name: record.series[name] for name in ("price", "fundamental")}
        record.income = []
    return records


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(result(make_records(3, 40, 3)))[0]


def test_every_section_is_there_and_the_elements_are_closed(page: str) -> None:
    parser = Balance()
    parser.feed(page)
    assert parser.open == []
    assert all(f'<section id="{plan.key}">' in page for plan in SECTIONS)


def test_it_loads_nothing_from_elsewhere(page: str) -> None:
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)[^"']*""", page)
    assert "@import" not in page
    assert "url(http" not in page


def test_text_of_the_scenario_stays_text(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "Bazaar &amp; Co &lt;b&gt;" in page


def test_captions_say_replicates_seed_and_bands(page: str) -> None:
    assert "Median of 3 replicates, seed 7; bands hold the middle 50 % (dark) and 90 % (light) of them." in page
    assert "Mean of 3 replicates, seed 7." in page
    one = render_report(result(slim(make_records(1, 40))))[0]
    assert "One run, seed 7." in one
    assert "bands hold" not in one


def test_derived_seeds_are_named_by_their_root() -> None:
    records = make_records(3, 30)
    for record, seed in zip(records, (5, 2**60, 2**61), strict=True):
        record.seed = seed
    assert "root seed 7" in render_report(result(slim(records), 30))[0]


@pytest.mark.parametrize("steps", [40, 1461])
def test_the_same_result_gives_the_same_bytes(steps: int) -> None:
    first, pictures = render_report(result(slim(make_records(2, steps, 2)), steps))
    second, others = render_report(result(slim(make_records(2, steps, 2)), steps))
    assert first == second
    assert [p.png for p in pictures] == [p.png for p in others]


def test_every_figure_is_in_the_page() -> None:
    page, pictures = render_report(result(make_records(1, 40)))
    assert len(pictures) > 10
    assert page.count("data:image/png;base64,") == len(pictures)
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_page_and_its_figures_are_written(tmp_path: Path) -> None:
    path = write_report(result(slim(make_records(1, 40))), tmp_path / "out" / "page.html")
    assert path.read_bytes().startswith(b"<!DOCTYPE html>")
    assert [p.name for p in (tmp_path / "out" / "figures").iterdir()] == ["price.png"]
    assert (tmp_path / "out" / "figures" / "price.png").read_bytes().startswith(b"\x89PNG")


def test_an_unsaved_result_goes_into_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert result(slim(make_records(1, 20)), 20).report() == Path("synthetic-report/report.html")
    assert Path("synthetic-report/report.html").exists()


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="cannot write"):
        write_report(result(slim(make_records(1, 20)), 20), tmp_path / "file" / "report.html")


def test_partial_and_failed_runs_say_so() -> None:
    record = make_record(25)
    record.status, record.error = "failed", "audit failed at step 25 <now>"
    record.audit["largest_discrepancy"] = 12
    html = render_report(result(slim([record])))[0]
    assert "Partial result, run failed: 25 of 40 steps" in html
    assert "audit failed at step 25 &lt;now&gt;" in html
    assert "Audit failed: the books do not close; they are off by 12 base units." in html


def test_replicates_of_different_length() -> None:
    records = [make_record(40), make_record(15, replicate=1), make_record(0, replicate=2)]
    records[1].status = records[2].status = "interrupted"
    assert "0 of 40 steps in the shortest of 3 replicates" in render_report(result(slim(records)))[0]


@pytest.mark.parametrize("records", [[], [make_record(0)]])
def test_a_run_without_a_step_has_a_report_without_figures(records: list[RunRecord]) -> None:
    html, pictures = render_report(result(records))
    assert [p.key for p in pictures if p.key != "income"] == []
    assert "Partial result" in html or records


def test_one_step_is_enough_for_figures() -> None:
    assert len(render_report(result([make_record(1)], 1))[1]) > 10


def test_what_was_not_recorded_is_left_out() -> None:
    record = make_record(30)
    record.series = {"price": record.series["price"], "adoption": np.full((30, 1), np.nan)}
    record.flows, record.income, record.guards = [], [], {}
    html, pictures = render_report(result([record], 30))
    assert pictures == []
    assert '<section id="adoption">' not in html
    assert '<section id="manifest">' in html


def test_guards_above_one_per_cent_are_flagged(page: str) -> None:
    assert "Guards bound on more than 1 % of steps: pool_drain." in page
    assert page.count('<tr class="flagged">') == 1


def test_every_column_of_the_matrix_sums_to_zero(page: str) -> None:
    footers = re.findall(r"<tfoot>(.*?)</tfoot>", page, re.DOTALL)
    assert len(footers) == 4
    for footer in footers:
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", footer)
        assert cells == ["sum", *["0"] * (len(cells) - 1)]


def test_a_column_that_does_not_close_shows_its_sum() -> None:
    record = make_record(30)
    record.flows.append(FlowRow(29, "USD", "licence fees", "nobody", 5_000_000))
    footer = re.findall(r"<tfoot>(.*?)</tfoot>", render_report(result(slim([record]), 30))[0], re.DOTALL)[0]
    assert ">5.00<" in footer


def test_parameters_of_the_caller_replace_those_of_the_result() -> None:
    rows = [ParameterRow("a.b", "0.25", "1/year", "Rate of something.", "paper", True)]
    html = render_report(result(slim(make_records(1, 20)), 20), rows)[0]
    assert "Rate of something." in html
    assert "networks.0.token.supply" not in html
