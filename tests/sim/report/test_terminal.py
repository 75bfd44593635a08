"""The summary in the terminal."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.report.terminal import HEADLINES, print_summary
from catallaxy.sim.results.result import Result
from synthetic import make_origin, make_record, make_records


def printed(records: list[RunRecord], path: Path | None = None, width: int = 100) -> str:
    sink = io.StringIO()
    origin = make_origin(len(records), 40)
    print_summary(Result.from_records(origin, records, path), Console(file=sink, width=width))
    return sink.getvalue()


def test_every_headline_has_start_end_and_unit() -> None:
    text = printed(make_records(1, 40))
    assert all(name.replace("_", " ") in text for name in HEADLINES)
    line = next(line for line in text.splitlines() if "supply" in line)
    assert "token" in line
    assert "Audit passed: 40 steps x 6 identities, no discrepancy." in text


def test_a_narrow_terminal_keeps_whole_names_and_units() -> None:
    text = printed(make_records(1, 40), width=60)
    assert "…" not in text
    assert "providers active" in text
    assert "USD/GPU-hour" in text
    assert "Min" not in text


def test_networks_are_named_when_there_are_several() -> None:
    text = printed(make_records(2, 40, 3))
    assert "Bazaar & Co <b>" in text
    assert "median of 2 replicates" in text


def test_the_folder_is_the_last_line_and_is_not_broken() -> None:
    path = Path("results") / ("long-name-" * 12)
    assert printed(make_records(1, 40), path, width=60).splitlines()[-1] == f"Results: {path}"


def test_problems_are_said() -> None:
    record = make_record(20)
    record.status, record.error = "failed", "[bold]the books[/bold] do not close"
    record.audit["largest_discrepancy"] = 5
    text = printed([record])
    assert "Run failed; what was recorded is kept. [bold]the books[/bold] do not close" in text
    assert "Audit failed: the books do not close; they are off by 5 base units." in text


def test_guards_are_listed_with_their_share() -> None:
    record = make_record(40)
    record.guards = {"floor": 2, "never": 0}
    assert "Guards that bound (share of steps): floor 5.00 %." in printed([record])
    record.guards = {"never": 0}
    assert "No guard bound." in printed([record])


def test_a_run_without_a_step() -> None:
    assert "No step was audited." in printed([])
    record = make_record(0)
    record.audit = {}
    assert "No step was audited." in printed([record])
