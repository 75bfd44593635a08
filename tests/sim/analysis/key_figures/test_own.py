"""Key figures of the user: imported from trusted packages only, with messages that teach."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catallaxy.agents import plugins
from catallaxy.sim.analysis.key_figures import KPIS, all_kpis
from catallaxy.sim.errors import ScenarioError

MODULE = '''
from catallaxy.sim.analysis.key_figures import Kpi, kpi


@kpi(unit="USD", direction="up")
def largest_cap(record, network):
    """Largest market capitalisation."""
    return record.series["market_cap"][:, network].max()


lowest_cap = Kpi("lowest_cap", "USD", "up", "Smallest market capitalisation.", lambda record, network: 0.0)
also_largest_cap = Kpi("largest_cap", "USD", "up", "The same name.", lambda record, network: 0.0)
price_ratio = Kpi("price_ratio", "1", "up", "A name that is taken.", lambda record, network: 0.0)


def plain(record, network):
    return 0.0


limit = 3
'''


@pytest.fixture(autouse=True)
def _trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "my_figures.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "broken_figures.py").write_text("kpi = 1 / 0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(plugins, "_TRUSTED", {"my_figures", "broken_figures", "no_figures"})
    yield
    for name in ("my_figures", "broken_figures"):
        sys.modules.pop(name, None)


def complaint(*references: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        all_kpis(references)
    return "\n".join(f"{problem.path}: {problem.message}" for problem in caught.value.problems)


def test_without_references_there_are_the_built_in_ones() -> None:
    assert all_kpis() is KPIS


def test_own_ones_follow_the_built_in_ones_in_the_given_order() -> None:
    found = all_kpis(("my_figures:lowest_cap", "my_figures:largest_cap"))
    assert found[: len(KPIS)] == KPIS
    assert [item.name for item in found[len(KPIS) :]] == ["lowest_cap", "largest_cap"]


def test_a_package_that_is_not_trusted_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "_TRUSTED", set())
    said = complaint("my_figures:largest_cap")
    assert "key figure 'my_figures:largest_cap' lives in package my_figures, which you have not trusted" in said
    assert "--plugins my_figures" in said
    assert "my_figures" not in sys.modules


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("my_figures:largest_cab", "has no attribute 'largest_cab'; did you mean 'largest_cap'?"),
        ("no_figures:any", "cannot be imported: No module named 'no_figures'"),
        ("broken_figures:kpi", "cannot be imported: ZeroDivisionError: division by zero"),
        ("my_figures:plain", "put @kpi(unit="),
        ("my_figures:limit", "is of type int, not a key figure"),
        ("my_figures:price_ratio", "the name 'price_ratio' is that of a built-in one"),
        ("price_ratio", "is built in and computed for every run"),
        ("largest_cap", "as package.module:name"),
    ],
)
def test_what_is_wrong_and_how_to_put_it_right(reference: str, message: str) -> None:
    assert message in complaint(reference)


def test_every_problem_is_told_at_once() -> None:
    said = complaint("my_figures:plain", "my_figures:largest_cap", "my_figures:also_largest_cap", "nothing")
    assert [line.partition(": ")[0] for line in said.splitlines()] == [
        "my_figures:plain", "my_figures:also_largest_cap", "nothing",
    ]  # fmt: skip
    assert "the name 'largest_cap' is that of another one of yours" in said
