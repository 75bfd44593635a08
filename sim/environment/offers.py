"""What dated events can change of the offers of centralized incumbents: `incumbents.<name>.<what>`."""

from __future__ import annotations

import math

__all__ = ["OFFERED", "incumbent_targets", "offer_of", "offer_range"]

#: What events can change, and the range of each.
OFFERED = {"price": (1e-6, math.inf), "quality": (1e-6, math.inf), "openness": (0.0, 1.0)}
_PREFIX = "incumbents."


def incumbent_targets(names: list[str]) -> list[str]:
    """Return the targets of events on the incumbents of these names."""
    return [f"{_PREFIX}{name}.{what}" for name in names for what in OFFERED]


def offer_of(target: str) -> tuple[str, str] | None:
    """Return the incumbent and what of its offer a target is about; None where it is about something else."""
    if not target.startswith(_PREFIX):
        return None
    _, name, what = target.split(".")
    return name, what


def offer_range(target: str) -> tuple[float, float] | None:
    """Return the values that a target may take; None where it is about no offer that there is."""
    what = target.rpartition(".")[2]
    return OFFERED.get(what) if target.startswith(_PREFIX) else None
