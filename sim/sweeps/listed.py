"""Scenarios that are compared as they are: each different one once, planned as a sweep."""

from __future__ import annotations

from dataclasses import dataclass, field

from catallaxy.sim.engine.genesis import replicate_seed
from catallaxy.sim.results.identity import code_version, run_id
from catallaxy.sim.scenario.loading import scenario_hash
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording

__all__ = ["CASE", "Listed"]

CASE = "case"
"""Name of the parameter that tells the scenarios apart in the tables of the sweep."""


@dataclass
class Listed:
    """Scenarios with labels; one that comes again is not run again.

    Attributes
    ----------
    scenarios : dict of str to (str, Scenario)
        Label and scenario by content hash, in the order of the points.
    """

    scenarios: dict[str, tuple[str, Scenario]] = field(default_factory=dict)

    def point(self, scenario: Scenario, label: str) -> int:
        """Return the number of the point that is this scenario."""
        digest = scenario_hash(scenario)
        self.scenarios.setdefault(digest, (label, scenario))
        return list(self.scenarios).index(digest)

    def plan(
        self,
        name: str,
        seed: int,
        replicates: int,
        *,
        question: str,
        source: str,
        recording: Recording | None = None,
        plugins: tuple[str, ...] = (),
    ) -> Plan:
        """Plan every scenario, replicate r with the same chance in each.

        Parameters
        ----------
        name : str
            Names the results folder.
        seed : int
            From which the seeds of the replicates are derived.
        replicates : int
            Runs of each scenario.
        question : str
        source : str
            Text of the file that asks for them.
        recording : Recording, optional
            What is kept besides key figures.
        plugins : tuple of str, optional
            Packages that the user trusts.

        Returns
        -------
        Plan
        """
        scenarios = [scenario for _, scenario in self.scenarios.values()]
        seeds = [int(replicate_seed(seed, replicate)) for replicate in range(replicates)]
        return Plan(
            name=name,
            replicates=replicates,
            context=Context(
                bases=tuple(scenario.model_dump(mode="json") for scenario in scenarios),
                recording=recording or Recording(),
                networks=tuple(scenarios[0].networks),
                code=code_version(),
                plugins=plugins,
            ),
            points=tuple(Point(i, {}, {CASE: label}) for i, (label, _) in enumerate(self.scenarios.values())),
            run_ids=tuple(run_id(digest, seed, r) for digest in self.scenarios for r, seed in enumerate(seeds)),
            seeds=tuple(seeds * len(scenarios)),
            question=question,
            source=source,
        )
