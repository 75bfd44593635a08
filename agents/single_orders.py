"""Orders that say more than an amount: a limit, a venue, how long to stay."""

from __future__ import annotations

from dataclasses import dataclass

from catallaxy.agents.population import Floats, Ints

__all__ = ["Answers", "SingleOrders"]


@dataclass(frozen=True)
class SingleOrders:
    """What the members of a population send to one venue, beyond what `Population.route` hands over.

    Attributes
    ----------
    rows : int64[m]
        Row of the agent; one agent may send several orders.
    amounts : int64[m]
        Micro-USD to spend if positive, base units to sell if negative; the agent must have them.
    limits : float64[m], micro-USD per base unit
        Worst price accepted; 0 lets the venue draw it.
    kinds : int64[m]
        Kinds of message of `numba_kernels.order_columns`.
    lifetimes : int64[m], step
        How long to stay; 0 for as long as the venue's orders do.
    references : int64[m]
        From 1; what the answers call the order.
    cancelled : tuple of (int, int)
        Rows and numbers of resting orders to cancel first.
    """

    rows: Ints
    amounts: Ints
    limits: Floats
    kinds: Ints
    lifetimes: Ints
    references: Ints
    cancelled: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Answers:
    """What a venue says about the orders of a population.

    Attributes
    ----------
    reports : int64[m, 4]
        Of each single order: reference, reason (`numba_kernels.order_columns.REASONS`), base units that rest, and its
        number, 0 where none can rest.
    fills : int64[f, 5]
        Of each trade: row, reference or 0, number of the order or 0, change of micro-USD and of base units, fees
        included.
    removed : int64[r, 3]
        Of each order that left: row, number, reason.
    """

    reports: Ints
    fills: Ints
    removed: Ints
