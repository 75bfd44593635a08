"""PAMS, the nearest peer, in processes of its own: another Python may run it, because it needs an older NumPy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.children import run_child
from catallaxy.numba_kernels import order_columns as columns
from catallaxy.numba_kernels.order_book_state import SLOT_BITS

__all__ = ["INTERPRETER", "Pams", "find_pams"]

#: Environment variable with the path of a Python that has PAMS.
INTERPRETER = "CATALLAXY_PAMS"
_PROGRAM = Path(__file__).resolve().parents[1] / "peers" / "pams_program.py"
_VERSION = "import importlib.metadata as m, pams; print(m.version('pams'))"
_KINDS = {columns.LIMIT: 0, columns.MARKET: 1, columns.CANCEL: 2}


class Pams:
    """A PAMS that can be asked.

    Parameters
    ----------
    python : str
        Interpreter that has it.
    version : str
    """

    def __init__(self, python: str, version: str) -> None:
        self.python, self.version = python, version

    def flow(self, messages: npt.NDArray[np.int64]) -> dict[str, Any]:
        """Send limit and market orders and cancellations, every one accepted by the book that they were drawn for.

        Returns
        -------
        dict
            CPU `seconds`, `fills` (lots and tick of every trade), orders `resting` at the end.
        """
        kinds = np.array([_KINDS[kind] for kind in messages[:, columns.KIND].tolist()])
        sent = (columns.SIDE, columns.TICK, columns.LOTS, columns.AGENT)
        rows = np.column_stack((kinds, messages[:, sent], messages[:, columns.ORDER] >> SLOT_BITS))
        rows[:, 2] += 1  # PAMS warns of a price of zero
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder, "flow.npy"), rows)
            found = self._ask(folder, "flow", "flow.npy")
        fills = np.array(found["fills"], np.int64).reshape(-1, 2) - (0, 1)
        return {**found, "fills": fills}

    def sweep(self) -> list[float]:
        """Return the prices that a buyer of three lots pays where 100, 101 and 102 are asked for one lot each."""
        with tempfile.TemporaryDirectory() as folder:
            prices: list[float] = self._ask(folder, "sweep")["prices"]
        return prices

    def fcn(self, agents: int, orders_per_step: int, steps: int, seed: int = 1) -> dict[str, Any]:
        """Run PAMS's own FCN agents; return CPU `seconds`, `orders`, `trades`, `resting` and the last `price`."""
        with tempfile.TemporaryDirectory() as folder:
            return self._ask(folder, "fcn", *map(str, (agents, orders_per_step, steps, seed)))

    def _ask(self, folder: str, *arguments: str) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        child = run_child([str(_PROGRAM), *arguments], environment, Path(folder), self.python)
        answer: dict[str, Any] = json.loads(child.output)
        return answer


def find_pams() -> tuple[Pams | None, str]:
    """Return PAMS, or None, and what to tell the reader."""
    python = os.environ.get(INTERPRETER, sys.executable)
    python = str(Path(python).absolute()) if os.sep in python else python
    try:
        found = subprocess.run([python, "-c", _VERSION], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        where = "an environment of its own (below Python 3.13 it needs NumPy 1)"
        return None, f"PAMS skipped: {python} has no `pams`; install it in {where} and set {INTERPRETER} to its python"
    version = found.stdout.strip()
    return Pams(python, version), f"PAMS {version}, CPU time in a process of its own, one turn"
