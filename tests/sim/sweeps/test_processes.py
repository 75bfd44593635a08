"""Which processes live."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from catallaxy.sim.sweeps.processes import lives


def test_this_process_lives_and_one_that_never_was_does_not() -> None:
    assert lives(os.getpid())
    assert not lives(2**22 + 1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="waits without collecting, as on Linux")
def test_a_process_that_has_ended_but_was_not_collected_does_not_live() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not lives(process.pid)
    process.wait(timeout=30)
