"""What no single field can tell of populations that stand for a receiver, and of names that the ledger has."""

from __future__ import annotations

from collections.abc import Iterator

from catallaxy.agents.insiders import INSIDERS, InsidersSpec
from catallaxy.sim.recording.sectors import FIXED_SECTORS
from catallaxy.sim.scenario.schema import Scenario

__all__ = ["receiver_problems"]

Complaint = tuple[tuple[str | int, ...], str]


def receiver_problems(scenario: Scenario) -> Iterator[Complaint]:
    """Return everything that is wrong between populations, the receivers of tokens and the sectors of the ledger.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    iterator of (path, message)
    """
    yield from _names(scenario)
    yield from _insiders(scenario)


def _names(scenario: Scenario) -> Iterator[Complaint]:
    for name, spec in scenario.populations.items():
        if name in FIXED_SECTORS and not (name == INSIDERS and isinstance(spec, InsidersSpec)):
            message = f"{name!r} is an account of the ledger; give the population another name"
            yield ("populations", name), message


def _insiders(scenario: Scenario) -> Iterator[Complaint]:
    found = [name for name, spec in scenario.populations.items() if isinstance(spec, InsidersSpec)]
    for name in found[1:]:
        message = f"there are already insiders, {found[0]!r}; make them one population"
        yield ("populations", name), message
    for name in found[:1]:
        yield from _at_home(scenario, name)
        groups = [line for spec in scenario.networks.values() for line in spec.token.allocation.groups]
        if not any(line.receiver == INSIDERS for line in groups):
            message = f"no genesis group is for insiders, so they have nothing to sell; give one receiver: {INSIDERS}"
            yield ("populations", name), message


def _at_home(scenario: Scenario, name: str) -> Iterator[Complaint]:
    count, networks = scenario.populations[name].count, len(scenario.networks)
    if count < networks:
        yield (
            ("populations", name, "count"),
            f"{count} {name} cannot be at home on {networks} networks; give each at least one",
        )
