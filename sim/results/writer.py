"""Write a set of runs as one results folder: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.folder import MANIFEST, staged_folder
from catallaxy.sim.results.manifest import build_manifest, file_entries, manifest_bytes
from catallaxy.sim.results.origin import RunOrigin
from catallaxy.sim.results.parquet import write_table
from catallaxy.sim.results.tables import build_tables

__all__ = ["SCENARIO_FILE", "write_results"]

SCENARIO_FILE = "scenario.resolved.yaml"


def write_results(folder: Path | str, origin: RunOrigin, records: Sequence[RunRecord]) -> Path:
    """Write manifest, scenario and tables; an existing folder is replaced in one rename.

    Interrupted and failed runs are written too, with what they recorded and their status in the manifest.

    Parameters
    ----------
    folder : Path or str
        Usually `prepare_folder(...).path`.
    origin : RunOrigin
        What was asked.
    records : sequence of RunRecord
        One per replicate that started; may be empty when the first one failed before its first step.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultsError
        When the disk is full or the folder cannot be written; nothing half-written is left.
    """
    folder = Path(folder)
    ordered = sorted(records, key=lambda record: record.replicate)
    manifest = build_manifest(origin, ordered)
    tables = build_tables(origin.scenario_hash, ordered)
    with staged_folder(folder) as stage:
        (stage / SCENARIO_FILE).write_text(origin.scenario_yaml, encoding="utf-8", newline="\n")
        for name, table in tables.items():
            write_table(table, stage / f"{name}.parquet")
        manifest["files"] = file_entries(stage)
        (stage / MANIFEST).write_bytes(manifest_bytes(manifest))
    return folder
