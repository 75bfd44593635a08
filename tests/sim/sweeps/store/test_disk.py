"""Files written whole or not at all, locks that end with their process, errors that say what to do."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.store import disk
from catallaxy.sim.sweeps.store.disk import explained, folder_bytes, gate, held, locked, process_exists, replacing

PATH = Path("folder/a.bin")


def test_a_file_is_replaced_whole() -> None:
    for content in (b"one", b"two"):
        with replacing(PATH) as temporary:
            temporary.write_bytes(content)
            assert not PATH.exists() or PATH.read_bytes() == b"one"
        assert PATH.read_bytes() == content
    with pytest.raises(TypeError), replacing(PATH) as temporary:
        temporary.write_bytes("three")  # type: ignore[arg-type]
    assert PATH.read_bytes() == b"two"
    assert list(PATH.parent.iterdir()) == [PATH]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EFBIG, "the file would exceed the size limit"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(number: int, reason: str) -> None:
    with pytest.raises(ResultsError, match=rf"cannot write {PATH}: {reason}; .* put this right"), explained(PATH):
        raise OSError(number, os.strerror(number))


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


def test_processes_and_sizes() -> None:
    assert process_exists(os.getpid())
    assert not process_exists(2**22 + 1)
    with replacing(PATH) as temporary:
        temporary.write_bytes(b"12345")
    assert folder_bytes(Path()) == 5
