"""The log of models is read: every block is verified, and what was paid is held against the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.recording.model_log import KINDS, first_link, next_link
from catallaxy.sim.results.folder import read_manifest
from catallaxy.sim.results.model_log import PROVENANCE_FILE, SealedBlock, sealed_blocks
from catallaxy.sim.results.parquet import read_table

__all__ = ["Paid", "audited", "named", "read_log"]

_LEDGER = "flows.parquet"
#: Flow of the ledger that holds the payments of a kind of entry.
_FLOWS = dict(zip(KINDS, ("licence fees", "compute fees", "cloud fees"), strict=True))


@dataclass(frozen=True)
class Paid:
    """What was paid for one kind of thing in one replicate.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    logged : int, micro-USD
        By the log of models.
    booked : int, micro-USD
        By the ledger, which knows what was paid for other ends too: to serve users, and in tolls.
    """

    kind: str
    logged: int
    booked: int


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
        When the run kept no log, or the log is not the one that was written; the message names the first block that
        does not fit.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    ends = manifest.get("models")
    if ends is None:
        raise ResultsError(
            f"{folder} holds no log of models; run the scenario with `provenance: {{}}` (--set provenance={{}})"
        )
    table = read_table(folder / PROVENANCE_FILE)
    try:
        found = sealed_blocks(table)
    except (LookupError, ValueError, TypeError) as error:
        raise _tampered(folder, f"its rows do not make up blocks ({error})") from error
    for end in ends:
        _verify(folder, [sealed for sealed in found if sealed.replicate == end["replicate"]], end)
    if len(found) != sum(end["blocks"] for end in ends):
        raise _tampered(folder, "it holds blocks of a replicate that the manifest does not know")
    _same_bytes(folder, PROVENANCE_FILE, manifest)
    return found


def audited(folder: Path | str, log: Sequence[SealedBlock], replicate: int = 0) -> list[Paid]:
    """Hold the payments of a replicate's log against the ledger, which is kept apart from it.

    Parameters
    ----------
    folder : Path or str
    log : sequence of SealedBlock
        As returned by `read_log`.
    replicate : int, optional

    Returns
    -------
    list of Paid
        By kind.

    Raises
    ------
    ResultsError
        When there is no such replicate, the ledger is not the one that was written, or more was paid by the log than by
        the ledger.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    known = [end["replicate"] for end in manifest["models"]]
    if replicate not in known:
        raise ResultsError(f"{folder} has no replicate {replicate}; replicates: {known[0]} to {known[-1]}")
    flows = read_table(folder / _LEDGER, ("replicate", "flow", "amount"))
    _same_bytes(folder, _LEDGER, manifest)
    booked = dict.fromkeys(_FLOWS.values(), 0)
    for run, flow, amount in zip(*(flows[name].to_pylist() for name in flows.column_names), strict=True):
        if run == replicate and flow in booked and amount > 0:
            booked[flow] += amount
    logged = dict.fromkeys(KINDS, 0)
    for sealed in log:
        if sealed.replicate == replicate:
            entries = sealed.block.entries
            for code, kind in enumerate(KINDS):
                logged[kind] += int(entries["paid"][entries["kind"] == code].sum())
    paid = [Paid(kind, logged[kind], booked[flow]) for kind, flow in _FLOWS.items()]
    for one in paid:
        if one.logged > one.booked:
            raise ResultsError(
                f"{folder / PROVENANCE_FILE} does not agree with the ledger: in replicate {replicate} it has "
                f"{one.logged:,} micro-USD for {one.kind}, {_LEDGER} has {one.booked:,} of {_FLOWS[one.kind]!r}"
            )
    return paid


def named(log: Sequence[SealedBlock], model: str, replicate: int = 0) -> SealedBlock:
    """Return the block of one model; ResultsError, with the nearest name, when there is none."""
    here = {sealed.block.model: sealed for sealed in log if sealed.replicate == replicate}
    if model not in here:
        shown = ", ".join(list(here)[:8]) + (", ..." if len(here) > 8 else "")
        raise ResultsError(
            f"replicate {replicate} has no model {model!r}{did_you_mean(model, here)}; models: {shown or 'none'}"
        )
    return here[model]


def _verify(folder: Path, chain: Sequence[SealedBlock], end: Mapping[str, Any]) -> None:
    link = first_link(chain[0].run) if chain else end["head"]
    for place, sealed in enumerate(chain):
        where = f"block {place} of replicate {sealed.replicate} (model {sealed.block.model})"
        intact = f"{place} blocks before it are as they were written" if place else "it is the first"
        if sealed.link != link:
            raise _tampered(folder, f"{_misplaced(chain, place, link)}; {intact}")
        link = next_link(link, sealed.block)
        if sealed.hash != link or sealed.number != place:
            says = f"its content has the hash {link[:12]}, it says {sealed.hash[:12]}"
            raise _tampered(folder, f"{where} was changed, or rows of it are missing or moved: {says}; {intact}")
    if len(chain) != end["blocks"] or link != end["head"]:
        raise _tampered(
            folder,
            f"replicate {end['replicate']} has {len(chain)} blocks that end in {link[:12]}; the manifest knows "
            f"{end['blocks']} that end in {end['head'][:12]}",
        )


def _misplaced(chain: Sequence[SealedBlock], place: int, link: str) -> str:
    """Say why the block at a place of the chain does not follow the one whose hash is `link`."""
    sealed = chain[place]
    where = f"block {sealed.number} of replicate {sealed.replicate} (model {sealed.block.model})"
    follows = f"{where} does not follow what stands before it"
    right = [at for at, other in enumerate(chain) if other.link == link]
    if right:
        return f"{follows}: blocks are out of order, place {place} is that of model {chain[right[0]].block.model}"
    if sealed.number > place:
        return f"{follows}: block {place} is missing"
    return f"{follows}: its link is not that block's hash"


def _same_bytes(folder: Path, name: str, manifest: Mapping[str, Any]) -> None:
    """Refuse a file that is not, byte for byte, the one in the manifest."""
    written = {entry["name"]: entry["sha256"] for entry in manifest.get("files", ())}
    if written.get(name) != hashlib.sha256((folder / name).read_bytes()).hexdigest():
        raise ResultsError(
            f"{folder / name} was tampered with: it is not, byte for byte, the file that the manifest knows; "
            "run the scenario again"
        )


def _tampered(folder: Path, what: str) -> ResultsError:
    return ResultsError(f"{folder / PROVENANCE_FILE} was tampered with: {what}; run the scenario again")
