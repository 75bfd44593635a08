"""Stopping a run or a sweep: asked once it finishes what is under way, asked twice it ends at once."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Stop"]

_SIGNALS = ("SIGINT", "SIGTERM", "SIGUSR1")


class Stop:
    """Whether a run or a sweep has been asked to stop, and how long what is under way may still take.

    As a context manager in the main thread it listens to SIGINT (Ctrl-C), SIGTERM and SIGUSR1 (what batch systems
    send before a time limit), and gives the former handlers back at the end; in another thread it only serves
    `request`.

    Parameters
    ----------
    grace_s : float, optional
        Seconds that running tasks have after the first request.

    Attributes
    ----------
    requested : bool
        Whether nothing new is to be started.
    """

    def __init__(self, grace_s: float = 20.0) -> None:
        self.grace_s = grace_s
        self.requested = False
        self._at_once = False
        self._deadline = float("inf")
        self._handlers: dict[int, Any] = {}
        self._interruptible = False
        self._timer: threading.Timer | None = None

    @property
    def expired(self) -> bool:
        """Whether nothing is waited for any longer."""
        return self._at_once or time.monotonic() >= self._deadline

    def request(self, *, at_once: bool = False) -> None:
        """Ask for a stop.

        Parameters
        ----------
        at_once : bool, optional
            Give up what is under way.
        """
        if not self.requested:
            self._deadline = time.monotonic() + self.grace_s
        self.requested = True
        self._at_once = self._at_once or at_once

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let the second request, or the end of the grace period, raise KeyboardInterrupt inside this block.

        Only for work done in this process, which nothing else ends. Requests from outside the main thread, and blocks
        outside it, are not interrupted.
        """
        self._interruptible = threading.current_thread() is threading.main_thread() and bool(self._handlers)
        try:
            yield
        finally:
            self._interruptible = False
            if self._timer is not None:
                self._timer.cancel()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
            self._handlers = {number: signal.signal(number, self._heard) for number in numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._handlers = {}

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        """Note a signal. Runs between two instructions of the main thread, so it takes no lock."""
        first = not self.requested
        self.request(at_once=not first)
        if not self._interruptible:
            return
        if not first:
            raise KeyboardInterrupt
        self._timer = threading.Timer(self.grace_s, self._end_grace)
        self._timer.daemon = True
        self._timer.start()

    def _end_grace(self) -> None:
        main = threading.main_thread().ident
        if self._interruptible and main is not None:
            _signal_main(main)


def _signal_main(ident: int) -> None:
    """Send SIGINT to the main thread; where that is impossible (Windows), have it notice when it next runs Python."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(ident, signal.SIGINT)
    else:
        _thread.interrupt_main()
