"""Reading the dates of events from a CSV file, and windows around them from the command line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np

from catallaxy.sim.analysis.market.event_study import Event
from catallaxy.sim.errors import PricesError

__all__ = ["read_events", "read_windows"]

_WINDOW = re.compile(r"(-?\d{1,5}):(-?\d{1,5})")


def read_events(path: Path) -> list[Event]:
    """Read a file with the columns `date` and `event`; others are ignored.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of Event
        In the file's order.

    Raises
    ------
    PricesError
        When the file cannot be read, a column is absent or a date is none, with the line.
    """
    events = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"date", "event"} - set(reader.fieldnames or ())
            if missing:
                raise PricesError(f"{path}:1: no column is called {' or '.join(sorted(missing))}")
            events = [_event(path, reader.line_num, cells["date"], cells["event"]) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PricesError(f"{path}: {error}") from error
    if not events:
        raise PricesError(f"{path}: there is no event in this file")
    return events


def read_windows(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Read windows that are written as `first:last`, in steps from the event.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    list of (int, int)

    Raises
    ------
    PricesError
        When one is written otherwise.
    """
    found = []
    for text in texts:
        match = _WINDOW.fullmatch(text)
        if match is None:
            raise PricesError(f"{text!r} is no window; the 30 steps before an event are written as -30:-1")
        found.append((int(match[1]), int(match[2])))
    return found


def _event(path: Path, line: int, day: str | None, label: str | None) -> Event:
    try:
        return Event(np.datetime64(date.fromisoformat((day or "").strip())), (label or "").strip())
    except ValueError:
        raise PricesError(f"{path}:{line}: date is {day!r}; a date is written as 2024-01-31") from None
