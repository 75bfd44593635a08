"""The log of models as a table: one row per entry, and the hashes that link the blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from catallaxy.sim.recording.model_log import ENTRY, KINDS, ModelBlock, chained
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.arrays import numbers, text_type, texts
from catallaxy.sim.results.identity import run_id

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PROVENANCE_FILE", "SealedBlock", "chain_ends", "model_table", "sealed_blocks"]

PROVENANCE_FILE = "provenance.parquet"
_NUMBERS = tuple(name for name in ENTRY.names or () if name != "kind")
_UNITS = {"amount": "1e-3 unit or milli-GPU-hour", "paid": "micro-USD"}


@dataclass(frozen=True)
class SealedBlock:
    """A block as it stands in the log.

    Attributes
    ----------
    run : str
        Id of its run.
    replicate : int
    number : int
        Place in the chain of its replicate, from 0.
    block : ModelBlock
    link : str
        Hash of the block before.
    hash : str
        SHA-256 over the link and the content of this block.
    """

    run: str
    replicate: int
    number: int
    block: ModelBlock
    link: str
    hash: str


def model_table(ids: Sequence[str], records: Sequence[RunRecord]) -> pa.Table:
    """One row per entry of a block: who contributed what to which model, and the hashes that link the blocks."""
    import pyarrow as pa

    sealed = [block for run, record in zip(ids, records, strict=True) for block in _sealed(run, record)]
    blocks = [one.block for one in sealed]
    rows = np.array([len(block.entries) for block in blocks], np.int64)
    entries = np.concatenate([np.zeros(0, ENTRY), *(block.entries for block in blocks)])

    def repeated(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        if kind == text_type():
            known = {name: code for code, name in enumerate(dict.fromkeys(values))}
            codes = np.array([known[value] for value in values], np.int32)
            return texts(np.repeat(codes, rows), list(known))
        return numbers(np.repeat(np.array(values), rows), kind)

    columns: dict[str, tuple[pa.Array, str]] = {
        "run_id": (repeated([one.run for one in sealed], text_type()), ""),
        "replicate": (repeated([one.replicate for one in sealed], pa.int32()), ""),
        "block": (repeated([one.number for one in sealed], pa.int32()), ""),
        "model": (repeated([block.model for block in blocks], text_type()), ""),
        "network": (repeated([block.network for block in blocks], text_type()), ""),
        "step": (repeated([block.step for block in blocks], pa.int32()), "step"),
        "builder": (repeated([block.builder for block in blocks], pa.int64()), ""),
        "quality": (repeated([block.quality for block in blocks], pa.float64()), "1"),
        "kind": (texts(entries["kind"].astype(np.int32), KINDS), ""),
        **{name: (numbers(entries[name], pa.int64()), _UNITS.get(name, "")) for name in _NUMBERS},
        "link": (repeated([one.link for one in sealed], text_type()), ""),
        "hash": (repeated([one.hash for one in sealed], text_type()), ""),
    }
    fields = [
        pa.field(name, array.type, metadata={"unit": unit} if unit else None) for name, (array, unit) in columns.items()
    ]
    return pa.Table.from_arrays([array for array, _ in columns.values()], schema=pa.schema(fields))


def chain_ends(scenario_hash: str, records: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """Return number of blocks and last hash of every replicate: what to publish, so that no block can be dropped."""
    ends = ((r, chained(run_id(scenario_hash, r.seed, r.replicate), r.models)) for r in records)
    return [{"replicate": r.replicate, "blocks": len(r.models), "head": links[-1]} for r, links in ends]


def sealed_blocks(table: pa.Table) -> list[SealedBlock]:
    """Return every stretch of rows that belongs together as a block, in the order of the table.

    Parameters
    ----------
    table : pyarrow.Table
        As made by `model_table`; LookupError, ValueError or TypeError when its rows cannot be one.

    Returns
    -------
    list of SealedBlock
    """
    columns = {name: table[name].to_pylist() for name in table.column_names if name not in _NUMBERS}
    entries = np.zeros(table.num_rows, ENTRY)
    entries["kind"] = [KINDS.index(kind) for kind in columns.pop("kind")]
    for name in _NUMBERS:
        entries[name] = np.array(table[name].to_pylist(), np.int64)
    order = ("run_id", "replicate", "block", "model", "network", "step", "builder", "quality", "link", "hash")
    rows = list(zip(*(columns[name] for name in order), strict=True))
    starts = [i for i, row in enumerate(rows) if i == 0 or row != rows[i - 1]]
    blocks = []
    for begin, end in zip(starts, [*starts[1:], len(rows)][: len(starts)], strict=True):
        run, replicate, number, model, network, step, builder, quality, link, own = rows[begin]
        block = ModelBlock(model, network, step, builder, quality, entries[begin:end])
        blocks.append(SealedBlock(run, replicate, number, block, link, own))
    return blocks


def _sealed(run: str, record: RunRecord) -> list[SealedBlock]:
    links = chained(run, record.models)
    linked = enumerate(zip(record.models, links[:-1], links[1:], strict=True))
    return [SealedBlock(run, record.replicate, number, block, link, own) for number, (block, link, own) in linked]
