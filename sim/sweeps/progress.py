"""How far a sweep is: a bar in a terminal or a notebook, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from catallaxy.sim.sweeps.options import Listener

__all__ = ["Pace", "counted", "duration", "rate_text", "shown_progress"]

_WINDOW_S = 60.0
_FEWEST_MARKS = 5
_LINE_EVERY_S = 30.0


def duration(seconds: float) -> str:
    """Return a length of time as people say it: "35 ms", "4.2 s", "3 min 20 s", "2 h 05 min", "3 d 4 h"."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    hours = round(seconds / 3600)
    return f"{hours // 24} d {hours % 24} h"


def counted(number: int, noun: str = "run") -> str:
    """Return a number with its noun: "1 run", "2,000 runs"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def rate_text(per_second: float) -> str:
    """Return a rate in the unit that gives a number of one or more: "4.1 runs/s", "12 runs/min", "3.0 runs/h"."""
    for seconds, unit in ((1, "s"), (60, "min"), (3600, "h")):
        if per_second * seconds >= 1.0 or unit == "h":
            break
    value = per_second * seconds
    return f"{value:,.0f} runs/{unit}" if value >= 9.95 else f"{value:.1f} runs/{unit}"


class Pace:
    """How many runs are done, how fast, and for how long it goes on.

    Runs that were done before this start count as done, but not as speed.

    Parameters
    ----------
    clock : callable, optional
        Returns seconds that never go back.

    Attributes
    ----------
    total, done, failed : int
        Runs in all, finished, and those of the finished that failed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = self.done = self.failed = 0
        self._clock = clock
        self._began = clock()
        self._before = 0
        self._first_s = 0.0
        self._marks: deque[tuple[float, int]] = deque()

    def start(self, total: int, done: int, failed: int) -> None:
        """Set what there is to do, and what had been done before.

        Parameters
        ----------
        total, done, failed : int
            As the attributes.
        """
        self.total, self.done, self.failed = total, done, failed
        self._began, self._before = self._clock(), done
        self._marks.clear()

    def add(self, statuses: Mapping[int, str]) -> None:
        """Count some more finished runs.

        Parameters
        ----------
        statuses : mapping of int to str
            How each row ended.
        """
        self.done += len(statuses)
        self.failed += sum(status != "complete" for status in statuses.values())
        now = self._clock()
        if not self._marks:
            self._first_s = now - self._began
        self._marks.append((now, self.done))
        while len(self._marks) > _FEWEST_MARKS and self._marks[1][0] < now - _WINDOW_S:
            self._marks.popleft()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    @property
    def rate(self) -> float:
        """Runs per second over the last minute, or over the last few results when these took longer.

        The time until the first result, in which workers start and kernels are compiled, counts only until the results
        after it span half as long.
        """
        now = self._clock()
        since, at = self._marks[0] if self._marks else (now, self.done)
        if now - since < min(self._first_s / 2, _WINDOW_S):
            since, at = self._began, self._before
        return (self.done - at) / (now - since) if now > since else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until all is done at this rate; None as long as nothing is known."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None

    def head(self) -> str:
        """Return how far it is: "120 of 200 runs done, 3 failed, 80 left"."""
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.done:,} of {counted(self.total)} done{failed}, {self.total - self.done:,} left"

    def words(self) -> str:
        """Return what stands behind the number of finished runs: failures, rate, time left."""
        parts = [f"{self.failed:,} failed"] if self.failed else []
        if self.rate > 0:
            parts.append(rate_text(self.rate))
        if self.left_s is not None and self.done < self.total:
            parts.append(f"{duration(self.left_s)} left")
        return ", ".join(parts)


class _Lines:
    """A plain line at the start, every half a minute, and at the end."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self._console = console
        self._clock = clock
        self._pace = Pace(clock)
        self._due = 0.0
        self._said = ""

    def started(self, total: int, done: int, failed: int) -> None:
        self._pace.start(total, done, failed)
        self._say("resuming: " if 0 < done < total else "")

    def advanced(self, statuses: Mapping[int, str]) -> None:
        self._pace.add(statuses)
        if self._clock() >= self._due:
            self._say()

    def noted(self, text: str) -> None:
        _print(self._console, text)

    def close(self) -> None:
        pace = self._pace
        if self._said and self._said != pace.head():
            _print(self._console, f"{pace.head()} after {duration(pace.elapsed_s)}")

    def _say(self, lead: str = "") -> None:
        pace = self._pace
        self._due = self._clock() + _LINE_EVERY_S
        self._said = pace.head()
        known = pace.left_s is not None and pace.done < pace.total
        tail = f"; {rate_text(pace.rate)}, {duration(pace.left_s or 0.0)} to go" if known else ""
        _print(self._console, f"{lead}{self._said}{tail}")


class _Bar:
    """A bar that stays in its line."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._pace = Pace(clock)
        pace = TextColumn("{task.fields[words]}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), pace)
        self._bar = Progress(*columns, console=console, transient=True, get_time=clock, refresh_per_second=4)
        self._task = self._bar.add_task("starting workers", total=None, words="")
        self._bar.start()

    def started(self, total: int, done: int, failed: int) -> None:
        self._pace.start(total, done, failed)
        if 0 < done < total:
            self.noted(f"resuming: {self._pace.head()}")
        self._show("starting workers")

    def advanced(self, statuses: Mapping[int, str]) -> None:
        self._pace.add(statuses)
        self._show("running" if self._pace.done < self._pace.total else "finishing")

    def noted(self, text: str) -> None:
        _print(self._bar.console, text)

    def close(self) -> None:
        self._bar.stop()

    def _show(self, stage: str) -> None:
        pace = self._pace
        self._bar.update(
            self._task, description=stage, completed=pace.done, total=max(1, pace.total), words=pace.words()
        )


@contextmanager
def shown_progress(
    *, quiet: bool = False, console: Console | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Listener | None]:
    """Show the progress of a sweep on standard error for as long as the body runs.

    A terminal gets a bar, and so does a notebook that has ipywidgets; everything else gets a plain line at the start,
    every 30 seconds and at the end.

    Parameters
    ----------
    quiet : bool, optional
        Show nothing.
    console : rich.console.Console, optional
        Where to show it instead.
    clock : callable, optional
        Returns seconds that never go back.

    Yields
    ------
    Listener or None
        What `run_sweep` takes; None when quiet.
    """
    if quiet:
        yield None
        return
    from rich.console import Console as Terminal

    console = console or Terminal(stderr=True)
    shown: Any = (_Bar if _can_animate(console) else _Lines)(console, clock)
    try:
        yield shown
    finally:
        shown.close()


def _can_animate(console: Console) -> bool:
    if console.is_jupyter:
        return find_spec("ipywidgets") is not None
    return console.is_interactive


def _print(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)
