"""On what a result was computed: code, libraries, machine."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import catallaxy
from catallaxy.sim.results.identity import code_version

__all__ = ["environment", "git_state"]

_LIBRARIES = ("numpy", "numba", "mesa", "pyarrow")
_GIT_TIMEOUT_S = 5.0


def environment() -> dict[str, Any]:
    """Return the `code`, `python`, `libraries` and `platform` entries of a manifest."""
    return {
        "code": {"package": catallaxy.__version__, "version": code_version(), "git": git_state(_checkout())},
        "python": platform.python_version(),
        "libraries": {name: _installed(name) for name in _LIBRARIES},
        "platform": {"system": platform.platform(), "machine": platform.machine(), "cpu": _cpu_name()},
    }


def git_state(checkout: Path | None) -> dict[str, Any] | None:
    """Return the commit of a checkout and whether files differ from it.

    Parameters
    ----------
    checkout : Path or None
        Top folder of the checkout.

    Returns
    -------
    dict or None
        `{"sha": str, "dirty": bool}`; None when there is no checkout, or git cannot read it.
    """
    if checkout is None:
        return None
    sha = _git(checkout, "rev-parse", "HEAD")
    status = _git(checkout, "status", "--porcelain", "--untracked-files=no")
    return None if sha is None or status is None else {"sha": sha, "dirty": bool(status)}


def _checkout() -> Path | None:
    """Return the git checkout of catallaxy that this package is imported from, if it is one."""
    top = Path(catallaxy.__file__).resolve().parents[2]
    return top if (top / ".git").exists() and (top / "src" / "catallaxy").is_dir() else None


def _git(checkout: Path, *arguments: str) -> str | None:
    command = ["git", "--no-optional-locks", "-C", str(checkout), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _installed(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def _cpu_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
