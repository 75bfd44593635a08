"""Credits of all networks: who holds how much, and what backs them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.population import Ints
from catallaxy.sim.errors import AuditError
from catallaxy.sim.tokenomics.sinks import BurnAndMint, Credits

__all__ = ["CreditBook", "open_credits"]


class CreditBook:
    """Credits outstanding, counted in micro-dollars of what they pay for.

    Parameters
    ----------
    rules : sequence of Credits
        One per network.
    builders : ModelBuilders
        They are paid in credits, which wait in a column of theirs until they are settled.

    Attributes
    ----------
    rules : list of (BurnAndMint or None)
        None where users pay in dollars only.
    held : int64[K], micro-USD
        Credits of users.
    earned : int64[b], micro-USD
        Credits of builders.
    revenue : int64[K], micro-USD
        What builders earned in the step.
    issued, redeemed : int64[K], micro-USD
        Since the start.
    vault : int64[K], base units
        Burned for credits and not minted again.
    settled_us : int64[K], microseconds
        Time of the last settlement.
    """

    def __init__(self, rules: Sequence[Credits], builders: ModelBuilders) -> None:
        self.rules = [rule if isinstance(rule, BurnAndMint) else None for rule in rules]
        self._builders = builders
        self.earned: Ints = builders.zeros("credits")
        self.held, self.revenue, self.issued, self.redeemed, self.vault, self.settled_us = (
            np.zeros(len(self.rules), np.int64) for _ in range(6)
        )

    def follow(self, k: int, rule: Credits) -> None:
        """Let another rule of the same kind hold on network `k` from now on."""
        self.rules[k] = rule if isinstance(rule, BurnAndMint) else None

    def outstanding(self) -> Ints:
        """Count the credits of users and builders, int64[K], micro-USD."""
        return self.held + self._builders.by_network(self.earned)

    def ratio(self, k: int, price: float, base: int) -> Fraction | None:
        """Return the collateral ratio at a price (USD/token); None while no credits are outstanding."""
        owed = int(self.outstanding()[k])
        return Fraction(price) * int(self.vault[k]) * 1_000_000 / (base * owed) if owed else None

    def audit(self, step: int, names: Sequence[str]) -> None:
        """Check that every credit issued is redeemed or somebody's.

        Raises
        ------
        AuditError
            Naming the network and how many micro-dollars of credits too many there are.
        """
        difference = self.outstanding() + self.redeemed - self.issued
        for k in np.flatnonzero(difference):
            raise AuditError(step, "credits", names[int(k)], int(difference[k]))


def open_credits(rules: Sequence[Credits], builders: ModelBuilders) -> CreditBook | None:
    """Return an empty book; None where users pay in dollars everywhere."""
    return CreditBook(rules, builders) if any(isinstance(rule, BurnAndMint) for rule in rules) else None
