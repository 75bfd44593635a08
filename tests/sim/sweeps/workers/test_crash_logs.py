"""What can be read after a worker has died, and what is removed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from catallaxy.sim.sweeps.plan import PlannedRun
from catallaxy.sim.sweeps.workers.crash_logs import (
    CrashLog,
    clean_crash_logs,
    crash_log,
    crash_status,
    forget_crash_logs,
    read_crash_logs,
    worker_name,
)

HOST = socket.gethostname()
RUN = PlannedRun(12, "abc", 4, 0, 0, {})
NEXT = PlannedRun(13, "abcd", 4, 1, 0, {})


@pytest.fixture
def dead() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(timeout=30)
    return process.pid


def leave(pid: int, text: str, host: str = HOST) -> Path:
    path = Path("logs", f"{host}-{pid}-1.log")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_the_file_names_the_run_as_long_as_it_lasts() -> None:
    log = CrashLog("logs", fatal=False)
    (path,) = Path("logs").iterdir()
    assert path.name == f"{HOST}-{os.getpid()}-1.log"
    with log.during(RUN):
        assert path.read_text() == "row 12 run abc\n"
    assert path.read_text() == ""
    with pytest.raises(KeyError), log.during(NEXT):
        raise KeyError
    assert path.read_text() == ""
    log.file.close()


def test_without_a_folder_nothing_is_written() -> None:
    log = CrashLog(None, fatal=True)
    with log.during(RUN):
        assert not list(Path().iterdir())
    log.file.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_fails_no_run() -> None:
    Path("logs").mkdir()
    Path("logs", f"{HOST}-{os.getpid()}-1.log").symlink_to("/dev/full")
    log = CrashLog("logs", fatal=False)
    with log.during(RUN):
        done = True
    assert done
    log.file.close()


def test_a_file_with_news_of_a_dead_process_of_the_same_number_is_kept() -> None:
    old = leave(os.getpid(), "row 1 run x\nnews\n")
    log = CrashLog("logs", fatal=False)
    assert old.read_text() == "row 1 run x\nnews\n"
    assert {path.name for path in Path("logs").iterdir()} == {old.name, f"{HOST}-{os.getpid()}-2.log"}
    log.file.close()


def test_it_is_opened_once() -> None:
    log = crash_log("logs", False)
    assert crash_log("logs", False) is log
    crash_log.cache_clear()
    log.file.close()


def test_the_dead_are_read_and_the_living_are_not(dead: int) -> None:
    leave(dead, "row 7 run x\nTimeout (0:00:02)!\n  File ...\n")
    leave(os.getpid(), "row 8 run y\n")
    leave(99, "row 9 run z\n", host="elsewhere")
    leave(98, "", host="elsewhere")
    leave(97, "not one of ours\n", host="elsewhere")
    assert read_crash_logs("logs") == {7: "Timeout (0:00:02)!\n  File ...", 9: ""}
    assert read_crash_logs("logs", remove=True).keys() == {7, 9}
    assert read_crash_logs("logs") == {}
    assert len(list(Path("logs").iterdir())) == 3


def test_a_machine_whose_name_begins_with_that_of_this_one_is_another_one() -> None:
    leave(os.getpid(), "row 1 run x\n", host=f"{HOST}-gpu")
    leave(7, "row 2 run y\n", host=f"{HOST}-{os.getpid()}")
    assert read_crash_logs("logs") == {1: "", 2: ""}
    clean_crash_logs("logs")
    assert len(list(Path("logs").iterdir())) == 2


def test_a_process_that_nobody_has_collected_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    process.stdout.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    leave(process.pid, "row 3 run x\n")
    assert read_crash_logs("logs") == {3: ""}
    process.wait(timeout=30)


def test_no_folder_is_no_news() -> None:
    assert read_crash_logs("nowhere") == {}
    clean_crash_logs("nowhere")


def test_a_stop_for_good_is_told_from_a_crash() -> None:
    assert crash_status("Timeout (0:00:02)!\nThread ...") == "timeout"
    assert crash_status("Fatal Python error: Segmentation fault") == crash_status("") == "crashed"


def test_what_says_nothing_is_removed(dead: int) -> None:
    gone, said = leave(dead, ""), leave(dead + 100_000_000, "row 1 run x\n")
    mine, other = leave(os.getpid(), ""), leave(99, "", host="elsewhere")
    clean_crash_logs("logs")
    assert [path.exists() for path in (gone, said, mine, other)] == [False, True, True, True]


def test_what_was_said_before_is_forgotten_and_a_worker_that_lives_goes_on(dead: int) -> None:
    log = CrashLog("logs", fatal=False)
    with log.during(RUN):
        leave(dead, "row 1 run x\n")
        leave(99, "row 2 run y\n", host="elsewhere")
        forget_crash_logs("logs")
        assert read_crash_logs("logs") == {}
    with log.during(NEXT):
        assert Path("logs", f"{HOST}-{os.getpid()}-1.log").read_text() == "row 13 run abcd\n"
    log.file.close()


def test_a_worker_has_a_name() -> None:
    assert worker_name() == f"{HOST}:{os.getpid()}"
