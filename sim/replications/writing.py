"""What a replication leaves behind: a folder with table, figure, parameters and manifest."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.running import Outcome
from catallaxy.sim.report.canvas import png, svg
from catallaxy.sim.results.folder import MANIFEST, SCHEMA_VERSION, prepare_folder, staged_folder
from catallaxy.sim.results.identity import code_version, content_hash
from catallaxy.sim.results.manifest import file_entries, manifest_bytes
from catallaxy.sim.results.parquet import write_table
from catallaxy.sim.results.provenance import environment
from catallaxy.sim.scenario.writing import yaml_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "outcome_hash", "write_outcome"]

KIND = "replication"

#: Columns of the table, and how a row fills them.
COLUMNS = (
    "table",
    "quantity",
    "unit",
    "published",
    "ours",
    "low",
    "high",
    "tolerance",
    "passed",
    "tag",
    "source",
)


def outcome_hash(outcome: Outcome) -> str:
    """Return the hash of code, folder, parameters and seed, as 24 hexadecimal digits."""
    return content_hash(
        {
            "code": code_version(),
            "folder": outcome.replication.digest(),
            "parameters": outcome.parameters.model_dump(mode="json"),
            "quick": outcome.quick,
            "seed": str(outcome.seed),
        }
    )


def write_outcome(outcome: Outcome, root: Path, argv: tuple[str, ...] = ()) -> Path:
    """Write a results folder; an older one of the same hash is replaced in one rename.

    Parameters
    ----------
    outcome : Outcome
    root : Path
        Folder of all results.
    argv : tuple of str, optional
        Command line, for the manifest.

    Returns
    -------
    Path
        The folder: `table.csv`, `table.parquet`, `figure.png`, `figure.svg`, `parameters.yaml`, `manifest.json`.

    Raises
    ------
    ResultsError
        When it cannot be written.
    """
    hash_ = outcome_hash(outcome)
    folder = prepare_folder(root, outcome.replication.name, hash_, force=True).path
    figure, manifest = outcome.figure(), _manifest(outcome, hash_, argv)
    with staged_folder(folder) as stage:
        write_table(_table(outcome.rows), stage / "table.parquet")
        (stage / "table.csv").write_text(_csv(outcome.rows), encoding="utf-8", newline="")
        (stage / "figure.png").write_bytes(png(figure))
        (stage / "figure.svg").write_bytes(svg(figure))
        parameters = yaml_text(outcome.parameters.model_dump(mode="json"))
        (stage / "parameters.yaml").write_text(parameters, encoding="utf-8", newline="\n")
        manifest["files"] = file_entries(stage)
        (stage / MANIFEST).write_bytes(manifest_bytes(manifest))
    return folder


def _values(row: Row) -> tuple[Any, ...]:
    ours = row.ours.estimate, row.ours.low, row.ours.high
    return row.table, row.quantity, row.unit, row.published, *ours, row.tolerance, row.passed, row.tag, row.source


def _table(rows: tuple[Row, ...]) -> pa.Table:
    import pyarrow as pa

    kinds = {name: pa.float64() for name in ("published", "ours", "low", "high", "tolerance")} | {"passed": pa.bool_()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    return pa.Table.from_pylist([dict(zip(COLUMNS, _values(row), strict=True)) for row in rows], schema)


def _csv(rows: tuple[Row, ...]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if value is None else value for value in _values(row)] for row in rows)
    return sink.getvalue()


def _manifest(outcome: Outcome, hash_: str, argv: tuple[str, ...]) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "name": outcome.replication.name,
        "status": "complete",
        "hash": hash_,
        "passed": outcome.passed,
        "failed": [row.quantity for row in outcome.rows if row.passed is False],
        "seed": outcome.seed,
        "quick": outcome.quick,
        "paper": {name: getattr(outcome.paper, name) for name in ("title", "reference", "doi", "replicates")},
        **environment(),
        "argv": list(argv),
        "started": outcome.started.isoformat(timespec="seconds"),
        "wall_s": outcome.wall_s,
    }
