"""Phase 3: users join, churn and choose."""

from __future__ import annotations

from catallaxy.agents.users import Offers
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Let users compare the networks with the incumbents and move.

    Parameters
    ----------
    economy : Economy
    """
    drivers, quoted, users = economy.drivers, economy.quoted, economy.users
    offers = Offers(
        price=quoted.service_price / drivers["incumbent_price"],
        quality=quoted.service_quality / drivers["incumbent_quality"],
        transaction_cost=drivers["transaction_cost"],
        narrative=drivers["narrative"],
        openness=economy.openness,
        incumbents=economy.access.incumbents,
    )
    tally = users.adopt(economy.key(Stream.ADOPTION), offers)
    persons = users.spec.persons_per_agent
    economy.note("users", tally[:-1, 0] * persons)
    economy.note("adoption", tally[:-1, 0] / users.n)
    economy.note("joined", tally[:-1, 2] * persons)
    economy.note("left", tally[:-1, 3] * persons)
