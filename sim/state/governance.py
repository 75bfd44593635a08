"""The votes of a run: which are due, what they decided, and the scenario as amended so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catallaxy.sim.environment.paths import Horizon
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.amending import amended, amended_tree
from catallaxy.sim.scenario.crosschecks import cross_check
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.tokenomics.governance import ProposalSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["GovernanceBook", "open_governance"]


class GovernanceBook:
    """Proposals of all networks.

    Parameters
    ----------
    scenario : Scenario
        With votes on at least one network.

    Attributes
    ----------
    alone : tuple of list of NetworkSpec
        By network, what it would be if one proposal alone had passed.
    count : list of int
        By network, proposals in force.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._names = tuple(scenario.networks)
        self._tree = amended_tree(scenario)
        self._horizon = Horizon(scenario.start, scenario.steps, scenario.dt_days)
        self._votes: dict[tuple[int, int], ProposalSpec] = {}
        self._due: dict[int, list[tuple[int, ProposalSpec]]] = {}
        self._in_force: list[ProposalSpec] = []
        self.count = [0] * len(self._names)
        self.alone: tuple[list[NetworkSpec], ...] = tuple([] for _ in self._names)
        for k, (name, spec) in enumerate(scenario.networks.items()):
            for proposal in spec.governance.proposals if spec.governance else ():
                self._votes[self._horizon.step_of(proposal.voted), k] = proposal
                self.alone[k].append(amended(self._tree, [proposal], cross_check).networks[name])

    def voted(self, step: int) -> Iterator[tuple[int, ProposalSpec]]:
        """Yield network and proposal of every vote of a step."""
        for k in range(len(self._names)):
            proposal = self._votes.get((step, k))
            if proposal is not None:
                yield k, proposal

    def pass_on(self, k: int, proposal: ProposalSpec, step: int, timelock_steps: int) -> None:
        """Let a proposal that passed wait for its timelock; it takes effect in the next step at the soonest."""
        self._due.setdefault(step + max(timelock_steps, 1), []).append((k, proposal))

    def due(self, step: int) -> list[tuple[int, ProposalSpec]]:
        """Return network and proposal of everything that takes effect in a step, in the order of the votes."""
        return self._due.get(step, [])

    def amended(self, k: int, proposal: ProposalSpec) -> NetworkSpec | None:
        """Return network `k` as one more proposal would make it; None where it contradicts those in force."""
        try:
            return amended(self._tree, [*self._in_force, proposal], cross_check).networks[self._names[k]]
        except ScenarioError:
            return None

    def enforce(self, k: int, proposal: ProposalSpec) -> None:
        """Count a proposal among those in force."""
        self._in_force.append(proposal)
        self.count[k] += 1


def open_governance(scenario: Scenario) -> GovernanceBook | None:
    """Return the votes of a run; None where no network votes."""
    voting = any(spec.governance is not None for spec in scenario.networks.values())
    return GovernanceBook(scenario) if voting else None
