"""Locks that end with their process, errors that say what to do."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.store import disk
from catallaxy.sim.sweeps.store.disk import folder_bytes, gate, held, locked, replacing

PATH = Path("folder/a.bin")


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    told = rf"cannot write {PATH}: the disk is full; .* put this right"
    with pytest.raises(ResultsError, match=told), replacing(PATH):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(PATH.parent.iterdir()) == []


def test_a_lock_is_held_by_one() -> None:
    lock = locked(PATH)
    assert lock is not None
    assert held(PATH)
    assert locked(PATH) is None
    lock.release()
    assert not held(PATH)


def test_the_lock_of_a_killed_process_is_free() -> None:
    script = "from pathlib import Path; from catallaxy.sim.sweeps.store.disk import locked\n"
    script += "lock = locked(Path('folder/a.bin')); print(flush=True); import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline()
    assert held(PATH)
    process.kill()
    process.communicate(timeout=30)
    assert not held(PATH)


def test_a_folder_that_cannot_be_made_is_told() -> None:
    Path("folder").write_text("a file is in the way")
    with pytest.raises(ResultsError, match="cannot write"):
        locked(PATH)


def test_the_gate_lets_one_through_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_GATE_S", 0.1)
    with gate(Path()), pytest.raises(ResultsError, match="collecting"), gate(Path()):
        pass
    with gate(Path()):
        pass


def test_the_size_of_a_folder() -> None:
    with replacing(PATH) as temporary:
        temporary.write_bytes(b"12345")
    assert folder_bytes(Path()) == 5
