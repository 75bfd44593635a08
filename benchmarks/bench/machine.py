"""The machine on which something was measured, in words that do not identify it."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.c_twin import compiler

__all__ = ["describe"]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _compiler() -> str:
    command = compiler()
    if command is None:
        return "none"
    run = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    return run.stdout.splitlines()[0] if run.stdout else "unknown"


def describe() -> dict[str, str]:
    """Return processor, cores, system, compiler and the versions that matter for speed."""
    from llvmlite import binding

    return {
        "processor": f"{_processor()} ({binding.get_host_cpu_name()})",
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "compiler": _compiler(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("catallaxy", "numpy", "numba", "llvmlite", "mesa")},
    }
