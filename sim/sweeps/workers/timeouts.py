"""Stopping what takes too long: softly, by an exception where the run is; for good, by ending the process.

The exception comes from a timer signal in the main thread of a process, which wakes it from any wait, and is set from
another thread elsewhere, which stops Python code but neither compiled code nor a wait. What the exception cannot stop,
`hard_stop` does: it writes where every thread is and ends the process.
"""

from __future__ import annotations

import ctypes
import faulthandler
import io
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol, TypeVar

__all__ = ["OutOfTime", "hard_stop", "hard_stop_after", "within"]

T = TypeVar("T")

_POLL_S = 0.001
_AGAIN_S = 1.0
_SHORTEST_GRACE_S, _LONGEST_GRACE_S = 2.0, 30.0


class OutOfTime(BaseException):
    """A run took too long. Not an `Exception`, so that a run that catches those is stopped as well."""


class _Timer(Protocol):
    #: Whether it may raise; a plain attribute, because a method could be interrupted before it has done anything.
    armed: bool

    def arm(self) -> None: ...

    def disarm(self) -> None: ...


def within(seconds: float | None, function: Callable[[], T]) -> T:
    """Call a function that may take so long and no longer.

    Parameters
    ----------
    seconds : float or None
        Wall-clock time; None for no limit.
    function : callable
        Called in this thread.

    Returns
    -------
    object
        What the function returned, also when it returned at the last moment.

    Raises
    ------
    OutOfTime
        When it took longer; raised again every second for as long as the function swallows it.
    """
    if seconds is None:
        return function()
    timer = _timer(seconds)
    returned: list[T] = []
    try:
        try:
            timer.arm()
            returned.append(function())
        finally:
            timer.armed = False
            timer.disarm()
    except OutOfTime:
        timer.armed = False
        timer.disarm()
        if not returned:
            raise
    return returned[0]


def hard_stop_after(seconds: float) -> float:
    """Return after how many seconds a process is ended in which a run may take `seconds`: half as long again."""
    return seconds + min(max(0.5 * seconds, _SHORTEST_GRACE_S), _LONGEST_GRACE_S)


@contextmanager
def hard_stop(seconds: float | None, file: io.FileIO) -> Iterator[None]:
    """End this process when what is done in this context does not end by itself.

    Parameters
    ----------
    seconds : float or None
        What a run may take; the process ends at `hard_stop_after` that. None never ends it.
    file : file object
        Where to write what every thread was doing. One such context at a time in a process.
    """
    if seconds is None:
        yield
        return
    faulthandler.dump_traceback_later(hard_stop_after(seconds), exit=True, file=file)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _timer(seconds: float) -> _Timer:
    in_main_thread = threading.current_thread() is threading.main_thread()
    return _Alarm(seconds) if in_main_thread and hasattr(signal, "setitimer") else _Watch(seconds)


class _Alarm:
    """Raises in the main thread, by SIGALRM."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.armed = False
        self._handler: Any = signal.SIG_DFL
        self._interval = (0.0, 0.0)

    def arm(self) -> None:
        self._handler = signal.signal(signal.SIGALRM, self._ring) or signal.SIG_DFL
        self.armed = True
        self._interval = signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN_S)

    def disarm(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, *self._interval)
        signal.signal(signal.SIGALRM, self._handler)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self.armed:
            raise OutOfTime


class _Watch:
    """Raises in the thread that made it, from a thread of its own."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.armed = False
        self._watched = threading.get_ident()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def arm(self) -> None:
        self.armed = True
        self._watcher.start()

    def disarm(self) -> None:
        """End the watch; what it has posted and not raised yet is raised in here.

        It must not be withdrawn, nor may this thread block while it is pending: a traced Python 3.11 lets no other
        thread go on before it has been raised.
        """
        self._over.set()
        while self._watcher.is_alive():
            time.sleep(_POLL_S)
        _let_it_raise()

    def _watch(self) -> None:
        wait = self._seconds
        while not self._over.wait(wait):
            if self.armed:
                self._raise_there()
            wait = _AGAIN_S

    def _raise_there(self) -> None:
        """Have the watched thread raise when it next calls or loops in Python."""
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._watched), ctypes.py_object(OutOfTime))


def _let_it_raise() -> None:
    """Be called: that is when Python raises what another thread has posted."""
