"""What no single field can tell of subnets: nobody to stake in them, pools without tokens, terms out of order."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic_core import PydanticCustomError

from catallaxy.agents.subnet_stakers import SUBNET_STAKERS, SubnetStakersSpec
from catallaxy.sim.recording.sectors import SUBNETS
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.tokenomics.subnets import SubnetsSpec, in_order
from catallaxy.sim.tokenomics.units import microseconds

__all__ = ["subnet_problems"]

Complaint = tuple[tuple[str | int, ...], str]


def subnet_problems(scenario: Scenario) -> Iterator[Complaint]:
    """Return everything that is wrong with the subnets of a scenario.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    iterator of (path, message)
    """
    stakers = [name for name, spec in scenario.populations.items() if isinstance(spec, SubnetStakersSpec)]
    for name in stakers[1:]:
        yield ("populations", name), f"{stakers[0]!r} are already there to stake in subnets; make them one population"
    if stakers and all(spec.subnets is None for spec in scenario.networks.values()):
        message = "no network has subnets in which they could stake; write `subnets: {}` under one of them"
        yield ("populations", stakers[0]), message
    for name, spec in scenario.networks.items():
        for path, message in (*_receivers(spec, bool(stakers)), *_section(scenario, spec)):
            yield ("networks", name, *path), message


def _receivers(spec: NetworkSpec, stakers: bool) -> Iterator[Complaint]:
    for number, group in enumerate(spec.token.allocation.groups):
        here = ("token", "allocation", "groups", number)
        if group.receiver == SUBNETS and spec.subnets is None:
            yield (*here, "receiver"), f"there are no subnets whose pools could hold {group.group!r}; add `subnets:`"
        elif group.receiver == SUBNETS and group.tge != 1.0:
            yield (*here, "tge"), f"pools open at the start with all they have; give {group.group!r} `tge: 1.0`"
        elif group.receiver == SUBNET_STAKERS and not stakers:
            yield (*here, "receiver"), f"nobody can stake {group.group!r}; add a population of kind {SUBNET_STAKERS}"


def _section(scenario: Scenario, spec: NetworkSpec) -> Iterator[Complaint]:
    subnets = spec.subnets
    if subnets is None:
        return
    if not any(isinstance(population, SubnetStakersSpec) for population in scenario.populations.values()):
        yield ("subnets",), f"nobody can stake in subnets; add a population of kind {SUBNET_STAKERS}"
    yield from _rules(scenario, subnets)
    allocation = spec.token.allocation
    supply = (allocation.shares_of == "maximum" and spec.token.max_supply) or spec.token.genesis
    pooled = supply * sum(group.share for group in allocation.groups if group.receiver == SUBNETS)
    if pooled < subnets.opening.count:
        yield (
            ("subnets", "opening"),
            f"{subnets.opening.count} pools need at least a token each but get {pooled:g} together; give a genesis "
            f"group receiver: {SUBNETS}, tge: 1.0",
        )
    for number, sink in enumerate(spec.fees.sinks):
        if sink.taken_from == "rewards":
            yield (
                ("fees", "sinks", number),
                f"{sink.kind} takes from emission, which goes to the pools of subnets; leave it out",
            )


def _rules(scenario: Scenario, subnets: SubnetsSpec) -> Iterator[Complaint]:
    if subnets.opening.count > subnets.entry.limit:
        yield (
            ("subnets", "opening", "count"),
            f"{subnets.opening.count} subnets at the start are more than the limit of {subnets.entry.limit}",
        )
    if microseconds(days=scenario.dt_days) < microseconds(seconds=subnets.alpha.block_seconds):
        yield (
            ("subnets", "alpha", "block_seconds"),
            f"a step of {scenario.dt_days:g} days is shorter than a block of {subnets.alpha.block_seconds:g} s",
        )
    try:
        in_order(subnets.terms)
    except PydanticCustomError as error:
        yield ("subnets", "terms"), error.message()
