"""A plan: every run of a sweep, frozen, with everything that a worker elsewhere needs to do it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from catallaxy.sim.results.identity import content_hash

__all__ = ["MAX_RUNS", "SIMULATE", "Context", "Plan", "PlannedRun", "Point", "Recording"]

MAX_RUNS = 10_000_000
"""Most runs of a sweep."""
SIMULATE = "catallaxy.sim.engine.engine:simulate"
"""What does a run unless a Python caller names another function of the same signature."""


@dataclass(frozen=True)
class Recording:
    """What is kept of every run besides its key figures.

    Attributes
    ----------
    series : tuple of str
        Metrics whose path is kept.
    every : int
        Steps between two kept values; the last step is always kept.
    agents : tuple of str
        Populations whose rows are kept, one row per agent.
    agent_steps : tuple of int
        After which steps they are kept, from 0; -1 is the last one.
    kpis : tuple of str
        Key figures of the user, `package.module:name`, besides the built-in ones.
    """

    series: tuple[str, ...] = ()
    every: int = 1
    agents: tuple[str, ...] = ()
    agent_steps: tuple[int, ...] = ()
    kpis: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """What all runs of a sweep share; travels to the workers.

    Attributes
    ----------
    bases : tuple of dict
        Resolved scenarios, complete and without reference to any file; points change scalars of one of them.
    recording : Recording
    networks : tuple of str
        Networks of all bases, in order of first appearance.
    plugins : tuple of str
        Packages whose classes the scenarios may name.
    simulate : str
        `module:function` with the signature of `catallaxy.sim.engine.engine.simulate`.
    code : str
        `results.identity.code_version` of the planner; a worker with another one refuses.
    """

    bases: tuple[Mapping[str, Any], ...]
    recording: Recording
    networks: tuple[str, ...]
    code: str
    plugins: tuple[str, ...] = ()
    simulate: str = SIMULATE

    def packed(self) -> bytes:
        """Return the context as compressed JSON: equal contexts give equal bytes."""
        return zlib.compress(json.dumps(asdict(self), separators=(",", ":"), allow_nan=False).encode(), 6)

    @classmethod
    def unpacked(cls, packed: bytes) -> Context:
        """Read what `packed` wrote; only for bytes of this very process or its driver, which may be of any size."""
        return cls.read(json.loads(zlib.decompress(packed)))

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Context:
        """Return the context of the JSON value that is packed."""
        return cls(**{**_frozen(plain), "recording": Recording(**_frozen(plain["recording"]))})


@dataclass(frozen=True)
class Point:
    """One setting of the parameters that a sweep varies.

    Attributes
    ----------
    base : int
        Number of the scenario that it changes, in `Context.bases`.
    sets : mapping of str to bool, int, float or str
        Scalars by dotted path, laid over the base in this order. Holds `seed` too when seeds are independent.
    params : mapping of str to bool, int, float or str
        What the columns `param.*` of the results show, in the order of the design.
    """

    base: int
    sets: Mapping[str, Any]
    params: Mapping[str, Any]


@dataclass(frozen=True)
class PlannedRun:
    """One run of a plan, as it is sent to a worker.

    Attributes
    ----------
    row : int
        Its number in the plan, from 0.
    run_id : str
        Content address: scenario, seed, replicate and code.
    point, replicate : int
        From 0.
    base : int
    sets : mapping
        As in `Point`.
    """

    row: int
    run_id: str
    point: int
    replicate: int
    base: int
    sets: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Every run of a sweep: row r is point `r // replicates`, replicate `r % replicates`.

    Attributes
    ----------
    name, question, description : str
    replicates : int
        Runs of each point, with independent chance.
    seeding : str
        "common": replicate r has the same chance at every point; "independent": another one at each.
    context : Context
    points : tuple of Point
    run_ids : tuple of str
        One per run, all different.
    seeds : tuple of int
        Seed of every run, uint64.
    goals : tuple of dict
        Goals as the sweep file declares them.
    source : str
        The sweep file as resolved YAML, for the record.
    """

    name: str
    replicates: int
    context: Context
    points: tuple[Point, ...]
    run_ids: tuple[str, ...]
    seeds: tuple[int, ...]
    question: str = ""
    description: str = ""
    seeding: str = "common"
    goals: tuple[Mapping[str, Any], ...] = field(default=())
    source: str = ""

    def __len__(self) -> int:
        return len(self.run_ids)

    @cached_property
    def hash(self) -> str:
        """24 hexadecimal digits that name what the plan does: its runs, how they are labelled, what is kept of them."""
        labels = [list(self.params), [dict(point.params) for point in self.points]]
        recording, simulate = asdict(self.context.recording), self.context.simulate
        return content_hash({"labels": labels, "recording": recording, "runs": self.run_ids, "simulate": simulate})

    @property
    def params(self) -> tuple[str, ...]:
        """Names of the parameters that vary, in the order of the design."""
        return tuple(dict.fromkeys(name for point in self.points for name in point.params))

    def run(self, row: int) -> PlannedRun:
        """Return one run.

        Parameters
        ----------
        row : int
            From 0.

        Returns
        -------
        PlannedRun
        """
        number, replicate = divmod(row, self.replicates)
        point = self.points[number]
        return PlannedRun(row, self.run_ids[row], number, replicate, point.base, point.sets)

    def runs(self, shard: tuple[int, int] = (0, 1)) -> Iterator[PlannedRun]:
        """Yield the runs of one shard, in order.

        Parameters
        ----------
        shard : (int, int), optional
            (k, n): every run whose row leaves k when divided by n, so that points spread evenly.

        Yields
        ------
        PlannedRun
        """
        k, n = shard
        return (self.run(row) for row in range(k, len(self), n))


def _frozen(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping whose lists have become tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
