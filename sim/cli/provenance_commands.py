"""The command that shows what a model was made of: provenance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catallaxy.sim.cli.options import AsJson
from catallaxy.sim.cli.tables import print_table

if TYPE_CHECKING:
    from catallaxy.sim.results.model_log import SealedBlock

__all__ = ["commands"]

commands = typer.Typer()

_SHOWN = 10
_MICRO, _MILLI = 1e6, 1e3
_TITLES = {
    "licence": ("Data licences", "provider", "units"),
    "compute": ("Compute of the network", "node", "GPU-hours"),
    "cloud": ("Compute of the cloud", "", "GPU-hours"),
}


@commands.command()
def provenance(
    folder: Annotated[Path, typer.Argument(metavar="RESULTS", help="A results folder.")],
    model: Annotated[
        str | None, typer.Option("--model", metavar="ID", help="A model; all are listed if absent.")
    ] = None,
    replicate: Annotated[int, typer.Option("--replicate", "-r", min=0, help="Which run.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Verify the log of models, and show what a model was made of; exit code 2 when the log was tampered with."""
    from catallaxy.sim.results.model_audit import audited, named, read_log

    log = read_log(folder)
    paid = audited(folder, log, replicate)
    here = [sealed for sealed in log if sealed.replicate == replicate]
    chosen = here if model is None else [named(log, model, replicate)]
    if as_json:
        typer.echo(json.dumps([_plain(sealed) for sealed in chosen], indent=2))
        return
    if model is None:
        columns = ["model", "step", "quality", "parties", "paid USD", "hash"]
        print_table(columns, [_line(sealed) for sealed in here], columns[1:5])
    else:
        _show(chosen[0])
    last = f", the last one {here[-1].hash}" if here else ""
    typer.echo(f"\nVerified: {len(here)} blocks of replicate {replicate}, each linked to the one before{last}\n")
    rows = [[one.kind, f"{one.logged / _MICRO:,.2f}", f"{one.booked / _MICRO:,.2f}"] for one in paid]
    last_columns = ["paid for", "USD in the log", "USD in the ledger"]
    print_table(last_columns, rows, last_columns[1:])


def _line(sealed: SealedBlock) -> list[str]:
    block = sealed.block
    paid, parties = int(block.entries["paid"].sum()) / _MICRO, len(block.entries)
    cells = block.model, str(block.step), f"{block.quality:.4f}", f"{parties:,}", f"{paid:,.2f}", sealed.hash[:12]
    return list(cells)


def _show(sealed: SealedBlock) -> None:
    block = sealed.block
    typer.echo(
        f"{block.model}: released after step {block.step} by builder {block.builder}, quality {block.quality:.4f}\n"
        f"Block {sealed.number}, hash {sealed.hash}"
    )
    for code, (title, party, unit) in enumerate(_TITLES.values()):
        entries = block.entries[block.entries["kind"] == code]
        if not len(entries):
            continue
        amount, paid = entries["amount"].sum() / _MILLI, entries["paid"].sum() / _MICRO
        named = int((entries["agent"] >= 0).sum())
        parties = f"{named:,} {party}s{' and others' if named < len(entries) else ''}, " if party else ""
        typer.echo(f"\n{title}: {parties}{amount:,.3f} {unit}, {paid:,.2f} USD")
        if party:
            _parties(entries, party, unit)
    _outcome(block.entries)


def _parties(entries: Any, party: str, unit: str) -> None:
    largest = entries[entries["paid"].argsort(kind="stable")[::-1][:_SHOWN]]
    checked = party == "node"
    rows = [
        [
            str(entry["agent"]) if entry["agent"] >= 0 else "others",
            f"{entry['amount'] / _MILLI:,.3f}",
            f"{entry['paid'] / _MICRO:,.2f}",
            *([str(entry["checks"]), str(entry["condemned"])] if checked else []),
        ]
        for entry in largest
    ]
    columns = [party, unit, "USD", *(["checks", "condemned"] if checked else [])]
    print_table(columns, rows, columns)
    if len(entries) > _SHOWN:
        typer.echo(f"... and {len(entries) - _SHOWN:,} more (--json shows all)")


def _outcome(entries: Any) -> None:
    compute = entries[entries["kind"] == list(_TITLES).index("compute")]
    total = max(int(compute["amount"].sum()), 1)
    doubtful = int(compute["amount"][compute["condemned"] > 0].sum()) / total
    unseen = int(compute["amount"][compute["checks"] == 0].sum()) / total
    typer.echo(
        f"\nVerification: nodes were checked {int(compute['checks'].sum()):,} times and condemned "
        f"{int(compute['condemned'].sum()):,} times; {doubtful:.1%} of the network's compute is from nodes that were "
        f"condemned, {unseen:.1%} from nodes that were never checked"
    )


def _plain(sealed: SealedBlock) -> dict[str, Any]:
    block = sealed.block
    names = block.entries.dtype.names or ()
    return {
        "model": block.model,
        "network": block.network,
        "step": block.step,
        "builder": block.builder,
        "quality": block.quality,
        "link": sealed.link,
        "hash": sealed.hash,
        "entries": [
            {"kind": list(_TITLES)[entry["kind"]], **{name: int(entry[name]) for name in names[1:]}}
            for entry in block.entries
        ],
    }
