"""`catallaxy replicate`, as a user types it, and the page that explains it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catallaxy.sim.cli.main import app
from catallaxy.sim.replications.library import shipped_replications
from repository.sources import ROOT

pytestmark = pytest.mark.jit

GUIDE = (ROOT / "docs" / "replications.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"\A# ([\w./-]+)$", re.MULTILINE)


def catallaxy(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "catallaxy.sim.cli.main", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_the_list_names_every_shipped_replication() -> None:
    lines = catallaxy("replicate", "--list").stdout.splitlines()[1:]
    assert [line.split()[0] for line in lines] == list(shipped_replications())


def test_a_name_is_needed_and_must_be_known() -> None:
    assert "--list" in catallaxy("replicate", code=2).stderr
    unknown = catallaxy("replicate", "gode-sunder-1993", "milionis-et-al-2021", code=2)
    assert "did you mean 'milionis-et-al-2022'" in unknown.stderr
    assert unknown.stderr.count("\n") == 1
    assert not unknown.stdout


@pytest.mark.whole
def test_every_table_says_how_its_numbers_are_known() -> None:
    shown = CliRunner().invoke(app, ["replicate", "gode-sunder-1993", "--quick"]).stdout
    assert re.findall(r"^Efficiency.*; ([A-Z]+): ", shown, re.MULTILINE) == ["RUN", "DERIVED", "MEMORY"]


def write_guide() -> None:
    """Save the files of the guide in the current folder."""
    for _, content in BLOCKS:
        if named := FILE_NAME.match(content):
            Path(named[1]).parent.mkdir(exist_ok=True)
            Path(named[1]).write_text(content, encoding="utf-8")


@pytest.mark.slow
def test_a_number_outside_its_tolerance_ends_with_code_1() -> None:
    write_guide()
    expected = Path("kyle_1985/expected.yaml")
    expected.write_text(expected.read_text().replace("profit: 3.0", "profit: 4.0"))
    shown = catallaxy("replicate", "kyle_1985", "--quick", "--seed", "5", "-o", "out", code=1).stdout
    assert re.search(r"^profit +4 .*FAIL", shown, re.MULTILINE)
    assert re.search(r"^unexplained +0\.5 .*pass", shown, re.MULTILINE)
    assert "1 of 2 numbers within their tolerance" in shown
    assert (next(Path("out").iterdir()) / "figure.png").stat().st_size > 10_000


@pytest.mark.whole
@pytest.mark.slow
def test_the_guide_does_what_it_says() -> None:
    write_guide()
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    for language, content in BLOCKS:
        if language == "bash":
            command = ["bash", "-euo", "pipefail", "-c", content]
        elif language == "python" and not FILE_NAME.match(content):
            command = [sys.executable, "-c", content]
        else:
            continue
        done = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"this block of the guide fails:\n{content}\n{done.stdout}\n{done.stderr}"
    assert {language for language, _ in BLOCKS} == {"bash", "yaml", "python"}
