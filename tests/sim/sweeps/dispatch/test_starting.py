from __future__ import annotations

import subprocess
import sys
import time

import pytest

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.sweeps.dispatch import starting as workers
from catallaxy.sim.sweeps.dispatch.starting import timed


def test_a_task_is_measured() -> None:
    seconds, result = timed(lambda x: (time.sleep(0.02), x)[1], "result")
    assert 0.02 <= seconds < 5
    assert result == "result"


def test_a_worker_that_could_not_be_prepared_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_complaints", ["ImportError: no such thing"])
    with pytest.raises(CatallaxyError, match="a worker process could not be prepared: ImportError: no such thing"):
        timed(len, "task")


SIGNALS = """
import os, signal
from catallaxy.sim.sweeps.dispatch.starting import start_worker

start_worker()
for name in ("SIGINT", "SIGTERM", "SIGUSR1"):
    os.kill(os.getpid(), getattr(signal, name))
print("alive")
"""

BROKEN = """
import sys
from catallaxy.sim.sweeps.dispatch.starting import dask_setup, timed

sys.modules["catallaxy.sim.sweeps.workers.work"] = None
dask_setup(None)
try:
    timed(len, "task")
except Exception as error:
    print(error)
"""


ORPHAN = """
import time
from catallaxy.sim.sweeps.dispatch.starting import start_worker

start_worker(1_234_567_890)
time.sleep(300)
"""


@pytest.mark.slow
def test_a_worker_whose_driver_died_before_it_was_ready_ends() -> None:
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "said"),
    [(SIGNALS, "alive"), (BROKEN, "a worker process could not be prepared: ModuleNotFoundError: ")],
    ids=["signals", "broken"],
)
def test_a_worker_leaves_signals_to_its_driver_and_keeps_its_complaints_for_it(script: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True, start_new_session=True
    )
    assert done.stdout.startswith(said)
