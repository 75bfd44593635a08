"""A worker process: what it must not do, and how much memory its runs may have."""

from __future__ import annotations

import math
import mmap
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

__all__ = ["default_memory_mb", "is_worker", "memory_limit", "peak_mb", "prepare_worker"]

_MB = 1e6
_SHARE = 0.9
_PROBE_BYTES = 64 * 2**20
_NO_LIMIT = 2**60
_STATUS = Path("/proc/self/status")
_CGROUPS = Path("/sys/fs/cgroup")
_PREPARED = threading.Event()


def prepare_worker() -> None:
    """Make this process a worker, which lives for its runs alone; give it to a pool as initializer.

    It ignores Ctrl-C, because the driver decides when to stop; it keeps to one Numba thread; and a run that nothing
    else can stop may end the process.
    """
    _PREPARED.set()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    if "numba" in sys.modules:
        sys.modules["numba"].set_num_threads(1)


def is_worker() -> bool:
    """Tell whether this process lives for its runs alone: it was prepared, or `multiprocessing` started it."""
    return _PREPARED.is_set() or multiprocessing.parent_process() is not None


def peak_mb() -> float:
    """Return the most memory that this process has ever held, megabytes (10^6 bytes); NaN where nobody knows.

    Linux carries the maximum of `getrusage` over from the process that started this one, so its own high-water mark
    is read where there is one.
    """
    if sys.platform == "win32":
        return math.nan
    if _STATUS.is_file():
        return _memory().get("VmHWM", math.nan) / _MB
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MB


@contextmanager
def memory_limit(memory_mb: float | None) -> Iterator[None]:
    """Let what is done in this context fail with `MemoryError` when the process would hold more than this.

    The system counts what is asked for, used or not: memory that was reserved before counts as far as it is in use,
    and all that is reserved from here on counts in full. Where the system enforces no limit (macOS, Windows) there is
    none.

    Parameters
    ----------
    memory_mb : float or None
        Megabytes (10^6 bytes) of the whole process, the interpreter and the libraries included; None for no limit.
    """
    kind = None if memory_mb is None else _enforced()
    if kind is None or memory_mb is None:
        yield
        return
    import resource

    now, (soft, hard) = _memory(), resource.getrlimit(kind)
    most = now[_counted(kind)] + max(int(memory_mb * _MB) - now["VmRSS"], 0)
    resource.setrlimit(kind, (most if soft == resource.RLIM_INFINITY else min(most, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def default_memory_mb(jobs: int) -> float | None:
    """Return the memory that each of some workers may have on this machine.

    Parameters
    ----------
    jobs : int
        Workers that run at the same time.

    Returns
    -------
    float or None
        Megabytes (10^6 bytes): nine tenths of what the machine, the control group of this process and the SLURM job
        allow, in equal parts. None when nobody knows.
    """
    known = [*_physical(), *_cgroup_limits(_cgroup_paths(), _CGROUPS), *_slurm_limits(os.environ)]
    return _SHARE * min(known) / max(jobs, 1) / _MB if known else None


@cache
def _enforced() -> int | None:
    """Return the resource limit on memory that this system enforces, found out by breaking it."""
    if not _STATUS.is_file():
        return None
    import resource

    kinds = (resource.RLIMIT_DATA, resource.RLIMIT_AS)
    return next((kind for kind in kinds if _refuses(kind)), None)


def _refuses(kind: int) -> bool:
    import resource

    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (_memory()[_counted(kind)] + _PROBE_BYTES // 2, before[1]))
    try:
        mmap.mmap(-1, _PROBE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except OSError:
        return True
    finally:
        resource.setrlimit(kind, before)
    return False


def _counted(kind: int) -> str:
    import resource

    return "VmData" if kind == resource.RLIMIT_DATA else "VmSize"


def _memory() -> dict[str, int]:
    """Return what this process uses, bytes, by the kernel's names."""
    lines = (line.split() for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("Vm"))
    return {name.rstrip(":"): int(kilobytes) * 1024 for name, kilobytes, _ in lines}


def _physical() -> Iterator[int]:
    if {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= getattr(os, "sysconf_names", {}).keys():
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _cgroup_paths() -> str:
    listing = Path("/proc/self/cgroup")
    return listing.read_text(encoding="utf-8") if listing.is_file() else ""


def _cgroup_limits(paths: str, root: Path) -> Iterator[int]:
    """Yield the limits of the control groups that a process is in, bytes: of both versions, parents included."""
    for line in paths.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top, name = (root / "memory", "memory.limit_in_bytes") if controllers else (root, "memory.max")
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder.is_relative_to(top):
                yield from _limit_in(folder / name)


def _limit_in(file: Path) -> Iterator[int]:
    text = file.read_text(encoding="ascii").strip() if file.is_file() else ""
    if text.isdecimal() and int(text) < _NO_LIMIT:
        yield int(text)


def _slurm_limits(environment: Mapping[str, str]) -> Iterator[int]:
    """Yield what SLURM gave to this job on this node, bytes; it writes mebibytes, and 0 for all there is."""
    per_node = environment.get("SLURM_MEM_PER_NODE", "")
    per_cpu, cpus = environment.get("SLURM_MEM_PER_CPU", ""), environment.get("SLURM_CPUS_ON_NODE", "")
    if per_node.isdecimal() and int(per_node):
        yield int(per_node) * 2**20
    if per_cpu.isdecimal() and cpus.isdecimal() and int(per_cpu) and int(cpus):
        yield int(per_cpu) * int(cpus) * 2**20
