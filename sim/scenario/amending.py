"""Amended scenarios: a scenario as it would be if proposals had passed, checked like any other.

A vote can change what the network's rules read in every step. What only shaped the start of a run (genesis, allocation,
populations), and what is not the network's to decide (services, drivers, valuation), it cannot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from catallaxy.agents.declaration import Spec
from catallaxy.sim.environment.paths import Horizon
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.allowed import did_you_mean, shown
from catallaxy.sim.scenario.assign import Assignment, assign
from catallaxy.sim.scenario.checking import check
from catallaxy.sim.scenario.compose import plain
from catallaxy.sim.scenario.document import Document, YamlPath, dotted
from catallaxy.sim.scenario.known_paths import paths_in_use
from catallaxy.sim.scenario.parameters import root_slot
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.tokenomics.governance import GovernanceSpec, ProposalSpec
from catallaxy.sim.tokenomics.staking import VoteEscrow

__all__ = ["GOVERNABLE", "amended", "amended_tree", "governance_problems"]

GOVERNABLE = (
    "token.emission",
    "token.rewards",
    "token.staking",
    "venues",
    "fees",
    "treasury",
    "verification",
    "subnets",
)
"""Parts of a network that a vote can change, but for parameters that only a start or an open pool has read."""

Complaint = tuple[YamlPath, str]
CrossCheck = Callable[[Scenario], list[Complaint]]


def amended_tree(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as plain values, without its votes: what `amended` starts from."""
    tree: dict[str, Any] = scenario.model_dump(mode="json")
    for network in tree["networks"].values():
        network["governance"] = None
    return tree


def amended(tree: dict[str, Any], proposals: Sequence[ProposalSpec], cross_check: CrossCheck) -> Scenario:
    """Return the scenario as it is when proposals, in this order, have passed.

    Parameters
    ----------
    tree : dict
        What `amended_tree` returns; left as it is.
    proposals : sequence of ProposalSpec
    cross_check : callable
        As in `check`.

    Returns
    -------
    Scenario
        Without votes.

    Raises
    ------
    ScenarioError
        As for a scenario that says so from the start.
    """
    document = Document("", tree)
    for proposal in proposals:
        value = plain(proposal.value, (proposal.parameter,))
        text = f"{proposal.parameter}={shown(value)}"
        document = assign(document, root_slot(Scenario), Assignment(proposal.parameter, value, text))
    return check(document, Scenario, cross_check)


def governance_problems(scenario: Scenario, cross_check: CrossCheck) -> Iterator[Complaint]:
    """Find what is wrong with the votes of all networks.

    Parameters
    ----------
    scenario : Scenario
    cross_check : callable
        Finds what is wrong between the fields of an amended scenario.

    Yields
    ------
    (path, message)
    """
    governed = {name: spec.governance for name, spec in scenario.networks.items() if spec.governance is not None}
    tree = amended_tree(scenario) if governed else {}
    for name, governance in governed.items():
        here: YamlPath = ("networks", name, "governance")
        if governance.voting.needs_locks and not isinstance(scenario.networks[name].token.staking, VoteEscrow):
            yield (
                (*here, "voting"),
                f"{governance.voting.kind!r} counts stakes in vote escrow; give the token staking of that kind",
            )
        yield from _dates(scenario, governance, here)
        for number, proposal in enumerate(governance.proposals):
            for field, message in _proposal(scenario, tree, name, proposal, cross_check):
                yield (*here, "proposals", number, field), message


def _dates(scenario: Scenario, governance: GovernanceSpec, here: YamlPath) -> Iterator[Complaint]:
    horizon = Horizon(scenario.start, scenario.steps, scenario.dt_days)
    seen: dict[int, dt.date] = {}
    for number, proposal in enumerate(governance.proposals):
        where, step = (*here, "proposals", number, "voted"), horizon.step_of(proposal.voted)
        if not 0 <= step < scenario.steps:
            yield (
                where,
                f"a vote on {proposal.voted} lies outside the run, which goes from {scenario.start} to before "
                f"{horizon.end}",
            )
        elif step in seen:
            yield where, f"the network votes in that step already, on {seen[step]}; hold one vote a step"
        seen[step] = proposal.voted


def _proposal(
    scenario: Scenario, tree: dict[str, Any], name: str, proposal: ProposalSpec, cross_check: CrossCheck
) -> Iterator[tuple[str, str]]:
    below = f"networks.{name}."
    part = proposal.parameter.removeprefix(below)
    if not proposal.parameter.startswith(below) or not any(f"{part}.".startswith(f"{g}.") for g in GOVERNABLE):
        yield "parameter", _not_governable(tree, below, proposal.parameter)
        return
    try:
        new = amended(tree, [proposal], cross_check).networks[name]
    except ScenarioError as error:
        for problem in error.problems:
            unknown = problem.message.startswith("no such parameter")
            where = f"{problem.path}: " if problem.path else ""
            yield (
                "parameter" if unknown else "value",
                problem.message if unknown else f"if it passed: {where}{problem.message}",
            )
        return
    fixed = [f"{below}{path}" for path in _unamendable(scenario.networks[name], new)]
    if fixed:
        yield (
            "parameter",
            f"{', '.join(fixed)} cannot change in the middle of a run: it shaped what was opened at its start",
        )


def _not_governable(tree: dict[str, Any], below: str, parameter: str) -> str:
    paths = [dotted(path) for path in paths_in_use(root_slot(Scenario), tree)]
    open_to = [path for path in paths if path.startswith(tuple(f"{below}{part}" for part in GOVERNABLE))]
    parts = ", ".join(f"{below}{part}" for part in GOVERNABLE)
    what = "cannot be put to the vote of this network" if parameter in paths else "does not exist"
    hint = "" if parameter in paths else did_you_mean(parameter, open_to)
    return f"{parameter!r} {what}{hint}; holders decide on what lies below {parts}"


def _unamendable(old: NetworkSpec, new: NetworkSpec) -> Iterator[str]:
    """Yield what differs although it is read at the start only."""
    staking = old.token.staking
    if staking.kind != new.token.staking.kind:
        yield "token.staking.kind"
    else:
        yield from (f"token.staking.{field}" for field in _differing(staking, new.token.staking) & staking.fixed)
    if old.fees.credits.kind != new.fees.credits.kind:
        yield "fees.credits.kind"
    for part in ("toll", "data_toll", "inference_toll", "registration"):
        rule, other = getattr(old.fees, part), getattr(new.fees, part)
        if rule.kind == other.kind:
            yield from (f"fees.{part}.{field}" for field in sorted(_differing(rule, other) & rule.fixed))
    if old.treasury.start_usd != new.treasury.start_usd:
        yield "treasury.start_usd"
    yield from _of_subnets(old, new)
    if [venue.kind for venue in old.venues] != [venue.kind for venue in new.venues]:
        yield "venues"
        return
    for number, (venue, other) in enumerate(zip(old.venues, new.venues, strict=True)):
        yield from (f"venues.{number}.{field}" for field in sorted(_differing(venue, other) - venue.amendable))


def _of_subnets(old: NetworkSpec, new: NetworkSpec) -> Iterator[str]:
    if old.subnets is None or new.subnets is None:
        yield from () if old.subnets is new.subnets else ("subnets",)
        return
    if old.subnets.opening != new.subnets.opening:
        yield "subnets.opening"
    fixed = _differing(old.subnets.entry, new.subnets.entry) & {"limit", "lock_start"}
    yield from (f"subnets.entry.{field}" for field in sorted(fixed))


def _differing(old: Spec, new: Spec) -> set[str]:
    return {field for field in type(old).model_fields if getattr(old, field) != getattr(new, field)}
