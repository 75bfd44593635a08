"""What no single field can tell of populations that stand for a receiver, and of names that the ledger has."""

from __future__ import annotations

from collections.abc import Iterator

from catallaxy.agents.airdrop_recipients import AIRDROP, AirdropRecipientsSpec
from catallaxy.agents.diversifiers import DiversifiersSpec
from catallaxy.agents.insiders import INSIDERS, InsidersSpec
from catallaxy.sim.recording.sectors import FIXED_SECTORS, SUBNETS
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.tokenomics.allocation import AllocationGroup

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
    yield from _one_population(scenario, INSIDERS, InsidersSpec)
    yield from _one_population(scenario, AIRDROP, AirdropRecipientsSpec)
    yield from _nobody_to_claim(scenario)


def _names(scenario: Scenario) -> Iterator[Complaint]:
    taken = {*FIXED_SECTORS, AIRDROP, SUBNETS}
    for name, spec in scenario.populations.items():
        if name in taken and not (name == INSIDERS and isinstance(spec, InsidersSpec)):
            message = f"{name!r} is an account of the ledger; give the population another name"
            yield ("populations", name), message


def _one_population(scenario: Scenario, receiver: str, kind: type[DiversifiersSpec]) -> Iterator[Complaint]:
    """Find what is wrong with the population that stands for a receiver."""
    found = [name for name, spec in scenario.populations.items() if isinstance(spec, kind)]
    for name in found[1:]:
        yield ("populations", name), f"{found[0]!r} are already there to receive {receiver}; make them one population"
    for name in found[:1]:
        count, networks = scenario.populations[name].count, len(scenario.networks)
        if count < networks:
            message = f"{count} {name} cannot be at home on {networks} networks; give each at least one"
            yield ("populations", name, "count"), message
        if not any(line.receiver == receiver for spec in scenario.networks.values() for line in _groups(spec)):
            message = f"no genesis group is for them, so they have nothing to sell; give one receiver: {receiver}"
            yield ("populations", name), message


def _nobody_to_claim(scenario: Scenario) -> Iterator[Complaint]:
    if any(isinstance(spec, AirdropRecipientsSpec) for spec in scenario.populations.values()):
        return
    for name, spec in scenario.networks.items():
        for number, line in enumerate(_groups(spec)):
            if line.receiver == AIRDROP:
                yield (
                    ("networks", name, "token", "allocation", "groups", number, "receiver"),
                    f"nobody can claim {line.group!r}; add a population of kind airdrop_recipients",
                )


def _groups(spec: NetworkSpec) -> tuple[AllocationGroup, ...]:
    return spec.token.allocation.groups
