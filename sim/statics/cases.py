"""The runs that rows of comparative statics need: each different scenario once, planned as a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catallaxy.sim.engine.genesis import replicate_seed
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.results.identity import code_version, run_id
from catallaxy.sim.scenario.loading import load, scenario_hash
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.writing import yaml_text
from catallaxy.sim.statics.changing import NotApplicable, changed
from catallaxy.sim.statics.statics_file import Change, StaticsRow, StaticsSpec
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording

__all__ = ["CASE", "Case", "Cases", "plan_of", "the_cases"]

CASE = "case"
"""Name of the parameter that tells the scenarios apart in the tables of the sweep."""


@dataclass(frozen=True)
class Case:
    """One row on one scenario.

    Attributes
    ----------
    row : StaticsRow
    before, after : int
        Points of the plan; -1 when the row does not apply.
    reason : str
        Why it does not apply.
    """

    row: StaticsRow
    before: int = -1
    after: int = -1
    reason: str = ""


@dataclass
class Cases:
    """All rows on one scenario, and the different scenarios that they compare.

    Attributes
    ----------
    base : Scenario
    scenarios : dict of str to (str, Scenario)
        Label and scenario by content hash, in the order of the points.
    cases : list of Case
    """

    base: Scenario
    scenarios: dict[str, tuple[str, Scenario]] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)

    def point(self, scenario: Scenario, label: str) -> int:
        """Return the number of the point that is this scenario."""
        digest = scenario_hash(scenario)
        self.scenarios.setdefault(digest, (label, scenario))
        return list(self.scenarios).index(digest)


def the_cases(spec: StaticsSpec, scenario: Scenario) -> Cases:
    """Apply every row to a scenario.

    Parameters
    ----------
    spec : StaticsSpec
    scenario : Scenario

    Returns
    -------
    Cases
        A row that does not apply says why: the scenario has nothing of the kind, or does not allow the change.
    """
    base = scenario.model_copy(update={"replicates": 1})
    tree = base.model_dump(mode="json")
    found = Cases(base)
    for row in spec.rows:
        try:
            before = _loaded(tree, row.before)
            after = _loaded(before.model_dump(mode="json"), row.change)
            if scenario_hash(before) == scenario_hash(after):
                raise NotApplicable("the change leaves the scenario as it is")
        except NotApplicable as error:
            found.cases.append(Case(row, reason=str(error)))
        except ScenarioError as error:
            problem = error.problems[0]
            found.cases.append(Case(row, reason=f"{problem.path}: {problem.message}"))
        else:
            start = found.point(before, f"before {row.name}" if row.before else "as it is")
            found.cases.append(Case(row, start, found.point(after, row.name)))
    return found


def plan_of(found: Cases, name: str, replicates: int, plugins: tuple[str, ...] = ()) -> Plan:
    """Plan every scenario that is compared, replicate r with the same chance in each.

    Parameters
    ----------
    found : Cases
        With a row that applies.
    name : str
        Names the results folder.
    replicates : int
        Pairs of runs.
    plugins : tuple of str, optional
        Packages that the user trusts.

    Returns
    -------
    Plan
    """
    seeds = [int(replicate_seed(found.base.seed, replicate)) for replicate in range(replicates)]
    labels = {digest: label for digest, (label, _) in found.scenarios.items()}
    return Plan(
        name=name,
        replicates=replicates,
        context=Context(
            bases=tuple(scenario.model_dump(mode="json") for _, scenario in found.scenarios.values()),
            recording=Recording(),
            networks=tuple(found.base.networks),
            code=code_version(),
            plugins=plugins,
        ),
        points=tuple(Point(i, {}, {CASE: label}) for i, label in enumerate(labels.values())),
        run_ids=tuple(run_id(digest, seed, r) for digest in labels for r, seed in enumerate(seeds)),
        seeds=tuple(seeds * len(labels)),
        question="Which way do key figures go when one thing changes?",
        source=yaml_text({"rows": [case.row.model_dump(mode="json", exclude_defaults=True) for case in found.cases]}),
    )


def _loaded(tree: Mapping[str, Any], changes: Mapping[str, Change]) -> Scenario:
    return load(changed(tree, changes))
