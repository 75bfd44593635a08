from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from catallaxy import __version__
from catallaxy.agents import plugins
from catallaxy.sim.cli import main
from catallaxy.sim.scenario import load

HEAVY = ("joblib", "matplotlib", "mesa", "numba", "pandas", "pyarrow", "scipy", "jinja2")


class Done(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*args: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["catallaxy", *args])
        with pytest.raises(SystemExit) as stopped:
            main.entry()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Done(int(stopped.value.code or 0), printed.out, printed.err)

    return call


@pytest.fixture
def untrusting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "_TRUSTED", set())
    monkeypatch.setattr(sys, "path", list(sys.path))


class TestValidate:
    def test_good(self, run: Run) -> None:
        assert run("validate", "minimal") == Done(0, "minimal: valid\n", "")

    def test_several_files(self, run: Run) -> None:
        Path("bad.yaml").write_text("extends: minimal\nsed: 1\n")
        done = run("validate", "minimal", "bad.yaml", "nowhere.yaml")
        assert done.code == 2
        assert done.out == "minimal: valid\n"
        assert done.err.splitlines() == [
            "bad.yaml:2:1: sed: unknown key 'sed'; did you mean 'seed'?",
            "nowhere.yaml: there is no such file",
        ]

    def test_json(self, run: Run) -> None:
        Path("bad.yaml").write_text("extends: minimal\nsed: 1\n")
        done = run("validate", "minimal", "bad.yaml", "--json")
        assert done.code == 2
        good, bad = json.loads(done.out)
        assert good == {"file": "minimal", "valid": True, "problems": []}
        assert bad["problems"] == [
            {
                "file": "bad.yaml",
                "line": 2,
                "column": 1,
                "path": "sed",
                "message": "unknown key 'sed'; did you mean 'seed'?",
            }
        ]

    def test_overrides_are_checked_unless_one_is_named(self, run: Run) -> None:
        Path("s.yaml").write_text(
            "extends: minimal\noverrides: {a: {steps: 5}, b: {steps: 0}}\nscenarios: {good: [a]}\n"
        )
        assert "steps: 0 is below 1" in run("validate", "s.yaml").err
        assert run("validate", "s.yaml", "--scenario", "good").code == 0
        assert run("validate", "s.yaml", "--override", "a").code == 0
        assert run("validate", "s.yaml", "--override", "b").code == 2
        assert "unknown override 'c'; known: a, b" in run("validate", "s.yaml", "--override", "c").err

    def test_set(self, run: Run) -> None:
        assert run("validate", "minimal", "--set", "seed=3", "--set", "steps=9").code == 0
        done = run("validate", "minimal", "--set", "networks.alpha.opennes=3")
        assert done == Done(
            2,
            "",
            "--set networks.alpha.opennes=3: no such parameter 'networks.alpha.opennes'; "
            "did you mean 'networks.alpha.openness'?\n",
        )

    def test_a_huge_file(self, run: Run) -> None:
        with Path("huge.yaml").open("wb") as stream:
            stream.truncate(50_000_000)
        assert run("validate", "huge.yaml") == Done(
            2, "", "huge.yaml: the file is larger than 1 MB, the most that a scenario may be\n"
        )

    def test_unknown_name(self, run: Run) -> None:
        done = run("validate", "minimall")
        assert done.code == 2
        assert done.err.endswith("did you mean 'minimal'?\n")


class TestShow:
    def test_it_loads_again(self, run: Run) -> None:
        done = run("show", "minimal", "--set", "seed=12")
        assert done.code == 0
        assert "seed: 12  # --set seed=12\n" in done.out
        Path("again.yaml").write_text(done.out)
        assert load("again.yaml") == load("minimal", sets=["seed=12"])

    def test_json(self, run: Run) -> None:
        rows = json.loads(run("show", "minimal", "--set", "seed=12", "--json").out)
        assert {"path": ["seed"], "value": 12, "source": "--set seed=12"} in rows
        assert {"path": ["dt_days"], "value": 1.0, "source": "default"} in rows

    def test_error(self, run: Run) -> None:
        assert run("show", "minimal", "--set", "seed=-1").err == (
            "--set seed=-1: seed: -1 is below 0; allowed 0 <= value <= 9223372036854775807\n"
        )


def test_list(run: Run) -> None:
    rows = json.loads(run("list", "--json").out)
    minimal = next(row for row in rows if row["name"] == "minimal")
    scenario = load("minimal")
    assert minimal == {
        "name": "minimal",
        "question": scenario.question,
        "steps": scenario.steps,
        "agents": scenario.agents,
        "protocol": False,
    }
    assert next(row for row in rows if row["name"] == "bittensor")["protocol"]
    scenarios, protocols = run("list").out.split("\nProtocols\n")
    assert "minimal" in scenarios
    assert "bittensor" in protocols


class TestNew:
    def test_it_writes_a_valid_file(self, run: Run) -> None:
        done = run("new", "mine")
        assert (done.code, done.out) == (0, "mine.yaml\n")
        assert run("validate", "mine.yaml") == Done(0, "mine.yaml: valid\n", "")

    def test_it_does_not_overwrite(self, run: Run) -> None:
        Path("mine.yaml").write_text("precious")
        done = run("new", "mine.yaml")
        assert done.code == 2
        assert done.err == "mine.yaml: exists already; choose another name or add --force\n"
        assert Path("mine.yaml").read_text() == "precious"
        assert run("new", "mine.yaml", "--force").code == 0
        assert load("mine.yaml").name == "mine"

    def test_template(self, run: Run) -> None:
        assert run("new", "three.yaml", "--template", "three-networks").code == 0
        assert len(load("three.yaml").networks) == 3
        done = run("new", "four.yaml", "--template", "four-networks")
        assert done.code == 2
        assert "did you mean 'three-networks'?" in done.err
        assert not Path("four.yaml").exists()

    def test_unwritable(self, run: Run) -> None:
        done = run("new", "no/such/folder/mine.yaml")
        assert done.code == 2
        assert "cannot be written: No such file or directory" in done.err


def test_describe(run: Run) -> None:
    done = run("describe", "networks.alpha.openness")
    assert done.code == 0
    assert "networks.<name>.openness" in done.out
    rows = json.loads(run("describe", "populations.users.count", "--json").out)
    assert rows[0]["unit"] == "agent"
    assert rows[0]["allowed"] == "1 <= value <= 50000000"
    done = run("describe", "networks.alpha.opennes")
    assert done.code == 2
    assert "did you mean 'networks.<name>.openness'?" in done.err


def test_schema(run: Run) -> None:
    assert json.loads(run("schema").out)["$schema"].endswith("2020-12/schema")


RULE = """\
from catallaxy.sim.trust.verification import REGIMES

class Lenient(REGIMES.resolve("none")):
    pass
"""


@pytest.mark.usefixtures("untrusting")
@pytest.mark.parametrize("place", ["before", "after"])
def test_plugins(place: str, run: Run) -> None:
    package = f"my_rules_{place}"
    Path(f"{package}.py").write_text(RULE)
    sets = ("--set", f"networks.alpha.verification={package}:Lenient")
    assert "you have not trusted" in run("validate", "minimal", *sets).err
    option = ("--plugins", package)
    args = (*option, "validate", "minimal", *sets) if place == "before" else ("validate", "minimal", *sets, *option)
    assert run(*args) == Done(0, "minimal: valid\n", "")


class TestProgram:
    def test_version(self, run: Run) -> None:
        assert run("--version") == Done(0, f"catallaxy {__version__}\n", "")

    def test_typo_in_a_command(self, run: Run) -> None:
        done = run("valdate", "minimal")
        assert done.code == 2
        assert "Did you mean 'validate'?" in done.err

    def test_typo_in_an_option(self, run: Run) -> None:
        done = run("validate", "minimal", "--sets", "a=1")
        assert done.code == 2
        assert "--set" in done.err

    def test_interruption(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(**_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(main, "app", interrupt)
        assert run("list") == Done(130, "", "interrupted\n")

    def test_interruption_inside_a_command(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        app = typer.Typer()

        @app.command()
        def wait() -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(main, "app", app)
        assert run().code == 130


def program(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "catallaxy.sim.cli.main", *args]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=60
    )


def test_a_real_process_gives_exit_code_and_message() -> None:
    done = program("validate", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nowhere.yaml: there is no such file\n"
    assert list(Path.cwd().iterdir()) == []


def test_no_colour_where_none_is_wanted() -> None:
    done = program("--help", NO_COLOR="1", FORCE_COLOR="", TERM="xterm")
    assert done.returncode == 0
    assert "\x1b[" not in done.stdout
    for command in ("validate", "show", "list", "new", "describe", "schema"):
        assert command in done.stdout


@pytest.mark.parametrize("args", [["--help"], ["validate", "minimal"], ["describe"], ["new", "mine.yaml"]])
def test_light_commands_import_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys\nfrom catallaxy.sim.cli.main import entry\n"
        f"sys.argv = ['catallaxy', *{args!r}]\n"
        "try:\n    entry()\nexcept SystemExit as stopped:\n    assert not stopped.code, stopped.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
        "print('PYDANTIC', 'pydantic' in sys.modules or 'numpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in done.stdout
    assert ("PYDANTIC False" in done.stdout) == (args == ["--help"])


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python keep compiled modules, as users' does: else every run compiles the package anew."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path))


def cpu_seconds(*command: str) -> float:
    """Return the user and system time of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.timing
@pytest.mark.usefixtures("cached")
def test_help_costs_under_half_a_second() -> None:
    assert any(cpu_seconds("-m", "catallaxy.sim.cli.main", "--help") < 0.5 for _ in range(10))


@pytest.mark.timing
@pytest.mark.usefixtures("cached")
def test_validate_costs_little_more_than_the_libraries_it_needs() -> None:
    """A machine busy with something else only ever adds time: the cheapest runs are compared, the two in turn."""
    bare = "import numpy, typer, yaml\nfrom pydantic import BaseModel\nclass One(BaseModel): x: int = 1\nOne(x=1)"
    validating = libraries = math.inf
    for _ in range(15):
        libraries = min(libraries, cpu_seconds("-c", bare))
        validating = min(validating, cpu_seconds("-m", "catallaxy.sim.cli.main", "validate", "minimal"))
        if validating < 2.5 * libraries:
            return
    pytest.fail(f"validate took {validating:.2f} s of CPU, its libraries {libraries:.2f} s")
