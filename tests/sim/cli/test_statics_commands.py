"""The command `catallaxy statics`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from catallaxy.sim.cli.main import app
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.statics.cases import the_cases
from catallaxy.sim.statics.statics_file import load_statics

GUIDE = Path(__file__).parents[3] / "docs" / "statics.md"
ROWS = """\
name: mine
rows:
  - name: dear electricity
    change: {drivers.electricity_price: {multiply: 3}}
    expect: {compute_price_ratio: SIGN}
  - name: more lenders
    change: {populations.lenders.count: {multiply: 3}}
    expect: {lender_loss: down}
"""


def call(sign: str, *more: str) -> Result:
    Path("mine.yaml").write_text(ROWS.replace("SIGN", sign), encoding="utf-8")
    sets = ("--set", "steps=40", "--pairs", "3", "--jobs", "1", "--quiet")
    return CliRunner().invoke(app, ["statics", "minimal", "--rows", "mine.yaml", *sets, *more])


@pytest.mark.jit
@pytest.mark.slow
def test_signs_are_shown_and_a_wrong_one_ends_with_code_1() -> None:
    right = call("up")
    assert right.exit_code == 0, right.output
    assert "1 of 1 signs as expected" in right.output
    assert "not applicable: more lenders: populations has no 'lenders'" in right.output
    assert "Results: results/minimal-mine-" in right.output
    wrong = call("down", "--json")
    assert wrong.exit_code == 1
    rows: list[dict[str, Any]] = json.loads(wrong.stdout)
    assert [(found["row"], found["verdict"]) for found in rows] == [
        ("dear electricity", "FAIL"),
        ("more lenders", "not applicable"),
    ]
    assert rows[0]["low"] > 0.0


def test_an_unknown_file_of_rows_is_one_message() -> None:
    found = CliRunner().invoke(app, ["statics", "minimal", "--rows", "real-econmy"])
    assert found.exit_code != 0
    assert "did you mean 'real-economy'" in str(found.exception)


def test_the_file_in_the_guide_applies() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for number, block in enumerate(blocks):
        file = Path(f"{number}.yaml")
        file.write_text(block, encoding="utf-8")
        assert not any(case.reason for case in the_cases(load_statics(file), load("minimal")).cases)
    assert blocks
