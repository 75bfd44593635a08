"""The cluster guide names commands, options and functions that exist."""

from __future__ import annotations

import ast
import re
import shlex
from typing import Any

import pytest
import typer

from catallaxy.sim.cli.main import app
from repository.sources import ROOT

GUIDE = (ROOT / "docs" / "clusters.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def commands() -> list[str]:
    """Return every call of `catallaxy` in the guide, without what stands around it in the line."""
    lines = "\n".join(blocks("bash")).replace("\\\n", " ").splitlines()
    in_blocks = [line[line.index("catallaxy ") :].partition("#")[0] for line in lines if "catallaxy " in line]
    in_text = re.findall(r"`(catallaxy [^`]+)`", re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL))
    return [text.replace("\n", " ").strip() for text in [*in_blocks, *in_text]]


@pytest.mark.parametrize("text", dict.fromkeys(commands()))
def test_every_command_exists_with_its_options(text: str) -> None:
    command: Any = typer.main.get_command(app)
    _, *words = shlex.split(text)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert not hasattr(command, "commands"), f"{words} is no command"
    known = {name for parameter in command.params for name in [*parameter.opts, *parameter.secondary_opts]}
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known


def test_the_guide_has_commands_to_check() -> None:
    assert len(commands()) > 10


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.splitlines()[0])
def test_what_the_examples_import_from_the_package_exists(block: str) -> None:
    tree = ast.parse(block)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    ours = [node for node in imports if "catallaxy" in ast.unparse(node)]
    names: dict[str, Any] = {}
    exec(compile(ast.Module([*ours], []), "clusters.md", "exec"), names)
    assert ours
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == "SlurmOptions":
            names["SlurmOptions"](**{word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg})
