"""What authorities and accidents can cut off: targets of dated events, as the share that can still take part."""

from __future__ import annotations

__all__ = ["CUT_OFF_DRIVERS", "PER_REGION", "REGIONS", "is_share", "region_of", "regional_targets"]

#: What can be cut off in a region.
PER_REGION = {
    "nodes": "Compute nodes of the region that can serve.",
    "builders": "Model builders of the region that can sell.",
    "users": "Users of the region who can reach the networks.",
    "incumbents": "Of what the incumbents run in the region, what can serve.",
}
#: Drivers that say how much of what is centralized works.
CUT_OFF_DRIVERS = ("incumbent_availability", "cloud_availability")
#: Most regions of a scenario; region numbers are below.
REGIONS = 64
_PREFIX = "regions."


def regional_targets(n_regions: int) -> list[str]:
    """Return the targets of events in the first regions: `regions.<number>.<what>`."""
    return [f"{_PREFIX}{region}.{what}" for region in range(n_regions) for what in PER_REGION]


def is_share(target: str) -> bool:
    """Tell whether a target is a share that can take part."""
    return target.startswith(_PREFIX) or target.endswith(".node_access")


def region_of(target: str) -> tuple[int, str] | None:
    """Return region and what is cut off there; None where a target is about something else."""
    if not target.startswith(_PREFIX):
        return None
    _, region, what = target.split(".")
    return int(region), what
