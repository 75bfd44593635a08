"""Fresh processes: what they cost, and in which environment they start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cost", "catallaxy", "environment", "run_child"]


@dataclass(frozen=True)
class Cost:
    """Wall seconds, CPU seconds (user and system) and output of one process."""

    wall: float
    cpu: float
    output: str


def environment(cache: Path) -> dict[str, str]:
    """Return this process's environment with the kernel cache in `cache`."""
    left_out = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")
    return {**{k: v for k, v in os.environ.items() if k not in left_out}, "CATALLAXY_CACHE": str(cache)}


def run_child(command: Sequence[str], env: Mapping[str, str], folder: Path, python: str = sys.executable) -> Cost:
    """Run a process to its end.

    Parameters
    ----------
    command : sequence of str
        Arguments of the Python interpreter.
    env : mapping of str to str
    folder : Path
        Where it runs.
    python : str
        The interpreter; this one if not given.

    Returns
    -------
    Cost

    Raises
    ------
    RuntimeError
        With the last line of its messages when it fails.
    """
    log = folder / "messages.txt"
    started = time.perf_counter()
    with log.open("w+") as messages, (folder / "output.txt").open("w+") as output:
        child = subprocess.Popen([python, *command], env=env, cwd=folder, stdout=output, stderr=messages)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode:
        said = log.read_text().strip().splitlines()
        raise RuntimeError(f"{' '.join(command)} exited with {child.returncode}: {said[-1] if said else 'no message'}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, text)


def catallaxy(*arguments: str) -> list[str]:
    """Return the interpreter's arguments that run the command line of this installation."""
    return ["-c", "from catallaxy.sim.cli.main import entry; entry()", *arguments]
