"""The phases of one step, as data: an ordered list of names, sentences and functions.

The order is a contract: `catallaxy phases` prints this list, the engine executes this list, and a test holds the
table in `docs/phases.md` against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catallaxy.sim.engine.phases import (
    adoption,
    bookkeeping,
    compute_market,
    data_market,
    environment,
    issuance,
    learning,
    model_market,
    portfolio,
    rewards,
    token_market,
    treasury,
    verification,
)
from catallaxy.sim.state.economy import Economy

__all__ = ["PHASES", "Phase", "phases"]


@dataclass(frozen=True)
class Phase:
    """One named part of a step.

    Attributes
    ----------
    name : str
    doc : str
        What happens.
    run : callable
        Takes the economy and moves it through the phase.
    """

    name: str
    doc: str
    run: Callable[[Economy], None]


PHASES: tuple[Phase, ...] = (
    Phase("environment", "Drivers move; dated events fire; decisions of votes take effect.", environment.run),
    Phase("issuance", "Emission, also to subnets; vesting unlocks and matured unstaking.", issuance.run),
    Phase("adoption", "Users join, churn, and choose between networks and incumbents.", adoption.run),
    Phase("data market", "Providers offer data; builders license it.", data_market.run),
    Phase(
        "compute market",
        "Nodes go on- or offline and quote; compute clears; builders train; nodes invest.",
        compute_market.run,
    ),
    Phase("model market", "Builders set prices and serve users; revenue arrives.", model_market.run),
    Phase("verification", "Nodes decide whether to cheat; audits slash those found out.", verification.run),
    Phase("rewards and sinks", "Emission and fees are split, burned and paid.", rewards.run),
    Phase("treasury and governance", "The treasury makes grants and buys tokens back; holders vote.", treasury.run),
    Phase("portfolio", "Staking, also in subnets; sales by earners and insiders, speculators' orders.", portfolio.run),
    Phase("token market", "Venues match and clear; what the fee escrow bought is burned.", token_market.run),
    Phase("learning", "Expectations, valuation, strategy switching, new capital.", learning.run),
    Phase("audit and record", "The stock-flow identities are checked; metrics are written.", bookkeeping.run),
)


def phases() -> tuple[tuple[int, str, str], ...]:
    """Return number, name and sentence of every phase, in the order of execution."""
    return tuple((number, phase.name, phase.doc) for number, phase in enumerate(PHASES, start=1))
