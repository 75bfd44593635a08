"""`manifest.json` of a sweep: what was asked, how far it is, on what it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.folder import MANIFEST, SCHEMA_VERSION, read_manifest, replace_file
from catallaxy.sim.results.manifest import manifest_bytes
from catallaxy.sim.results.provenance import environment
from catallaxy.sim.sweeps.plan import Plan

__all__ = ["PLAN_FILE", "SWEEP_FILE", "is_sweep", "sweep_folder", "write_manifest"]

PLAN_FILE = "plan.parquet"
SWEEP_FILE = "sweep.yaml"
_KIND = "sweep"


def is_sweep(folder: Path | str) -> bool:
    """Return whether a folder holds a planned sweep."""
    return (Path(folder) / PLAN_FILE).is_file()


def sweep_folder(folder: Path | str) -> Path:
    """Return the folder of a sweep.

    Parameters
    ----------
    folder : Path or str
        What the user gave.

    Returns
    -------
    Path

    Raises
    ------
    ResultsError
        When it is something else; the message says what.
    """
    path = Path(folder)
    if is_sweep(path):
        return path
    if (path / MANIFEST).is_file():
        raise ResultsError(f"{path} holds a single run, not a sweep; `catallaxy report {path}` shows it")
    if path.is_dir():
        below = sorted(child.name for child in path.iterdir() if is_sweep(child))
        hint = f"; it contains the sweeps {', '.join(below[:5])}" if below else ""
        raise ResultsError(f"{path} is not the folder of a sweep: it holds no {PLAN_FILE}{hint}")
    raise ResultsError(f"there is no folder {path}; the folder of a sweep is what `catallaxy sweep plan` printed last")


def write_manifest(folder: Path, plan: Plan, counts: Mapping[str, int], argv: tuple[str, ...] = ()) -> None:
    """Write the manifest of a sweep, keeping when and how it was first asked for.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    plan : Plan
    counts : mapping of str to int
        Finished runs by status.
    argv : tuple of str, optional
        Command line that planned it.

    Raises
    ------
    ResultsError
        When it cannot be written.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    before = read_manifest(folder) if (folder / MANIFEST).is_file() else {}
    manifest: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": _KIND,
        "name": plan.name,
        "status": _status(len(plan), counts),
        "hash": plan.hash,
        "question": plan.question,
        "runs": {"planned": len(plan), **dict(sorted(counts.items()))},
        "points": len(plan.points),
        "replicates": plan.replicates,
        "seeding": plan.seeding,
        "params": list(plan.params),
        "recording": asdict(plan.context.recording),
        "plugins": list(plan.context.plugins),
        "simulate": plan.context.simulate,
        **environment(),
        "argv": before.get("argv") or list(argv),
        "planned": before.get("planned", now),
        "updated": now,
    }
    replace_file(folder / MANIFEST, manifest_bytes(manifest))


def _status(planned: int, counts: Mapping[str, int]) -> str:
    done = sum(counts.values())
    if done < planned:
        return "partial" if done else "planned"
    return "complete" if counts.get("complete", 0) == planned else "failures"
