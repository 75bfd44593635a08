"""Phase 3: users join, churn and choose."""

from __future__ import annotations

from catallaxy.agents.users import Offers
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.rivals import note_incumbents
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Let users compare the networks with the incumbents and move.

    Parameters
    ----------
    economy : Economy
    """
    drivers, quoted, users = economy.drivers, economy.quoted, economy.users
    narrative, attention = economy.attention.on_adoption(drivers["narrative"])
    offers = Offers(
        price=quoted.service_price / drivers["incumbent_price"],
        quality=quoted.service_quality / drivers["incumbent_quality"],
        transaction_cost=drivers["transaction_cost"],
        narrative=narrative,
        openness=economy.openness,
        incumbents=economy.access.incumbents,
        attention=attention,
        interoperability=drivers["interoperability"],
        clarity=drivers["regulatory_clarity"],
        delivered=economy.metrics.get("served_share"),
        rivals=None if economy.incumbents is None else economy.incumbents.rivals(),
    )
    tally = users.adopt(economy.key(Stream.ADOPTION), offers)
    persons = users.spec.persons_per_agent
    economy.note("users", tally[:-1, 0] * persons)
    economy.note("adoption", tally[:-1, 0] / users.n)
    economy.note("joined", tally[:-1, 2] * persons)
    economy.note("left", tally[:-1, 3] * persons)
    if users.spec.complies:
        economy.note("permitted", users.permitted_share())
    if economy.incumbents is not None:
        note_incumbents(economy, economy.incumbents)
