"""What a referee finds in every folder of `papers/`."""

from __future__ import annotations

import pytest

from catallaxy.sim.replications.library import Replication, shipped_replications
from repository.sources import ROOT

SHIPPED = shipped_replications()


@pytest.mark.parametrize("replication", SHIPPED.values(), ids=list(SHIPPED))
def test_a_folder_is_complete(replication: Replication) -> None:
    files = {path.name for path in replication.folder.iterdir()}
    assert {"README.md", "paper.yaml", "expected.yaml", "replication.py", "__init__.py", "figure.png"} <= files
    assert (ROOT / "tests" / "papers" / f"test_{replication.folder.name}.py").is_file()
    readme = (replication.folder / "README.md").read_text(encoding="utf-8")
    paper = replication.paper()
    assert paper.doi.removeprefix("arXiv:") in readme
    assert f"catallaxy replicate {replication.name}" in readme
    assert "](figure.png)" in readme


@pytest.mark.parametrize("replication", SHIPPED.values(), ids=list(SHIPPED))
def test_its_parameters_and_numbers_are_in_order(replication: Replication) -> None:
    full, quick = replication.parameters(), replication.parameters(quick=True)
    assert full != quick
    assert replication.expected().tables
    assert list(replication.module().parts(full)) == list(replication.module().parts(quick))


def test_every_folder_is_listed() -> None:
    text = (ROOT / "papers" / "README.md").read_text(encoding="utf-8")
    folders = sorted(path.name for path in (ROOT / "papers").iterdir() if (path / "paper.yaml").is_file())
    assert [replication.folder.name for replication in SHIPPED.values()] == folders
    assert all(f"[{name}]({name}/README.md)" in text for name in folders)
