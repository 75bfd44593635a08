"""plan.parquet: the runs as a table that any tool reads, and everything else of the plan in its metadata."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.folder import replace_file
from catallaxy.sim.results.identity import content_hash
from catallaxy.sim.sweeps.columns import identity_table
from catallaxy.sim.sweeps.plan import MAX_RUNS, Context, Plan, Point

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FORMAT", "MAX_UNPACKED", "read_plan", "write_plan"]

FORMAT = 1
"""Version of the file; a reader refuses a newer one."""
MAX_UNPACKED = 2_000_000_000
"""Most bytes that points or scenarios may have once unpacked: a plan may come from somebody else."""
_KEY = "catallaxy_plan"
_BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, zlib.error)
_PLAIN = ("name", "question", "description", "replicates", "seeding", "goals", "source")


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan.

    Parameters
    ----------
    plan : Plan
    path : str or Path
        Parquet file with one row per run: `run_id, point, replicate, seed, param.*`. Equal plans give equal bytes.

    Raises
    ------
    ResultsError
        When the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = identity_table(plan, range(len(plan)))
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, compression="zstd") as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({_KEY: json.dumps(_header(plan), separators=(",", ":"))})
    replace_file(Path(path), sink.getvalue().to_pybytes())


def read_plan(path: str | Path) -> Plan:
    """Read what `write_plan` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Plan

    Raises
    ------
    ResultsError
        When there is no such file, it is damaged, or a newer version wrote it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = Path(path)
    if not file.is_file():
        raise ResultsError(f"{file} is not there; plan the sweep first: catallaxy sweep plan FILE")
    try:
        with pq.ParquetFile(file) as parquet:
            header = _header_of(parquet.metadata.metadata, file)
            if parquet.metadata.num_rows > MAX_RUNS:
                raise ValueError(f"it has {parquet.metadata.num_rows:,} runs, and no sweep has more than {MAX_RUNS:,}")
            plan = _plan(header, parquet.read(["run_id", "seed"]))
            if header["content"] != _content(header, plan):
                raise ValueError("its content does not have the hash that was written with it")
            _check(plan)
    except (*_BROKEN, pa.ArrowException) as error:
        raise _damaged(file, str(error)) from error
    return plan


def _damaged(file: Path, reason: str) -> ResultsError:
    said = " ".join(reason.split())
    return ResultsError(f"{file} is damaged ({said[:200]}); plan the sweep again: finished runs are kept by their id")


def _header(plan: Plan) -> dict[str, Any]:
    plain = {name: getattr(plan, name) for name in _PLAIN}
    points = _packed(_listed(plan.points))
    context = base64.b64encode(plan.context.packed()).decode()
    header = {"format": FORMAT, **plain, "context": context, "points": points}
    return {**header, "content": _content(header, plan)}


def _header_of(metadata: Mapping[bytes, bytes] | None, file: Path) -> dict[str, Any]:
    if not metadata or _KEY.encode() not in metadata:
        raise ValueError("it is a Parquet file, but not one of a plan")
    header: dict[str, Any] = json.loads(metadata[_KEY.encode()])
    if header["format"] > FORMAT:
        raise ResultsError(
            f"{file} has format {header['format']} and this version of catallaxy reads up to {FORMAT}; use a newer one"
        )
    return header


def _plan(header: Mapping[str, Any], table: pa.Table) -> Plan:
    plain = {name: header[name] for name in _PLAIN}
    return Plan(
        **{**plain, "goals": tuple(header["goals"])},
        context=Context.read(_unpacked(header["context"])),
        points=_points(_unpacked(header["points"])),
        run_ids=tuple(table["run_id"].to_pylist()),
        seeds=tuple(table["seed"].to_pylist()),
    )


def _check(plan: Plan) -> None:
    """Refuse a plan whose parts do not belong together."""
    runs = plan.replicates * len(plan.points)
    if not runs or runs != len(plan):
        raise ValueError(f"{len(plan.points):,} points of {plan.replicates:,} runs are not {len(plan):,} runs")
    bases = {point.base for point in plan.points}
    if not bases <= set(range(len(plan.context.bases))):
        raise ValueError("its points start from scenarios that it does not hold")


def _unpacked(packed: str) -> Any:
    """Return the JSON value that was packed, unless it is too large to be meant."""
    reader = zlib.decompressobj()
    text = reader.decompress(base64.b64decode(packed, validate=True), MAX_UNPACKED)
    if not reader.eof:
        raise ValueError(f"a part of it is cut off, or has more than {MAX_UNPACKED:,} bytes when unpacked")
    return json.loads(text)


def _content(header: Mapping[str, Any], plan: Plan) -> str:
    """Return the hash of everything in the file that a reader uses."""
    told = {name: value for name, value in header.items() if name != "content"}
    return content_hash([told, plan.run_ids, plan.seeds])


def _packed(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def _listed(points: tuple[Point, ...]) -> dict[str, Any]:
    """Return points as rows of values under names that are written once for all points that share them."""
    shapes: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    rows = []
    for point in points:
        shape = shapes.setdefault((tuple(point.sets), tuple(point.params)), len(shapes))
        params = None if point.params == point.sets else list(point.params.values())
        rows.append([point.base, shape, list(point.sets.values()), params])
    return {"shapes": list(shapes), "rows": rows}


def _points(listed: Mapping[str, Any]) -> tuple[Point, ...]:
    shapes = listed["shapes"]
    found = []
    for base, shape, values, params in listed["rows"]:
        names, shown = shapes[shape]
        sets = dict(zip(names, values, strict=True))
        found.append(Point(base, sets, sets if params is None else dict(zip(shown, params, strict=True))))
    return tuple(found)
