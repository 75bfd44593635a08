"""The commands that run things, as a user types them, each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.jit


def catallaxy(*arguments: str, ok: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "catallaxy.sim.cli.main", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == ok, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.whole
@pytest.mark.slow
def test_run_report_and_rerun() -> None:
    done = catallaxy("run", "minimal", "--steps", "20", "--seed", "3", "--profile")
    folder = next(Path("results").iterdir())
    assert (folder / "report.html").stat().st_size > 10_000
    assert list((folder / "figures").glob("*.png"))
    assert "Audit passed" in done.stdout
    assert str(folder / "report.html") in done.stdout
    assert "token market" in done.stderr
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert "identical" in catallaxy("rerun", str(folder), "--quiet").stdout
    page = catallaxy("report", str(folder), "--to", "page.html").stdout.strip()
    assert Path(page).read_bytes() == (folder / "report.html").read_bytes()


def test_quiet_prints_the_folder_alone() -> None:
    done = catallaxy("run", "minimal", "--steps", "3", "-q", "--no-report")
    assert Path(done.stdout.strip()).is_dir()
    assert done.stderr == ""


def test_phases_are_listed_as_text_and_as_json() -> None:
    text = catallaxy("phases").stdout.splitlines()
    rows = json.loads(catallaxy("phases", "--json").stdout)
    assert len(text) == len(rows) == 13
    assert rows[10]["name"] == "token market"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "minimul"), "minimal"),
        (("run", "minimal", "--set", "networks.alpha.fees.take_rat=0.1"), "take_rate"),
        (("run", "minimal", "--set", "populations.users.count=-5"), "count"),
        (("run", "minimal", "--steps", "0"), "steps"),
        (("report", "nowhere"), "nowhere"),
        (("rerun", "nowhere"), "nowhere"),
    ],
)
def test_bad_input_gets_one_message_and_writes_nothing(arguments: tuple[str, ...], message: str) -> None:
    done = catallaxy(*arguments, ok=2)
    assert message in done.stderr
    assert done.stdout == ""
    assert not list(Path().iterdir())


def test_an_unwritable_results_folder_is_refused() -> None:
    Path("taken").write_text("a file")
    done = catallaxy("run", "minimal", "--steps", "3", "-o", "taken", ok=2)
    assert "taken" in done.stderr


def _last_words(running: subprocess.Popen[bytes]) -> bytes:
    """Return what a program that was asked to stop says on standard error; end one that does not."""
    try:
        return running.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGABRT)
        raise


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_a_readable_partial_result(number: int) -> None:
    command = [sys.executable, "-m", "catallaxy.sim.cli.main", "run", "minimal", "--steps", "100000"]
    command += ["--set", "networks.alpha.token.emission=fixed-supply"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        assert running.stderr is not None
        while b"step 1 of" not in running.stderr.readline():
            assert running.poll() is None
        time.sleep(0.5)
        running.send_signal(number)
        errors = _last_words(running)
    assert running.returncode == 130, errors
    import catallaxy as cx

    result = cx.open_result(next(Path("results").iterdir()))
    assert result.status == "interrupted"
    assert 0 < len(result.series) < 100_000


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to handle")
def test_a_signal_during_the_report_leaves_the_whole_result() -> None:
    command = [sys.executable, "-m", "catallaxy.sim.cli.main", "run", "minimal", "--steps", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        while not list(Path("results").glob("minimal-*/figures")):
            assert running.poll() is None
            time.sleep(0.005)
        running.send_signal(signal.SIGTERM)
        errors = _last_words(running)
    assert running.returncode == 130, errors
    assert b"Traceback" not in errors
    import catallaxy as cx

    result = cx.open_result(next(Path("results").iterdir()))
    assert result.status == "complete"
