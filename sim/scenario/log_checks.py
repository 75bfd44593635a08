"""Whether the log of models would fit: while a run goes on, and as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator

from catallaxy.sim.scenario.schema import Scenario

__all__ = ["log_problems"]

#: Four counters of 8 bytes for every pair of a builder and somebody who sells to it.
_BYTES_PER_PAIR = 32
_MOST_BYTES = 4 * 2**30
_MOST_ENTRIES = 50_000_000


def log_problems(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield path and message where the log of models would be too large.

    Parameters
    ----------
    scenario : Scenario

    Yields
    ------
    (path, message)
    """
    spec, populations = scenario.provenance, scenario.populations
    kinds = ("model_builders", "data_providers", "compute_nodes")
    if spec is None or any(kind not in populations for kind in kinds):
        return
    builders, providers, nodes = (populations[kind].count for kind in kinds)
    held = builders * (providers + nodes) * _BYTES_PER_PAIR
    if held > _MOST_BYTES:
        yield (
            ("provenance",),
            f"{builders:,} builders who buy from {providers + nodes:,} providers and nodes need "
            f"{held / 2**30:,.1f} GiB to be told apart; the limit is {_MOST_BYTES / 2**30:g} GiB: lower their counts, "
            "or leave the log out",
        )
    releases = math.ceil(scenario.steps / max(1, round(spec.release_days / scenario.dt_days)))
    named = min(spec.parties, providers) + min(spec.parties, nodes) + 3
    entries = releases * builders * named * scenario.replicates
    if entries > _MOST_ENTRIES:
        yield (
            ("provenance", "parties"),
            f"{releases:,} releases of {builders:,} builders in {scenario.replicates:,} replicates could have "
            f"{entries:,} entries; the limit is {_MOST_ENTRIES:,}: lower parties, or raise release_days",
        )
