"""The log of models as a table, and the proof that nobody has touched it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.recording.model_log import ENTRY, KINDS, ModelBlock, chained, first_link, next_link
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.arrays import numbers, text_type, texts
from catallaxy.sim.results.folder import read_manifest
from catallaxy.sim.results.identity import run_id
from catallaxy.sim.results.parquet import read_table

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PROVENANCE_FILE", "SealedBlock", "chain_ends", "model_table", "named", "read_log"]

PROVENANCE_FILE = "provenance.parquet"
_NUMBERS = tuple(name for name in ENTRY.names or () if name != "kind")
_UNITS = {"amount": "1e-3 unit or milli-GPU-hour", "paid": "micro-USD"}

#: Run, replicate, number in the chain, block, link, hash.
_Row: TypeAlias = tuple[str, int, int, ModelBlock, str, str]


@dataclass(frozen=True)
class SealedBlock:
    """A block as it stands in the log.

    Attributes
    ----------
    replicate : int
    number : int
        Place in the chain of its replicate, from 0.
    block : ModelBlock
    hash : str
        SHA-256 over the hash of the block before and the content of this one.
    """

    replicate: int
    number: int
    block: ModelBlock
    hash: str


def model_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per entry of a block: who contributed what to which model, and the hashes that link the blocks."""
    import pyarrow as pa

    sealed: list[_Row] = [
        (run, record.replicate, number, block, link, own)
        for run, record in zip(ids, records, strict=True)
        for number, (block, link, own) in enumerate(_linked(run, record.models))
    ]
    rows = np.array([len(block.entries) for _, _, _, block, _, _ in sealed], np.int64)
    entries = np.concatenate([np.zeros(0, ENTRY), *(block.entries for _, _, _, block, _, _ in sealed)])

    def repeated(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        if kind == text_type():
            known = {name: code for code, name in enumerate(dict.fromkeys(values))}
            codes = np.array([known[value] for value in values], np.int32)
            return texts(np.repeat(codes, rows), list(known))
        return numbers(np.repeat(np.array(values), rows), kind)

    blocks = [block for _, _, _, block, _, _ in sealed]
    columns: dict[str, tuple[pa.Array, str]] = {
        "run_id": (repeated([run for run, *_ in sealed], text_type()), ""),
        "replicate": (repeated([replicate for _, replicate, *_ in sealed], pa.int32()), ""),
        "block": (repeated([number for _, _, number, *_ in sealed], pa.int32()), ""),
        "model": (repeated([block.model for block in blocks], text_type()), ""),
        "network": (repeated([block.network for block in blocks], text_type()), ""),
        "step": (repeated([block.step for block in blocks], pa.int32()), "step"),
        "builder": (repeated([block.builder for block in blocks], pa.int64()), ""),
        "quality": (repeated([block.quality for block in blocks], pa.float64()), "1"),
        "kind": (texts(entries["kind"].astype(np.int32), KINDS), ""),
        **{name: (numbers(entries[name], pa.int64()), _UNITS.get(name, "")) for name in _NUMBERS},
        "link": (repeated([link for *_, link, _ in sealed], text_type()), ""),
        "hash": (repeated([own for *_, own in sealed], text_type()), ""),
    }
    fields = [
        pa.field(name, array.type, metadata={"unit": unit} if unit else None) for name, (array, unit) in columns.items()
    ]
    return pa.Table.from_arrays([array for array, _ in columns.values()], schema=pa.schema(fields))


def chain_ends(scenario_hash: str, records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """Return number of blocks and last hash of every replicate: what to publish, so that no block can be dropped."""
    ends = ((r, chained(run_id(scenario_hash, r.seed, r.replicate), r.models)) for r in records)
    return [{"replicate": r.replicate, "blocks": len(r.models), "head": links[-1]} for r, links in ends]


def read_log(folder: Path | str) -> list[SealedBlock]:
    """Read the log of models of a results folder and verify every block of it.

    Parameters
    ----------
    folder : Path or str

    Returns
    -------
    list of SealedBlock
        By replicate, in the order of release.

    Raises
    ------
    ResultsError
        When the run kept no log, or the log is not the one that was written.
    """
    folder = Path(folder)
    ends = read_manifest(folder).get("models")
    if ends is None:
        raise ResultsError(
            f"{folder} holds no log of models; run the scenario with `provenance: {{}}` (--set provenance={{}})"
        )
    table = read_table(folder / PROVENANCE_FILE)
    try:
        found = list(_blocks(table))
    except (KeyError, ValueError, TypeError) as error:
        raise _tampered(folder, f"its rows do not make up blocks ({error})") from error
    for end in ends:
        _verify(folder, [row for row in found if row[1] == end["replicate"]], end)
    if len(found) != sum(end["blocks"] for end in ends):
        raise _tampered(folder, "it holds blocks of a replicate that the manifest does not know")
    return [SealedBlock(replicate, number, block, own) for _, replicate, number, block, _, own in found]


def named(log: Sequence[SealedBlock], model: str, replicate: int = 0) -> SealedBlock:
    """Return the block of one model; ResultsError, with the nearest name, when there is none."""
    here = {sealed.block.model: sealed for sealed in log if sealed.replicate == replicate}
    if model not in here:
        shown = ", ".join(list(here)[:8]) + (", ..." if len(here) > 8 else "")
        raise ResultsError(
            f"replicate {replicate} has no model {model!r}{did_you_mean(model, here)}; models: {shown or 'none'}"
        )
    return here[model]


def _blocks(table: pa.Table) -> Iterator[_Row]:
    """Yield run, replicate, number, block, link and hash of every stretch of rows that belongs together."""
    columns = {name: table[name].to_pylist() for name in table.column_names if name not in _NUMBERS}
    entries = np.zeros(table.num_rows, ENTRY)
    entries["kind"] = [KINDS.index(kind) for kind in columns.pop("kind")]
    for name in _NUMBERS:
        entries[name] = np.array(table[name].to_pylist(), np.int64)
    order = ("run_id", "replicate", "block", "model", "network", "step", "builder", "quality", "link", "hash")
    rows = list(zip(*(columns[name] for name in order), strict=True))
    starts = [i for i, row in enumerate(rows) if i == 0 or row != rows[i - 1]]
    for begin, end in zip(starts, [*starts[1:], len(rows)][: len(starts)], strict=True):
        run, replicate, number, model, network, step, builder, quality, link, own = rows[begin]
        yield run, replicate, number, ModelBlock(model, network, step, builder, quality, entries[begin:end]), link, own


def _verify(folder: Path, rows: Sequence[_Row], end: dict[str, Any]) -> None:
    link = first_link(rows[0][0]) if rows else end["head"]
    for expected, (_, replicate, number, block, stored, own) in enumerate(rows):
        where = f"block {expected} of replicate {replicate} (model {block.model})"
        if number != expected or stored != link:
            raise _tampered(folder, f"{where} does not follow the block before it")
        link = next_link(link, block)
        if own != link:
            raise _tampered(folder, f"{where} was changed: its content has the hash {link[:12]}, it says {own[:12]}")
    if len(rows) != end["blocks"] or link != end["head"]:
        raise _tampered(
            folder,
            f"replicate {end['replicate']} has {len(rows)} blocks that end in {link[:12]}; the manifest knows "
            f"{end['blocks']} that end in {end['head'][:12]}",
        )


def _tampered(folder: Path, what: str) -> ResultsError:
    return ResultsError(f"{folder / PROVENANCE_FILE} was tampered with: {what}; run the scenario again")


def _linked(run: str, blocks: Sequence[ModelBlock]) -> Iterator[tuple[ModelBlock, str, str]]:
    links = chained(run, blocks)
    yield from zip(blocks, links[:-1], links[1:], strict=True)
