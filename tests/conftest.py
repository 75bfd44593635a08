"""What every test shares: an empty folder to work in, reproducible examples, and the pass without the JIT."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

JIT_DISABLED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}

os.environ["MPLBACKEND"] = "Agg"
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts background jobs deaf to Ctrl-C, and programs that the tests start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile(
    "catallaxy",
    max_examples=10 if JIT_DISABLED else 50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("catallaxy")

if JIT_DISABLED:
    # Compiled kernels wrap integers and follow IEEE on division without a word; interpreted ones must do the same.
    np.seterr(all="ignore")


TESTS = Path(__file__).parent
#: Folders whose tests show coverage no line that it could see and has not seen: they run without it, in half the time.
UNCOVERED = {"benchmarks", "docs", "numba_kernels", "papers", "repository"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs compiled kernels when there are none; mark what runs without coverage."""
    for item in items:
        if item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).parts[0] in UNCOVERED:
            item.add_marker(pytest.mark.whole)
    if JIT_DISABLED:
        for item in items:
            if item.get_closest_marker("jit") is not None:
                item.add_marker(pytest.mark.skip(reason="needs compiled kernels"))


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test in a folder of its own, so that none writes into the repository or leans on it."""
    monkeypatch.chdir(tmp_path)
