"""docs/key-figures.md lists what is declared; run this file to write its tables again."""

from __future__ import annotations

import re
from itertools import groupby

from catallaxy.sim.analysis.key_figures import KPIS
from repository.sources import ROOT

DOCUMENT = ROOT / "docs" / "key-figures.md"
TABLES = re.compile(r"(?<=-->\n)(.*?)(?=<!-- end of tables -->)", re.DOTALL)


def tables() -> str:
    """Return one table of key figures for each theme."""
    parts = []
    for theme, group in groupby(KPIS, lambda kpi: kpi.theme):
        rows = [f"| `{kpi.name}` | {kpi.unit} | {kpi.direction} | {kpi.doc} |" for kpi in group]
        head = [f"## {theme.capitalize()}", "", "| name | unit | better | what |", "|---|---|---|---|"]
        parts.append("\n".join([*head, *rows]))
    return "\n" + "\n\n".join(parts) + "\n\n"


def test_the_document_lists_every_built_in_key_figure() -> None:
    found = TABLES.search(DOCUMENT.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1] == tables(), "run `python tests/repository/test_key_figures.py`"


def test_themes_are_not_torn_apart() -> None:
    themes = [theme for theme, _ in groupby(KPIS, lambda kpi: kpi.theme)]
    assert len(themes) == len(set(themes))


if __name__ == "__main__":
    DOCUMENT.write_text(TABLES.sub(lambda _: tables(), DOCUMENT.read_text(encoding="utf-8"), 1), encoding="utf-8")
    print(f"wrote {DOCUMENT.name}")
