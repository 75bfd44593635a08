"""One table: the market kernels, C, plain Python or NumPy, and PAMS on the same orders, in one run."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np

from bench.fcn_ratios import fcn_row
from bench.finding import Finding, at_least, at_most
from bench.market_kernels import auction_row, book_row, library_or_none
from bench.order_flow import PEERS
from bench.pams_peer import Pams, find_pams
from catallaxy.numba_kernels import order_book, order_columns as columns

__all__ = ["against_pams", "peer_table"]

_TICKS = 4_096


def against_pams(pams: Pams, n: int) -> dict[str, float]:
    """Send PAMS and the kernel the first n messages of the flow.

    Returns
    -------
    dict
        PAMS's messages `a second`; share of its trades at another price than the resting order's (`mispriced`); and by
        how much of the money that changes hands, all errors counted as positive (`error`).

    Raises
    ------
    AssertionError
        When other lots are traded, so that times would not compare.
    """
    messages = PEERS.messages(n)
    reports, trades = np.zeros((n, columns.REPORT_COLUMNS), np.int64), np.zeros((4 * n, columns.COLUMNS), np.int64)
    _, n_trades, _ = order_book.submit(PEERS.open(), messages, 0, reports, trades, trades.copy())
    lots, ticks = trades[:n_trades, columns.LOTS], trades[:n_trades, columns.TICK]
    theirs = pams.flow(messages)
    if not np.array_equal(theirs["fills"][:, 0], lots):
        raise AssertionError(f"PAMS trades {theirs['fills'][:, 0].sum()} lots, the kernel {lots.sum()}")
    off = np.abs(theirs["fills"][:, 1] - ticks)
    error = float((lots * off).sum() / (lots * (ticks + 1)).sum())
    return {"a second": n / theirs["seconds"], "mispriced": float(np.mean(off > 0)), "error": error}


def _others(row: dict[str, Any], headings: dict[str, str]) -> dict[str, float]:
    return {name: 1e3 / row[heading] for name, heading in headings.items() if heading in row}


def peer_table(quick: bool) -> Finding:
    """Compare with C, Python, NumPy and PAMS.

    Parameters
    ----------
    quick : bool
        Fewer messages and turns.

    Returns
    -------
    Finding
    """
    pams, note = find_pams()
    n, turns = (100_000, 4) if quick else (400_000, 9)
    with tempfile.TemporaryDirectory() as folder:
        book = book_row(PEERS, library_or_none("order_book", folder), n, turns)
        auction = auction_row(100_000, _TICKS, library_or_none("call_auction", folder), 10)
    fcn = fcn_row(100, 10, 100 if quick else 300, pams, 3)
    finding = Finding("Market kernels and their peers, M messages, orders or decisions a second, one core")
    finding.rows = [
        {"what": "order book", "kernel": book["M/s"]} | _others(book, {"C": "C, ns", "Python": "Python, ns"}),
        {"what": "book, settled", "kernel": book["settled, M/s"]} | _others(book, {"C": "C settled, ns"}),
        {"what": "call auction", "kernel": auction["M/s"]} | _others(auction, {"C": "C, ns", "NumPy": "NumPy, ns"}),
        {"what": "traders and book", "kernel": fcn["M decisions/s"]},
    ]
    finding.targets = [
        at_least("plain Python over kernel, order book", book["Python / kernel"], 25.0),
        at_least("NumPy over kernel, call auction", auction["NumPy / kernel"], 5.0),
    ]
    if "settled kernel / C" in book:
        finding.targets.append(at_most("kernel over C, book settled", book["settled kernel / C"], 1.5))
        finding.targets.append(at_most("kernel over C, call auction", auction["kernel / C"], 1.5))
    finding.notes.append(note)
    if pams is not None:
        _add_pams(finding, pams, fcn, 4_000 if quick else 20_000)
    return finding


def _add_pams(finding: Finding, pams: Pams, fcn: dict[str, Any], n: int) -> None:
    flow, prices = against_pams(pams, n), pams.sweep()
    finding.rows[0]["PAMS"], finding.rows[3]["PAMS"] = flow["a second"] / 1e6, fcn["PAMS, decisions/s"] / 1e6
    for row, what in ((finding.rows[0], "order book"), (finding.rows[3], "traders and book")):
        finding.targets.append(at_least(f"kernel over PAMS, {what}", row["kernel"] / row["PAMS"], 500.0))
    paid = ", ".join(f"{price:g}" for price in prices)
    finding.notes += [
        f"{n:,} messages: PAMS trades the same lots, but {flow['mispriced']:.1%} of its trades are not at the price of "
        f"the resting order ({flow['error']:.3%} of the money is wrong)",
        f"a buyer of three lots whom 100, 101 and 102 are asked for one each pays PAMS {paid}",
    ]
