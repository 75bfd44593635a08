"""Results at the same seed have not moved; `python tests/baselines/update.py` moves them on purpose."""

from __future__ import annotations

import pytest
import yaml

from baselines.update import CASES, measure, path_of


@pytest.mark.jit
@pytest.mark.parametrize("name", CASES)
def test_results_have_not_moved(name: str) -> None:
    expected = yaml.safe_load(path_of(name).read_text(encoding="utf-8"))
    found = measure(name)
    assert found["networks"] == expected["networks"]
    assert found["steps"] == expected["steps"]
    moved = {
        metric: (values, found["metrics"].get(metric))
        for metric, values in expected["metrics"].items()
        if found["metrics"].get(metric) != [pytest.approx(row, rel=1e-9, nan_ok=True) for row in values]
    }
    assert not moved, f"run tests/baselines/update.py if this is meant: {moved}"
    assert set(found["metrics"]) == set(expected["metrics"])
