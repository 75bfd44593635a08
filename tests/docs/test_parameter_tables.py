"""The pages on the real economy have every parameter of its blocks, with the default that is declared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catallaxy.sim.environment.drivers import DriversSpec
from catallaxy.sim.scenario.describe import Row, describe
from catallaxy.sim.scenario.schema import Scenario

DOCS = Path(__file__).parents[2] / "docs"
#: Kinds and sections, and the pages that have their parameters.
PAGES = {
    "users": ("adoption",),
    "services.incumbents": ("adoption",),
    "attention": ("adoption",),
    "data_providers": ("data",),
    "data market:posted-price": ("data",),
    "data market:bargaining": ("data",),
    "compute_nodes": ("compute",),
    "compute market:merit-order": ("compute",),
    "compute market:pay-as-bid": ("compute",),
    "compute market:posted-price": ("compute",),
    "services.layer2": ("drivers",),
    "institutions": ("drivers",),
    "wallets": ("adoption",),
    "model_builders.queue": ("compute",),
}
NUMBER = re.compile(r"-?[\d.]+(?:e\d+)?")


def stated(pages: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what the rest of its row says about each parameter in the first cell of a row of a table."""
    rows: dict[str, list[str]] = {}
    for page in pages:
        for line in (DOCS / f"{page}.md").read_text(encoding="utf-8").splitlines():
            if line.startswith("| `"):
                first, *rest = line.strip("|").split("|")
                for name in re.findall(r"`([^`]+)`", first):
                    rows.setdefault(name.rpartition(".")[2], []).append(" ".join(rest))
    return rows


def leaves(path: str) -> list[Row]:
    """Return the numbers that a scenario may write below a path, without the size of populations."""
    rows = [row for row in describe(Scenario, path) if row.type not in ("kind", "section", "section or null")]
    return [row for row in rows if not row.path.endswith((".count", ">")) and not row.type.startswith("mapping")]


@pytest.mark.parametrize("path", PAGES)
def test_every_parameter_is_in_a_table_with_its_default(path: str) -> None:
    tables = stated(PAGES[path])
    for row in leaves(path):
        name = row.path.rpartition(".")[2]
        assert name in tables, row.path
        number = NUMBER.search(row.default)
        if number and row.type in ("number", "rate"):
            found = {float(n) for text in tables[name] for n in NUMBER.findall(text.replace(",", " ")) if n.strip(".")}
            assert float(number[0]) in found, (row.path, row.default, tables[name])


def test_the_table_of_processes_has_the_numbers_of_the_defaults() -> None:
    tables = stated(("drivers",))
    for driver, process in DriversSpec().processes():
        text = tables[driver.name][-1].replace(",", "")
        assert driver.unit in text
        assert f"`{process.kind}`" in text
        assert {f"{value:g}" for value in process.anchors()} <= set(NUMBER.findall(text))
