"""From a sweep to a plan: every point resolved and checked before anything runs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from catallaxy.agents.complaints import did_you_mean
from catallaxy.agents.plugins import trust_plugins
from catallaxy.sim.analysis.key_figures import all_kpis
from catallaxy.sim.engine.genesis import replicate_seed
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.results.identity import code_version, run_id
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.sweeps.answers.goals import check_goals
from catallaxy.sim.sweeps.design.bases import MAX_BASES, Bases, Origin, Templates, origin_of
from catallaxy.sim.sweeps.design.design_forms import Setting
from catallaxy.sim.sweeps.design.placing import PointProblems
from catallaxy.sim.sweeps.design.reading import Sweep
from catallaxy.sim.sweeps.design.settings import read_from_file, structural, undone
from catallaxy.sim.sweeps.design.sweep_file import RESERVED
from catallaxy.sim.sweeps.design.templates import Resolved
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording

__all__ = ["make_plan"]


def make_plan(sweep: Sweep, plugins: tuple[str, ...] = ()) -> Plan:
    """Resolve and check every point of a sweep, and give every run its identity.

    Parameters
    ----------
    sweep : Sweep
    plugins : tuple of str, optional
        Packages that the user trusts, whose classes and key figures the sweep and its scenarios may name.

    Returns
    -------
    Plan
        Points that lead to the same scenario and seed are kept once: `sweep.points - len(plan.points)` were dropped.

    Raises
    ------
    ScenarioError
        With the problems of all points, each once, at the line of the sweep file that causes it.
    """
    trust_plugins(*plugins)
    return _Planner(sweep, plugins).plan()


class _Planner:
    """Goes through the points once."""

    def __init__(self, sweep: Sweep, plugins: tuple[str, ...]) -> None:
        self.sweep, self.spec, self.plugins = sweep, sweep.spec, plugins
        self.bases = Bases(sweep)
        self.templates = Templates(self.bases.trees)
        self.problems = PointProblems(sweep)
        self.points: dict[str, Point] = {}
        self.roots: list[int] = []
        self.longest = 0
        self._origins: dict[tuple[Any, ...], Origin] = {}
        self._in_base: dict[tuple[Any, ...], frozenset[int]] = {}
        self._ordered: set[tuple[str, ...]] = set()

    def plan(self) -> Plan:
        """Return the plan."""
        kpis = self._kpi_names()
        for row in self.sweep.rows():
            try:
                self._take(row)
            except ScenarioError as error:
                self.problems.add(error, row, self.sweep.common)
            if len(self.bases.trees) > MAX_BASES:
                raise self._too_many_bases(row)
        self.problems.raise_any()
        context = self._use_bases()
        self._check_what_is_kept(kpis, context.networks)
        run_ids, seeds = self._identities()
        return Plan(
            name=self.spec.name,
            replicates=self.spec.replicates,
            context=context,
            points=tuple(self.points.values()),
            run_ids=tuple(run_ids),
            seeds=tuple(seeds),
            question=self.spec.question,
            description=self.spec.description,
            seeding=self.spec.seeding,
            goals=tuple(goal.model_dump(mode="json") for goal in self.spec.goals),
            source=self.sweep.text,
        )

    def _take(self, row: Sequence[Setting]) -> None:
        origin = self._origin(row)
        settings = [setting for setting in row if setting.path not in RESERVED]
        self._check_order(settings)
        base, sets, resolved = self._resolved(origin, settings)
        root = resolved.scenario.seed
        if self.spec.seeding == "independent":
            root = _own_seed(root, resolved.hash)
            sets, resolved = {**sets, "seed": root}, resolved.seeded(root)
        self.longest = max(self.longest, resolved.scenario.steps)
        if resolved.hash not in self.points:
            params = {setting.path: _param(setting.shown) for setting in row}
            self.points[resolved.hash] = Point(base, params if params == sets else sets, params)
            self.roots.append(root)

    def _origin(self, row: Sequence[Setting]) -> Origin:
        key = tuple((setting.path, str(setting.value)) for setting in row if setting.path in RESERVED)
        if key not in self._origins:
            self._origins[key] = origin_of(self.sweep, row)
        return self._origins[key]

    def _check_order(self, settings: Sequence[Setting]) -> None:
        together = [*self.sweep.common, *settings]
        paths = tuple(setting.path for setting in together)
        if paths in self._ordered:
            return
        found = undone(paths)
        if found is not None:
            earlier, later = (together[i] for i in found)
            how = "is set twice" if earlier.path == later.path else f"undoes {earlier.path!r}, which is set before it"
            advice = "keep one of them" if earlier.path == later.path else "put it first, or leave one out"
            raise self.sweep.problem(later.parameter_place, f"{later.path!r} {how}; {advice}", key=True)
        self._ordered.add(paths)

    def _resolved(self, origin: Origin, settings: Sequence[Setting]) -> tuple[int, dict[str, Any], Resolved]:
        """Return base, scalars and scenario of a point; where they do not lead there, a base that holds everything."""
        try:
            base, sets = self._base(origin, settings)
            return base, sets, self.templates.resolve(base, sets)
        except ScenarioError:
            base = self._number(origin, settings)
            return base, {}, self.templates.resolve(base, {})

    def _base(self, origin: Origin, settings: Sequence[Setting]) -> tuple[int, dict[str, Any]]:
        paths = [setting.path for setting in settings]
        in_base = structural(paths, [setting.value for setting in settings])
        base = self._number(origin, [settings[i] for i in sorted(in_base)])
        key = (base, in_base, *paths)
        if key not in self._in_base:
            self._in_base[key] = read_from_file(paths, in_base, self.bases.trees[base])
        if self._in_base[key] != in_base:
            in_base = self._in_base[key]
            base = self._number(origin, [settings[i] for i in sorted(in_base)])
        return base, {s.path: s.value for i, s in enumerate(settings) if i not in in_base}

    def _number(self, origin: Origin, settings: Sequence[Setting]) -> int:
        return self.bases.number(origin, [*self.sweep.common, *settings])

    def _too_many_bases(self, row: Sequence[Setting]) -> ScenarioError:
        sets = list(self.points.values())[-1].sets if self.points else {}
        varied = [setting.path for setting in row if setting.path not in sets]
        return self.sweep.problem(
            ("design",),
            f"more than {MAX_BASES:,} different scenarios to start from: each combination of {', '.join(varied)} needs "
            "one, because only numbers and names that fit into the same scenario can be laid over it; vary numbers "
            "inside a rule instead of whole rules",
        )

    def _use_bases(self) -> Context:
        """Return the context with the bases that points use, and number those anew."""
        used = sorted({point.base for point in self.points.values()})
        renumbered = {old: new for new, old in enumerate(used)}
        if len(used) < len(self.bases.trees):
            points = self.points.items()
            self.points = {key: replace(point, base=renumbered[point.base]) for key, point in points}
        scenarios = [self.bases.scenarios[base] for base in used]
        kept = self.spec.record
        return Context(
            bases=tuple(self.bases.trees[base] for base in used),
            recording=Recording(
                kept.series, kept.every, kept.agents, kept.agent_steps if kept.agents else (), self.spec.kpis
            ),
            networks=tuple(dict.fromkeys(name for scenario in scenarios for name in scenario.networks)),
            code=code_version(),
            plugins=self.plugins,
        )

    def _kpi_names(self) -> list[str]:
        """Return the names of all key figures, those of the user imported."""
        try:
            return [kpi.name for kpi in all_kpis(self.spec.kpis)]
        except ScenarioError as error:
            places = {reference: ("kpis", i) for i, reference in enumerate(self.spec.kpis)}
            found = [(places.get(problem.path, ("kpis",)), problem.message) for problem in error.problems]
        raise self._refused(found)

    def _check_what_is_kept(self, kpis: Sequence[str], networks: Sequence[str]) -> None:
        populations = list(dict.fromkeys(name for base in self.bases.scenarios for name in base.populations))
        record, found = self.spec.record, list[tuple[YamlPath, str]]()
        for i, name in enumerate(record.agents):
            if name not in populations:
                hint = did_you_mean(name, populations) or f"; known: {', '.join(populations)}"
                found.append((("record", "agents", i), f"there is no population {name!r}{hint}"))
        for i, step in enumerate(record.agent_steps if record.agents else ()):
            if step > self.longest:
                found.append(
                    (("record", "agent_steps", i), f"no run reaches step {step}; the longest has {self.longest}")
                )
        for path, message in check_goals(self.spec.goals, kpis, networks):
            found.append((("goals", *_keys(path)), message))
        if found:
            raise self._refused(found)

    def _refused(self, found: Sequence[tuple[YamlPath, str]]) -> ScenarioError:
        return ScenarioError([self.sweep.document.problem(place, message) for place, message in found])

    def _identities(self) -> tuple[list[str], list[int]]:
        run_ids: list[str] = []
        seeds: list[int] = []
        for digest, root in zip(self.points, self.roots, strict=True):
            own = _seeds(root, self.spec.replicates)
            seeds += own
            run_ids += [run_id(digest, seed, replicate) for replicate, seed in enumerate(own)]
        return run_ids, seeds


def _param(shown: Any) -> Any:
    """Return what a column shows; a whole number that no 64-bit column holds becomes a float."""
    return float(shown) if isinstance(shown, int) and abs(shown) >= 2**63 else shown


@lru_cache(maxsize=16)
def _seeds(root: int, replicates: int) -> tuple[int, ...]:
    return tuple(int(replicate_seed(root, replicate)) for replicate in range(replicates))


def _own_seed(root: int, scenario: str) -> int:
    """Return the seed, from 0 to 2**63 - 1, of a point: the same for the same scenario, whatever else is planned."""
    digest = hashlib.blake2b(f"{root}:{scenario}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _keys(path: str) -> YamlPath:
    return tuple(int(name) if name.isdigit() else name for name in path.split("."))
