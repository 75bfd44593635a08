"""The README is executed: its commands and its Python, block after block, in one empty folder.

A block whose first line is a comment that names a file (`# my_rules.py`, `# mine.yaml`) is saved under that name, so
that later blocks can use it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from repository.sources import ROOT

pytestmark = pytest.mark.whole

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"\A# ([\w.-]+\.(?:py|ya?ml|csv))\s*$", re.MULTILINE)
NOT_RUN = ("git", "pip", "make", "cd")


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a Markdown text as (language, content)."""
    return BLOCK.findall(text)


def shell_script(block: str) -> str:
    """Return the lines of a shell block that are run, which a reader with an installed Catallaxy would type."""
    commands = block.replace("\\\n", " ").splitlines()
    kept = [line.removeprefix("$ ") for line in commands]
    return "\n".join(line for line in kept if line.split(maxsplit=1)[:1] and line.split()[0] not in NOT_RUN)


def run_block(language: str, content: str) -> None:
    """Save and run one block in the current folder; fail with what it printed."""
    named = FILE_NAME.match(content)
    if named:
        Path(named[1]).write_text(content, encoding="utf-8")
    if language == "python":
        command = [sys.executable, "-c", content]
    elif language == "bash":
        command = ["bash", "-euo", "pipefail", "-c", shell_script(content)]
    else:
        return
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    run = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"this block of the README fails:\n{content}\n{run.stdout}\n{run.stderr}"


@pytest.mark.slow
@pytest.mark.jit
def test_the_readme_does_what_it_says() -> None:
    found = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"bash", "python"} <= {language for language, _ in found}
    for language, content in found:
        run_block(language, content)


def test_lines_that_fetch_or_install_are_left_out() -> None:
    block = "git clone x\ncd x\nmake demo\n$ catallaxy list\npip install .\ncatallaxy run minimal \\\n    --seed 7\n"
    assert shell_script(block) == "catallaxy list\ncatallaxy run minimal      --seed 7"


def test_a_failing_block_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="this block"):
        run_block("bash", "false\ntrue\n")


def test_a_named_block_is_kept_for_later_blocks() -> None:
    run_block("python", "# rules.py\nRATE = 0.5\n")
    run_block("python", "import rules\nassert rules.RATE == 0.5\n")
    run_block("yaml", "# mine.yaml\nsteps: 1\n")
    assert Path("mine.yaml").read_text(encoding="utf-8") == "# mine.yaml\nsteps: 1\n"
