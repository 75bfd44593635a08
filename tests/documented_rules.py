"""The emission rules that docs/tokenomics.md shows, as modules that a scenario can name."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

__all__ = ["TEXT", "written"]

TEXT = (Path(__file__).parents[1] / "docs" / "tokenomics.md").read_text(encoding="utf-8")
_PYTHON: list[str] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def written(number: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save a Python example of the page as the module `my_rules`, and trust it."""
    (folder / "my_rules.py").write_text(_PYTHON[number], encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr("catallaxy.agents.plugins._TRUSTED", {"my_rules"})
    monkeypatch.setitem(sys.modules, "my_rules", ModuleType("my_rules"))  # so that it is forgotten after the test
    del sys.modules["my_rules"]
