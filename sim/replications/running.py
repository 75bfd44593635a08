"""Running a replication: its parts, in this process or in several, and the comparison."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.agents.declaration import Spec
from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.replications.comparison import Row, compare, unmatched
from catallaxy.sim.replications.library import Replication, find_replication
from catallaxy.sim.replications.paper import PaperSpec
from catallaxy.sim.replications.protocol import Arrays, Found
from catallaxy.sim.report.canvas import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Outcome", "part_key", "replicate"]


@dataclass(frozen=True)
class Outcome:
    """What a replication came to.

    Attributes
    ----------
    replication : Replication
    paper : PaperSpec
    parameters : Spec
        With which it was run.
    seed : int
    quick : bool
    rows : tuple of Row
    found : mapping of str to mapping
        What the parts found.
    started : datetime
    wall_s : float
        Elapsed seconds.
    """

    replication: Replication
    paper: PaperSpec
    parameters: Spec
    seed: int
    quick: bool
    rows: tuple[Row, ...]
    found: Found
    started: datetime
    wall_s: float

    @property
    def passed(self) -> bool:
        """Whether every number that has a tolerance is within it."""
        return all(row.passed is not False for row in self.rows)

    def figure(self) -> Figure:
        """Draw the figure of the replication."""
        with style():
            return self.replication.module().draw(self.parameters, self.found, self.rows)


def replicate(source: str | Replication, *, seed: int | None = None, quick: bool = False, jobs: int = 1) -> Outcome:
    """Run a replication and compare what it finds with what was published.

    Parameters
    ----------
    source : str or Replication
        A shipped name ("gode-sunder-1993"), or the folder of a replication of one's own.
    seed : int, optional
        In the place of the seed in `paper.yaml`.
    quick : bool, optional
        Smaller samples, and tolerances that are wider by as much.
    jobs : int, optional
        Parts at the same time, each in a process of its own; the numbers are the same.

    Returns
    -------
    Outcome

    Raises
    ------
    ScenarioError
        When there is no such replication, or its files are wrong.
    """
    replication = find_replication(source) if isinstance(source, str) else source
    (paper, parameters, expected), module = replication.declared(quick=quick), replication.module()
    started, clock, seed = datetime.now(UTC), time.perf_counter(), paper.seed if seed is None else seed
    parts = list(module.parts(parameters))
    found = dict(zip(parts, _measured(replication, parts, quick, seed, jobs), strict=True))
    ours = module.estimates(parameters, found)
    if message := unmatched(expected, ours):
        raise ScenarioError([Problem(f"{replication.folder.name}/expected.yaml", 0, 0, "", message)])
    rows = compare(expected, ours, quick=quick)
    wall = time.perf_counter() - clock
    return Outcome(replication, paper, parameters, seed, quick, rows, found, started, wall)


def part_key(seed: int, name: str, part: str) -> np.uint64:
    """Return the key of all draws of one part, whatever other parts there are.

    Parameters
    ----------
    seed : int
    name : str
        Of the replication.
    part : str

    Returns
    -------
    uint64
    """
    digest = hashlib.blake2b(f"{seed}/{name}/{part}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _measure(replication: Replication, part: str, quick: bool, seed: int) -> Arrays:
    key = part_key(seed, replication.name, part)
    return replication.module().measure(replication.parameters(quick=quick), part, key)


def _measured(replication: Replication, parts: list[str], quick: bool, seed: int, jobs: int) -> Iterable[Arrays]:
    if jobs == 1 or len(parts) == 1:
        return [_measure(replication, part, quick, seed) for part in parts]
    from joblib import Parallel, delayed

    measured: list[Arrays] = Parallel(n_jobs=min(jobs, len(parts)))(
        delayed(_measure)(replication, part, quick, seed) for part in parts
    )
    return measured
