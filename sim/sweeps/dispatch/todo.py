"""What a sweep still has to do: fresh runs in order, then those whose worker died, with growing care.

A worker that dies takes its task with it and, in most pools, every other task that was under way. Where crash logs
name the runs that dead workers were doing, those are the suspects and the others go on as before; otherwise all are.
Suspects wait until the fresh runs are done; then they are sent one run per task. A run that was under way at two
deaths, or whose worker left a trace of a fatal error, is done alone, with nothing else under way: a death is then its
own, or that of a worker killed from outside, so it has a second chance. It is given up after a trace, or two deaths,
alone.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from catallaxy.sim.sweeps.plan import PlannedRun
from catallaxy.sim.sweeps.workers.crash_logs import crash_status

__all__ = ["MOST_RUNS", "Flight", "Pace", "Todo"]

MOST_RUNS = 256
"""Runs in one task, at most."""

_TARGET_S = 0.75
_GROWTH = 4
_MEMORY = 0.7
_DEATHS_TOGETHER = 2
_DEATHS_ALONE = 2


@dataclass(eq=False)
class Flight:
    """A task that is under way, or about to be.

    Attributes
    ----------
    runs : tuple of PlannedRun
    alone : bool
        Whether nothing else may be under way.
    started : float or None
        When a worker has begun it, by `time.monotonic`; None while it waits for one.
    """

    runs: tuple[PlannedRun, ...]
    alone: bool = False
    started: float | None = None


class Pace:
    """How many runs make a task of 0.5 to 1 second.

    Parameters
    ----------
    fixed : int or None
        The number, when the caller wants a certain one.
    """

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed
        self._runs = 0.0
        self._seconds = 0.0
        self.size = fixed or 1

    def learn(self, runs: int, seconds: float) -> None:
        """Take note of what a task took in its worker, the latest counting most.

        Parameters
        ----------
        runs : int
        seconds : float
        """
        if self._fixed is not None:
            return
        self._runs = _MEMORY * self._runs + runs
        self._seconds = _MEMORY * self._seconds + seconds
        wanted = int(_TARGET_S * self._runs / max(self._seconds, 1e-9))
        self.size = max(1, min(wanted, _GROWTH * self.size, MOST_RUNS))


class Todo:
    """Runs that are not done, handed out as tasks.

    Parameters
    ----------
    runs : iterable of PlannedRun
        Read as tasks are handed out, never ahead.
    """

    def __init__(self, runs: Iterable[PlannedRun]) -> None:
        self._fresh: Iterator[PlannedRun] = iter(runs)
        self._exhausted = False
        self._returned: deque[Flight] = deque()
        self._single: deque[PlannedRun] = deque()
        self._alone: deque[PlannedRun] = deque()
        self._deaths: Counter[int] = Counter()
        self._deaths_alone: Counter[int] = Counter()

    def next(self, size: int, flying: Sequence[Flight]) -> Flight | None:
        """Return the next task, or None when there is none that may be sent beside those under way.

        Parameters
        ----------
        size : int
            Runs that a fresh task has.
        flying : sequence of Flight
            Tasks under way.
        """
        if any(flight.alone for flight in flying):
            return None
        if self._returned:
            return self._returned.popleft()
        return self._take_fresh(size) or self._take_suspect(nothing_flies=not flying)

    def any_left(self) -> bool:
        """Return whether there is anything to do when nothing is under way."""
        flight = self.next(1, ())
        if flight is not None:
            self.put_back(flight)
        return flight is not None

    def put_back(self, flight: Flight) -> None:
        """Take back a task that was never sent."""
        if flight.alone:
            self._alone.extendleft(flight.runs)
        else:
            self._returned.append(flight)

    def lost(self, flights: Iterable[Flight], traces: Mapping[int, str], *, hung: bool = False) -> list[PlannedRun]:
        """Take back tasks that were under way when a worker died.

        Parameters
        ----------
        flights : iterable of Flight
        traces : mapping of int to str
            What dead workers were doing, by row of the plan (`crash_logs.read_crash_logs`).
        hung : bool, optional
            Whether these tasks took so long that their workers were killed: a run that was alone is given up at once.

        Returns
        -------
        list of PlannedRun
            Runs that are given up.
        """
        flights = list(flights)
        named = any(run.row in traces for flight in flights for run in flight.runs)
        given_up = []
        for flight in flights:
            others = tuple(run for run in flight.runs if named and run.row not in traces)
            if others:
                self.put_back(Flight(others))
            suspects = [run for run in flight.runs if not named or run.row in traces]
            for run in suspects:
                trace = traces.get(run.row, "")
                if (hung and flight.alone) or self._gives_up(run, trace, alone=flight.alone):
                    given_up.append(run)
        return given_up

    def _gives_up(self, run: PlannedRun, trace: str, *, alone: bool) -> bool:
        if crash_status(trace) == "timeout":
            return True
        deaths = self._deaths_alone if alone else self._deaths
        deaths[run.row] += 1
        if alone and (trace or deaths[run.row] >= _DEATHS_ALONE):
            return True
        if alone:
            self._alone.appendleft(run)
        elif trace or deaths[run.row] >= _DEATHS_TOGETHER:
            self._alone.append(run)
        else:
            self._single.append(run)
        return False

    def _take_fresh(self, size: int) -> Flight | None:
        runs = () if self._exhausted else tuple(islice(self._fresh, size))
        self._exhausted = not runs
        return Flight(runs) if runs else None

    def _take_suspect(self, *, nothing_flies: bool) -> Flight | None:
        if self._single:
            return Flight((self._single.popleft(),))
        if self._alone and nothing_flies:
            return Flight((self._alone.popleft(),), alone=True)
        return None
