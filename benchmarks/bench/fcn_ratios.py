"""Traders and order book in one compiled call: decisions per second by size, against PAMS, and growth with orders."""

from __future__ import annotations

from typing import Any

from bench import fcn
from bench.clock import cpu_seconds
from bench.finding import Finding, at_least, at_most
from bench.pams_peer import Pams, find_pams
from catallaxy.numba_kernels.order_book_state import LIVE, TRADES

__all__ = ["fcn_ratios", "fcn_row", "seconds_per_order"]

#: Traders, orders a step, and steps that PAMS plays (none: it would take too long).
SIZES = ((100, 1, 2_000), (100, 10, 300), (1_000, 10, 200), (100, 100, 20), (10_000, 1_000, 0), (10_000, 10_000, 0))
ORDERS = (10**4, 10**5, 10**6, 10**7)
_WARM_UP = 250
_OURS = 200_000


def fcn_row(agents: int, orders_per_step: int, pams_steps: int, pams: Pams | None, turns: int) -> dict[str, Any]:
    """Measure one size, after the first orders have begun to expire; PAMS plays after its own sample's opening."""
    best, steps = float("inf"), max(20, _OURS // orders_per_step)
    for _ in range(turns):
        market = fcn.open_market(agents, orders_per_step, _WARM_UP + steps)
        fcn.play(market, 0, _WARM_UP)
        before = int(market.book.state[TRADES])
        best = min(best, cpu_seconds(lambda market=market: fcn.play(market, _WARM_UP, _WARM_UP + steps)))  # type: ignore[misc]
    orders, n_trades = steps * orders_per_step, int(market.book.state[TRADES]) - before
    row = {"traders": agents, "orders a step": orders_per_step, "resting": int(market.book.state[LIVE])}
    row |= {"M decisions/s": orders / best / 1e6, "trades per order": n_trades / orders}
    if pams is None or not pams_steps:
        return row
    theirs = pams.fcn(agents, orders_per_step, pams_steps)
    a_second = theirs["orders"] / theirs["seconds"]
    row |= {"PAMS, decisions/s": a_second, "PAMS, trades per order": theirs["trades"] / theirs["orders"]}
    return row | {"PAMS resting": theirs["resting"], "times PAMS": orders / best / a_second}


def seconds_per_order(n_orders: int, turns: int, orders_per_step: int = 100) -> float:
    """Return the seconds of one order in a run of `n_orders` that follows the first expiries."""
    steps, best = n_orders // orders_per_step, float("inf")
    market = fcn.open_market(1_000, orders_per_step, _WARM_UP + turns * steps)
    fcn.play(market, 0, _WARM_UP)
    for turn in range(turns):
        first = _WARM_UP + turn * steps
        best = min(best, cpu_seconds(lambda first=first: fcn.play(market, first, first + steps)))  # type: ignore[misc]
    return best / (steps * orders_per_step)


def fcn_ratios(quick: bool) -> Finding:
    """Measure markets of fundamentalists, chartists and noise traders.

    Parameters
    ----------
    quick : bool
        Leave out the largest sizes.

    Returns
    -------
    Finding
    """
    pams, note = find_pams()
    sizes, orders = (SIZES[:2] + SIZES[4:5], ORDERS[:-1]) if quick else (SIZES, ORDERS)
    rows = [fcn_row(*size, pams, 3) for size in sizes]
    seconds = {n: seconds_per_order(n, max(1, min(10, 10**6 // n))) for n in orders}
    largest = [row["M decisions/s"] for row in rows if row["traders"] >= 10_000]
    targets = [
        at_least("M decisions/s with 10,000 traders, worst case", min(largest), 3.0),
        at_most(f"time per order from {orders[0]:,} to {orders[-1]:,} orders", _spread(list(seconds.values())), 1.5),
    ]
    if pams is not None:
        times = [row["times PAMS"] for row in rows if "times PAMS" in row and row["orders a step"] > 1]
        targets.append(at_least("times PAMS, several orders a step, worst case", min(times), 500.0))
    notes = [note, f"ns per order: {', '.join(f'{t * 1e9:.0f} ({n:,} orders)' for n, t in seconds.items())}"]
    return Finding("Fundamentalists, chartists, noise traders and their order book, one core", rows, targets, notes)


def _spread(values: list[float]) -> float:
    return max(values) / min(values)
