"""The table of published vectors names tests that exist, with the tolerance that they really use."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "vectors.md").read_text(encoding="utf-8")
VECTORS = ROOT.parent / "shared" / "data" / "vectors" / "protocol_vectors.json"

#: Keys of the published file that say where its numbers are from, not what they are.
NOT_VECTORS = {"src", "tol", "_about"}

#: How a test's code shows the tolerance that the page states.
SHOWN = {"exact": r"==", "±1 unit": r"<= 1\b"}


class Row(NamedTuple):
    vectors: list[str]
    tolerance: str
    tests: list[str]


def rows() -> Iterator[Row]:
    """Yield the lines of the first table."""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 5 and cells[0].startswith("`"):
            yield Row(quoted(cells[0]), cells[3], quoted(cells[4]))


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def code(test: str) -> str:
    """Return the code of a test, named as pytest names it, without its parametrization."""
    file, *names = test.split("::")
    folder = ROOT if "/" in file else ROOT / "tests" / "sim" / "tokenomics"
    found: ast.AST = tree(folder / file)
    for name in names:
        inside = [node for node in ast.iter_child_nodes(found) if getattr(node, "name", None) == name]
        assert inside, f"docs/vectors.md names {test}, which does not exist"
        found = inside[0]
    assert isinstance(found, ast.FunctionDef)
    return "\n".join(ast.unparse(line) for line in found.body)


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row.vectors[0])
def test_tolerances_are_those_of_the_tests(row: Row) -> None:
    kind, _, size = row.tolerance.partition(" ")
    codes = [code(test) for test in row.tests]
    if row.tolerance == "exact":
        assert not any("approx" in text for text in codes)
    if row.tolerance in SHOWN:
        assert all(re.search(SHOWN[row.tolerance], text) for text in codes)
    else:
        sizes = [float(found) for text in codes for found in re.findall(rf"\b{kind}=([\d.e-]+)", text)]
        assert max(sizes, default=1e-6 if kind == "rel" else None) == float(size)


def test_each_published_vector_is_named_once() -> None:
    if not VECTORS.exists():
        pytest.skip("the published vectors are not here")
    published = json.loads(VECTORS.read_text(encoding="utf-8"))
    keys = [f"{protocol}.{key}" for protocol, part in published.items() if isinstance(part, dict) for key in part]
    first_cells = [line.split("|")[1] for line in PAGE.splitlines() if "|" in line]
    named = [name for cell in first_cells for name in quoted(cell)]
    assert sorted(named) == sorted(key for key in keys if key.rpartition(".")[2] not in NOT_VECTORS)
