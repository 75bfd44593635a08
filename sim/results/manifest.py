"""`manifest.json`: what was asked, what was done, on what, and whether the books closed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.folder import SCHEMA_VERSION
from catallaxy.sim.results.model_log import chain_ends
from catallaxy.sim.results.origin import RunOrigin
from catallaxy.sim.results.provenance import environment

__all__ = ["build_manifest", "file_entries", "manifest_bytes"]

_USD_UNIT = 1e-6
_TOKEN_UNIT = 1e-9


def build_manifest(origin: RunOrigin, records: Sequence[RunRecord]) -> dict[str, Any]:
    """Describe a set of runs.

    Parameters
    ----------
    origin : RunOrigin
        What was asked.
    records : sequence of RunRecord
        What was recorded, one per replicate that started.

    Returns
    -------
    dict
        Everything of `manifest.json` but `files`, in JSON's own types.
    """
    wall = sum(r.wall_s for r in records) if origin.wall_s is None else origin.wall_s
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "name": origin.name,
        "status": _status(origin, records),
        "hash": origin.hash,
        "scenario_hash": origin.scenario_hash,
        "seed": origin.seed,
        "seeds": [r.seed for r in records],
        "replicates": {"requested": origin.replicates, "recorded": len(records), "first": origin.first},
        "steps": {"requested": origin.steps, "done": [r.n_steps for r in records]},
        "problems": _problems(records),
        **_economy(origin, records),
        "audit": _audit(records),
        "guards": _guards(records),
        **environment(),
        "argv": list(origin.argv),
        "started": origin.started.isoformat(timespec="seconds"),
        "wall_s": wall,
        "phase_seconds": _phase_seconds(records),
        "about": {key: value for key, value in asdict(origin.about).items() if key != "base_units"},
    }
    if any(r.models for r in records):
        manifest["models"] = chain_ends(origin.scenario_hash, records)
    plain: dict[str, Any] = json.loads(manifest_bytes(manifest))
    return plain


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """Return the manifest as indented UTF-8 JSON, in the order of its keys."""
    return (json.dumps(manifest, indent=2, ensure_ascii=False, default=_plain) + "\n").encode()


def file_entries(folder: Path) -> list[dict[str, Any]]:
    """Return name, size and SHA-256 of every file of a folder, sorted by name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        {
            "name": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in paths
    ]


def _status(origin: RunOrigin, records: Sequence[RunRecord]) -> str:
    statuses = {r.status for r in records}
    if "failed" in statuses or not records:
        return "failed"
    return "interrupted" if "interrupted" in statuses or len(records) < origin.replicates else "complete"


def _problems(records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """Return the replicates that did not complete, with what stopped them."""
    stopped = (r for r in records if r.status != "complete")
    names = ("replicate", "status", "error", "traceback")
    return [{**{name: getattr(r, name) for name in names}, "steps": r.n_steps} for r in stopped]


def _economy(origin: RunOrigin, records: Sequence[RunRecord]) -> dict[str, Any]:
    """Return networks, symbols, dates and base units; all empty when nothing was recorded."""
    if not records:
        return {"networks": [], "symbols": [], "start": None, "end": None, "dt_days": None, "base_units": {}}
    first = records[0]
    last_step = max(0, max(r.n_steps for r in records) - 1)
    instruments = ("USD", *first.symbols, *(row.instrument for r in records for row in r.flows))
    units = {i: _USD_UNIT if i == "USD" else _TOKEN_UNIT for i in instruments}
    return {
        "networks": list(first.networks),
        "symbols": list(first.symbols),
        "start": first.start.isoformat(),
        "end": (first.start + timedelta(days=int(last_step * first.dt_days))).isoformat(),
        "dt_days": first.dt_days,
        "base_units": {**units, **origin.about.base_units},
    }


def _audit(records: Sequence[RunRecord]) -> dict[str, Any]:
    """Put the audits of all runs together: steps add up, everything else is that of the worst run.

    `passed` is None when no step was audited.
    """
    steps = sum(int(r.audit.get("steps_checked", 0)) for r in records)
    worst = max((abs(r.audit.get("largest_discrepancy", 0)) for r in records), default=0)
    failed = worst != 0 or not all(r.audit.get("passed", True) for r in records)
    return {
        "passed": False if failed else (True if steps else None),
        "steps_checked": steps,
        "identities_per_step": _largest(r.audit.get("identities_per_step", 0) for r in records),
        "largest_discrepancy": worst,
    }


def _guards(records: Sequence[RunRecord]) -> dict[str, Any]:
    """Return for each guard the steps it bound on, their share over all runs, and the share in the worst run."""
    total = sum(r.n_steps for r in records)
    names = sorted({name for r in records for name in r.guards})
    return {
        name: {
            "steps": sum(r.guards.get(name, 0) for r in records),
            "share": sum(r.guards.get(name, 0) for r in records) / max(1, total),
            "worst_share": max(r.guards.get(name, 0) / max(1, r.n_steps) for r in records),
        }
        for name in names
    }


def _phase_seconds(records: Sequence[RunRecord]) -> dict[str, float]:
    names = dict.fromkeys(name for r in records for name in r.phase_seconds)
    return {name: sum(r.phase_seconds.get(name, 0.0) for r in records) for name in names}


def _largest(values: Iterable[int]) -> int:
    return max(values, default=0)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a manifest cannot hold a {type(value).__name__}: {value!r}")
