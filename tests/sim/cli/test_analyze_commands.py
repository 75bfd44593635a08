"""`catallaxy analyze`, as a user types it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from analysis_series import prices_of
from catallaxy.sim.cli.main import entry
from catallaxy.sim.experiments.running import run


@pytest.fixture
def analyze(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run the command; return exit code, output and messages."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["catallaxy", "analyze", *arguments])
        code = 0
        try:
            entry()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture
def file() -> str:
    """Two tokens that follow a market."""
    rng = np.random.default_rng(1)
    market = rng.normal(size=400)
    series = [prices_of(0.02 * (market + noise * rng.normal(size=400))) for noise in (0.0, 1.0, 1.0)]
    rows = zip(series[0].dates, *(prices.close for prices in series), strict=True)
    text = "\n".join(",".join(map(str, row)) for row in rows)
    Path("prices.csv").write_text(f"date,M,A,B\n{text}\n", encoding="utf-8")
    return "prices.csv"


def test_tables_of_a_file(analyze, file: str) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = analyze(file, "--against", "M", "--resamples", "50")
    lines = [line.split() for line in out.splitlines() if line]
    assert code == 0
    assert {line[0] for line in lines} >= {"M", "A", "B", "all"}
    assert [line[:4] for line in lines if line[3:4] == ["beta"]] == [["A", "on", "M", "beta"], ["B", "on", "M", "beta"]]
    assert "pair_correlation" in out
    assert ["Drawdowns"] in lines
    assert ["Phases"] in lines


def test_bubbles_are_tested_when_asked_for(analyze, file: str) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = analyze(file, "--token", "A", "--resamples", "0", "--bubbles", "--paths", "19", "--json")
    found = json.loads(out)
    assert code == 0
    assert [row["test"] for row in found["bubbles"]] == ["SADF", "GSADF"]
    assert "episodes" in found
    assert analyze(file, "--bubbles", "--null", "tame")[0] == 2
    drawn = analyze(file, "--token", "A", "--resamples", "0", "--paths", "19", "--figure", "episodes.png")
    assert drawn[0::2] == (0, "Written: episodes.png\n")
    assert Path("episodes.png").read_bytes().startswith(b"\x89PNG")


def test_json_and_tables_in_a_folder(analyze, file: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = analyze(file, "--token", "A", "--resamples", "20", "--json", "--out", "tables")
    facts = json.loads(out)["facts"]
    assert (code, err) == (0, "Written: tables\n")
    with Path("tables", "facts.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert [row["statistic"] for row in rows] == [fact["statistic"] for fact in facts]
    assert float(rows[1]["low"]) == facts[1]["low"] < facts[1]["estimate"] < facts[1]["high"]


def test_mistakes_are_told_and_end_with_2(analyze, file: str) -> None:  # type: ignore[no-untyped-def]
    assert analyze(file, "--token", "C")[0::2] == (2, "prices.csv: no series is called 'C'; there are M, A, B\n")
    assert analyze("nowhere.csv")[0] == 2
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    Path(file).write_text("\n".join(lines[:150] + lines[153:]), encoding="utf-8")
    code, _, err = analyze(file, "--token", "A")
    assert code == 2
    assert "A: no price between 2020-05-28 and 2020-06-01" in err
    assert analyze(file, "--token", "A", "--gaps", "longest", "--resamples", "0")[0] == 0


@pytest.mark.slow
def test_the_replicates_of_a_run(analyze) -> None:  # type: ignore[no-untyped-def]
    result = run("minimal", steps=120, replicates=2, out=Path("results"))
    code, out, _ = analyze(str(result.path), "--resamples", "0")
    assert code == 0
    assert out.splitlines()[0].split() == ["Series", "Statistic", "Unit", "Runs", "min", "q25", "median", "q75", "max"]
    assert out.splitlines()[1].split()[:4] == ["alpha", "mean", "1/step", "2"]
    code, _, err = analyze(str(result.path), "--token", "alhpa")
    assert (code, err) == (2, "no network is called 'alhpa'; there are alpha; did you mean 'alpha'?\n")
