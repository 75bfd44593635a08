"""Finding accounts below maintenance margin: looking at everybody, against lists by liquidation price."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from bench.clock import best_of
from bench.finding import Finding
from catallaxy.numba_kernels import leverage, liquidation

__all__ = ["liquidation_ratios", "liquidation_row"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TERMS = liquidation.Terms(0.1, 0.2, 0.015, True)
PRICE = 1e-3
#: Lists per unit of liquidation price over price, and how far up they go; the last one takes the rest.
_PER_UNIT, _LISTS = 1024, 4096

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def _accounts(n: int) -> leverage.Accounts:
    rng = np.random.default_rng(1)
    worth = (rng.pareto(1.6, n) + 1.0) * 1e9
    exposure, is_long = worth * rng.uniform(1.0, 9.0, n), rng.random(n) < 0.7
    tokens = (exposure / PRICE).astype(np.int64)
    return leverage.Accounts(
        np.zeros(n, np.int64),
        np.where(is_long, 0, worth + exposure).astype(np.int64),
        np.where(is_long, tokens, 0),
        np.where(is_long, exposure - worth, 0).astype(np.int64),
        np.where(is_long, 0, tokens),
    )


@njit(error_model="numpy")
def _sort_into_lists(accounts: leverage.Accounts, margin: float, edges: Ints, trigger: Floats, members: Ints) -> None:
    """Compute every liquidation price, negative for a short, and list the accounts by it (a counting sort)."""
    edges[:] = 0
    for i in range(trigger.size):
        cash = accounts.usd[i] - accounts.usd_debt[i]
        position = accounts.tokens[i] - accounts.token_debt[i]
        trigger[i] = -float(cash) / (position * (1.0 - margin) if position > 0 else -position * (1.0 + margin))
        edges[min(int(abs(trigger[i]) / PRICE * _PER_UNIT), _LISTS - 1) + 1] += 1
    for b in range(_LISTS):
        edges[b + 1] += edges[b]
    for i in range(trigger.size):
        b = min(int(abs(trigger[i]) / PRICE * _PER_UNIT), _LISTS - 1)
        members[edges[b]] = i
        edges[b] += 1


@njit(error_model="numpy")
def _visit(price: float, edges: Ints, trigger: Floats, members: Ints, rows: Ints) -> int:
    """List who is below margin, from the longs above the price and the shorts below it within a factor of two."""
    found = 0
    here = min(int(price / PRICE * _PER_UNIT), _LISTS - 1)
    for j in range(edges[max(here // 2, 1) - 1], edges[min(2 * here, _LISTS - 1)]):
        i = members[j]
        if price < trigger[i] or (trigger[i] < 0.0 and price > -trigger[i]):
            rows[found] = i
            found += 1
    return found


def liquidation_row(n: int, turns: int) -> dict[str, Any]:
    """Measure n accounts after a fall of the price; raise AssertionError when both ways find different ones."""
    accounts, price = _accounts(n), 0.97 * PRICE
    rows, amounts, listed, members = np.empty((4, n), np.int64)
    urgency, trigger, edges = np.empty(n), np.empty(n), np.empty(_LISTS + 1, np.int64)

    def look() -> int:
        return liquidation.find_breaches(accounts, np.array([price]), TERMS, rows, amounts, urgency)

    def sort() -> None:
        _sort_into_lists(accounts, TERMS.maintenance, edges, trigger, members)

    def visit() -> int:
        return int(_visit(price, edges, trigger, members, listed))

    found = look()
    sort()
    assert sorted(rows[:found].tolist()) == sorted(listed[: visit()].tolist())
    ns = {name: best_of(work, turns) / n * 1e9 for name, work in (("look", look), ("lists", sort), ("visit", visit))}
    saved = ns["look"] - ns["visit"]
    return {
        "accounts": n,
        "found": found,
        "look at all, ns": ns["look"],
        "make lists, ns": ns["lists"],
        "visit lists, ns": ns["visit"],
        "rounds that repay lists": ns["lists"] / saved if saved > 0.0 else float("inf"),
    }


def liquidation_ratios(quick: bool) -> Finding:
    """Measure how many rounds of liquidation in a step would repay lists of accounts by liquidation price.

    Parameters
    ----------
    quick : bool
        Fewer sizes and turns.

    Returns
    -------
    Finding
    """
    sizes, turns = (SIZES[:3], 5) if quick else (SIZES, 15)
    note = (
        "Liquidation prices move with interest and trades, so lists are made anew in every step; most steps look once."
    )
    return Finding("Accounts below margin, per account", [liquidation_row(n, turns) for n in sizes], notes=[note])
