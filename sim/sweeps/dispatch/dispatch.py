"""The loop that every sweep runs through, whatever its workers are: send tasks, take batches, survive deaths."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from functools import partial

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.experiments.stopping import Stop
from catallaxy.sim.sweeps.dispatch.pools import Pool, silent
from catallaxy.sim.sweeps.dispatch.recovery import Obituary, reason, restart
from catallaxy.sim.sweeps.dispatch.starting import timed
from catallaxy.sim.sweeps.dispatch.todo import Flight, Pace, Todo
from catallaxy.sim.sweeps.dispatch.warming import WarmUp
from catallaxy.sim.sweeps.outcome import Batch, Limits, Task
from catallaxy.sim.sweeps.plan import PlannedRun
from catallaxy.sim.sweeps.workers.crash_logs import read_crash_logs
from catallaxy.sim.sweeps.workers.work import perform

__all__ = ["Job", "dispatch"]

_TICK_S = 0.2
_WATCH_S = 1.0
_SETTLE_S = 10.0
_PER_WORKER = 2
_HOPELESS = 20


@dataclass(frozen=True)
class Job:
    """What the runs of a sweep have in common for those who do them.

    Attributes
    ----------
    context : bytes
        `Context.packed()`.
    limits : Limits
    attempt : int
        1 the first time; what a retry of failed runs counts.
    per_task : int or None
        Runs in one task; None for as many as take 0.5 to 1 second.
    perform : callable
        What a worker does with a task.
    note : callable
        Called with what is worth a line.
    hang_s : float
        Seconds that a task may take beyond the time limits of its runs before the pool is renewed.
    """

    context: bytes
    limits: Limits = field(default_factory=Limits)
    attempt: int = 1
    per_task: int | None = None
    perform: Callable[[Task], Batch] = perform
    note: Callable[[str], None] = silent
    hang_s: float = 60.0


def dispatch(runs: Iterable[PlannedRun], pool: Pool, job: Job, stop: Stop) -> Iterator[Batch]:
    """Have a pool do runs, and yield what they give in the order in which they finish.

    About two tasks per worker are under way at any time, so that workers do not wait for the driver and the driver
    never holds more than that. Runs whose worker dies are done again, with growing care (`todo`), and recorded as
    "crashed" when they are to blame.

    Parameters
    ----------
    runs : iterable of PlannedRun
        Read as tasks are sent.
    pool : Pool
        Left open, except when tasks are still under way at the end of a stop or after an error: it is killed then.
    job : Job
    stop : Stop
        Once requested, nothing is sent any more, and what is under way is waited for as long as its grace lasts.

    Yields
    ------
    Batch

    Raises
    ------
    CatallaxyError
        When workers cannot do anything: they run other code, do not start, or die at every run.
    """
    loop = _Loop(runs, pool, job, stop)
    try:
        yield from loop.batches()
    finally:
        loop.end()


class _Loop:
    """One dispatch: what is under way, and what has been learnt."""

    def __init__(self, runs: Iterable[PlannedRun], pool: Pool, job: Job, stop: Stop) -> None:
        self._pool, self._job, self._stop = pool, job, stop
        self._todo = Todo(runs)
        self._pace = Pace(job.per_task)
        self._warm_up = WarmUp(job.context)
        self._call = partial(timed, job.perform)
        self._deaths: tuple[type[BaseException], ...] = (CancelledError, *pool.broken)
        self._flying: dict[Future[tuple[float, Batch]], Flight] = {}
        self._lost: list[Flight] = []
        self._broke = False
        self._awake = pool.inline
        self._cause = "its worker died"
        self._fruitful, self._given_up = False, 0
        self._watch_at = 0.0

    def batches(self) -> Iterator[Batch]:
        """Yield batches until there is nothing left to do, or the stop is over."""
        while (self._fill() or self._flying or self._lost) and not self._stop.expired:
            for future in self._landed():
                yield from self._take(future)
            if self._lost or self._broke:
                yield from self._after_deaths()
            elif self._time_to_watch():
                yield from self._look_after()

    def end(self) -> None:
        """Leave no turn taken, and no task under way."""
        self._warm_up.end(warm=False)
        if self._flying:
            self._flying.clear()
            self._pool.close(kill=True)

    def _fill(self) -> bool:
        """Send tasks until enough are under way; return whether there is anything to go on with."""
        if self._stop.requested or self._broke:
            return self._broke
        if not self._warm_up.ready():
            return self._todo.any_left()
        while len(self._flying) < self._window() and not self._stop.requested:
            size = 1 if self._warm_up.alone else self._pace.size
            flight = self._todo.next(size, list(self._flying.values()))
            if flight is None:
                return False
            if not self._send(flight):
                return True
        return True

    def _window(self) -> int:
        return 1 if self._warm_up.alone or self._pool.inline else _PER_WORKER * self._pool.workers

    def _send(self, flight: Flight) -> bool:
        """Send a task; return whether it is under way."""
        job = self._job
        task = Task(job.context, flight.runs, job.limits, job.attempt)
        try:
            with self._stop.interruptible():
                future = self._pool.submit(self._call, task)
        except KeyboardInterrupt:
            self._stop.request(at_once=True)
            return False
        except self._pool.broken as error:
            self._todo.put_back(flight)
            self._cause, self._broke = reason(error), True
            return False
        self._flying[future] = flight
        return True

    def _landed(self) -> list[Future[tuple[float, Batch]]]:
        """Wait a moment, and return the tasks that have come back, oldest first."""
        if not self._flying:
            time.sleep(0.0 if self._broke else _TICK_S)
            return []
        done = wait(self._flying, _TICK_S, FIRST_COMPLETED).done
        self._note_starts(done)
        return [future for future in self._flying if future in done]

    def _note_starts(self, done: Set[Future[tuple[float, Batch]]]) -> None:
        """Note which tasks are being done: the first ones sent, as many as there are workers, once one has answered."""
        self._awake = self._awake or bool(done)
        waiting = [flight for future, flight in self._flying.items() if future not in done]
        for flight in waiting[: self._pool.workers] if self._awake else ():
            flight.started = flight.started or time.monotonic()

    def _take(self, future: Future[tuple[float, Batch]]) -> Iterator[Batch]:
        """Yield the batch of a task that has come back, or note that it is lost."""
        flight = self._flying.pop(future)
        try:
            seconds, batch = future.result()
        except self._deaths as error:
            self._cause = reason(error)
            self._lost.append(flight)
            return
        except KeyboardInterrupt:
            self._stop.request(at_once=True)
            return
        except CatallaxyError:
            raise
        except Exception as error:
            raise CatallaxyError(f"a task could not be done at all: {reason(error)}") from error
        self._learn(flight, seconds, batch)
        if not self._pool.inline:
            self._fill()
        yield batch

    def _learn(self, flight: Flight, seconds: float, batch: Batch) -> None:
        if not self._warm_up.alone:
            self._pace.learn(len(flight.runs), seconds)
        self._warm_up.end(warm="complete" in batch.statuses.values())
        self._fruitful = True

    def _time_to_watch(self) -> bool:
        now = time.monotonic()
        if now < self._watch_at or not self._flying:
            return False
        self._watch_at = now + _WATCH_S
        return True

    def _look_after(self) -> Iterator[Batch]:
        """Renew a pool that will not give everything back: a task takes much too long, or a death went unnoticed."""
        overdue = [flight for flight in self._flying.values() if self._is_overdue(flight)]
        if overdue:
            self._lost = overdue
            for flight in set(self._flying.values()).difference(overdue):
                self._todo.put_back(flight)
            self._cause = f"did not come back within {self._job.hang_s:g} s after its time limit"
        elif self._pool.watch():
            self._lost = list(self._flying.values())
            self._cause = "a worker ended, or was lost, before its results had come"
        else:
            return
        self._flying.clear()
        yield from self._bury(hung=bool(overdue), renew=True)

    def _is_overdue(self, flight: Flight) -> bool:
        limit = self._job.limits.timeout_s
        if limit is None or flight.started is None:
            return False
        return time.monotonic() > flight.started + limit * len(flight.runs) + self._job.hang_s

    def _after_deaths(self) -> Iterator[Batch]:
        """Take what came back in spite of a death, and what did not."""
        if self._pool.together:
            self._broke = True
            for future in wait(self._flying, _SETTLE_S).done:
                yield from self._take(future)
            self._lost += self._flying.values()
            self._flying.clear()
        else:
            self._pool.watch()
        yield from self._bury(hung=False, renew=self._pool.together)

    def _bury(self, *, hung: bool, renew: bool) -> Iterator[Batch]:
        """Have lost runs done again, or give them up; start new workers if those that are left cannot go on."""
        lost, self._lost, self._broke = self._lost, [], False
        self._warm_up.end(warm=False)
        if self._stop.requested:
            return
        if renew:
            self._pool.renew()
        folder = self._job.limits.log_folder
        traces = read_crash_logs(folder, remove=True) if folder else {}
        given_up = self._todo.lost(lost, traces, hung=hung)
        again = sum(len(flight.runs) for flight in lost) - len(given_up)
        self._job.note(f"{self._cause}; " + (f"runs to be done again: {again}" if again else "the run is given up"))
        yield from self._obituaries(given_up, traces, hung)
        if renew:
            restart(self._pool, self._stop, self._cause)

    def _obituaries(self, runs: list[PlannedRun], traces: dict[int, str], hung: bool) -> Iterator[Batch]:
        job = self._job
        for run in runs:
            yield Obituary(self._cause, traces.get(run.row, ""), hung).batch(run, job.context, job.limits, job.attempt)
        self._given_up += len(runs)
        if self._given_up >= _HOPELESS and not self._fruitful:
            raise CatallaxyError(
                f"no run has been finished and {self._given_up} have killed their workers, at last: {self._cause}"
            )
