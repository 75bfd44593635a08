"""The runs that rows of comparative statics need: each different scenario once, planned as a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.scenario.loading import load, scenario_hash
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.writing import yaml_text
from catallaxy.sim.statics.changing import NotApplicable, changed
from catallaxy.sim.statics.statics_file import Change, StaticsRow, StaticsSpec
from catallaxy.sim.sweeps.listed import Listed
from catallaxy.sim.sweeps.plan import Plan

__all__ = ["Case", "Cases", "plan_of", "the_cases"]


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
    listed : Listed
    cases : list of Case
    """

    base: Scenario
    listed: Listed = field(default_factory=Listed)
    cases: list[Case] = field(default_factory=list)


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
            start = found.listed.point(before, f"before {row.name}" if row.before else "as it is")
            found.cases.append(Case(row, start, found.listed.point(after, row.name)))
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
    rows = {"rows": [case.row.model_dump(mode="json", exclude_defaults=True) for case in found.cases]}
    return found.listed.plan(
        name,
        found.base.seed,
        replicates,
        question="Which way do key figures go when one thing changes?",
        source=yaml_text(rows),
        plugins=plugins,
    )


def _loaded(tree: Mapping[str, Any], changes: Mapping[str, Change]) -> Scenario:
    return load(changed(tree, changes))
