"""The guide to sweeps is executed, block after block, in one empty folder."""

from __future__ import annotations

import pytest

from repository.sources import ROOT
from repository.test_readme import blocks, run_block

pytestmark = pytest.mark.whole


@pytest.mark.slow
@pytest.mark.jit
def test_the_guide_to_sweeps_does_what_it_says() -> None:
    found = blocks((ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8"))
    assert {"bash", "python", "yaml"} <= {language for language, _ in found}
    for language, content in found:
        run_block(language, content)
