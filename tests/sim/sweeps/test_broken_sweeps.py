"""Every file in tests/broken_sweeps says in its first lines (`# expect: ...`) which messages it must get."""

from __future__ import annotations

from pathlib import Path

import pytest

from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.sweeps.design.planning import make_plan
from catallaxy.sim.sweeps.design.reading import load_sweep

FOLDER = Path(__file__).parents[2] / "broken_sweeps"
FILES = sorted(FOLDER.glob("*.yaml"))
MARKER = "# expect: "


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_one_clear_message_each_and_nothing_else(file: Path) -> None:
    fragments = [line.removeprefix(MARKER) for line in file.read_text().splitlines() if line.startswith(MARKER)]
    with pytest.raises(ScenarioError) as caught:
        make_plan(load_sweep(file))
    said = [str(problem) for problem in caught.value.problems]
    assert fragments
    for fragment in fragments:
        assert any(fragment in line for line in said), said
    assert len(said) == len(fragments)
    assert all(line.startswith(f"{file}:") for line in said), said
