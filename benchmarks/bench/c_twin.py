"""The C twin of the speculator and pool block, compiled on this machine and called through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy.typing as npt

from bench.block import LOG_VALUE, CompiledBlock
from catallaxy.numba_kernels.streams import step_key

__all__ = ["BUILDS", "CBlock", "build", "compiler"]

SOURCE = Path(__file__).resolve().parents[1] / "c" / "block.c"

#: Compiler flags by build. `strict` follows IEEE like the kernels (its two extra flags only say that nobody
#: reads errno or traps, without which no square root vectorises); `plain` fuses, `fast-math` also reorders.
BUILDS = {
    "plain": ("-O3", "-march=native"),
    "strict": ("-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"),
    "fast-math": ("-O3", "-march=native", "-ffast-math"),
    "wide fast-math": ("-O3", "-march=native", "-ffast-math", "-mprefer-vector-width=512"),
}


def compiler() -> str | None:
    """Return the path of a C compiler, or None where there is none."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build(name: str, folder: Path) -> Path:
    """Compile one build of the twin.

    Parameters
    ----------
    name : str
        A key of `BUILDS`.
    folder : Path
        Where the shared library goes.

    Returns
    -------
    Path

    Raises
    ------
    subprocess.CalledProcessError
        When the compiler does not know a flag.
    FileNotFoundError
        When there is no compiler.
    """
    command = compiler()
    if command is None:
        raise FileNotFoundError("no C compiler: neither cc, gcc nor clang is on PATH")
    library = folder / f"block-{name.replace(' ', '-')}.so"
    flags = [*BUILDS[name], "-fPIC", "-shared", "-o", str(library), str(SOURCE), "-lm"]
    subprocess.run([command, *flags], check=True, capture_output=True, text=True)
    return library


_POINTERS = (
    "ids",
    "value_bias",
    "reaction",
    "noise",
    "aggressiveness",
    "horizon",
    "strategy",
    "usd",
    "tokens",
    "order",
)


class _People(ctypes.Structure):
    _fields_ = (*((name, ctypes.c_void_p) for name in _POINTERS), ("n", ctypes.c_int64))


class _Rules(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_double)
        for name in ("value_pull", "trend_pull", "short_weight", "long_weight", "log_value", "fee")
    )


class _Market(ctypes.Structure):
    _fields_ = (
        ("usd", ctypes.c_int64),
        ("tokens", ctypes.c_int64),
        ("price", ctypes.c_double),
        ("trend_short", ctypes.c_double),
        ("trend_long", ctypes.c_double),
    )


class CBlock:
    """The C twin, started where a compiled block stands, on its own copy of the columns.

    Parameters
    ----------
    library : Path
        A shared library made by `build`.
    block : CompiledBlock
        Not stepped yet.
    """

    def __init__(self, library: Path, block: CompiledBlock) -> None:
        self._step = ctypes.CDLL(str(library)).step
        self._step.restype = None
        self._block, self.day = block, 0
        self.columns: dict[str, npt.NDArray[Any]] = {
            name: block.people.columns[name].copy().reshape(-1) for name in _POINTERS
        }
        addresses = (self.columns[name].ctypes.data for name in _POINTERS)
        self._people = _People(*addresses, block.people.n)
        self._rules = _Rules(block.spec.value_pull, block.spec.trend_pull, *block.weights, LOG_VALUE, block.venue.fee)
        self.market = _Market(block.pool.usd, block.pool.tokens, block.pool.price, 0.0, 0.0)

    def step(self) -> None:
        """Play one day."""
        shocks = self._block.shocks(self.day)
        key = int(step_key(self._block.noise_key(self.day), 0, 0))
        self._step(
            ctypes.byref(self._people),
            ctypes.byref(self._rules),
            ctypes.byref(self.market),
            ctypes.c_uint64(key),
            ctypes.c_void_p(shocks.ctypes.data),
        )
        self.day += 1

    def holdings(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return cash (micro-USD) and tokens (base units) of every agent, int64[n] each."""
        return self.columns["usd"], self.columns["tokens"]
