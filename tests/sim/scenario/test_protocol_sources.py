"""Every number of a preset says beside it where it comes from: a source of the header, or why it is assumed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from catallaxy.sim.scenario.library import shipped_protocols

NUMBER = re.compile(r"[-+]?[\d.]+(e[-+]?\d+)?")
TAG = re.compile(r"\[[^\]]+\]")
#: Sections whose values are the protocol's, or stand in for what it leaves open.
SECTIONS = ("networks", "populations", "overrides")
#: Keys too far above a number for their comment to be about it.
ABOVE = {*SECTIONS, "alpha", "token"}


def comment(line: str) -> str:
    return line.partition(" #")[2] or (line.partition("#")[2] if line.lstrip().startswith("#") else "")


def beside(lines: list[str], first: int, last: int) -> str:
    """Comments on the lines of an item, and on the comment lines directly above it."""
    above = first
    while above and lines[above - 1].lstrip().startswith("#"):
        above -= 1
    return " ".join(comment(line) for line in lines[above : last + 1])


def numbers(node: yaml.Node, lines: list[str], said: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each number's path with all that is said beside it and beside what holds it."""
    if isinstance(node, yaml.ScalarNode):
        if NUMBER.fullmatch(node.value):
            yield path, said
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            step, near = f"{path} > {key.value}".lstrip(" >"), said
            if key.value not in ABOVE:
                nested = isinstance(value, yaml.CollectionNode)
                end = key.start_mark.line if nested and not value.flow_style else value.end_mark.line
                near = f"{said} {beside(lines, key.start_mark.line, end)}"
            yield from numbers(value, lines, near, step)
    elif isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            end = item.end_mark.line if getattr(item, "flow_style", True) else item.start_mark.line
            near = f"{said} {beside(lines, item.start_mark.line, end)}"
            yield from numbers(item, lines, near, f"{path}[{n}]")


def header(text: str) -> str:
    return " ".join(line.lstrip("# ") for line in text.split("schema_version", 1)[0].splitlines())


@pytest.mark.parametrize("name", shipped_protocols())
def test_each_number_has_a_source_or_a_reason(name: str) -> None:
    text = shipped_protocols()[name].read_text(encoding="utf-8")
    lines, sources = text.splitlines(), set(TAG.findall(header(text)))
    root = yaml.compose(text)
    assert isinstance(root, yaml.MappingNode)
    bare = []
    for key, value in root.value:
        if key.value in SECTIONS:
            bare += [
                path
                for path, said in numbers(value, lines, path=key.value)
                if not sources & set(TAG.findall(said)) and "assumed: " not in said
            ]
    assert not bare, f"{name}: neither a source in [ ] nor 'assumed: why' beside {'; '.join(bare)}"


@pytest.mark.parametrize("name", shipped_protocols())
def test_sources_are_declared_and_used_and_assumptions_reasoned(name: str) -> None:
    text = shipped_protocols()[name].read_text(encoding="utf-8")
    body = text.split("schema_version", 1)[1]
    named, comments = set(TAG.findall(header(text))), [comment(line) for line in body.splitlines()]
    used = {tag for said in comments for tag in TAG.findall(said)}
    assert used == named, f"{name}: declared in the header and used in the file differ: {sorted(used ^ named)}"
    joined = " ".join(comments)
    for word in ("MEMORY", "assumption"):
        assert word not in text, f"{name}: write 'assumed: why', not {word!r}"
    for reason in re.split(r"assumed", joined)[1:]:
        assert re.match(r": (\S+ ){2,}", reason + " "), f"{name}: no reason after 'assumed': {reason[:60]!r}"
