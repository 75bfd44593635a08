"""What people say about a network: which channels carry it into adoption and capital, and which ones feed it.

The driver `narrative` comes from outside. Public attention comes from inside: prices that rise and users who join are
talked about (R. J. Shiller, "Narrative Economics", *American Economic Review* 107 (2017), 967), and what is talked
about is talked about more. Every channel is an elasticity, and 0 switches it off.
"""

from __future__ import annotations

from catallaxy.agents.declaration import Spec, quantity

__all__ = ["AttentionSpec"]


class AttentionSpec(Spec):
    """Channels of the narrative and of public attention."""

    narrative_to_adoption: float = quantity(
        1.0,
        unit="1",
        doc="Elasticity of the Bass hazard of innovation to the driver `narrative`; 0 switches it off.",
        ge=0,
        le=5,
    )
    narrative_to_capital: float = quantity(
        1.0,
        unit="1",
        doc="Elasticity of speculators' new money to the driver `narrative`; 0 switches it off.",
        ge=0,
        le=5,
    )
    to_adoption: float = quantity(
        0.0,
        unit="1",
        doc="Elasticity of the Bass hazard to public attention; 0 switches it off.",
        ge=0,
        le=5,
    )
    to_capital: float = quantity(
        0.0,
        unit="1",
        doc="Elasticity of speculators' new money to public attention; 0 switches it off.",
        ge=0,
        le=5,
    )
    from_returns: float = quantity(
        1.0,
        unit="1",
        doc="Elasticity of public attention to the token's price.",
        source="Assumption, near that of searches for Bitcoin: Kristoufek (2013, Scientific Reports 3:3415) finds log "
        "searches and log prices to move together.",
        ge=0,
        le=10,
    )
    from_adoption: float = quantity(
        1.0, unit="1", doc="Elasticity of public attention to the number of users (assumption).", ge=0, le=10
    )
    contagion: float = quantity(
        0.0,
        unit="1",
        doc="Branching ratio: how much attention a unit of it causes later; 1 would never fade.",
        source="Crane & Sornette (2008, PNAS 105:15649) find branching near 1 in views of videos that spread by word "
        "of mouth; off by default.",
        ge=0,
        le=0.99,
    )
    memory_days: float = quantity(
        30.0, unit="day", doc="Time in which attention that is not passed on falls to 1/e (assumption).", gt=0, le=3650
    )

    @property
    def matters(self) -> bool:
        """Whether public attention moves anything."""
        return self.to_adoption > 0.0 or self.to_capital > 0.0
